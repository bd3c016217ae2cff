"""Login by the external browser, userinfo, PSC access token (`spec/psc.md` §1.3, §2)."""

from pathlib import Path

import httpx
import pytest
from proxy_doubles import AUTRE_ID, NATIONAL_ID, PSC, Banc, parametres

pytestmark = pytest.mark.anyio

RETOUR = "http://127.0.0.1:49152/psc/done"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def banc(tmp_path: Path) -> Banc:
    return Banc(tmp_path)


async def _annoncer(banc: Banc) -> dict:
    reponse = await banc.http.post("/session/nouvelle",
                                   json={"clientId": "lps-demo", "retour": RETOUR})
    assert reponse.status_code == 200
    return reponse.json()


async def _partir(banc: Banc, navigateur: httpx.AsyncClient, url: str) -> dict[str, str]:
    """Open the login page as the browser; gives the parameters sent to PSC."""
    reponse = await navigateur.get(url)
    assert reponse.status_code == 302
    assert reponse.headers["location"].startswith("https://wallet.psc.test/auth?")
    demande = parametres(reponse.headers["location"])
    banc.monde.nonce = demande["nonce"]
    return demande


async def _revenir(navigateur: httpx.AsyncClient, **q: str) -> httpx.Response:
    return await navigateur.get("/callback", params=q)


async def _ticket(banc: Banc, navigateur: httpx.AsyncClient) -> tuple[dict, str]:
    annonce = await _annoncer(banc)
    demande = await _partir(banc, navigateur, annonce["url"])
    retour = await _revenir(navigateur, code="bon-code", state=demande["state"], iss=PSC)
    assert retour.status_code == 303
    assert retour.headers["location"].startswith(RETOUR + "?ticket=")
    return annonce, parametres(retour.headers["location"])["ticket"]


async def _ouvrir(banc: Banc) -> dict:
    annonce, ticket = await _ticket(banc, banc.appelant())
    reponse = await banc.http.post("/session/ticket",
                                   json={"code": annonce["code"], "ticket": ticket})
    assert reponse.status_code == 200, reponse.text
    return reponse.json()


async def test_login_by_the_browser(banc: Banc) -> None:
    annonce = await _annoncer(banc)
    assert annonce["url"] == f"https://proxy.test/login?app={annonce['code']}"
    navigateur = banc.appelant()
    demande = await _partir(banc, navigateur, annonce["url"])
    assert demande["response_type"] == "code"
    assert demande["client_id"] == "lps-demo"
    assert demande["redirect_uri"] == "https://proxy.test/callback"
    assert demande["scope"] == "openid scope_all"
    assert demande["acr_values"] == "eidas1"
    assert demande["code_challenge_method"] == "S256"
    assert len(demande["state"]) >= 40 and len(demande["nonce"]) >= 40
    retour = await _revenir(navigateur, code="bon-code", state=demande["state"], iss=PSC,
                            session_state="etat-1")
    assert retour.status_code == 303
    assert "Vous pouvez revenir au logiciel" in retour.text
    assert "default-src 'none'" in retour.headers["content-security-policy"]
    form = banc.monde.chemins("/mtls/token")[0]
    assert form["grant_type"] == "authorization_code" and form["code"] == "bon-code"
    assert form["client_id"] == "lps-demo" and len(form["code_verifier"]) >= 43
    lien = retour.headers["location"]
    assert set(parametres(lien)) == {"ticket"}
    # Neither the browser nor the loopback address sees a session or a token.
    assert "proxy_session_id" not in retour.headers.get("set-cookie", "")
    session = await banc.http.post("/session/ticket", json={
        "code": annonce["code"], "ticket": parametres(lien)["ticket"]})
    corps = session.json()
    assert corps["session_state"] == "etat-1" and corps["subject_name_id"] == NATIONAL_ID
    assert corps["expires_in"] == 14400 or corps["expires_in"] == 14399
    assert banc.http.cookies["proxy_session_id"] == corps["proxy_session_id"]
    assert banc.traces()[-1]["type"] == "CONNECT_SUCCESS"
    assert (await banc.http.post("/send/insi/lps", content=b"x")).status_code == 200


