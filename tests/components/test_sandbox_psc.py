"""The double of Pro Santé Connect and of the authorization servers, judged by plain HTTP."""

import base64
import json
import ssl
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jwt
from joserfc.jwk import KeySet
from sandbox_client import GRANT_CIBA, IDEL, Client, contexte

from app.sandbox.serveur import BacASable


@pytest.fixture(scope="module")
def bac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with BacASable(tmp_path_factory.getbasetemp() / "bac-a-sable") as serveur:
        yield serveur


@pytest.fixture
def client(bac: BacASable) -> Iterator[Client]:
    c = Client(bac.infos)
    c.controle.post("/reinitialiser")
    yield c
    c.fermer()


def lire(jeton: str) -> dict:
    charge = jeton.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(charge + "=" * (-len(charge) % 4)))


def test_discovery_lies_under_its_own_name(client: Client) -> None:
    psc = client.infos["psc"]
    document = client.http.get(psc + "/.well-known/wallet-openid-configuration").json()
    assert document["issuer"] == psc
    assert urls_hote(document["authorization_endpoint"]) != urls_hote(document["token_endpoint"])
    assert document["mtls_endpoint_aliases"]["token_endpoint"]
    assert client.http.get(psc + "/.well-known/openid-configuration").status_code == 404
    client.controle.post("/psc/reglages", json={"decouverte_standard": True})
    assert client.http.get(psc + "/.well-known/openid-configuration").status_code == 200


def urls_hote(url: str) -> str:
    return url.split("/")[2]


def test_code_flow_gives_keycloak_shaped_tokens(client: Client) -> None:
    client.controle.post("/psc/page", json={"auto": True, "professionnel": IDEL})
    demande = client.demande()
    lieu = client.http.get(client.infos["wallet"] + "/auth", params=demande).headers["location"]
    assert f"state={demande['state']}" in lieu and "iss=https" in lieu
    code = lieu.split("code=")[1].split("&")[0]
    corps = client.echanger_code(code).json()
    assert corps["expires_in"] == 120 and corps["refresh_expires_in"] == 1800
    assert corps["not-before-policy"] == 0 and corps["session_state"]
    cles = KeySet.import_key_set(client.http.get(client.oidc + "/certs").json())
    assert len(cles.keys) == 2
    identite = jwt.decode(corps["id_token"], cles, algorithms=["RS256"]).claims
    assert identite["nonce"] == demande["nonce"] and identite["SubjectNameID"] == IDEL
    assert identite["iss"] == client.infos["psc"] and identite["acr"] == "eidas1"
    acces = jwt.decode(corps["access_token"], cles, algorithms=["RS256"]).claims
    assert acces["exp"] - acces["iat"] == 120 and acces["typ"] == "Bearer"
    # A code is used once; replayed, it kills its session.
    assert client.echanger_code(code).json()["error"] == "invalid_grant"
    infos = client.http.get(client.oidc + "/userinfo",
                            headers={"Authorization": "Bearer " + corps["access_token"]})
    assert infos.status_code == 401


@pytest.mark.parametrize(("champ", "valeur", "erreur"), [
    ("acr_values", "eidas2", "invalid_request"), ("scope", "openid", "invalid_scope"),
    ("response_type", "token", "unsupported_response_type"), ("nonce", "", "invalid_request"),
    ("state", "x", "invalid_request"), ("code_challenge_method", "plain", "invalid_request"),
    ("code_challenge", "court", "invalid_request")])
def test_authorize_refuses(client: Client, champ: str, valeur: str, erreur: str) -> None:
    assert client.code(**{champ: valeur})["error"] == erreur


@pytest.mark.parametrize(("champ", "valeur"), [
    ("client_id", "autre"), ("redirect_uri", "https://mechant.example/callback")])
def test_authorize_never_redirects_elsewhere(client: Client, champ: str, valeur: str) -> None:
    reponse = client.http.get(client.infos["wallet"] + "/auth",
                              params=client.demande(**{champ: valeur}))
    assert reponse.status_code == 400 and "location" not in reponse.headers


