"""`/send`: routing, headers, tokens, replay, limits (`spec/psc.md` §4.3)."""

import asyncio
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from proxy_doubles import Banc, Flux, certificat

from app.proxy.errors import ProxyError
from app.proxy.paths import split_path
from tests.attente import jusqua

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def banc(tmp_path: Path) -> Banc:
    banc = Banc(tmp_path)
    await banc.connecter()
    return banc


@pytest.mark.parametrize("methode", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_call_goes_through(banc: Banc, methode: str) -> None:
    reponse = await banc.http.request(
        methode, "/send/insi/a/b%20c?x=1&y=%2F", content=b"<soap/>" if methode != "GET" else None,
        headers={"Content-Type": "application/soap+xml; charset=utf-8", "SOAPAction": '"x"'})
    assert reponse.status_code == 200
    recu = banc.monde.api_recus[-1]
    assert recu.method == methode
    assert str(recu.url) == "https://api-insi.test/base/a/b%20c?x=1&y=%2F"
    assert recu.headers["authorization"] == f"Bearer {banc.monde.jetons_api[0]}"
    assert recu.headers["soapaction"] == '"x"'
    assert reponse.content == b"<recu>" + banc.monde.api_corps[-1] + b"</recu>"


@pytest.mark.attaque(
    "Proxy : en-têtes qui passeraient à l’API",
    tente="Ajouter Authorization, Cookie, X-Forwarded-For, Connection et des en-têtes de "
          "saut.",
    constat="L’API ne reçoit que le jeton de la session.")
async def test_header_hygiene_on_the_way_out(banc: Banc) -> None:
    numero = banc.http.cookies["proxy_session_id"]
    # One Cookie header only: the jar of the client would add its own.
    reponse = await banc.appelant().post("/send/dmp/registry", content=b"x", headers=[
        ("Cookie", f"autre=1; proxy_session_id={numero}"), ("Authorization", "Bearer pirate"),
        ("Connection", "close, X-Local"), ("X-Local", "1"), ("TE", "trailers"),
        ("Proxy-Authorization", "Basic x"), ("X-Forwarded-For", "1.2.3.4"),
        ("Forwarded", "for=1.2.3.4"), ("Via", "1.1 x"), ("Expect", "100-continue"),
        ("Upgrade", "h2c"), ("X-Garde", "oui")])
    assert reponse.status_code == 200
    recu = banc.monde.api_recus[-1].headers
    for nom in ("cookie", "x-local", "te", "proxy-authorization", "x-forwarded-for", "forwarded",
                "via", "expect", "upgrade"):
        assert nom not in recu, nom
    assert recu["x-garde"] == "oui"
    assert recu["host"] == "api-dmp.test"
    assert recu.get_list("authorization") == [f"Bearer {banc.monde.jetons_api[1]}"]


async def test_header_hygiene_on_the_way_back(banc: Banc) -> None:
    reponse = await banc.http.get("/send/insi/lps")
    assert reponse.headers["x-api"] == "oui"
    for nom in ("set-cookie", "x-interne", "keep-alive", "connection"):
        assert nom not in reponse.headers, nom


async def test_no_header_is_added(banc: Banc) -> None:
    await banc.appelant().get("/send/insi/lps", headers={
        "Cookie": f"proxy_session_id={banc.http.cookies['proxy_session_id']}",
        "Accept-Encoding": "identity", "User-Agent": "lps/1", "Accept": "text/xml"})
    assert set(banc.monde.api_recus[-1].headers) == {
        "host", "accept-encoding", "user-agent", "accept", "authorization"}


async def test_status_and_encoded_body_come_back_untouched(banc: Banc) -> None:
    import gzip
    contenu = gzip.compress(b"bonjour" * 100)
    banc.monde.repondre = lambda *_: httpx.Response(
        500, headers={"Content-Encoding": "gzip", "Content-Type": "x/y"},
        stream=httpx.ByteStream(contenu))
    async with banc.http.stream("GET", "/send/insi/lps") as reponse:
        assert reponse.status_code == 500
        assert b"".join([m async for m in reponse.aiter_raw()]) == contenu


async def test_without_a_session_nothing_is_forwarded(banc: Banc) -> None:
    for cookie in ("", "proxy_session_id=", "proxy_session_id=" + "x" * 43,
                   f"proxy_session_id={banc.http.cookies['proxy_session_id']}; "
                   "proxy_session_id=" + "y" * 43):
        for methode in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            reponse = await banc.appelant().request(methode, "/send/insi/lps",
                                                    headers={"Cookie": cookie})
            assert reponse.status_code == 401
            assert reponse.json() == {"code": "401", "message": "No session found.",
                                      "metadata": {}}
    assert banc.monde.api_recus == []


@pytest.mark.attaque(
    "Poste partagé : session d’une autre",
    tente="Envoyer un appel au nom d’une professionnelle avec la session restée d’une "
          "autre.",
    constat="403, rien n’est transmis.")
async def test_session_of_somebody_else_is_refused_when_the_software_says_who(banc: Banc) -> None:
    reponse = await banc.http.get("/send/insi/lps", headers={"X-Pleiade-Utilisateur": "8000"})
    assert reponse.status_code == 403
    bonne = await banc.http.get("/send/insi/lps",
                                headers={"X-Pleiade-Utilisateur": "899700000016"})
    assert bonne.status_code == 200
    assert "x-pleiade-utilisateur" not in banc.monde.api_recus[-1].headers


@pytest.mark.parametrize("chemin", [
    b"/send/insi/../dmp/x", b"/send/insi/%2e%2e/x", b"/send/insi/%252e%252e/x",
    b"/send/insi/..;/x", b"/send/insi/a%2fb", b"/send/insi/a%5cb", b"/send/insi/a\\b",
    b"/send/insi//x", b"/send/insi/.", b"/send/insi/%00", b"/send/insi/a%0d%0ab",
    b"/send/../traces", b"/send/insi/%25252e%25252e/x", b"/send/insi/ ../x", b"/send/insi/a/%2e"])
def test_paths_that_could_mean_another_one_are_refused(chemin: bytes) -> None:
    with pytest.raises(ProxyError) as refus:
        split_path(chemin)
    assert refus.value.status == 404


@pytest.mark.parametrize(("chemin", "attendu"), [
    (b"/send", ("", b"")), (b"/send/insi", ("insi", b"")), (b"/send/insi/", ("insi", b"/")),
    (b"/send/insi/lps", ("insi", b"/lps")), (b"/send/dmp/a/b%20c", ("dmp", b"/a/b%20c")),
    (b"/send/dmp/a;v=1/b", ("dmp", b"/a;v=1/b"))])
def test_paths_that_are_kept(chemin: bytes, attendu: tuple[str, bytes]) -> None:
    assert split_path(chemin) == attendu


@given(st.text(max_size=40))
@pytest.mark.attaque(
    "Proxy : chemins au hasard",
    tente="Des milliers de chemins tirés au sort, encodés une à quatre fois.",
    constat="Aucun chemin accepté ne sort de la base de l’API.")
def test_no_accepted_path_climbs(texte: str) -> None:
    from urllib.parse import quote, unquote
    brut = ("/send/insi/" + quote(texte, safe="/%.;")).encode()
    try:
        _, suite = split_path(brut)
    except ProxyError:
        return
    for _ in range(4):
        suite = unquote(suite.decode()).encode("utf-8", "replace")
        assert not any(s.split(b";")[0].strip() in (b".", b"..") for s in suite.split(b"/"))
        assert b"\\" not in suite


@pytest.mark.attaque(
    "Proxy : serveur inconnu",
    tente="Demander par /send un serveur qui n’est pas dans la configuration.",
    constat="404.")
async def test_unknown_api_is_not_an_open_proxy(banc: Banc) -> None:
    for chemin in ("/send/", "/send", "/send/inconnue/x", "/send/https:%2F%2Fmechant.test/x",
                   "/send/INSI/lps"):
        assert (await banc.http.get(chemin)).status_code == 404, chemin
    assert banc.monde.api_recus == []
    assert [t["type"] for t in banc.traces()] == ["CONNECT_SUCCESS"]


async def test_trace_is_written_before_forwarding(banc: Banc) -> None:
    banc.monde.pannes["api-insi.test"] = httpx.ConnectError("non")
    reponse = await banc.http.put("/send/insi/lps?secret=1", content=b"x")
    assert reponse.status_code == 503 and reponse.json()["code"] == "503"
    assert banc.traces()[-1]["apiRequest"] == {"nomApiPsc": "insi", "methode": "PUT",
                                               "path": "/base/lps"}


@pytest.mark.parametrize(("panne", "statut"), [
    (httpx.ConnectError("x"), 503), (httpx.ConnectTimeout("x"), 504), (httpx.ReadTimeout("x"), 504),
    (httpx.RemoteProtocolError("x"), 502), (httpx.PoolTimeout("x"), 503)])
async def test_failures_of_the_api(banc: Banc, panne: Exception, statut: int) -> None:
    banc.monde.pannes["api-insi.test"] = panne
    assert (await banc.http.get("/send/insi/lps")).status_code == statut


async def test_tls_failure_is_500(banc: Banc) -> None:
    import ssl
    erreur = httpx.ConnectError("tls")
    erreur.__cause__ = ssl.SSLCertVerificationError("certificat")
    banc.monde.pannes["api-insi.test"] = erreur
    assert (await banc.http.get("/send/insi/lps")).status_code == 500


async def test_outdated_token_is_exchanged_and_the_call_replayed(banc: Banc) -> None:
    banc.monde.invalides.add(banc.monde.jetons_api[0])
    reponse = await banc.http.post("/send/insi/lps", content=b"corps")
    assert reponse.status_code == 200
    assert banc.monde.api_corps == [b"corps", b"corps"]
    assert len(banc.monde.chemins("/realms/insi/token")) == 2
    # The next call uses the new token straight away.
    await banc.http.post("/send/insi/lps", content=b"suite")
    assert len(banc.monde.chemins("/realms/insi/token")) == 2


async def test_long_body_is_not_replayed(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"rejeu_octets": 10})
    await banc.connecter()
    banc.monde.invalides.add(banc.monde.jetons_api[0])
    assert (await banc.http.post("/send/insi/lps", content=b"x" * 11)).status_code == 401
    assert len(banc.monde.api_recus) == 1