@pytest.mark.attaque(
    "Connexion : lien de connexion rejoué",
    tente="Ouvrir deux fois l’adresse de connexion donnée au poste.",
    constat="La seconde fois : « identification perdue ».")
async def test_code_of_the_link_serves_once(banc: Banc) -> None:
    annonce = await _annoncer(banc)
    await _partir(banc, banc.appelant(), annonce["url"])
    assert (await banc.appelant().get(annonce["url"])).status_code == 400
    assert (await banc.appelant().get("/login?app=inconnu")).status_code == 400


async def test_link_expires(banc: Banc) -> None:
    annonce = await _annoncer(banc)
    banc.horloge.decalage = 301
    assert (await banc.appelant().get(annonce["url"])).status_code == 400


@pytest.mark.attaque(
    "Connexion : retour de PSC dans un autre navigateur (CSRF)",
    tente="Donner à une victime l’adresse de retour obtenue par l’attaquant.",
    constat="Refusé : le navigateur n’a pas le témoin de la connexion commencée.")
async def test_callback_needs_the_browser_that_began(banc: Banc) -> None:
    annonce = await _annoncer(banc)
    demande = await _partir(banc, banc.appelant(), annonce["url"])
    ailleurs = await _revenir(banc.appelant(), code="bon-code", state=demande["state"], iss=PSC)
    assert ailleurs.status_code == 400 and "autre navigateur" in ailleurs.text
    assert banc.monde.chemins("/mtls/token") == []


@pytest.mark.attaque(
    "Connexion : retour de PSC rejoué",
    tente="Présenter deux fois le même code et le même état.",
    constat="La seconde fois est refusée.")
async def test_state_serves_once(banc: Banc) -> None:
    navigateur = banc.appelant()
    annonce = await _annoncer(banc)
    demande = await _partir(banc, navigateur, annonce["url"])
    assert (await _revenir(navigateur, code="bon-code", state=demande["state"], iss=PSC)
            ).status_code == 303
    assert (await _revenir(navigateur, code="bon-code", state=demande["state"], iss=PSC)
            ).status_code == 400
    assert (await _revenir(navigateur, code="bon-code", state="x", iss=PSC)).status_code == 400
    assert (await _revenir(navigateur)).status_code == 400


@pytest.mark.parametrize(("q", "erreur"), [
    ({"code": "bon-code"}, "identite_refusee"),
    ({"code": "bon-code", "iss": "https://autre"}, "identite_refusee"),
    ({"code": "mauvais", "iss": PSC}, "invalid_grant"),
    ({"iss": PSC}, "invalid_request"),
    ({"error": "access_denied", "iss": PSC}, "access_denied"),
    ({"error": "<script>", "iss": PSC}, "error")])
async def test_failures_go_back_to_the_software(banc: Banc, q: dict, erreur: str) -> None:
    navigateur = banc.appelant()
    demande = await _partir(banc, navigateur, (await _annoncer(banc))["url"])
    retour = await _revenir(navigateur, state=demande["state"], **q)
    assert retour.status_code == 303
    assert parametres(retour.headers["location"]) == {"erreur": erreur}
    assert banc.traces()[-1]["type"] == "CONNECT_FAILURE"
    assert await banc.ctx.store.count() == 0


@pytest.mark.attaque(
    "Connexion : jeton d’identité d’une autre connexion",
    tente="Répondre avec un jeton d’identité signé mais d’une autre demande (nonce).",
    constat="« identite_refusee » ; rien n’est ouvert.")
async def test_nonce_of_another_login_is_refused(banc: Banc) -> None:
    navigateur = banc.appelant()
    demande = await _partir(banc, navigateur, (await _annoncer(banc))["url"])
    banc.monde.nonce = "autre"
    retour = await _revenir(navigateur, state=demande["state"], code="bon-code", iss=PSC)
    assert parametres(retour.headers["location"]) == {"erreur": "identite_refusee"}


