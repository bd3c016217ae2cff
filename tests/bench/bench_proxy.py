"""Figures of the Proxy e-santé, as JSON: added latency, memory of sessions, memory of a stream.

Usage: .venv/bin/python tests/bench/bench_proxy.py [--debit 200] [--duree 10] [--sessions 5000]

The API, the proxy and the caller are three processes over TLS on this machine. Latency is measured
from the moment a request was *due* (open loop): a stall counts for every request it delays. The
added latency is the difference of the percentiles with and without the proxy, same caller.
"""

import argparse
import asyncio
import json
import multiprocessing
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from proxy_amont import MIO, Amont, proxy
from proxy_doubles import CONNECT

#: Size of the body both ways: a SOAP call of the INSi.
CORPS = b"<soap:Envelope>" + b"x" * 4000 + b"</soap:Envelope>"
CONNEXIONS = 20


def _servir(dossier: Path, tube: Connection) -> None:
    with Amont(dossier) as amont:
        amont.ecrire_config("[limites]\nidentifications_par_minute = 1000000\n"
                            "sollicitations_par_minute = 1000000\nenvois_par_seconde = 100000\n"
                            "[journal]\nniveau = \"WARNING\"\n")
        tube.send(amont.url)
        tube.recv()


@contextmanager
def amont(dossier: Path) -> Iterator[str]:
    """The API, PSC and the authorization servers, in a process of their own."""
    contexte = multiprocessing.get_context("spawn")
    ici, la_bas = contexte.Pipe()
    processus = contexte.Process(target=_servir, args=(dossier, la_bas))
    processus.start()
    try:
        yield ici.recv()
    finally:
        ici.send(None)
        processus.join(10)


class Appelant:
    """A few kept-alive connections; just enough HTTP to weigh little in the figures."""

    def __init__(self, url: str, tls: ssl.SSLContext, entetes: str = "") -> None:
        morceaux = urlsplit(url)
        self._hote, self._port = morceaux.hostname or "", morceaux.port or 443
        self._tls = tls
        self._entetes = entetes
        self._libres: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = (
            asyncio.Queue())

    async def ouvrir(self, nombre: int = CONNEXIONS) -> None:
        """Open the connections."""
        for _ in range(nombre):
            self._libres.put_nowait(await asyncio.open_connection(
                self._hote, self._port, ssl=self._tls, limit=1 << 20))

    async def appeler(self, methode: str, chemin: str, corps: bytes = b"") -> tuple[int, bytes]:
        """One call; gives status and body."""
        lecteur, ecrivain = await self._libres.get()
        try:
            ecrivain.write(f"{methode} {chemin} HTTP/1.1\r\nHost: x\r\n{self._entetes}"
                           f"Content-Length: {len(corps)}\r\n\r\n".encode() + corps)
            entetes = await lecteur.readuntil(b"\r\n\r\n")
            statut = int(entetes[9:12])
            minuscules = entetes.lower()
            if b"content-length:" in minuscules:
                longueur = int(minuscules.split(b"content-length:")[1].split(b"\r\n")[0])
                return statut, await lecteur.readexactly(longueur)
            contenu = b""
            while (taille := int(await lecteur.readuntil(b"\r\n"), 16)):
                contenu += await lecteur.readexactly(taille)
                await lecteur.readexactly(2)
            await lecteur.readexactly(2)
            return statut, contenu
        finally:
            self._libres.put_nowait((lecteur, ecrivain))

    async def fermer(self) -> None:
        """Close the connections."""
        while not self._libres.empty():
            self._libres.get_nowait()[1].close()


async def latences(appelant: Appelant, chemin: str, debit: float, duree: float) -> list[float]:
    """Milliseconds of each call, calls due at a regular pace."""
    mesures: list[float] = []
    debut = time.perf_counter() + 0.2

    async def un(quand: float) -> None:
        statut, _ = await appelant.appeler("POST", chemin, CORPS)
        assert statut == 200, statut
        mesures.append((time.perf_counter() - quand) * 1000)

    taches = []
    for n in range(int(debit * duree)):
        quand = debut + n / debit
        await asyncio.sleep(max(0.0, quand - time.perf_counter()))
        taches.append(asyncio.create_task(un(quand)))
    await asyncio.gather(*taches)
    return sorted(mesures)


def centile(valeurs: list[float], p: float) -> float:
    """Percentile of sorted values."""
    return valeurs[min(len(valeurs) - 1, int(len(valeurs) * p))]


