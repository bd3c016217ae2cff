"""The official routes of the Proxy e-santé (`spec/psc.md` §4)."""

import asyncio
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from proxy_doubles import AUTRE_ID, CONNECT, NATIONAL_ID, Banc

from tests.attente import jusqua

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def banc(tmp_path: Path) -> Banc:
    return Banc(tmp_path)


async def test_connect_opens_a_session_and_gives_its_cookie(banc: Banc) -> None:
    banc.monde.attente_ciba = 2
    reponse = await banc.connecter()
    assert reponse.status_code == 200
    corps = reponse.json()
    assert set(corps) == {"proxy_session_id", "session_state"}
    assert corps["session_state"] == "etat-1"
    cookie = reponse.headers["set-cookie"]
    assert cookie.startswith(f"proxy_session_id={corps['proxy_session_id']};")
    for attribut in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert attribut in cookie
    demande = banc.monde.chemins("/ext/ciba/auth")[0]
    assert demande == {"scope": "openid scope_all", "acr_values": "eidas1", "channel": "MOBILE",
                       "login_hint": NATIONAL_ID, "binding_message": "07",
                       "client_id": "lps-demo"}
    # The mTLS alias of the token endpoint is used when there is one.
    assert len(banc.monde.chemins("/mtls/token")) == 3
    echange = banc.monde.chemins("/realms/insi/token")[0]
    assert echange["subject_token"] == "psc-acces-1"
    assert echange["subject_issuer"] == "psc"
    assert echange["grant_type"] == "urn:ietf:params:oauth:grant-type:token-exchange"
    assert len(banc.monde.chemins("/realms/dmp/token")) == 1
    trace = banc.traces()[0]
    assert trace == {
        "type": "CONNECT_SUCCESS", "clientId": "lps-demo", "IdRPPS": NATIONAL_ID,
        "ipAddress": "127.0.0.1", "ports": [52144], "proxy_id_session": corps["proxy_session_id"],
        "session_state": "etat-1", "dn": "CN=proxy-demo, OU=318751275100020, O=CABINET TEST, C=FR",
        "timestamp": trace["timestamp"]}
    assert datetime.fromisoformat(trace["timestamp"]).tzinfo is not None


@pytest.mark.parametrize(("corps", "message"), [
    ({}, "[nationalId is missing, bindingMessage is missing, clientId is missing, "
         "channel is missing]"),
    ({**CONNECT, "channel": "PIGEON"}, "[channel value PIGEON is invalid]"),
    ({**CONNECT, "bindingMessage": "7"}, "[bindingMessage value 7 is invalid]"),
    ({**CONNECT, "nationalId": ["x"]}, '[nationalId value ["x"] is invalid]'),
])
async def test_connect_lists_all_problems_of_the_body(banc: Banc, corps: dict,
                                                      message: str) -> None:
    reponse = await banc.http.post("/connect", json=corps)
    assert reponse.status_code == 400
    assert reponse.json()["code"] == "400"
    assert reponse.json()["message"] == message
    assert banc.traces() == [] and banc.monde.appels == []


async def test_connect_body_that_is_not_json(banc: Banc) -> None:
    for contenu in (b"", b"[", b"[1]", b"\xff", b"[" * 5000):
        reponse = await banc.http.post("/connect", content=contenu)
        assert reponse.status_code == 400
    assert (await banc.http.post("/connect", content=b"x" * 20000)).status_code == 413


async def test_unknown_client_is_404_with_metadata(banc: Banc) -> None:
    reponse = await banc.connecter(clientId="inconnu")
    assert reponse.status_code == 404
    assert reponse.json() == {
        "code": "404", "message": "User National ID or Software Client ID Not Found.",
        "metadata": {"nationalId": NATIONAL_ID, "clientId": "inconnu"}}
    trace = banc.traces()[0]
    assert trace["type"] == "CONNECT_FAILURE"
    assert trace["proxy_id_session"] is None and trace["session_state"] is None
    assert trace["clientId"] == "inconnu"


async def test_unknown_professional_is_404(banc: Banc) -> None:
    banc.monde.decision = (400, {"error": "invalid_request", "error_description": "invalid_user"})
    assert (await banc.connecter()).status_code == 404


@pytest.mark.parametrize(("erreur", "statut"), [
    ("access_denied", 401), ("expired_token", 401), ("invalid_grant", 401)])
