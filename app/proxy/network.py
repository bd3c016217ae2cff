"""Sockets of the outgoing connections, straight on asyncio.

httpx reaches asyncio through anyio, whose generality costs more than the rest of a call: attributes
looked up for each idle connection, cancel scopes around each read. These hundred lines replace that
layer; HTTP, TLS and the pool stay httpcore's (measured by `tests/bench/bench_proxy.py`).
"""

import asyncio
import importlib.util
import ssl
import sys
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

if importlib.util.find_spec("sniffio") is None:
    # httpcore looks for it at each lock; a failed import searches the whole path every time.
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

#: Bytes kept for a slow reader before the peer is asked to wait.
RESERVE = 1 << 18
#: A peer that doesn't answer our goodbye is left after this, seconds.
ADIEU_S = 2.0


class _Protocole(asyncio.Protocol):
    """Buffers what comes, with flow control both ways."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.tampon = bytearray()
        self.fini = False
        self.erreur: Exception | None = None
        self._lecteur: asyncio.Future[None] | None = None
        self._ecrivain: asyncio.Future[None] | None = None
        self._lecture_arretee = False
        self._ecriture_arretee = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.tampon += data
        if len(self.tampon) > RESERVE and not self._lecture_arretee and self.transport:
            self.transport.pause_reading()
            self._lecture_arretee = True
        self._reveiller()

    def eof_received(self) -> bool:
        self.fini = True
        self._reveiller()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.fini = True
        self.erreur = self.erreur or exc
        self._reveiller()
        self.resume_writing()

    def pause_writing(self) -> None:
        self._ecriture_arretee = True

    def resume_writing(self) -> None:
        self._ecriture_arretee = False
        if self._ecrivain is not None and not self._ecrivain.done():
            self._ecrivain.set_result(None)

    def _reveiller(self) -> None:
        if self._lecteur is not None and not self._lecteur.done():
            self._lecteur.set_result(None)

    async def lire(self, maximum: int) -> bytes:
        """Up to `maximum` bytes; b"" at the end."""
        while not self.tampon:
            if self.erreur is not None:
                raise self.erreur
            if self.fini:
                return b""
            self._lecteur = asyncio.get_running_loop().create_future()
            await self._lecteur
        morceau = bytes(self.tampon[:maximum])
        del self.tampon[:maximum]
        if self._lecture_arretee and len(self.tampon) < RESERVE // 2 and self.transport:
            self.transport.resume_reading()
            self._lecture_arretee = False
        return morceau

    async def ecrire(self, octets: bytes) -> None:
        """Send; waits while the peer is slow."""
        if self.fini or self.transport is None or self.transport.is_closing():
            raise self.erreur or ConnectionResetError("closed")
        self.transport.write(octets)
        while self._ecriture_arretee:
            self._ecrivain = asyncio.get_running_loop().create_future()
            await self._ecrivain
            if self.fini:
                raise self.erreur or ConnectionResetError("closed")


class _Flux(httpcore.AsyncNetworkStream):
    """One connection, as httpcore wants it."""

    def __init__(self, protocole: _Protocole) -> None:
        self._p = protocole

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._p.tampon:
            return await self._p.lire(max_bytes)
        try:
            async with asyncio.timeout(timeout):
                return await self._p.lire(max_bytes)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout from exc
        except OSError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            async with asyncio.timeout(timeout):
                await self._p.ecrire(buffer)
        except TimeoutError as exc:
            raise httpcore.WriteTimeout from exc
        except OSError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    async def aclose(self) -> None:
        if self._p.transport is not None:
            self._p.transport.close()

    async def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None,
                        timeout: float | None = None) -> httpcore.AsyncNetworkStream:
        transport = self._p.transport
        try:
            if transport is None or transport.is_closing():
                raise ConnectionResetError("closed")
            async with asyncio.timeout(timeout):
                nouveau = await asyncio.get_running_loop().start_tls(
                    transport, self._p, ssl_context, server_hostname=server_hostname,
                    ssl_shutdown_timeout=ADIEU_S)
            if nouveau is None:
                raise ConnectionResetError("closed during the handshake")
        except TimeoutError as exc:
            self._abandonner(transport)
            raise httpcore.ConnectTimeout from exc
        except OSError as exc:
            # ssl.SSLError is one of them.
            self._abandonner(transport)
            raise httpcore.ConnectError(str(exc)) from exc
        except asyncio.CancelledError:
            self._abandonner(transport)
            raise
        self._p.transport = nouveau
        return self

    @staticmethod
    def _abandonner(transport: asyncio.Transport | None) -> None:
        if transport is not None:
            transport.abort()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            # For an idle connection: closed by the peer, or speaking out of turn.
            return bool(self._p.tampon) or self._p.fini
        transport = self._p.transport
        if transport is None:
            return None
        noms = {"ssl_object": "ssl_object", "socket": "socket", "client_addr": "sockname",
                "server_addr": "peername"}
        return transport.get_extra_info(noms[info]) if info in noms else None


class _Reseau(httpcore.AsyncNetworkBackend):
    """Opens connections."""

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None,
                          local_address: str | None = None,
                          socket_options: Iterable[Any] | None = None) -> _Flux:
        try:
            async with asyncio.timeout(timeout):
                _, protocole = await asyncio.get_running_loop().create_connection(
                    _Protocole, host, port, happy_eyeballs_delay=0.25)
        except TimeoutError as exc:
            raise httpcore.ConnectTimeout from exc
        except OSError as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        return _Flux(protocole)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class _Http11(httpcore.AsyncHTTP11Connection):
    """httpcore's connection, more distrustful of what answers."""

    async def _receive_response_headers(self, request: httpcore.Request) -> Any:
        """The head of the answer, in the reading delay: provisional answers don't prolong it."""
        try:
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                return await super()._receive_response_headers(request)
        except TimeoutError as exc:
            raise httpcore.ReadTimeout from exc

    async def _response_closed(self) -> None:
        """A server that said more than one answer is left.

        What follows would be taken for the answer to the next call, perhaps somebody else's.
        """
        if self._h11_state.trailing_data[0]:
            await self.aclose()
        else:
            await super()._response_closed()


class _Lien(httpcore.AsyncHTTPConnection):
    """Connects, then speaks by `_Http11`."""

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        async with self._request_lock:
            if self._connection is None:
                try:
                    flux = await self._connect(request)
                except BaseException:
                    self._connect_failed = True
                    raise
                self._connection = _Http11(origin=self._origin, stream=flux,
                                           keepalive_expiry=self._keepalive_expiry)
        return await self._connection.handle_async_request(request)


class _Reserve(httpcore.AsyncConnectionPool):
    """httpcore's pool, of these connections."""

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        return _Lien(origin=origin, ssl_context=self._ssl_context,
                     keepalive_expiry=self._keepalive_expiry,
                     network_backend=self._network_backend)


class Transport(httpx.AsyncHTTPTransport):
    """httpx's transport on these sockets. TLS context and limits as given; no environment."""

    def __init__(self, contexte: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=contexte, trust_env=False)
        self._pool = _Reserve(
            ssl_context=contexte, max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry, network_backend=_Reseau())

    def busy(self) -> bool:
        """True while a call is under way."""
        return any(not (lien.is_idle() or lien.is_closed()) for lien in self._pool.connections)
