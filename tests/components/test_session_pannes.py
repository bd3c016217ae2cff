"""A login when the network, the browser or Pro Santé Connect fail: what is said, what remains."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.cli.serveurs import BacASable, NavigateurSimule, bac_a_sable
from app.services.errors import Annule, ErreurService, Indisponible, Refuse
from app.services.proxy_client import ProxyClient
from tests.ports import port_mort

CLAIRE = "899700000016"


@pytest.fixture(scope="module")
def servis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as bac:
        yield bac


@pytest.fixture
def bac(servis: BacASable) -> BacASable:
    httpx.post(f"{servis.controle}/controle/reinitialiser").raise_for_status()
    return servis


@pytest.fixture
def client(bac: BacASable) -> Iterator[ProxyClient]:
    fait = ProxyClient(str(bac.proxy.etat["url"]), str(bac.bac.etat["ca"]))
    yield fait
    fait.fermer()


def panne(bac: BacASable, service: str, type_: str, valeur: Any = None, fois: int = -1) -> None:
    httpx.post(f"{bac.controle}/controle/pannes", json={
        "service": service, "operation": "*", "type": type_, "valeur": valeur,
        "fois": fois}).raise_for_status()


def _tls(bac: BacASable) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(bac.bac.etat["ca"]))


def dans_un_fil(geste: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    rendu: list[object] = []

    def faire() -> None:
        try:
            rendu.append(geste())
        except ErreurService as erreur:
            rendu.append(erreur)

    fil = threading.Thread(target=faire)
    fil.start()
    return fil, rendu


def test_the_proxy_is_down(bac: BacASable) -> None:
    ouvertes: list[str] = []
    with port_mort() as port:
        client = ProxyClient(f"https://127.0.0.1:{port}", str(bac.bac.etat["ca"]))
        for geste in (lambda: client.connecter_navigateur(ouvertes.append),
                      lambda: client.connecter_ciba(CLAIRE, "42", "MOBILE")):
            with pytest.raises(Indisponible, match="injoignable"):
                geste()
    assert ouvertes == [] and client.session is None
    assert not [f for f in threading.enumerate() if f.name == "pleiade-retour-psc"]
    client.fermer()


def test_psc_is_slow_and_the_login_succeeds(bac: BacASable, client: ProxyClient) -> None:
    panne(bac, "psc", "delai", 1.5, fois=2)
    session = client.connecter_navigateur(NavigateurSimule(bac, CLAIRE).ouvrir)
    assert session.subject_name_id == CLAIRE and client.session == session


def test_psc_is_slow_and_the_user_gives_up(bac: BacASable, client: ProxyClient) -> None:
    panne(bac, "psc", "delai", 50)
    abandon = threading.Event()
    fil, rendu = dans_un_fil(lambda: client.connecter_navigateur(
        NavigateurSimule(bac, CLAIRE).ouvrir, abandon.is_set))
    abandon.set()
    fil.join(30)  # long before PSC answers
    assert not fil.is_alive() and isinstance(rendu[0], Annule) and client.session is None
    # Nothing is left behind: the next login works.
    httpx.delete(f"{bac.controle}/controle/pannes").raise_for_status()
    assert client.connecter_navigateur(NavigateurSimule(bac, CLAIRE).ouvrir).subject_name_id


def test_psc_is_down_in_the_browser(bac: BacASable, client: ProxyClient) -> None:
    """Its page fails; the software waits until its user gives up."""
    panne(bac, "wallet", "http", 503)
    pages: list[httpx.Response] = []
    abandon = threading.Event()

    def ouvrir(url: str) -> None:
        with httpx.Client(timeout=60, verify=_tls(bac), follow_redirects=True) as navigateur:
            pages.append(navigateur.get(url))
        abandon.set()

    with pytest.raises(Annule):
        client.connecter_navigateur(ouvrir, abandon.is_set)
    assert pages[0].status_code == 503 and client.session is None


def test_psc_falls_after_the_browser(bac: BacASable, client: ProxyClient) -> None:
    """The professional did her part; PSC doesn't redeem the code: it isn't called a refusal."""
    panne(bac, "psc", "http", 503)
    with pytest.raises(Indisponible, match="ne répond pas"):
        client.connecter_navigateur(NavigateurSimule(bac, CLAIRE).ouvrir)
    assert client.session is None


def test_the_browser_was_closed(bac: BacASable, client: ProxyClient) -> None:
    """Nobody comes back. Then the user begins again, and the first page comes late: it gives
    nothing to the second login."""
    premieres: list[str] = []
    abandon = threading.Event()
    fil, rendu = dans_un_fil(lambda: client.connecter_navigateur(premieres.append,
                                                                 abandon.is_set))
    while not premieres:
        time.sleep(0.01)
    abandon.set()
    fil.join(30)
    assert isinstance(rendu[0], Annule)
    # The old page is finished now: its return address no longer listens.
    httpx.post(f"{bac.controle}/controle/psc/page",
               json={"auto": True, "professionnel": CLAIRE}).raise_for_status()
    with httpx.Client(timeout=60, verify=_tls(bac)) as navigateur:
        page = navigateur.get(premieres[0], follow_redirects=False)
        while page.is_redirect and urlsplit(page.headers["location"]).scheme == "https":
            page = navigateur.get(page.headers["location"], follow_redirects=False)
        with pytest.raises(httpx.ConnectError):
            navigateur.get(page.headers["location"])
    assert client.session is None
    assert client.connecter_navigateur(NavigateurSimule(bac, CLAIRE).ouvrir).subject_name_id


def test_two_logins_at_once_leave_one_living_session(bac: BacASable, client: ProxyClient) -> None:
    fils = [dans_un_fil(lambda: client.connecter_navigateur(
        NavigateurSimule(bac, CLAIRE).ouvrir)) for _ in range(4)]
    for fil, rendu in fils:
        fil.join(60)
        assert rendu and not isinstance(rendu[0], ErreurService), rendu
    assert client.session is not None
    assert client.profil().subject_name_id == CLAIRE  # what is kept is alive over there
    assert client.actualiser() is not None


def test_ciba_is_refused_or_silent(bac: BacASable, client: ProxyClient) -> None:
    for decision in ({"decision": "refuser", "delai_s": 0.1},
                     {"decision": "autres_chiffres", "delai_s": 0.1}):
        reponse = httpx.post(f"{bac.controle}/controle/psc/appareil", json=decision)
        if reponse.status_code != 200:
            continue
        with pytest.raises(Refuse):
            client.connecter_ciba(CLAIRE, "42", "MOBILE")
    httpx.post(f"{bac.controle}/controle/psc/appareil",
               json={"decision": "ignorer"}).raise_for_status()
    abandon = threading.Event()
    fil, rendu = dans_un_fil(lambda: client.connecter_ciba(CLAIRE, "42", "MOBILE",
                                                           abandon.is_set))
    time.sleep(0.3)
    abandon.set()
    fil.join(30)
    assert isinstance(rendu[0], Annule) and client.session is None


def test_the_link_falls_during_ciba(bac: BacASable, tmp_path: Path) -> None:
    """Cable pulled while the phone is awaited: said at once, no half session."""
    relais = _Relais(str(bac.proxy.etat["url"]))
    client = ProxyClient(f"https://127.0.0.1:{relais.port}", str(bac.bac.etat["ca"]))
    httpx.post(f"{bac.controle}/controle/psc/appareil",
               json={"decision": "ignorer"}).raise_for_status()
    fil, rendu = dans_un_fil(lambda: client.connecter_ciba(CLAIRE, "42", "MOBILE"))
    time.sleep(0.5)
    relais.couper()
    fil.join(30)
    assert isinstance(rendu[0], Indisponible), rendu
    assert client.session is None
    client.fermer()


class _Relais:
    """A cable that can be pulled."""

    def __init__(self, vers: str) -> None:
        adresse = urlsplit(vers)
        assert adresse.hostname and adresse.port
        self._vers = (adresse.hostname, adresse.port)
        self._prises: list[socket.socket] = []
        self._ecoute = socket.create_server(("127.0.0.1", 0))
        self.port = self._ecoute.getsockname()[1]
        threading.Thread(target=self._servir, daemon=True).start()

    def _servir(self) -> None:
        while True:
            try:
                ici, _ = self._ecoute.accept()
            except OSError:
                return
            la = socket.create_connection(self._vers)
            self._prises += [ici, la]
            for source, cible in ((ici, la), (la, ici)):
                threading.Thread(target=self._copier, args=(source, cible), daemon=True).start()

    @staticmethod
    def _copier(source: socket.socket, cible: socket.socket) -> None:
        try:
            while octets := source.recv(65536):
                cible.sendall(octets)
        except OSError:
            return

    def couper(self) -> None:
        for prise in (self._ecoute, *self._prises):
            try:
                prise.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
            finally:
                prise.close()
