"""What breaks half-way: a store, a caller who leaves, a server that doesn't revoke, a browser."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from proxy_doubles import AUTRE_ID, CONNECT, Banc, parametres

from app.proxy import broker as module_broker
from app.proxy.journal import JsonFormatter
from app.proxy.resp import Address, Resp
from app.proxy.sessions import StoreDown

RETOUR = "http://127.0.0.1:49152/psc/done"
GENEREUX_S = 30.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def banc(tmp_path: Path) -> Banc:
    return Banc(tmp_path)


pytestmark = pytest.mark.anyio


def _casser(banc: Banc, *gestes: str) -> None:
    """From now on these gestures of the store fail."""
    async def panne(*_: object) -> Any:
        raise StoreDown("ConnectionResetError")

    for geste in gestes:
        setattr(banc.ctx.store, geste, panne)


async def _attendre(vrai: Callable[[], bool]) -> None:
    fin = time.monotonic() + GENEREUX_S
    while not vrai():
        assert time.monotonic() < fin
        await asyncio.sleep(0.005)


async def _naviguer(banc: Banc) -> tuple[dict, httpx.AsyncClient, dict[str, str]]:
    """A login up to PSC; gives the announce, the browser, and what comes back with it."""
    annonce = (await banc.http.post("/session/nouvelle", json={
        "clientId": "lps-demo", "retour": RETOUR})).json()
    navigateur = banc.appelant()
    demande = parametres((await navigateur.get(annonce["url"])).headers["location"])
    banc.monde.nonce = demande["nonce"]
    return annonce, navigateur, {"code": "bon-code", "state": demande["state"],
                                 "iss": banc.monde.psc}


def _deconnexions(banc: Banc) -> int:
    return len(banc.monde.chemins("/logout"))


# --- the store goes away ---------------------------------------------------------------------


async def test_nobody_is_asked_to_log_in_for_nothing(banc: Banc, tmp_path: Path) -> None:
    """No telephone rings for a session that could be neither kept nor traced."""
    async def non() -> bool:
        return False

    pret = banc.ctx.store.ready
    banc.ctx.store.ready = non
    nouvelle = {"clientId": "lps-demo", "retour": RETOUR}
    assert (await banc.connecter()).status_code == 503
    assert (await banc.http.post("/session/nouvelle", json=nouvelle)).status_code == 503
    banc.ctx.store.ready = pret
    banc.ctx.traces.ready = lambda: False
    assert (await banc.connecter()).status_code == 503
    assert (await banc.http.post("/session/nouvelle", json=nouvelle)).status_code == 503
    assert banc.monde.appels == []


async def test_store_lost_while_the_telephone_rings(banc: Banc) -> None:
    """The professional said yes, the session can't be kept: nothing she allowed lives on."""
    _casser(banc, "open")
    assert (await banc.connecter()).status_code == 503
    await banc.ctx.broker.settle()
    assert len(banc.monde.jetons_api) == 2
    assert set(banc.monde.jetons_api) <= set(banc.monde.revoques)
    assert _deconnexions(banc) == 1
    assert [(t["type"], t["motif"]) for t in banc.traces()] == [("CONNECT_FAILURE", "magasin")]


async def test_store_lost_before_the_ticket(banc: Banc) -> None:
    """The software is told at once; it would wait five minutes for its browser."""
    _, navigateur, retour = await _naviguer(banc)
    _casser(banc, "put")
    reponse = await navigateur.get("/callback", params=retour)
    assert reponse.headers["location"] == f"{RETOUR}?erreur=temporarily_unavailable"
    await banc.ctx.broker.settle()
    assert _deconnexions(banc) == 1


async def test_store_lost_at_the_ticket(banc: Banc) -> None:
    annonce, navigateur, retour = await _naviguer(banc)
    ticket = parametres((await navigateur.get("/callback", params=retour)).headers["location"])
    _casser(banc, "open")
    assert (await banc.http.post("/session/ticket", json={
        "code": annonce["code"], **ticket})).status_code == 503
    await banc.ctx.broker.settle()
    assert _deconnexions(banc) == 1


@pytest.mark.attaque(
    "Proxy : ticket essayé avec un autre code",
    tente="Échanger le ticket d’une connexion aboutie avec un code inventé, puis avec le bon.",
    constat="401 les deux fois : le ticket est détruit, et l’identification qu’il portait est "
            "fermée à Pro Santé Connect.")
async def test_ticket_with_another_code(banc: Banc) -> None:
    annonce, navigateur, retour = await _naviguer(banc)
    ticket = parametres((await navigateur.get("/callback", params=retour)).headers["location"])
    for code in ("x" * 43, annonce["code"]):
        assert (await banc.http.post("/session/ticket", json={
            "code": code, **ticket})).status_code == 401
    await banc.ctx.broker.settle()
    assert _deconnexions(banc) == 1 and await banc.ctx.store.count() == 0


async def test_tokens_of_somebody_else_are_not_kept_alive(banc: Banc) -> None:
    banc.monde.sujet = AUTRE_ID
    assert (await banc.connecter()).status_code == 401
    await banc.ctx.broker.settle()
    assert _deconnexions(banc) == 1