async def test_api_that_refuses_every_token_is_asked_twice_only(banc: Banc) -> None:
    banc.monde.repondre = lambda *_: httpx.Response(401, text="non")
    reponse = await banc.http.get("/send/insi/lps")
    assert reponse.status_code == 401 and reponse.text == "non"
    assert len(banc.monde.api_recus) == 2


async def test_token_is_renewed_before_it_lapses(banc: Banc) -> None:
    session = await _session(banc)
    banc.horloge.decalage = 14400 - 30
    session.opened = session.last_used = banc.horloge()
    session.psc.refresh_expires = banc.horloge() + 100
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    # PSC first (its access token is long dead), then the exchange: the refresh token is too.
    assert [f["grant_type"] for f in banc.monde.chemins("/mtls/token")][-1] == "refresh_token"
    assert len(banc.monde.chemins("/realms/insi/token")) == 2


async def test_what_is_left_of_a_token_serves_when_it_cannot_be_renewed(banc: Banc) -> None:
    session = await _session(banc)
    banc.horloge.decalage = 14400 - 30
    session.opened = session.last_used = banc.horloge()
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    assert len(banc.monde.chemins("/realms/insi/token")) == 1
    banc.horloge.decalage = 14400 - 1
    assert (await banc.http.get("/send/insi/lps")).status_code == 401


