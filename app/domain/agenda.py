"""The tournée and the agenda."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.patient import PatientResume


class EtatPassage(StrEnum):
    """Life of a visit."""

    A_VENIR = "a_venir"
    EN_COURS = "en_cours"
    FAIT = "fait"
    ANNULE = "annule"


class LieuPassage(StrEnum):
    """Where the visit takes place."""

    DOMICILE = "domicile"
    CABINET = "cabinet"


@dataclass(frozen=True, slots=True)
class Passage:
    """A visit or appointment. `jour` AAAA-MM-JJ, `heure` HH:MM local, `duree` in minutes."""

    id: int
    jour: str
    heure: str
    professionnel_id: int
    patient: PatientResume | None
    soins: str = ""
    duree: int = 15
    lieu: LieuPassage = LieuPassage.DOMICILE
    etat: EtatPassage = EtatPassage.A_VENIR
    nouveaux_dmp: int | None = None
    """New documents in the DMP; None = not known."""
    adresse: str = ""
    version: int = 1