def test_page_lists_professionals_and_answers_once(client: Client) -> None:
    page = client.http.get(client.infos["wallet"] + "/auth", params=client.demande()).text
    assert page.count('type="radio"') == 11 and "S’authentifier" in page
    transaction = page.split('name="transaction" value="')[1].split('"')[0]
    choix = {"transaction": transaction, "professionnel": "899700000024",
             "decision": "approuver"}
    url = client.infos["wallet"] + "/auth/choix"
    assert "code=" in client.http.post(url, data=choix).headers["location"]
    assert client.http.post(url, data=choix).status_code == 400
    # The wallet remembers the session (SSO) until it is closed.
    assert "code" in client.code()
    client.controle.delete("/psc/sessions")
    assert client.code(prompt="none")["error"] == "login_required"


def test_refusal_and_expiry_on_the_page(client: Client) -> None:
    for decision, attendu in (("refuser", 302), ("expirer", 200)):
        page = client.http.get(client.infos["wallet"] + "/auth", params=client.demande()).text
        transaction = page.split('name="transaction" value="')[1].split('"')[0]
        reponse = client.http.post(client.infos["wallet"] + "/auth/choix", data={
            "transaction": transaction, "decision": decision, "professionnel": IDEL})
        assert reponse.status_code == attendu
        assert decision != "refuser" or "access_denied" in reponse.headers["location"]


@pytest.mark.parametrize("champs", [
    {"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": "https://autre"}])
def test_code_is_bound_to_its_request(client: Client, champs: dict[str, str]) -> None:
    client.controle.post("/psc/page", json={"auto": True})
    assert client.echanger_code(client.code()["code"], **champs).json()["error"] == "invalid_grant"


def test_code_expires(client: Client) -> None:
    client.controle.post("/psc/page", json={"auto": True})
    code = client.code()["code"]
    client.controle.post("/horloge", json={"decalage_s": 61})
    assert client.echanger_code(code).json()["error"] == "invalid_grant"


def test_client_authentication(bac: BacASable, client: Client) -> None:
    champs = {"grant_type": "refresh_token", "refresh_token": "x"}
    juste = {"client_id": "pleiade", **champs}
    assert client.http.post(client.oidc + "/token", data=juste).json()["error"] == "invalid_grant"
    basic = client.http.post(client.oidc + "/token", data=champs,
                             auth=("pleiade", bac.etat.psc.client.secret))
    assert basic.json()["error"] == "invalid_grant"
    faux = client.http.post(client.oidc + "/token", data=champs, auth=("pleiade", "faux"))
    assert (faux.status_code, faux.json()["error"]) == (401, "invalid_client")
    for certificat in (None, "autre-client"):
        autre = Client(bac.infos, certificat)
        reponse = autre.http.post(autre.oidc + "/token", data=juste)
        assert (reponse.status_code, reponse.json()["error"]) == (401, "invalid_client")
        autre.fermer()


def test_userinfo_json_signed_and_expired(client: Client) -> None:
    jeton = client.se_connecter("899700000107")["access_token"]
    entetes = {"Authorization": "Bearer " + jeton}
    infos = client.http.get(client.oidc + "/userinfo", headers=entetes).json()
    assert infos["SubjectNameID"] == "899700000107"
    assert len(infos["SubjectRefPro"]["exercices"][0]["activities"]) == 2
    client.controle.post("/psc/reglages", json={"userinfo_signe": True})
    signe = client.http.get(client.oidc + "/userinfo", headers=entetes)
    assert signe.headers["content-type"] == "application/jwt"
    assert lire(signe.text)["SubjectNameID"] == "899700000107"
    client.controle.post("/horloge", json={"decalage_s": 121})
    fini = client.http.get(client.oidc + "/userinfo", headers=entetes)
    assert fini.status_code == 401
    assert 'error="invalid_token"' in fini.headers["www-authenticate"]


def test_person_without_exercise(client: Client) -> None:
    jeton = client.se_connecter("899700000099")["access_token"]
    infos = client.http.get(client.oidc + "/userinfo",
                            headers={"Authorization": "Bearer " + jeton}).json()
    assert set(infos) == {"sub", "preferred_username", "codeCivilite", "given_name",
                          "family_name", "SubjectNameID"}


def test_refresh_keeps_the_session_and_logout_kills_it(client: Client) -> None:
    premiers = client.se_connecter()
    seconds = client.jeton(grant_type="refresh_token",
                           refresh_token=premiers["refresh_token"]).json()
    assert seconds["session_state"] == premiers["session_state"]
    assert client.http.post(client.oidc + "/logout", data={
        "id_token_hint": premiers["id_token"]}).status_code == 204
    for corps in (premiers, seconds):
        fin = client.jeton(grant_type="refresh_token", refresh_token=corps["refresh_token"])
        assert fin.json()["error"] == "invalid_grant"
    inactif = client.http.post(client.oidc + "/token/introspect", data={
        "client_id": "pleiade", "token": seconds["access_token"]}).json()
    assert inactif == {"active": False}


