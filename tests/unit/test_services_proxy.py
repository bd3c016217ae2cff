"""The session with the Proxy e-santé: browser, CIBA, logout, the way out, every refusal."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from services_outils import PROFIL, ServeurTls, attendu_avant, repondre_http

from app.domain.people import SituationExercice
from app.services.errors import (
    Annule,
    ErreurService,
    Indisponible,
    Invalide,
    Refuse,
    Rejete,
    Remede,
    SessionExpiree,
)
from app.services.profil import lire_profil, struct_id_nat
from app.services.proxy_client import ProxyClient, SessionPsc
from app.services.retour_navigateur import RetourNavigateur

USERINFO: dict[str, Any] = {
    "sub": "f:1:899700000016", "SubjectNameID": "899700000016", "given_name": "LINE",
    "family_name": "INFIRMIERE0000016", "SubjectRole": ["60^1.2.250.1.213.1.1.5.5"],
    "SubjectRefPro": {"exercices": [{
        "codeProfession": "60", "codeCategorieProfessionnelle": "C", "codeSavoirFaire": "",
        "activities": [{"codeSecteurDactivite": "SA07", "raisonSocialeSite": "CABINET",
                        "numeroFinessSite": "", "numeroSiretSite": "",
                        "ancienIdentifiantDeLaStructure": "499700000016007"}]}]}}
ETAT = {"session_state": "etat-1", "subject_name_id": "899700000016", "expires_in": 600}
SECRET = "c0okie-secret"


class FauxProxy:
    """Answers by route; `reponses` maps "METHOD /path" to a function or (status, body)."""

    def __init__(self) -> None:
        self.recus: list[tuple[str, str, str, Any]] = []
        self.reponses: dict[str, Any] = {
            "POST /session/nouvelle": lambda g, c: (200, {"code": "code-1", "url":
                                                          f"{self.url}/login?app=code-1"}),
            "POST /session/ticket": (200, {"proxy_session_id": SECRET, **ETAT}),
            "POST /connect": (200, {"proxy_session_id": SECRET, "session_state": "etat-1"}),
            "GET /session/etat": (200, ETAT),
            "GET /session/userinfo": (200, USERINFO),
            "GET /session/jeton-psc": (200, {"access_token": "jeton-psc", "expires_in": 100}),
            "DELETE /disconnect": (200, None),
            "GET /check/alive": (200, None),
        }
        self.url = ""

    def __call__(self, guichet: BaseHTTPRequestHandler) -> None:
        corps = guichet.corps  # type: ignore[attr-defined]
        lu = json.loads(corps) if corps[:1] == b"{" else corps
        cle = f"{guichet.command} {guichet.path}"
        self.recus.append((cle, guichet.headers.get("Cookie", ""),
                           guichet.headers.get("Content-Type", ""), lu))
        reponse = self.reponses[cle]
        if callable(reponse):
            reponse = reponse(guichet, lu)
            if reponse is None:
                return
        status, contenu = reponse[:2]
        genre = reponse[2] if len(reponse) > 2 else "application/json"
        octets = contenu if isinstance(contenu, bytes) else (
            b"" if contenu is None else json.dumps(contenu).encode())
        repondre_http(guichet, status, octets, genre)

    def appels(self) -> list[str]:
        return [cle for cle, *_ in self.recus]


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[FauxProxy]:
    faux = FauxProxy()
    with ServeurTls(tmp_path, faux) as serveur:
        faux.url = serveur.url
        faux.ca = serveur.ca  # type: ignore[attr-defined]
        yield faux


@pytest.fixture
def client(proxy: FauxProxy) -> Iterator[ProxyClient]:
    client = ProxyClient(proxy.url, proxy.ca)  # type: ignore[attr-defined]
    yield client
    client.fermer()


def _erreur(code: int, message: str = "") -> tuple[int, dict[str, Any]]:
    return code, {"code": str(code), "message": message, "metadata": {}}


def _connecter(client: ProxyClient) -> SessionPsc:
    return client.connecter_ciba("899700000016", "07", "MOBILE")


# --- Browser --------------------------------------------------------------------------------


def _naviguer(proxy: FauxProxy, suite: str) -> Callable[[str], None]:
    """A browser that comes back to the address given to the proxy."""
    pages: list[str] = []
    revenu = threading.Event()

    def revenir() -> None:
        retour = proxy.recus[-1][3]["retour"]
        with urllib.request.urlopen(retour + suite, timeout=60) as page:
            pages.append(page.read().decode())
        revenu.set()

    def ouvrir(url: str) -> None:
        assert url == f"{proxy.url}/login?app=code-1"
        threading.Thread(target=revenir, daemon=True).start()

    ouvrir.pages, ouvrir.revenu = pages, revenu  # type: ignore[attr-defined]
    return ouvrir


def test_login_by_the_browser(proxy: FauxProxy, client: ProxyClient) -> None:
    sessions: list[SessionPsc | None] = []
    client.sur_session = sessions.append
    ouvrir = _naviguer(proxy, "?ticket=ticket-12345")
    session = client.connecter_navigateur(ouvrir)

    assert client.session == session and sessions == [session]
    assert session.subject_name_id == "899700000016" and session.moyen == "navigateur"
    assert (session.expire_le - session.ouverte_le).total_seconds() == 600
    demande = proxy.recus[0][3]
    assert demande["clientId"] == "pleiade"
    assert demande["retour"].startswith("http://127.0.0.1:")
    assert proxy.recus[1][3] == {"code": "code-1", "ticket": "ticket-12345"}
    ouvrir.revenu.wait(60)  # type: ignore[attr-defined]
    assert "Vous pouvez revenir à Pléiade" in ouvrir.pages[0]  # type: ignore[attr-defined]
    # The listener is closed: one use.
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(demande["retour"] + "?ticket=ticket-12345", timeout=60)


def test_login_refused_in_the_browser(proxy: FauxProxy, client: ProxyClient) -> None:
    with pytest.raises(Refuse) as leve:
        client.connecter_navigateur(_naviguer(proxy, "?erreur=access_denied"))
    assert (leve.value.code, leve.value.remede) == ("access_denied", Remede.SE_CONNECTER)
    assert client.session is None


def test_login_given_up(proxy: FauxProxy, client: ProxyClient) -> None:
    with attendu_avant(), pytest.raises(Annule):
        client.connecter_navigateur(lambda url: None,
                                    lambda: proxy.appels() == ["POST /session/nouvelle"])


def test_a_ticket_that_the_proxy_refuses(proxy: FauxProxy, client: ProxyClient) -> None:
    proxy.reponses["POST /session/ticket"] = _erreur(401, "Cette identification n’est plus valable")
    with pytest.raises(Refuse):
        client.connecter_navigateur(_naviguer(proxy, "?ticket=ticket-12345"))
    assert client.session is None


@pytest.mark.parametrize("url", ["https://ailleurs.example/login", "http://127.0.0.1/login",
                                 "file:///etc/passwd", "javascript:alert(1)"])
@pytest.mark.attaque(
    "Proxy usurpé : page de connexion d’un autre site",
    tente="Faire ouvrir au poste une adresse de connexion étrangère.",
    constat="Refusé : l’adresse n’est pas celle du proxy.")
def test_no_foreign_page_is_opened(proxy: FauxProxy, client: ProxyClient, url: str) -> None:
    proxy.reponses["POST /session/nouvelle"] = (200, {"code": "c", "url": url})
    ouvertes: list[str] = []
    with pytest.raises(Invalide, match="pas la sienne"):
        client.connecter_navigateur(ouvertes.append)
    assert ouvertes == []


def _demander(retour: RetourNavigateur, chemin: str, hote: str = "", **entetes: str
              ) -> tuple[int, str]:
    adresse = urlsplit(retour.adresse)
    demande = urllib.request.Request(f"http://{adresse.netloc}{chemin}")
    if hote:
        demande.add_header("Host", hote)
    for nom, valeur in entetes.items():
        demande.add_header(nom, valeur)
    try:
        with urllib.request.urlopen(demande, timeout=60) as page:
            return page.status, page.read().decode()
    except urllib.error.HTTPError as refus:
        return refus.code, refus.read().decode()


@pytest.mark.attaque(
    "Retour local : page malveillante (CSRF sur 127.0.0.1)",
    tente="Frapper au port du retour : autre hôte, autre chemin, ticket truqué, second "
          "ticket, requête d’un script, d’une image ou d’un cadre d’une autre page.",
    constat="421, 404, 400, 403, 410 ; seul le navigateur de la connexion donne son ticket, une "
            "fois.")
def test_the_listener_is_hard_to_fool() -> None:
    with RetourNavigateur(duree=120) as retour:
        chemin = urlsplit(retour.adresse).path
        port = urlsplit(retour.adresse).port
        assert chemin.startswith("/psc/done/") and len(chemin) > 30
        assert _demander(retour, f"{chemin}?ticket=t1234567", "evil.example")[0] == 421
        assert _demander(retour, f"{chemin}?ticket=t1234567", f"localhost:{port}")[0] == 421
        assert _demander(retour, "/psc/done?ticket=t1234567")[0] == 404
        assert _demander(retour, "/favicon.ico")[0] == 404
        assert _demander(retour, f"{chemin}?ticket=<script>")[0] == 400
        assert _demander(retour, chemin)[0] == 400
        assert _demander(retour, chemin + "?" + "a=1&" * 50)[0] == 400
        for nom, valeur in (("Origin", "https://evil.example"),
                            ("Origin", f"http://127.0.0.1:{port}"),
                            ("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Dest", "iframe"),
                            ("Sec-Fetch-Dest", "empty")):
            assert _demander(retour, f"{chemin}?ticket=t1234567", **{nom: valeur})[0] == 403
        status, page = _demander(retour, f"{chemin}?ticket=bon-ticket-1",
                                 **{"Sec-Fetch-Dest": "document", "Origin": "null"})
        assert status == 200 and "Vous pouvez revenir à Pléiade" in page
        assert _demander(retour, f"{chemin}?ticket=autre-ticket")[0] == 410
        assert retour.attendre() == "bon-ticket-1"


def test_the_listener_closes_by_itself() -> None:
    with RetourNavigateur(duree=0.1) as retour, pytest.raises(SessionExpiree, match="cinq minutes"):
        retour.attendre()


def test_two_listeners_have_different_secrets() -> None:
    with RetourNavigateur() as un, RetourNavigateur() as deux:
        assert urlsplit(un.adresse).path != urlsplit(deux.adresse).path
        assert urlsplit(un.adresse).hostname == "127.0.0.1"


# --- CIBA -----------------------------------------------------------------------------------


def test_login_by_ciba(proxy: FauxProxy, client: ProxyClient) -> None:
    session = _connecter(client)
    assert proxy.recus[0][3] == {"nationalId": "899700000016", "bindingMessage": "07",
                                 "clientId": "pleiade", "channel": "MOBILE"}
    assert session.subject_name_id == "899700000016" and session.moyen == "MOBILE"
    assert client.profil() == lire_profil(USERINFO)
    assert client.jeton_psc() == ("jeton-psc", 100.0)
    assert {cookie for cle, cookie, *_ in proxy.recus if cle.startswith("GET")} == {
        f"proxy_session_id={SECRET}"}
    assert SECRET not in repr(session)


def test_ciba_without_the_own_routes_of_the_proxy(proxy: FauxProxy, client: ProxyClient) -> None:
    proxy.reponses["GET /session/etat"] = _erreur(404, "Not Found.")
    session = _connecter(client)
    assert session.subject_name_id == "899700000016"
    assert (session.expire_le - session.ouverte_le).total_seconds() == 14400


@pytest.mark.parametrize(("reponse", "genre", "remede"), [
    (_erreur(400, "[channel is missing]"), Invalide, Remede.SIGNALER),
    (_erreur(404, "User National ID or Software Client ID Not Found."), Rejete, Remede.SIGNALER),
    (_erreur(401, "401 - access_denied : "), Refuse, Remede.SE_CONNECTER),
    (_erreur(429, "Too Many Requests."), Indisponible, Remede.REESSAYER),
    ((500, None), Indisponible, Remede.REESSAYER),
    ((502, None), Indisponible, Remede.REESSAYER),
    ((503, None), Indisponible, Remede.REESSAYER),
    ((504, None), Indisponible, Remede.REESSAYER),
    ((200, b"pas du json"), Invalide, Remede.SIGNALER),
    ((200, {"session_state": "x"}), Invalide, Remede.SIGNALER),
    ((304, None), Invalide, Remede.SIGNALER),
])
def test_every_refusal_of_a_login(proxy: FauxProxy, client: ProxyClient, reponse: Any,
                                  genre: type[ErreurService], remede: Remede) -> None:
    proxy.reponses["POST /connect"] = reponse
    with pytest.raises(ErreurService) as leve:
        _connecter(client)
    assert type(leve.value) is genre and leve.value.remede is remede
    assert leve.value.message.endswith(".")
    assert client.session is None


def test_ciba_given_up(proxy: FauxProxy, client: ProxyClient) -> None:
    proxy.reponses["POST /connect"] = lambda g, c: (g.connection.recv(1), None)[1]
    with attendu_avant(), pytest.raises(Annule):
        client.connecter_ciba("899700000016", "07", "CARD", lambda: bool(proxy.recus))


def test_the_same_user_keeps_the_session(proxy: FauxProxy, client: ProxyClient) -> None:
    session = _connecter(client)
    proxy.reponses["POST /connect"] = (304, None)
    assert _connecter(client) == session
    assert proxy.recus[-1][1] == f"proxy_session_id={SECRET}"


@pytest.mark.attaque(
    "Poste partagé : cookie de l’utilisateur précédent",
    tente="Connecter une autre personne sur le même poste.",
    constat="L’ancienne session est fermée d’abord ; son cookie ne part pas.")
def test_another_user_never_sends_the_former_cookie(proxy: FauxProxy,
                                                    client: ProxyClient) -> None:
    _connecter(client)
    client.connecter_ciba("899700000099", "08", "MOBILE")
    assert [cookie for cle, cookie, *_ in proxy.recus if cle == "POST /connect"] == ["", ""]
    assert "DELETE /disconnect" in proxy.appels()
    proxy.reponses["DELETE /disconnect"] = (503, None)
    client.connecter_ciba("899700000016", "09", "MOBILE")


def test_a_new_login_by_the_browser_ends_the_former_session(proxy: FauxProxy,
                                                            client: ProxyClient) -> None:
    session = _connecter(client)
    with pytest.raises(Annule):
        client.connecter_navigateur(lambda url: None, lambda: True)
    with pytest.raises(Refuse):
        client.connecter_navigateur(_naviguer(proxy, "?erreur=access_denied"))
    # Giving up a new login leaves the session as it was.
    assert client.session == session
    client.connecter_navigateur(_naviguer(proxy, "?ticket=ticket-12345"))
    assert proxy.recus[-1][:2] == ("POST /session/ticket", f"proxy_session_id={SECRET}")


def test_logout(proxy: FauxProxy, client: ProxyClient) -> None:
    client.deconnecter()
    assert proxy.recus == []
    _connecter(client)
    fins: list[SessionPsc | None] = []
    client.sur_session = fins.append
    client.deconnecter()
    assert proxy.appels()[-1] == "DELETE /disconnect"
    assert client.session is None and fins == [None]
    _connecter(client)
    proxy.reponses["DELETE /disconnect"] = _erreur(401, "Session ID not found.")
    client.deconnecter()
    _connecter(client)
    proxy.reponses["DELETE /disconnect"] = (503, None)
    with pytest.raises(Indisponible):
        client.deconnecter()
    assert client.session is None


def test_a_session_ends_with_its_time(proxy: FauxProxy, client: ProxyClient) -> None:
    chrono = client._chrono
    _connecter(client)
    assert client.session is not None
    client._chrono = lambda: chrono() + ETAT["expires_in"] + 1  # type: ignore[operator]
    assert client.session is None
    with pytest.raises(SessionExpiree):
        client.envoyer("dmp", "/patients", b"", "text/xml", delai=1)


# --- The way out ----------------------------------------------------------------------------


def test_a_call_goes_through_send(proxy: FauxProxy, client: ProxyClient) -> None:
    _connecter(client)
    proxy.reponses["POST /send/dmp/registry"] = (500, b"<faute/>", "application/soap+xml")
    reponse = client.envoyer("dmp", "/registry", b"<e/>", "application/soap+xml", delai=5)
    assert (reponse.status, reponse.corps) == (500, b"<faute/>")
    assert proxy.recus[-1] == ("POST /send/dmp/registry", f"proxy_session_id={SECRET}",
                               "application/soap+xml", b"<e/>")


def test_without_a_session_nothing_leaves(proxy: FauxProxy, client: ProxyClient) -> None:
    with pytest.raises(SessionExpiree) as leve:
        client.envoyer("dmp", "/registry", b"<e/>", "application/soap+xml", delai=5)
    assert leve.value.remede is Remede.SE_CONNECTER
    assert proxy.recus == []


@pytest.mark.parametrize(("reponse", "genre", "session_perdue", "incertain"), [
    (_erreur(401, "No session found."), SessionExpiree, True, False),
    (_erreur(401, "401 - invalid_grant : x"), SessionExpiree, False, False),
    (_erreur(404, "Unknown API."), Invalide, False, False),
    (_erreur(413, "Content Too Large."), Rejete, False, False),
    (_erreur(429, "Too Many Requests."), Indisponible, False, False),
    (_erreur(502, "x"), Indisponible, False, True),
    (_erreur(503, "x"), Indisponible, False, False),
    (_erreur(504, "x"), Indisponible, False, True),
])
def test_every_refusal_of_send(proxy: FauxProxy, client: ProxyClient, reponse: Any,
                               genre: type[ErreurService], session_perdue: bool,
                               incertain: bool) -> None:
    _connecter(client)
    proxy.reponses["POST /send/dmp/x"] = reponse
    with pytest.raises(ErreurService) as leve:
        client.envoyer("dmp", "/x", b"<e/>", "application/soap+xml", delai=5)
    assert type(leve.value) is genre and leve.value.incertain is incertain
    assert (client.session is None) is session_perdue


def test_psc_may_end_before_the_proxy_session(proxy: FauxProxy, client: ProxyClient) -> None:
    _connecter(client)
    proxy.reponses["GET /session/jeton-psc"] = _erreur(401, "Pro Santé Connect a fermé la session.")
    with pytest.raises(SessionExpiree):
        client.jeton_psc()
    assert client.session is not None


def test_the_state_of_the_proxy(proxy: FauxProxy, client: ProxyClient) -> None:
    proxy.reponses["POST /connect"] = (200, {"proxy_session_id": SECRET})
    _connecter(client)
    assert client.meteo.etat("proxy").disponible


@pytest.mark.parametrize("url", ["http://proxy.example", "proxy.example", "https://",
                                 "https://moi:secret@proxy.example"])
def test_only_https(url: str) -> None:
    with pytest.raises(Invalide, match="https"):
        ProxyClient(url)


def test_an_unreadable_authority(tmp_path: Path) -> None:
    faux = tmp_path / "ca.pem"
    faux.write_text("rien")
    for chemin in (faux, tmp_path / "absent.pem"):
        with pytest.raises(Invalide, match="autorité"):
            ProxyClient("https://proxy.example", chemin)


# --- UserInfo -------------------------------------------------------------------------------


def test_the_profile() -> None:
    profil = lire_profil(USERINFO)
    assert profil.subject_name_id == PROFIL.subject_name_id
    assert (profil.nom, profil.prenom) == ("INFIRMIERE0000016", "LINE")
    assert profil.situations == (
        SituationExercice("60", "C", "", "SA07", "499700000016007", "CABINET"),)


def test_several_situations_and_none() -> None:
    exercice = USERINFO["SubjectRefPro"]["exercices"][0]
    centre = {"codeSecteurDactivite": "SA05", "numeroFinessSite": "750000001",
              "enseigneCommercialeSite": "CENTRE", "raisonSocialeSite": ""}
    deux = {**exercice, "activities": [*exercice["activities"], centre, centre]}
    profil = lire_profil({**USERINFO, "SubjectRefPro": {"exercices": [deux]}})
    assert [(s.structure_identifiant, s.structure_nom) for s in profil.situations] == [
        ("499700000016007", "CABINET"), ("1750000001", "CENTRE")]
    seul = {cle: USERINFO[cle] for cle in ("sub", "SubjectNameID", "given_name", "family_name")}
    assert lire_profil(seul).situations == ()
    for bizarre in ({"SubjectRefPro": None}, {"SubjectRefPro": {"exercices": [None, 3]}},
                    {"SubjectRefPro": {"exercices": [{"activities": "x"}]}}):
        assert lire_profil({**seul, **bizarre}).situations == ()


def test_a_profile_needs_its_national_id() -> None:
    with pytest.raises(Invalide, match="identifiant national"):
        lire_profil({"sub": "x", "SubjectNameID": ""})


def test_forms_of_the_structure_id() -> None:
    assert struct_id_nat({"numeroSiretSite": "31875127510002"}) == "331875127510002"
    assert struct_id_nat({"identifiantTechniqueDeLaStructure": "R90016"}) == "R90016"
    assert struct_id_nat({}) == ""


def test_sleep_and_a_date_that_moves(proxy: FauxProxy) -> None:
    """Three hours asleep age the session; a corrected date neither prolongs nor ends it."""
    mur, chrono = [datetime(2026, 11, 29, 8, tzinfo=UTC)], [5000.0]
    client = ProxyClient(proxy.url, proxy.ca,  # type: ignore[attr-defined]
                         horloge=lambda: mur[0], chrono=lambda: chrono[0])
    _connecter(client)
    ouverte = client.session
    assert ouverte is not None
    vie = (ouverte.expire_le - mur[0]).total_seconds()
    for heures in (-26, 5, 240):  # moved back, or on: what is left is the same
        mur[0] += timedelta(hours=heures)
        vue = client.session
        assert vue is not None
        assert (vue.expire_le - mur[0]).total_seconds() == pytest.approx(vie, abs=31)
    mur[0] -= timedelta(hours=219)
    mur[0] += timedelta(seconds=vie - 600)
    chrono[0] += vie - 600
    vue = client.session
    assert vue is not None
    assert (vue.expire_le - mur[0]).total_seconds() == pytest.approx(600, abs=31)
    avant = client.session
    assert client.session == avant  # the same value while nothing moves: the bar isn't repainted
    chrono[0] += 601
    mur[0] -= timedelta(days=3)
    assert client.session is None
    client.fermer()
