"""Small doubles around the Proxy e-santé for its tests: PSC, authorization server and an API.

Everything is in memory, behind an `httpx` transport; written from `spec/psc.md` alone.
"""

import base64
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.proxy.app import Application, creer
from app.proxy.config import Config, depuis

PSC = "https://psc.test/auth/realms/esante-wallet"
NATIONAL_ID = "899700000016"
AUTRE_ID = "899700000024"
CONNECT = {"nationalId": NATIONAL_ID, "bindingMessage": "07", "clientId": "lps-demo",
           "channel": "MOBILE"}
CLE = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


class Horloge:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.decalage = 0.0

    def __call__(self) -> float:
        return time.time() + self.decalage


class Monde:
    """PSC, one authorization server an API, and the APIs `insi` and `dmp`."""

    def __init__(self, psc: str = PSC) -> None:
        self.psc = psc
        self.userinfo_signe = False
        self.appels: list[tuple[str, str, dict[str, str]]] = []
        """Calls received: (method, path, form)."""
        self.api_recus: list[httpx.Request] = []
        self.api_corps: list[bytes] = []
        self.attente_ciba = 0
        """Polls answered `authorization_pending` before the decision."""
        self.decision: tuple[int, dict[str, Any]] | None = None
        self.pannes: dict[str, int | Exception] = {}
        """Path ending -> status or exception."""
        self.sujet = ""
        self.refresh_refuse = False
        self.duree_psc = 120
        self.duree_api = 14400
        self.claims: dict[str, Any] = {}
        self.nonce = ""
        self.revoques: list[str] = []
        self.jetons_api: list[str] = []
        self.invalides: set[str] = set()
        self.titulaires: dict[str, str] = {}
        """Access token -> whose it is."""
        self.repondre: Callable[[httpx.Request, bytes], httpx.Response] | None = None
        self.horloge: Callable[[], float] = time.time
        self._n = 0
        self._demande = ""

    def chemins(self, fin: str) -> list[dict[str, str]]:
        """Forms received on the paths that end so."""
        return [f for _, chemin, f in self.appels if chemin.endswith(fin)]

    async def __call__(self, requete: httpx.Request) -> httpx.Response:
        corps = await requete.aread()
        chemin = requete.url.path
        form: dict[str, str] = {}
        if requete.headers.get("content-type", "").startswith("application/x-www-form"):
            form = dict(parse_qsl(corps.decode()))
        if not requete.url.host.startswith("api-"):
            self.appels.append((requete.method, chemin, form))
        for fin, panne in self.pannes.items():
            if chemin.endswith(fin) or requete.url.host == fin:
                if isinstance(panne, Exception):
                    raise panne
                return httpx.Response(panne)
        if requete.url.host == "psc.test":
            return self._psc(chemin, form, requete)
        if requete.url.host.startswith("as-"):
            return self._as(requete.url.host, chemin, form)
        reponse = self._api(requete, corps)
        if reponse.is_stream_consumed:
            # A real transport gives a stream that is still to be read.
            reponse = httpx.Response(reponse.status_code, headers=reponse.headers.raw,
                                     stream=httpx.ByteStream(reponse.content))
        return reponse

    def _psc(self, chemin: str, form: dict[str, str], requete: httpx.Request) -> httpx.Response:
        oidc = f"{self.psc}/protocol/openid-connect"
        if chemin.endswith("wallet-openid-configuration"):
            return httpx.Response(200, json={
                "issuer": self.psc, "authorization_endpoint": "https://wallet.psc.test/auth",
                "token_endpoint": f"{oidc}/token", "userinfo_endpoint": f"{oidc}/userinfo",
                "jwks_uri": f"{oidc}/certs", "end_session_endpoint": f"{oidc}/logout",
                "backchannel_authentication_endpoint": f"{oidc}/ext/ciba/auth",
                "mtls_endpoint_aliases": {"token_endpoint": f"{oidc}/mtls/token"},
                "authorization_response_iss_parameter_supported": True})
        if chemin.endswith("/certs"):
            return httpx.Response(200, json={"keys": [CLE.as_dict(private=False)]})
        if chemin.endswith("/ext/ciba/auth"):
            self._demande = form["login_hint"]
            return httpx.Response(200, json={"auth_req_id": f"req-{self._demande}",
                                             "expires_in": 120, "interval": 0.01})
        if chemin.endswith("/userinfo"):
            infos = {"SubjectNameID": self.sujet or self._demande or NATIONAL_ID,
                     "family_name": "INFIRMIERE"}
            if self.userinfo_signe:
                jeton = jwt.encode({"alg": "RS256", "kid": "k1"}, {**infos, "iss": self.psc}, CLE)
                return httpx.Response(200, text=jeton,
                                      headers={"Content-Type": "application/jwt"})
            return httpx.Response(200, json=infos)
        if chemin.endswith("/logout"):
            return httpx.Response(204)
        assert chemin.endswith("/token"), chemin
        if form["grant_type"].endswith(":ciba"):
            self._demande = form["auth_req_id"].removeprefix("req-")
            if self.attente_ciba > 0:
                self.attente_ciba -= 1
                return httpx.Response(400, json={"error": "authorization_pending"})
            if self.decision is not None:
                decision, self.decision = self.decision, None
                return httpx.Response(decision[0], json=decision[1])
        if form["grant_type"] == "refresh_token" and self.refresh_refuse:
            return httpx.Response(400, json={"error": "invalid_grant"})
        if form["grant_type"] == "authorization_code" and form["code"] != "bon-code":
            return httpx.Response(400, json={"error": "invalid_grant"})
        return httpx.Response(200, json=self.jetons_psc())

    def jetons_psc(self) -> dict[str, Any]:
        """A token answer of PSC."""
        self._n += 1
        acces = f"psc-acces-{self._n}"
        maintenant = int(self.horloge())
        condense = base64.urlsafe_b64encode(hashlib.sha256(acces.encode()).digest()[:16])
        self.titulaires[acces] = self.sujet or self._demande or NATIONAL_ID
        claims = {"iss": self.psc, "aud": "lps-demo", "azp": "lps-demo", "sub": "f:x:1",
                  "iat": maintenant, "exp": maintenant + 120, "acr": "eidas1",
                  "session_state": "etat-1", "at_hash": condense.rstrip(b"=").decode(),
                  "SubjectNameID": self.sujet or self._demande or NATIONAL_ID, **self.claims}
        if self.nonce:
            claims.setdefault("nonce", self.nonce)
        return {"access_token": acces, "expires_in": self.duree_psc, "refresh_expires_in": 1800,
                "refresh_token": f"psc-refresh-{self._n}", "token_type": "Bearer",
                "id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, CLE),
                "session_state": "etat-1", "scope": "openid scope_all"}

    def _as(self, hote: str, chemin: str, form: dict[str, str]) -> httpx.Response:
        if chemin.endswith("/revoke"):
            self.revoques.append(form["token"])
            return httpx.Response(200)
        if form.get("subject_token", "") in self.invalides:
            return httpx.Response(400, json={"error": "invalid_grant"})
        self._n += 1
        jeton = f"jeton-{hote}-{self._n}"
        self.jetons_api.append(jeton)
        self.titulaires[jeton] = self.titulaires.get(form.get("subject_token", ""), "")
        return httpx.Response(200, json={
            "access_token": jeton, "expires_in": self.duree_api, "token_type": "Bearer",
            "refresh_token": f"r-{jeton}", "refresh_expires_in": 1800})

    def _api(self, requete: httpx.Request, corps: bytes) -> httpx.Response:
        self.api_recus.append(requete)
        self.api_corps.append(corps)
        jeton = requete.headers.get("authorization", "").removeprefix("Bearer ")
        if jeton in self.invalides or jeton not in self.jetons_api:
            return httpx.Response(401, headers={
                "WWW-Authenticate": 'Bearer error="invalid_token"'})
        if self.repondre is not None:
            return self.repondre(requete, corps)
        return httpx.Response(200, headers=[
            ("Content-Type", "application/soap+xml"), ("X-Api", "oui"), ("Set-Cookie", "a=b"),
            ("Connection", "X-Interne"), ("X-Interne", "secret"), ("Keep-Alive", "5")],
            content=b"<recu>" + corps + b"</recu>")


