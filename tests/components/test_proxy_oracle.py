"""The client side of the proxy against an OpenID provider that nobody here wrote.

npm `oidc-provider` (certified by the OpenID Foundation) judges what our client sends: PKCE, mutual
TLS, CIBA, refresh, revocation, certificate-bound tokens. It knows nothing of the habits of our own
doubles. `oracle/op.mjs` says what it is told; `packaging/oracle.sh` installs it.
"""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from proxy_doubles import AUTRE_ID, CONNECT, NATIONAL_ID, certificat, charger, configuration

from app.proxy import psc as module_psc
from app.proxy.app import Application, creer

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("oracle")]

RACINE = Path(__file__).parents[2]
RETOUR = "http://127.0.0.1:49152/psc/done"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Oracle:
    """The running provider."""

    url: str
    dossier: Path
    http: httpx.Client

    def regler(self, **reglages: Any) -> None:
        """Say what the professional answers."""
        self.http.get("/controle", params={"reglages": json.dumps(reglages)}).raise_for_status()

    def recus(self, genre: str) -> list[dict[str, Any]]:
        """What came since the last look."""
        return [r[genre] for r in self.http.get("/controle").json() if genre in r]


@pytest.fixture(scope="module")
def serveur(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    subprocess.run(["sh", str(RACINE / "packaging" / "oracle.sh"), "--node"], check=True,
                   timeout=500)
    dossier = tmp_path_factory.mktemp("oracle")
    ca = charger(*certificat(dossier, "ca", cn="AC de test", ca=True))
    for nom in ("amont", "client", "intrus"):
        certificat(dossier, nom, cn=f"{nom}-demo", emetteur=ca)
    node = shutil.which("node")
    assert node
    with (dossier / "op.log").open("w") as journal:
        processus = subprocess.Popen(
            [node, str(Path(__file__).parent / "oracle" / "op.mjs"), str(dossier),
             str(RACINE / ".venv" / "oracle" / "node_modules")],
            stdout=subprocess.PIPE, stderr=journal, text=True)
    assert processus.stdout is not None
    try:
        ligne = next((li for li in processus.stdout if li.startswith("{")), "")
        assert ligne, (dossier / "op.log").read_text()
        with httpx.Client(base_url=json.loads(ligne)["url"], verify=_tls(dossier),
                          trust_env=False, timeout=60) as http:
            yield Oracle(json.loads(ligne)["url"], dossier, http)
    finally:
        processus.terminate()
        processus.wait(60)
        processus.stdout.close()


def _tls(dossier: Path) -> Any:
    import ssl

    return ssl.create_default_context(cafile=dossier / "ca.pem")


@pytest.fixture
def oracle(serveur: Oracle, monkeypatch: pytest.MonkeyPatch) -> Oracle:
    # The library gives no `interval`: ours would be five seconds (spec/psc.md §1.4).
    monkeypatch.setattr(module_psc, "INTERVALLE_S", 0.1)
    serveur.regler(compte=NATIONAL_ID, decision="approuver", acr="eidas1", ttl=120, duree=120,
                   avance_s=0)
    serveur.recus("ciba")
    return serveur


def _proxy(oracle: Oracle, nom: str = "client") -> Application:
    """The proxy with its real connections; the API is the provider's userinfo."""
    dossier = oracle.dossier
    jeton = f"{oracle.url}/token"
    config = configuration(
        dossier, psc={"decouverte": f"{oracle.url}/.well-known/wallet-openid-configuration",
                      "ca": "ca.pem"},
        clients={"lps-demo": {"client_id": "lps-demo", "certificat": f"{nom}.pem",
                              "cle": f"{nom}.key"}},
        api={n: {"url": oracle.url, "jeton": jeton, "revocation": f"{jeton}/revocation",
                 "introspection": f"{jeton}/introspection"} for n in ("insi", "dmp")})
    return creer(config)


@pytest.fixture
def proxy(oracle: Oracle) -> Application:
    return _proxy(oracle)


def _appelant(proxy: Application) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(proxy, client=("127.0.0.1", 50000)),
                             base_url="https://proxy.test", timeout=60)


async def _naviguer(proxy: Application, oracle: Oracle, *, fraiche: bool = False,
                    biscuits: httpx.Cookies | None = None) -> tuple[httpx.AsyncClient, dict, str]:
    """A login in the browser up to the loopback address; gives caller, announce, its address."""
    appelant = _appelant(proxy)
    annonce = (await appelant.post("/session/nouvelle", json={
        "clientId": "lps-demo", "retour": RETOUR, "fraiche": fraiche})).json()
    navigateur = _appelant(proxy)
    adresse = (await navigateur.get(annonce["url"])).headers["location"]
    async with httpx.AsyncClient(verify=_tls(oracle.dossier), trust_env=False,
                                 cookies=biscuits) as op:
        for _ in range(12):
            if adresse.startswith("https://proxy.test"):
                retour = await navigateur.get(adresse)
                if biscuits is not None:
                    biscuits.update(op.cookies)
                trouve = retour.headers.get("location", "")
                return appelant, annonce, trouve
            reponse = await op.get(httpx.URL(oracle.url).join(adresse))
            adresse = reponse.headers["location"]
    raise AssertionError(adresse)