async def _tout(url: str, racine: str, pid: int, dossier: Path, debit: float, duree: float,
                sessions: int) -> dict[str, object]:
    """All figures."""
    tls = ssl.create_default_context(cafile=dossier / "ca.pem")
    mtls = ssl.create_default_context(cafile=dossier / "ca.pem")
    mtls.load_cert_chain(dossier / "client.pem", dossier / "client.key")
    processus = psutil.Process(pid)
    entree = Appelant(url, tls)
    await entree.ouvrir(1)
    _, corps = await entree.appeler("POST", "/connect", json.dumps(CONNECT).encode())
    numero = json.loads(corps)["proxy_session_id"]
    par = Appelant(url, tls, f"Cookie: proxy_session_id={numero}\r\n")
    direct = Appelant(racine, mtls)
    await par.ouvrir()
    await direct.ouvrir()
    # The depot endpoint counts the body and checks nothing: the API's own work stays small.
    voies = {"par_le_proxy": (par, "/send/insi/depot"),
             "direct": (direct, "/api-insi.test/base/depot")}
    figures: dict[str, object] = {"debit_par_s": debit, "corps_octets": len(CORPS)}
    resultats = {}
    for nom, (appelant, chemin) in voies.items():
        if nom == "direct":
            appelant._entetes = f"Authorization: Bearer {await _jeton(par)}\r\n"
        await latences(appelant, chemin, debit, 1.0)
        avant = processus.cpu_times()
        resultats[nom] = await latences(appelant, chemin, debit, duree)
        apres = processus.cpu_times()
        figures[f"{nom}_ms"] = {f"p{int(p * 100)}": round(centile(resultats[nom], p), 2)
                                for p in (0.5, 0.9, 0.99)}
        if nom == "par_le_proxy":
            figures["processeur_pct"] = round(
                100 * (apres.user + apres.system - avant.user - avant.system) / duree, 1)
    for p in (0.5, 0.99):
        figures[f"latence_ajoutee_p{int(p * 100)}_ms"] = round(
            centile(resultats["par_le_proxy"], p) - centile(resultats["direct"], p), 2)
    figures |= await _flux(par, processus)
    figures |= await _sessions(url, tls, processus, sessions)
    await asyncio.gather(par.fermer(), direct.fermer(), entree.fermer())
    return {f"proxy_{nom}": valeur for nom, valeur in figures.items()}


async def _jeton(par: Appelant) -> str:
    """The API token of the session, as the API sees it."""
    _, corps = await par.appeler("POST", "/send/insi/miroir", b"")
    return corps.decode().removeprefix("<recu>").removesuffix("</recu>")


async def _flux(par: Appelant, processus: psutil.Process) -> dict[str, float]:
    """Resident growth while 100 MiB come through."""
    lecteur, ecrivain = await par._libres.get()
    avant = sommet = processus.memory_info().rss
    debut = time.perf_counter()
    ecrivain.write(f"GET /send/dmp/flux?mo=100 HTTP/1.1\r\nHost: x\r\n{par._entetes}\r\n".encode())
    await lecteur.readuntil(b"\r\n\r\n")
    recus, prochain = 0, 0.0
    while recus < 100 * MIO:
        recus += len(await lecteur.read(1 << 18))
        if time.perf_counter() > prochain:
            sommet = max(sommet, processus.memory_info().rss)
            prochain = time.perf_counter() + 0.01
    duree = time.perf_counter() - debut
    par._libres.put_nowait((lecteur, ecrivain))
    return {"flux_100_mo_croissance_mo": round((sommet - avant) / MIO, 1),
            "flux_debit_mo_s": round(100 / duree, 1)}


async def _sessions(url: str, tls: ssl.SSLContext, processus: psutil.Process,
                    nombre: int) -> dict[str, float]:
    """Memory of many open sessions, opened by CIBA."""
    if not nombre:
        return {}
    appelant = Appelant(url, tls)
    await appelant.ouvrir(20)

    async def une(n: int) -> None:
        demande = {**CONNECT, "nationalId": f"8{n:011d}"}
        statut, corps = await appelant.appeler("POST", "/connect", json.dumps(demande).encode())
        assert statut == 200, corps

    debut = time.perf_counter()
    avant = processus.memory_info().rss
    await asyncio.gather(*(une(n) for n in range(nombre)))
    duree = time.perf_counter() - debut
    rss = processus.memory_info().rss
    await appelant.fermer()
    return {"sessions": nombre, "sessions_memoire_mo": round(rss / MIO, 1),
            "session_ko": round((rss - avant) / nombre / 1024, 2),
            "connexions_par_s": round(nombre / duree, 1)}


def mesurer(debit: float = 200, duree: float = 10, sessions: int = 5000) -> dict[str, object]:
    """Latency added at `debit` calls a second, memory of `sessions` and of a stream of 100 MB.

    Budgets: p50 3 ms, p99 15 ms; 300 MB for 5,000 sessions; 40 MB of growth.
    """
    with tempfile.TemporaryDirectory() as nom:
        dossier = Path(nom)
        with amont(dossier) as racine, proxy(dossier / "proxy.toml") as (url, processus):
            return asyncio.run(_tout(url, racine, processus.pid, dossier, debit, duree, sessions))


def main() -> None:
    """Measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--debit", type=float, default=200)
    analyseur.add_argument("--duree", type=float, default=10)
    analyseur.add_argument("--sessions", type=int, default=5000)
    args = analyseur.parse_args()
    print(json.dumps(mesurer(args.debit, args.duree, args.sessions), ensure_ascii=False,
                     indent=2))


if __name__ == "__main__":
    main()
