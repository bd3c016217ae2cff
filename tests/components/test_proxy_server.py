"""The Proxy e-santé as a process: real TLS, streams, hostile callers, rotation, stop."""

import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from proxy_amont import MIO, Amont, proxy
from proxy_doubles import CONNECT, certificat, charger

from tests.ports import port_mort


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Amont, str, subprocess.Popen]]:
    with Amont(tmp_path_factory.mktemp("proxy")) as amont:
        config = amont.ecrire_config(
            "[limites]\nsollicitations_par_minute = 1000\nidentifications_par_minute = 1000\n")
        with proxy(config) as (url, processus):
            yield amont, url, processus


@pytest.fixture(scope="module")
def presse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Amont, str, object]]:
    """A proxy with short limits, for who speaks too slowly: honest callers have the other one."""
    with Amont(tmp_path_factory.mktemp("presse")) as amont:
        config = amont.ecrire_config("[limites]\nentetes_delai_s = 2.0\ncorps_delai_s = 1.0\n")
        with proxy(config) as (url, processus):
            yield amont, url, processus


def _http(amont: Amont, url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=60,
                        verify=ssl.create_default_context(cafile=amont.dossier / "ca.pem"))


@pytest.fixture
def client(banc) -> Iterator[httpx.Client]:
    amont, url, _ = banc
    with _http(amont, url) as http:
        reponse = http.post("/connect", json=CONNECT)
        assert reponse.status_code == 200, reponse.text
        yield http


def _brut(banc, donnees: bytes, delai: float = 30.0) -> bytes:
    """Send raw bytes over TLS; gives everything that comes back until the other side hangs up.

    Fails when it doesn't within `delai` seconds.
    """
    amont, url, _ = banc
    contexte = ssl.create_default_context(cafile=amont.dossier / "ca.pem")
    port = urlsplit(url).port
    with socket.create_connection(("127.0.0.1", port), timeout=delai) as prise, \
            contexte.wrap_socket(prise, server_hostname="127.0.0.1") as tls:
        recu = b""
        try:
            tls.sendall(donnees)
            while morceau := tls.recv(65536):
                recu += morceau
        except (ConnectionError, ssl.SSLError) as exc:
            assert not isinstance(exc, TimeoutError)
        return recu


def test_one_call_over_mtls(client: httpx.Client) -> None:
    reponse = client.post("/send/insi/lps", content=b"<x/>")
    assert reponse.status_code == 200 and reponse.content == b"<recu><x/></recu>"
    assert client.get("/check/ready").status_code == 200


def test_thirty_megabytes_both_ways_do_not_sit_in_memory(banc, client: httpx.Client) -> None:
    processus = psutil.Process(banc[2].pid)
    client.get("/send/dmp/flux?mo=1")
    avant = processus.memory_info().rss
    sommet = [avant]
    fini = threading.Event()

    def mesurer() -> None:
        while not fini.wait(0.005):  # short: a pace
            sommet[0] = max(sommet[0], processus.memory_info().rss)

    fil = threading.Thread(target=mesurer)
    fil.start()
    try:
        recus = 0
        with client.stream("GET", "/send/dmp/flux?mo=30") as reponse:
            assert reponse.status_code == 200
            # A reader slower than the sender: back-pressure must reach the API.
            for n, morceau in enumerate(reponse.iter_raw()):
                recus += len(morceau)
                if n % 50 == 0:
                    time.sleep(0.01)
        assert recus == 30 * MIO
        envoi = client.post("/send/dmp/depot", content=(b"y" * 65536 for _ in range(480)))
        assert envoi.content == f"<recu>{30 * MIO}</recu>".encode()
    finally:
        fini.set()
        fil.join()
    assert sommet[0] - avant < 12 * MIO


@pytest.mark.attaque(
    "Proxy : en-têtes envoyés au compte-gouttes",
    tente="Ouvrir une connexion et n’envoyer qu’un début d’en-têtes (slow-loris).",
    constat="La connexion est coupée au délai réglé, sans réponse.")
def test_slow_loris_is_cut(presse) -> None:
    assert _brut(presse, b"GET /check/alive HTTP/1.1\r\nHost: x\r\nX-Lent: ") == b""


@pytest.mark.attaque(
    "Proxy : connexion muette",
    tente="Ouvrir une connexion TLS et ne rien envoyer.",
    constat="La connexion est coupée au délai réglé.")
def test_connection_that_never_speaks_is_cut(presse) -> None:
    assert _brut(presse, b"") == b""


@pytest.mark.attaque(
    "Proxy : corps envoyé au compte-gouttes",
    tente="Annoncer un corps et ne pas l’envoyer.",
    constat="408 au délai réglé, connexion fermée.")
