"""« Météo » of the national services: what the status bar shows (design §7).

One breaker and one state per service. `sur_changement` is called in the thread that made the call.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.session import EtatService
from app.services.breaker import Disjoncteur, ReglageDisjoncteur
from app.services.errors import Indisponible, Refuse, Rejete, Remede
from app.services.noms import nom_service

Rappel = Callable[[EtatService], None]


class Meteo:
    """States of the services, fed by the calls.

    Args:
        sur_changement: called with the new state of a service, after each change.
        reglage: thresholds of the breakers.
        horloge: aware UTC clock, for the screen.
    """

    def __init__(self, sur_changement: Rappel | None = None, *,
                 reglage: ReglageDisjoncteur | None = None,
                 horloge: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._rappels: list[Rappel] = [] if sur_changement is None else [sur_changement]
        self._reglage = reglage
        self._horloge = horloge
        self._verrou = threading.Lock()
        self._circuits: dict[str, Disjoncteur] = {}
        self._etats: dict[str, EtatService] = {}

    def suivre(self, rappel: Rappel) -> None:
        """Add somebody to tell about changes."""
        with self._verrou:
            self._rappels.append(rappel)

    def etats(self) -> tuple[EtatService, ...]:
        """State of every service called so far, by name."""
        with self._verrou:
            return tuple(self._etats[nom] for nom in sorted(self._etats))

    def etat(self, service: str) -> EtatService:
        """State of one service; available, with an empty `depuis`, until a call told otherwise."""
        with self._verrou:
            return self._etats.get(service, EtatService(service))

    def entrer(self, service: str) -> None:
        """Ask before a call.

        Raises:
            Indisponible: the circuit is open; nothing was sent.
        """
        attente = self._circuit(service).attente()
        if attente > 0:
            raise Indisponible(
                f"{nom_service(service)} ne répond pas. Nouvel essai dans "
                f"{max(1, round(attente))} s.", service=service, code="DISJONCTEUR",
                remede=Remede.REESSAYER)

    def noter(self, service: str, erreur: BaseException | None) -> None:
        """Tell the outcome of a call: None for an answer, else what was raised."""
        circuit = self._circuit(service)
        if isinstance(erreur, Indisponible):
            pause = circuit.echec()
            self._poser(service, disponible=False, message=erreur.message, pause=pause)
        elif erreur is None or isinstance(erreur, Refuse | Rejete):
            # A refusal is an answer: the service is up.
            circuit.succes()
            self._poser(service, disponible=True, message="", pause=None)
        else:
            circuit.abandon()

    def abandonner(self, service: str) -> None:
        """The call ended before anything left: it tells nothing of the service."""
        self._circuit(service).abandon()

    def rearmer(self, service: str = "") -> None:
        """Let the next call of a service (or of all) through at once."""
        with self._verrou:
            circuits = [c for nom, c in self._circuits.items() if service in ("", nom)]
        for circuit in circuits:
            circuit.rearmer()

    def _circuit(self, service: str) -> Disjoncteur:
        with self._verrou:
            return self._circuits.setdefault(service, Disjoncteur(self._reglage))

    def _poser(self, service: str, *, disponible: bool, message: str,
               pause: float | None) -> None:
        maintenant = self._horloge()
        essai = "" if pause is None else _iso(maintenant + timedelta(seconds=pause))
        with self._verrou:
            ancien = self._etats.get(service)
            depuis = ancien.depuis if ancien and ancien.disponible == disponible \
                else _iso(maintenant)
            nouveau = EtatService(service, disponible, depuis, essai, message)
            self._etats[service] = nouveau
            # A date that moves forward alone isn't worth waking the window.
            change = ancien is None or replace(ancien, prochain_essai=essai) != nouveau \
                or bool(ancien.prochain_essai) != bool(essai)
            rappels = list(self._rappels) if change else []
        for rappel in rappels:
            rappel(nouveau)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
