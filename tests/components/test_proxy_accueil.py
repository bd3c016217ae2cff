"""How connections come in: balancers, callers that take them all, certificates that change."""

import json
import signal
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from proxy_amont import Amont, proxy
from proxy_brut import statuts
from proxy_doubles import CONNECT, certificat, charger

V2 = b"\r\n\r\n\x00\r\nQUIT\n"


def _contexte(dossier: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=dossier / "ca.pem")


@pytest.fixture(scope="module")
def derriere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Amont, str]]:
    """A proxy behind a balancer that announces callers; 127.0.0.1 is that balancer."""
    with Amont(tmp_path_factory.mktemp("accueil")) as amont:
        config = amont.ecrire_config(
            "[limites]\nidentifications_par_minute = 3\nsollicitations_par_minute = 1000\n")
        config.write_text(config.read_text().replace(
            'cle = "serveur.key"\n',
            'cle = "serveur.key"\nmandataires = ["127.0.0.1"]\nprotocole_proxy = true\n', 1))
        with proxy(config) as (url, _):
            yield amont, url


def _appeler(derriere: tuple[Amont, str], annonce: bytes, requete: bytes = b"") -> bytes:
    amont, url = derriere
    corps = json.dumps({**CONNECT, "clientId": "inconnu"}).encode()
    requete = requete or (b"POST /connect HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                          b"Content-Length: %d\r\n\r\n" % len(corps) + corps)
    recu = b""
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=30) as prise:
        for octet in (annonce[:7], annonce[7:]):
            prise.sendall(octet)
            time.sleep(0.02)
        try:
            with _contexte(amont.dossier).wrap_socket(
                    prise, server_hostname="127.0.0.1") as tls:
                tls.sendall(requete)
                while morceau := tls.recv(65536):
                    recu += morceau
        except (OSError, ssl.SSLError):
            pass
    return recu


def _v2(ip: str, port: int, commande: int = 0x21) -> bytes:
    famille = 0x21 if ":" in ip else 0x11
    adresse = socket.inet_pton(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip)
    corps = adresse + bytes(len(adresse)) + struct.pack("!HH", port, 443) + b"\x03\x00\x04abcd"
    return V2 + struct.pack("!BBH", commande, famille, len(corps)) + corps


@pytest.mark.parametrize(("annonce", "ip", "port"), [
    (b"PROXY TCP4 203.0.113.7 10.0.0.1 51234 8443\r\n", "203.0.113.7", 51234),
    (b"PROXY TCP6 2001:db8::7 2001:db8::1 51235 8443\r\n", "2001:db8::7", 51235),
    (_v2("198.51.100.9", 51236), "198.51.100.9", 51236),
    (_v2("2001:db8:5::9", 51237), "2001:db8:5::9", 51237)])
def test_balancer_says_who_calls(derriere: tuple[Amont, str], annonce: bytes, ip: str,
                                 port: int) -> None:
    assert statuts(_appeler(derriere, annonce)) == [404]
    trace = json.loads((derriere[0].dossier / "traces.jsonl").read_text().splitlines()[-1])
    assert (trace["ipAddress"], trace["ports"]) == (ip, [port])


def test_each_caller_behind_a_balancer_has_its_own_limit(derriere: tuple[Amont, str]) -> None:
    """Ten thousand practices behind one balancer must not share one address's sixty logins."""
    un = [_appeler(derriere, b"PROXY TCP4 203.0.113.20 10.0.0.1 5 8443\r\n") for _ in range(5)]
    assert [statuts(r) for r in un] == [[404]] * 3 + [[429]] * 2
    autre = _appeler(derriere, b"PROXY TCP4 203.0.113.21 10.0.0.1 5 8443\r\n")
    assert statuts(autre) == [404]


def test_health_checks_of_the_balancer(derriere: tuple[Amont, str]) -> None:
    requete = b"GET /check/alive HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for annonce in (b"PROXY UNKNOWN\r\n", V2 + b"\x20\x00\x00\x00"):
        assert statuts(_appeler(derriere, annonce, requete)) == [200]
    # What is for this machine isn't for those the balancer lets in.
    metriques = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert statuts(_appeler(derriere, b"PROXY UNKNOWN\r\n", metriques)) == [404]


@pytest.mark.attaque(
    "Proxy : annonce de répartiteur forgée ou mal formée",
    tente="Aucune annonce, annonces trop longues, tronquées, de famille inconnue, adresse ou port "
          "impossibles.",
    constat="La connexion est fermée avant toute négociation TLS.")
@pytest.mark.parametrize("annonce", [
    b"", b"GET / HTTP/1.1\r\n", b"PROXY TCP4 203.0.113.7\r\n", b"PROXY TCP4 x y 1 2\r\n",
    b"PROXY TCP4 203.0.113.7 10.0.0.1 99999 1\r\n", b"PROXY TCP4 " + b"1" * 200 + b"\r\n",
    V2 + b"\x11\x11\x00\x0c" + bytes(12), V2 + b"\x21\x31\x00\x0c" + bytes(12),
    V2 + b"\x21\x11\x00\x04" + bytes(4), V2 + b"\x21\x11\xff\xff" + bytes(12)])
def test_announcements_that_are_none(derriere: tuple[Amont, str], annonce: bytes) -> None:
    assert _appeler(derriere, annonce) == b""


