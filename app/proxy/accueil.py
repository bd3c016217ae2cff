"""Where connections come in: who calls, how many at once, and TLS with the certificate of the day.

asyncio's own server keeps one TLS context for ever and knows only the address of the neighbour.
Here each connection takes the context in force (rotation without a restart), and behind a balancer
that passes TCP on, its first bytes may say who really calls (PROXY protocol, versions 1 and 2).
"""

import asyncio
import hashlib
import ipaddress
import logging
import socket
import struct
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from app.proxy import tls
from app.proxy.config import Config
from app.proxy.limits import Peer, Peers
from app.proxy.metrics import Metrics
from app.proxy.protocol import ADIEU_S, BoundedProtocol

journal = logging.getLogger("pleiade.proxy.accueil")

Adresse = tuple[str, int]

_V2 = b"\r\n\r\n\x00\r\nQUIT\n"
_V1_MAX = 107
_V2_MAX = 1024
#: Pause when the system has no descriptor left, seconds.
REPIT_S = 0.5
ATTENTE_NOYAU = 2048


class ServerTls:
    """The server's certificate, its key, and what workstations must show; read again when changed.

    Raises:
        OSError, ValueError: a file can't be used.
    """

    def __init__(self, config: Config) -> None:
        self._ecoute = config.proxy
        self.changed: Callable[[], None] | None = None
        """Called once other files are in force."""
        self._empreinte = self._resumer()
        self._construire()

    def _fichiers(self) -> list[Path]:
        e = self._ecoute
        return [f for f in (e.certificat, e.cle, e.ca_clients, e.crl_clients) if f is not None]

    def _resumer(self) -> bytes:
        resume = hashlib.sha256()
        for fichier in self._fichiers():
            resume.update(hashlib.sha256(fichier.read_bytes()).digest())
        return resume.digest()

    def _construire(self) -> None:
        e = self._ecoute
        certificat = tls.read_certificate(e.certificat)
        revoques = set() if e.crl_clients is None else tls.revoked(e.crl_clients)
        self.context = tls.server_context(e.certificat, e.cle, e.ca_clients, e.crl_clients)
        self.certificate = certificat
        self.revoked: set[tls.Numero] = revoques

    def reload(self) -> None:
        """Take over changed files; files that don't go together leave the former in force."""
        try:
            empreinte = self._resumer()
            if empreinte != self._empreinte:
                self._construire()
                self._empreinte = empreinte
                journal.info("certificat_renouvele", extra={"client": "serveur"})
                if self.changed is not None:
                    self.changed()
        except (OSError, ValueError) as exc:
            journal.warning("rotation_impossible",
                            extra={"client": "serveur", "cause": type(exc).__name__})


