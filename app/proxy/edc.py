"""Client of the authorization servers of the Espace de confiance (`spec/psc.md` §3.3–3.4).

Token exchange (RFC 8693) over mTLS, renewal, revocation, introspection, and the checks due at
the reception of an API token (R-P9).
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from joserfc.util import urlsafe_b64decode

from app.proxy.clock import Clock
from app.proxy.config import Api, Client
from app.proxy.errors import UpstreamDown, UpstreamRefused
from app.proxy.outbound import Outbound, post_form
from app.proxy.sessions import ApiToken
from app.proxy.tls import Certificate

journal = logging.getLogger("pleiade.proxy.edc")

GRANT_ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPE_JETON = "urn:ietf:params:oauth:token-type:access_token"
#: An opaque token is shown again to its server this often, seconds (R-P9).
CONTROLE_S = 1800.0
#: A server of tokens answers at once or isn't there; an API may think for two minutes, seconds.
DELAI_S = 15.0


class EdcClient:
    """Tokens of the APIs."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock

    async def _post(self, client: Client, api: Api, url: str,
                    form: Mapping[str, str]) -> dict[str, Any]:
        identifiant = api.client_id or client.client_id
        pool = self._outbound.pool(client, api.nom)
        delai = min(api.delai_s, DELAI_S)
        if client.type == "mtls":
            return await post_form(pool.http, url, {**form, "client_id": identifiant},
                                   delay=delai)
        return await post_form(pool.http, url, form, basic=(identifiant, client.secret()),
                               delay=delai)

    async def exchange(self, client: Client, api: Api, subject_token: str,
                       subject: str) -> ApiToken:
        """Swap a PSC access token for a token of the API.

        Args:
            subject: SubjectNameID the new token must carry.

        Raises:
            UpstreamRefused: the server refuses, or gives a token that isn't ours.
            UpstreamDown.
        """
        form = {"grant_type": GRANT_ECHANGE, "subject_token": subject_token,
                "subject_token_type": TYPE_JETON, "subject_issuer": api.subject_issuer}
        if api.portee:
            form["scope"] = api.portee
        if api.audience:
            form["audience"] = api.audience
        certificat = self._outbound.pool(client, api.nom).certificate
        return self._recevoir(await self._post(client, api, api.jeton, form), subject, certificat)

    async def refresh(self, client: Client, api: Api, jeton: ApiToken, subject: str) -> ApiToken:
        """Renew a token by its refresh token. Errors as `exchange`."""
        certificat = self._outbound.pool(client, api.nom).certificate
        corps = await self._post(client, api, api.jeton, {
            "grant_type": "refresh_token", "refresh_token": jeton.refresh_token})
        return self._recevoir(corps, subject, certificat)

    async def revoke(self, client: Client, api: Api, jeton: ApiToken) -> bool:
        """Revoke a token; a failure is only logged. False when it is worth another try."""
        url = api.revocation or _revocation(api.jeton)
        if not url:
            return True
        fait = True
        for valeur, genre in ((jeton.refresh_token, "refresh_token"),
                              (jeton.access_token, "access_token")):
            if not valeur:
                continue
            try:
                await self._revoquer(client, api, url, valeur, genre)
            except (UpstreamRefused, UpstreamDown) as exc:
                # What was refused once is refused for ever (RFC 7009 §2.2.1).
                fait = fait and isinstance(exc, UpstreamRefused)
                journal.warning("revocation_refusee", extra={
                    "api": api.nom, "statut_amont": exc.status})
        return fait

    async def _revoquer(self, client: Client, api: Api, url: str, valeur: str,
                        genre: str) -> None:
        try:
            await self._post(client, api, url, {"token": valeur, "token_type_hint": genre})
        except UpstreamDown as exc:
            # RFC 7009: the answer to a revocation has no body.
            if exc.reason != "reponse_illisible":
                raise

    async def still_active(self, client: Client, api: Api, jeton: ApiToken) -> bool:
        """Show an opaque token to its server again when it is time (R-P9)."""
        if (not api.introspection or jeton.access_token.count(".") == 2
                or self._clock() - jeton.checked < CONTROLE_S):
            return True
        reponse = await self._post(client, api, api.introspection, {"token": jeton.access_token})
        jeton.checked = self._clock()
        return reponse.get("active") is True

    def _recevoir(self, corps: Mapping[str, Any], subject: str,
                  certificat: Certificate | None) -> ApiToken:
        acces = corps.get("access_token")
        duree = corps.get("expires_in")
        if not isinstance(acces, str) or not acces or not acces.isascii() or " " in acces:
            raise UpstreamRefused(502, "invalid_token", "no access_token")
        if str(corps.get("token_type", "Bearer")).lower() not in ("bearer", "n_a"):
            raise UpstreamRefused(502, "invalid_token", "token_type")
        secondes = float(duree) if isinstance(duree, int | float) else 3600.0
        if secondes <= 0:
            raise UpstreamRefused(502, "invalid_token", "expired")
        maintenant = self._clock()
        _controler(_claims(acces), subject, certificat)
        refresh = corps.get("refresh_token")
        fin_refresh = corps.get("refresh_expires_in")
        return ApiToken(
            access_token=acces, expires=maintenant + secondes, obtained=maintenant,
            refresh_token=refresh if isinstance(refresh, str) else "",
            refresh_expires=maintenant + (float(fin_refresh)
                                          if isinstance(fin_refresh, int | float) else 0.0),
            thumbprint="" if certificat is None else certificat.digest.hex(),
            checked=maintenant)


def _claims(jeton: str) -> dict[str, Any]:
    """Claims of a JWT, or nothing for an opaque token.

    The signature isn't checked: the token comes straight from its issuer over verified TLS, and
    the API is the one that trusts it (OpenID Connect Core §3.1.3.7, item 6).
    """
    morceaux = jeton.split(".")
    if len(morceaux) != 3:
        return {}
    try:
        claims = json.loads(urlsafe_b64decode(morceaux[1].encode()))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def _controler(claims: Mapping[str, Any], subject: str, certificat: Certificate | None) -> None:
    titulaire = claims.get("SubjectNameID")
    if titulaire is not None and titulaire != subject:
        raise UpstreamRefused(502, "invalid_token", "SubjectNameID")
    cnf = claims.get("cnf")
    empreinte = cnf.get("x5t#S256") if isinstance(cnf, dict) else None
    if (empreinte is not None and certificat is not None
            and empreinte not in certificat.cnf_values()):
        raise UpstreamRefused(502, "invalid_token", "cnf")


def _revocation(jeton: str) -> str:
    """Keycloak's revocation endpoint, beside its token endpoint."""
    base, _, fin = jeton.rpartition("/")
    return f"{base}/revoke" if fin == "token" else ""