def test_slow_body_is_cut(presse) -> None:
    reponse = _brut(presse, b"POST /connect HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
    assert reponse.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("entetes", [
    b"X-Long: " + b"a" * 40_000 + b"\r\n", b"".join(b"X-%d: aaaaaaaa\r\n" % n
                                                    for n in range(4000))])
@pytest.mark.attaque(
    "Proxy : en-têtes démesurés",
    tente="Un en-tête de 40 ko, puis 4 000 en-têtes.",
    constat="431 ou connexion fermée ; rien n’est transmis.")
def test_oversized_headers_are_refused(banc, entetes: bytes) -> None:
    reponse = _brut(banc, b"GET /check/alive HTTP/1.1\r\nHost: x\r\n" + entetes + b"\r\n")
    assert reponse.startswith(b"HTTP/1.1 431") or reponse == b""
    assert b"200 OK" not in reponse


@pytest.mark.parametrize("requete", [
    # Two lengths, length and chunks, unknown coding, wrong chunk size, obsolete folding, bare LF.
    b"Content-Length: 4\r\nContent-Length: 40\r\n\r\nGET /x",
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /traces HTTP/1.1\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    b"Content-Length: +4\r\n\r\nabcd", b"Content-Length: 4\r\nX: a\r\n b\r\n\r\nabcd"])
@pytest.mark.attaque(
    "Proxy : requêtes cachées (request smuggling)",
    tente="Deux longueurs, longueur et morceaux, codage inconnu, taille de morceau "
          "fausse, en-tête replié.",
    constat="Une réponse au plus, jamais deux requêtes pour une ; l’API n’en reçoit pas.")
def test_request_smuggling_is_refused(banc, client: httpx.Client, requete: bytes) -> None:
    amont = banc[0]
    avant = len(amont.monde.api_recus)
    cookie = client.cookies["proxy_session_id"].encode()
    reponse = _brut(banc, b"POST /send/insi/lps HTTP/1.1\r\nHost: x\r\nCookie: proxy_session_id="
                    + cookie + b"\r\n" + requete)
    # One answer at most, and never two requests out of one.
    assert reponse.count(b"HTTP/1.1 ") <= 1
    assert b"HTTP/1.1 200" not in reponse or requete.startswith(b"Content-Length: 4\r\nX")
    assert len(amont.monde.api_recus) - avant <= 1


@pytest.mark.attaque(
    "Proxy : chemins et mandataire ouvert",
    tente="« .. » en clair et encodé, adresse absolue vers un autre site, segments vides.",
    constat="404 ou 400 ; l’API ne reçoit rien.")
def test_paths_are_strict_on_the_wire(banc, client: httpx.Client) -> None:
    cookie = client.cookies["proxy_session_id"].encode()
    avant = len(banc[0].monde.api_recus)
    for chemin in (b"/send/insi/../../as-insi.test/realms/insi/token", b"/send/insi/%2e%2e/x",
                   b"/send//insi/x", b"https://mechant.test/", b"mechant.test:443",
                   b"/send/insi\\..\\x", b"/../check/alive"):
        reponse = _brut(banc, b"GET " + chemin + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        b"Cookie: proxy_session_id=" + cookie + b"\r\n\r\n")
        assert reponse[9:12] in (b"404", b"400"), (chemin, reponse[:60])
    assert len(banc[0].monde.api_recus) == avant


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.attaque(
    "Proxy : ancien TLS côté postes",
    tente="Se connecter en TLS 1.0 puis 1.1.",
    constat="La négociation échoue.")
def test_old_tls_is_refused(banc, version: ssl.TLSVersion) -> None:
    contexte = ssl.create_default_context(cafile=banc[0].dossier / "ca.pem")
    contexte.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        contexte.minimum_version = contexte.maximum_version = version
    with socket.create_connection(("127.0.0.1", urlsplit(banc[1]).port), timeout=30) as prise, \
            pytest.raises((ssl.SSLError, ConnectionError)), \
            contexte.wrap_socket(prise, server_hostname="127.0.0.1"):
        pass


@pytest.mark.attaque(
    "Proxy : Pro Santé Connect présenté par une autre autorité",
    tente="Répondre à la place de PSC avec un certificat d’une autre autorité.",
    constat="500, aucun appel ne part.")
def test_upstream_with_another_authority_is_refused(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont:
        config = amont.ecrire_config()
        certificat(tmp_path, "autre-ca", cn="autre", ca=True)
        config.write_text(config.read_text().replace('ca = "ca.pem"', 'ca = "autre-ca.pem"'))
        with proxy(config) as (url, _), _http(amont, url) as http:
            assert http.post("/connect", json=CONNECT).status_code == 500
        assert amont.monde.appels == []


@pytest.mark.attaque(
    "Proxy : professionnels mélangés",
    tente="Huit professionnels en même temps, dix appels chacun.",
    constat="Chaque appel porte le jeton de son auteur, chaque réponse revient à qui "
            "l’attend.")
def test_concurrent_users_are_never_mixed(banc) -> None:
    amont, url, _ = banc

    def travailler(n: int) -> None:
        with _http(amont, url) as http:
            demande = {**CONNECT, "nationalId": f"8997000{n:05d}"}
            with verrou:
                amont.monde.sujet = demande["nationalId"]
                assert http.post("/connect", json=demande).status_code == 200
                amont.monde.sujet = ""
            for k in range(10):
                corps = f"{n}-{k}".encode()
                reponse = http.post("/send/insi/lps", content=corps)
                assert reponse.content == b"<recu>" + corps + b"</recu>"
                recu = next(r for r, c in zip(reversed(amont.monde.api_recus),
                                              reversed(amont.monde.api_corps), strict=True)
                            if c == corps)
                jeton = recu.headers["authorization"].removeprefix("Bearer ")
                assert amont.monde.titulaires[jeton] == demande["nationalId"]

    verrou = threading.Lock()
    with ThreadPoolExecutor(8) as fils:
        list(fils.map(travailler, range(8)))


def test_certificates_are_rotated_without_a_restart(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config()) as (url, processus), \
            _http(amont, url) as http:
        assert http.post("/connect", json=CONNECT).status_code == 200
        assert http.get("/send/insi/lps").status_code == 200
        jeton = amont.monde.api_recus[-1].headers["authorization"]
        avant = _certificat_servi(amont, url)
        ca = charger(tmp_path / "ca.pem", tmp_path / "ca.key")
        certificat(tmp_path, "serveur", cn="nouveau", emetteur=ca)
        certificat(tmp_path, "client", cn="nouveau-client", emetteur=ca)
        processus.send_signal(signal.SIGHUP)
        fin = time.monotonic() + 30
        while _certificat_servi(amont, url) == avant and time.monotonic() < fin:
            time.sleep(0.05)
        assert _certificat_servi(amont, url) != avant
        # Same session; its token, bound to the former certificate, was exchanged anew.
        assert http.get("/send/insi/lps").status_code == 200
        assert amont.monde.api_recus[-1].headers["authorization"] != jeton


def _certificat_servi(amont: Amont, url: str) -> bytes | None:
    contexte = ssl.create_default_context(cafile=amont.dossier / "ca.pem")
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=30) as prise, \
            contexte.wrap_socket(prise, server_hostname="127.0.0.1") as tls:
        return tls.getpeercert(binary_form=True)


def test_graceful_stop_ends_calls_and_revokes_tokens(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config()) as (url, processus), \
            _http(amont, url) as http:
        assert http.post("/connect", json=CONNECT).status_code == 200
        with http.stream("GET", "/send/dmp/flux?mo=5") as reponse:
            processus.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert sum(len(m) for m in reponse.iter_raw()) == 5 * MIO
        assert processus.wait(60) in (0, -signal.SIGTERM)
        assert len(amont.monde.revoques) == 4
        journal = (tmp_path / "proxy.log").read_text()
        assert '"motif": "arret"' in journal and "Traceback" not in journal
        # Every line of the log is JSON.
        for ligne in journal.splitlines():
            json.loads(ligne)


def test_workstations_can_be_asked_for_a_certificate(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont:
        config = amont.ecrire_config()
        config.write_text(config.read_text().replace(
            'cle = "serveur.key"\n', 'cle = "serveur.key"\nca_clients = "ca.pem"\n', 1))
        with proxy(config) as (url, _):
            with _http(amont, url) as http, pytest.raises(httpx.TransportError):
                http.get("/check/alive")
            contexte = ssl.create_default_context(cafile=tmp_path / "ca.pem")
            contexte.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")
            assert httpx.get(f"{url}/check/alive", verify=contexte).text == "OK"


def test_port_in_use_is_told(tmp_path: Path) -> None:
    import sys
    with Amont(tmp_path) as amont, socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        prise.listen()
        config = amont.ecrire_config()
        config.write_text(config.read_text().replace(
            "[proxy]", f"[proxy]\nport = {prise.getsockname()[1]}", 1))
        fini = subprocess.run([sys.executable, "-m", "app", "proxy", "--config", str(config)],
                              capture_output=True, text=True, timeout=120,
                              cwd=Path(__file__).parents[2], env=os.environ)
        assert fini.returncode == 2 and "Impossible d’écouter" in fini.stderr


def test_slow_dead_and_vanished_apis(tmp_path: Path) -> None:
    with Amont(tmp_path, veille_s=1) as amont, ExitStack() as pile:
        config = amont.ecrire_config()
        texte = config.read_text().replace("[api.dmp]", "delai_s = 1\n[api.dmp]")
        mort = pile.enter_context(port_mort())
        config.write_text(texte.replace("[traces]", (
            f'[api.morte]\nurl = "https://127.0.0.1:{mort}/x"\n'
            f'jeton = "{amont.url}/as-morte.test/realms/x/token"\n[traces]')))
        with proxy(config) as (url, _), _http(amont, url) as http:
            assert http.post("/connect", json=CONNECT).status_code == 200
            assert http.get("/send/insi/lent").status_code == 504
            assert http.get("/send/morte/x").status_code == 503
            # A connection that the API closed while it was idle isn't used again.
            assert http.get("/send/insi/lps").status_code == 200
            time.sleep(1.3)
            assert http.post("/send/insi/lps", content=b"x").status_code == 200
            page = http.get("/metrics").text
    assert 'upstream_failures_total{api="insi",reason="delai"} 1' in page
    assert 'upstream_failures_total{api="morte",reason="injoignable"} 1' in page