def test_logout_by_browser_returns_with_state(client: Client) -> None:
    jetons = client.se_connecter()
    reponse = client.http.get(client.oidc + "/logout", params={
        "id_token_hint": jetons["id_token"], "state": "retour-1",
        "post_logout_redirect_uri": client.infos["proxy"] + "/fin"})
    assert reponse.status_code == 302
    assert reponse.headers["location"] == client.infos["proxy"] + "/fin?state=retour-1"
    mauvais = client.http.get(client.oidc + "/logout", params={
        "id_token_hint": client.se_connecter()["id_token"],
        "post_logout_redirect_uri": "https://mechant.example/"})
    assert mauvais.status_code == 400


def test_sso_session_ends_after_30_minutes_idle(client: Client) -> None:
    jetons = client.se_connecter()
    client.controle.post("/psc/reglages", json={"duree_rafraichissement_s": 7200})
    client.controle.post("/horloge", json={"decalage_s": 1801})
    fin = client.jeton(grant_type="refresh_token", refresh_token=jetons["refresh_token"])
    assert fin.json()["error"] == "invalid_grant"


def test_introspection(client: Client) -> None:
    jetons = client.se_connecter()
    def introspecter(jeton: str) -> dict:
        return client.http.post(client.oidc + "/token/introspect", data={
            "client_id": "pleiade", "token": jeton}).json()
    acces = introspecter(jetons["access_token"])
    assert acces["active"] and acces["SubjectNameID"] == IDEL and acces["client_id"] == "pleiade"
    rafraichissement = introspecter(jetons["refresh_token"])
    assert rafraichissement["active"] and "SubjectNameID" not in rafraichissement
    assert introspecter("n.importe.quoi") == {"active": False}


def ciba(client: Client, **autres: str) -> httpx.Response:
    champs = {"client_id": "pleiade", "scope": "openid scope_all", "acr_values": "eidas1",
              "login_hint": IDEL, "binding_message": "07", "channel": "MOBILE"} | autres
    return client.http.post(client.oidc + "/ext/ciba/auth",
                            data={n: v for n, v in champs.items() if v})


def scruter(client: Client, demande: str) -> httpx.Response:
    return client.jeton(grant_type=GRANT_CIBA, auth_req_id=demande)


