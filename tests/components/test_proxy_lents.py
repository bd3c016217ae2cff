"""Slow callers: what they hold, for how long, and what the others notice of it."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from proxy_amont import MIO, Amont, proxy
from proxy_doubles import AUTRE_ID, CONNECT

GENEREUX_S = 30.0


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Amont, str, subprocess.Popen]]:
    """A proxy with short delays; one caller may hold many calls."""
    with Amont(tmp_path_factory.mktemp("lents")) as amont:
        config = amont.ecrire_config(
            "[limites]\nentetes_delai_s = 2.0\ncorps_delai_s = 2.0\nlecture_delai_s = 2.0\n"
            "envois_simultanes = 60\nsollicitations_par_minute = 1000\n"
            "identifications_par_minute = 1000\n")
        with proxy(config) as (url, processus):
            yield amont, url, processus


@contextmanager
def _http(banc: tuple, qui: str = CONNECT["nationalId"]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=banc[1], trust_env=False, timeout=GENEREUX_S,
                      verify=ssl.create_default_context(cafile=banc[0].dossier / "ca.pem")) as http:
        reponse = http.post("/connect", json={**CONNECT, "nationalId": qui})
        assert reponse.status_code == 200, reponse.text
        yield http


def _lien(banc: tuple, octets: bytes, tampon: int = 0) -> ssl.SSLSocket:
    """A TLS connection on which these bytes were sent; `tampon` keeps what waits here small."""
    prise = socket.socket()
    if tampon:
        prise.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, tampon)
    prise.settimeout(GENEREUX_S)
    prise.connect(("127.0.0.1", urlsplit(banc[1]).port))
    lien = ssl.create_default_context(cafile=banc[0].dossier / "ca.pem").wrap_socket(
        prise, server_hostname="127.0.0.1")
    lien.sendall(octets)
    return lien


def _telechargement(http: httpx.Client, mo: int, suite: bytes = b"") -> bytes:
    cookie = http.cookies["proxy_session_id"].encode()
    return (b"GET /send/dmp/flux?mo=%d HTTP/1.1\r\nHost: x\r\nCookie: proxy_session_id=" % mo
            + cookie + b"\r\n" + suite + b"\r\n")


def _attendre(vrai: Callable[[], bool]) -> None:
    fin = time.monotonic() + GENEREUX_S
    while not vrai():
        assert time.monotonic() < fin
        time.sleep(0.05)


def _goutter(lien: ssl.SSLSocket, fini: threading.Event, pause: float = 0.25) -> bool:
    """Send a byte now and then; True once the other side has closed."""
    try:
        while not fini.wait(pause):
            lien.sendall(b"x")
            lien.settimeout(0.01)
            try:
                if lien.recv(65536) == b"":
                    return True
            except TimeoutError:
                pass
            finally:
                lien.settimeout(GENEREUX_S)
    except OSError:
        return True
    return False


def _coupe_au_goutte_a_goutte(lien: ssl.SSLSocket) -> bool:
    fini = threading.Event()
    minuteur = threading.Timer(GENEREUX_S, fini.set)
    minuteur.start()
    try:
        return _goutter(lien, fini)
    finally:
        minuteur.cancel()
        lien.close()


@pytest.mark.attaque(
    "Proxy : connexion gardée par un corps dont la réponse est déjà partie",
    tente="Sans session, annoncer un corps ; une fois la réponse reçue, en envoyer un octet de "
          "temps en temps.",
    constat="La connexion est coupée au délai des en-têtes.")
@pytest.mark.parametrize("ligne", [b"POST /send/insi/lps", b"POST /check/alive", b"GET /inconnu"])
def test_body_behind_its_answer(banc, ligne: bytes) -> None:
    assert _coupe_au_goutte_a_goutte(_lien(
        banc, ligne + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"))


def test_idle_after_a_body_that_ended_behind_its_answer(banc) -> None:
    """The rest of the body comes, then nothing: the connection isn't kept for that."""
    with _lien(banc, b"POST /check/alive HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n") as lien:
        assert lien.recv(65536).startswith(b"HTTP/1.1 405")
        lien.sendall(b"abcd")
        while lien.recv(65536):
            pass


