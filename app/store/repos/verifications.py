"""The queue of the verifications with INSi: kept on the disk, so that none is forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from app.domain.identity import OID_NIA, StatutIdentite
from app.domain.verification import CauseVerification, EtatVerification, Verification
from app.store.moments import Instant, local, utc
from app.store.repos.base import Depot
from app.store.tables import T_PATIENT, T_RANG, T_VERIFICATION

#: Longest wait of a line (`reporter`), with a margin.
ATTENTE_MAX = timedelta(days=2)
_AVEC_INSI = (StatutIdentite.RECUPEREE.value, StatutIdentite.QUALIFIEE.value)
_T = T_VERIFICATION.c


def _valeur(ligne: Any) -> Verification:
    return Verification(
        ligne.id, ligne.patient_id, CauseVerification(ligne.cause), EtatVerification(ligne.etat),
        ligne.demandee_le, ligne.essais, ligne.prochain_essai, ligne.message, ligne.terminee_le,
        ligne.version)


class Verifications(Depot):
    """Repository of the verifications."""

    def demander(self, patient_id: int, cause: CauseVerification) -> bool:
        """Put a patient in the queue; False when one waits already (one call for one cause)."""
        if self._c.execute(select(_T.id).where(
                _T.patient_id == patient_id,
                _T.etat == EtatVerification.ATTENTE.value)).first() is not None:
            return False
        self._c.execute(insert(T_VERIFICATION).values(
            patient_id=patient_id, cause=cause.value, etat=EtatVerification.ATTENTE.value,
            demandee_le=local(), essais=0, prochain_essai="", message="", terminee_le="",
            version=1))
        return True

    def suivante(self, maintenant: Instant | None = None,
                 sauf: Sequence[int] = ()) -> Verification | None:
        """The oldest one whose time has come, among those not in `sauf`.

        A time further than the longest wait was written under a clock that ran ahead: it is due.
        """
        trop_loin = utc(datetime.fromisoformat(utc(maintenant)) + ATTENTE_MAX)
        ligne = self._c.execute(
            select(T_VERIFICATION).where(
                _T.etat == EtatVerification.ATTENTE.value,
                or_(_T.prochain_essai <= utc(maintenant), _T.prochain_essai > trop_loin),
                _T.id.not_in(sauf))
            .order_by(_T.prochain_essai, _T.id).limit(1)).first()
        return None if ligne is None else _valeur(ligne)

    def en_attente_pour(self, patient_id: int) -> Verification | None:
        """The one that waits for a patient."""
        ligne = self._c.execute(select(T_VERIFICATION).where(
            _T.patient_id == patient_id, _T.etat == EtatVerification.ATTENTE.value)).first()
        return None if ligne is None else _valeur(ligne)

    def en_attente(self, limite: int) -> list[Verification]:
        """The queue, oldest first."""
        return [_valeur(ligne) for ligne in self._c.execute(
            select(T_VERIFICATION).where(_T.etat == EtatVerification.ATTENTE.value)
            .order_by(_T.id).limit(limite))]

    def terminer(self, id: int, etat: EtatVerification, *, message: str = "",
                 version: int) -> None:
        """Write the outcome. :raises ConflitVersion: another workstation did."""
        self._modifier(T_VERIFICATION, id, version, etat=etat.value, message=message,
                       essais=_T.essais + 1, terminee_le=local())

    def conclure_ko(self, id: int, etat: EtatVerification, message: str) -> None:
        """The retrieval that followed a KO gave the identity back."""
        self._modifier(T_VERIFICATION, id, None, etat=etat.value, message=message)

    def reporter(self, id: int, prochain_essai: datetime, *, message: str, version: int) -> None:
        """The service didn't answer: try again later. :raises ConflitVersion: see `terminer`."""
        self._modifier(T_VERIFICATION, id, version, prochain_essai=utc(prochain_essai),
                       message=message, essais=_T.essais + 1)

    def abandonner_attente(self) -> int:
        """The user gives the whole queue up; returns how many were left."""
        return self._c.execute(
            update(T_VERIFICATION).where(_T.etat == EtatVerification.ATTENTE.value)
            .values(etat=EtatVerification.ABANDONNEE.value, terminee_le=local(),
                    version=_T.version + 1)).rowcount

    def compter_attente(self) -> int:
        """How many wait."""
        return int(self._c.execute(select(func.count()).select_from(T_VERIFICATION).where(
            _T.etat == EtatVerification.ATTENTE.value)).scalar_one())

    def ko(self) -> list[Verification]:
        """KO that nobody dealt with and whose identity is still without INSi, newest first."""
        return [_valeur(ligne) for ligne in self._c.execute(
            select(T_VERIFICATION).join(T_PATIENT, T_PATIENT.c.id == _T.patient_id)
            .join(T_RANG, T_RANG.c.patient_id == _T.patient_id)
            .where(_T.etat == EtatVerification.KO.value, T_PATIENT.c.statut.not_in(_AVEC_INSI))
            .order_by(_T.id.desc()))]

    def traiter_ko(self, patient_id: int) -> int:
        """Somebody dealt with the KO of a patient; returns how many there were."""
        return self._c.execute(
            update(T_VERIFICATION).where(_T.patient_id == patient_id,
                                         _T.etat == EtatVerification.KO.value)
            .values(etat=EtatVerification.TRAITEE.value, version=_T.version + 1)).rowcount

    def candidats(self, avant: str) -> list[int]:
        """Patients with INSi whose last answer is of `avant` (AAAA-MM-JJ) or older, oldest first.

        An empty date, or one after tomorrow (clock wrong), counts as too old.
        """
        t = T_PATIENT.c
        jour = func.substr(t.date_insi, 1, 10)
        return list(self._c.execute(
            select(t.id).join(T_RANG, T_RANG.c.patient_id == t.id)
            .where(t.statut.in_(_AVEC_INSI),
                   or_(t.date_insi == "", jour <= avant, jour > local()[:10]))
            .order_by(t.date_insi, t.id)).scalars())

    def avec_nia(self, ids: Sequence[int]) -> list[int]:
        """Those of `ids` whose matricule is a NIA."""
        t = T_PATIENT.c
        return list(self._c.execute(select(t.id).where(
            t.id.in_(ids), t.oid == OID_NIA, t.statut.in_(_AVEC_INSI))).scalars())
