"""Periodic verification of identities with INSi: causes, states (`spec/ins.md` §2, rule 49)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.identity import OID_NIA, Identite


class CauseVerification(StrEnum):
    """Why INSi is asked to confirm an identity."""

    QUATRE_ANS = "quatre_ans"
    NIA = "nia"
    MANUELLE = "manuelle"
    RECUE = "recue"
    """The identity came with a document of somebody else (rules 51, 55)."""


class EtatVerification(StrEnum):
    """Life of a verification."""

    ATTENTE = "attente"
    CONFIRMEE = "confirmee"
    RECUPEREE = "recuperee"
    """INSi said KO, the automatic retrieval that followed gave the identity back."""
    KO = "ko"
    """INSi said KO and nothing came back: on the work list until somebody deals with it."""
    ABANDONNEE = "abandonnee"
    """No longer needed: the identity changed meanwhile, or the user gave up."""
    TRAITEE = "traitee"
    """A KO that somebody dealt with."""


@dataclass(frozen=True, slots=True)
class Verification:
    """One verification. `prochain_essai` is UTC ISO, the other instants local."""

    id: int
    patient_id: int
    cause: CauseVerification
    etat: EtatVerification
    demandee_le: str
    essais: int = 0
    prochain_essai: str = ""
    message: str = ""
    terminee_le: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class BilanVerifications:
    """What a run of the queue did. `arret` is the French reason why it stopped early, or empty."""

    confirmees: int = 0
    recuperees: int = 0
    ko: int = 0
    abandonnees: int = 0
    reportees: int = 0
    """Put off: the service refused this one, or another workstation was writing it."""
    restantes: int = 0
    arret: str = ""

    @property
    def passees(self) -> int:
        """Lines of the queue that were looked at."""
        return (self.confirmees + self.recuperees + self.ko + self.abandonnees + self.reportees)

    def puis(self, suite: "BilanVerifications") -> "BilanVerifications":
        """This run and the one that followed, as one."""
        return BilanVerifications(
            self.confirmees + suite.confirmees, self.recuperees + suite.recuperees,
            self.ko + suite.ko, self.abandonnees + suite.abandonnees,
            self.reportees + suite.reportees, suite.restantes, suite.arret)


def cause_verification(identite: Identite) -> CauseVerification:
    """Cause of a verification that is due: a NIA at each event, else the 4 years."""
    return CauseVerification.NIA if identite.oid == OID_NIA else CauseVerification.QUATRE_ANS
