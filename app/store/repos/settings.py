"""Settings: a key, a JSON value."""

import json
from typing import Any

from sqlalchemy import delete, insert, select, update

from app.store.repos.base import Depot
from app.store.tables import T_REGLAGE

#: Most values that one IN may hold.
_LOT = 500


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

    def cles(self, debut: str) -> list[str]:
        """Keys that begin with `debut`."""
        return list(self._c.execute(select(T_REGLAGE.c.cle).where(
            T_REGLAGE.c.cle.startswith(debut, autoescape=True))).scalars())

    def effacer(self, *cles: str) -> None:
        """Delete settings; those that aren't there are no fault."""
        for debut in range(0, len(cles), _LOT):
            self._c.execute(delete(T_REGLAGE).where(
                T_REGLAGE.c.cle.in_(cles[debut:debut + _LOT])))
