"""Calls that can be dropped, errors of the network in French, breaker, weather, retries."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest
from services_outils import (
    SANS_REPRISE,
    VITE,
    ServeurTls,
    TransportScript,
    attendu_avant,
    paire,
    repondre_http,
)

from app.domain.session import EtatService
from app.services.appel import Appelant, Operation, Requete, TraceAppel
from app.services.breaker import Disjoncteur, ReglageDisjoncteur
from app.services.erreurs_http import traduire
from app.services.errors import (
    Annule,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Remede,
    SessionExpiree,
)
from app.services.http_annulable import HttpAnnulable
from app.services.meteo import Meteo
from app.services.transport import Reponse
from tests.ports import port_mort

# --- Calls ----------------------------------------------------------------------------------


def _client(serveur: ServeurTls, ca: Path | None = None) -> HttpAnnulable:
    return HttpAnnulable(serveur.url, ssl.create_default_context(cafile=ca or serveur.ca), "proxy")


def test_a_call_and_its_answer(tmp_path: Path) -> None:
    vus: list[tuple[str, str, bytes, str]] = []

    def traiter(guichet: BaseHTTPRequestHandler) -> None:
        vus.append((guichet.command, guichet.path, guichet.corps,  # type: ignore[attr-defined]
                    guichet.headers.get("Cookie", "")))
        repondre_http(guichet, 500, b"<e/>", "application/soap+xml", Set_Cookie="x=1")

    with ServeurTls(tmp_path, traiter) as serveur:
        client = _client(serveur)
        for _ in range(2):
            reponse = client.appeler("POST", "/send/dmp/registry", delai=5, corps=b"abc",
                                     entetes={"Cookie": "proxy_session_id=s"})
        client.fermer()
    assert (reponse.status, reponse.content_type, reponse.corps) == (
        500, "application/soap+xml", b"<e/>")
    # The cookie that the server sets isn't kept: ours alone is sent.
    assert vus == [("POST", "/send/dmp/registry", b"abc", "proxy_session_id=s")] * 2


def test_the_user_gives_up(tmp_path: Path) -> None:
    coupe, arrive = threading.Event(), threading.Event()

    def traiter(guichet: BaseHTTPRequestHandler) -> None:
        arrive.set()
        guichet.connection.settimeout(60)
        if guichet.connection.recv(1) == b"":
            coupe.set()

    with ServeurTls(tmp_path, traiter) as serveur:
        client = _client(serveur)
        with attendu_avant(), pytest.raises(Annule) as leve:
            client.appeler("POST", "/connect", delai=140, corps=b"{}", annule=arrive.is_set)
        assert leve.value.incertain
        # The server sees the connection fall: that is how a CIBA request is given up.
        assert coupe.wait(30)


def test_giving_up_before_the_call_sends_nothing(tmp_path: Path) -> None:
    client = HttpAnnulable("https://127.0.0.1:1", ssl.create_default_context(), "proxy")
    with pytest.raises(Annule) as leve:
        client.appeler("GET", "/", delai=1, annule=lambda: True)
    assert not leve.value.incertain


def test_the_whole_answer_has_a_deadline(tmp_path: Path) -> None:
    def goutte_a_goutte(guichet: BaseHTTPRequestHandler) -> None:
        guichet.send_response(200)
        guichet.send_header("Content-Length", "1000")
        guichet.end_headers()
        for _ in range(1000):
            guichet.wfile.write(b"x")
            guichet.wfile.flush()
            time.sleep(0.1)  # short: the service's

    with ServeurTls(tmp_path, goutte_a_goutte) as serveur, attendu_avant(), \
            pytest.raises(Indisponible) as leve:
        _client(serveur).appeler("POST", "/", delai=0.6, service="dmp")
    assert (leve.value.code, leve.value.incertain) == ("DELAI", True)
    assert "DMP ne répond pas" in leve.value.message


def _muet(guichet: BaseHTTPRequestHandler) -> None:
    guichet.connection.settimeout(120)
    guichet.connection.recv(1)  # until the caller hangs up
    guichet.close_connection = True


def _coupe(guichet: BaseHTTPRequestHandler) -> None:
    guichet.close_connection = True
    guichet.connection.shutdown(socket.SHUT_RDWR)


def _tronque(guichet: BaseHTTPRequestHandler) -> None:
    guichet.send_response(200)
    guichet.send_header("Content-Length", "1000")
    guichet.end_headers()
    guichet.wfile.write(b"debut")
    guichet.close_connection = True


@pytest.mark.parametrize(("traiter", "code", "delai"), [
    (_muet, "DELAI", 1.0), (_coupe, "RESEAU", 60.0), (_tronque, "RESEAU", 60.0)])
def test_no_answer_after_the_request_left(tmp_path: Path, code: str, delai: float,
                                          traiter: Callable[[BaseHTTPRequestHandler], None],
                                          ) -> None:
    with ServeurTls(tmp_path, traiter) as serveur, pytest.raises(Indisponible) as leve:
        _client(serveur).appeler("POST", "/", delai=delai, corps=b"x", service="dmp")
    assert (leve.value.code, leve.value.incertain) == (code, True)
    assert leve.value.remede is Remede.REESSAYER


def test_nobody_listens() -> None:
    with port_mort() as port, pytest.raises(Indisponible) as leve:
        HttpAnnulable(f"https://127.0.0.1:{port}", ssl.create_default_context(), "proxy").appeler(
            "POST", "/", delai=30, service="dmp")
    assert (leve.value.code, leve.value.incertain, leve.value.service) == (
        "RESEAU", False, "proxy")
    assert "Proxy e-santé est injoignable" in leve.value.message


@pytest.mark.attaque(
    "Faux Proxy e-santé",
    tente="un serveur au certificat d’une autre autorité",
    constat="connexion refusée, phrase en français, rien d’envoyé")
def test_an_unknown_certificate_is_refused(tmp_path: Path) -> None:
    autre = tmp_path / "autre.pem"
    autre.write_bytes(paire("autre")[1])
    with ServeurTls(tmp_path, lambda g: repondre_http(g, 200)) as serveur, \
            pytest.raises(Indisponible) as leve:
        _client(serveur, autre).appeler("GET", "/", delai=30)
    assert (leve.value.code, leve.value.incertain) == ("TLS", False)
    assert "certificat" in leve.value.message
    assert leve.value.remede is Remede.ETAT_SERVICES


def test_plain_http_behind_https(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ecoute:
        def parler() -> None:
            prise, _ = ecoute.accept()
            with prise:
                prise.recv(100)
                prise.sendall(b"HTTP/1.1 400 non\r\n\r\n")

        threading.Thread(target=parler, daemon=True).start()
        client = HttpAnnulable(f"https://127.0.0.1:{ecoute.getsockname()[1]}",
                               ssl.create_default_context(), "proxy")
        with pytest.raises(Indisponible) as leve:
            client.appeler("GET", "/", delai=30)
    assert leve.value.code == "TLS"


def test_twenty_calls_at_once(tmp_path: Path) -> None:
    def traiter(guichet: BaseHTTPRequestHandler) -> None:
        time.sleep(0.05)  # short: the service's
        repondre_http(guichet, 200, guichet.path.encode(), "text/plain")

    with ServeurTls(tmp_path, traiter) as serveur:
        client = _client(serveur)
        recus: dict[int, bytes] = {}

        def appeler(numero: int) -> None:
            recus[numero] = client.appeler("GET", f"/{numero}", delai=60).corps

        fils = [threading.Thread(target=appeler, args=(n,)) for n in range(20)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join(60)
        client.fermer()
    assert recus == {n: f"/{n}".encode() for n in range(20)}


@pytest.mark.parametrize(("erreur", "genre", "incertain"), [
    (httpx.ConnectError("x"), Indisponible, False),
    (httpx.ConnectTimeout("x"), Indisponible, False),
    (httpx.PoolTimeout("x"), Indisponible, False),
    (httpx.ReadTimeout("x"), Indisponible, True),
    (httpx.WriteTimeout("x"), Indisponible, True),
    (httpx.ReadError("x"), Indisponible, True),
    (httpx.WriteError("x"), Indisponible, True),
    (httpx.RemoteProtocolError("x"), Indisponible, True),
    (httpx.DecodingError("x"), Indisponible, True),
    (httpx.ProxyError("x"), Indisponible, False),
    (httpx.InvalidURL("x"), Invalide, False),
    (httpx.UnsupportedProtocol("x"), Invalide, False),
])
def test_every_error_of_the_http_client(erreur: httpx.HTTPError, genre: type[ErreurService],
                                        incertain: bool) -> None:
    traduite = traduire(erreur, "insi")
    assert type(traduite) is genre
    assert traduite.incertain is incertain
    assert traduite.message.endswith(".") and traduite.remede


# --- Breaker and weather --------------------------------------------------------------------


class Montre:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.t = 0.0

    def __call__(self) -> float:
        return self.t


def test_the_breaker_opens_probes_and_closes() -> None:
    montre = Montre()
    circuit = Disjoncteur(ReglageDisjoncteur(2, 10, 25), horloge=montre, alea=lambda: 0.5)
    assert circuit.echec() is None
    assert circuit.attente() == 0
    assert circuit.echec() == 10
    assert circuit.attente() == 10
    montre.t = 10
    assert circuit.attente() == 0  # the probe
    assert circuit.attente() > 0  # only one
    assert circuit.echec() == 20
    montre.t = 30
    assert circuit.attente() == 0
    circuit.abandon()
    assert circuit.attente() == 0
    assert circuit.echec() == 25  # the longest pause
    circuit.rearmer()
    assert circuit.attente() == 0
    circuit.succes()
    assert [circuit.attente() for _ in range(3)] == [0, 0, 0]
    assert circuit.echec() is None


def test_the_weather_tells_changes_once() -> None:
    dits: list[EtatService] = []
    meteo = Meteo(dits.append, reglage=ReglageDisjoncteur(2, 60, 60))
    assert meteo.etat("dmp") == EtatService("dmp")
    meteo.noter("dmp", None)
    meteo.noter("dmp", Refuse("non"))
    panne = Indisponible("Le DMP est en panne.")
    meteo.noter("dmp", panne)
    meteo.noter("dmp", panne)
    with pytest.raises(Indisponible, match=r"Nouvel essai dans \d+ s") as leve:
        meteo.entrer("dmp")
    assert leve.value.code == "DISJONCTEUR" and not leve.value.incertain
    meteo.entrer("insi")
    meteo.rearmer("dmp")
    meteo.entrer("dmp")
    meteo.noter("dmp", None)
    assert [(e.disponible, bool(e.prochain_essai)) for e in dits] == [
        (True, False), (False, False), (False, True), (True, False)]
    assert dits[1].message == "Le DMP est en panne." and dits[1].depuis == dits[2].depuis
    assert [e.nom for e in meteo.etats()] == ["dmp"]


def test_giving_up_or_logging_out_says_nothing_of_the_service() -> None:
    meteo = Meteo(reglage=ReglageDisjoncteur(1))
    for erreur in (Annule("x"), SessionExpiree("x"), Invalide("x"), KeyError("x")):
        meteo.noter("dmp", erreur)
    assert meteo.etats() == ()


# --- Retries --------------------------------------------------------------------------------

OK = Reponse(200, "text/plain", b"ok")
PANNE = Indisponible("Le DMP est indisponible.")


def _appeler(transport: TransportScript, *, idempotente: bool = True, delai: float = 5,
             journal: list[TraceAppel] | None = None, meteo: Meteo | None = None,
             annule: Callable[[], bool] | None = None, **options: object) -> bytes:
    appelant = Appelant(transport, "dmp", meteo=meteo,
                        reprises=options.get("reprises", VITE),  # type: ignore[arg-type]
                        journal=None if journal is None else journal.append)
    numeros = iter(range(100))
    return appelant.appeler(
        Operation("TD3.1", "/registry", delai, idempotente, emetteur="899700000016"),
        lambda mid: Requete(mid.encode(), "text/plain"), lambda reponse, mid: reponse.corps,
        lambda: f"urn:uuid:{next(numeros)}", annule=annule)


def test_busy_thrice_then_success() -> None:
    transport = TransportScript([PANNE, PANNE, PANNE, OK])
    traces: list[TraceAppel] = []
    meteo = Meteo()
    assert _appeler(transport, journal=traces, meteo=meteo) == b"ok"
    assert [e.corps for e in transport.recus] == [b"urn:uuid:%d" % n for n in range(4)]
    assert [t.resultat for t in traces] == ["Indisponible"] * 3 + ["ok"]
    assert traces[0].message_id == "urn:uuid:0" and traces[0].emetteur == "899700000016"
    assert traces[0].strategie == "psc_proxy" and traces[0].transaction == "TD3.1"
    assert meteo.etat("dmp").disponible


def test_retries_end() -> None:
    transport = TransportScript([PANNE])
    meteo = Meteo()
    with pytest.raises(Indisponible) as leve:
        _appeler(transport, meteo=meteo)
    assert len(transport.recus) == 4
    assert leve.value.reference and leve.value.service == "dmp"
    assert not meteo.etat("dmp").disponible


@pytest.mark.parametrize("erreur", [Refuse("non"), SessionExpiree("non"), Invalide("non"),
                                    Annule("non")])
def test_what_is_not_retried(erreur: ErreurService) -> None:
    transport = TransportScript([erreur])
    with pytest.raises(type(erreur)):
        _appeler(transport)
    assert len(transport.recus) == 1


def test_what_must_not_be_repeated_is_not() -> None:
    transport = TransportScript([PANNE])
    with pytest.raises(Indisponible):
        _appeler(transport, idempotente=False)
    assert len(transport.recus) == 1


def test_no_retry_when_the_time_is_over() -> None:
    transport = TransportScript([PANNE])
    with pytest.raises(Indisponible):
        _appeler(transport, delai=0)  # short: no time left
    assert len(transport.recus) == 1


def test_giving_up_between_two_tries() -> None:
    transport = TransportScript([PANNE])
    with pytest.raises(Annule):
        _appeler(transport, annule=lambda: True)
    assert len(transport.recus) == 1


def test_an_open_circuit_sends_nothing() -> None:
    transport = TransportScript([PANNE])
    meteo = Meteo(reglage=ReglageDisjoncteur(1, 60))
    for _ in range(2):
        with pytest.raises(Indisponible):
            _appeler(transport, meteo=meteo, reprises=SANS_REPRISE)
    assert len(transport.recus) == 1


def test_the_weather_of_the_transport_is_shared() -> None:
    transport = TransportScript([OK])
    transport.meteo = Meteo()  # type: ignore[attr-defined]
    _appeler(transport)
    assert [e.nom for e in transport.meteo.etats()] == ["dmp"]  # type: ignore[attr-defined]


def test_a_request_that_cannot_be_built_says_nothing_of_the_service() -> None:
    transport, meteo = TransportScript([OK]), Meteo()

    def perime(message_id: str) -> Requete:
        raise Indisponible("Le certificat n’est plus valable.")

    appelant = Appelant(transport, "dmp", meteo=meteo, reprises=VITE)
    with pytest.raises(Indisponible):
        appelant.appeler(Operation("TD0.2", "/patients", 5), perime, lambda r, m: r.corps,
                         lambda: "urn:uuid:1")
    assert transport.recus == [] and meteo.etats() == ()
