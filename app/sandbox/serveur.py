"""Starts every double in one process: one event loop, one HTTPS port a service."""

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from app.sandbox import certificats
from app.sandbox.configuration import ecrire_proxy_toml
from app.sandbox.controle import routes_controle
from app.sandbox.etat import Etat
from app.sandbox.insi.controles import IDAM
from app.sandbox.protocole import ProtocoleTls
from app.sandbox.psc.points import CHEMIN

HOTE = "127.0.0.1"
#: What a software under homologation puts in LPS_ID_HOMOLOGATION_DMP here.
HOMOLOGATION_DMP = "BAC-A-SABLE-0000"
_SERVICES = ("psc", "wallet", "edc", "insi", "dmp", "dmp_cps")
#: Ports of one service: its faults strike them all.
_PORTS = {"dmp_cps": "dmp"}
_CERTIFICATS = {"": "serveur", "certificat_expire": "serveur-expire",
                "ca_inconnue": "serveur-inconnu"}


class _Serveur(uvicorn.Server):
    """uvicorn without its signal handlers: the command (or the test) owns them."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals alone."""
        yield

    async def ouvrir(self, ouvert: bool) -> None:
        """Close the port, or open it again at the same address (fault `refus_connexion`)."""
        if ouvert is bool(self.servers):
            return
        if not ouvert:
            self._adresse = self.servers[0].sockets[0].getsockname()
            for serveur in self.servers:
                serveur.close()
            self.servers = []
            return
        config, boucle = self.config, asyncio.get_running_loop()

        def protocole() -> asyncio.Protocol:
            return ProtocoleTls(config, self.server_state, {}, boucle)
        self.servers = [await boucle.create_server(
            protocole, sock=_prise(self._adresse[1]), ssl=config.ssl)]