async def test_refresh_token_of_the_api_is_used_while_it_lives(tmp_path: Path) -> None:
    banc = Banc(tmp_path)
    banc.monde.duree_api = 600
    await banc.connecter()
    banc.horloge.decalage = 560
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    form = banc.monde.chemins("/realms/insi/token")[-1]
    assert form["grant_type"] == "refresh_token" and form["refresh_token"].startswith("r-jeton")


async def test_dead_psc_session_ends_the_proxy_session_when_a_token_is_needed(banc: Banc) -> None:
    banc.monde.refresh_refuse = True
    banc.horloge.decalage = 130
    banc.monde.invalides.update(banc.monde.jetons_api)
    assert (await banc.http.get("/send/insi/lps")).status_code == 401
    assert (await banc.http.get("/send/dmp/x")).json()["message"] == "No session found."
    assert await banc.ctx.store.count() == 0
    assert banc.traces()[-1]["type"] == "DISCONNECT"
    assert banc.traces()[-1]["motif"] == "jetons_expires"


async def test_outdated_subject_token_is_refreshed_once(banc: Banc) -> None:
    banc.monde.invalides.update({banc.monde.jetons_api[0], "psc-acces-1"})
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    echanges = [f["subject_token"] for f in banc.monde.chemins("/realms/insi/token")]
    assert echanges[1] == "psc-acces-1" and echanges[2] != "psc-acces-1"


