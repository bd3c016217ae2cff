"""Queries of the work lists of identities. Merged files are in none of them."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select

from app.domain.identity import OID_NIA, Attribut, ModeQualification, StatutIdentite
from app.domain.names import cle_comparaison
from app.domain.patient import PatientResume
from app.store import coding
from app.store.repos.base import Depot
from app.store.tables import T_MATRICULE, T_PATIENT, T_RANG

_RESUME = [T_PATIENT.c[c] for c in coding.CHAMPS_RESUME]
_T = T_PATIENT.c


def _avec(attribut: Attribut) -> ColumnElement[bool]:
    return _T.attributs.like(f"%{attribut.value}%")


def _sans_signes(colonne: Any) -> ColumnElement[str]:
    for signe in "-' ":
        colonne = func.replace(colonne, signe, "")
    return cast(ColumnElement[str], colonne)


class Listes(Depot):
    """Repository of the work lists: each gives (summary, last INSi date) and the whole count."""

    def a_qualifier(self, limite: int) -> tuple[list[tuple[PatientResume, str]], int]:
        """Every identity that isn't qualifiée, fictive ones left out."""
        return self._liste(limite, _T.statut != StatutIdentite.QUALIFIEE.value,
                           ~_avec(Attribut.FICTIVE))

    def nia(self, limite: int) -> tuple[list[tuple[PatientResume, str]], int]:
        """Identities whose matricule is a NIA."""
        return self._liste(limite, _T.oid == OID_NIA)

    def attribut(self, attribut: Attribut,
                 limite: int) -> tuple[list[tuple[PatientResume, str]], int]:
        """Identities that carry an attribute."""
        return self._liste(limite, _avec(attribut))

    def transitoires(self, limite: int) -> tuple[list[tuple[PatientResume, str]], int]:
        """Identities qualified by the procédure spécifique transitoire."""
        return self._liste(limite, _T.mode_qualification
                           == ModeQualification.PROCEDURE_TRANSITOIRE.value)

    def meme_matricule(self) -> list[tuple[int, int]]:
        """Pairs of files to which one matricule leads (current or INSHISTO)."""
        autre = T_MATRICULE.alias("autre")
        m = T_MATRICULE.c
        return [(a, b) for a, b in self._c.execute(
            select(m.patient_id, autre.c.patient_id).distinct().where(
                m.matricule_ins == autre.c.matricule_ins, m.patient_id < autre.c.patient_id)
            .order_by(m.patient_id, autre.c.patient_id))]

    def nes_le_meme_jour(self) -> Iterator[list[PatientResume]]:
        """Groups of two patients or more, of one birth date and one first given name.

        The name is compared without hyphen, apostrophe or space: only few rows leave the engine.
        """
        prenom = _sans_signes(_T.premier_prenom)
        groupes = (select(_T.date_naissance.label("d"), prenom.label("i"))
                   .join(T_RANG, T_RANG.c.patient_id == _T.id)
                   .group_by(_T.date_naissance, prenom).having(func.count() > 1).subquery())
        lignes = self._c.execute(
            select(*_RESUME).join(T_RANG, T_RANG.c.patient_id == _T.id)
            .join(groupes, (groupes.c.d == _T.date_naissance) & (groupes.c.i == prenom))
            .order_by(_T.date_naissance, prenom, _T.id),
            execution_options={"yield_per": 2000})
        groupe: list[PatientResume] = []
        cle: tuple[Any, ...] = ()
        for ligne in lignes:
            resume = coding.resume(tuple(ligne))
            suivante = (resume.date_naissance, cle_comparaison(resume.premier_prenom))
            if suivante != cle:
                if len(groupe) > 1:
                    yield groupe
                groupe, cle = [], suivante
            groupe.append(resume)
        if len(groupe) > 1:
            yield groupe

    def _liste(self, limite: int, *conditions: ColumnElement[bool],
               ) -> tuple[list[tuple[PatientResume, str]], int]:
        base = select(func.count()).select_from(T_RANG).join(
            T_PATIENT, _T.id == T_RANG.c.patient_id).where(*conditions)
        total = int(self._c.execute(base).scalar_one())
        lignes = self._c.execute(
            select(*_RESUME, _T.date_insi).join(T_RANG, T_RANG.c.patient_id == _T.id)
            .where(*conditions).order_by(T_RANG.c.rang).limit(limite))
        return [(coding.resume(tuple(ligne)[:-1]), ligne.date_insi) for ligne in lignes], total
