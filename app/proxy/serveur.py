"""The Proxy e-santé as a server of its own: TLS, signals, graceful stop."""

import asyncio
import json
import logging
import signal
import socket
import ssl
import sys
from asyncio import constants
from collections.abc import Callable

import uvicorn

from app.proxy import tls
from app.proxy.app import Application, creer
from app.proxy.config import Config, ErreurConfiguration
from app.proxy.journal import configure
from app.proxy.protocol import bounded

journal = logging.getLogger("pleiade.proxy")


class _Serveur(uvicorn.Server):
    """uvicorn, which says where it listens and marks the application as stopping."""

    def __init__(self, config: uvicorn.Config, application: Application, prise: socket.socket,
                 pret: Callable[[str], None]) -> None:
        super().__init__(config)
        self._application = application
        self._prise = prise
        self._pret = pret

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._pret(self._application.context.public_url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._application.context.draining = True
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
    asyncio.run(_vivre(serveur, config))


def preparer(config: Config, prise: socket.socket, pret: Callable[[str], None]) -> _Serveur:
    """The server on a socket that is already bound.

    Raises:
        OSError, ValueError: a certificate, key or authority can't be used.
    """
    contexte = tls.server_context(config.proxy.certificat, config.proxy.cle,
                                  config.proxy.ca_clients, config.proxy.crl_clients)
    application = creer(config, on_tick=lambda: _renouveler(contexte, config))
    hote, port = prise.getsockname()[:2]
    if not application.context.public_url:
        hote = f"[{hote}]" if ":" in hote else hote
        application.context.public_url = f"https://{hote}:{port}"
    limites = config.limites
    # A caller that never finishes its handshake would hold a connection for a minute.
    constants.SSL_HANDSHAKE_TIMEOUT = limites.entetes_delai_s
    reglage = uvicorn.Config(
        application, interface="asgi3", ws="none", lifespan="on",
        http=bounded(limites.entetes_delai_s, limites.entetes_octets, limites.lecture_delai_s),
        loop="asyncio", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, limit_concurrency=limites.connexions,
        timeout_keep_alive=30, timeout_graceful_shutdown=int(limites.arret_s) or 1,
        ssl_context_factory=lambda *_: contexte)
    return _Serveur(reglage, application, prise, pret)


async def _vivre(serveur: _Serveur, config: Config) -> None:
    if hasattr(signal, "SIGHUP"):
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGHUP, lambda: _relire(serveur, config))
    await serveur.serve(sockets=[serveur._prise])


def _relire(serveur: _Serveur, config: Config) -> None:
    for client in serveur._application.context.outbound.rotate():
        journal.info("certificat_renouvele", extra={"client": client})
    contexte = serveur.config.ssl
    if contexte is not None:
        _renouveler(contexte, config)


def _renouveler(contexte: ssl.SSLContext, config: Config) -> None:
    """Load the server's certificate again: new connections see the new one."""
    try:
        contexte.load_cert_chain(config.proxy.certificat, config.proxy.cle)
        tls.check_revocation(contexte, config.proxy.crl_clients)
    except (OSError, ValueError) as exc:
        journal.warning("rotation_impossible",
                        extra={"client": "serveur", "cause": type(exc).__name__})


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