def test_ciba_approved(client: Client) -> None:
    client.controle.post("/psc/appareil", json={"decision": "approuver", "delai_s": 1.5})
    corps = ciba(client).json()
    assert corps["expires_in"] == 120 and corps["interval"] == 1
    attente = scruter(client, corps["auth_req_id"])
    assert (attente.status_code, attente.json()["error"]) == (400, "authorization_pending")
    assert client.controle.get("/psc/appareil").json()["demandes"][0]["message"] == "07"
    assert scruter(client, corps["auth_req_id"]).json()["error"] == "slow_down"
    client.controle.post("/horloge", json={"decalage_s": 10})
    assert "id_token" in scruter(client, corps["auth_req_id"]).json()
    client.controle.post("/horloge", json={"decalage_s": 20})
    assert scruter(client, corps["auth_req_id"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("decision", "erreur"), [
    ("refuser", "access_denied"), ("mauvais_chiffres", "access_denied"),
    ("ignorer", "authorization_pending"), ("ralentir", "slow_down")])
def test_ciba_device_outcomes(client: Client, decision: str, erreur: str) -> None:
    client.controle.post("/psc/appareil", json={"decision": decision, "delai_s": 0})
    demande = ciba(client).json()["auth_req_id"]
    assert scruter(client, demande).json()["error"] == erreur
    client.controle.post("/horloge", json={"decalage_s": 121})
    if erreur != "access_denied":
        assert scruter(client, demande).json()["error"] == "expired_token"


def test_ciba_manual_decision_and_device_screen(client: Client) -> None:
    client.controle.post("/psc/appareil", json={"decision": "manuel"})
    demande = ciba(client).json()["auth_req_id"]
    ecran = httpx.get(client.infos["controle"] + "/appareil").text
    assert ">07<" in ecran and "Approuver" in ecran
    client.controle.post(f"/psc/appareil/{demande}", json={"decision": "approuver"})
    assert "access_token" in scruter(client, demande).json()


@pytest.mark.parametrize(("champs", "erreur", "description"), [
    ({"login_hint": "", "scope": ""}, "invalid_request", "missing parameter : login_hint"),
    ({"scope": ""}, "invalid_request", "missing parameter : scope"),
    ({"login_hint": "899799999999", "scope": "openid"}, "invalid_request", "invalid_user"),
    ({"scope": "openid"}, "invalid_scope", "Invalid scopes: openid"),
    ({"binding_message": "7"}, "invalid_binding_message", None),
    ({"channel": "FAX"}, "invalid_request", None)])
def test_ciba_checks_in_keycloak_order(client: Client, champs: dict[str, str], erreur: str,
                                       description: str | None) -> None:
    reponse = ciba(client, **champs)
    assert reponse.status_code == 400 and reponse.json()["error"] == erreur
    assert description in (None, reponse.json()["error_description"])


def test_ciba_device_channel_down(client: Client) -> None:
    client.controle.post("/psc/appareil", json={"decision": "erreur_503"})
    assert ciba(client).status_code == 503


def test_exchange_binds_the_token_to_the_certificate(bac: BacASable, client: Client) -> None:
    sujet = client.se_connecter()
    corps = client.echange("insi", sujet["access_token"]).json()
    claims = lire(corps["access_token"])
    der = load_pem_x509_certificate(Path(bac.infos["pki"], "proxy-client.pem").read_bytes()
                                    ).public_bytes(Encoding.DER)
    assert base64.b64decode(claims["cnf"]["x5t#S256"]).decode() == sha256(der).hexdigest()
    assert claims["acr"] == "1" and claims["SubjectNameID"] == IDEL
    assert claims["session_state"] == sujet["session_state"]
    assert corps["expires_in"] == 14400 and corps["refresh_expires_in"] == 1800
    client.controle.post("/edc", json={"cnf": "rfc"})
    rfc = lire(client.echange("insi", sujet["access_token"]).json()["access_token"])
    assert len(rfc["cnf"]["x5t#S256"]) == 43


@pytest.mark.parametrize(("champs", "erreur"), [
    ({"subject_token": "faux"}, "invalid_token"), ({"subject_issuer": "autre"}, "invalid_issuer"),
    ({"subject_token_type": "urn:x"}, "invalid_request"), ({"client_id": "x"}, "invalid_client"),
    ({"grant_type": "password"}, "unsupported_grant_type")])
def test_exchange_refuses(client: Client, champs: dict[str, str], erreur: str) -> None:
    jeton = client.se_connecter()["access_token"]
    assert client.echange("dmp", jeton, **champs).json()["error"] == erreur


def test_exchange_refuses_a_dead_subject_and_a_stranger(bac: BacASable, client: Client) -> None:
    jeton = client.se_connecter()["access_token"]
    for certificat in (None, "autre-client"):
        autre = Client(bac.infos, certificat)
        assert autre.echange("dmp", jeton).json()["error"] == "invalid_client"
        autre.fermer()
    client.controle.post("/horloge", json={"decalage_s": 121})
    assert client.echange("dmp", jeton).json()["error"] == "invalid_token"


def signer(client: Client, jeton: str, session_state: str) -> httpx.Response:
    return client.http.post(client.infos["edc"] + "/signsessiondata", json={
        "nationalId": IDEL, "clientID": "pleiade", "proxy_session_id": "p1",
        "session_state": session_state}, headers={"Authorization": "Bearer " + jeton})


def test_api_token_checked_refreshed_and_revoked(bac: BacASable, client: Client) -> None:
    sujet = client.se_connecter()
    corps = client.echange("signsessiondata", sujet["access_token"]).json()
    assert "signature" in signer(client, corps["access_token"], sujet["session_state"]).json()
    autre = Client(bac.infos, "autre-client")
    vole = signer(autre, corps["access_token"], sujet["session_state"])
    assert vole.status_code == 401 and "cnf" in vole.json()["error_description"]
    autre.fermer()
    dmp = client.echange("dmp", sujet["access_token"]).json()["access_token"]
    assert signer(client, dmp, sujet["session_state"]).status_code == 401
    base = client.infos["edc"] + "/realms/signsessiondata/protocol/openid-connect"
    neuf = client.http.post(base + "/token", data={
        "grant_type": "refresh_token", "client_id": "pleiade",
        "refresh_token": corps["refresh_token"]}).json()["access_token"]
    assert signer(client, neuf, sujet["session_state"]).status_code == 200
    assert client.http.post(base + "/revoke", data={"client_id": "pleiade",
                                                    "token": neuf}).status_code == 200
    assert signer(client, neuf, sujet["session_state"]).status_code == 401
    assert client.http.post(base + "/token/introspect", data={
        "client_id": "pleiade", "token": neuf}).json() == {"active": False}


def test_faults_of_psc_and_of_the_exchange(client: Client) -> None:
    sujet = client.se_connecter()
    for statut in (502, 503, 504):
        client.panne("edc", "token", "http", statut)
        assert client.echange("dmp", sujet["access_token"]).status_code == statut
    client.panne("psc", "token", "code", "invalid_grant")
    assert client.jeton(grant_type="refresh_token", refresh_token="x").status_code == 400
    client.panne("psc", "token", "nonce")
    corps = client.echanger_code(client.code()["code"]).json()
    assert lire(corps["id_token"])["nonce"] == "nonce-d-un-autre"
    client.panne("wallet", "authorize", "iss")
    assert client.code()["iss"].endswith("-autre")
    client.panne("psc", "token", "kid")
    corps = client.echanger_code(client.code()["code"]).json()
    entete = corps["id_token"].split(".")[0]
    assert b"psc-inconnue" in base64.urlsafe_b64decode(entete + "===")
    client.panne("psc", "token", "coupure")
    with pytest.raises(httpx.RemoteProtocolError):
        client.jeton(grant_type="refresh_token", refresh_token="x")
    client.panne("psc", "jwks", "delai", 0.4)
    debut = time.monotonic()
    client.http.get(client.oidc + "/certs")
    assert time.monotonic() - debut > 0.4  # short: at least


@pytest.mark.parametrize("panne", ["certificat_expire", "ca_inconnue"])
def test_tls_faults(client: Client, panne: str) -> None:
    client.http.get(client.oidc + "/certs")
    client.panne("psc", "*", panne, fois=-1)
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        client.http.get(client.oidc + "/certs")
    client.controle.delete("/pannes")
    assert client.http.get(client.oidc + "/certs").status_code == 200


def test_closed_port_opens_again(client: Client) -> None:
    client.http.get(client.oidc + "/certs")
    client.panne("psc", "*", "refus_connexion", fois=-1)
    for _ in range(2):
        with pytest.raises(httpx.ConnectError, match="refused"):
            client.http.get(client.oidc + "/certs")
    assert client.http.get(client.infos["wallet"] + "/auth").status_code == 400
    client.controle.delete("/pannes")
    assert client.http.get(client.oidc + "/certs").status_code == 200


def test_client_certificate_of_a_stranger_authority(bac: BacASable, client: Client) -> None:
    pki = Path(bac.infos["pki"])
    tls = contexte(bac.infos, None)
    tls.load_cert_chain(pki / "serveur-inconnu.pem", pki / "serveur-inconnu.key")
    with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError,
                        ssl.SSLError)):
        httpx.get(client.oidc + "/certs", verify=tls)


def test_control_api_refuses_nonsense(client: Client) -> None:
    for demande in ({"service": "x", "type": "http"}, {"service": "dmp", "type": "x"},
                    {"service": "dmp", "type": "http", "fois": 0}, [1]):
        assert client.controle.post("/pannes", json=demande).status_code == 400
    assert client.controle.post("/horloge", content=b"{").status_code == 400
    assert client.controle.post("/edc", json={"cnf": "autre"}).status_code == 400


def test_journal_holds_no_token(client: Client) -> None:
    jetons = client.se_connecter()
    client.echange("dmp", jetons["access_token"])
    texte = client.controle.get("/journal").text + client.controle.get("/etat").text
    assert not any(jetons[n] in texte for n in ("access_token", "refresh_token", "id_token"))
    assert client.journal("edc", "token")[0]["royaume"] == "dmp"


def test_keys_are_private(bac: BacASable) -> None:
    for cle in Path(bac.infos["pki"]).glob("*.key"):
        assert cle.stat().st_mode & 0o077 == 0, cle.name
