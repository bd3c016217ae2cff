"""What an unlocked file holds to call without the proxy: open clients, the CPS whose PIN was given.

In memory only: the keys of the structure stay in the file, that of the card in its chip.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.domain.people import SituationExercice
from app.services.signature import Signataire
from app.services.tls_carte import CleTls
from app.services.transport_direct import TransportDirect

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CpsOuverte:
    """A CPS whose PIN was given: who holds it, and its keys (never the PIN).

    `tls` opens the DMP, None on a card without that key. `situations` are those written on the
    card; `situation` the one in which the holder acts, None while it is to be chosen.
    """

    identifiant: str
    nom: str
    porteur: str
    signataire: Signataire
    fermer: Callable[[], None]
    tls: CleTls | None = None
    situations: tuple[SituationExercice, ...] = ()
    situation: SituationExercice | None = None


@dataclass
class Directs:
    """Clients that don't go through the proxy, for one unlocked file. Guarded by `verrou`."""

    verrou: threading.Lock = field(default_factory=threading.Lock)
    carte: CpsOuverte | None = None
    """The card that was opened, even if it has left since."""
    carte_perdue: bool = False
    _clients: dict[tuple[object, ...], tuple[TransportDirect, object]] = field(
        default_factory=dict)

    @property
    def cps(self) -> CpsOuverte | None:
        """The open card; None without one, or once it left."""
        return None if self.carte_perdue else self.carte

    @cps.setter
    def cps(self, cps: CpsOuverte | None) -> None:
        self.carte, self.carte_perdue = cps, False

    def perdre(self) -> None:
        """The card no longer answers: nothing is done with it until it is opened again."""
        self.carte_perdue = True

    def oublier(self, *genres: str) -> None:
        """Close the clients of these kinds."""
        with self.verrou:
            partis = [self._clients.pop(k)[0] for k in list(self._clients) if k[0] in genres]
        for transport in partis:
            transport.fermer()

    def client(self, cle: tuple[object, ...],
               faire: Callable[[], tuple[TransportDirect, T]]) -> T:
        """The client of these settings; those of former ones of the same kind are closed."""
        with self.verrou:
            if cle not in self._clients:
                fait = faire()
                for autre in [k for k in self._clients if k[0] == cle[0]]:
                    self._clients.pop(autre)[0].fermer()
                self._clients[cle] = fait
            return self._clients[cle][1]  # type: ignore[return-value]

    def fermer(self) -> None:
        """Close the connections and the card."""
        with self.verrou:
            clients, self._clients = list(self._clients.values()), {}
            cps, self.carte = self.carte, None
        for transport, _ in clients:
            transport.fermer()
        if cps is not None:
            cps.fermer()
