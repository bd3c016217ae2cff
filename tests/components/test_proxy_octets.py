"""Attacks byte by byte: what a caller, or an API, says that no library would."""

import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from proxy_amont import Amont, proxy
from proxy_brut import OK, ApiBrute, connexion, echanger, en_octets, statuts
from proxy_doubles import AUTRE_ID, CONNECT

LIMITES = ("[limites]\ncorps_delai_s = 2.0\nlecture_delai_s = 2.0\n"
           "sollicitations_par_minute = 1000\nidentifications_par_minute = 1000\n")


class Banc:
    """A proxy as a process, PSC behind it, and an API that speaks in bytes."""

    def __init__(self, amont: Amont, api: ApiBrute, url: str, processus: subprocess.Popen) -> None:
        self.amont, self.api, self.url, self.processus = amont, api, url, processus
        self.cookie = self.ouvrir(CONNECT["nationalId"])

    def ouvrir(self, qui: str) -> bytes:
        """Open a session; gives its cookie."""
        tls = ssl.create_default_context(cafile=self.amont.dossier / "ca.pem")
        with httpx.Client(base_url=self.url, trust_env=False, timeout=60, verify=tls) as http:
            reponse = http.post("/connect", json={**CONNECT, "nationalId": qui})
            assert reponse.status_code == 200, reponse.text
            return str(reponse.json()["proxy_session_id"]).encode()

    def requete(self, suite: bytes = b"Connection: close\r\n\r\n", *, ligne: bytes =
                b"GET /send/insi/lps HTTP/1.1", cookie: bytes = b"", hote: bytes =
                b"Host: x\r\n") -> bytes:
        """A request with the session's cookie, in bytes."""
        return (ligne + b"\r\n" + hote + b"Cookie: proxy_session_id=" + (cookie or self.cookie)
                + b"\r\n" + suite)

    def envoyer(self, *morceaux: bytes | float, delai: float = 30.0) -> tuple[bytes, list[bytes]]:
        """What came back, and what the API received."""
        avant = len(self.api.recus)
        recu = echanger(self.amont, self.url, *morceaux, delai=delai)
        time.sleep(0.05)
        return recu, self.api.recus[avant:]

    def journal(self) -> str:
        """The technical log."""
        return (self.amont.dossier / "proxy.log").read_text()


@pytest.fixture(scope="module")
def processus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Banc]:
    dossier = tmp_path_factory.mktemp("octets")
    with Amont(dossier) as amont, ApiBrute(dossier) as api:
        config = amont.ecrire_config(LIMITES)
        jeton = f'jeton = "{amont.url}/as-insi.test/realms/insi/token"'
        # Two names for one API: one that is waited for, one that isn't.
        config.write_text(config.read_text()
                          .replace(f"{amont.url}/api-insi.test/base", api.url)
                          .replace(jeton, f'{jeton}\n[api.pressee]\nurl = "{api.url}"\n'
                                          f"{jeton}\ndelai_s = 2.0"))
        with proxy(config) as (url, enfant):
            yield Banc(amont, api, url, enfant)


@pytest.fixture
def banc(processus: Banc) -> Banc:
    processus.api.repondre = en_octets(OK)
    return processus


# --- from the caller ------------------------------------------------------------------------


@pytest.mark.attaque(
    "Proxy : champs ajoutés après le corps (trailers)",
    tente="Envoyer, derrière un corps en morceaux, un second cookie, un nom d’utilisateur et une "
          "fausse adresse : un répartiteur ne les contrôle pas.",
    constat="Ils sont jetés : l’appel passe comme s’ils n’existaient pas, l’API ne les reçoit pas.")
def test_trailers_are_not_headers(banc: Banc) -> None:
    recu, api = banc.envoyer(banc.requete(
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nabcd\r\n0\r\n"
        b"X-Pleiade-Utilisateur: moi\r\nCookie: proxy_session_id=" + b"z" * 43 +
        b"\r\nX-Queue: 1\r\nConnection: content-type\r\n\r\n",
        ligne=b"POST /send/insi/lps HTTP/1.1"))
    assert statuts(recu) == [200] and len(api) == 1 and b"queue" not in api[0].lower()


@pytest.mark.attaque(
    "Proxy : requêtes que deux serveurs liraient autrement",
    tente="Aucun Host ou deux, HTTP/0.9 et 2.0 écrits à la main, codage « gzip, chunked », "
          "morceaux en HTTP/1.0.",
    constat="400 ou 505, connexion fermée ; l’API ne reçoit rien.")
