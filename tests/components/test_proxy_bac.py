"""The proxy and the bac à sable, both as processes: logins, calls, faults (`spec/psc.md` §1–5).

Neither knows the other's code: this is what a conformity run would see.
"""

import contextlib
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from proxy_amont import proxy

IDEL = "899700000016"
RETOUR = "http://127.0.0.1:49152/psc/done"


@dataclass
class Ensemble:
    """Both servers, and the control API of the bac à sable."""

    url: str
    tls: ssl.SSLContext
    controle: httpx.Client
    infos: dict[str, Any]

    def client(self) -> httpx.Client:
        """A workstation."""
        return httpx.Client(base_url=self.url, verify=self.tls, timeout=60)

    def appareil(self, decision: str, delai_s: float = 0) -> None:
        """What the professional's telephone will do."""
        self.controle.post("/psc/appareil", json={"decision": decision, "delai_s": delai_s}
                           ).raise_for_status()

    def panne(self, service: str, operation: str, genre: str, **plus: Any) -> None:
        """Set a fault."""
        self.controle.post("/pannes", json={"service": service, "operation": operation,
                                            "type": genre, **plus}).raise_for_status()

    def connecter(self, http: httpx.Client, qui: str = IDEL, **champs: str) -> httpx.Response:
        """POST /connect."""
        return http.post("/connect", json={"nationalId": qui, "bindingMessage": "42",
                                           "clientId": "pleiade", "channel": "MOBILE", **champs})

    def naviguer(self, url: str) -> str:
        """Follow the login page as a browser does, up to the loopback address."""
        with httpx.Client(verify=self.tls, timeout=60) as navigateur:
            for _ in range(6):
                reponse = navigateur.get(url)
                assert reponse.status_code in (302, 303), reponse.text
                url = reponse.headers["location"]
                if url.startswith("http://127.0.0.1"):
                    return url
        raise AssertionError(url)

    def session_navigateur(self, http: httpx.Client, qui: str = IDEL) -> dict[str, Any]:
        """A whole login by the browser."""
        self.controle.post("/psc/page", json={"auto": True, "professionnel": qui})
        annonce = http.post("/session/nouvelle", json={
            "clientId": "pleiade", "retour": RETOUR}).json()
        retour = self.naviguer(annonce["url"])
        ticket = parse_qs(urlsplit(retour).query)["ticket"][0]
        reponse = http.post("/session/ticket", json={"code": annonce["code"], "ticket": ticket})
        assert reponse.status_code == 200, reponse.text
        return dict(reponse.json())


@pytest.fixture(scope="module")
def serveurs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ensemble]:
    dossier = tmp_path_factory.mktemp("bac")
    bac = subprocess.Popen([sys.executable, "-m", "app", "bac-a-sable", "--dossier", str(dossier)],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                           cwd=Path(__file__).parents[2], env=os.environ)
    assert bac.stdout is not None
    try:
        infos = json.loads(bac.stdout.readline())
        config = Path(infos["proxy_config"])
        config.write_text(config.read_text() + f"""
[api.signsessiondata]
url = "{infos['edc']}"
jeton = "{infos['edc']}/realms/signsessiondata/protocol/openid-connect/token"
""")
        with proxy(config) as (url, _), \
                httpx.Client(base_url=infos["controle"] + "/controle", timeout=60) as controle:
            yield Ensemble(url, ssl.create_default_context(cafile=infos["ca"]), controle, infos)
    finally:
        bac.terminate()
        bac.wait(60)
        bac.stdout.close()


@pytest.fixture
def e(serveurs: Ensemble) -> Ensemble:
    serveurs.controle.post("/reinitialiser").raise_for_status()
    serveurs.controle.post("/psc/reglages", json={"ciba_intervalle_s": 1})
    return serveurs


