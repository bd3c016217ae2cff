"""Attacks on the proxy as a process: stolen cookies, certificates, TLS, secrets in addresses."""

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from proxy_amont import Amont, proxy
from proxy_doubles import CONNECT, NATIONAL_ID, certificat, charger
from proxy_revocation import revoquer


@pytest.fixture(scope="module")
def banc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Amont, str, subprocess.Popen]]:
    """A proxy that asks workstations for a certificate, with revocation lists."""
    with Amont(tmp_path_factory.mktemp("attaques")) as amont:
        ca = charger(amont.dossier / "ca.pem", amont.dossier / "ca.key")
        for nom in ("poste-a", "poste-b", "poste-vole"):
            certificat(amont.dossier, nom, cn=nom, emetteur=ca)
        certificat(amont.dossier, "poste-perime", cn="poste-perime", emetteur=ca, jours=-1)
        revoquer(amont.dossier, "postes.crl", "poste-vole")
        config = amont.ecrire_config(
            "[limites]\nidentifications_par_minute = 1000\nsollicitations_par_minute = 1000\n")
        config.write_text(config.read_text().replace(
            'cle = "serveur.key"\n',
            'cle = "serveur.key"\nca_clients = "ca.pem"\ncrl_clients = "postes.crl"\n', 1))
        with proxy(config) as (url, processus):
            yield amont, url, processus


def poste(banc, nom: str = "poste-a", cookies: dict[str, str] | None = None) -> httpx.Client:
    """A workstation with its certificate."""
    amont, url, _ = banc
    tls = ssl.create_default_context(cafile=amont.dossier / "ca.pem")
    if nom:
        tls.load_cert_chain(amont.dossier / f"{nom}.pem", amont.dossier / f"{nom}.key")
    return httpx.Client(base_url=url, verify=tls, timeout=60, cookies=cookies, trust_env=False)


def connecter(http: httpx.Client) -> str:
    reponse = http.post("/connect", json=CONNECT)
    assert reponse.status_code == 200, reponse.text
    return str(reponse.json()["proxy_session_id"])


# --- stolen cookie --------------------------------------------------------------------------


@pytest.mark.attaque(
    "Cookie de session volé, employé d’un autre poste",
    tente="Un second poste, avec son propre certificat valable, présente le cookie du premier : "
          "/send, jeton PSC, userinfo, /disconnect.",
    constat="401 partout, rien n’est transmis ; la session du premier poste continue.")
def test_stolen_cookie_on_another_workstation(banc) -> None:
    amont = banc[0]
    with poste(banc) as victime:
        cookie = connecter(victime)
        avant = len(amont.monde.api_recus)
        with poste(banc, "poste-b", {"proxy_session_id": cookie}) as voleur:
            for methode, route in (("POST", "/send/insi/lps"), ("GET", "/session/jeton-psc"),
                                   ("GET", "/session/userinfo"), ("DELETE", "/disconnect")):
                assert voleur.request(methode, route).status_code == 401, route
        assert len(amont.monde.api_recus) == avant
        assert victime.post("/send/insi/lps", content=b"x").status_code == 200


@pytest.mark.attaque(
    "Cookie de session employé après la déconnexion",
    tente="Garder le cookie d’une session fermée, puis d’une session remplacée par une nouvelle "
          "connexion.",
    constat="401 : l’identifiant ne sert plus, et la nouvelle session en a un autre.")
def test_cookie_of_an_ended_session(banc) -> None:
    with poste(banc) as http:
        ferme = connecter(http)
        assert http.delete("/disconnect").status_code == 200
        http.cookies.clear()
        remplace = connecter(http)
        http.cookies.clear()
        actuel = connecter(http)
        assert len({ferme, remplace, actuel}) == 3
    for cookie, statut in ((ferme, 401), (remplace, 401), (actuel, 200)):
        with poste(banc, cookies={"proxy_session_id": cookie}) as http:
            assert http.get("/send/insi/lps").status_code == statut


@pytest.mark.attaque(
    "Deux cookies de session dans une requête",
    tente="Glisser un cookie planté à côté de celui de la victime, dans les deux ordres.",
    constat="401 : deux valeurs différentes n’en valent aucune.")
def test_planted_cookie_beside_the_true_one(banc) -> None:
    with poste(banc) as http:
        cookie = connecter(http)
        http.cookies.clear()
        for valeur in (f"proxy_session_id={cookie}; proxy_session_id={'z' * 43}",
                       f"proxy_session_id={'z' * 43}; proxy_session_id={cookie}"):
            assert http.get("/send/insi/lps", headers={"Cookie": valeur}).status_code == 401


@pytest.mark.attaque(
    "Secrets dans une adresse",
    tente="Présenter la session en paramètre, et chercher dans le journal et les traces un jeton, "
          "un cookie ou un paramètre d’appel.",
    constat="Le paramètre n’ouvre rien ; aucun secret n’est écrit, même au niveau DEBUG.")