@pytest.mark.parametrize(("ligne", "hote", "suite"), [
    (b"GET /send/insi/lps HTTP/1.1", b"", b"\r\n"),
    (b"GET /send/insi/lps HTTP/1.1", b"Host: x\r\nHost: y\r\n", b"\r\n"),
    (b"GET /send/insi/lps HTTP/1.1", b"Host: x, y\r\n", b"\r\n"),
    (b"GET /send/insi/lps HTTP/2.0", b"Host: x\r\n", b"\r\n"),
    (b"GET /send/insi/lps HTTP/0.9", b"Host: x\r\n", b"\r\n"),
    (b"POST /send/insi/lps HTTP/1.1", b"Host: x\r\n",
     b"Transfer-Encoding: gzip, chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"),
    (b"POST /send/insi/lps HTTP/1.0", b"Host: x\r\n",
     b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n")])
def test_ambiguous_requests(banc: Banc, ligne: bytes, hote: bytes, suite: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(suite, ligne=ligne, hote=hote))
    assert statuts(recu) in ([400], [505]) and api == []


@pytest.mark.attaque(
    "Proxy : adresse absolue qui nomme un autre serveur",
    tente="Une adresse absolue vers un autre hôte que « Host », avec un compte, sans « Host » ; un "
          "fragment ; une cible sans barre ; « * ».",
    constat="400, connexion fermée ; l’API ne reçoit rien. L’adresse absolue du bon hôte passe.")
@pytest.mark.parametrize("cible", [
    b"https://mechant.test/send/insi/lps", b"https://a:b@x/send/insi/lps",
    b"https://x@mechant.test/send/insi/lps", b"https://x:443/send/insi/lps",
    b"/send/insi/lps#a", b"/send/insi/lps?a=1#b", b"send/insi/lps", b"*", b"ftp://x/send/insi/lps",
    b"/send/insi/l\xe9ps", b"/send/insi/lps?\xe9", b"https:///send/insi/lps"])
def test_targets_that_name_another_server(banc: Banc, cible: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(ligne=b"GET " + cible + b" HTTP/1.1"))
    assert statuts(recu) == [400] and api == []


@pytest.mark.attaque(
    "Proxy : « Host » forgé",
    tente="Un « Host » étranger, vide, ou qui contient des séparateurs, sur /send et à l’annonce "
          "d’une connexion ; X-Forwarded-Host.",
    constat="L’API reçoit son propre nom, le lien de connexion est celui de la configuration : "
            "rien ne vient de « Host ».")
@pytest.mark.parametrize("hote", [b"mechant.test", b"mechant.test:99999", b"", b"x/../y", b"x@y"])
def test_forged_host(banc: Banc, hote: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(hote=b"Host: " + hote + b"\r\n"))
    assert statuts(recu) == [200]
    assert f"\r\nhost: {banc.api.url.split('/')[2]}\r\n".encode() in api[0].lower()
    corps = b'{"clientId": "lps-demo", "retour": "http://127.0.0.1:5000/psc/done"}'
    recu, _ = banc.envoyer(banc.requete(
        b"X-Forwarded-Host: mechant.test\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        % len(corps) + corps, ligne=b"POST /session/nouvelle HTTP/1.1",
        hote=b"Host: " + hote + b"\r\n"))
    assert statuts(recu) == [200] and banc.url.encode() in recu and b"mechant" not in recu


def test_absolute_target_of_this_server(banc: Banc) -> None:
    """RFC 9112 §3.2.2: a server must accept it."""
    recu, api = banc.envoyer(banc.requete(ligne=b"GET https://X/send/insi/lps?a=1 HTTP/1.1"))
    assert statuts(recu) == [200] and api[0].startswith(b"GET /base/lps?a=1 HTTP/1.1\r\n")


@pytest.mark.attaque(
    "Proxy : une connexion employée par deux professionnels",
    tente="Sur une même connexion, enchaînées d’un coup : la session d’un professionnel, celle "
          "d’un autre, aucune, un refus avec un corps qui ressemble à une requête.",
    constat="Chaque appel porte le jeton de son auteur, et rien n’est gardé d’une requête à "
            "l’autre.")
def test_one_connection_for_two(banc: Banc) -> None:
    autre = banc.ouvrir(AUTRE_ID)
    faux = b"GET /send/insi/cachee HTTP/1.1\r\nHost: x\r\n\r\n"
    suite = b"\r\n"
    sans = b"GET /send/insi/sans HTTP/1.1\r\nHost: x\r\n"
    recu, api = banc.envoyer(
        banc.requete(suite) + banc.requete(suite, cookie=autre) + sans + suite
        + b"POST /send/insi/refus HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(faux)
        + faux + banc.requete(cookie=autre))
    assert statuts(recu) == [200, 200, 401, 401, 200]
    jetons = [a.lower().partition(b"authorization: bearer ")[2].partition(b"\r\n")[0] for a in api]
    titulaires = [banc.amont.monde.titulaires[j.decode()] for j in jetons]
    assert titulaires == [CONNECT["nationalId"], AUTRE_ID, AUTRE_ID]


@pytest.mark.attaque(
    "Proxy : passage à un autre protocole (h2c, WebSocket, CONNECT)",
    tente="Demander « Upgrade: h2c » avec un corps et une requête cachée derrière, puis WebSocket, "
          "puis CONNECT.",
    constat="400 ou 405, connexion fermée ; l’API ne reçoit rien.")
@pytest.mark.parametrize(("ligne", "suite"), [
    (b"POST /send/insi/lps HTTP/1.1",
     b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
     b"Content-Length: 4\r\n\r\nabcdGET /send/insi/cachee HTTP/1.1\r\nHost: x\r\n\r\n"),
    (b"GET /send/insi/lps HTTP/1.1",
     b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"),
    (b"CONNECT /send/insi/lps HTTP/1.1", b"\r\n"),
    (b"CONNECT mechant.test:443 HTTP/1.1", b"\r\n")])
def test_upgrades(banc: Banc, ligne: bytes, suite: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(suite, ligne=ligne))
    assert statuts(recu) in ([400], [405]) and api == []


@pytest.mark.attaque(
    "Proxy : corps interrompu pris pour un corps complet",
    tente="Un corps en morceaux coupé, ou dont une taille est fausse.",
    constat="L’API ne voit jamais la fin du corps : elle ne peut pas le prendre pour complet.")
@pytest.mark.parametrize("corps", [b"4\r\nabcd\r\n", b"4\nabcd\n0\n\n", b"-4\r\nabcd\r\n0\r\n\r\n",
                                   b"4\r\nabcdXX0\r\n\r\n", b"0x4\r\nabcd\r\n0\r\n\r\n"])
def test_cut_body(banc: Banc, corps: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(b"Transfer-Encoding: chunked\r\n\r\n" + corps,
                                          ligne=b"POST /send/insi/lps HTTP/1.1"))
    assert statuts(recu) in ([400], [408])
    assert all(not requete.endswith(b"0\r\n\r\n") for requete in api)


@pytest.mark.attaque(
    "Proxy : chemins que l’API lirait autrement",
    tente="« .. » en octets interdits (c0 ae), en pleine chasse, séparateurs en pleine chasse, "
          "barre encodée dans le nom de la route, pourcent sans chiffres, lettres encodées.",
    constat="404 ; l’API ne reçoit rien.")
@pytest.mark.parametrize("chemin", [
    b"/send/insi/%c0%ae%c0%ae/x", b"/send/insi/%ef%bc%8e%ef%bc%8e/x", b"/send/insi/a%ef%bc%8fb",
    b"/send/insi/a%ef%bc%bcb", b"/send%2fz/insi/lps", b"/%73end/insi/lps", b"/send/insi/a%zz",
    b"/send/insi/a%", b"/send/insi/%e2%80%a4%e2%80%a4/x", b"/send/insi/a%3b..%3b",
    b"/send/insi/%ff"])
def test_paths_read_otherwise(banc: Banc, chemin: bytes) -> None:
    recu, api = banc.envoyer(banc.requete(ligne=b"GET " + chemin + b" HTTP/1.1"))
    assert statuts(recu) == [404] and api == []


@pytest.mark.attaque(
    "Proxy : en-têtes qui changent l’appel derrière la trace",
    tente="X-Original-URL, X-HTTP-Method-Override, faux certificat client (X-SSL-Client-Cert, "
          "Client-Cert…), Proxy, adresses forgées, soulignés à la place des tirets.",
    constat="L’API n’en reçoit aucun ; ce qui part est ce que la trace dit.")
def test_headers_that_change_the_call(banc: Banc) -> None:
    pieges = (b"Proxy", b"X-Original-URL", b"X-Rewrite-URL", b"X-HTTP-Method-Override",
              b"X-HTTP-Method", b"X-Method-Override", b"X-Forwarded-Prefix", b"X-Forwarded-Host",
              b"X-Forwarded-Client-Cert", b"X-SSL-Client-Cert", b"SSL-Client-Cert", b"Client-Cert",
              b"X-Client-Cert", b"True-Client-IP", b"X-Client-IP", b"X_Forwarded_For",
              b"Authorization", b"X_Pleiade_Utilisateur", b"Transfer_Encoding", b"Cookie2")
    recu, api = banc.envoyer(banc.requete(
        b"".join(n + b": piege\r\n" for n in pieges)
        + b"Content-Type: text/xml\r\nX-Request-Id: 7\r\nConnection: close, authorization\r\n\r\n"))
    assert statuts(recu) == [200]
    assert b"piege" not in api[0] and b"authorization: Bearer jeton-as-insi" in api[0]
    assert b"content-type: text/xml\r\n" in api[0] and b"x-request-id: 7\r\n" in api[0]


def test_answers_that_close_leave_no_error_in_the_log(banc: Banc) -> None:
    """The late goodbye of a closed connection used to raise in asyncio, for each of them."""
    banc.envoyer(banc.requete())
    time.sleep(2.3)
    assert '"ERROR"' not in banc.journal()


# --- from the API ---------------------------------------------------------------------------


@pytest.mark.attaque(
    "API : une réponse de trop, destinée au professionnel suivant",
    tente="L’API rend deux réponses à un appel ; un autre professionnel appelle ensuite par la "
          "même connexion.",
    constat="La connexion est abandonnée : le second reçoit la réponse à son propre appel.")
def test_answer_kept_for_the_next_user(banc: Banc) -> None:
    autre = banc.ouvrir(AUTRE_ID)
    banc.api.repondre = en_octets(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nautrui")
    recu, _ = banc.envoyer(banc.requete())
    assert recu.endswith(b"\r\n\r\nok")
    banc.api.repondre = en_octets(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nmoi")
    recu, _ = banc.envoyer(banc.requete(cookie=autre))
    assert recu.endswith(b"\r\n\r\nmoi")


@pytest.mark.attaque(
    "API : réponses mal formées",
    tente="Statuts 600 et 999, changement de protocole, caractère de contrôle dans un en-tête, "
          "deux longueurs, longueur signée, en-têtes sans fin.",
    constat="502 à l’appelant, jamais une réponse coupée sans statut.")
@pytest.mark.parametrize("reponse", [
    b"HTTP/1.1 600 X\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\nX-A: a\x01b\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\n" + b"X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n" * 4000])
def test_malformed_answers(banc: Banc, reponse: bytes) -> None:
    banc.api.repondre = en_octets(reponse)
    assert statuts(banc.envoyer(banc.requete())[0]) == [502]


def test_answers_that_are_only_unusual(banc: Banc) -> None:
    for reponse, statut, corps in (
            (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\nETag: a\r\n\r\n", 304, b""),
            (b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK, 200, b"ok"),
            # Both lengths: the chunks are right (RFC 9112 §6.3).
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
             b"5\r\nhello\r\n0\r\n\r\n", 200, b"5\r\nhello\r\n0\r\n\r\n")):
        banc.api.repondre = en_octets(reponse)
        recu, _ = banc.envoyer(banc.requete())
        assert statuts(recu) == [statut] and recu.partition(b"\r\n\r\n")[2] == corps
    assert "Content-Length" not in banc.journal()


@pytest.mark.attaque(
    "API : réponses provisoires sans fin",
    tente="L’API envoie « 103 Early Hints » toutes les demi-secondes et jamais de réponse.",
    constat="504 au délai réglé pour cette API.")
def test_endless_provisional_answers(banc: Banc) -> None:
    def repondre(lien: ssl.SSLSocket, _: bytes) -> None:
        with suppress(OSError):
            while True:
                lien.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n")
                time.sleep(0.5)

    banc.api.repondre = repondre
    recu, _ = banc.envoyer(banc.requete(ligne=b"GET /send/pressee/lps HTTP/1.1"))
    assert statuts(recu) == [504]


@pytest.mark.attaque(
    "API : en-têtes qui s’adressent au poste à la place du proxy",
    tente="L’API rend un cookie de session, un jeton en écho, Alt-Svc, Clear-Site-Data.",
    constat="Le poste n’en reçoit aucun.")
def test_headers_that_speak_for_the_proxy(banc: Banc) -> None:
    banc.api.repondre = en_octets(
        b"HTTP/1.1 200 OK\r\nSet-Cookie: proxy_session_id=piege\r\nSet-Cookie2: a=piege\r\n"
        b"Authorization: Bearer piege\r\nAlt-Svc: piege\r\nClear-Site-Data: \"piege\"\r\n"
        b"Strict-Transport-Security: piege\r\nContent-Length: 2\r\nX-Api: oui\r\n\r\nok")
    recu, _ = banc.envoyer(banc.requete())
    assert statuts(recu) == [200] and b"piege" not in recu and b"x-api: oui" in recu


@pytest.mark.attaque(
    "Proxy : lecture d’une réponse au compte-gouttes",
    tente="Demander une longue réponse et ne plus la lire, la connexion restant ouverte.",
    constat="La connexion est coupée au délai réglé ; l’appel à l’API est libéré.")
def test_reader_that_stops(banc: Banc) -> None:
    coupe = threading.Event()

    def repondre(lien: ssl.SSLSocket, _: bytes) -> None:
        lien.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n")
        try:
            for _n in range(4577):
                lien.sendall(b"x" * 65536)
        except OSError:
            coupe.set()

    banc.api.repondre = repondre
    with connexion(banc.amont, banc.url) as tls:
        tls.sendall(banc.requete())
        assert coupe.wait(30)
