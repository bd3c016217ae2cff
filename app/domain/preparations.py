"""Documents prepared by somebody for a professional, who alone validates them (LABEL.04).

The professional is the author; who typed is the `dataEnterer` of the CDA (`spec/cda.md` §1, n° 14).
"""

from dataclasses import dataclass
from enum import StrEnum


class GenrePreparation(StrEnum):
    """What is prepared: a letter (a draft) or a structured document (a form being filled)."""

    COURRIER = "courrier"
    FORMULAIRE = "formulaire"


class EtatPreparation(StrEnum):
    """Life of a prepared document."""

    EN_COURS = "en_cours"
    """Being typed."""
    A_VALIDER = "a_valider"
    """Handed over: who typed doesn't write in it any more."""
    RENVOYEE = "renvoyee"
    """Sent back with a reason: to be corrected."""
    INTERROMPUE = "interrompue"
    """The delegation ended while it was being typed: it is the professional's."""
    VALIDEE = "validee"
    ECARTEE = "ecartee"
    """Thrown away by one of the two."""


#: States in which who prepares may write.
OUVERTES = frozenset({EtatPreparation.EN_COURS, EtatPreparation.RENVOYEE})
#: States in which the text still exists.
VIVANTES = OUVERTES | {EtatPreparation.A_VALIDER, EtatPreparation.INTERROMPUE}


@dataclass(frozen=True, slots=True)
class Preparation:
    """Who prepares what for whom. `source_id` is the draft or the form; `motif` says why it was
    sent back; `document_id` what it became. Instants local ISO."""

    id: int
    genre: GenrePreparation
    source_id: int
    patient_id: int
    pour_id: int
    par_id: int
    titre: str
    etat: EtatPreparation = EtatPreparation.EN_COURS
    motif: str = ""
    cree_le: str = ""
    change_le: str = ""
    document_id: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class LignePreparation:
    """A prepared document as the lists show it.

    `sans_suite`: the delegation is over and the text isn't handed over: the professional takes it
    up. `source_version`: version of the text, 0 when it is gone. `patient_version`: version of the
    patient, whose identity the document carries.
    """

    preparation: Preparation
    patient: str
    par: str
    pour: str
    sans_suite: bool = False
    source_version: int = 0
    patient_version: int = 0

    @property
    def apparence(self) -> tuple[int, int, int, int]:
        """What the document shows depends on these; another value is another document to read."""
        return (self.preparation.id, self.preparation.version, self.source_version,
                self.patient_version)

    @property
    def attend(self) -> bool:
        """True when the professional has something to do with it."""
        return self.preparation.etat is EtatPreparation.A_VALIDER or self.sans_suite
