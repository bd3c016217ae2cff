"""Client of Pro Santé Connect: CIBA, external browser, refresh, userinfo, logout
(`spec/psc.md` §1).

The proxy is the only party that talks to PSC; client secret and certificate never leave it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from app.proxy.clock import Clock
from app.proxy.config import Client, Config
from app.proxy.errors import InvalidIdToken, UpstreamDown, UpstreamRefused
from app.proxy.oidc import Metadata, Provider, check_id_token
from app.proxy.outbound import PSC, Outbound, Shared, failure, fetch, json_object, post_form
from app.proxy.sessions import PscTokens

journal = logging.getLogger("pleiade.proxy.psc")

GRANT_CIBA = "urn:openid:params:grant-type:ciba"
#: Interval between two polls when PSC gives none, and what `slow_down` adds, seconds (§1.4).
INTERVALLE_S = 5.0
#: CIBA requests never last longer than this, whatever PSC says.
CIBA_MAX_S = 300.0


@dataclass(frozen=True, slots=True)
class Login:
    """A professional who has just authenticated."""

    tokens: PscTokens
    subject: str
    """SubjectNameID: the key of accounts (never `sub`, §1.5)."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Where to send the browser, and what must be remembered until it comes back."""

    url: str
    state: str
    nonce: str
    verifier: str
    redirect_uri: str