def test_ciba_conformity_run(e: Ensemble) -> None:
    """What the ANS tool compares: /connect, the session data signed by the API, /traces."""
    debut = datetime.now().astimezone().isoformat()
    e.appareil("approuver", 0.5)
    with e.client() as http:
        session = e.connecter(http)
        assert session.status_code == 200, session.text
        donnees = {"nationalId": IDEL, "clientID": "pleiade", **session.json()}
        signees = http.post("/send/signsessiondata/signsessiondata", json=donnees)
        assert signees.status_code == 200, signees.text
        assert signees.json()["signature"] and signees.json()["session_state"]
        assert e.connecter(http, "899700000024").status_code == 304
        assert http.delete("/disconnect").status_code == 200
        traces = http.get("/traces", params={"start": debut}).json()
    assert [t["type"] for t in traces] == ["CONNECT_SUCCESS", "SEND", "CONNECT_REPLAY",
                                           "DISCONNECT"]
    for trace in traces:
        assert trace["proxy_id_session"] == donnees["proxy_session_id"]
        assert trace["session_state"] == donnees["session_state"]
        assert trace["IdRPPS"] == IDEL and trace["dn"].startswith("CN=")
    assert traces[1]["apiRequest"]["nomApiPsc"] == "signsessiondata"


@pytest.mark.parametrize("cnf", ["ans", "rfc"])
def test_both_spellings_of_cnf(e: Ensemble, cnf: str) -> None:
    e.controle.post("/edc", json={"cnf": cnf}).raise_for_status()
    e.appareil("approuver")
    with e.client() as http:
        assert e.connecter(http).status_code == 200
        http.delete("/disconnect")


def test_browser_login_and_psc_token(e: Ensemble) -> None:
    with e.client() as http:
        session = e.session_navigateur(http)
        assert session["subject_name_id"] == IDEL and session["psc_active"]
        infos = http.get("/session/userinfo").json()
        assert infos["SubjectNameID"] == IDEL and infos["SubjectRefPro"]["exercices"]
        jeton = http.get("/session/jeton-psc").json()
        assert jeton["access_token"].count(".") == 2 and jeton["expires_in"] >= 45
        assert http.delete("/disconnect").status_code == 200
        assert http.get("/session/etat").status_code == 401
        # The SSO session is really over at PSC.
        restantes = e.controle.get("/etat").json()["psc"]["sessions"]
        assert not any(s["vivante"] for s in restantes)


def test_signed_userinfo_and_rotated_key(e: Ensemble) -> None:
    e.controle.post("/psc/reglages", json={"userinfo_signe": True, "cle_active": 2})
    with e.client() as http:
        e.session_navigateur(http)
        assert http.get("/session/userinfo").json()["SubjectNameID"] == IDEL
        http.delete("/disconnect")


@pytest.mark.parametrize(("genre", "erreur"), [
    ("iss", "identite_refusee"), ("nonce", "identite_refusee"), ("kid", "identite_refusee")])
def test_faults_of_the_browser_login(e: Ensemble, genre: str, erreur: str) -> None:
    e.controle.post("/psc/page", json={"auto": True, "professionnel": IDEL})
    e.panne("psc", "*", genre, fois=-1)
    with e.client() as http:
        annonce = http.post("/session/nouvelle", json={
            "clientId": "pleiade", "retour": RETOUR}).json()
        retour = e.naviguer(annonce["url"])
    assert parse_qs(urlsplit(retour).query) == {"erreur": [erreur]}


def test_professional_says_no(e: Ensemble) -> None:
    e.appareil("refuser")
    with e.client() as http:
        reponse = e.connecter(http)
    assert reponse.status_code == 401 and "access_denied" in reponse.json()["message"]


def test_nobody_answers(e: Ensemble) -> None:
    e.controle.post("/psc/reglages", json={"ciba_duree_s": 3}).raise_for_status()
    e.appareil("ignorer")
    with e.client() as http:
        reponse = e.connecter(http)
    assert reponse.status_code == 401 and "expired_token" in reponse.json()["message"]


def test_unknown_professional(e: Ensemble) -> None:
    with e.client() as http:
        assert e.connecter(http, "899799999999").status_code == 404


