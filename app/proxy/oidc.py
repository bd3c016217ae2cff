"""Pro Santé Connect as OpenID provider: discovery, keys, id_token (`spec/psc.md` §1.1–1.6)."""

import asyncio
import base64
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.proxy.clock import Clock
from app.proxy.errors import InvalidIdToken, UpstreamDown
from app.proxy.outbound import fetch, json_object

#: Signature algorithms accepted; never `none` nor an HMAC keyed by a secret (§1.2).
ALGORITHMES = ["RS256", "PS256", "ES256"]
#: Life of the discovery document and of the keys here, seconds.
FRAICHEUR_S = 3600.0
#: At least this long between two fetches of the keys for an unknown `kid`.
REPIT_JWKS_S = 30.0
#: A provider that didn't answer isn't asked again before this, seconds: logins would queue up
#: behind one another, each waiting its turn to be refused.
REPIT_PANNE_S = 3.0
#: Clock skew accepted on dates of a token.
TOLERANCE_S = 30

_ESSENTIELS = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Metadata:
    """Discovery document of PSC."""

    brut: dict[str, Any]

    @property
    def issuer(self) -> str:
        """Issuer, compared byte for byte."""
        return str(self.brut["issuer"])

    @property
    def iss_in_redirect(self) -> bool:
        """True when RFC 9207 makes `iss` compulsory in the redirect."""
        return bool(self.brut.get("authorization_response_iss_parameter_supported"))

    def endpoint(self, name: str, *, mtls: bool = False) -> str:
        """An endpoint; its mTLS alias when a client certificate is used and there is one."""
        alias = self.brut.get("mtls_endpoint_aliases")
        if mtls and isinstance(alias, dict) and alias.get(name):
            return str(alias[name])
        return str(self.brut.get(name, ""))


class Provider:
    """Discovery and keys, fetched when needed and kept for a while."""

    def __init__(self, discovery_url: str, clock: Clock) -> None:
        self._url = discovery_url
        self._clock = clock
        self._verrou = asyncio.Lock()
        self._metadata: Metadata | None = None
        self._lu_a = float("-inf")
        self._panne: tuple[float, UpstreamDown] | None = None
        self._cles: KeySet | None = None
        self._cles_lues_a = float("-inf")

    async def metadata(self, http: httpx.AsyncClient) -> Metadata:
        """The discovery document.

        An outdated copy is used when PSC doesn't answer.

        Raises:
            UpstreamDown: no copy and no answer, or an answer without the essential members.
        """
        if self._metadata is not None and self._clock() - self._lu_a < FRAICHEUR_S:
            return self._metadata
        async with self._verrou:
            if self._metadata is not None and self._clock() - self._lu_a < FRAICHEUR_S:
                return self._metadata
            if (self._metadata is None and self._panne is not None
                    and 0 <= self._clock() - self._panne[0] < REPIT_PANNE_S):
                raise UpstreamDown(self._panne[1].status, self._panne[1].reason)
            try:
                self._metadata = await self._lire(http)
            except UpstreamDown as exc:
                self._panne = self._clock(), exc
                if self._metadata is None:
                    raise
                # Try again in a minute rather than at each call.
                self._lu_a = self._clock() - FRAICHEUR_S + 60.0
                return self._metadata
            self._lu_a = self._clock()
            return self._metadata

    async def _lire(self, http: httpx.AsyncClient) -> Metadata:
        reponse = await fetch(http, "GET", self._url)
        brut = json_object(reponse) if reponse.status_code == 200 else None
        if brut is None:
            raise UpstreamDown(502, "decouverte")
        for nom in _ESSENTIELS:
            if not isinstance(brut.get(nom), str):
                raise UpstreamDown(502, "decouverte")
        alias = brut.get("mtls_endpoint_aliases")
        for nom, valeur in (*brut.items(), *(alias.items() if isinstance(alias, dict) else ())):
            if (nom.endswith("_endpoint") or nom == "jwks_uri") and not str(
                    valeur).startswith("https://"):
                raise UpstreamDown(502, "decouverte")
        return Metadata(brut)

    async def claims(self, http: httpx.AsyncClient, token: str) -> dict[str, Any]:
        """Claims of a JWT signed by PSC; only the signature is checked here.

        Raises:
            InvalidIdToken: unknown key, wrong algorithm or signature.
            UpstreamDown: the keys can't be fetched.
        """
        cles = await self._lire_cles(http, forcer=False)
        try:
            return dict(jwt.decode(token, cles, algorithms=ALGORITHMES).claims)
        except (JoseError, ValueError):
            # A new key may have been published since.
            nouvelles = await self._lire_cles(http, forcer=True)
        try:
            return dict(jwt.decode(token, nouvelles, algorithms=ALGORITHMES).claims)
        except (JoseError, ValueError) as exc:
            raise InvalidIdToken(f"signature : {type(exc).__name__}") from exc

    async def _lire_cles(self, http: httpx.AsyncClient, *, forcer: bool) -> KeySet:
        metadata = await self.metadata(http)
        async with self._verrou:
            age = self._clock() - self._cles_lues_a
            if self._cles is not None and age < (REPIT_JWKS_S if forcer else FRAICHEUR_S):
                return self._cles
            reponse = await fetch(http, "GET", metadata.endpoint("jwks_uri"))
            brut = json_object(reponse) if reponse.status_code == 200 else None
            signatures = [c for c in (brut or {}).get("keys", [])
                          if isinstance(c, dict) and c.get("use", "sig") == "sig"
                          and c.get("kty") in ("RSA", "EC")]
            try:
                self._cles = KeySet.import_key_set({"keys": signatures})
            except (JoseError, ValueError, KeyError, TypeError) as exc:
                raise UpstreamDown(502, "cles") from exc
            self._cles_lues_a = self._clock()
            return self._cles


