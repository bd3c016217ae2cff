"""The way out: what a client of a national service asks of the network.

A client builds bytes and reads bytes; a transport carries them with the authentication of its
strategy (`spec/ins.md` §4.2: cps_assertion, certificat_structure, psc_proxy). The Proxy e-santé
is the one of the house (`proxy_client.ProxyClient`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

#: Asked while waiting; True means that the user gave up.
Annulation = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Reponse:
    """An HTTP answer. `entetes` has lower-case names; `corps` holds the bytes received."""

    status: int
    content_type: str
    corps: bytes
    entetes: Mapping[str, str] = field(default_factory=dict)


class Transport(Protocol):
    """Sends one request and returns whatever HTTP answered, refusals of the service included."""

    strategie: str
    """How the caller is authenticated, kept in the journal of calls."""

    def envoyer(self, api: str, chemin: str, corps: bytes, content_type: str, *, delai: float,
                annule: Annulation | None = None) -> Reponse:
        """POST `corps` to an operation of a service.

        Args:
            api: symbolic name of the service (`insi`, `dmp`).
            chemin: path of the operation, with its leading slash.
            corps: the request.
            content_type: its media type.
            delai: longest wait for the whole answer, in seconds.
            annule: asked several times a second; True drops the call.

        Raises:
            Indisponible: no answer (`incertain` when the request had left).
            SessionExpiree: no session with the proxy, or a dead one.
            Annule: the user gave up.
            Invalide: the proxy doesn't know the service.
        """
        ...