@pytest.mark.attaque(
    "Proxy : corps envoyé octet par octet (R.U.D.Y.)",
    tente="Sans session, annoncer le corps d’une connexion et en envoyer un octet de temps en "
          "temps, toujours avant le délai entre deux morceaux.",
    constat="408 et connexion fermée : le temps passé à attendre est compté en tout.")
def test_body_in_drops(banc) -> None:
    assert _coupe_au_goutte_a_goutte(_lien(
        banc, b"POST /connect HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n"))


@pytest.mark.parametrize(("mo", "suite"), [(8, b""), (3, b"Connection: close\r\n")])
def test_slow_but_steady_reader_gets_everything(banc, mo: int, suite: bytes) -> None:
    """A poor line isn't an attack: whoever goes on reading isn't cut, to the last byte.

    The second answer waits whole in buffers when the connection is to be closed.
    """
    with _http(banc) as http, _lien(banc, _telechargement(http, mo, suite), 16384) as lien:
        recus, lu, debut = 0, lien.recv(4096), time.monotonic()
        total = lu.index(b"\r\n\r\n") + 4 + mo * MIO
        while lu:
            recus += len(lu)
            if recus == total and not suite:
                break
            if time.monotonic() - debut < 5.0:
                # Slow for longer than the delay, then to the end.
                time.sleep(0.05)
            lu = lien.recv(4096)
        assert recus == total


@pytest.mark.attaque(
    "Proxy : cinquante clients lents à la fois",
    tente="Vingt n’envoient leurs en-têtes qu’au compte-gouttes, quinze leur corps, quinze "
          "demandent 100 Mo et ne les lisent pas, pendant qu’un professionnel travaille.",
    constat="Le professionnel n’attend pas ; la mémoire reste bornée ; tous sont coupés aux "
            "délais réglés et rien ne reste pris.")
def test_fifty_slow_clients(banc) -> None:
    amont, _, processus = banc
    fini = threading.Event()
    durees: list[float] = []
    with ExitStack() as pile:
        lent, normal = pile.enter_context(_http(banc, AUTRE_ID)), pile.enter_context(_http(banc))
        normal.get("/send/insi/lps")
        memoire = psutil.Process(processus.pid).memory_info().rss
        cookie = lent.cookies["proxy_session_id"].encode()
        entetes = b"GET /send/insi/lps HTTP/1.1\r\nHost: x\r\nX-Lent: "
        corps = (b"POST /send/insi/lps HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
                 b"Cookie: proxy_session_id=" + cookie + b"\r\n\r\n")
        liens = [pile.enter_context(_lien(banc, octets))
                 for octets in [entetes] * 20 + [corps] * 15]
        gouttes = [threading.Thread(target=_goutter, args=(lien, fini)) for lien in liens]
        lecteurs = [pile.enter_context(_lien(banc, _telechargement(lent, 100), 4096))
                    for _ in range(15)]
        for fil in gouttes:
            fil.start()
        sommet = 0
        for _ in range(200):
            debut = time.monotonic()
            assert normal.post("/send/insi/lps", content=b"<x/>").status_code == 200
            durees.append(time.monotonic() - debut)
            sommet = max(sommet, psutil.Process(processus.pid).memory_info().rss)
        # Nobody is let go by his own goodbye: all are cut.
        for fil in gouttes:
            fil.join(GENEREUX_S)
        assert not any(fil.is_alive() for fil in gouttes)
        _attendre(lambda: _jauge(normal) <= 1)
        assert [lien.fileno() >= 0 for lien in lecteurs] == [True] * 15
        fini.set()
    # Generous: a normal call must not wait for the delay of a slow one (2 s).
    assert sorted(durees)[len(durees) * 99 // 100] < 1.5, sorted(durees)[-5:]
    assert sommet - memoire < 100 * MIO
    assert amont.monde.api_recus


def _jauge(http: httpx.Client) -> float:
    """Requests under way, this one included."""
    page = http.get("/metrics").text
    return float(page.partition("\npleiade_proxy_in_flight ")[2].partition("\n")[0])