@pytest.mark.attaque(
    "Proxy : un appelant qui prend toutes les connexions",
    tente="Ouvrir soixante connexions de la même adresse, avec et sans négociation TLS, puis les "
          "relâcher.",
    constat="Celles de trop sont fermées ; une fois relâchées, l’adresse entre de nouveau.")
def test_connections_of_one_address(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont, ExitStack() as pile:
        config = amont.ecrire_config(
            "[limites]\nconnexions_par_adresse = 10\nentetes_delai_s = 60.0\n")
        url, _ = pile.enter_context(proxy(config))
        port = urlsplit(url).port
        contexte = _contexte(tmp_path)
        for vagues in range(2):
            refuses, prises = 0, []
            for n in range(60):
                prise = socket.create_connection(("127.0.0.1", port), timeout=30)
                prises.append(prise)
                if n % 2:
                    continue
                try:
                    prises.append(contexte.wrap_socket(prise, server_hostname="127.0.0.1"))
                except (OSError, ssl.SSLError):
                    refuses += 1
            assert 20 <= refuses < 30, vagues
            for prise in prises:
                prise.close()
            fin = time.monotonic() + 30
            while True:
                try:
                    with httpx.Client(base_url=url, verify=contexte, trust_env=False,
                                      timeout=60) as http:
                        assert http.get("/check/alive").status_code == 200
                    break
                except httpx.TransportError:
                    assert time.monotonic() < fin
                    time.sleep(0.1)


def _serie(url: str, contexte: ssl.SSLContext) -> int:
    with socket.create_connection(("127.0.0.1", urlsplit(url).port), timeout=30) as prise, \
            contexte.wrap_socket(prise, server_hostname="127.0.0.1") as tls:
        return int(str(tls.getpeercert()["serialNumber"]), 16)  # type: ignore[index]


def test_half_a_rotation_leaves_the_old_certificate(tmp_path: Path) -> None:
    """The certificate is there, its key not yet: new connections still see the old pair."""
    with Amont(tmp_path) as amont, proxy(amont.ecrire_config()) as (url, processus):
        contexte = _contexte(tmp_path)
        ancien = _serie(url, contexte)
        ca = charger(tmp_path / "ca.pem", tmp_path / "ca.key")
        pem, cle = certificat(tmp_path, "nouveau", cn="serveur-demo", emetteur=ca)
        journal = tmp_path / "proxy.log"
        pem.replace(tmp_path / "serveur.pem")
        processus.send_signal(signal.SIGHUP)
        _attendre(lambda: "rotation_impossible" in journal.read_text())
        assert _serie(url, contexte) == ancien
        cle.replace(tmp_path / "serveur.key")
        processus.send_signal(signal.SIGHUP)
        _attendre(lambda: _serie(url, contexte) != ancien)


def _attendre(vrai: object, delai: float = 30.0) -> None:
    fin = time.monotonic() + delai
    while not vrai():  # type: ignore[operator]
        assert time.monotonic() < fin
        time.sleep(0.05)


def test_rotations_and_stop_under_load(tmp_path: Path) -> None:
    """Certificates of both sides change while eight callers work, then the server stops: no call
    is lost, none is answered by half."""
    with Amont(tmp_path) as amont:
        ca = charger(tmp_path / "ca.pem", tmp_path / "ca.key")
        config = amont.ecrire_config(
            "[limites]\nidentifications_par_minute = 1000\nsollicitations_par_minute = 1000\n")
        with proxy(config) as (url, processus):
            resultats: list[object] = []
            fini = threading.Event()
            fils = [threading.Thread(target=_travailler, args=(
                url, tmp_path, n, fini, resultats)) for n in range(8)]
            for fil in fils:
                fil.start()

            def en_servir(autres: int) -> None:
                vus = resultats.count(200)
                _attendre(lambda: resultats.count(200) >= vus + autres, 60)

            for tour in range(4):
                en_servir(25)
                for nom in ("serveur", "client"):
                    pem, cle = certificat(tmp_path, f"n{tour}", cn=f"{nom}-demo", emetteur=ca)
                    cle.replace(tmp_path / f"{nom}.key")
                    pem.replace(tmp_path / f"{nom}.pem")
                processus.send_signal(signal.SIGHUP)
            en_servir(25)
            processus.send_signal(signal.SIGTERM)
            processus.wait(60)
            fini.set()
            for fil in fils:
                fil.join(60)
    assert resultats.count(200) >= 125
    assert {r for r in resultats if r != 200} <= {503, "ferme"}
    assert '"imprevu"' not in (tmp_path / "proxy.log").read_text()


def _travailler(url: str, dossier: Path, n: int, fini: threading.Event,
                resultats: list[object]) -> None:
    """Call until the server is gone; what a caller sees then is a refusal or a closed door."""
    with httpx.Client(base_url=url, verify=_contexte(dossier), trust_env=False,
                      timeout=60) as http:
        assert http.post("/connect", json={**CONNECT, "nationalId": f"89970000{n:04d}"}
                         ).status_code == 200
        while not fini.is_set():
            try:
                reponse = http.post("/send/insi/lps", content=b"<x/>")
            except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError,
                    httpx.WriteError) as exc:
                entame = isinstance(exc, httpx.RemoteProtocolError) and "without" not in str(exc)
                resultats.append(f"coupé {exc!r}" if entame else "ferme")
                return
            resultats.append(reponse.status_code)
            if reponse.status_code == 503:
                return
