"""The Proxy e-santé as a server of its own: TLS, signals, graceful stop."""

import asyncio
import json
import logging
import signal
import socket
import sys
from collections.abc import Callable

import uvicorn

from app.proxy.accueil import Accueil, ServerTls
from app.proxy.app import Application, creer
from app.proxy.config import Config, ErreurConfiguration
from app.proxy.journal import configure
from app.proxy.protocol import BoundedProtocol, bounded

journal = logging.getLogger("pleiade.proxy")


#: Exit code when the application can't start.
ARRET_AU_DEMARRAGE = 3
#: Kept, of the time given to a stop, for answers to those who still wait, seconds.
REPONSE_S = 2.0


class _Serveur(uvicorn.Server):
    """uvicorn behind our own door, which says where it listens and that it is stopping."""

    def __init__(self, reglage: uvicorn.Config, config: Config, application: Application,
                 prise: socket.socket, server_tls: ServerTls,
                 pret: Callable[[str], None]) -> None:
        super().__init__(reglage)
        ctx = application.context
        self.context = ctx
        self.prise = prise
        self.tls = server_tls
        self._pret = pret
        self._arret_s = config.limites.arret_s
        self._survivent = config.session.magasin != "memoire"
        self._accueil = Accueil(config, prise, server_tls, ctx.peers, ctx.metrics, self._http)
        self.servers = []

    def _http(self) -> BoundedProtocol:
        protocole = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state)
        assert isinstance(protocole, BoundedProtocol)
        return protocole

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then open the door."""
        await self.lifespan.startup()
        if self.lifespan.should_exit:
            sys.exit(ARRET_AU_DEMARRAGE)
        self._accueil.start()
        self.started = True
        self._pret(self.context.public_url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the door, let the calls under way end."""
        self.context.draining = True
        # Logins that wait for a person: of no use where sessions end with the process; elsewhere
        # they have all the time there is, less what an answer takes.
        asyncio.get_running_loop().call_later(
            max(self._arret_s - REPONSE_S, 0.0) if self._survivent else 0.0, self.context.stop.set)
        await self._accueil.stop()
        await super().shutdown(sockets)


def servir(config: Config, pret: Callable[[str], None] | None = None) -> None:
    """Run the server until SIGTERM or SIGINT; SIGHUP takes over changed certificates.

    Args:
        config: checked configuration; port 0 asks the system for a free one.
        pret: called with the base URL once the server answers; by default prints one JSON line,
            `{"url": "https://127.0.0.1:PORT"}`.

    Raises:
        ErreurConfiguration: a file named by the configuration, or the address, can't be used.
    """
    configure(config.journal.niveau)
    try:
        prise = _lier(config.proxy.host, config.proxy.port)
    except OSError as exc:
        raise ErreurConfiguration(
            f"Impossible d’écouter sur {config.proxy.host}:{config.proxy.port} "
            f"({exc.strerror})") from exc
    try:
        serveur = preparer(config, prise, pret or _annoncer)
    except (OSError, ValueError) as exc:
        prise.close()
        raise ErreurConfiguration(
            f"Certificat, clé ou autorité inutilisable : {exc}") from exc
    asyncio.run(_vivre(serveur))


def preparer(config: Config, prise: socket.socket, pret: Callable[[str], None]) -> _Serveur:
    """The server on a socket that is already bound.

    Raises:
        OSError, ValueError: a certificate, key or authority can't be used.
    """
    server_tls = ServerTls(config)
    application = creer(config, on_tick=server_tls.reload)
    application.context.server_certificate = lambda: server_tls.certificate
    hote, port = prise.getsockname()[:2]
    if not application.context.public_url:
        hote = f"[{hote}]" if ":" in hote else hote
        application.context.public_url = f"https://{hote}:{port}"
    limites = config.limites
    reglage = uvicorn.Config(
        application, interface="asgi3", ws="none", lifespan="on",
        http=bounded(limites),
        loop="asyncio", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, limit_concurrency=limites.connexions,
        timeout_keep_alive=30, timeout_graceful_shutdown=int(limites.arret_s) or 1)
    return _Serveur(reglage, config, application, prise, server_tls, pret)


async def _vivre(serveur: _Serveur) -> None:
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _relire, serveur)
    await serveur.serve(sockets=[serveur.prise])


def _relire(serveur: _Serveur) -> None:
    for client in serveur.context.outbound.rotate():
        journal.info("certificat_renouvele", extra={"client": client})
    serveur.tls.reload()


def _lier(hote: str, port: int) -> socket.socket:
    famille, genre, protocole, _, adresse = socket.getaddrinfo(
        hote, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    prise = socket.socket(famille, genre, protocole)
    try:
        if sys.platform != "win32":
            prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        prise.bind(adresse)
    except OSError:
        prise.close()
        raise
    return prise


def _annoncer(url: str) -> None:
    print(json.dumps({"url": url}), flush=True)
