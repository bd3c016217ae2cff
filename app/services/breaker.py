"""A circuit breaker: a service that is down is left alone for a while (design §7).

After `seuil` failed calls in a row the circuit opens: calls fail at once, without waiting for a
time-out each. After a pause one call is let through; it closes the circuit or opens it again for
twice as long, within `pause_max_s`. Every pause gets a share of chance, so that the workstations
of a practice don't come back together.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReglageDisjoncteur:
    """`seuil`: failures in a row; pauses in seconds."""

    seuil: int = 3
    pause_s: float = 10.0
    pause_max_s: float = 120.0


class Disjoncteur:
    """Thread-safe state of one circuit. `horloge` is monotonic, in seconds."""

    def __init__(self, reglage: ReglageDisjoncteur | None = None, *,
                 horloge: Callable[[], float] = time.monotonic,
                 alea: Callable[[], float] = random.random) -> None:
        self._reglage = reglage or ReglageDisjoncteur()
        self._horloge = horloge
        self._alea = alea
        self._verrou = threading.Lock()
        self._echecs = 0
        self._ouvertures = 0
        self._reprise: float | None = None
        self._sonde = False

    def attente(self) -> float:
        """Seconds before a call may leave; 0 lets the caller go (and counts it as the probe)."""
        with self._verrou:
            if self._reprise is None:
                return 0.0
            reste = self._reprise - self._horloge()
            if reste > 0:
                return reste
            if self._sonde:
                # Somebody is probing: this one waits for the outcome.
                return 1.0
            self._sonde = True
            return 0.0

    def succes(self) -> None:
        """The service answered, be it a refusal."""
        with self._verrou:
            self._echecs = self._ouvertures = 0
            self._reprise, self._sonde = None, False

    def echec(self) -> float | None:
        """The service didn't answer. Returns the pause in seconds when the circuit is open."""
        with self._verrou:
            self._echecs += 1
            self._sonde = False
            if self._echecs < self._reglage.seuil:
                return None
            pause = min(self._reglage.pause_s * float(2 ** min(self._ouvertures, 20)),
                        self._reglage.pause_max_s)
            pause *= 0.8 + 0.4 * self._alea()
            self._ouvertures += 1
            self._reprise = self._horloge() + pause
            return pause

    def abandon(self) -> None:
        """The call ended without telling anything (the user gave up): the probe is free again."""
        with self._verrou:
            self._sonde = False

    def rearmer(self) -> None:
        """Let the next call through at once: the user asks, or the network came back."""
        with self._verrou:
            if self._reprise is not None:
                self._reprise, self._sonde = self._horloge(), False
