"""What the proxy does when a caller, a disk, a provider or a race does its worst."""

import asyncio
import json
import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from proxy_doubles import CONNECT, NATIONAL_ID, PSC, Banc, configuration

from app.proxy.limits import Peers
from app.proxy.sessions import PscTokens, Session
from app.proxy.traces import TraceDown, TraceLog
from tests.attente import jusqua
from tests.petit_disque import sur_petit_disque


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


pytestmark = pytest.mark.anyio


def _session() -> Session:
    return Session("lps-demo", "lps-demo", NATIONAL_ID, PscTokens("a", 0, session_state="e"), 0, 0)


# --- traces that can't be written ------------------------------------------------------------


@pytest.mark.attaque(
    "Proxy : disque des traces plein",
    tente="Remplir le disque pendant que des sessions sont ouvertes ; appeler une API, se "
          "connecter, se déconnecter ; puis faire de la place.",
    constat="503 : rien n’est transmis ni ouvert sans trace ; la déconnexion aboutit et révoque "
            "les jetons ; /check/ready le dit ; tout reprend seul, sans ligne abîmée.")
def test_full_disk(tmp_path: Path) -> None:
    def geste() -> int:
        asyncio.run(_disque_plein(tmp_path / "disque"))
        return 0

    assert sur_petit_disque(tmp_path / "disque", 2 << 20, geste) == 0


async def _disque_plein(dossier: Path) -> None:
    banc = Banc(dossier, traces={"fichier": str(dossier / "traces.jsonl")})
    assert (await banc.connecter()).status_code == 200
    await banc.http.get("/send/insi/lps")
    pret = (await banc.http.get("/check/ready")).json()
    assert pret["traces"] == "ok"
    lest = dossier / "lest"
    with lest.open("wb", buffering=0) as flux:
        taille = 65536
        while taille:
            try:
                flux.write(b"x" * taille)
            except OSError:
                taille //= 2
    # The last block of the trace file still has room: fill it, the last line gets cut.
    envois = [(await banc.http.get("/send/insi/lps")).status_code for _ in range(40)]
    assert envois[-1] == 503 and envois == sorted(envois)
    recus = len(banc.monde.api_recus)
    assert (await banc.http.get("/send/insi/lps")).status_code == 503
    autre = banc.appelant()
    refus = await autre.post("/connect", json={**CONNECT, "nationalId": "899700000024"})
    assert refus.status_code == 503 and "set-cookie" not in refus.headers
    assert await banc.ctx.store.count() == 1
    assert (await banc.http.delete("/disconnect")).status_code == 200
    await banc.ctx.broker.settle()
    assert len(banc.monde.api_recus) == recus
    assert set(banc.monde.jetons_api) <= set(banc.monde.revoques)
    pret = (await banc.http.get("/check/ready")).json()
    assert pret["traces"] == "ko"
    lest.unlink()
    assert (await banc.http.get("/check/ready")).json()["traces"] == "ok"
    assert (await banc.connecter()).status_code == 200
    lignes = (dossier / "traces.jsonl").read_text().splitlines()
    coupees = [ligne for ligne in lignes if ligne and not ligne.endswith("}")]
    assert len(coupees) <= 1 and json.loads(lignes[-1])["type"] == "CONNECT_SUCCESS"


