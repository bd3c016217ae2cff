"""Documents that wait to be filed (« À classer »)."""

import dataclasses
from typing import Any

from sqlalchemy import func, insert, select

from app.domain.document import OrigineDocument
from app.domain.entrant import Entrant, EtatEntrant, VerdictEntrant
from app.store import contenus
from app.store.errors import Introuvable
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_ENTRANT

_CHAMPS = tuple(f.name for f in dataclasses.fields(Entrant))
_COLONNES = [T_ENTRANT.c[c] for c in _CHAMPS]


def _entrant(ligne: Any) -> Entrant:
    valeurs = dict(zip(_CHAMPS, ligne, strict=True))
    return Entrant(**valeurs | {
        "origine": OrigineDocument(valeurs["origine"]), "etat": EtatEntrant(valeurs["etat"]),
        "verdict": VerdictEntrant(valeurs["verdict"]),
        "feuille_sha256": valeurs["feuille_sha256"] or "",
        "joint_sha256": valeurs["joint_sha256"] or ""})


class Entrants(Depot):
    """Repository of what waits."""

    def ajouter(self, entrant: Entrant, octets: bytes, *, feuille: bytes | None = None,
                joint: bytes | None = None) -> tuple[Entrant, bool]:
        """Keep an incoming document. `id` and the hashes of `entrant` are ignored.

        :return: the line, and False when the same bytes waited already: nothing was added.
        """
        empreinte = contenus.garder(self._c, octets)
        deja = self._c.execute(select(*_COLONNES).where(
            T_ENTRANT.c.sha256 == empreinte,
            T_ENTRANT.c.etat == EtatEntrant.ATTENTE.value)).first()
        if deja is not None:
            return _entrant(deja), False
        valeurs = {c: getattr(entrant, c) for c in _CHAMPS if c not in ("id", "version")}
        valeurs |= {
            "origine": entrant.origine.value, "etat": entrant.etat.value,
            "verdict": entrant.verdict.value, "sha256": empreinte, "version": 1,
            "recu_le": entrant.recu_le or local(),
            "feuille_sha256": None if feuille is None else contenus.garder(self._c, feuille),
            "joint_sha256": None if joint is None else contenus.garder(self._c, joint)}
        id = self._c.execute(
            insert(T_ENTRANT).values(**valeurs)).inserted_primary_key[0]  # type: ignore[index]
        return self.lire(id), True

    def lire(self, id: int) -> Entrant:
        """A line. :raises Introuvable: no such line."""
        ligne = self._c.execute(select(*_COLONNES).where(T_ENTRANT.c.id == id)).first()
        if ligne is None:
            raise Introuvable("Ce document n’est plus à classer.")
        return _entrant(ligne)

    def attente(self, limite: int = 500) -> list[Entrant]:
        """What waits, newest first."""
        return [_entrant(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_ENTRANT.c.etat == EtatEntrant.ATTENTE.value)
            .order_by(T_ENTRANT.c.recu_le.desc(), T_ENTRANT.c.id.desc()).limit(limite))]

    def ecartes(self, limite: int = 500) -> list[Entrant]:
        """What was put aside, the last one first."""
        return [_entrant(ligne) for ligne in self._c.execute(
            select(*_COLONNES).where(T_ENTRANT.c.etat == EtatEntrant.ECARTE.value)
            .order_by(T_ENTRANT.c.traite_le.desc(), T_ENTRANT.c.id.desc()).limit(limite))]

    def nombre(self) -> int:
        """How many wait."""
        return int(self._c.execute(select(func.count()).select_from(T_ENTRANT).where(
            T_ENTRANT.c.etat == EtatEntrant.ATTENTE.value)).scalar_one())

    def modifier(self, id: int, *, version: int, **valeurs: Any) -> Entrant:
        """Change fields of a line that waits.

        :raises ConflitVersion: somebody changed it meanwhile.
        """
        self._modifier(T_ENTRANT, id, version, **valeurs)
        return self.lire(id)

    def terminer(self, id: int, etat: EtatEntrant, *, qui: str, version: int,
                 document_id: int | None = None, motif: str = "") -> Entrant:
        """Filed, or put aside with its reason: it leaves the list, its bytes stay.

        :raises ConflitVersion: somebody changed it meanwhile.
        """
        autres = {"motif": motif} if motif else {}
        return self.modifier(id, version=version, etat=etat.value, document_id=document_id,
                             traite_le=local(), traite_par=qui, **autres)

    def contenu(self, sha256: str) -> bytes:
        """Bytes of an incoming document. :raises Introuvable, FichierAbime."""
        return contenus.lire(self._c, sha256)