async def test_concurrent_calls_renew_once_and_never_mix_users(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"envois_par_seconde": 1000})
    appelants = []
    for n in range(6):
        banc.monde.sujet = numero = f"8997000001{n:02d}"
        http = banc.appelant()
        reponse = await http.post("/connect", json={
            "nationalId": numero, "bindingMessage": "01", "clientId": "lps-demo",
            "channel": "CARD"})
        assert reponse.status_code == 200
        appelants.append((http, numero))
    sessions = {s.subject: s for s in banc.ctx.store._sessions.values()}
    banc.monde.invalides.update(banc.monde.jetons_api)
    avant = len(banc.monde.chemins("/realms/insi/token"))

    async def appeler(http: httpx.AsyncClient, numero: str) -> None:
        reponse = await http.post("/send/insi/lps", content=numero.encode())
        assert reponse.status_code == 200
        assert numero.encode() in reponse.content

    await asyncio.gather(*(appeler(h, n) for h, n in appelants for _ in range(10)))
    assert len(banc.monde.chemins("/realms/insi/token")) - avant == 6
    for requete, corps in zip(banc.monde.api_recus, banc.monde.api_corps, strict=True):
        jeton = requete.headers["authorization"].removeprefix("Bearer ")
        session = sessions[corps.decode()]
        assert jeton == session.apis["insi"].access_token or jeton in banc.monde.invalides


async def test_rotated_certificate_renews_the_bound_tokens(banc: Banc, tmp_path: Path) -> None:
    certificat(tmp_path, "client", cn="proxy-suivant")
    assert banc.ctx.outbound.rotate() == ["lps-demo"]
    assert banc.ctx.outbound.rotate() == []
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    assert len(banc.monde.chemins("/realms/insi/token")) == 2
    # A certificate without its key isn't taken over.
    certificat(tmp_path, "autre")
    (tmp_path / "client.pem").write_bytes((tmp_path / "autre.pem").read_bytes())
    assert banc.ctx.outbound.rotate() == []
    assert (await banc.http.get("/send/insi/lps")).status_code == 200


async def test_idle_and_absolute_expiry(tmp_path: Path) -> None:
    banc = Banc(tmp_path, session={"inactivite_s": 100, "absolue_s": 250})
    await banc.connecter()
    for decalage in (90, 180, 245):
        banc.horloge.decalage = decalage
        assert (await banc.http.get("/send/insi/lps")).status_code == 200
    banc.horloge.decalage = 251
    assert (await banc.http.get("/send/insi/lps")).status_code == 401
    await banc.ctx.broker.sweep()
    await banc.ctx.broker.settle()
    assert banc.traces()[-1]["motif"] == "duree_maximale"
    assert len(banc.monde.revoques) >= 4
    assert banc.monde.chemins("/logout") == []
    banc.http.cookies.clear()
    await banc.connecter()
    banc.horloge.decalage += 101
    await banc.ctx.broker.sweep()
    await banc.ctx.broker.settle()
    assert banc.traces()[-1]["motif"] == "inactivite"


async def test_psc_session_is_kept_alive(banc: Banc) -> None:
    banc.horloge.decalage = 1000
    await banc.ctx.broker.keep_alive()
    assert [f["grant_type"] for f in banc.monde.chemins("/mtls/token")].count("refresh_token") == 0
    for decalage in (1700, 3400):
        banc.horloge.decalage = decalage
        await banc.ctx.broker.keep_alive()
        await banc.ctx.broker.keep_alive()
    assert [f["grant_type"] for f in banc.monde.chemins("/mtls/token")].count("refresh_token") == 2