async def _entrer(proxy: Application, oracle: Oracle, **kw: Any) -> httpx.AsyncClient:
    appelant, annonce, retour = await _naviguer(proxy, oracle, **kw)
    ticket = re.search(r"ticket=([^&]+)", retour)
    assert ticket, retour
    session = await appelant.post("/session/ticket", json={
        "code": annonce["code"], "ticket": ticket[1]})
    assert session.status_code == 200, session.text
    assert session.json()["subject_name_id"] == NATIONAL_ID
    await proxy.context.broker.settle()
    return appelant


async def _fermer(proxy: Application) -> None:
    await proxy.context.broker.aclose(end_sessions=True, delay=5)
    await proxy.context.outbound.aclose()


# --- authorization code, PKCE, mutual TLS ----------------------------------------------------


async def test_login_by_the_browser(proxy: Application, oracle: Oracle) -> None:
    """Code + PKCE S256 + tls_client_auth; id_token and userinfo accepted on both sides."""
    appelant = await _entrer(proxy, oracle)
    # SubjectNameID came from userinfo, with a token bound to our certificate (RFC 8705).
    infos = (await appelant.get("/session/userinfo")).json()
    assert infos["SubjectNameID"] == NATIONAL_ID and infos["family_name"] == "INFIRMIERE"
    etat = (await appelant.get("/session/etat")).json()
    assert etat["psc_active"] is True
    await _fermer(proxy)


async def test_login_again_is_obeyed(proxy: Application, oracle: Oracle) -> None:
    """`prompt=login` asks again in a browser that the provider still knows."""
    biscuits = httpx.Cookies()
    await _entrer(proxy, oracle, biscuits=biscuits)
    oracle.recus("login")
    await _entrer(proxy, oracle, biscuits=biscuits)
    assert oracle.recus("login") == []
    await _entrer(proxy, oracle, biscuits=biscuits, fraiche=True)
    (raisons,) = oracle.recus("login")
    assert "login_prompt" in raisons
    await _fermer(proxy)


async def test_refusal_in_the_browser(proxy: Application, oracle: Oracle) -> None:
    oracle.regler(decision="refuser")
    _, _, retour = await _naviguer(proxy, oracle)
    assert retour == f"{RETOUR}?erreur=access_denied"
    await _fermer(proxy)


async def test_an_authentication_of_a_lower_level_is_refused(proxy: Application,
                                                             oracle: Oracle) -> None:
    oracle.regler(acr="faible")
    _, _, retour = await _naviguer(proxy, oracle)
    assert retour.startswith(f"{RETOUR}?erreur=")
    await _fermer(proxy)


@pytest.mark.attaque(
    "Certificat client d’un autre logiciel",
    tente="Un proxy muni d’un certificat valable de la même autorité, mais d’un autre sujet, "
          "demande des jetons au nom du client (fournisseur OpenID indépendant).",
    constat="Le fournisseur refuse le client ; /connect répond 401 et rien n’est ouvert.")
async def test_certificate_of_another_client(oracle: Oracle) -> None:
    intrus = _proxy(oracle, "intrus")
    reponse = await _appelant(intrus).post("/connect", json=CONNECT)
    assert reponse.status_code == 401 and "invalid_client" in reponse.text
    assert await intrus.context.store.count() == 0
    await _fermer(intrus)


# --- CIBA -----------------------------------------------------------------------------------


async def test_ciba(proxy: Application, oracle: Oracle) -> None:
    appelant = _appelant(proxy)
    reponse = await appelant.post("/connect", json=CONNECT)
    assert reponse.status_code == 200, reponse.text
    (demande,) = oracle.recus("ciba")
    assert demande["login_hint"] == NATIONAL_ID and demande["binding_message"] == "07"
    assert demande["acr_values"] == "eidas1" and demande["scope"] == "openid scope_all"
    await _fermer(proxy)


@pytest.mark.parametrize(("reglages", "corps", "statut", "mot"), [
    ({"decision": "refuser"}, {}, 401, "access_denied"),
    ({}, {"nationalId": "899799999999"}, 404, "Not Found"),
    ({"decision": "ignorer", "duree": 1}, {}, 401, "expired"),
])
async def test_ciba_refusals(proxy: Application, oracle: Oracle, reglages: dict, corps: dict,
                             statut: int, mot: str) -> None:
    oracle.regler(**reglages)
    reponse = await _appelant(proxy).post("/connect", json={**CONNECT, **corps})
    assert reponse.status_code == statut and mot in reponse.text, reponse.text
    assert await proxy.context.store.count() == 0
    await _fermer(proxy)


