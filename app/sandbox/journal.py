"""Journal of the calls received, bounded, in memory. Holds no token."""

from collections import deque
from typing import Any

from app.sandbox.horloge import Horloge

_TAILLE = 5000


class Journal:
    """The last calls, oldest first. Everything in it is fictive."""

    def __init__(self, horloge: Horloge) -> None:
        self._horloge = horloge
        self._lignes: deque[dict[str, Any]] = deque(maxlen=_TAILLE)
        self._numero = 0

    def noter(self, service: str, operation: str, **details: Any) -> dict[str, Any]:
        """Add one line and return it; the caller may complete it while the call lasts."""
        self._numero += 1
        ligne = {"n": self._numero,
                 "horodatage": self._horloge.utc().isoformat(timespec="milliseconds"),
                 "service": service, "operation": operation, **details}
        self._lignes.append(ligne)
        return ligne

    def lister(self, service: str = "", operation: str = "", depuis: int = 0
               ) -> list[dict[str, Any]]:
        """Lines of a service, of an operation, with a number above `depuis`."""
        return [ligne for ligne in self._lignes
                if ligne["n"] > depuis
                and (not service or ligne["service"] == service)
                and (not operation or ligne["operation"] == operation)]

    def vider(self) -> None:
        """Forget everything; numbers go on."""
        self._lignes.clear()
