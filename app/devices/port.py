"""The port behind which every source of cartes Vitale stands (`spec/cards.md` §0, §1.7).

Today: the open reading by PC/SC (`pcsc`), the vendor's library « API de lecture Vitale »
(`api_lec`), and the software card of the bac à sable (`logicielle`). An ApCV component would be
one more.
"""

from collections.abc import Callable
from typing import Protocol

from app.devices.apdu import Transmettre
from app.devices.events import EvenementLecteur
from app.domain.identity import Beneficiaire

Rappel = Callable[[EvenementLecteur], None]
"""Called from a thread of the source, one event at a time; must not block."""


class LecteurVitale(Protocol):
    """A source of events."""

    agree: bool
    """True when the path is approved by GIE SESAM-Vitale; shown in the settings."""

    def demarrer(self, rappel: Rappel | None = None) -> None:
        """Begin; returns at once. `rappel` replaces the one given before."""

    def arreter(self) -> None:
        """End; no event comes after it returns."""


class Lecture(Protocol):
    """How to read the card that a PC/SC reader just got."""

    agree: bool
    directe: bool
    """True when it talks to the card itself, through `transmettre`; False when a library does."""

    def lire(self, lecteur: str, transmettre: Transmettre | None) -> list[Beneficiaire]:
        """Read the beneficiaries.

        Raises:
            ErreurCarte: with the message for the user.
        """