async def test_psc_down(banc: Banc) -> None:
    annonce = await _annoncer(banc)
    banc.monde.pannes["wallet-openid-configuration"] = httpx.ConnectError("non")
    page = await banc.appelant().get(annonce["url"])
    assert page.status_code == 503 and "ne répond pas" in page.text


@pytest.mark.attaque(
    "Connexion : ticket rejoué ou volé",
    tente="Rejouer le ticket, l’employer sans son code, avec un autre code, trop tard.",
    constat="401 chaque fois ; un code faux détruit le ticket.")
async def test_ticket_serves_once_with_its_code_and_in_time(banc: Banc) -> None:
    annonce, ticket = await _ticket(banc, banc.appelant())
    bon = {"code": annonce["code"], "ticket": ticket}
    autre = (await _annoncer(banc))["code"]
    assert (await banc.http.post("/session/ticket", json={**bon, "code": autre})
            ).status_code == 401
    # A wrong code burns the ticket.
    assert (await banc.http.post("/session/ticket", json=bon)).status_code == 401
    annonce, ticket = await _ticket(banc, banc.appelant())
    bon = {"code": annonce["code"], "ticket": ticket}
    assert (await banc.http.post("/session/ticket", json=bon)).status_code == 200
    assert (await banc.appelant().post("/session/ticket", json=bon)).status_code == 401
    annonce, ticket = await _ticket(banc, banc.appelant())
    banc.horloge.decalage += 61
    assert (await banc.http.post("/session/ticket", json={
        "code": annonce["code"], "ticket": ticket})).status_code == 401
    assert (await banc.http.post("/session/ticket", json={})).status_code == 400


@pytest.mark.attaque(
    "Fixation de session",
    tente="Planter un cookie de session connu avant la connexion de la victime.",
    constat="L’identifiant de la session ouverte est neuf ; celui planté n’ouvre rien.")
async def test_session_id_is_new_at_each_login(banc: Banc) -> None:
    """Session fixation: a planted cookie is never taken over."""
    banc.http.cookies.set("proxy_session_id", "z" * 43)
    corps = await _ouvrir(banc)
    assert corps["proxy_session_id"] != "z" * 43


async def test_change_of_user_ends_the_session_of_the_workstation(banc: Banc) -> None:
    await _ouvrir(banc)
    banc.monde.sujet = AUTRE_ID
    await _ouvrir(banc)
    await banc.ctx.broker.settle()
    assert await banc.ctx.store.count() == 1
    fins = [t for t in banc.traces() if t["type"] == "DISCONNECT"]
    assert fins[-1]["motif"] == "changement_utilisateur"
    assert fins[-1]["IdRPPS"] == NATIONAL_ID


@pytest.mark.parametrize("retour", [
    None, "", "https://mechant.test/psc/done", "http://127.0.0.1/psc/done",
    "http://localhost:8000/psc/done", "http://127.0.0.1:70000/psc/done",
    "http://127.0.0.1:8000/autre", "http://127.0.0.1:8000/psc/done?x=1",
    "http://127.0.0.1:8000@mechant.test/psc/done", "http://127.0.0.1:8000/psc/done\r\nX: 1"])
@pytest.mark.attaque(
    "Connexion : retour vers un autre site",
    tente="Demander un retour vers un site, un autre port, un nom, une adresse truquée.",
    constat="400 : seule l’adresse 127.0.0.1 et le chemin prévu sont acceptés.")
async def test_only_a_loopback_return_is_accepted(banc: Banc, retour: object) -> None:
    reponse = await banc.http.post("/session/nouvelle",
                                   json={"clientId": "lps-demo", "retour": retour})
    assert reponse.status_code == 400


async def test_unknown_client_and_bad_json(banc: Banc) -> None:
    assert (await banc.http.post("/session/nouvelle", json={"clientId": "x", "retour": RETOUR})
            ).status_code == 404
    for contenu in (b"", b"[]", b"{", b"\xff"):
        assert (await banc.http.post("/session/nouvelle", content=contenu)).status_code == 400


