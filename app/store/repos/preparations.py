"""Documents prepared by an account for another."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, select

from app.domain.preparations import EtatPreparation, GenrePreparation, LignePreparation, Preparation
from app.store.moments import local
from app.store.repos.base import Depot
from app.store.tables import T_BROUILLON, T_PATIENT, T_PREPARATION, T_SAISIE

_CHAMPS = tuple(f.name for f in dataclasses.fields(Preparation))
_COLONNES = [T_PREPARATION.c[c] for c in _CHAMPS]
_T = T_PREPARATION.c
#: Lines of a list at most: what is settled leaves by its age long before.
LIMITE = 500


def _preparation(valeurs: Any) -> Preparation:
    lues = dict(zip(_CHAMPS, valeurs, strict=True))
    return Preparation(**lues | {"genre": GenrePreparation(lues["genre"]),
                                 "etat": EtatPreparation(lues["etat"])})


class Preparations(Depot):
    """Repository of the prepared documents."""

    def ajouter(self, preparation: Preparation) -> Preparation:
        """Keep a new one; `id`, instants and version are made."""
        quand = local()
        valeurs = {c: getattr(preparation, c) for c in _CHAMPS if c != "id"}
        valeurs |= {"genre": preparation.genre.value, "etat": preparation.etat.value,
                    "cree_le": quand, "change_le": quand, "version": 1}
        id = int(self._c.execute(insert(T_PREPARATION).values(
            **valeurs)).inserted_primary_key[0])  # type: ignore[index]
        return dataclasses.replace(preparation, id=id, cree_le=quand, change_le=quand, version=1)

    def de(self, genre: GenrePreparation, source_id: int) -> Preparation | None:
        """That of a draft or form; None: it is its author's own."""
        if not source_id:
            return None
        ligne = self._c.execute(select(*_COLONNES).where(
            _T.genre == genre.value, _T.source_id == source_id)).first()
        return None if ligne is None else _preparation(ligne)

    def changer(self, preparation: Preparation, etat: EtatPreparation, *, motif: str = "",
                titre: str = "", document_id: int | None = None) -> None:
        """Set the state. :raises ConflitVersion: somebody changed it since it was read."""
        valeurs: dict[str, Any] = {"etat": etat.value, "motif": motif, "change_le": local()}
        if titre:
            valeurs["titre"] = titre
        if document_id is not None:
            valeurs["document_id"] = document_id
        self._modifier(T_PREPARATION, preparation.id, preparation.version, **valeurs)

    def lignes(self, *, pour_id: int = 0, par_id: int = 0, id: int = 0, depuis: str = "",
               etats: Iterable[EtatPreparation] = EtatPreparation) -> list[LignePreparation]:
        """Those for or by an account, last changed first; names of accounts are left empty.

        :param depuis: local ISO: what is older is left out.
        """
        conditions: list[ColumnElement[bool]] = [_T.etat.in_([e.value for e in etats])]
        for colonne, valeur in ((_T.pour_id, pour_id), (_T.par_id, par_id), (_T.id, id)):
            if valeur:
                conditions.append(colonne == valeur)
        if depuis:
            conditions.append(_T.change_le >= depuis)
        b, s, p = T_BROUILLON.c, T_SAISIE.c, T_PATIENT.c
        source = (T_PREPARATION.join(T_PATIENT, p.id == _T.patient_id)
                  .outerjoin(T_BROUILLON, and_(_T.genre == GenrePreparation.COURRIER.value,
                                               b.id == _T.source_id))
                  .outerjoin(T_SAISIE, and_(_T.genre == GenrePreparation.FORMULAIRE.value,
                                            s.id == _T.source_id)))
        return [LignePreparation(
            dataclasses.replace(_preparation(tuple(ligne)[:len(_CHAMPS)]),
                                titre=ligne.titre_source or ligne.titre),
            f"{ligne.nom_naissance} {ligne.premier_prenom}".strip(), "", "",
            source_version=ligne.version_source or 0, patient_version=ligne.version_patient)
            for ligne in self._c.execute(select(
                *_COLONNES, p.nom_naissance, p.premier_prenom, b.titre.label("titre_source"),
                func.coalesce(b.version, s.version).label("version_source"),
                p.version.label("version_patient"))
                .select_from(source).where(*conditions)
                .order_by(_T.change_le.desc(), _T.id.desc()).limit(LIMITE))]
