"""Settings: a key, a JSON value."""

import json
from typing import Any

from sqlalchemy import insert, select, update

from app.store.repos.base import Depot
from app.store.tables import T_REGLAGE


class Reglages(Depot):
    """Repository of the settings."""

    def lire(self, cle: str, defaut: Any = None) -> Any:
        """Value of a setting, or `defaut`."""
        texte = self._c.execute(
            select(T_REGLAGE.c.valeur).where(T_REGLAGE.c.cle == cle)).scalar()
        return defaut if texte is None else json.loads(texte)

    def ecrire(self, cle: str, valeur: Any) -> None:
        """Set a value that JSON can hold."""
        texte = json.dumps(valeur, ensure_ascii=False)
        if self._c.execute(update(T_REGLAGE).where(T_REGLAGE.c.cle == cle)
                           .values(valeur=texte)).rowcount == 0:
            self._c.execute(insert(T_REGLAGE).values(cle=cle, valeur=texte))
