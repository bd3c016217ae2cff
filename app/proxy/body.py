"""The body of a request on its way to an API (`spec/psc.md` §4.3): never whole in memory."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope

from app.proxy.context import ClientGone
from app.proxy.errors import ProxyError


class Body:
    """The body of a request, read once from the caller and replayable while small."""

    def __init__(self, receive: Receive, *, maximum: int, replay: int) -> None:
        self._receive = receive
        self._maximum = maximum
        self._replay = replay
        self._garde = bytearray()
        self._lus = 0
        self.read = asyncio.Event()
        """Set once the whole body came."""

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._lus

    @property
    def replayable(self) -> bool:
        """True when the whole body came and was kept."""
        return self.read.is_set() and self._lus == len(self._garde)

    def chunks(self) -> AsyncIterator[bytes]:
        """The body, from its beginning."""
        return self._rejouer() if self.read.is_set() else self._lire()

    async def _rejouer(self) -> AsyncIterator[bytes]:
        yield bytes(self._garde)

    async def _lire(self) -> AsyncIterator[bytes]:
        while not self.read.is_set():
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            morceau = message.get("body", b"")
            self._lus += len(morceau)
            if self._lus > self._maximum:
                raise ProxyError(413, "Content Too Large.", motif="corps_trop_long")
            if self._lus <= self._replay:
                self._garde += morceau
            else:
                self._garde.clear()
            if not message.get("more_body", False):
                self.read.set()
            if morceau:
                yield morceau


def incoming(scope: Scope, receive: Receive, maximum: int,
             rejeu: int) -> tuple[Body | None, bytes | None]:
    """The body of a request, if it has one, and its announced length.

    Args:
        maximum: bytes accepted.
        rejeu: bytes kept so that the call can be made again.

    Raises:
        ProxyError: 400 for a length that is none, 413 for too much.
    """
    longueur = None
    decoupe = False
    for nom, valeur in scope["headers"]:
        if nom == b"content-length":
            longueur = valeur
        elif nom == b"transfer-encoding":
            decoupe = True
    if longueur is not None and not decoupe:
        if not longueur.isdigit():
            raise ProxyError(400, "Bad Content-Length.")
        if int(longueur) > maximum:
            raise ProxyError(413, "Content Too Large.", motif="corps_trop_long")
    if not decoupe and (longueur is None or int(longueur) == 0):
        return None, longueur
    return Body(receive, maximum=maximum, replay=rejeu), None if decoupe else longueur