async def test_userinfo_json_and_signed(banc: Banc) -> None:
    await _ouvrir(banc)
    reponse = await banc.http.get("/session/userinfo")
    assert reponse.json()["SubjectNameID"] == NATIONAL_ID
    assert reponse.headers["cache-control"] == "no-store"
    banc.monde.userinfo_signe = True
    assert (await banc.http.get("/session/userinfo")).json()["family_name"] == "INFIRMIERE"
    banc.monde.sujet = AUTRE_ID
    assert (await banc.http.get("/session/userinfo")).status_code == 502
    banc.monde.pannes["/userinfo"] = 401
    assert (await banc.http.get("/session/userinfo")).status_code == 401


async def test_psc_access_token_is_always_fresh(banc: Banc) -> None:
    await _ouvrir(banc)
    await banc.ctx.broker.settle()
    assert len(banc.monde.jetons_api) == 2
    premier = (await banc.http.get("/session/jeton-psc")).json()
    assert premier["access_token"] == "psc-acces-1" and 100 < premier["expires_in"] <= 120
    banc.horloge.decalage = 80
    suivant = (await banc.http.get("/session/jeton-psc")).json()
    assert suivant["access_token"] != "psc-acces-1" and suivant["expires_in"] > 100
    banc.monde.refresh_refuse = True
    banc.horloge.decalage = 200
    assert (await banc.http.get("/session/jeton-psc")).status_code == 401
    # PSC is over, the tokens of the APIs live on.
    assert (await banc.http.get("/session/etat")).json()["psc_active"] is False
    assert (await banc.http.get("/send/insi/lps")).status_code == 200


@pytest.mark.attaque(
    "Jeton PSC demandé par un autre",
    tente="Demander le jeton de la messagerie sans cookie, puis au nom d’une autre "
          "personne.",
    constat="401, puis 403 ; le jeton n’est pas donné.")
async def test_psc_access_token_needs_the_session_and_its_user(banc: Banc) -> None:
    assert (await banc.appelant().get("/session/jeton-psc")).status_code == 401
    await _ouvrir(banc)
    for chemin in ("/session/jeton-psc", "/session/userinfo", "/session/etat"):
        assert (await banc.http.get(chemin, headers={"X-Pleiade-Utilisateur": AUTRE_ID})
                ).status_code == 403
        assert (await banc.http.get(chemin, headers={"Origin": "http://127.0.0.1:49152"})
                ).status_code == 403


async def test_state_does_not_keep_the_session_alive(tmp_path: Path) -> None:
    banc = Banc(tmp_path, session={"inactivite_s": 100})
    await _ouvrir(banc)
    banc.horloge.decalage = 90
    etat = (await banc.http.get("/session/etat")).json()
    assert 8 <= etat["expires_in"] <= 10
    banc.horloge.decalage = 101
    assert (await banc.http.get("/session/etat")).status_code == 401


async def test_own_routes_can_be_closed(tmp_path: Path) -> None:
    banc = Banc(tmp_path, bureau={"actif": False})
    assert (await banc.http.get("/session/etat")).status_code == 404
    assert (await banc.http.get("/login")).status_code == 404
    assert (await banc.connecter()).status_code == 200


async def test_an_api_that_is_down_does_not_prevent_a_browser_login(banc: Banc) -> None:
    banc.monde.pannes["as-dmp.test"] = 503
    await _ouvrir(banc)
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    assert (await banc.http.get("/send/dmp/x")).status_code == 503
    banc.monde.pannes.clear()
    assert (await banc.http.get("/send/dmp/x")).status_code == 200


async def test_basic_client_sends_its_secret_to_psc_alone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n")
    banc = Banc(tmp_path, clients={"lps-demo": {
        "client_id": "lps-demo", "type": "secret", "secret_fichier": "secret"}})
    await _ouvrir(banc)
    form = banc.monde.chemins("/token")[0]
    assert "client_secret" not in form
    assert (await banc.http.get("/send/insi/lps")).status_code == 200
    assert banc.ctx.outbound.pool(banc.config.clients["lps-demo"], "psc").certificate is None
