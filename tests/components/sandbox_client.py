"""A second client of the national services, for tests: plain httpx, nothing of the house.

Plays what the Proxy e-santé does (PSC by code or CIBA, token exchange) so that the doubles can be
judged alone.
"""

import base64
import secrets
import ssl
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

IDEL = "899700000016"
GRANT_CIBA = "urn:openid:params:grant-type:ciba"
GRANT_ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def contexte(infos: dict[str, Any], client: str | None = "proxy-client") -> ssl.SSLContext:
    """TLS of the bac à sable, with a client certificate of its PKI."""
    tls = ssl.create_default_context(cafile=infos["ca"])
    if client:
        pki = Path(infos["pki"])
        tls.load_cert_chain(pki / f"{client}.pem", pki / f"{client}.key")
    return tls


@dataclass
class Client:
    """Calls with the organisation certificate of the proxy."""

    infos: dict[str, Any]
    certificat: str | None = "proxy-client"

    def __post_init__(self) -> None:
        self.http = httpx.Client(verify=contexte(self.infos, self.certificat), timeout=20)
        self.controle = httpx.Client(base_url=self.infos["controle"] + "/controle", timeout=20)
        self.oidc = self.infos["psc"] + "/protocol/openid-connect"
        self.retour = self.infos["proxy"] + "/callback"

    def fermer(self) -> None:
        """Close the connections."""
        self.http.close()
        self.controle.close()

    def demande(self, verifieur: str = "v" * 64, **autres: str) -> dict[str, str]:
        """Parameters of a right authorize request."""
        defi = base64.urlsafe_b64encode(sha256(verifieur.encode()).digest()).rstrip(b"=").decode()
        return {"response_type": "code", "client_id": "pleiade", "redirect_uri": self.retour,
                "scope": "openid scope_all", "acr_values": "eidas1",
                "state": secrets.token_hex(16), "nonce": secrets.token_hex(16),
                "code_challenge": defi, "code_challenge_method": "S256"} | autres

    def code(self, **autres: str) -> dict[str, str]:
        """Members of the redirect of an authorize request answered without a page."""
        reponse = self.http.get(self.infos["wallet"] + "/auth", params=self.demande(**autres))
        assert reponse.status_code == 302, reponse.text
        return {n: v[0] for n, v in parse_qs(urlsplit(reponse.headers["location"]).query).items()}

    def jeton(self, **champs: str) -> httpx.Response:
        """POST to PSC's token endpoint with tls_client_auth."""
        return self.http.post(self.oidc + "/token", data={"client_id": "pleiade"} | champs)

    def echanger_code(self, code: str, **autres: str) -> httpx.Response:
        """Redeem a code."""
        return self.jeton(**{"grant_type": "authorization_code", "code": code,
                             "redirect_uri": self.retour, "code_verifier": "v" * 64} | autres)

    def se_connecter(self, professionnel: str = IDEL) -> dict[str, Any]:
        """PSC tokens by the code flow with the automatic page."""
        self.http.cookies.clear()
        self.controle.post("/psc/page", json={"auto": True, "professionnel": professionnel})
        reponse = self.echanger_code(self.code()["code"])
        assert reponse.status_code == 200, reponse.text
        return dict(reponse.json())

    def echange(self, api: str, sujet: str, **autres: str) -> httpx.Response:
        """Token exchange at the authorization server of an API."""
        return self.http.post(
            f"{self.infos['edc']}/realms/{api}/protocol/openid-connect/token",
            data={"grant_type": GRANT_ECHANGE, "client_id": "pleiade", "subject_token": sujet,
                  "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
                  "subject_issuer": "psc"} | autres)

    def jeton_api(self, api: str, professionnel: str = IDEL) -> str:
        """A fresh API token."""
        reponse = self.echange(api, self.se_connecter(professionnel)["access_token"])
        assert reponse.status_code == 200, reponse.text
        return str(reponse.json()["access_token"])

    def panne(self, service: str, operation: str, type_: str, valeur: object = None,
              fois: int = 1) -> None:
        """Set a fault."""
        reponse = self.controle.post("/pannes", json={
            "service": service, "operation": operation, "type": type_, "valeur": valeur,
            "fois": fois})
        assert reponse.status_code == 201, reponse.text

    def journal(self, service: str, operation: str = "") -> list[dict[str, Any]]:
        """Calls received."""
        return list(self.controle.get("/journal", params={"service": service,
                                                          "operation": operation}).json())
