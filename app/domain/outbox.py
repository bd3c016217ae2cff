"""Orders to the outside: states and transitions (`spec/dmp.md` §16)."""

from dataclasses import dataclass
from enum import StrEnum


class EtatOrdre(StrEnum):
    """State of an order."""

    RETENU = "retenu"
    PROGRAMME = "programme"
    EN_COURS = "en_cours"
    ATTENTE_TECHNIQUE = "attente_technique"
    ENVOYE = "envoye"
    REFUSE = "refuse"
    ANNULE = "annule"


#: The only transitions allowed. ENVOYE and ANNULE are final.
TRANSITIONS: dict[EtatOrdre, frozenset[EtatOrdre]] = {
    EtatOrdre.RETENU: frozenset({EtatOrdre.PROGRAMME, EtatOrdre.ANNULE}),
    EtatOrdre.PROGRAMME: frozenset({EtatOrdre.EN_COURS, EtatOrdre.RETENU, EtatOrdre.ANNULE,
                                    EtatOrdre.REFUSE, EtatOrdre.ATTENTE_TECHNIQUE}),
    EtatOrdre.EN_COURS: frozenset({EtatOrdre.ENVOYE, EtatOrdre.ATTENTE_TECHNIQUE,
                                   EtatOrdre.REFUSE, EtatOrdre.PROGRAMME}),
    EtatOrdre.ATTENTE_TECHNIQUE: frozenset({EtatOrdre.EN_COURS, EtatOrdre.PROGRAMME,
                                            EtatOrdre.RETENU, EtatOrdre.ANNULE,
                                            EtatOrdre.REFUSE}),
    EtatOrdre.REFUSE: frozenset({EtatOrdre.PROGRAMME, EtatOrdre.ANNULE}),
    EtatOrdre.ENVOYE: frozenset(),
    EtatOrdre.ANNULE: frozenset(),
}


class Destination(StrEnum):
    """Where an order goes."""

    DMP = "dmp"
    MSSANTE = "mssante"


@dataclass(frozen=True, slots=True)
class Etape:
    """One step of an order's life, for the screen. `horodatage` local ISO with offset."""

    horodatage: str
    etat: EtatOrdre
    texte: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Ordre:
    """An order of the outbox, as a value.

    `pas_avant` and `prochain_essai` are UTC ISO date-times; `motif` is the French sentence shown
    to the user, `code` the official code of the last refusal; `incertain` says that a former try
    may have reached the service (time-out after the request left): ask before sending again.
    """

    id: int
    destination: Destination
    document_id: int
    patient_id: int
    auteur_id: int
    etat: EtatOrdre
    pas_avant: str
    essais: int = 0
    prochain_essai: str = ""
    motif: str = ""
    code: str = ""
    remede: str = ""
    incertain: bool = False
    document_titre: str = ""
    patient_nom: str = ""
    etapes: tuple[Etape, ...] = ()
    cree_le: str = ""
    termine_le: str = ""
    version: int = 1
