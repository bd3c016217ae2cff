"""A document of the patient file, whatever it came from."""

from dataclasses import dataclass
from enum import StrEnum


class OrigineDocument(StrEnum):
    """Where a document came from."""

    CABINET = "cabinet"
    DMP = "dmp"
    MSSANTE = "mssante"
    IMPORT = "import"
    SCAN = "scan"


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
    auteur_id: int | None = None
    """Account that wrote a document of the practice; None for those that came from outside, and for
    old ones whose author's name several accounts bear."""


class RolePiece(StrEnum):
    """What stands beside the CDA and its PDF."""

    FICHIER = "fichier"
    """The document itself when it is neither CDA nor PDF: image, text, RTF."""
    FEUILLE = "feuille"
    """The producer's style sheet, delivered with the CDA (`spec/cda.md` §1.6)."""
    JOINT = "joint"
    """A PDF that came beside a CDA which carries another one (SC.CDA/DD.15)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file kept with a document: its bytes by hash, its MIME type, the name it came under."""

    role: RolePiece
    sha256: str
    mime: str = ""
    nom: str = ""


class SuiviSource(StrEnum):
    """What became of a document at its source (SC.CDA/DD.06)."""

    REMPLACE = "remplace"
    SUPPRIME = "supprime"
    """Deleted, or no more accessible: the DMP answers the same."""
    VU = "vu"
    """The user was told and chose to keep what the practice has."""


@dataclass(frozen=True, slots=True)
class Suivi:
    """Last known fate of a local document in the DMP. `remplacant`: uniqueId of the newer one."""

    document_id: int
    etat: SuiviSource
    remplacant: str = ""
    verifie_le: str = ""


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


class EtatLigne(StrEnum):
    """What the list of documents says of a line (tokens §7)."""

    NOUVEAU = "nouveau"
    A_LIRE = "a_lire"
    AU_DOSSIER = "au_dossier"
    BROUILLON = "brouillon"
    VALIDE = "valide"
    RETENU = "retenu"
    PROGRAMME = "programme"
    EN_COURS = "en_cours"
    ATTENTE_TECHNIQUE = "attente_technique"
    ENVOYE = "envoye"
    REFUSE = "refuse"
    ANNULE = "annule"
    REMPLACE = "remplace"
    SUPPRIME = "supprime"


@dataclass(frozen=True, slots=True)
class LigneDocument:
    """One line of the patient's list: a local document, a DMP document, or both at once.

    `cle` is stable: « local:12 », « dmp:1.2.3 » or « brouillon:4 ». `date` AAAA-MM-JJ is the date
    of the act as the CDA gives it.
    """

    cle: str
    date: str
    type_libelle: str
    titre: str
    auteur: str
    origine: OrigineDocument
    etat: EtatLigne
    etat_detail: str = ""
    """Complement shown after the state: an hour, a reason."""
    type_code: str = ""
    document_id: int | None = None
    unique_id: str = ""
    version_number: int = 1
    lu: bool = True
    invisible_patient: bool = False
    masque_ps: bool = False
    depose_par_patient: bool = False
    envoye_dmp: bool = False
    integrable: bool = False
    """True when the document is in the DMP and not yet in the local file."""
    niveau: str = ""
    """Level when it isn't the whole team's (LABEL.04): « profession » or « auteur »."""
    envoye_dmp_le: str = ""
    """Local ISO date-time of the successful sending to the DMP, when it is known."""
    envoye_mss_le: str = ""
    """Local ISO date-time of the last successful sending by MSSanté."""
    suite: "SuiviSource | None" = None
    """Replaced or deleted at its source, and the user hasn't decided yet."""
    set_id: str = ""


@dataclass(frozen=True, slots=True)
class ListeDocuments:
    """Local and DMP documents in one list, newest act first."""

    lignes: tuple[LigneDocument, ...]
    interroge_le: str = ""
    """Local ISO date-time of the last DMP answer, empty if never asked."""
    depuis: str = ""
    """First date of act asked to the DMP (AAAA-MM-JJ), empty = all."""
    message: str = ""
    """French sentence when the DMP part is missing or old."""


@dataclass(frozen=True, slots=True)
class VersionAffichee:
    """One stored version of the document shown (SC.CDA/VISU.02). `date` AAAA-MM-JJ."""

    document_id: int
    numero: int
    date: str
    courante: bool = False


@dataclass(frozen=True, slots=True)
class DocumentAffiche:
    """A document opened in the viewer. `pdf` first; `html` is the structured view."""

    ligne: LigneDocument
    titre: str
    sous_titre: str
    identite_conforme: bool | None
    pdf: bytes | None
    html: str
    avertissements: tuple[str, ...] = ()
    original: bytes = b""
    tailles: tuple[tuple[float, float], ...] | None = None
    """Sizes of the pages of `pdf` in points; None when they were not measured yet."""
    versions: tuple[VersionAffichee, ...] = ()
    """Stored versions, newest first; empty when there is one only."""
    feuille_annoncee: bool = False
    """The document refers to a style sheet of its producer, delivered or not."""
    feuille: bytes | None = None
    """That sheet, when it came as a separate file."""
    pdf_joint: bytes | None = None
    """A PDF that came beside the CDA and isn't the one it carries."""
    descriptible: bool = False
    """Type, title and date are what the user says: no CDA gives them."""
    nom_original: str = ""
    patient_imprime: tuple[tuple[str, str], ...] = ()
    """Traits to print with it, label and value (rule 32)."""
    ins_imprime: str = ""
    """Payload of the INS datamatrix to print with it, "" unless the identity is qualifiée."""