async def test_refusals_of_psc_are_401(banc: Banc, erreur: str, statut: int) -> None:
    banc.monde.decision = (400, {"error": erreur, "error_description": "texte"})
    reponse = await banc.connecter()
    assert reponse.status_code == statut
    assert reponse.json()["message"] == f"400 - {erreur} : texte"
    assert "set-cookie" not in reponse.headers
    assert banc.traces()[-1]["type"] == "CONNECT_FAILURE"
    assert await banc.ctx.store.count() == 0


async def test_slow_down_lengthens_the_interval(banc: Banc,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    attentes: list[float] = []

    async def dormir(duree: float) -> None:
        attentes.append(duree)

    monkeypatch.setattr("app.proxy.psc.asyncio.sleep", dormir)
    banc.monde.decision = (400, {"error": "slow_down"})
    assert (await banc.connecter()).status_code == 200
    assert attentes[0] == pytest.approx(0.05)
    assert attentes[1] == pytest.approx(5.05)


async def test_polling_stops_when_the_request_expires(banc: Banc,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    async def dormir(_: float) -> None:
        banc.horloge.decalage += 50

    monkeypatch.setattr("app.proxy.psc.asyncio.sleep", dormir)
    banc.monde.attente_ciba = 1000
    reponse = await banc.connecter()
    assert reponse.status_code == 401
    assert "expired_token" in reponse.json()["message"]
    assert len(banc.monde.chemins("/mtls/token")) == 2


@pytest.mark.parametrize("statut", [502, 503, 504])
@pytest.mark.parametrize("endroit", ["/ext/ciba/auth", "/mtls/token", "as-dmp.test"])
async def test_upstream_unavailable_is_passed_on_without_a_body(banc: Banc, statut: int,
                                                                endroit: str) -> None:
    banc.monde.pannes[endroit] = statut
    reponse = await banc.connecter()
    assert reponse.status_code == statut
    assert reponse.content == b""
    assert banc.traces()[-1]["type"] == "CONNECT_FAILURE"


@pytest.mark.parametrize(("panne", "statut"), [
    (httpx.ConnectError("non"), 503), (httpx.ReadTimeout("long"), 504),
    (httpx.RemoteProtocolError("coupe"), 502)])
async def test_network_failures_of_psc(banc: Banc, panne: Exception, statut: int) -> None:
    banc.monde.pannes["/ext/ciba/auth"] = panne
    assert (await banc.connecter()).status_code == statut


async def test_one_failed_exchange_leaves_nothing_open(banc: Banc) -> None:
    banc.monde.pannes["as-dmp.test"] = 400
    reponse = await banc.connecter()
    assert reponse.status_code == 401
    assert await banc.ctx.store.count() == 0
    await banc.ctx.broker.settle()
    # The token of the other API is revoked, and the login at PSC undone.
    assert len(banc.monde.chemins("/logout")) == 1
    assert any(j.startswith("jeton-as-insi") for j in banc.monde.revoques)


@pytest.mark.attaque(
    "CIBA : jetons d’une autre personne",
    tente="Répondre à une demande CIBA par les jetons d’un autre professionnel.",
    constat="401, rien n’est ouvert.")
async def test_tokens_of_somebody_else_are_refused(banc: Banc) -> None:
    banc.monde.sujet = AUTRE_ID
    reponse = await banc.connecter()
    assert reponse.status_code == 401
    assert await banc.ctx.store.count() == 0


@pytest.mark.parametrize("claims", [
    {"iss": "https://autre"}, {"aud": "autre"}, {"azp": "autre"}, {"acr": "eidas0"},
    {"exp": 1}, {"iat": 9999999999}, {"at_hash": "faux"}, {"aud": ["lps-demo", "x"], "azp": "x"},
    {"urn:openid:params:jwt:claim:auth_req_id": "autre"}])
async def test_id_token_is_checked(banc: Banc, claims: dict) -> None:
    banc.monde.claims = claims
    assert (await banc.connecter()).status_code == 401
    assert banc.traces()[-1]["type"] == "CONNECT_FAILURE"


async def test_live_session_gives_304_whatever_the_body_says(banc: Banc) -> None:
    await banc.connecter()
    avant = len(banc.monde.appels)
    reponse = await banc.connecter(nationalId=AUTRE_ID, clientId="inconnu")
    assert reponse.status_code == 304 and reponse.content == b""
    assert len(banc.monde.appels) == avant
    trace = banc.traces()[-1]
    assert trace["type"] == "CONNECT_REPLAY"
    assert trace["IdRPPS"] == NATIONAL_ID
    assert AUTRE_ID in trace["motif"]
    # The body is looked at first.
    assert (await banc.http.post("/connect", json={})).status_code == 400
    assert "motif" not in (await _traces(banc))[-1]


async def test_one_session_per_user_and_client(banc: Banc) -> None:
    premiere = (await banc.connecter()).json()["proxy_session_id"]
    banc.http.cookies.clear()
    seconde = (await banc.connecter()).json()["proxy_session_id"]
    await banc.ctx.broker.settle()
    assert premiere != seconde
    assert await banc.ctx.store.count() == 1
    reponse = await banc.appelant().get("/send/insi/lps",
                                        headers={"Cookie": f"proxy_session_id={premiere}"})
    assert reponse.status_code == 401
    # Same login at PSC: it is not ended under the feet of the new session.
    assert banc.monde.chemins("/logout") == []
    assert len(banc.monde.revoques) == 4


async def test_caller_who_hangs_up_stops_the_polling(banc: Banc) -> None:
    banc.monde.attente_ciba = 10_000
    envoye: list[dict] = []
    messages: asyncio.Queue[dict] = asyncio.Queue()
    import json
    await messages.put({"type": "http.request", "body": json.dumps(CONNECT).encode(),
                        "more_body": False})

    async def noter(message: dict) -> None:
        envoye.append(message)

    scope = {"type": "http", "method": "POST", "path": "/connect", "raw_path": b"/connect",
             "query_string": b"", "headers": [], "client": ("127.0.0.1", 1), "server": ("x", 1),
             "scheme": "https", "http_version": "1.1", "root_path": "",
             "asgi": {"version": "3.0"}}
    tache = asyncio.create_task(banc.app(scope, messages.get, noter))
    await jusqua(lambda: banc.monde.attente_ciba < 10_000)
    await messages.put({"type": "http.disconnect"})
    await asyncio.wait_for(tache, 30)
    appels = len(banc.monde.appels)
    await asyncio.sleep(0.2)
    assert len(banc.monde.appels) == appels
    assert banc.traces()[-1]["motif"] == "abandon"


async def test_disconnect(banc: Banc) -> None:
    numero = (await banc.connecter()).json()["proxy_session_id"]
    reponse = await banc.http.delete("/disconnect")
    assert reponse.status_code == 200 and reponse.content == b""
    assert "Max-Age=0" in reponse.headers["set-cookie"]
    assert "id_token_hint" in banc.monde.chemins("/logout")[0]
    assert sorted(j.split("-")[0] for j in banc.monde.revoques) == ["jeton", "jeton", "r", "r"]
    assert banc.traces()[-1]["type"] == "DISCONNECT"
    assert banc.traces()[-1]["proxy_id_session"] == numero
    appels = len(banc.monde.appels)
    encore = await banc.appelant().delete("/disconnect",
                                          headers={"Cookie": f"proxy_session_id={numero}"})
    assert encore.status_code == 401
    assert encore.json() == {"code": "401", "message": "Session ID not found.", "metadata": {}}
    assert len(banc.monde.appels) == appels
    assert len(banc.traces()) == 2


async def test_disconnect_survives_a_dead_psc(banc: Banc) -> None:
    await banc.connecter()
    banc.monde.pannes["/logout"] = httpx.ConnectError("non")
    banc.monde.pannes["as-insi.test"] = 500
    assert (await banc.http.delete("/disconnect")).status_code == 200
    assert await banc.ctx.store.count() == 0


async def _traces(banc: Banc, **bornes: str) -> list[dict]:
    reponse = await banc.http.get("/traces", params={"start": "2020-01-01T00:00:00Z", **bornes})
    assert reponse.status_code == 200
    return reponse.json()


async def test_traces_are_an_array_between_strict_bounds(banc: Banc) -> None:
    assert await _traces(banc) == []
    await banc.connecter()
    banc.horloge.decalage += 1  # an instant of its own for each
    await banc.http.post("/send/insi/lps?x=1", content=b"a")
    banc.horloge.decalage += 1
    await banc.http.delete("/disconnect")
    banc.horloge.decalage += 1
    lignes = await _traces(banc)
    assert [t["type"] for t in lignes] == ["CONNECT_SUCCESS", "SEND", "DISCONNECT"]
    assert lignes[1]["apiRequest"] == {"nomApiPsc": "insi", "methode": "POST",
                                       "path": "/base/lps"}
    assert "apiRequest" not in lignes[0]
    borne = lignes[1]["timestamp"]
    apres = await banc.http.get("/traces", params={"start": borne})
    assert [t["type"] for t in apres.json()] == ["DISCONNECT"]
    assert [t["type"] for t in await _traces(banc, end=borne)] == ["CONNECT_SUCCESS"]


@pytest.mark.parametrize("requete", ["", "?start=", "?start=hier", "?start=2026-01-01T00:00:00",
                                     "?start=2026-01-01T00:00:00Z&end=x"])
async def test_traces_want_dates_with_an_offset(banc: Banc, requete: str) -> None:
    assert (await banc.http.get(f"/traces{requete}")).status_code == 400


async def test_traces_are_closed_to_others(banc: Banc, tmp_path: Path) -> None:
    assert (await banc.appelant("192.0.2.9").get("/traces?start=2020-01-01T00:00:00Z")
            ).status_code == 404
    # A reverse proxy of this machine doesn't make everybody local.
    reponse = await banc.http.get("/traces?start=2020-01-01T00:00:00Z",
                                  headers={"X-Forwarded-For": "127.0.0.1"})
    assert reponse.status_code == 404


async def test_forwarded_address_is_believed_from_known_proxies(tmp_path: Path) -> None:
    banc = Banc(tmp_path, proxy={"mandataires": ["10.0.0.0/8"]})
    for ip, vue, ports in (("10.1.2.3", "203.0.113.7", []), ("192.0.2.1", "192.0.2.1", [52144])):
        await banc.appelant(ip).post("/connect", json={**CONNECT, "clientId": "x"},
                                     headers={"X-Forwarded-For": "203.0.113.7, 10.9.9.9"})
        assert banc.traces()[-1]["ipAddress"] == vue
        assert banc.traces()[-1]["ports"] == ports


async def test_other_methods_and_paths(banc: Banc) -> None:
    for methode, chemin, statut in (
            ("GET", "/connect", 405), ("TRACE", "/connect", 405), ("HEAD", "/traces", 405),
            ("POST", "/disconnect", 405), ("OPTIONS", "/send", 405), ("TRACE", "/send", 405),
            ("GET", "/rien", 404), ("GET", "/connect/", 404)):
        reponse = await banc.http.request(methode, chemin)
        assert reponse.status_code == statut, (methode, chemin)
        if statut == 405:
            assert reponse.headers["allow"]
    assert (await banc.http.get("/check/alive")).text == "OK"


@pytest.mark.attaque(
    "Proxy : essais de connexion en rafale",
    tente="Répéter les demandes depuis une adresse, puis vers un téléphone.",
    constat="429 avec le délai d’attente.")
async def test_too_many_attempts(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"identifications_par_minute": 3,
                                   "sollicitations_par_minute": 2})
    banc.monde.decision = None
    for _ in range(2):
        banc.http.cookies.clear()
        assert (await banc.connecter()).status_code == 200
    banc.http.cookies.clear()
    refus = await banc.connecter()
    assert refus.status_code == 429 and int(refus.headers["retry-after"]) >= 1
    assert (await banc.connecter(nationalId=AUTRE_ID)).status_code == 429
    # Another address isn't punished.
    autre = await banc.appelant("192.0.2.5").post("/connect",
                                                  json={**CONNECT, "nationalId": AUTRE_ID})
    assert autre.status_code == 200


@pytest.mark.attaque(
    "Proxy appelé par une page web (CSRF, rebinding)",
    tente="Appeler les routes avec les en-têtes qu’un navigateur ajoute.",
    constat="403 hors des deux pages de connexion.")
async def test_browsers_are_kept_out(banc: Banc) -> None:
    await banc.connecter()
    for entetes in ({"Origin": "https://mechant.test"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await banc.http.get("/send/insi/lps", headers=entetes)).status_code == 403
        assert (await banc.http.delete("/disconnect", headers=entetes)).status_code == 403
