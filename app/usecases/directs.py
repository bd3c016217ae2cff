"""What an unlocked file holds to call without the proxy: open clients, the CPS whose PIN was given.

In memory only: the keys of the structure stay in the file, that of the card in its chip.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from app.services.signature import Signataire
from app.services.transport_direct import TransportDirect

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CpsOuverte:
    """A CPS whose PIN was given: who holds it, and its signature key (never the PIN)."""

    identifiant: str
    nom: str
    porteur: str
    signataire: Signataire
    fermer: Callable[[], None]


@dataclass
class Directs:
    """Clients that don't go through the proxy, for one unlocked file. Guarded by `verrou`."""

    verrou: threading.Lock = field(default_factory=threading.Lock)
    cps: CpsOuverte | None = None
    _clients: dict[tuple[object, ...], tuple[TransportDirect, object]] = field(
        default_factory=dict)

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
            cps, self.cps = self.cps, None
        for transport, _ in clients:
            transport.fermer()
        if cps is not None:
            cps.fermer()
