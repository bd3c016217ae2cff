"""Certificates that change, and a stop, in the middle of the work: nothing is lost, nobody stays in
who was put out."""

import json
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from proxy_amont import MIO, Amont, proxy
from proxy_doubles import AUTRE_ID, CONNECT, certificat, charger
from proxy_revocation import revoquer

GENEREUX_S = 30.0
LIMITES = ("[limites]\nsollicitations_par_minute = 1000\nidentifications_par_minute = 1000\n"
           "envois_par_seconde = 1000\n")


def _attendre(vrai: Callable[[], bool]) -> None:
    fin = time.monotonic() + GENEREUX_S
    while not vrai():
        assert time.monotonic() < fin
        time.sleep(0.05)


@contextmanager
def _http(dossier: Path, url: str, poste: str = "") -> Iterator[httpx.Client]:
    tls = ssl.create_default_context(cafile=dossier / "ca.pem")
    if poste:
        tls.load_cert_chain(dossier / f"{poste}.pem", dossier / f"{poste}.key")
    with httpx.Client(base_url=url, verify=tls, timeout=GENEREUX_S, trust_env=False) as http:
        yield http


def _servi(dossier: Path, url: str) -> bytes | None:
    tls = ssl.create_default_context(cafile=dossier / "ca.pem")
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), GENEREUX_S) as prise, \
            tls.wrap_socket(prise, server_hostname="127.0.0.1") as lien:
        return lien.getpeercert(binary_form=True)


def _renouveler(dossier: Path, *noms: str) -> None:
    ca = charger(dossier / "ca.pem", dossier / "ca.key")
    for nom in noms:
        pem, cle = certificat(dossier, "nouveau", cn=f"{nom}-demo", emetteur=ca)
        cle.replace(dossier / f"{nom}.key")
        pem.replace(dossier / f"{nom}.pem")


def test_rotation_under_calls_and_streams(tmp_path: Path) -> None:
    """Both certificates change, then a broken one comes, while calls and streams are under way."""
    journal = tmp_path / "proxy.log"
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config(LIMITES)) as (url, processus):
        fini, vus = threading.Event(), [0] * 4

        def travailler(n: int) -> list[int]:
            with _http(tmp_path, url) as http:
                corps = {**CONNECT, "nationalId": f"89970000{n:04d}"}
                statuts = [http.post("/connect", json=corps).status_code]
                while not fini.is_set():
                    statuts.append(http.post("/send/insi/lps", content=b"<x/>").status_code)
                    vus[n] = len(statuts)
                return statuts

        def telecharger(http: httpx.Client) -> int:
            recus = 0
            with http.stream("GET", "/send/dmp/flux?mo=40") as reponse:
                for morceau in reponse.iter_raw():
                    recus += len(morceau)
                    if not fini.is_set():
                        time.sleep(0.005)
            return recus

        def encore(nombre: int = 30) -> None:
            """Calls go on meanwhile."""
            buts = [n + nombre for n in vus]
            _attendre(lambda: all(n >= but for n, but in zip(vus, buts, strict=True)))

        with _http(tmp_path, url) as ancien, ThreadPoolExecutor(5) as fils:
            assert ancien.post("/connect", json=CONNECT).status_code == 200
            appels = [fils.submit(travailler, n) for n in range(4)]
            flux = fils.submit(telecharger, ancien)
            encore()
            try:
                for tour in range(3):
                    avant = _servi(tmp_path, url)
                    _renouveler(tmp_path, "serveur", "client")
                    processus.send_signal(signal.SIGHUP)
                    _attendre(lambda avant=avant: _servi(tmp_path, url) != avant)
                    encore(10 * (tour + 1))
                actuel = _servi(tmp_path, url)
                for casse in (b"", b"-----BEGIN CERTIFICATE-----\nabc\n", b"\x00" * 5000):
                    dits = journal.read_text().count('"rotation_impossible"')
                    (tmp_path / "serveur.pem").write_bytes(casse)
                    (tmp_path / "client.pem").write_bytes(casse)
                    processus.send_signal(signal.SIGHUP)
                    _attendre(lambda d=dits: journal.read_text().count('"rotation_impossible"')
                              >= d + 2)
                    assert _servi(tmp_path, url) == actuel
                encore()
            finally:
                fini.set()
            assert flux.result() == 40 * MIO
            assert {s for appel in appels for s in appel.result()} == {200}
            assert ancien.get("/check/ready").json()["certificats"] == "ok"
            page = ancien.get("/metrics").text
    assert 'certificate_expiry_seconds{client="serveur"}' in page
    texte = journal.read_text()
    assert '"imprevu"' not in texte and "Traceback" not in texte