# --- what a browser sees ---------------------------------------------------------------------


async def test_a_browser_is_answered_with_pages(tmp_path: Path) -> None:
    """Faults of the login used to show a line of JSON to the professional."""
    banc = Banc(tmp_path, limites={"identifications_par_minute": 3})
    refus = [await banc.appelant().get("/callback?state=x") for _ in range(5)]
    assert [r.status_code for r in refus] == [400] * 3 + [429] * 2
    assert int(refus[-1].headers["retry-after"]) > 0
    _casser(banc, "take")
    refus += [await banc.http.get(r) for r in ("/login?app=x", "/callback?state=x")]
    banc.ctx.draining = True
    refus.append(await banc.http.get("/login?app=x"))
    assert [r.status_code for r in refus[5:]] == [503] * 3
    for reponse in refus:
        assert reponse.headers["content-type"].startswith("text/html"), reponse.text
        assert "Revenez au logiciel" in reponse.text


async def test_a_login_counts_once(tmp_path: Path) -> None:
    """It used to count four times: fifteen a minute behind the address of a whole centre."""
    banc = Banc(tmp_path, limites={"identifications_par_minute": 4})
    for _ in range(4):
        annonce, navigateur, retour = await _naviguer(banc)
        ticket = parametres((await navigateur.get("/callback", params=retour)).headers["location"])
        assert (await banc.http.post("/session/ticket", json={
            "code": annonce["code"], **ticket})).status_code == 200
    assert (await banc.http.post("/session/nouvelle", json={
        "clientId": "lps-demo", "retour": RETOUR})).status_code == 429


# --- renewals and callers who leave ------------------------------------------------------------


async def _retenir(banc: Banc) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold the renewals of PSC back: (somebody came, let go)."""
    vrai, venu, ouvert = banc.ctx.psc.refresh, asyncio.Event(), asyncio.Event()

    async def refresh(*args: Any) -> Any:
        nouveaux = await vrai(*args)
        venu.set()
        await ouvert.wait()
        return nouveaux

    banc.ctx.psc.refresh = refresh
    return venu, ouvert


async def test_twenty_requests_one_renewal(banc: Banc) -> None:
    await banc.connecter()
    _, ouvert = await _retenir(banc)
    banc.horloge.decalage += 100
    avant = len(banc.monde.chemins("/mtls/token"))
    appels = [asyncio.ensure_future(banc.http.get("/session/jeton-psc")) for _ in range(20)]
    await _attendre(lambda: len(banc.monde.chemins("/mtls/token")) > avant)
    ouvert.set()
    reponses = await asyncio.gather(*appels)
    assert {r.status_code for r in reponses} == {200}
    assert len({r.json()["access_token"] for r in reponses}) == 1
    assert len(banc.monde.chemins("/mtls/token")) == avant + 1


@pytest.mark.attaque(
    "Proxy : raccrocher pendant un renouvellement",
    tente="Lancer un appel qui fait renouveler les jetons de Pro Santé Connect, et raccrocher "
          "pendant que PSC remplace le jeton de rafraîchissement.",
    constat="Le renouvellement va au bout et le nouveau jeton est gardé : la session continue.")
async def test_caller_who_leaves_during_a_renewal(banc: Banc) -> None:
    await banc.connecter()
    (numero,) = await banc.ctx.store.live()
    session = await banc.ctx.store.get(numero)
    venu, ouvert = await _retenir(banc)
    ancien = session.psc.refresh_token
    banc.horloge.decalage += 100
    appel = asyncio.ensure_future(banc.ctx.broker.psc_token(session, at_least=45.0))
    await venu.wait()
    appel.cancel()
    with pytest.raises(asyncio.CancelledError):
        await appel
    ouvert.set()
    await banc.ctx.broker.settle()
    assert (await banc.ctx.store.get(numero)).psc.refresh_token != ancien


async def test_caller_who_leaves_during_the_exchanges(banc: Banc) -> None:
    """`/connect` is left while a token is on its way: the token is revoked as well."""
    vrai, venu, ouvert = banc.ctx.broker._edc.exchange, asyncio.Event(), asyncio.Event()

    async def exchange(*args: Any) -> Any:
        jeton = await vrai(*args)
        venu.set()
        await ouvert.wait()
        return jeton

    banc.ctx.broker._edc.exchange = exchange
    appel = asyncio.ensure_future(banc.connecter())
    await venu.wait()
    appel.cancel()
    ouvert.set()
    with pytest.raises(asyncio.CancelledError):
        await appel
    await banc.ctx.broker.settle()
    assert banc.monde.jetons_api and set(banc.monde.jetons_api) <= set(banc.monde.revoques)
    assert _deconnexions(banc) == 1 and await banc.ctx.store.count() == 0


# --- revocation --------------------------------------------------------------------------------


@pytest.mark.parametrize(("panne", "fois"), [(400, 1), (503, 3), (httpx.ReadTimeout("x"), 3)])
async def test_revocation_that_fails(banc: Banc, monkeypatch: pytest.MonkeyPatch,
                                     panne: int | Exception, fois: int) -> None:
    """A refusal is final, an absence isn't: tried again; logging out works in any case."""
    monkeypatch.setattr(module_broker, "REPRISES_S", (0.01, 0.01))
    await banc.connecter()
    jetons = list(banc.monde.jetons_api)
    banc.monde.pannes["/revoke"] = panne
    assert (await banc.http.delete("/disconnect")).status_code == 200
    assert (await banc.http.get("/session/etat")).status_code == 401
    await banc.ctx.broker.settle()
    essais = [f["token"] for f in banc.monde.chemins("/revoke")]
    assert [essais.count(j) for j in jetons] == [fois] * 2