class Flux(httpx.AsyncByteStream):
    """A response body made while it is read."""

    def __init__(self, morceaux: int, taille: int, erreur: Exception | None = None) -> None:
        self._morceaux, self._taille, self._erreur = morceaux, taille, erreur
        self.rendus = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._morceaux):
            self.rendus += 1
            yield b"x" * self._taille
        if self._erreur is not None:
            raise self._erreur


def certificat(dossier: Path, nom: str, *, cn: str = "proxy-demo",
               emetteur: tuple[x509.Certificate, Any] | None = None, ca: bool = False,
               jours: int = 30) -> tuple[Path, Path]:
    """Write a certificate (self-signed without `emetteur`) and its key; gives both paths."""
    cle = ec.generate_private_key(ec.SECP256R1())
    sujet = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "CABINET TEST"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "318751275100020"),
        x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    import ipaddress
    base = (x509.CertificateBuilder().subject_name(sujet)
            .issuer_name(sujet if emetteur is None else emetteur[0].subject)
            .public_key(cle.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=40))
            .not_valid_after(datetime.now(UTC) + timedelta(days=jours))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([
                x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                x509.DNSName("localhost")]), critical=False))
    cert = base.sign(cle if emetteur is None else emetteur[1], hashes.SHA256())
    pem, key = dossier / f"{nom}.pem", dossier / f"{nom}.key"
    pem.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(cle.private_bytes(serialization.Encoding.PEM,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()))
    return pem, key


