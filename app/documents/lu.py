"""A document as read: values only, whatever its origin and its age (`spec/cda.md` §14)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.identity import Identite, Traits
from app.domain.names import normaliser_nom


class NatureDocument(StrEnum):
    """What a document is made of."""

    CDA_N1 = "CDA-N1"
    CDA_N3 = "CDA-N3"
    XDM = "XDM"
    PDF = "PDF"
    INCONNU = "inconnu"


class Emballage(StrEnum):
    """What stands around the ClinicalDocument (`spec/cda.md` §1.6)."""

    AUCUN = ""
    AUTO_PRESENTABLE = "auto-presentable"
    SIGNE = "signe"


@dataclass(frozen=True, slots=True)
class IdentifiantLu:
    """An identifier: OID of who gave it, and value."""

    racine: str
    valeur: str


@dataclass(frozen=True, slots=True)
class PatientLu:
    """The patient of a document; an absent value is None. Dates AAAA-MM-JJ, 00 if unknown.

    `identifiants` holds every identifier, the INS included; `naissance_ville` is a text.
    """

    matricule_ins: str | None = None
    oid: str | None = None
    nom_naissance: str | None = None
    prenoms: str | None = None
    premier_prenom: str | None = None
    date_naissance: str | None = None
    sexe: str | None = None
    lieu_naissance: str | None = None
    nom_utilise: str | None = None
    prenom_utilise: str | None = None
    naissance_ville: str | None = None
    identifiants: tuple[IdentifiantLu, ...] = ()

    def identite(self) -> Identite:
        """The same as an identity, names in their stored form, to compare with a file.

        Its status is provisoire whatever the sender says: trust is never inherited (rule 30).
        """
        def nom(valeur: str | None) -> str:
            return normaliser_nom(valeur)[0] if valeur else ""
        traits = Traits(
            nom(self.nom_naissance), nom(self.premier_prenom), self.date_naissance or "",
            self.sexe or "", self.lieu_naissance or "", nom(self.prenoms),
            nom(self.nom_utilise), nom(self.prenom_utilise))
        return Identite(traits, matricule_ins=self.matricule_ins or "", oid=self.oid or "")


@dataclass(frozen=True, slots=True)
class AuteurLu:
    """An author, a signatory or a device. `profession` is the label, else the code."""

    identifiant: str | None = None
    nom: str | None = None
    prenom: str | None = None
    profession: str | None = None
    profession_code: str | None = None
    structure: str | None = None
    structure_id: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class DestinataireLu:
    """An intended recipient."""

    identifiant: str | None = None
    nom: str | None = None
    prenom: str | None = None
    structure: str | None = None
    structure_id: str | None = None
    telecoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentLu:
    """A document, with its bytes.

    `id`, `set_id` and `remplace_id` are `root` or `root^extension`. `date_acte` and
    `date_creation` are AAAA-MM-JJ, `horodatage` the creation time as written (HL7 TS).
    `incorpore` holds the decoded bytes to show first (the PDF when there is one), of type
    `mime_incorpore`. `incoherences` are the disagreements between an archive and its document:
    any of them forbids filing in one click; they are also in `avertissements`.
    """

    fichier: str
    nature: NatureDocument
    contenu: bytes
    type_code: str | None = None
    type_libelle: str | None = None
    type_systeme: str | None = None
    titre: str | None = None
    id: str | None = None
    set_id: str | None = None
    version: int | None = None
    date_acte: str | None = None
    date_creation: str | None = None
    horodatage: str | None = None
    confidentialite: str | None = None
    patient: PatientLu = PatientLu()
    auteurs: tuple[AuteurLu, ...] = ()
    responsable: AuteurLu | None = None
    conservateur: str | None = None
    destinataires: tuple[DestinataireLu, ...] = ()
    remplace_id: str | None = None
    sections: tuple[str, ...] = ()
    incorpore: bytes | None = None
    mime_incorpore: str = ""
    emballage: Emballage = Emballage.AUCUN
    feuille_de_style: str = ""
    modeles: tuple[str, ...] = ()
    avertissements: tuple[str, ...] = ()
    incoherences: tuple[str, ...] = ()
    feuille: bytes | None = None
    """The producer's separate style sheet, when the archive delivered it."""
    joint: bytes | None = None
    """The PDF that the archive holds beside the document."""
    action: str = ""
    """« D » for a notice of deletion, « C » for a change (`spec/cda.md` §12.1)."""

    @property
    def auteur(self) -> AuteurLu:
        """The first author; empty when the document names none."""
        return self.auteurs[0] if self.auteurs else AuteurLu()

    @property
    def pdf(self) -> bytes | None:
        """The PDF to show: the document itself, or the one that it carries."""
        return self.incorpore if self.mime_incorpore == "application/pdf" else None

    @property
    def pdf_incorpore(self) -> bool:
        """True when a readable PDF stands inside the document."""
        return self.nature is not NatureDocument.PDF and self.pdf is not None
