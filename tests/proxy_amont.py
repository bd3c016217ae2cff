"""The doubles of `proxy_doubles` behind a real TLS server that demands a client certificate.

`https://127.0.0.1:PORT/<host>/<path>` stands for `https://<host>/<path>`. Two paths of the API are
served here because they carry much: `…/flux?mo=N` streams N MiB, `…/depot` counts what it gets.
`…/lent` doesn't answer in time; `…/miroir` gives back the token it was called with.
"""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from proxy_doubles import Monde, certificat, charger
from proxy_secrets import rien_de_secret

MIO = 1 << 20


class Amont:
    """A TLS server in a thread of the test; idle connections are closed after `veille_s`."""

    def __init__(self, dossier: Path, veille_s: int = 75) -> None:
        self.dossier = dossier
        ca = charger(*certificat(dossier, "ca", cn="AC de test", ca=True))
        for nom in ("serveur", "client", "amont"):
            certificat(dossier, nom, cn=f"{nom}-demo", emetteur=ca)
        # With its protocol named, asyncio turns Nagle off on what it accepts.
        self._prise = socket.socket(proto=socket.IPPROTO_TCP)
        self._prise.bind(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._prise.getsockname()[1]}"
        self.monde = Monde(f"{self.url}/psc.test/auth/realms/esante-wallet")
        contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        contexte.load_cert_chain(dossier / "amont.pem", dossier / "amont.key")
        contexte.load_verify_locations(dossier / "ca.pem")
        contexte.verify_mode = ssl.CERT_REQUIRED
        self._serveur = uvicorn.Server(uvicorn.Config(
            self._asgi, interface="asgi3", lifespan="off", log_config=None, access_log=False,
            timeout_keep_alive=veille_s,
            ssl_context_factory=lambda *_: contexte))
        self._fil = threading.Thread(
            target=lambda: self._serveur.run(sockets=[self._prise]), daemon=True)

    def __enter__(self) -> "Amont":
        self._fil.start()
        while not self._serveur.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._serveur.should_exit = True
        self._fil.join(30)

    async def _asgi(self, scope: Any, receive: Any, send: Any) -> None:
        _, hote, chemin = scope["path"].split("/", 2)
        requete = scope["query_string"].decode()
        if chemin.endswith("/flux"):
            await self._flux(int(requete.partition("=")[2]), send)
            return
        if chemin.endswith("/lent"):
            while not self._serveur.should_exit:  # never in time
                await asyncio.sleep(0.05)
        corps, recus, suite = b"", 0, True
        while suite:
            message = await receive()
            recus += len(message.get("body", b""))
            if not chemin.endswith("/depot"):
                corps += message.get("body", b"")
            suite = message.get("more_body", False)
        if chemin.endswith("/depot"):
            corps = str(recus).encode()
        if chemin.endswith("/miroir"):
            corps = dict(scope["headers"])[b"authorization"].removeprefix(b"Bearer ")
        url = f"https://{hote}/{chemin}" + (f"?{requete}" if requete else "")
        reponse = await self.monde(httpx.Request(scope["method"], url, content=corps, headers=[
            (n, v) for n, v in scope["headers"]
            if n not in (b"host", b"transfer-encoding", b"content-length")]))
        await send({"type": "http.response.start", "status": reponse.status_code,
                    "headers": [(n.lower(), v) for n, v in reponse.headers.raw
                                if n.lower() not in (b"connection", b"keep-alive")]})
        await send({"type": "http.response.body", "body": await reponse.aread()})

    @staticmethod
    async def _flux(mo: int, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-length", str(mo * MIO).encode())]})
        for n in range(mo * 16):
            await send({"type": "http.response.body", "body": b"x" * 65536,
                        "more_body": n < mo * 16 - 1})

    def ecrire_config(self, suite: str = "") -> Path:
        """Write a configuration of the proxy that talks to this server."""
        fichier = self.dossier / "proxy.toml"
        apis = "".join(f'[api.{nom}]\nurl = "{self.url}/api-{nom}.test/base"\n'
                       f'jeton = "{self.url}/as-{nom}.test/realms/{nom}/token"\n'
                       for nom in ("insi", "dmp"))
        fichier.write_text(
            '[proxy]\ncertificat = "serveur.pem"\ncle = "serveur.key"\n'
            f'[psc]\ndecouverte = "{self.monde.psc}/.well-known/wallet-openid-configuration"\n'
            'ca = "ca.pem"\n[clients.lps-demo]\nclient_id = "lps-demo"\n'
            'certificat = "client.pem"\ncle = "client.key"\n'
            f'{apis}[traces]\nfichier = "traces.jsonl"\n{suite}')
        return fichier


@contextmanager
def proxy(config: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`pleiade proxy` as a process of its own; gives its URL.

    Whatever was done to it, it wrote no secret.
    """
    with (config.parent / "proxy.log").open("w") as journal:
        processus = subprocess.Popen(
            [sys.executable, "-m", "app", "proxy", "--config", str(config)],
            cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=journal, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"})
    assert processus.stdout is not None
    try:
        ligne = processus.stdout.readline()
        assert ligne, (config.parent / "proxy.log").read_text()
        yield json.loads(ligne)["url"], processus
    finally:
        if processus.poll() is None:
            processus.send_signal(signal.SIGTERM)
            try:
                processus.wait(60)
            except subprocess.TimeoutExpired:
                processus.kill()
                processus.wait(30)
        processus.stdout.close()
    rien_de_secret((config.parent / "proxy.log").read_text(),
                   config.parent.glob("*traces*.jsonl"))
