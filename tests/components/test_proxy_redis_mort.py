"""Redis that dies, freezes and comes back in the middle of a login, of a renewal, of a call."""

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from proxy_amont import Amont, proxy
from proxy_doubles import AUTRE_ID, CONNECT
from proxy_redis import Redis

GENEREUX_S = 60.0
RETOUR = "http://127.0.0.1:49152/psc/done"


class Poste:
    """A workstation, and what it sees."""

    def __init__(self, amont: Amont, url: str, redis: Redis) -> None:
        self.amont, self.redis = amont, redis
        self.http = httpx.Client(
            base_url=url, timeout=GENEREUX_S, trust_env=False,
            verify=ssl.create_default_context(cafile=amont.dossier / "ca.pem"))

    def connecter(self, qui: str = CONNECT["nationalId"]) -> httpx.Response:
        """Log in anew."""
        self.http.cookies.clear()
        return self.http.post("/connect", json={**CONNECT, "nationalId": qui})

    def traces(self, genre: str) -> list[dict]:
        """Traces of a kind."""
        lignes = (self.amont.dossier / "traces.jsonl").read_text().splitlines()
        return [t for t in map(json.loads, lignes) if t["type"] == genre]

    def reprendre(self) -> None:
        """Redis answers again: everything works, without a gesture on the proxy."""
        _attendre(lambda: self.http.get("/check/ready").status_code == 200)
        assert self.connecter().status_code == 200
        assert self.http.get("/send/insi/lps").status_code == 200


def _attendre(vrai: Callable[[], bool]) -> None:
    fin = time.monotonic() + GENEREUX_S
    while not vrai():
        assert time.monotonic() < fin
        time.sleep(0.05)


@contextmanager
def _banc(dossier: Path) -> Iterator[Poste]:
    redis = Redis(dossier)
    try:
        with Amont(dossier) as amont:
            config = amont.ecrire_config(
                redis.configurer(dossier)
                + "[limites]\nsollicitations_par_minute = 1000\nenvois_par_seconde = 1000\n")
            with proxy(config) as (url, _):
                poste = Poste(amont, url, redis)
                with poste.http:
                    yield poste
    finally:
        redis.tuer()


def test_redis_dies_while_the_telephone_rings(tmp_path: Path) -> None:
    with _banc(tmp_path) as poste, ThreadPoolExecutor(1) as fils:
        monde = poste.amont.monde
        monde.attente_ciba = 1_000_000
        login = fils.submit(poste.connecter)
        _attendre(lambda: len(monde.chemins("/mtls/token")) > 3)
        poste.redis.tuer()
        monde.attente_ciba = 0
        assert login.result().status_code == 503
        assert [t["motif"] for t in poste.traces("CONNECT_FAILURE")] == ["magasin"]
        # What she allowed is over: at PSC, and for each API.
        _attendre(lambda: len(monde.chemins("/logout")) == 1
                  and set(monde.jetons_api) <= set(monde.revoques))
        appels = len(monde.appels)
        assert poste.connecter().status_code == 503
        assert len(monde.appels) == appels, "a telephone rang for nothing"
        assert poste.http.get("/check/ready").status_code == 503
        poste.redis.demarrer()
        poste.reprendre()


def test_redis_dies_during_the_login_in_the_browser(tmp_path: Path) -> None:
    """At each step: before the link, before PSC comes back, before the ticket is used."""
    with _banc(tmp_path) as poste:
        for etape in range(3):
            annonce = poste.http.post("/session/nouvelle", json={
                "clientId": "lps-demo", "retour": RETOUR}).json()
            lien = urlsplit(annonce["url"])
            with httpx.Client(base_url=poste.http.base_url, timeout=GENEREUX_S, trust_env=False,
                              verify=ssl.create_default_context(
                                  cafile=tmp_path / "ca.pem")) as navigateur:
                if etape == 0:
                    poste.redis.tuer()
                vers_psc = navigateur.get(f"{lien.path}?{lien.query}")
                if etape:
                    demande = httpx.URL(vers_psc.headers["location"]).params
                    poste.amont.monde.nonce = demande["nonce"]
                    if etape == 1:
                        poste.redis.tuer()
                    retour = navigateur.get("/callback", params={
                        "code": "bon-code", "state": demande["state"],
                        "iss": poste.amont.monde.psc})
                page = vers_psc if etape == 0 else retour
            if etape < 2:
                assert page.status_code == 503 and "Revenez au logiciel" in page.text
            else:
                ticket = parse_qs(urlsplit(page.headers["location"]).query)["ticket"][0]
                poste.redis.tuer()
                assert poste.http.post("/session/ticket", json={
                    "code": annonce["code"], "ticket": ticket}).status_code == 503
            poste.redis.demarrer()
            poste.amont.monde.nonce = ""
            _attendre(lambda: poste.http.get("/check/ready").status_code == 200)
        poste.reprendre()


def test_redis_freezes_and_dies_under_calls_and_renewals(tmp_path: Path) -> None:
    """Tokens are refused and exchanged anew all the time; Redis freezes, comes back, dies, comes
    back: only 200, 401 and 503, never somebody else's token."""
    with _banc(tmp_path) as poste:
        monde, fini, vus = poste.amont.monde, threading.Event(), []

        def travailler(qui: str) -> set[int]:
            autre = Poste(poste.amont, str(poste.http.base_url), poste.redis)
            statuts = set()
            with autre.http:
                autre.connecter(qui)
                while not fini.is_set():
                    reponse = autre.http.get("/send/insi/miroir")
                    statuts.add(reponse.status_code)
                    if reponse.status_code == 200:
                        jeton = reponse.content.removeprefix(b"<recu>").removesuffix(b"</recu>")
                        assert monde.titulaires[jeton.decode()] in ("", qui)
                        vus.append(1)
                        if len(vus) % 10 == 0:
                            monde.invalides.add(jeton.decode())
                    elif reponse.status_code == 401:
                        autre.connecter(qui)
            return statuts

        def encore() -> None:
            but = len(vus) + 30
            _attendre(lambda: len(vus) >= but)

        with ThreadPoolExecutor(4) as fils:
            travaux = [fils.submit(travailler, qui) for qui in (
                CONNECT["nationalId"], AUTRE_ID, "899700000032", "899700000040")]
            try:
                encore()
                poste.redis.geler(True)
                _attendre(lambda: poste.http.get("/check/ready").status_code == 503)
                poste.redis.geler(False)
                encore()
                poste.redis.tuer()
                _attendre(lambda: poste.http.get("/check/ready").status_code == 503)
                poste.redis.demarrer()
                encore()
            finally:
                fini.set()
            assert set().union(*(t.result() for t in travaux)) <= {200, 401, 503}
        assert '"imprevu"' not in (tmp_path / "proxy.log").read_text()