@pytest.mark.attaque(
    "Proxy : poste révoqué qui garde sa connexion ouverte",
    tente="Un ordinateur volé a une connexion ouverte et un téléchargement en cours ; son "
          "certificat est ajouté à la liste de révocation. Un confrère travaille.",
    constat="La connexion et le téléchargement sont coupés à la relecture de la liste, la session "
            "ne sert plus ; le confrère n’est pas interrompu.")
def test_revoked_workstation_is_cut(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont:
        ca = charger(tmp_path / "ca.pem", tmp_path / "ca.key")
        for nom in ("vole", "poste"):
            certificat(tmp_path, nom, cn=nom, emetteur=ca)
        revoquer(tmp_path, "postes.crl")
        config = amont.ecrire_config(LIMITES)
        config.write_text(config.read_text().replace(
            'cle = "serveur.key"\n',
            'cle = "serveur.key"\nca_clients = "ca.pem"\ncrl_clients = "postes.crl"\n', 1))
        with proxy(config) as (url, processus), _http(tmp_path, url, "vole") as voleur, \
                _http(tmp_path, url, "poste") as confrere:
            assert voleur.post("/connect", json={**CONNECT, "nationalId": AUTRE_ID}
                               ).status_code == 200
            assert confrere.post("/connect", json=CONNECT).status_code == 200
            with voleur.stream("GET", "/send/dmp/flux?mo=100") as reponse:
                morceaux = reponse.iter_raw()
                next(morceaux)
                revoquer(tmp_path, "postes.crl", "vole")
                processus.send_signal(signal.SIGHUP)
                _attendre(lambda: '"poste_revoque"' in (tmp_path / "proxy.log").read_text())
                with pytest.raises(httpx.TransportError):
                    for _ in morceaux:
                        pass
            with pytest.raises(httpx.TransportError):
                voleur.get("/send/insi/lps")
            assert confrere.get("/send/insi/lps").status_code == 200


def _arreter(processus: subprocess.Popen) -> None:
    processus.send_signal(signal.SIGTERM)
    assert processus.wait(GENEREUX_S) in (0, -signal.SIGTERM)


def test_stop_with_a_login_and_a_stream_under_way(tmp_path: Path) -> None:
    """The stream ends; who waits for a telephone is told at once, and so is a browser."""
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config(LIMITES)) as (url, processus), \
            _http(tmp_path, url) as http, _http(tmp_path, url) as autre, \
            _http(tmp_path, url) as navigateur, ThreadPoolExecutor(2) as fils:
        assert http.post("/connect", json=CONNECT).status_code == 200
        annonce = http.post("/session/nouvelle", json={
            "clientId": "lps-demo", "retour": "http://127.0.0.1:49152/psc/done"}).json()
        lien = urlsplit(annonce["url"])
        assert navigateur.get("/check/alive").status_code == 200
        amont.monde.attente_ciba = 1_000_000
        login = fils.submit(lambda: autre.post("/connect", json={
            **CONNECT, "nationalId": AUTRE_ID}))
        _attendre(lambda: len(amont.monde.chemins("/mtls/token")) > 3)
        with http.stream("GET", "/send/dmp/flux?mo=20") as reponse:
            morceaux = reponse.iter_raw()
            recus = len(next(morceaux))
            arret = fils.submit(_arreter, processus)
            refus = login.result(GENEREUX_S)
            assert refus.status_code == 503 and refus.json()["code"] == "503"
            try:
                page = navigateur.get(f"{lien.path}?{lien.query}")
                assert page.status_code == 503 and "momentanément indisponible" in page.text
            except httpx.TransportError:
                pass  # its idle connection closed first: a browser says so itself
            for morceau in morceaux:
                recus += len(morceau)
        arret.result()
        assert recus == 20 * MIO
        assert set(amont.monde.jetons_api) <= set(amont.monde.revoques)
    traces = [json.loads(li) for li in (tmp_path / "traces.jsonl").read_text().splitlines()]
    assert [t["motif"] for t in traces if t["type"] == "CONNECT_FAILURE"] == ["arret"]
    assert "Traceback" not in (tmp_path / "proxy.log").read_text()


def test_stop_that_waits_no_longer(tmp_path: Path) -> None:
    """A call to an API that doesn't answer gets an answer of ours, not a cut connection."""
    config = "[limites]\narret_s = 1\n"
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config(config)) as (url, processus), \
            _http(tmp_path, url) as http, ThreadPoolExecutor(1) as fils:
        assert http.post("/connect", json=CONNECT).status_code == 200
        appel = fils.submit(lambda: http.get("/send/insi/lent"))
        _attendre(lambda: '"SEND"' in (tmp_path / "traces.jsonl").read_text())
        _arreter(processus)
        assert appel.result(GENEREUX_S).status_code == 503
