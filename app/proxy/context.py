"""What every route needs: configuration, sessions, journal, limits."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import Receive, Scope

from app.proxy.broker import Broker
from app.proxy.clock import Clock
from app.proxy.config import Config
from app.proxy.errors import ProxyError
from app.proxy.limits import Bucket, Peer, Peers
from app.proxy.metrics import Metrics
from app.proxy.outbound import Outbound
from app.proxy.psc import PscClient
from app.proxy.sessions import Session, SessionStore
from app.proxy.tls import Certificate
from app.proxy.traces import TraceLog

T = TypeVar("T")

COOKIE = "proxy_session_id"
#: Optional header of an LPS: SubjectNameID of the user it believes is there.
ENTETE_UTILISATEUR = b"x-pleiade-utilisateur"


class ClientGone(Exception):
    """The caller hung up before the answer."""


class Stopping(ProxyError):
    """The server is stopping: 503."""

    def __init__(self) -> None:
        super().__init__(503, "The server is stopping.", motif="arret",
                         headers={"Retry-After": "5", "Connection": "close"})


@dataclass(slots=True)
class Context:
    """Parts of a running proxy."""

    config: Config
    clock: Clock
    store: SessionStore
    outbound: Outbound
    psc: PscClient
    broker: Broker
    traces: TraceLog
    metrics: Metrics
    peers: Peers
    logins: Bucket
    solicitations: Bucket
    sends: Bucket
    public_url: str = ""
    """Base URL of this server, known once it is bound."""
    draining: bool = False
    """The server is stopping: no new work."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """What waits for a person gives up: the server can't wait any longer."""
    server_certificate: Callable[[], Certificate | None] = lambda: None
    """The certificate that the server shows now; None where something else ends TLS."""

    def certificates(self) -> list[tuple[str, Certificate]]:
        """Certificates in use, by client; the server's own as `serveur`."""
        serveur = self.server_certificate()
        propre = [] if serveur is None else [("serveur", serveur)]
        return [*propre, *self.outbound.certificates()]

    def peer(self, scope: Scope) -> Peer:
        """Where the request comes from."""
        return self.peers.of(scope)

    async def session(self, scope: Scope) -> Session | None:
        """The live session that the cookie names, or None.

        Two different cookies of that name are none: one of them was planted.
        """
        valeurs = set()
        for nom, valeur in scope["headers"]:
            if nom == b"cookie":
                for morceau in valeur.split(b";"):
                    cle, egal, contenu = morceau.strip().partition(b"=")
                    if egal and cle == COOKIE.encode():
                        valeurs.add(contenu.strip(b'"'))
        if len(valeurs) != 1:
            return None
        numero = valeurs.pop()
        if not 16 <= len(numero) <= 128 or not numero.isascii():
            return None
        session = await self.store.get(numero.decode("ascii"))
        if session is not None and session.poste != scope.get("pleiade.poste", ""):
            # The cookie left the workstation whose certificate opened it.
            scope["pleiade.motif"] = "autre_poste"
            self.metrics.count("refused_total", limit="autre_poste")
            return None
        return session

    async def require_session(self, scope: Scope, message: str = "No session found.") -> Session:
        """The live session.

        Raises:
            ProxyError: 401 without one; 403 when the LPS says that somebody else is at work.
        """
        session = await self.session(scope)
        if session is None:
            raise ProxyError(401, message, motif="sans_session")
        attendu = next((v for n, v in scope["headers"] if n == ENTETE_UTILISATEUR), None)
        if attendu is not None and attendu.decode("latin-1") != session.subject:
            raise ProxyError(403, "The session belongs to another user.", motif="autre_utilisateur")
        return session


def context(request: Request) -> Context:
    """The context of the application that serves a request."""
    valeur = request.app.state.context
    assert isinstance(valeur, Context)
    return valeur


async def while_connected(receive: Receive, body_read: Awaitable[Any],
                          work: Coroutine[Any, Any, T],
                          stop: asyncio.Event | None = None) -> T:
    """Do `work`, but give it up when the caller hangs up, or at `stop`.

    Args:
        body_read: done once the body of the request was read (what `receive` gives next is the
            end of the connection).

    Raises:
        ClientGone: the caller left; `work` was cancelled.
        Stopping: the server stops; `work` was cancelled.
    """
    async def watch() -> None:
        await body_read
        while (await receive())["type"] != "http.disconnect":
            pass

    tache = asyncio.ensure_future(work)
    guet = asyncio.ensure_future(watch())
    travaux: set[asyncio.Future[Any]] = {tache, guet}
    if stop is not None:
        travaux.add(asyncio.ensure_future(stop.wait()))
    try:
        await asyncio.wait(travaux, return_when=asyncio.FIRST_COMPLETED)
        if tache.done():
            return tache.result()
        if guet.done():
            raise ClientGone
        raise Stopping
    finally:
        for travail in travaux:
            if not travail.done():
                travail.cancel()
                with suppress(asyncio.CancelledError, ClientGone, ProxyError):
                    await travail
