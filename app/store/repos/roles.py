"""Roles of the practice; the default ones until an administrator changes them."""

import json

from sqlalchemy import delete, func, insert, select

from app.domain.confidentialite import Categorie
from app.domain.roles import ROLES, Droit, Role
from app.store.errors import Introuvable
from app.store.repos.base import Depot
from app.store.tables import T_ROLE

_DROITS, _CATEGORIES = {d.value for d in Droit}, {c.value for c in Categorie}


def _role(code: str, libelle: str, date: bool, droits: str, categories: str) -> Role:
    """A kept role; a right of a newer program is left out."""
    return Role(code, libelle, frozenset(Droit(d) for d in json.loads(droits) if d in _DROITS),
                bool(date), frozenset(Categorie(c) for c in json.loads(categories)
                                      if c in _CATEGORIES))


class Roles(Depot):
    """Repository of the roles."""

    def tous(self) -> dict[str, Role]:
        """Roles by code, in their order."""
        t = T_ROLE.c
        lignes = self._c.execute(select(t.code, t.libelle, t.date, t.droits, t.categories)
                                 .order_by(t.rang, t.code)).all()
        return {ligne.code: _role(*ligne) for ligne in lignes} or dict(ROLES)

    def enregistrer(self, role: Role) -> None:
        """Add a role, or replace the one of this code."""
        roles = self.tous()
        roles[role.code] = role
        self._ecrire(roles)

    def supprimer(self, code: str) -> None:
        """Take a role away. :raises Introuvable: no such role."""
        roles = self.tous()
        if roles.pop(code, None) is None:
            raise Introuvable("Ce rôle n’existe pas.")
        self._ecrire(roles)

    def _ecrire(self, roles: dict[str, Role]) -> None:
        self._c.execute(delete(T_ROLE))
        self._c.execute(insert(T_ROLE), [
            {"code": r.code, "rang": rang, "libelle": r.libelle, "date": r.date,
             "droits": json.dumps(sorted(r.droits)),
             "categories": json.dumps(sorted(r.categories))}
            for rang, r in enumerate(roles.values())])

    def propres(self) -> bool:
        """True when the practice has changed its roles."""
        return bool(self._c.execute(select(func.count()).select_from(T_ROLE)).scalar_one())