def test_a_trace_is_whole_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=True)
    vrai = os.write
    monkeypatch.setattr(os, "write", lambda fd, octets: vrai(fd, octets[:20]))
    with pytest.raises(TraceDown):
        journal.send(_session(), ip="1", ports=[], api="insi", method="GET", path="/x")
    journal.disconnect(_session(), ip="1", ports=[])
    monkeypatch.setattr(os, "write", vrai)
    assert journal.ready()
    journal.send(_session(), ip="2", ports=[], api="insi", method="GET", path="/x")
    lues = journal.read(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert [t["ipAddress"] for t in lues] == ["2"]


def test_two_processes_rotate_at_the_same_instant(tmp_path: Path) -> None:
    """Between the look and the move of one, the other has moved: nothing may be overwritten."""
    instant = time.time() - 2 * 86400
    a = TraceLog(tmp_path / "traces.jsonl", clear_ids=True, now=lambda: instant)
    b = TraceLog(tmp_path / "traces.jsonl", clear_ids=True, now=lambda: instant)
    a.disconnect(_session(), ip="hier", ports=[])
    b.disconnect(_session(), ip="hier", ports=[])
    instant += 86400
    deplacer = b._mettre_de_cote

    def course() -> None:
        a.disconnect(_session(), ip="a", ports=[])
        deplacer()

    b._mettre_de_cote = course  # type: ignore[method-assign]
    b.disconnect(_session(), ip="b", ports=[])
    lues = a.read(datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    assert sorted(t["ipAddress"] for t in lues) == ["a", "b", "hier", "hier"]


def test_a_clock_set_ahead_deletes_no_trace(tmp_path: Path) -> None:
    journal = TraceLog(tmp_path / "traces.jsonl", clear_ids=True, keep_days=365,
                       now=lambda: time.time() + 800 * 86400)
    hier = date.today() - timedelta(days=1)
    (tmp_path / f"traces-{hier}-1.jsonl").write_text("{}\n")
    assert journal.purge() == 0


@pytest.mark.attaque(
    "Proxy : disque rempli de traces par un inconnu",
    tente="Sans session, demander mille connexions pour un logiciel inconnu ; avec une session, "
          "mille fois /connect.",
    constat="429 passé la limite, et plus une trace.")
async def test_traces_are_not_written_at_will(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"identifications_par_minute": 5, "envois_par_seconde": 2})
    inconnu = {**CONNECT, "clientId": "inconnu"}
    statuts = [(await banc.http.post("/connect", json=inconnu)).status_code for _ in range(50)]
    assert statuts.count(404) == 5 and statuts.count(429) == 45
    banc.horloge.decalage += 120
    assert (await banc.connecter()).status_code == 200
    statuts = [(await banc.connecter()).status_code for _ in range(50)]
    assert set(statuts) == {304, 429} and statuts.count(304) <= 9
    assert len(banc.traces()) <= 15


# --- who calls ---------------------------------------------------------------------------------


def _vu(peers: Peers, ip: str, *entetes: tuple[bytes, bytes]) -> tuple[str, bool]:
    pair = peers.of({"client": (ip, 5), "headers": list(entetes)})
    return pair.ip, pair.direct


@pytest.mark.attaque(
    "Proxy : adresse forgée par X-Forwarded-For",
    tente="Envoyer son propre X-Forwarded-For à travers un mandataire qui ajoute le sien ; en-tête "
          "en double, adresse illisible, IPv4 écrite en IPv6.",
    constat="L’adresse est celle que le mandataire a vue ; un mandataire n’est jamais pris pour un "
            "appel direct.")
def test_forged_forwarded_address() -> None:
    peers = Peers(["10.0.0.0/8"])
    assert _vu(peers, "10.0.0.1", (b"x-forwarded-for", b"127.0.0.1, 203.0.113.7")) == (
        "203.0.113.7", False)
    assert _vu(peers, "10.0.0.1", (b"x-forwarded-for", b"127.0.0.1"),
               (b"x-forwarded-for", b"203.0.113.7, 10.9.9.9")) == ("203.0.113.7", False)
    assert _vu(peers, "::ffff:10.0.0.1", (b"x-forwarded-for", b"203.0.113.7")) == (
        "203.0.113.7", False)
    assert _vu(peers, "10.0.0.1", (b"x-forwarded-for", b"<script>")) == ("10.0.0.1", False)
    assert _vu(peers, "10.0.0.1") == ("10.0.0.1", False)
    assert _vu(peers, "::ffff:127.0.0.1") == ("127.0.0.1", True)
    assert _vu(peers, "192.0.2.1", (b"x-forwarded-for", b"10.0.0.1")) == ("192.0.2.1", False)


@pytest.mark.attaque(
    "Proxy : limite contournée par les adresses d’un même réseau IPv6",
    tente="Cent tentatives de connexion, chacune d’une autre adresse du même réseau /64.",
    constat="Une seule limite pour le réseau ; un autre réseau n’en souffre pas.")
async def test_one_limit_for_a_network(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"identifications_par_minute": 5})
    corps = {"clientId": "lps-demo", "retour": "http://127.0.0.1:5000/psc/done"}
    statuts = [(await banc.appelant(f"2001:db8:1:2::{n:x}").post(
        "/session/nouvelle", json=corps)).status_code for n in range(1, 101)]
    assert statuts.count(200) == 5 and statuts.count(429) == 95
    assert (await banc.appelant("2001:db8:1:3::1").post(
        "/session/nouvelle", json=corps)).status_code == 200


async def test_case_of_a_name_does_not_multiply_the_calls_to_a_telephone(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"sollicitations_par_minute": 2})
    statuts = [(await banc.appelant().post("/connect", json={**CONNECT, "nationalId": nom})
                ).status_code for nom in ("5123/cpat1", "5123/CPAT1", "5123/Cpat1", "5123/cPAT1")]
    assert statuts.count(429) == 2


def test_traces_are_not_open_behind_a_public_address(tmp_path: Path) -> None:
    """A reverse proxy on the same machine makes everybody local."""
    for url, attendu in (("https://proxy.exemple.fr", "non"), ("https://127.0.0.1:8443",
                                                               "loopback"), ("", "loopback")):
        assert configuration(tmp_path, proxy={"url_publique": url},
                             traces={"exposer": ""}).exposition_traces == attendu


@pytest.mark.attaque(
    "Proxy : texte qui ne peut pas s’écrire",
    tente="Un demi-caractère Unicode (\\ud800) à la place du ticket, du code, de l’adresse de "
          "retour.",
    constat="400, jamais 500.")
async def test_half_a_character(tmp_path: Path) -> None:
    banc = Banc(tmp_path)
    for route, corps in (("/session/ticket", b'{"code": "a", "ticket": "\\ud800"}'),
                         ("/session/ticket", b'{"code": "\\udfff", "ticket": "a"}'),
                         ("/session/nouvelle", b'{"clientId": "\\ud800", "retour": "x"}')):
        assert (await banc.http.post(route, content=corps)).status_code == 400
    for route in ("/login?app=%ed%a0%80", "/callback?state=%ed%a0%80&code=x"):
        assert (await banc.http.get(route)).status_code == 400


