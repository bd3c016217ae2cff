"""One call of a national service: breaker, retries, journal (design §7).

Retries happen only where the operation can be repeated without effect, with a growing and partly
random pause, and only while the time allowed for the call lasts. Every try has its own MessageID
and its own assertion: a service refuses a MessageID seen twice.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from app.services.errors import Annule, ErreurService, Indisponible
from app.services.meteo import Meteo
from app.services.transport import Annulation, Reponse, Transport

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Requete:
    """What goes on the wire."""

    corps: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class TraceAppel:
    """One call, for the journal (`spec/dmp.md` §18, `spec/ins.md` rules 37 and 48).

    Neither matricule nor content: whoever writes the trail knows the patient. `debut` is UTC ISO,
    `duree_ms` milliseconds, `resultat` « ok » or the name of the error, `code` the official code,
    `emetteur` the national id carried, `strategie` how it was authenticated (psc_proxy…).
    """

    service: str
    transaction: str
    message_id: str
    debut: str
    duree_ms: int
    resultat: str
    code: str
    emetteur: str
    strategie: str
    mode: str = ""
    unique_ids: tuple[str, ...] = ()


Journal = Callable[[TraceAppel], None]


@dataclass(frozen=True, slots=True)
class Operation:
    """What is called, and how.

    `delai` in seconds for the whole answer; `idempotente` allows retries.
    """

    transaction: str
    chemin: str
    delai: float
    idempotente: bool = True
    emetteur: str = ""
    mode: str = ""
    unique_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reprises:
    """How a call is tried again: at most `nombre` times, from `pause_s` doubling each time."""

    nombre: int = 3
    pause_s: float = 0.25
    pause_max_s: float = 2.0


class Appelant:
    """Calls one service.

    Args:
        transport: the way out.
        service: short name, also that of the API behind the transport.
        meteo: breakers and states; that of the transport by default.
        journal: told about every try.
        reprises: how often to try again.
    """

    def __init__(self, transport: Transport, service: str, *, meteo: Meteo | None = None,
                 journal: Journal | None = None, reprises: Reprises | None = None) -> None:
        partagee = getattr(transport, "meteo", None)
        self.meteo = meteo or (partagee if isinstance(partagee, Meteo) else Meteo())
        self.journal = journal
        self._transport = transport
        self._service = service
        self._reprises = reprises or Reprises()
        self._hasard = random.Random()

    @property
    def strategie(self) -> str:
        """How the transport authenticates the caller."""
        return str(getattr(self._transport, "strategie", ""))

    def appeler(self, operation: Operation, fabriquer: Callable[[str], Requete],
                lire: Callable[[Reponse, str], T], identifiant: Callable[[], str], *,
                annule: Annulation | None = None) -> T:
        """Call and read.

        Args:
            operation: what is called.
            fabriquer: builds the request for a MessageID.
            lire: reads the answer to that MessageID; raises an error of the family.
            identifiant: gives a fresh MessageID.
            annule: True gives up.

        Raises:
            ErreurService: whatever went wrong, in French.
        """
        fin = time.monotonic() + operation.delai
        essai = 0
        self.meteo.entrer(self._service)
        while True:
            message_id = identifiant()
            try:
                requete = fabriquer(message_id)
            except BaseException:
                self.meteo.abandonner(self._service)
                raise
            try:
                resultat = self._essayer(operation, requete, lire, message_id, annule)
            except ErreurService as erreur:
                pause = self._pause(essai)
                if (not isinstance(erreur, Indisponible) or not operation.idempotente
                        or essai >= self._reprises.nombre or time.monotonic() + pause >= fin):
                    self.meteo.noter(self._service, erreur)
                    raise
                self._dormir(pause, annule, erreur)
                essai += 1
            except BaseException as erreur:
                self.meteo.noter(self._service, erreur)
                raise
            else:
                self.meteo.noter(self._service, None)
                return resultat

    def _essayer(self, operation: Operation, requete: Requete,
                 lire: Callable[[Reponse, str], T], message_id: str,
                 annule: Annulation | None) -> T:
        debut, depart = datetime.now(UTC), time.monotonic()
        resultat, code = "echec", ""
        try:
            reponse = self._transport.envoyer(
                self._service, operation.chemin, requete.corps, requete.content_type,
                delai=operation.delai, annule=annule)
            lu = lire(reponse, message_id)
            resultat = "ok"
            return lu
        except ErreurService as erreur:
            erreur.service = erreur.service or self._service
            erreur.reference = erreur.reference or message_id
            resultat, code = type(erreur).__name__, erreur.code
            raise
        finally:
            if self.journal is not None:
                self.journal(TraceAppel(
                    service=self._service, transaction=operation.transaction,
                    message_id=message_id, debut=debut.isoformat(timespec="milliseconds"),
                    duree_ms=round((time.monotonic() - depart) * 1000), resultat=resultat,
                    code=code, emetteur=operation.emetteur,
                    strategie=self.strategie, mode=operation.mode,
                    unique_ids=operation.unique_ids))

    def _pause(self, essai: int) -> float:
        base = min(self._reprises.pause_s * float(2 ** essai), self._reprises.pause_max_s)
        return base * (0.5 + self._hasard.random())

    def _dormir(self, pause: float, annule: Annulation | None, erreur: ErreurService) -> None:
        """Wait before the next try, watching for the user."""
        fin = time.monotonic() + pause
        repos = threading.Event()
        while (reste := fin - time.monotonic()) > 0:
            if annule is not None and annule():
                abandon = Annule("Vous avez interrompu la demande.", service=self._service)
                self.meteo.noter(self._service, abandon)
                raise abandon from erreur
            repos.wait(min(0.05, reste))