async def test_stop_revokes_what_would_be_lost(banc: Banc) -> None:
    await banc.ctx.broker.aclose(end_sessions=True, delay=5)
    assert len(banc.monde.revoques) == 4
    assert banc.traces()[-1]["motif"] == "arret"


async def test_limits_of_a_session_and_of_the_body(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"envois_par_seconde": 0.5, "corps_octets": 100})
    await banc.connecter()
    assert (await banc.http.post("/send/insi/x", content=b"x" * 101)).status_code == 413

    async def morceaux():
        for _ in range(5):
            yield b"x" * 30

    assert (await banc.http.post("/send/insi/x", content=morceaux())).status_code == 413
    refus = await banc.http.get("/send/insi/x")
    assert refus.status_code == 429 and "retry-after" in refus.headers


async def test_back_pressure_counts_calls_not_logins(tmp_path: Path) -> None:
    banc = Banc(tmp_path, limites={"requetes_en_cours": 1, "sollicitations_par_minute": 100,
                                   "identifications_par_minute": 100})
    await banc.connecter()
    banc.monde.attente_ciba = 10_000
    pendante = asyncio.create_task(banc.appelant().post("/connect", json={
        "nationalId": "800000000001", "bindingMessage": "01", "clientId": "lps-demo",
        "channel": "CARD"}))
    await jusqua(lambda: banc.monde.attente_ciba < 10_000)
    libre, arrivee = asyncio.Event(), asyncio.Event()

    async def lente(_: httpx.Request) -> httpx.Response:
        arrivee.set()
        await libre.wait()
        return httpx.Response(200, stream=httpx.ByteStream(b""))

    assert (await banc.http.get("/send/insi/x")).status_code == 200
    http = banc.ctx.outbound.pool(banc.config.clients["lps-demo"], "insi").http
    avant, http._transport = http._transport, httpx.MockTransport(lente)
    premiere = asyncio.create_task(banc.http.get("/send/insi/x"))
    await asyncio.wait_for(arrivee.wait(), 30)
    refus = await banc.http.get("/send/insi/x")
    assert refus.status_code == 503 and refus.headers["retry-after"] == "1"
    libre.set()
    assert (await premiere).status_code == 200
    http._transport = avant
    banc.monde.attente_ciba = 0
    assert (await pendante).status_code == 200


async def test_answer_cut_in_the_middle_is_not_passed_off_as_complete(banc: Banc) -> None:
    flux = Flux(3, 1000, httpx.ReadError("coupe"))
    banc.monde.repondre = lambda *_: httpx.Response(200, stream=flux)
    envoyes: list[dict] = []

    async def noter(message: dict) -> None:
        envoyes.append(message)

    attente = asyncio.Event()

    async def recevoir() -> dict:
        await attente.wait()
        return {"type": "http.disconnect"}

    await banc.app(_scope(banc, "/send/insi/x"), recevoir, noter)
    assert envoyes[0]["status"] == 200
    assert envoyes[-1]["more_body"] is True


async def test_caller_who_leaves_stops_the_download(banc: Banc) -> None:
    flux = Flux(100_000, 1000)
    banc.monde.repondre = lambda *_: httpx.Response(200, stream=flux)
    parti = asyncio.Event()
    recus = 0

    async def envoyer(message: dict) -> None:
        nonlocal recus
        recus += 1
        if recus == 10:
            parti.set()
        await asyncio.sleep(0)

    async def recevoir() -> dict:
        await parti.wait()
        return {"type": "http.disconnect"}

    await asyncio.wait_for(banc.app(_scope(banc, "/send/insi/x"), recevoir, envoyer), 30)
    assert flux.rendus < 100


def _scope(banc: Banc, chemin: str) -> dict:
    return {"type": "http", "method": "GET", "path": chemin, "raw_path": chemin.encode(),
            "query_string": b"", "client": ("127.0.0.1", 1), "server": ("x", 1),
            "scheme": "https", "http_version": "1.1", "root_path": "", "asgi": {"version": "3.0"},
            "headers": [(b"cookie",
                         f"proxy_session_id={banc.http.cookies['proxy_session_id']}".encode())]}


async def _session(banc: Banc):
    return await banc.ctx.store.get(banc.http.cookies["proxy_session_id"])