async def test_extreme_dates_of_traces(tmp_path: Path) -> None:
    banc = Banc(tmp_path)
    for debut in ("0001-01-01T00:00:00%2B14:00", "0001-01-01T00:00:00Z",
                  "9999-12-31T23:59:59-14:00"):
        assert (await banc.http.get(f"/traces?start={debut}")).status_code in (200, 400)


# --- races and providers -----------------------------------------------------------------------


@pytest.mark.attaque(
    "Proxy : jeton obtenu pendant la déconnexion",
    tente="Se déconnecter pendant que le jeton d’une API est échangé.",
    constat="401, et le jeton né après la fin de la session est révoqué comme les autres.")
async def test_token_born_after_the_end(tmp_path: Path) -> None:
    banc = Banc(tmp_path)
    await banc.connecter()
    session = await banc.ctx.store.get(banc.http.cookies["proxy_session_id"])
    banc.horloge.decalage += 14400 - 100
    session.last_used = banc.horloge()
    session.opened = banc.horloge()
    session.psc.access_expires = banc.horloge() + 100
    attente, vrai = asyncio.Event(), banc.ctx.broker._edc.exchange
    entre = asyncio.Event()

    async def exchange(*args: object) -> object:
        jeton = await vrai(*args)
        entre.set()
        await attente.wait()
        return jeton

    banc.ctx.broker._edc.exchange = exchange
    session.apis["insi"].refresh_token = ""
    session.apis["insi"].expires = banc.horloge() + 1
    appel = asyncio.ensure_future(banc.http.get("/send/insi/lps"))
    await entre.wait()
    sortie = banc.appelant()
    sortie.cookies = httpx.Cookies(banc.http.cookies)
    assert (await sortie.delete("/disconnect")).status_code == 200
    attente.set()
    assert (await appel).status_code == 401
    await banc.ctx.broker.settle()
    assert set(banc.monde.jetons_api) <= set(banc.monde.revoques)


async def test_provider_that_is_down_is_not_queued_for(tmp_path: Path) -> None:
    """Each login used to wait for the time-outs of all that came before."""
    banc = Banc(tmp_path)
    banc.monde.pannes["wallet-openid-configuration"] = httpx.ConnectTimeout("x")
    statuts = await asyncio.gather(*(banc.connecter() for _ in range(20)))
    assert {r.status_code for r in statuts} == {504}
    assert len(banc.monde.chemins("wallet-openid-configuration")) == 1
    banc.monde.pannes.clear()
    banc.horloge.decalage += 4
    assert (await banc.connecter()).status_code == 200


@pytest.mark.attaque(
    "Proxy : découverte de PSC qui mène hors de TLS",
    tente="Une découverte dont les clés, ou une adresse réservée au mTLS, sont en http.",
    constat="502, rien n’est demandé en clair.")
@pytest.mark.parametrize("change", [
    {"jwks_uri": "http://psc.test/certs"},
    {"mtls_endpoint_aliases": {"token_endpoint": "http://psc.test/token"}}])
async def test_discovery_in_the_clear(tmp_path: Path, change: dict) -> None:
    banc = Banc(tmp_path)
    vrai = banc.monde._psc

    def psc(chemin: str, form: dict, requete: httpx.Request) -> httpx.Response:
        reponse = vrai(chemin, form, requete)
        if chemin.endswith("wallet-openid-configuration"):
            return httpx.Response(200, json={**reponse.json(), **change})
        return reponse

    banc.monde._psc = psc  # type: ignore[method-assign]
    assert (await banc.connecter()).status_code == 502
    assert banc.monde.chemins("/ext/ciba/auth") == [] and PSC.startswith("https")


@pytest.mark.attaque(
    "Proxy : un poste qui prend toutes les connexions",
    tente="Une session lance trente appels qui ne finissent pas ; une autre travaille.",
    constat="429 au-delà de la limite par session ; l’autre passe.")
async def test_calls_at_once_of_a_session(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"envois_simultanes": 5})
    await banc.connecter()
    ouvert = asyncio.Event()

    class Lent(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            await ouvert.wait()
            yield b"x"

    banc.monde.repondre = lambda *_: httpx.Response(200, stream=Lent())
    appels = [asyncio.ensure_future(banc.http.get("/send/insi/lps")) for _ in range(30)]
    await jusqua(lambda: sum(a.done() for a in appels) >= 25)
    refus = [a.result().status_code for a in appels if a.done()]
    assert refus == [429] * 25
    banc.monde.repondre = None
    autre = banc.appelant()
    await autre.post("/connect", json={**CONNECT, "nationalId": "899700000024"})
    assert (await autre.get("/send/insi/lps")).status_code == 200
    ouvert.set()
    assert {a.status_code for a in await asyncio.gather(*appels)} == {200, 429}
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
