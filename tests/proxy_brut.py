"""A TLS server and a TLS caller that speak in bytes: what a well-behaved library can't say.

`ApiBrute` notes exactly what the proxy sends to an API, and answers what a test dictates.
`echanger` sends bytes to the proxy and gives back whatever comes.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from proxy_amont import Amont

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Repondre = Callable[[ssl.SSLSocket, bytes], None]


def en_octets(reponse: bytes) -> Repondre:
    """An answer that is always these bytes."""
    return lambda lien, _: lien.sendall(reponse)


class ApiBrute:
    """One API, one connection a thread; give `repondre` what it must answer."""

    def __init__(self, dossier: Path) -> None:
        self.recus: list[bytes] = []
        """Requests, to the byte; also one that wasn't complete when its connection ended."""
        self.repondre: Repondre = en_octets(OK)
        self._contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._contexte.load_cert_chain(dossier / "amont.pem", dossier / "amont.key")
        self._ecoute = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._ecoute.getsockname()[1]}/base"
        self._fils = [threading.Thread(target=self._accepter, daemon=True)]

    def __enter__(self) -> "ApiBrute":
        self._fils[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._ecoute.shutdown(socket.SHUT_RDWR)
        self._ecoute.close()
        for fil in self._fils:
            fil.join(30)

    def _accepter(self) -> None:
        with suppress(OSError):
            while True:
                prise, _ = self._ecoute.accept()
                fil = threading.Thread(target=self._servir, args=(prise,), daemon=True)
                self._fils.append(fil)
                fil.start()

    def _servir(self, prise: socket.socket) -> None:
        prise.settimeout(60)
        reste = b""
        with suppress(OSError), self._contexte.wrap_socket(prise, server_side=True) as lien:
            while morceau := lien.recv(65536):
                reste += morceau
                while fin := _fin(reste):
                    requete, reste = reste[:fin], reste[fin:]
                    self.recus.append(requete)
                    self.repondre(lien, requete)
        if reste:
            self.recus.append(reste)


def _fin(recu: bytes) -> int:
    """Where the first request ends, 0 when it isn't complete."""
    entetes, fin, corps = recu.partition(b"\r\n\r\n")
    if not fin:
        return 0
    debut = len(entetes) + 4
    bas = entetes.lower() + b"\r\n"
    if b"\r\ntransfer-encoding: chunked\r\n" in bas:
        place = corps.find(b"0\r\n\r\n")
        return debut + place + 5 if place >= 0 else 0
    longueur = int(bas.partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0] or 0)
    return debut + longueur if len(corps) >= longueur else 0


@contextmanager
def connexion(amont: Amont, url: str, delai: float = 30.0) -> Iterator[ssl.SSLSocket]:
    """A TLS connection to the proxy; `delai` (seconds) is the most it waits for one answer."""
    contexte = ssl.create_default_context(cafile=amont.dossier / "ca.pem")
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=delai) as prise, \
            contexte.wrap_socket(prise, server_hostname="127.0.0.1") as tls:
        yield tls


def echanger(amont: Amont, url: str, *morceaux: bytes | float, delai: float = 30.0) -> bytes:
    """Send pieces to the proxy (a number is a pause, seconds); gives everything that comes back."""
    recu = b""
    with connexion(amont, url, delai) as tls, \
            suppress(TimeoutError, ConnectionError, ssl.SSLError):
        for morceau in morceaux:
            if isinstance(morceau, bytes):
                tls.sendall(morceau)
            else:
                time.sleep(morceau)
        while octets := tls.recv(65536):
            recu += octets
    return recu


def statuts(reponses: bytes) -> Sequence[int]:
    """Statuses of the answers in a row of bytes."""
    return [int(ligne[:3]) for ligne in reponses.split(b"HTTP/1.1 ")[1:]]