class Accueil:
    """Accepts connections until told to stop.

    Args:
        protocole: makes the HTTP protocol of a connection.
    """

    def __init__(self, config: Config, prise: socket.socket, server_tls: ServerTls, peers: Peers,
                 metrics: Metrics, protocole: Callable[[], BoundedProtocol]) -> None:
        self._config = config
        self._prise = prise
        self._tls = server_tls
        self._peers = peers
        self._metrics = metrics
        self._protocole = protocole
        self._par_adresse: Counter[str] = Counter()
        self._ouverts: set[BoundedProtocol] = set()
        server_tls.changed = self._trier
        self._taches: set[asyncio.Task[None]] = set()
        self._boucle: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to accept."""
        self._prise.listen(ATTENTE_NOYAU)
        self._prise.setblocking(False)
        self._boucle = asyncio.get_running_loop().create_task(self._accepter())

    async def stop(self) -> None:
        """Accept no more; those the system had accepted already are served all the same."""
        if self._boucle is not None:
            self._boucle.cancel()
            with suppress(asyncio.CancelledError):
                await self._boucle
        with suppress(OSError):
            while True:
                self._recevoir(*self._prise.accept())
        if self._taches:
            await asyncio.wait(self._taches, timeout=self._config.limites.entetes_delai_s)

    async def _accepter(self) -> None:
        boucle = asyncio.get_running_loop()
        while True:
            try:
                self._recevoir(*await boucle.sock_accept(self._prise))
            except ConnectionError:
                continue
            except OSError as exc:
                journal.error("connexion_impossible", extra={"cause": exc.strerror})
                await asyncio.sleep(REPIT_S)

    def _recevoir(self, lien: socket.socket, adresse: tuple[str, int]) -> None:
        lien.setblocking(False)
        tache = asyncio.get_running_loop().create_task(self._ouvrir(lien, adresse[:2]))
        self._taches.add(tache)
        tache.add_done_callback(self._taches.discard)

    async def _ouvrir(self, lien: socket.socket, voisin: Adresse) -> None:
        try:
            annonce = await self._annonce(lien, voisin)
        except (OSError, ValueError, TimeoutError):
            self._refuser(lien, "protocole_proxy")
            return
        cle = self._compter(annonce or voisin)
        if cle is None:
            self._refuser(lien, "connexions_par_adresse")
            return

        http = self._protocole()
        http.annonce = annonce
        http.depart = partial(self._sortir, http, cle)
        contexte = self._tls.context
        http.courante = lambda: contexte is self._tls.context
        self._ouverts.add(http)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: http, lien, ssl=contexte, ssl_shutdown_timeout=ADIEU_S,
                ssl_handshake_timeout=max(self._config.limites.entetes_delai_s, 0.1))
        except OSError:
            # No handshake, no connection: nobody else counts it down.
            if http.transport is None:
                self._sortir(http, cle)
            lien.close()
            return
        if not http.courante():
            # Revoked while it shook hands.
            self._trier()

    def _trier(self) -> None:
        """A workstation whose certificate has just been revoked is cut, whatever it is doing.

        Those of others end with the call they carry, or the next one.
        """
        for http in list(self._ouverts):
            if http.certificat and tls.number(http.certificat) in self._tls.revoked:
                self._metrics.count("refused_total", limit="poste_revoque")
                journal.warning("poste_revoque", extra={"adresse": (http.client or ("",))[0]})
                http.transport.abort()

    def _sortir(self, http: BoundedProtocol, cle: str) -> None:
        self._ouverts.discard(http)
        self._decompter(cle)

    def _refuser(self, lien: socket.socket, limite: str) -> None:
        self._metrics.count("refused_total", limit=limite)
        lien.close()

    def _compter(self, adresse: Adresse) -> str | None:
        """One connection more of this caller, unless there are too many."""
        maximum = self._config.limites.connexions_par_adresse
        if not maximum or self._peers.trusted(adresse[0]):
            return ""
        cle = Peer(adresse[0], [], True).key
        if self._par_adresse[cle] >= maximum:
            return None
        self._par_adresse[cle] += 1
        return cle

    def _decompter(self, cle: str) -> None:
        if not cle:
            return
        self._par_adresse[cle] -= 1
        if self._par_adresse[cle] <= 0:
            del self._par_adresse[cle]

    async def _annonce(self, lien: socket.socket, voisin: Adresse) -> Adresse | None:
        """Who really calls, when balancers say it.

        Raises:
            OSError, ValueError, TimeoutError: they don't, or somebody else does.
        """
        if not self._config.proxy.protocole_proxy:
            return None
        if not self._peers.trusted(voisin[0]):
            raise ValueError("mandataire inconnu")
        async with asyncio.timeout(self._config.limites.entetes_delai_s):
            return await lire_annonce(lien)


async def lire_annonce(lien: socket.socket) -> Adresse | None:
    """Read the PROXY header, and not a byte more.

    Gives None when it names nobody (the balancer's own health check).

    Raises:
        ValueError, OSError: no such header.
    """
    debut = await _exactement(lien, 12)
    if debut == _V2:
        commande, famille, longueur = struct.unpack("!BBH", await _exactement(lien, 4))
        if commande >> 4 != 2 or longueur > _V2_MAX:
            raise ValueError("PROXY v2")
        return _v2(commande & 15, famille, await _exactement(lien, longueur))
    if not debut.startswith(b"PROXY "):
        raise ValueError("PROXY")
    while not debut.endswith(b"\r\n"):
        if len(debut) >= _V1_MAX:
            raise ValueError("PROXY v1")
        debut += await _exactement(lien, 1)
    return _v1(debut[6:-2].decode("ascii").split(" "))


def _v1(mots: list[str]) -> Adresse | None:
    if mots[0] == "UNKNOWN":
        return None
    if len(mots) != 5 or mots[0] not in ("TCP4", "TCP6"):
        raise ValueError("PROXY v1")
    return str(ipaddress.ip_address(mots[1])), _port(mots[3])


def _port(texte: str) -> int:
    if not texte.isdigit() or int(texte) > 65535:
        raise ValueError("PROXY v1")
    return int(texte)


def _v2(commande: int, famille: int, corps: bytes) -> Adresse | None:
    if commande == 0:
        return None
    taille = {0x11: 4, 0x21: 16}.get(famille, 0)
    if commande != 1 or not taille or len(corps) < 2 * taille + 4:
        raise ValueError("PROXY v2")
    port, = struct.unpack_from("!H", corps, 2 * taille)
    return str(ipaddress.ip_address(corps[:taille])), port


async def _exactement(lien: socket.socket, nombre: int) -> bytes:
    recu = b""
    while len(recu) < nombre:
        morceau = await asyncio.get_running_loop().sock_recv(lien, nombre - len(recu))
        if not morceau:
            raise ValueError("PROXY")
        recu += morceau
    return recu
