"""A clinical document as one value: every form of it (PDF/A, CDA, XDM) is a rendering of this.

Only values here. `patient_document` is the one door by which a patient enters a document: it is
where rule 28 of the INS holds (matricule and OID leave only with a qualified identity).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from app.documents.contenus import ContenuStructure
from app.domain.identity import Identite
from app.domain.patient import Contact, Patient
from app.domain.people import Professionnel, Structure
from app.domain.traits import IMPRESSION_PAR_DEFAUT

LOINC = "2.16.840.1.113883.6.1"


# --- The narrative ------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class Fragment:
    """A run of text of one style.

    `ref` is the ID that structured entries point to (N3); `origine` the label of the field of the
    record that filled it (`champs`): the editor shows it and no rendering prints it.
    """

    texte: str
    gras: bool = False
    italique: bool = False
    souligne: bool = False
    ref: str = ""
    origine: str = ""


#: A text is plain, or a sequence of styled runs. A line feed inside is a line break.
Texte: TypeAlias = str | tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Paragraphe:
    """A paragraph."""

    texte: Texte


@dataclass(frozen=True, slots=True)
class Intertitre:
    """A heading inside the document; `niveau` 1 or 2."""

    texte: str
    niveau: int = 1


@dataclass(frozen=True, slots=True)
class Liste:
    """A list of one level."""

    elements: tuple[Texte, ...]
    ordonnee: bool = False


@dataclass(frozen=True, slots=True)
class Tableau:
    """A table. `largeurs` are relative column widths; empty = chosen from the content."""

    entetes: tuple[Texte, ...]
    lignes: tuple[tuple[Texte, ...], ...]
    largeurs: tuple[float, ...] = ()
    titre: str = ""


Bloc: TypeAlias = Paragraphe | Intertitre | Liste | Tableau


def fragments(texte: Texte) -> tuple[Fragment, ...]:
    """The runs of a text, whatever its form."""
    return (Fragment(texte),) if isinstance(texte, str) else texte


def texte_brut(texte: Texte) -> str:
    """The characters of a text, without style."""
    return texte if isinstance(texte, str) else "".join(f.texte for f in texte)


# --- People -------------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class PatientDocument:
    """The patient as printed and sent. Build it with `patient_document`, never by hand.

    `date_naissance` is the wire form AAAA-MM-JJ; `matricule_ins` and `oid` are both empty unless
    the identity is qualified; `ipp` is the local id, `ipp_root` the OID of our patient ids.
    """

    nom_naissance: str
    premier_prenom: str
    date_naissance: str
    sexe: str
    lieu_naissance: str
    ipp: str
    ipp_root: str
    prenoms: str = ""
    nom_utilise: str = ""
    prenom_utilise: str = ""
    matricule_ins: str = ""
    oid: str = ""
    contact: Contact = field(default_factory=Contact)
    imprimes: tuple[str, ...] = IMPRESSION_PAR_DEFAUT
    """Optional traits to print (rule 32): the mandatory ones, the matricule included, always are.
    What is sent doesn't depend on it."""


def patient_document(patient: Patient | Identite, ipp: str, ipp_root: str,
                     contact: Contact | None = None, *,
                     imprimes: tuple[str, ...] = IMPRESSION_PAR_DEFAUT) -> PatientDocument:
    """Give the patient block of a document.

    Args:
        patient: patient or identity of the file.
        ipp: local identifier of the patient.
        ipp_root: OID of our patient identifiers (`{root of the installation}.3`).
        contact: how to reach the patient; taken from `patient` when it is a `Patient`.
        imprimes: optional traits that the practice prints.

    Matricule and OID are carried only when `identite.matricule_transmissible` (`spec/ins.md`
    §1.8, rule 28).
    """
    identite = patient.identite if isinstance(patient, Patient) else patient
    if contact is None:
        contact = patient.contact if isinstance(patient, Patient) else Contact()
    traits = identite.traits
    transmis = identite.matricule_transmissible
    return PatientDocument(
        nom_naissance=traits.nom_naissance, premier_prenom=traits.premier_prenom,
        date_naissance=traits.date_naissance, sexe=traits.sexe,
        lieu_naissance=traits.lieu_naissance, ipp=ipp, ipp_root=ipp_root,
        prenoms=traits.prenoms, nom_utilise=traits.nom_utilise,
        prenom_utilise=traits.prenom_utilise,
        matricule_ins=identite.matricule_ins if transmis else "",
        oid=identite.oid if transmis else "", contact=contact, imprimes=imprimes)