class PscClient:
    """Everything the proxy asks of Pro Santé Connect."""

    def __init__(self, config: Config, outbound: Outbound, clock: Clock) -> None:
        self._config = config
        self._outbound = outbound
        self._clock = clock
        self.provider = Provider(config.psc.decouverte, clock)
        self.orphan: Callable[[Client, PscTokens], None] = _laisser
        """What to do with the tokens of a login that turns out not to be one."""

    # --- helpers -------------------------------------------------------------------------

    def _http(self, client: Client) -> httpx.AsyncClient:
        return self._outbound.pool(client, PSC).http

    async def metadata(self, client: Client) -> Metadata:
        """Discovery document, fetched with the connection of `client`."""
        return await self.provider.metadata(self._http(client))

    async def _endpoint(self, client: Client, nom: str) -> str:
        url = (await self.metadata(client)).endpoint(nom, mtls=client.type == "mtls")
        if not url:
            raise UpstreamDown(502, f"decouverte sans {nom}")
        return url

    def _auth(self, client: Client, form: Mapping[str, str]) -> tuple[dict[str, str],
                                                                     tuple[str, str] | None]:
        """Client authentication: `client_id` in the form under mTLS, else Basic."""
        if client.type == "mtls":
            return {**form, "client_id": client.client_id}, None
        return dict(form), (client.client_id, client.secret())

    async def _post(self, client: Client, endpoint: str, form: Mapping[str, str]) -> dict[str, Any]:
        url = await self._endpoint(client, endpoint)
        complet, basic = self._auth(client, form)
        return await post_form(self._http(client), url, complet, basic=basic)

    def _tokens(self, corps: Mapping[str, Any], avant: PscTokens | None = None) -> PscTokens:
        acces = corps.get("access_token")
        if not isinstance(acces, str) or not acces:
            raise UpstreamDown(502, "reponse sans access_token")
        maintenant = self._clock()
        rafraichir = corps.get("refresh_token")
        fin = maintenant + _secondes(corps, "refresh_expires_in", 1800.0)
        if not isinstance(rafraichir, str):
            rafraichir = avant.refresh_token if avant else ""
            fin = avant.refresh_expires if avant else 0.0
        return PscTokens(
            access_token=acces, access_expires=maintenant + _secondes(corps, "expires_in", 120.0),
            refresh_token=rafraichir, refresh_expires=fin,
            id_token=str(corps.get("id_token") or (avant.id_token if avant else "")),
            session_state=str(corps.get("session_state")
                              or (avant.session_state if avant else "")),
            auth_time=avant.auth_time if avant else 0.0)

    async def _identify(self, client: Client, tokens: PscTokens, *, nonce: str | None,
                        auth_req_id: str = "", expected: str = "") -> Login:
        """Check who logged in; tokens of nobody, or of somebody else, don't outlive the check.

        Args:
            expected: the professional who was asked for, if one was.

        Raises:
            InvalidIdToken, UpstreamDown.
        """
        try:
            sujet = await self._subject(client, tokens, nonce, auth_req_id)
            if expected and sujet != expected:
                # Never open a session of somebody else than the person asked for.
                raise InvalidIdToken("SubjectNameID")
        except (InvalidIdToken, UpstreamDown, asyncio.CancelledError):
            self.orphan(client, tokens)
            raise
        return Login(tokens, sujet)

    async def _subject(self, client: Client, tokens: PscTokens, nonce: str | None,
                       auth_req_id: str) -> str:
        """Check the id_token; gives SubjectNameID and completes `session_state`.

        Raises:
            InvalidIdToken, UpstreamDown.
        """
        if not tokens.id_token:
            raise InvalidIdToken("absent")
        metadata = await self.metadata(client)
        claims = await self.provider.claims(self._http(client), tokens.id_token)
        check_id_token(claims, issuer=metadata.issuer, client_id=client.client_id,
                       acr=self._config.psc.acr, now=self._clock(), nonce=nonce,
                       access_token=tokens.access_token, auth_req_id=auth_req_id)
        if not tokens.session_state:
            tokens.session_state = str(claims.get("session_state") or claims.get("sid") or "")
        tokens.auth_time = _secondes(claims, "auth_time", 0.0)
        sujet = claims.get("SubjectNameID")
        if not sujet:
            sujet = (await self.userinfo(client, tokens)).get("SubjectNameID")
        if not isinstance(sujet, str) or not sujet:
            raise InvalidIdToken("SubjectNameID")
        return sujet

    # --- CIBA (§1.4) ---------------------------------------------------------------------

    async def ciba(self, client: Client, national_id: str, binding_message: str,
                   channel: str) -> Login:
        """Ask the professional's telephone or card tool, and wait for the answer.

        Args:
            national_id: SubjectNameID of the professional.
            binding_message: the two digits shown on both screens.
            channel: `MOBILE` or `CARD`.

        Raises:
            UpstreamRefused: refused, expired, unknown user, client not entitled.
            UpstreamDown, InvalidIdToken.
        """
        debut = self._clock()
        demande = await self._post(client, "backchannel_authentication_endpoint", {
            "scope": self._config.psc.portee, "acr_values": self._config.psc.acr,
            "login_hint": national_id, "binding_message": binding_message, "channel": channel})
        numero = demande.get("auth_req_id")
        if not isinstance(numero, str) or not numero:
            raise UpstreamDown(502, "reponse sans auth_req_id")
        fin = debut + min(_secondes(demande, "expires_in", 120.0), CIBA_MAX_S)
        intervalle = max(_secondes(demande, "interval", INTERVALLE_S), 0.05)
        corps = await self._poll(client, numero, intervalle, fin)
        tokens = self._tokens(corps)
        return await self._identify(client, tokens, nonce=None, auth_req_id=numero,
                                    expected=national_id)

    async def _poll(self, client: Client, numero: str, intervalle: float,
                    fin: float) -> dict[str, Any]:
        while True:
            await asyncio.sleep(min(intervalle, max(fin - self._clock(), 0.0)))
            if self._clock() >= fin:
                raise UpstreamRefused(400, "expired_token", "The request has expired")
            try:
                return await self._post(client, "token_endpoint", {
                    "grant_type": GRANT_CIBA, "auth_req_id": numero})
            except UpstreamRefused as exc:
                if exc.error == "slow_down":
                    intervalle += INTERVALLE_S
                elif exc.error != "authorization_pending":
                    raise

    # --- external browser (§1.3) ---------------------------------------------------------

    def _oauth(self, client: Client, redirect_uri: str) -> AsyncOAuth2Client:
        pool = self._outbound.pool(client, PSC)
        mtls = client.type == "mtls"
        return AsyncOAuth2Client(
            client_id=client.client_id, client_secret=None if mtls else client.secret(),
            token_endpoint_auth_method="none" if mtls else "client_secret_basic",
            scope=self._config.psc.portee, redirect_uri=redirect_uri,
            code_challenge_method="S256", leeway=0, transport=Shared(pool.transport),
            timeout=pool.http.timeout, trust_env=False, follow_redirects=False)

    async def authorization(self, client: Client, redirect_uri: str, *,
                            again: bool = False) -> AuthorizationRequest:
        """Prepare a login in the browser: state, nonce and PKCE verifier are fresh.

        Args:
            again: ask PSC to authenticate even a browser that is still logged in.
        """
        metadata = await self.metadata(client)
        verifier, nonce = generate_token(64), generate_token(48)
        invite = {"prompt": "login"} if again and self._config.psc.reauthentifier else {}
        async with self._oauth(client, redirect_uri) as oauth:
            url, state = oauth.create_authorization_url(
                metadata.endpoint("authorization_endpoint"), state=generate_token(48),
                code_verifier=verifier, nonce=nonce, acr_values=self._config.psc.acr, **invite)
        return AuthorizationRequest(url, state, nonce, verifier, redirect_uri)

    async def redeem(self, client: Client, demande: AuthorizationRequest, code: str) -> Login:
        """Swap the code of the redirect for tokens, and check who it is.

        Raises:
            UpstreamRefused, UpstreamDown, InvalidIdToken.
        """
        url = await self._endpoint(client, "token_endpoint")
        async with self._oauth(client, demande.redirect_uri) as oauth:
            try:
                corps = await oauth.fetch_token(
                    url, grant_type="authorization_code", code=code,
                    code_verifier=demande.verifier)
            except OAuthError as exc:
                raise UpstreamRefused(400, exc.error or "error", exc.description or "") from exc
            except httpx.HTTPStatusError as exc:
                raise UpstreamDown(_passable(exc.response.status_code), "amont") from exc
            except httpx.TransportError as exc:
                raise failure(exc) from exc
            except ValueError as exc:
                raise UpstreamDown(502, "reponse_illisible") from exc
        tokens = self._tokens(corps)
        return await self._identify(client, tokens, nonce=demande.nonce)

    # --- life of the tokens (§1.5, 1.8, 1.9) ---------------------------------------------

    async def refresh(self, client: Client, tokens: PscTokens) -> PscTokens:
        """Renew the PSC tokens.

        Raises:
            UpstreamRefused: the PSC session is over.
            UpstreamDown.
        """
        return self._tokens(await self._post(client, "token_endpoint", {
            "grant_type": "refresh_token", "refresh_token": tokens.refresh_token}), tokens)

    async def userinfo(self, client: Client, tokens: PscTokens) -> dict[str, Any]:
        """Who the professional is: JSON or signed JWT, as PSC is set (§1.6).

        Raises:
            UpstreamRefused: the access token is no longer good.
            UpstreamDown, InvalidIdToken.
        """
        url = await self._endpoint(client, "userinfo_endpoint")
        reponse = await fetch(self._http(client), "GET", url, headers={
            "Authorization": f"Bearer {tokens.access_token}",
            "Accept": "application/json, application/jwt"})
        if reponse.status_code in (401, 403):
            raise UpstreamRefused(reponse.status_code, "invalid_token")
        if reponse.status_code != 200:
            raise UpstreamDown(502, "userinfo")
        genre = reponse.headers.get("content-type", "").partition(";")[0].strip().lower()
        if genre == "application/jwt":
            claims = await self.provider.claims(self._http(client), reponse.text)
            if claims.get("iss") != (await self.metadata(client)).issuer:
                raise InvalidIdToken("iss")
            return claims
        valeurs = json_object(reponse) if genre == "application/json" else None
        if valeurs is None:
            raise UpstreamDown(502, "userinfo")
        return valeurs

    async def logout(self, client: Client, tokens: PscTokens) -> bool:
        """End the PSC session; a failure is only logged (§1.9)."""
        if not tokens.id_token:
            return False
        try:
            url = await self._endpoint(client, "end_session_endpoint")
            reponse = await fetch(self._http(client), "POST", url,
                                  form={"id_token_hint": tokens.id_token})
        except UpstreamDown as exc:
            journal.warning("deconnexion_psc", extra={"cause": exc.reason})
            return False
        if reponse.status_code >= 400:
            journal.warning("deconnexion_psc", extra={"statut_amont": reponse.status_code})
            return False
        return True


def _laisser(client: Client, tokens: PscTokens) -> None:
    """Nothing."""


def _secondes(corps: Mapping[str, Any], nom: str, defaut: float) -> float:
    valeur = corps.get(nom)
    if isinstance(valeur, int | float) and not isinstance(valeur, bool) and valeur > 0:
        return float(valeur)
    return defaut


def _passable(statut: int) -> int:
    return statut if statut in (502, 503, 504) else 502
