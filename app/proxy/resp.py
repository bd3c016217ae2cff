"""A small client of Redis or Valkey (protocol RESP2): one connection, requests in a row.

Only what the session store needs. Commands are written as they come and answered in order, so that
many coroutines share the connection without waiting for each other.
"""

import asyncio
import ssl
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from app.proxy.sessions import StoreDown

Value = bytes | int | None | list["Value"]

#: A command that takes longer is given up, and the connection with it.
DELAI_S = 3.0


class RespError(Exception):
    """The server refused a command."""


@dataclass(frozen=True, slots=True)
class Address:
    """`redis://hôte:port/base` or `rediss://…` (TLS)."""

    host: str
    port: int
    database: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read an address of the configuration."""
        morceaux = urlsplit(url)
        base = unquote(morceaux.path.strip("/"))
        return cls(morceaux.hostname or "127.0.0.1", morceaux.port or 6379,
                   int(base) if base.isdigit() else 0, morceaux.scheme == "rediss")


class Resp:
    """The connection; made at first use and again after a failure."""

    def __init__(self, address: Address, password: str = "") -> None:
        self._address = address
        self._password = password
        self._ecrivain: asyncio.StreamWriter | None = None
        self._lecture: asyncio.Task[None] | None = None
        self._attendus: deque[asyncio.Future[Value]] = deque()
        self._verrou = asyncio.Lock()

    async def command(self, *words: str | bytes | int | float) -> Value:
        """Run one command.

        Raises:
            StoreDown: no connection, no answer in time.
            RespError: the server refuses.
        """
        try:
            async with asyncio.timeout(DELAI_S):
                await self._ouvrir()
                return await self._envoyer(words)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as exc:
            await self._couper()
            raise StoreDown(type(exc).__name__) from exc

    async def _ouvrir(self) -> None:
        if self._ecrivain is not None:
            return
        async with self._verrou:
            if self._ecrivain is not None:
                return
            contexte = ssl.create_default_context() if self._address.tls else None
            lecteur, ecrivain = await asyncio.open_connection(
                self._address.host, self._address.port, ssl=contexte)
            self._ecrivain = ecrivain
            self._lecture = asyncio.get_running_loop().create_task(self._lire(lecteur))
            try:
                if self._password:
                    await self._envoyer(("AUTH", self._password))
                if self._address.database:
                    await self._envoyer(("SELECT", self._address.database))
            except RespError as exc:
                raise ConnectionRefusedError(str(exc)) from exc

    async def _envoyer(self, words: tuple[str | bytes | int | float, ...]) -> Value:
        if self._ecrivain is None:
            raise ConnectionResetError
        paquet = [b"*%d\r\n" % len(words)]
        for mot in words:
            octets = mot if isinstance(mot, bytes) else str(mot).encode()
            paquet.append(b"$%d\r\n%s\r\n" % (len(octets), octets))
        futur: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._attendus.append(futur)
        self._ecrivain.write(b"".join(paquet))
        await self._ecrivain.drain()
        return await futur

    async def _lire(self, lecteur: asyncio.StreamReader) -> None:
        try:
            while True:
                valeur = await _valeur(lecteur)
                futur = self._attendus.popleft()
                if futur.done():
                    continue
                if isinstance(valeur, RespError):
                    futur.set_exception(valeur)
                else:
                    futur.set_result(valeur)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            self._abandonner()

    def _abandonner(self) -> None:
        if self._ecrivain is not None:
            self._ecrivain.close()
            self._ecrivain = None
        while self._attendus:
            futur = self._attendus.popleft()
            if not futur.done():
                futur.set_exception(ConnectionResetError())

    async def _couper(self) -> None:
        """Forget the connection: answers of abandoned commands must not be taken for others'."""
        lecture, self._lecture = self._lecture, None
        self._abandonner()
        if lecture is not None:
            lecture.cancel()
            with suppress(asyncio.CancelledError):
                await lecture

    async def aclose(self) -> None:
        """Close the connection."""
        await self._couper()


async def _valeur(lecteur: asyncio.StreamReader) -> Value | RespError:
    ligne = (await lecteur.readuntil(b"\r\n"))[:-2]
    genre, reste = ligne[:1], ligne[1:]
    if genre == b"+":
        return reste
    if genre == b"-":
        return RespError(reste.decode("utf-8", "replace"))
    if genre == b":":
        return int(reste)
    if genre == b"$":
        longueur = int(reste)
        return None if longueur < 0 else (await lecteur.readexactly(longueur + 2))[:-2]
    if genre == b"*":
        return [_sans_erreur(await _valeur(lecteur)) for _ in range(max(int(reste), 0))]
    raise ValueError("RESP")


def _sans_erreur(valeur: Value | RespError) -> Value:
    return None if isinstance(valeur, RespError) else valeur
