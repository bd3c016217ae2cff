"""Start the bac à sable and the proxy as processes of their own, and end them by their ids."""

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

#: Seconds left to a server to say that it is ready (first start makes the PKI).
DELAI_PRET_S = 60.0


class ServeurMuet(Exception):
    """A server ended or stayed silent instead of saying that it is ready."""


@dataclass
class Serveur:
    """A running server and what it said of itself in its first line."""

    processus: subprocess.Popen[str]
    etat: dict[str, Any]

    def arreter(self) -> None:
        """End the process by its own id; kill it if it doesn't listen."""
        self.processus.terminate()
        try:
            self.processus.wait(5)
        except subprocess.TimeoutExpired:
            self.processus.kill()
            self.processus.wait(5)


def demarrer(arguments: Sequence[str], journal: Path) -> Serveur:
    """Run `pleiade ARGUMENTS` and wait for its JSON line.

    :param journal: file that receives the server's own messages.
    :raises ServeurMuet: with the end of that file.
    """
    with journal.open("a", encoding="utf-8") as trace:
        processus = subprocess.Popen(  # noqa: S603 - the program itself, words of ours
            [sys.executable, "-m", "app", *arguments], text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=trace)
    assert processus.stdout is not None
    lignes: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_ecouter, args=(processus.stdout, lignes), daemon=True).start()
    premiere = ""
    with contextlib.suppress(queue.Empty):
        premiere = lignes.get(timeout=DELAI_PRET_S)
    if not premiere:
        processus.kill()
        processus.wait(5)
        fin = journal.read_text(encoding="utf-8")[-2000:]
        raise ServeurMuet(f"« pleiade {arguments[0]} » n’a pas démarré.\n{fin}")
    return Serveur(processus, json.loads(premiere))


def _ecouter(flux: TextIO, lignes: "queue.Queue[str]") -> None:
    """Give the first line (empty if the server ended), then keep the pipe from filling up."""
    lignes.put(flux.readline())
    for _ in flux:
        pass


@dataclass
class BacASable:
    """The doubles and the proxy in front of them."""

    bac: Serveur
    proxy: Serveur
    dossier: Path

    @property
    def controle(self) -> str:
        """Address of the control API."""
        return str(self.bac.etat["controle"])

    @property
    def reglages_services(self) -> dict[str, str]:
        """Settings that make a file use them."""
        pki = Path(self.bac.etat["pki"])
        return {"proxy_url": str(self.proxy.etat["url"]), "proxy_ca": str(self.bac.etat["ca"]),
                "cle_installation": str(pki / "installation.key"),
                "certificat_installation": str(pki / "installation.pem")}


class NavigateurSimule:
    """A browser that follows the login page by itself: the bac à sable approves at once.

    Stands for the user's browser in the guided visit and in tests; TLS is verified.
    """

    def __init__(self, bac: BacASable, professionnel: str = "899700000016") -> None:
        self._ca = str(bac.bac.etat["ca"])
        self._controle = bac.controle
        self._professionnel = professionnel

    def ouvrir(self, url: str) -> None:
        """Follow `url` to its end, in a thread of its own as a real browser would."""
        threading.Thread(target=self._suivre, args=(url,), daemon=True).start()

    def _suivre(self, url: str) -> None:
        import ssl

        import httpx

        httpx.post(f"{self._controle}/controle/psc/page", timeout=60,
                   json={"auto": True, "professionnel": self._professionnel}).raise_for_status()
        with httpx.Client(verify=ssl.create_default_context(cafile=self._ca),
                          follow_redirects=True, timeout=60) as client:
            client.get(url)


@contextlib.contextmanager
def bac_a_sable(dossier: Path) -> Iterator[BacASable]:
    """Both servers, ended when the block ends."""
    dossier.mkdir(parents=True, exist_ok=True)
    bac = demarrer(["bac-a-sable", "--dossier", str(dossier)], dossier / "bac-a-sable.log")
    try:
        proxy = demarrer(["proxy", "--config", str(bac.etat["proxy_config"])],
                         dossier / "proxy.log")
        try:
            yield BacASable(bac, proxy, dossier)
        finally:
            proxy.arreter()
    finally:
        bac.arreter()