def check_id_token(claims: dict[str, Any], *, issuer: str, client_id: str, acr: str, now: float,
                   nonce: str | None = None, access_token: str = "",
                   auth_req_id: str = "") -> None:
    """Check the claims of an id_token whose signature is already verified.

    Args:
        nonce: the one sent, or None when there was none (CIBA).
        access_token: compared with `at_hash` when the token holds one.
        auth_req_id: compared with the CIBA claim when the token holds one.

    Raises:
        InvalidIdToken: with the name of the claim.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != issuer:
        raise InvalidIdToken("iss")
    if client_id not in audiences:
        raise InvalidIdToken("aud")
    azp = claims.get("azp")
    if (azp is not None or len(audiences) > 1) and azp != client_id:
        raise InvalidIdToken("azp")
    expire, emis = claims.get("exp"), claims.get("iat")
    if not _date(expire) or now > float(expire or 0) + TOLERANCE_S:
        raise InvalidIdToken("exp")
    if not _date(emis) or float(emis or 0) > now + TOLERANCE_S:
        raise InvalidIdToken("iat")
    if nonce is not None and not _egaux(claims.get("nonce", ""), nonce):
        raise InvalidIdToken("nonce")
    if acr and claims.get("acr") != acr:
        raise InvalidIdToken("acr")
    condense = claims.get("at_hash")
    if condense is not None and access_token:
        moitie = hashlib.sha256(access_token.encode()).digest()[:16]
        attendu = base64.urlsafe_b64encode(moitie).rstrip(b"=").decode()
        if not _egaux(condense, attendu):
            raise InvalidIdToken("at_hash")
    demande = claims.get("urn:openid:params:jwt:claim:auth_req_id")
    if demande is not None and auth_req_id and demande != auth_req_id:
        raise InvalidIdToken("auth_req_id")


def _egaux(recu: object, attendu: str) -> bool:
    return hmac.compare_digest(str(recu).encode("utf-8", "replace"), attendu.encode())


def _date(valeur: object) -> bool:
    return isinstance(valeur, int | float) and not isinstance(valeur, bool)
