"""A small practice in a temporary file, and values that the patient's screens show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from PySide6.QtWidgets import QApplication

from app.domain.consent import EpisodeSoins
from app.domain.dica import Dica, FaitsDica, evaluer
from app.domain.dmp import AutorisationDmp, EtatDmp
from app.domain.document import EtatLigne, LigneDocument, ListeDocuments, OrigineDocument
from app.domain.identity import (
    OID_NIR,
    Attribut,
    Identite,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.patient import Contact, Patient
from app.ui import theme

Attente = Callable[[Callable[[], object]], None]
"""The fixture `attendre`: lets the window live until a condition holds."""

MATRICULE = "275126322074974"
TRAITS = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", "ZOE")


def identite(statut: StatutIdentite = StatutIdentite.QUALIFIEE, *attributs: Attribut,
             traits: Traits = TRAITS) -> Identite:
    """An identity of a status, with what the status implies."""
    insi = statut in (StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE)
    document = statut in (StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE)
    return Identite(
        traits, statut, MATRICULE if insi else "", OID_NIR if insi else "",
        frozenset(attributs), ModeQualification.DOCUMENT if document else
        ModeQualification.AUCUN, "CN" if document else "",
        "2026-10-12T08:00:00+02:00" if insi else "")


def patient(i: int = 5, qui: Identite | None = None) -> Patient:
    """A patient."""
    return Patient(i, qui or identite(), Contact("8 impasse du Moulin", "63420", "Mazoires",
                                                 "01 00 00 00 05"))


def episode(consent: bool | None = None, opposition: bool = False) -> EpisodeSoins:
    """A care episode."""
    informe = "2026-10-12T08:00:00+02:00" if consent is not None else ""
    return EpisodeSoins(1, 5, "2026-10-12T08:00:00+02:00", informe, "Camille DÉMO", consent,
                        opposition)


def dica(*, consent: bool | None = True, qui: Identite | None = None, session: bool = True,
         ouvert: bool = True) -> Dica:
    """An answer of DICA."""
    etat = EtatDmp(True, True, AutorisationDmp.VALIDE, "2026-11-23T08:51:00+01:00")
    return evaluer(FaitsDica(qui or identite(), episode(consent),
                             etat if ouvert else None, session_ouverte=session,
                             session_expire_le="2026-11-23T12:04:00+01:00"))


def ligne(cle: str, jour: str = "2026-11-23", etat: EtatLigne = EtatLigne.NOUVEAU,
          **autres: object) -> LigneDocument:
    """A line of the documents list; DMP unless said otherwise."""
    base = LigneDocument(cle, jour, "Compte rendu de biologie", "NFS", "LABO ESSAI",
                         OrigineDocument.DMP, etat, type_code="11502-2", unique_id=cle,
                         lu=etat is not EtatLigne.NOUVEAU,
                         integrable=etat in (EtatLigne.NOUVEAU, EtatLigne.A_LIRE))
    return replace(base, **autres)  # type: ignore[arg-type]


def liste(*lignes: LigneDocument, interroge: bool = True) -> ListeDocuments:
    """A list of documents."""
    quand = datetime.now().astimezone().isoformat(timespec="seconds")
    return ListeDocuments(lignes, quand if interroge else "", "2024-11-23" if interroge else "")


_habit: list[tuple[str, int]] = []


def habiller(qapp: QApplication, couleurs: str = "clair", taille: int = 100) -> None:
    """Dress the application, when it isn't already so (restyling every widget takes time)."""
    if _habit[-1:] != [(couleurs, taille)] or not qapp.styleSheet():
        theme.appliquer(qapp, couleurs, taille)
        _habit.append((couleurs, taille))
