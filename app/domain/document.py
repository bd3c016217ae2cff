"""A document of the patient file, whatever it came from."""

from dataclasses import dataclass
from enum import StrEnum


class OrigineDocument(StrEnum):
    """Where a document came from."""

    CABINET = "cabinet"
    DMP = "dmp"
    MSSANTE = "mssante"
    IMPORT = "import"


class EtatDocument(StrEnum):
    """Life of a local document."""

    BROUILLON = "brouillon"
    VALIDE = "valide"
    REMPLACE = "remplace"
    SUPPRIME = "supprime"


@dataclass(frozen=True, slots=True)
class FicheDocument:
    """One line of the local documents, without bytes. Dates ISO."""

    id: int
    patient_id: int
    origine: OrigineDocument
    etat: EtatDocument
    type_code: str
    titre: str
    date_acte: str
    auteur: str
    cda_id: str = ""
    set_id: str = ""
    version_number: int = 1
    entry_uuid: str = ""
    logical_id: str = ""
    """References given by the DMP, when it holds the document."""
    cda_sha256: str = ""
    pdf_sha256: str = ""
    cree_le: str = ""
    lu: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Brouillon:
    """A letter or report being written; autosaved."""

    id: int
    patient_id: int
    auteur_id: int
    type_code: str
    titre: str
    texte: str
    modifie_le: str
    version: int = 1
