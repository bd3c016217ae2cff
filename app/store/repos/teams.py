"""Care teams and delegations."""

from sqlalchemy import delete, insert, or_, select

from app.domain.equipes import Delegation, Equipe, Geste, Membre
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_DELEGATION, T_EQUIPE, T_EQUIPE_MEMBRE

_DELEGATION = [T_DELEGATION.c[c] for c in ("id", "de_id", "a_id", "gestes", "du", "au", "motif",
                                           "cree_le", "revoquee_le", "version")]


class Equipes(Depot):
    """Repository of the teams and of the delegations."""

    def lister(self) -> list[Equipe]:
        """Every team by name, closed ones included."""
        membres: dict[int, list[Membre]] = {}
        t = T_EQUIPE_MEMBRE.c
        for ligne in self._c.execute(select(t.equipe_id, t.compte_id, t.du, t.au)
                                     .order_by(t.equipe_id, t.compte_id)):
            membres.setdefault(ligne.equipe_id, []).append(
                Membre(ligne.compte_id, ligne.du, ligne.au))
        e = T_EQUIPE.c
        return [Equipe(ligne.id, ligne.nom, tuple(membres.get(ligne.id, ())), ligne.active,
                       ligne.version)
                for ligne in self._c.execute(
                    select(e.id, e.nom, e.active, e.version).order_by(e.nom, e.id))]

    def enregistrer(self, equipe: Equipe) -> int:
        """Keep a team and its members; returns its id.

        :raises ConflitVersion: somebody changed it since `equipe.version`.
        """
        id = equipe.id
        if id:
            self._modifier(T_EQUIPE, id, equipe.version, nom=equipe.nom, active=equipe.active)
        else:
            id = int(self._c.execute(insert(T_EQUIPE).values(
                nom=equipe.nom, active=equipe.active, version=1,
            )).inserted_primary_key[0])  # type: ignore[index]
        self._c.execute(delete(T_EQUIPE_MEMBRE).where(T_EQUIPE_MEMBRE.c.equipe_id == id))
        if equipe.membres:
            self._c.execute(insert(T_EQUIPE_MEMBRE), [
                {"equipe_id": id, "compte_id": m.compte_id, "du": m.du, "au": m.au}
                for m in equipe.membres])
        return id

    def delegations(self, compte_id: int | None = None) -> list[Delegation]:
        """Delegations given by or to an account (of everybody by default), newest first."""
        requete = select(*_DELEGATION).order_by(T_DELEGATION.c.id.desc())
        if compte_id is not None:
            requete = requete.where(or_(T_DELEGATION.c.de_id == compte_id,
                                        T_DELEGATION.c.a_id == compte_id))
        connus = set(Geste)
        return [Delegation(ligne.id, ligne.de_id, ligne.a_id,
                           frozenset(Geste(g) for g in ligne.gestes.split(",") if g in connus),
                           ligne.du, ligne.au, ligne.motif, ligne.cree_le, ligne.revoquee_le,
                           ligne.version)
                for ligne in self._c.execute(requete)]

    def deleguer(self, delegation: Delegation) -> int:
        """Keep a new delegation; returns its id."""
        return int(self._c.execute(insert(T_DELEGATION).values(
            de_id=delegation.de_id, a_id=delegation.a_id,
            gestes=",".join(sorted(delegation.gestes)), du=delegation.du, au=delegation.au,
            motif=delegation.motif, cree_le=local(), revoquee_le="", version=1,
        )).inserted_primary_key[0])  # type: ignore[index]

    def revoquer(self, id: int, *, version: int) -> None:
        """End a delegation now. :raises ConflitVersion: somebody changed it meanwhile."""
        if not any(d.id == id for d in self.delegations()):
            raise Introuvable("Cette délégation n’existe pas.")
        self._modifier(T_DELEGATION, id, version, revoquee_le=local())
