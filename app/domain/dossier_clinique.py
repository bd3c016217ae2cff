"""What the record says of a patient beyond identity and documents: the lines that fill letters."""

from dataclasses import dataclass
from enum import StrEnum


class NatureElement(StrEnum):
    """Kind of a line of the record."""

    ALLERGIE = "allergie"
    ANTECEDENT = "antecedent"
    TRAITEMENT = "traitement"
    MESURE = "mesure"
    CONTACT = "contact"


#: Labels, in the order of the screens: (one, several).
LIBELLES: dict[NatureElement, tuple[str, str]] = {
    NatureElement.ALLERGIE: ("Allergie", "Allergies"),
    NatureElement.ANTECEDENT: ("Antécédent", "Antécédents"),
    NatureElement.TRAITEMENT: ("Traitement", "Traitements en cours"),
    NatureElement.MESURE: ("Mesure", "Dernières mesures"),
    NatureElement.CONTACT: ("Personne à prévenir", "Personnes à prévenir"),
}


class RoleCorrespondant(StrEnum):
    """What a correspondent is for a patient. The first two are of one person at a time."""

    MEDECIN_TRAITANT = "medecin_traitant"
    PRESCRIPTEUR = "prescripteur"
    CORRESPONDANT = "correspondant"


ROLES_CORRESPONDANT: dict[RoleCorrespondant, str] = {
    RoleCorrespondant.MEDECIN_TRAITANT: "Médecin traitant",
    RoleCorrespondant.PRESCRIPTEUR: "Prescripteur",
    RoleCorrespondant.CORRESPONDANT: "Correspondant",
}


@dataclass(frozen=True, slots=True)
class ElementClinique:
    """One line. `date` AAAA-MM-JJ or empty; `retire_le` empty while it holds."""

    id: int
    patient_id: int
    nature: NatureElement
    libelle: str
    detail: str = ""
    date: str = ""
    auteur: str = ""
    cree_le: str = ""
    retire_le: str = ""
    version: int = 1