class BacASable:
    """The bac à sable. `lancer()` blocks; `with BacASable(dossier) as bac` runs it in a thread.

    Parameters
    ----------
    dossier
        Where the PKI and proxy.toml are kept.
    port_controle, port_proxy
        0 = a free port.
    """

    def __init__(self, dossier: Path, *, port_controle: int = 0, port_proxy: int = 0) -> None:
        self.dossier = dossier
        dossier.mkdir(parents=True, exist_ok=True)
        self.pki = certificats.ouvrir(dossier / "pki")
        self.etat = Etat(self.pki)
        self._prises = {s: _prise(0) for s in _SERVICES}
        self._prises["controle"] = _prise(port_controle)
        self.infos = self._adresses(port_proxy or _port_libre())
        self._serveurs: dict[str, _Serveur] = {}
        self._fil: threading.Thread | None = None
        self._boucle: asyncio.AbstractEventLoop | None = None
        self._arret: asyncio.Event | None = None

    def _base(self, service: str) -> str:
        schema = "http" if service == "controle" else "https"
        return f"{schema}://{HOTE}:{self._prises[service].getsockname()[1]}"

    def _adresses(self, port_proxy: int) -> dict[str, Any]:
        etat = self.etat
        issuer, portail = self._base("psc") + CHEMIN, self._base("wallet")
        etat.points_psc.base = etat.emetteur.issuer = etat.portail.issuer = issuer
        etat.points_psc.portail = portail
        etat.edc.base = self._base("edc")
        etat.psc.client.redirections.add(f"https://{HOTE}:{port_proxy}/callback")
        infos: dict[str, Any] = {
            "controle": self._base("controle"), "psc": issuer, "wallet": portail,
            "edc": self._base("edc"), "insi": self._base("insi") + "/insi",
            "insi_certificat": self._base("insi"), "insi_cps": self._base("insi") + "/cps",
            "dmp": self._base("dmp") + "/si-dmp-server/v2/services",
            "dmp_cps": self._base("dmp_cps") + "/si-dmp-server/v2/services",
            "proxy": f"https://{HOTE}:{port_proxy}",
            "ca": str(self.pki.certificat("ca")), "pki": str(self.pki.dossier),
            "proxy_config": str(self.dossier / "proxy.toml"),
            "logiciel": {"idam": IDAM, "homologation_dmp": HOMOLOGATION_DMP}}
        ecrire_proxy_toml(Path(infos["proxy_config"]), self.pki, infos, port_proxy,
                          etat.psc.client.client_id)
        return infos

    def _routes(self) -> dict[str, list[BaseRoute]]:
        etat = self.etat
        return {"psc": [*etat.points_psc.routes(etat)], "wallet": [*etat.portail.routes(etat)],
                "edc": [*etat.edc.routes(etat)], "insi": [*etat.insi.routes(etat)],
                "dmp": [*etat.dmp.routes(etat)],
                "dmp_cps": [*etat.dmp.routes(etat, par_carte=True)],
                "controle": [*routes_controle(etat, self.infos, self._reseau_change)]}

    def _contexte(self, service: str) -> ssl.SSLContext:
        """TLS >= 1.2; a client certificate is optional, but must be ours when it is there.

        The DMP by CPS wants one, in TLS 1.2 (`spec/dmp.md` §2).
        """
        contextes = {}
        for panne, nom in _CERTIFICATS.items():
            contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            contexte.minimum_version = ssl.TLSVersion.TLSv1_2
            contexte.load_cert_chain(self.pki.certificat(nom), self.pki.cle(nom))
            contexte.load_verify_locations(self.pki.certificat("ca"))
            contexte.verify_mode = ssl.CERT_OPTIONAL
            if service == "dmp_cps":
                contexte.verify_mode = ssl.CERT_REQUIRED
                contexte.maximum_version = ssl.TLSVersion.TLSv1_2
            contextes[panne] = contexte

        def choisir(prise: ssl.SSLObject, _nom: str | None, _contexte: ssl.SSLContext) -> None:
            panne = self.etat.pannes.tls(_PORTS.get(service, service))
            if panne:
                prise.context = contextes[panne]
        contextes[""].sni_callback = choisir
        return contextes[""]

    async def _reseau_change(self) -> None:
        """Apply the faults below HTTP: ports that refuse, certificates that the next TLS
        handshake must show (idle connections are dropped when such a fault is set)."""
        for nom, serveur in self._serveurs.items():
            service = _PORTS.get(nom, nom)
            if service == "controle":
                continue
            if self.etat.pannes.ferme(service) or self.etat.pannes.tls_pose(service):
                for connexion in list(serveur.server_state.connections):
                    connexion.shutdown()
            await serveur.ouvrir(not self.etat.pannes.ferme(service))

    def _configuration(self, service: str, routes: list[BaseRoute]) -> uvicorn.Config:
        fabrique = None
        if service != "controle":
            def fabrique(_config: uvicorn.Config, _defaut: Callable[[], ssl.SSLContext]
                         ) -> ssl.SSLContext:
                return self._contexte(service)
        return uvicorn.Config(
            Starlette(routes=routes), http=ProtocoleTls, ws="none", lifespan="off",
            log_config=None, access_log=False, server_header=False, timeout_keep_alive=30,
            timeout_graceful_shutdown=1, ssl_context_factory=fabrique)

    async def _servir(self, pret: Callable[[], None]) -> None:
        self._boucle = asyncio.get_running_loop()
        self._arret = asyncio.Event()
        routes = self._routes()
        self._serveurs = {s: _Serveur(self._configuration(s, routes[s])) for s in self._prises}
        taches = [asyncio.create_task(serveur.serve([self._prises[s]]))
                  for s, serveur in self._serveurs.items()]
        while not all(s.started for s in self._serveurs.values()):
            if any(t.done() for t in taches):
                break
            await asyncio.sleep(0.005)
        pret()
        await self._arret.wait()
        for serveur in self._serveurs.values():
            serveur.should_exit = True
        await asyncio.gather(*taches)

    def lancer(self, pret: Callable[[], None] = lambda: None) -> None:
        """Serve until `arreter()`; `pret` is called when every port answers."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        asyncio.run(self._servir(pret))

    def arreter(self) -> None:
        """Stop from another thread or from a signal handler."""
        if self._boucle is not None and self._arret is not None:
            with contextlib.suppress(RuntimeError):  # the loop is already closed
                self._boucle.call_soon_threadsafe(self._arret.set)

    def __enter__(self) -> "BacASable":
        """Start in a thread and wait until it answers."""
        pret = threading.Event()
        self._fil = threading.Thread(target=self.lancer, args=(pret.set,), daemon=True,
                                     name="bac-a-sable")
        self._fil.start()
        if not pret.wait(30):
            raise RuntimeError("The bac à sable did not start")
        return self

    def __exit__(self, *_exc: object) -> None:
        """Stop and wait for the end."""
        self.arreter()
        if self._fil is not None:
            self._fil.join(10)


def _prise(port: int) -> socket.socket:
    prise = socket.socket()
    if os.name == "posix":
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    prise.bind((HOTE, port))
    return prise


def _port_libre() -> int:
    with _prise(0) as prise:
        return int(prise.getsockname()[1])
