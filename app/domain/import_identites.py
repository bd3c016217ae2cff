"""What an import of identities would do, line by line, before anything is written."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.identity import Traits
from app.domain.patient import Contact


class ActionImport(StrEnum):
    """Fate of a line."""

    CREER = "creer"
    DOUBLON = "doublon"
    """Looks like a known patient: created (homonyme) only when the user says so."""
    CONNU = "connu"
    """Already in the file: left as it is."""
    REFUSER = "refuser"
    """A mandatory trait is missing or wrong."""


@dataclass(frozen=True, slots=True)
class LigneImport:
    """One line. `messages` are French sentences; `patient_id` the known look-alike, or None."""

    numero: int
    action: ActionImport
    traits: Traits
    contact: Contact = field(default_factory=Contact)
    messages: tuple[str, ...] = ()
    patient_id: int | None = None


@dataclass(frozen=True, slots=True)
class EssaiImport:
    """A dry run: nothing was written. `patients` is how many the file had then."""

    nom: str
    format: str
    lignes: tuple[LigneImport, ...]
    patients: int

    def compter(self, action: ActionImport) -> int:
        """Lines of one fate."""
        return sum(1 for ligne in self.lignes if ligne.action is action)


@dataclass(frozen=True, slots=True)
class BilanImport:
    """What was written."""

    crees: int
    laisses: int