# --- exchange, bound tokens, refresh, revocation ----------------------------------------------


async def test_exchange_gives_a_token_that_only_our_certificate_may_use(
        proxy: Application, oracle: Oracle) -> None:
    """The API is the provider's own userinfo: it checks Bearer and `cnf` by itself."""
    appelant = _appelant(proxy)
    assert (await appelant.post("/connect", json=CONNECT)).status_code == 200
    reponse = await appelant.get("/send/insi/me")
    assert reponse.status_code == 200 and reponse.json()["SubjectNameID"] == NATIONAL_ID
    (session_id,) = await proxy.context.store.live()
    session = await proxy.context.store.get(session_id)
    assert session is not None
    jeton = session.apis["insi"].access_token
    # The same token without our certificate, or with another one, is nothing.
    for cert in (None, "intrus"):
        tls = _tls(oracle.dossier)
        if cert:
            tls.load_cert_chain(oracle.dossier / f"{cert}.pem", oracle.dossier / f"{cert}.key")
        vol = httpx.get(f"{oracle.url}/me", verify=tls,
                        headers={"Authorization": f"Bearer {jeton}"})
        assert vol.status_code == 401
    echanges = oracle.recus("echange")
    assert len(echanges) == 2 and all(e["subject_issuer"] == "psc" for e in echanges)
    await _fermer(proxy)


async def test_tokens_are_refreshed_and_rotated(proxy: Application, oracle: Oracle) -> None:
    appelant = await _entrer(proxy, oracle)
    premier = (await appelant.get("/session/jeton-psc")).json()["access_token"]
    (session_id,) = await proxy.context.store.live()
    for _ in range(3):  # the provider rotates the refresh token each time
        session = await proxy.context.store.get(session_id)
        assert session is not None
        session.psc.access_expires = 0.0
        reponse = await appelant.get("/session/jeton-psc")
        assert reponse.status_code == 200
        assert reponse.json()["access_token"] != premier
        premier = reponse.json()["access_token"]
    assert (await appelant.get("/session/userinfo")).status_code == 200
    await _fermer(proxy)


async def test_lost_refresh_token_ends_the_session(proxy: Application, oracle: Oracle) -> None:
    appelant = await _entrer(proxy, oracle)
    (session_id,) = await proxy.context.store.live()
    session = await proxy.context.store.get(session_id)
    assert session is not None
    session.psc.access_expires, session.psc.refresh_token = 0.0, "inconnu"
    assert (await appelant.get("/session/jeton-psc")).status_code == 401
    assert (await appelant.get("/session/etat")).json()["psc_active"] is False
    await _fermer(proxy)


async def test_disconnect_revokes_the_tokens_of_the_apis(proxy: Application,
                                                         oracle: Oracle) -> None:
    appelant = _appelant(proxy)
    assert (await appelant.post("/connect", json=CONNECT)).status_code == 200
    (session_id,) = await proxy.context.store.live()
    session = await proxy.context.store.get(session_id)
    assert session is not None
    client = proxy.context.config.clients["lps-demo"]
    http = proxy.context.outbound.pool(client, "insi").http
    jeton = session.apis["insi"].access_token

    async def actif() -> bool:
        reponse = await http.post(f"{oracle.url}/token/introspection", data={
            "token": jeton, "client_id": "lps-demo"})
        return bool(reponse.json()["active"])

    assert await actif()
    assert (await appelant.delete("/disconnect")).status_code == 200
    assert not await actif()
    await _fermer(proxy)


async def test_expired_subject_token_is_refreshed_before_the_exchange(
        proxy: Application, oracle: Oracle) -> None:
    """§1.8, case 1a, against a provider that really lets tokens die."""
    oracle.regler(ttl=60)
    appelant = await _entrer(proxy, oracle)
    (session_id,) = await proxy.context.store.live()
    oracle.regler(avance_s=90)  # its clock alone: ours believes the token alive
    session = await proxy.context.store.get(session_id)
    assert session is not None
    session.apis.clear()
    session.psc.access_expires = time.time() + 60
    oracle.regler(ttl=120)
    reponse = await appelant.get("/send/dmp/me")
    assert reponse.status_code == 200, reponse.text
    await _fermer(proxy)


async def test_two_professionals_at_once(proxy: Application, oracle: Oracle) -> None:
    un, deux = _appelant(proxy), _appelant(proxy)
    for appelant, qui in ((un, NATIONAL_ID), (deux, AUTRE_ID)):
        assert (await appelant.post("/connect", json={
            **CONNECT, "nationalId": qui})).status_code == 200
    for appelant, qui in ((un, NATIONAL_ID), (deux, AUTRE_ID)):
        assert (await appelant.get("/send/insi/me")).json()["SubjectNameID"] == qui
    await _fermer(proxy)