@dataclass(frozen=True, slots=True)
class Destinataire:
    """An intended recipient: a person, a structure, or a person in a structure.

    `identifiant` is the PS_IdNat, `structure_identifiant` the Struct_idNat; `qualite` is the
    French label printed under the name (« Médecin généraliste »).
    """

    nom: str = ""
    prenom: str = ""
    identifiant: str = ""
    qualite: str = ""
    civilite: str = ""
    structure: str = ""
    structure_identifiant: str = ""
    adresse: str = ""
    code_postal: str = ""
    commune: str = ""
    telephone: str = ""
    messagerie: str = ""
    """MSSanté address, without `mailto:`."""


class RoleIntervenant(StrEnum):
    """Why a person other than the author is named in the header (`spec/cda.md` §1.4)."""

    PRESCRIPTEUR = "prescripteur"
    MEDECIN_TRAITANT = "medecin_traitant"
    PRELEVEUR = "preleveur"
    CORRESPONDANT = "correspondant"


@dataclass(frozen=True, slots=True)
class Intervenant:
    """A person of the header. `date`: of the prescription or of the sampling, aware; or None."""

    role: RoleIntervenant
    personne: Destinataire
    date: datetime | None = None
    profession: str = ""
    """Code of JDV_J01 (G15_60, G15_10/SM54, …) when known, else empty."""


@dataclass(frozen=True, slots=True)
class ActeDocumente:
    """A code of the principal act (`documentationOf/serviceEvent/code`)."""

    code: str
    libelle: str
    code_system: str
    code_system_nom: str = ""


@dataclass(frozen=True, slots=True)
class Operateur:
    """Who typed the document for its author (`dataEnterer`, `spec/cda.md` §1 n° 14). `date`:
    when the typing ended, aware."""

    personne: Professionnel
    date: datetime


# --- The document -------------------------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class DocumentClinique:
    """One version of one clinical document.

    Args:
        id: OID of this version, without extension (`oids.nouvel_oid`).
        set_id: OID common to all versions.
        version: 1, then + 1; above 1 `remplace_id` is needed.
        type_code, code_system, type_libelle: JDV_J07; take them from `types`.
        titre: at most 128 characters.
        date_creation, date_acte, date_fin: aware date-times (creation, start and end of the act).
        corps: the blocks the author wrote; narrative of an N1.
        donnees: the structured content; None = N1.
        cadre: practice setting, JDV_J04 (AMBULATOIRE, SAD, DEPISTAGE…).
        mention_rgpd: text of the settings, printed at the foot of each page's end.
    """

    id: str
    set_id: str
    type_code: str
    type_libelle: str
    titre: str
    date_creation: datetime
    date_acte: datetime
    patient: PatientDocument
    auteur: Professionnel
    structure: Structure
    version: int = 1
    code_system: str = LOINC
    destinataires: tuple[Destinataire, ...] = ()
    corps: tuple[Bloc, ...] = ()
    remplace_id: str | None = None
    mention_rgpd: str = ""
    logiciel: str = "Pléiade"
    version_logiciel: str = ""
    cadre: str = "AMBULATOIRE"
    date_fin: datetime | None = None
    intervenants: tuple[Intervenant, ...] = ()
    actes: tuple[ActeDocumente, ...] = ()
    episode_id: str = ""
    """OID or UUID of the care episode, empty if none."""
    numero_demande: str = ""
    """E-prescription number that this document fulfils (`inFulfillmentOf/order/id`), or empty."""
    type_cle: str = ""
    """Key of the type (`types.TypeDocument.cle`), empty when it was chosen by its code alone."""
    donnees: ContenuStructure | None = None
    saisi_par: Operateur | None = None
    """Who typed it, when it isn't the author."""
    brouillon: bool = False
    """A preview: the PDF says that it isn't validated, and it is never kept."""

    def __post_init__(self) -> None:
        """Refuse what no rendering could mend."""
        for nom in ("date_creation", "date_acte", "date_fin"):
            date = getattr(self, nom)
            if date is not None and date.tzinfo is None:
                raise ValueError(f"{nom} must carry its UTC offset")
        if not self.titre or len(self.titre) > 128:
            raise ValueError("titre: 1 to 128 characters")
        if (self.version > 1) != bool(self.remplace_id):
            raise ValueError("a version above 1 replaces one, and only it")

    def intervenant(self, role: RoleIntervenant) -> Intervenant | None:
        """The first person of that role."""
        return next((i for i in self.intervenants if i.role is role), None)


def lignes_adresse(lieu: Contact | Structure | Destinataire) -> tuple[str, ...]:
    """Address lines, without empty ones."""
    ville = f"{lieu.code_postal}\u00a0{lieu.commune}".strip()
    return tuple(ligne for ligne in (*lieu.adresse.splitlines(), ville) if ligne.strip())