def test_caller_who_gives_up_lets_the_next_one_in(e: Ensemble) -> None:
    e.appareil("ignorer")
    with e.client() as http, pytest.raises(httpx.ReadTimeout):
        http.post("/connect", timeout=httpx.Timeout(60, read=1.5), json={
            "nationalId": IDEL, "bindingMessage": "11", "clientId": "pleiade",
            "channel": "CARD"})
    e.appareil("approuver")
    with e.client() as http:
        assert e.connecter(http).status_code == 200, _journal(e)
        http.delete("/disconnect")


@pytest.mark.parametrize("service", ["psc", "edc"])
@pytest.mark.parametrize("statut", [502, 503, 504])
def test_upstream_faults_are_passed_on(e: Ensemble, service: str, statut: int) -> None:
    e.appareil("approuver")
    e.panne(service, "*", "http", valeur=statut, fois=-1)
    with e.client() as http:
        assert e.connecter(http).status_code == statut


def test_revoked_tokens_are_exchanged_anew(e: Ensemble) -> None:
    """Tokens die in the middle of the work: the practitioner sees nothing."""
    e.appareil("approuver")
    with e.client() as http:
        session = e.connecter(http).json()
        donnees = {"nationalId": IDEL, "clientID": "pleiade", **session}
        e.controle.delete("/edc/jetons").raise_for_status()
        reponse = http.post("/send/signsessiondata/signsessiondata", json=donnees)
        assert reponse.status_code == 200, reponse.text
        http.delete("/disconnect")


def test_dead_sso_session_asks_for_a_new_login(e: Ensemble) -> None:
    e.appareil("approuver")
    with e.client() as http:
        session = e.connecter(http).json()
        e.controle.delete("/psc/sessions").raise_for_status()
        e.controle.delete("/edc/jetons").raise_for_status()
        donnees = {"nationalId": IDEL, "clientID": "pleiade", **session}
        reponse = http.post("/send/signsessiondata/signsessiondata", json=donnees)
        assert reponse.status_code == 401
        # Login works at once.
        http.cookies.clear()
        assert e.connecter(http).status_code == 200
        http.delete("/disconnect")


def test_answers_of_the_apis_come_through(e: Ensemble) -> None:
    e.appareil("approuver")
    with e.client() as http:
        e.connecter(http)
        reponse = http.post("/send/insi/lps", content=b"<pas-du-soap/>", headers={
            "Content-Type": "application/soap+xml"})
        assert reponse.status_code in (400, 500) and b"Fault" in reponse.content
        e.panne("insi", "*", "coupure", valeur="avant")
        coupee = http.post("/send/insi/lps", content=b"<x/>")
        assert coupee.status_code == 502
        http.delete("/disconnect")


def test_two_workstations_two_professionals(e: Ensemble) -> None:
    e.appareil("approuver")
    connus = [p["id"] for p in e.controle.get("/psc/professionnels").json()][:4]
    fini: list[str] = []

    def travailler(qui: str) -> None:
        with e.client() as http:
            session = e.connecter(http, qui)
            assert session.status_code == 200, session.text
            for _ in range(5):
                reponse = http.post("/send/signsessiondata/signsessiondata", json={
                    "nationalId": qui, "clientID": "pleiade", **session.json()})
                # The API compares the body with the user of the token it received.
                assert reponse.status_code == 200, reponse.text
            http.delete("/disconnect")
            fini.append(qui)

    fils = [threading.Thread(target=travailler, args=(q,)) for q in connus]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(120)
    assert sorted(fini) == sorted(connus)


def _journal(e: Ensemble) -> str:
    texte = (Path(e.infos["proxy_config"]).parent / "proxy.log").read_text()
    return "\n".join(texte.splitlines()[-5:])


def test_no_secret_in_log_or_traces(e: Ensemble) -> None:
    dossier = Path(e.infos["proxy_config"]).parent
    journal = (dossier / "proxy.log").read_text()
    assert '"route": "/connect"' in journal
    with contextlib.suppress(FileNotFoundError):
        journal += (dossier / "proxy-traces.jsonl").read_text()
    assert "eyJ" not in journal and "Bearer" not in journal