def charger(pem: Path, key: Path) -> tuple[x509.Certificate, Any]:
    """A certificate and key as an issuer for `certificat`."""
    return (x509.load_pem_x509_certificate(pem.read_bytes()),
            serialization.load_pem_private_key(key.read_bytes(), None))


def configuration(dossier: Path, **sections: dict[str, Any]) -> Config:
    """A configuration on the doubles; `sections` complete or replace keys."""
    if not (dossier / "client.pem").exists():
        certificat(dossier, "client")
    brut: dict[str, Any] = {
        "proxy": {"certificat": "client.pem", "cle": "client.key",
                  "url_publique": "https://proxy.test"},
        "psc": {"decouverte": f"{PSC}/.well-known/wallet-openid-configuration"},
        "clients": {"lps-demo": {"client_id": "lps-demo", "certificat": "client.pem",
                                 "cle": "client.key"}},
        "api": {nom: {"url": f"https://api-{nom}.test/base",
                      "jeton": f"https://as-{nom}.test/realms/{nom}/token"}
                for nom in ("insi", "dmp")},
        "traces": {"fichier": "traces.jsonl", "exposer": "loopback"},
        "limites": {"sollicitations_par_minute": 1000, "identifications_par_minute": 1000},
    }
    for nom, valeurs in sections.items():
        if valeurs is None:
            brut.pop(nom)
        else:
            brut[nom] = {**brut.get(nom, {}), **valeurs}
    return depuis(brut, dossier)


class Banc:
    """A proxy in memory with its world, its clock, and a caller."""

    def __init__(self, dossier: Path, **sections: dict[str, Any]) -> None:
        self.monde = Monde()
        self.horloge = self.monde.horloge = Horloge()
        self.config = configuration(dossier, **sections)
        self.app: Application = creer(
            self.config, transport=lambda *_: httpx.MockTransport(self.monde),
            clock=self.horloge)
        self.http = self.appelant()

    def appelant(self, ip: str = "127.0.0.1") -> httpx.AsyncClient:
        """A caller of its own, with its own cookies."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(ip, 52144),
                                          raise_app_exceptions=False),
            base_url="https://proxy.test")

    @property
    def ctx(self) -> Any:
        """Parts of the proxy."""
        return self.app.context

    async def connecter(self, **champs: str) -> httpx.Response:
        """POST /connect."""
        reponse = await self.http.post("/connect", json={**CONNECT, **champs})
        return reponse

    def traces(self) -> list[dict[str, Any]]:
        """Lines of the trace file."""
        fichier = self.config.traces.fichier
        assert fichier is not None
        return [json.loads(ligne) for ligne in fichier.read_text().splitlines()]


def parametres(url: str) -> dict[str, str]:
    """Query of a URL."""
    return {cle: valeurs[0] for cle, valeurs in parse_qs(urlsplit(url).query).items()}