def test_no_secret_in_addresses_log_or_traces(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont:
        config = amont.ecrire_config('exposer = "non"\n[journal]\nniveau = "DEBUG"\n')
        with proxy(config) as (url, _), httpx.Client(
                base_url=url, trust_env=False, timeout=60,
                verify=ssl.create_default_context(cafile=tmp_path / "ca.pem")) as http:
            cookie = connecter(http)
            http.get("/send/insi/lps?matricule=275126322074974")
            jeton = http.get("/session/jeton-psc").json()["access_token"]
            assert http.get(f"/session/etat?proxy_session_id={cookie}").status_code == 200
            http.cookies.clear()
            for route in (f"/send/insi/lps?proxy_session_id={cookie}",
                          f"/session/jeton-psc?proxy_session_id={cookie}"):
                assert http.get(route).status_code == 401
            jetons = [*amont.monde.jetons_api, *amont.monde.titulaires]
        ecrit = (tmp_path / "proxy.log").read_text() + (tmp_path / "traces.jsonl").read_text()
    assert '"route": "/send"' in ecrit and NATIONAL_ID in ecrit
    for secret in (cookie, jeton, *jetons, "275126322074974", "eyJ", "Bearer"):
        assert secret not in ecrit


# --- certificates ---------------------------------------------------------------------------


def _negocie(banc, nom: str) -> bool:
    try:
        with poste(banc, nom) as http:
            return http.get("/check/alive").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.attaque(
    "Certificat de poste absent, périmé ou révoqué",
    tente="Se connecter au proxy sans certificat, avec un certificat périmé, puis avec celui d’un "
          "ordinateur volé, révoqué par sa liste (CRL).",
    constat="La négociation TLS échoue ; un poste en règle passe.")
def test_workstation_certificates(banc) -> None:
    assert _negocie(banc, "poste-a")
    for nom in ("", "poste-perime", "poste-vole"):
        assert not _negocie(banc, nom), nom


@contextmanager
def _proxy_vers(tmp_path: Path, changer: Callable[[str], str]) -> Iterator[httpx.Client]:
    with Amont(tmp_path) as amont:
        config = amont.ecrire_config()
        config.write_text(changer(config.read_text()))
        with proxy(config) as (url, _), httpx.Client(
                base_url=url, trust_env=False, timeout=60,
                verify=ssl.create_default_context(cafile=tmp_path / "ca.pem")) as http:
            yield http
        assert amont.monde.appels == []


@pytest.mark.attaque(
    "Certificat de Pro Santé Connect révoqué, ou liste de révocation périmée",
    tente="PSC présente un certificat révoqué par la liste du proxy ; puis une liste dont la date "
          "est passée.",
    constat="500 « tls », aucun appel ne part ; avec une liste en règle, la connexion s’ouvre.")
@pytest.mark.parametrize(("revoque", "jours"), [(("amont",), 30), ((), -1)])
def test_revoked_upstream(tmp_path: Path, revoque: tuple[str, ...], jours: int) -> None:
    def changer(texte: str) -> str:
        revoquer(tmp_path, "psc.crl", *revoque, jours=jours)
        return texte.replace('ca = "ca.pem"', 'ca = "ca.pem"\ncrl = "psc.crl"')

    with _proxy_vers(tmp_path, changer) as http:
        assert http.post("/connect", json=CONNECT).status_code == 500


def test_a_valid_list_lets_good_certificates_through_and_is_reloaded(tmp_path: Path) -> None:
    """A certificate revoked while the proxy runs is refused after the next reading."""
    import signal

    with Amont(tmp_path) as amont:
        config = amont.ecrire_config("[limites]\nsollicitations_par_minute = 100\n")
        revoquer(tmp_path, "psc.crl")
        config.write_text(config.read_text().replace('ca = "ca.pem"',
                                                     'ca = "ca.pem"\ncrl = "psc.crl"'))
        with proxy(config) as (url, processus), httpx.Client(
                base_url=url, trust_env=False, timeout=60,
                verify=ssl.create_default_context(cafile=tmp_path / "ca.pem")) as http:
            connecter(http)
            http.delete("/disconnect")
            revoquer(tmp_path, "psc.crl", "amont")
            processus.send_signal(signal.SIGHUP)
            fin = time.monotonic() + 30
            while http.post("/connect", json=CONNECT).status_code != 500:
                assert time.monotonic() < fin
                http.delete("/disconnect")
                time.sleep(0.1)


@pytest.mark.attaque(
    "Certificat de Pro Santé Connect périmé",
    tente="PSC présente un certificat dont la date est passée.",
    constat="500, aucun appel ne part.")
def test_expired_upstream(tmp_path: Path) -> None:
    ca = charger(*certificat(tmp_path, "ca", cn="AC de test", ca=True))
    certificat(tmp_path, "amont", cn="amont-demo", emetteur=ca, jours=-1)
    assert _demander_a(tmp_path, ssl.TLSVersion.TLSv1_2) == "tls"


@pytest.mark.attaque(
    "Pro Santé Connect ramené à un ancien TLS",
    tente="Un intermédiaire ne propose à la place de PSC que TLS 1.1.",
    constat="La négociation échoue : 500 « tls ». En TLS 1.2 elle aboutit.")
def test_upstream_with_old_tls(tmp_path: Path) -> None:
    ca = charger(*certificat(tmp_path, "ca", cn="AC de test", ca=True))
    certificat(tmp_path, "amont", cn="amont-demo", emetteur=ca)
    assert _demander_a(tmp_path, ssl.TLSVersion.TLSv1_1) == "tls"
    assert _demander_a(tmp_path, ssl.TLSVersion.TLSv1_2) == "coupure"


def _demander_a(dossier: Path, version: ssl.TLSVersion) -> str:
    """Reason given by our outgoing side for a server that speaks up to `version`, then hangs up."""
    import asyncio
    import warnings

    from app.proxy import tls
    from app.proxy.network import Transport
    from app.proxy.outbound import failure

    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(dossier / "amont.pem", dossier / "amont.key")
    contexte.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        contexte.minimum_version = ssl.TLSVersion.TLSv1
        contexte.maximum_version = version

    with socket.socket() as ecoute:
        ecoute.bind(("127.0.0.1", 0))
        ecoute.listen()

        def servir() -> None:
            prise, _ = ecoute.accept()
            prise.settimeout(30)
            try:
                with contexte.wrap_socket(prise, server_side=True) as lien:
                    lien.recv(100)
            except (ssl.SSLError, OSError):
                prise.close()

        fil = threading.Thread(target=servir, daemon=True)
        fil.start()

        async def appeler() -> str:
            transport = Transport(tls.client_context(dossier / "ca.pem"), httpx.Limits())
            async with httpx.AsyncClient(transport=transport, timeout=30) as http:
                try:
                    await http.get(f"https://127.0.0.1:{ecoute.getsockname()[1]}/")
                except httpx.TransportError as exc:
                    return failure(exc).reason
            return "passé"

        raison = asyncio.run(appeler())
        fil.join(30)
    return raison


# --- slow and many --------------------------------------------------------------------------


@pytest.mark.attaque(
    "Négociations TLS jamais terminées",
    tente="Ouvrir cinquante connexions qui ne commencent pas la négociation TLS.",
    constat="Elles sont coupées au délai réglé ; le proxy répond aux autres pendant ce temps.")
def test_handshakes_that_never_end(tmp_path: Path) -> None:
    with Amont(tmp_path) as amont, ExitStack() as pile:
        config = amont.ecrire_config("[limites]\nentetes_delai_s = 3.0\n")
        lance = pile.enter_context(proxy(config))
        port = urlsplit(lance[0]).port
        prises = [pile.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
                  for _ in range(50)]
        with poste((amont, *lance), "") as http:
            assert http.get("/check/alive").status_code == 200
        for prise in prises:
            assert prise.recv(1) == b""


@pytest.mark.attaque(
    "Connexion ouverte par un attaquant, achevée par la victime",
    tente="L’attaquant commence une connexion, envoie le lien à sa victime, qui s’identifie ; il "
          "essaie ensuite d’échanger le ticket avec le code qu’il connaît.",
    constat="Le ticket va à l’adresse 127.0.0.1 de l’ordinateur de la victime, jamais au serveur "
            "ni à l’attaquant : sans lui, le code n’ouvre rien.")
def test_login_started_by_an_attacker(banc) -> None:
    amont = banc[0]
    with poste(banc, "poste-b") as attaquant, poste(banc) as victime:
        annonce = attaquant.post("/session/nouvelle", json={
            "clientId": "lps-demo", "retour": "http://127.0.0.1:49152/psc/done"}).json()
        vers_psc = httpx.URL(victime.get(urlsplit(annonce["url"])._replace(
            scheme="", netloc="").geturl()).headers["location"])
        amont.monde.nonce = vers_psc.params["nonce"]
        retour = victime.get("/callback", params={
            "code": "bon-code", "state": vers_psc.params["state"], "iss": amont.monde.psc})
        amont.monde.nonce = ""
        assert retour.status_code == 303
        assert retour.headers["location"].startswith("http://127.0.0.1:49152/")
        for ticket in ("", "x" * 43, annonce["code"]):
            refus = attaquant.post("/session/ticket", json={
                "code": annonce["code"], "ticket": ticket})
            assert refus.status_code in (400, 401)
        assert json.dumps(dict(attaquant.cookies)) == "{}"
