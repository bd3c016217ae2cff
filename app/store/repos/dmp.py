"""What the DMP last answered, and what was read there."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.domain.confidentialite import ENTIER, Regard
from app.domain.dmp import FicheDmp, StatutFiche, VisibiliteDmp
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_DMP_FICHE, T_DMP_LISTE, T_DMP_VU

_CHAMPS = tuple(f.name for f in dataclasses.fields(FicheDmp))


def _ecrire(fiche: FicheDmp) -> str:
    valeurs: dict[str, Any] = {c: getattr(fiche, c) for c in _CHAMPS}
    return json.dumps(valeurs | {"visibilites": sorted(fiche.visibilites)}, ensure_ascii=False)


def _lire(texte: str) -> FicheDmp:
    """A kept entry; fields that this program doesn't know are left out."""
    valeurs = json.loads(texte)
    champs = {c: valeurs[c] for c in _CHAMPS if c in valeurs}
    return FicheDmp(**champs | {
        "statut": StatutFiche(valeurs["statut"]),
        "visibilites": frozenset(VisibiliteDmp(code) for code in valeurs["visibilites"])})


def noter_nouveaux(connexion: Connection, patient_id: int, nombre: int | None) -> None:
    """Number of new documents of a patient; None = not known."""
    if connexion.execute(update(T_DMP_LISTE).where(T_DMP_LISTE.c.patient_id == patient_id)
                         .values(nouveaux=nombre)).rowcount == 0:
        connexion.execute(insert(T_DMP_LISTE).values(
            patient_id=patient_id, interroge_le="", nouveaux=nombre))


class Dmp(Depot):
    """Repository of the DMP's answers, as `regard` may read them."""

    def __init__(self, connexion: Connection, regard: Regard = ENTIER) -> None:
        super().__init__(connexion)
        self._regard = regard

    def enregistrer_liste(self, patient_id: int, fiches: Sequence[FicheDmp],
                          interroge_le: str) -> None:
        """Replace the list known for a patient, in the order given."""
        self._c.execute(delete(T_DMP_FICHE).where(T_DMP_FICHE.c.patient_id == patient_id))
        if fiches:
            self._c.execute(insert(T_DMP_FICHE), [
                {"patient_id": patient_id, "position": i, "fiche": _ecrire(fiche)}
                for i, fiche in enumerate(fiches)])
        if self._c.execute(update(T_DMP_LISTE).where(T_DMP_LISTE.c.patient_id == patient_id)
                           .values(interroge_le=interroge_le)).rowcount == 0:
            self._c.execute(insert(T_DMP_LISTE).values(
                patient_id=patient_id, interroge_le=interroge_le, nouveaux=None))

    def liste(self, patient_id: int) -> tuple[list[FicheDmp], str]:
        """The list known, and when it was asked (empty = never)."""
        fiches = [_lire(texte) for texte in self._c.execute(
            select(T_DMP_FICHE.c.fiche).where(T_DMP_FICHE.c.patient_id == patient_id)
            .order_by(T_DMP_FICHE.c.position)).scalars()]
        fiches = [f for f in fiches if self._regard.clinique
                  and self._regard.voit_type(f.type_code)]
        interroge_le = self._c.execute(
            select(T_DMP_LISTE.c.interroge_le)
            .where(T_DMP_LISTE.c.patient_id == patient_id)).scalar()
        return fiches, interroge_le or ""

    def nouveaux(self, patient_id: int) -> int | None:
        """Number of new documents last noted; None = not known."""
        return self._c.execute(select(T_DMP_LISTE.c.nouveaux).where(
            T_DMP_LISTE.c.patient_id == patient_id)).scalar()

    def marquer_vu(self, patient_id: int, unique_id: str) -> None:
        """Somebody of the practice opened this document."""
        t = T_DMP_VU.c
        if self._c.execute(select(t.unique_id).where(
                t.patient_id == patient_id, t.unique_id == unique_id)).first() is None:
            self._c.execute(insert(T_DMP_VU).values(
                patient_id=patient_id, unique_id=unique_id, vu_le=local()))

    def vus(self, patient_id: int) -> set[str]:
        """uniqueId of the documents opened by somebody of the practice."""
        return set(self._c.execute(
            select(T_DMP_VU.c.unique_id).where(T_DMP_VU.c.patient_id == patient_id)).scalars())