async def test_servers_that_hang_do_not_hold_who_logs_out(
        banc: Banc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_broker, "ADIEUX_S", 0.05)
    await banc.connecter()
    ouvert = asyncio.Event()

    async def revoke(*_: object) -> bool:
        await ouvert.wait()
        return True

    banc.ctx.broker._edc.revoke = revoke
    assert (await banc.http.delete("/disconnect")).status_code == 200
    assert [t["type"] for t in banc.traces()] == ["CONNECT_SUCCESS", "DISCONNECT"]
    ouvert.set()
    await banc.ctx.broker.settle()


async def test_servers_of_tokens_are_not_waited_for_as_apis_are(banc: Banc) -> None:
    """Two minutes are an API's; a login must not wait that long for a server of tokens."""
    delais: list[float] = []
    for nom in ("insi", "dmp"):
        http = banc.ctx.outbound.pool(banc.config.clients["lps-demo"], nom).http
        assert http.timeout.read == 120.0
        vrai = http.send

        async def send(requete: httpx.Request, _vrai: Any = vrai, **kw: Any) -> httpx.Response:
            delais.append(requete.extensions["timeout"]["read"])
            return await _vrai(requete, **kw)

        http.send = send
    await banc.connecter()
    assert delais == [15.0, 15.0]


# --- Redis, the log ------------------------------------------------------------------------------


async def test_a_caller_who_leaves_does_not_shift_the_answers_of_others() -> None:
    """One leaves while the connection presents itself: the next ones notice nothing."""
    liens: list[asyncio.StreamWriter] = []
    lents = [True, False]

    async def servir(lecteur: asyncio.StreamReader, ecrivain: asyncio.StreamWriter) -> None:
        liens.append(ecrivain)
        lent = lents.pop(0)
        while ligne := await lecteur.readline():
            if ligne in (b"AUTH\r\n", b"PING\r\n") and not lent:
                ecrivain.write(b"+OK\r\n" if ligne == b"AUTH\r\n" else b"+PONG\r\n")

    serveur = await asyncio.start_server(servir, "127.0.0.1", 0)
    port = serveur.sockets[0].getsockname()[1]
    resp = Resp(Address.parse(f"redis://127.0.0.1:{port}"), "mot-de-passe")
    parti = asyncio.ensure_future(resp.command("PING"))
    await _attendre(lambda: bool(liens))
    parti.cancel()
    with pytest.raises(asyncio.CancelledError):
        await parti
    assert [await resp.command("PING") for _ in range(3)] == [b"PONG"] * 3
    await resp.aclose()
    for lien in liens:
        lien.close()
    serveur.close()


def test_log_says_where_and_what_kind_not_what_was_handled() -> None:
    """The message of an unforeseen error may quote a token that no pattern recognises."""
    try:
        {}["jeton-opaque-4711"]  # type: ignore[index]
    except KeyError:
        ligne = JsonFormatter().format(logging.LogRecord(
            "uvicorn.error", logging.ERROR, "", 0, "Exception", None, sys.exc_info()))
    dit = json.loads(ligne)["exception"]
    assert dit.endswith("KeyError") and "test_proxy_pannes" in dit
    assert "4711" not in ligne.replace('{}[\\"jeton-opaque-4711\\"]', "")
    assert CONNECT["nationalId"] not in ligne


async def test_who_has_the_whole_answer_may_call_again_at_once(tmp_path: Path) -> None:
    """With as many connections as calls allowed, a call right after an answer was refused."""
    banc = Banc(tmp_path, limites={"envois_simultanes": 1})
    await banc.connecter()
    cookie = f"proxy_session_id={banc.http.cookies['proxy_session_id']}".encode()
    scope = {"type": "http", "method": "GET", "path": "/send/insi/lps", "query_string": b"",
             "raw_path": b"/send/insi/lps", "headers": [(b"cookie", cookie)], "root_path": "",
             "scheme": "https", "server": ("proxy.test", 443), "client": ("127.0.0.1", 5),
             "http_version": "1.1"}
    statuts: list[int] = []

    async def recevoir() -> dict:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def envoyer(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuts.append(message["status"])
        elif not message.get("more_body") and len(statuts) == 1:
            await banc.app(dict(scope), recevoir, envoyer)

    await banc.app(dict(scope), recevoir, envoyer)
    assert statuts == [200, 200]
