"""A small client of Redis or Valkey (protocol RESP2): one connection, requests in a row.

Only what the session store needs. Commands are written as they come and answered in order, so that
many coroutines share the connection without waiting for each other.
"""

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.proxy.sessions import StoreDown

Value = bytes | int | None | list["Value"]

#: A command that takes longer is given up, and the connection with it.
DELAI_S = 3.0
#: Larger than any answer we ask for: one value, a list, lists in lists.
OCTETS_MAX = 1 << 20
ELEMENTS_MAX = 200_000
PROFONDEUR_MAX = 2


class RespError(Exception):
    """The server refused a command."""


@dataclass(frozen=True, slots=True)
class Address:
    """`redis://[utilisateur@]hôte:port/base` or `rediss://…` (TLS)."""

    host: str
    port: int
    database: int
    tls: bool
    user: str = ""

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read an address of the configuration."""
        morceaux = urlsplit(url)
        base = unquote(morceaux.path.strip("/"))
        return cls(morceaux.hostname or "127.0.0.1", morceaux.port or 6379,
                   int(base) if base.isdigit() else 0, morceaux.scheme == "rediss",
                   unquote(morceaux.username or ""))


class _Lien:
    """One connection, and the answers awaited on it: those of another are never taken for them."""

    def __init__(self, lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        self._ecrivain = ecrivain
        self._attendus: deque[asyncio.Future[Value]] = deque()
        self._lecture = asyncio.get_running_loop().create_task(self._lire(lecteur))

    @property
    def ouvert(self) -> bool:
        """False once it ended, by the server or by us."""
        return not (self._ecrivain.is_closing() or self._lecture.done())

    async def envoyer(self, words: tuple[str | bytes | int | float, ...]) -> Value:
        """One command, one answer."""
        if not self.ouvert:
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
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError,
                IndexError):
            # The end, or an answer that is none: nothing after it can be trusted.
            self._abandonner()

    def fermer(self) -> None:
        """Close; whoever still waits hears that there will be no answer."""
        self._lecture.cancel()
        self._abandonner()

    def _abandonner(self) -> None:
        self._ecrivain.close()
        while self._attendus:
            futur = self._attendus.popleft()
            if not futur.done():
                futur.set_exception(ConnectionResetError())


class Resp:
    """The connection; made at first use and again after a failure."""

    def __init__(self, address: Address, password: str = "", ca: Path | None = None) -> None:
        self._address = address
        self._password = password
        self._contexte: ssl.SSLContext | None = None
        if address.tls:
            self._contexte = ssl.create_default_context(cafile=None if ca is None else str(ca))
            self._contexte.minimum_version = ssl.TLSVersion.TLSv1_2
        self._lien: _Lien | None = None
        self._verrou = asyncio.Lock()

    async def command(self, *words: str | bytes | int | float) -> Value:
        """Run one command.

        Raises:
            StoreDown: no connection, no answer in time.
            RespError: the server refuses.
        """
        lien: _Lien | None = None
        try:
            async with asyncio.timeout(DELAI_S):
                lien = await self._ouvrir()
                return await lien.envoyer(words)
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as exc:
            if lien is not None:
                # Answers to what was given up must not be waited for by others.
                lien.fermer()
            raise StoreDown(type(exc).__name__) from exc

    async def _ouvrir(self) -> _Lien:
        if self._lien is not None and self._lien.ouvert:
            return self._lien
        async with self._verrou:
            if self._lien is not None and self._lien.ouvert:
                return self._lien
            lien = _Lien(*await asyncio.open_connection(
                self._address.host, self._address.port, ssl=self._contexte))
            try:
                await self._se_presenter(lien)
            except RespError as exc:
                lien.fermer()
                raise ConnectionRefusedError(str(exc)) from exc
            except BaseException:
                lien.fermer()
                raise
            # Only now: a command of somebody else would run before us, in another database.
            self._lien = lien
            return lien

    async def _se_presenter(self, lien: _Lien) -> None:
        if self._password:
            qui = (self._address.user,) if self._address.user else ()
            await lien.envoyer(("AUTH", *qui, self._password))
        if self._address.database:
            await lien.envoyer(("SELECT", self._address.database))

    async def aclose(self) -> None:
        """Close the connection."""
        if self._lien is not None:
            self._lien.fermer()
            self._lien = None


async def _valeur(lecteur: asyncio.StreamReader, profondeur: int = 0) -> Value | RespError:
    """One answer.

    Raises:
        ValueError: not RESP2, or larger than any answer we ask for.
    """
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
        if longueur > OCTETS_MAX:
            raise ValueError("RESP")
        return None if longueur < 0 else (await lecteur.readexactly(longueur + 2))[:-2]
    if genre == b"*":
        nombre = int(reste)
        if nombre > ELEMENTS_MAX or profondeur >= PROFONDEUR_MAX:
            raise ValueError("RESP")
        return [_sans_erreur(await _valeur(lecteur, profondeur + 1))
                for _ in range(max(nombre, 0))]
    raise ValueError("RESP")


def _sans_erreur(valeur: Value | RespError) -> Value:
    return None if isinstance(valeur, RespError) else valeur
