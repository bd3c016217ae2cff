"""A document that came from outside and waits to be filed (« À classer », design §11)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.document import DocumentAffiche, OrigineDocument
from app.domain.patient import PatientResume


class EtatEntrant(StrEnum):
    """Life of an incoming document."""

    ATTENTE = "attente"
    CLASSE = "classe"
    ECARTE = "ecarte"


class VerdictEntrant(StrEnum):
    """Why it waits, in the order of what the user must look at."""

    CONFLIT = "conflit"
    """It contradicts a document of the file: same id and other bytes, same version twice."""
    DIFFERENT = "different"
    """Its identity isn't that of the file where it was dropped, or a trait differs."""
    A_COMPARER = "a_comparer"
    """A file resembles it; a person must say."""
    EXACT = "exact"
    """One file has exactly this identity: one key files it."""
    INCONNU = "inconnu"
    """No file has this identity."""
    SANS_IDENTITE = "sans_identite"
    """It says nothing of its patient: scan, bare PDF, image."""
    DEJA = "deja"
    """Already in a file."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """One line of « À classer », without bytes.

    `patient_id` is the file proposed, None without a proposal. `traits` is a line that says who
    the document is about, as it says itself. `date_acte` AAAA-MM-JJ.
    """

    id: int
    recu_le: str
    origine: OrigineDocument
    nom: str
    mime: str
    sha256: str
    feuille_sha256: str = ""
    joint_sha256: str = ""
    patient_id: int | None = None
    verdict: VerdictEntrant = VerdictEntrant.SANS_IDENTITE
    motif: str = ""
    etat: EtatEntrant = EtatEntrant.ATTENTE
    document_id: int | None = None
    traite_le: str = ""
    traite_par: str = ""
    type_code: str = ""
    titre: str = ""
    date_acte: str = ""
    auteur: str = ""
    traits: str = ""
    version: int = 1

    @property
    def est_cda(self) -> bool:
        """True for a CDA: its type, date and title are its own, and can't be edited."""
        return self.mime == "text/xml"


@dataclass(frozen=True, slots=True)
class LigneEntrant:
    """A line of the page: the document and the file proposed for it."""

    entrant: Entrant
    propose: PatientResume | None = None


@dataclass(frozen=True, slots=True)
class Proposition:
    """A file that may be the right one. `differences`: labels of the traits that contradict."""

    patient: PatientResume
    sure: bool = False
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DetailEntrant:
    """What the page shows of the current line."""

    ligne: LigneEntrant
    document: DocumentAffiche
    propositions: tuple[Proposition, ...] = ()
