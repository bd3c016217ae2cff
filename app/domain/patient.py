"""Values of the patient file that travel between the floors (never ORM objects)."""

from dataclasses import dataclass

from app.domain.identity import Attribut, Identite, StatutIdentite


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a patient."""

    adresse: str = ""
    code_postal: str = ""
    commune: str = ""
    telephone: str = ""
    courriel: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as stored. `version` grows at each write (optimistic locking)."""

    id: int
    identite: Identite
    contact: Contact = Contact()
    version: int = 1
    numero_secu: str = ""
    """Billing number, possibly the opener of rights'; never labelled INS."""


@dataclass(frozen=True, slots=True)
class PatientResume:
    """One line of a list of patients."""

    id: int
    nom_naissance: str
    premier_prenom: str
    nom_utilise: str
    prenom_utilise: str
    date_naissance: str
    sexe: str
    statut: StatutIdentite
    attributs: frozenset[Attribut] = frozenset()


@dataclass(frozen=True, slots=True)
class LigneHistorique:
    """One change of an identity (rule 16, 21). `horodatage` is local ISO with offset."""

    horodatage: str
    auteur: str
    cause: str
    statut_avant: StatutIdentite
    identite: Identite


@dataclass(frozen=True, slots=True)
class Observation:
    """A dated free-text note. `horodatage` is local ISO with offset."""

    id: int
    patient_id: int
    horodatage: str
    auteur_id: int
    auteur: str
    texte: str
    version: int = 1
