"""Structured contents of the documents of level 3: one value a content model.

They hold what the professional decided, in the codes of the value sets (`types.jeu`); labels are
looked up when a document is rendered. Dates are AAAA-MM-JJ, date-times are aware.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from app.domain.people import Professionnel


@dataclass(frozen=True, slots=True)
class ContenuStructure:
    """Base of the structured contents; a document without one is a level 1."""


# --- Vaccination (VAC-NOTE 2023.01, `spec/cda.md` §4) -------------------------------------------

@dataclass(frozen=True, slots=True)
class ReactionVaccinale:
    """An observed reaction, coded in CIM-10."""

    code_cim10: str
    libelle: str
    date: str


@dataclass(frozen=True, slots=True)
class NoteVaccination(ContenuStructure):
    """One injection: one note. Two vaccines make two documents.

    `nature`: INITIMMUNIZ, BOOSTER or IMMUNIZ; `voie` EDQM and `site` SNOMED CT codes or empty.
    """

    date: str
    denomination: str
    cis: str
    atc: str
    atc_libelle: str
    lot: str
    nature: str = "IMMUNIZ"
    marque: str = ""
    cip13: str = ""
    peremption: str = ""
    voie: str = ""
    site: str = ""
    rang: int | None = None
    maladies: tuple[str, ...] = ()
    reactions: tuple[ReactionVaccinale, ...] = ()
    commentaire: str = ""
    vaccinateur: Professionnel | None = None
    """Who injected; None = the author."""


# --- Rapid test (BIO-TROD 2024.01, §5) ----------------------------------------------------------

@dataclass(frozen=True, slots=True)
class DispositifTest:
    """The test that was used. `udi` is the whole code as printed: `(01)…(17)…(10)…`."""

    fabricant: str
    reference: str
    lot: str
    peremption: str
    udi: str = ""


@dataclass(frozen=True, slots=True)
class ResultatTest:
    """Result of one examination: code of the table `trod.csv` and code of its value set."""

    examen: str
    resultat: str
    commentaire: str = ""


@dataclass(frozen=True, slots=True)
class Trod(ContenuStructure):
    """A rapid test. `genre`: angine, covid, covid-grippe or cystite."""

    genre: str
    date: datetime
    dispositif: DispositifTest
    resultats: tuple[ResultatTest, ...]
    consentement: bool = False


# --- Prescription of products (eP-MED-DM 2024.01, §6) -------------------------------------------

class MentionPrescription(StrEnum):
    """Marks of the whole prescription (`documentationOf/serviceEvent[@classCode='INFO']`)."""

    BIZONE = "MED-1096"
    EXCEPTION = "MED-1097"
    SECURISEE = "MED-1098"
    GRAND_APPAREILLAGE = "MED-1132"
    DOMICILE = "MED-1094"
    URGENCE = "MED-1095"
    MILITAIRE = "MED-1159"


@dataclass(frozen=True, slots=True)
class DroitsLigne:
    """What the health insurance must know of a line."""

    ald: bool = False
    accident_travail: bool = False
    prevention: bool = False
    non_remboursable: bool = False
    hors_amm: bool = False
    """Medicines only."""


@dataclass(frozen=True, slots=True)
class Prise:
    """One step of a structured posology: so many units every so often, from a day, so many days.

    `periode` and `periode_unite`: interval between two takes (8, « h »; 1, « d »; 1, « wk »).
    `unite` is the UCUM unit ({tablet}, mL, mg…), `unite_libelle` what is printed.
    """

    debut: str
    jours: int
    periode: Decimal
    periode_unite: str
    dose_min: Decimal
    dose_max: Decimal
    unite: str
    unite_libelle: str


@dataclass(frozen=True, slots=True)
class Substance:
    """An active substance: SMS code, name, strength of one unit."""

    nom: str
    code_sms: str = ""
    dosage: Decimal | None = None
    unite: str = ""


@dataclass(frozen=True, slots=True)
class LigneMedicament:
    """A medicine. `posologie` is the sentence printed; `prises` structures it, or is empty.

    `voie` is a code of the value set `voie` (EDQM), only used with a structured posology.
    `motif_non_substituable` empty = substitution allowed.
    """

    denomination: str
    posologie: str
    debut: str
    fin: str
    cis: str = ""
    cip13: str = ""
    presentation: str = ""
    code_mv: str = ""
    libelle_mv: str = ""
    atc: str = ""
    atc_libelle: str = ""
    forme: str = ""
    forme_libelle: str = ""
    substances: tuple[Substance, ...] = ()
    prises: tuple[Prise, ...] = ()
    voie: str = ""
    dose_max_jour: Decimal | None = None
    renouvellements: int = 0
    boites: int | None = None
    motif_non_substituable: str = ""
    condition: str = ""
    instructions_patient: str = ""
    instructions_dispensateur: str = ""
    droits: DroitsLigne = field(default_factory=DroitsLigne)


@dataclass(frozen=True, slots=True)
class LigneDispositif:
    """A medical device. `code_emdn` and `code_lpp` may be empty; `jours`: length of use or rent."""

    denomination: str
    debut: str
    fin: str
    quantite: int = 1
    renouvellements: int = 0
    jours: int | None = None
    code_emdn: str = ""
    libelle_emdn: str = ""
    code_lpp: str = ""
    instructions: str = ""
    droits: DroitsLigne = field(default_factory=DroitsLigne)


@dataclass(frozen=True, slots=True)
class Prescription(ContenuStructure):
    """A prescription of products, valid from `DocumentClinique.date_acte` to `date_fin`.

    `numero_epu` and `code_2d` (JPEG or PNG) come from the service Ordonnance numérique, when it
    answered.
    """

    medicaments: tuple[LigneMedicament, ...] = ()
    dispositifs: tuple[LigneDispositif, ...] = ()
    mentions: frozenset[MentionPrescription] = frozenset()
    commentaire: str = ""
    poids_kg: Decimal | None = None
    taille_cm: Decimal | None = None
    numero_epu: str = ""
    code_2d: bytes = b""
