"""The endpoints of the issuer (`spec/psc.md` §1.2–1.9)."""

import base64
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.appel import Appel, Traitement, erreur_oauth, json_reponse, servir
from app.sandbox.psc import ciba
from app.sandbox.psc.clients import authentifier
from app.sandbox.psc.jetons import Cles, Emetteur, signer
from app.sandbox.psc.registre import RegistrePsc

CHEMIN = "/auth/realms/esante-wallet"
_OIDC = f"{CHEMIN}/protocol/openid-connect"
#: Tokens that a fault makes look dead, with the words of Keycloak.
_INVALIDE = 'Bearer realm="esante-wallet", error="invalid_token", ' \
            'error_description="Token verification failed"'


class PointsPsc:
    """The routes of the issuer."""

    def __init__(self, registre: RegistrePsc, cles: Cles, emetteur: Emetteur) -> None:
        self.registre, self.cles, self.emetteur = registre, cles, emetteur
        self.base = ""
        self.portail = ""

    def routes(self, etat: Any) -> list[Route]:
        """Routes of the issuer's server."""
        def route(chemin: str, operation: str, traiter: Traitement, *methodes: str) -> Route:
            async def point(requete: Request) -> Response:
                return await servir(etat, "psc", operation, requete, traiter)
            return Route(chemin, point, methods=list(methodes))

        connu = f"{CHEMIN}/.well-known"
        return [
            route(f"{connu}/wallet-openid-configuration", "decouverte", self.decouverte, "GET"),
            route(f"{connu}/openid-configuration", "decouverte_standard", self.standard, "GET"),
            route(f"{_OIDC}/certs", "jwks", self.jwks, "GET"),
            route(f"{_OIDC}/token", "token", self.token, "POST"),
            route(f"{_OIDC}/userinfo", "userinfo", self.userinfo, "GET", "POST"),
            route(f"{_OIDC}/token/introspect", "introspection", self.introspection, "POST"),
            route(f"{_OIDC}/revoke", "revocation", self.revocation, "POST"),
            route(f"{_OIDC}/logout", "logout", self.fin, "GET", "POST"),
            route(f"{_OIDC}/ext/ciba/auth", "ciba", self.ciba, "POST"),
        ]

    async def decouverte(self, appel: Appel) -> Response:
        """The discovery document, at its unusual name."""
        p = self.base + "/protocol/openid-connect"
        alias = {"token_endpoint": f"{p}/token", "revocation_endpoint": f"{p}/revoke",
                 "introspection_endpoint": f"{p}/token/introspect",
                 "userinfo_endpoint": f"{p}/userinfo",
                 "backchannel_authentication_endpoint": f"{p}/ext/ciba/auth"}
        return json_reponse({
            "issuer": self.base + ("-autre" if appel.panne("iss") else ""),
            "authorization_endpoint": f"{self.portail}/auth", **alias,
            "jwks_uri": f"{p}/certs", "end_session_endpoint": f"{p}/logout",
            "grant_types_supported": [
                "authorization_code", "implicit", "refresh_token", "password",
                "client_credentials", "urn:openid:params:grant-type:ciba",
                "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types_supported": ["code", "none", "id_token", "token", "id_token token",
                                         "code id_token", "code token", "code id_token token"],
            "response_modes_supported": ["query", "fragment", "form_post", "query.jwt",
                                         "fragment.jwt", "form_post.jwt", "jwt"],
            "subject_types_supported": ["public", "pairwise"],
            "id_token_signing_alg_values_supported": ["PS256", "RS256", "ES256", "HS256"],
            "backchannel_token_delivery_modes_supported": ["poll", "ping"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt", "client_secret_basic", "client_secret_post",
                "tls_client_auth", "client_secret_jwt"],
            "scopes_supported": ["openid", "scope_all", "identity", "rpps", "referentiel",
                                 "offline_access", "eidas1", "eidas2", "scope_1", "scope_2",
                                 "interop", "profile", "email"],
            "acr_values_supported": ["0", "0"],
            "tls_client_certificate_bound_access_tokens": True, "mtls_endpoint_aliases": alias,
            "authorization_response_iss_parameter_supported": True,
            "frontchannel_logout_supported": True,
            "frontchannel_logout_session_supported": True,
            "backchannel_logout_supported": True, "backchannel_logout_session_supported": True,
            "require_pushed_authorization_requests": False})

    async def standard(self, appel: Appel) -> Response:
        """The standard name answers 404 unless a switch says so."""
        if not self.registre.reglages.decouverte_standard:
            return json_reponse({"error": "Not Found"}, 404)
        return await self.decouverte(appel)

    async def jwks(self, _appel: Appel) -> Response:
        """Two public keys."""
        return json_reponse(self.cles.jwks())

    async def token(self, appel: Appel) -> Response:
        """authorization_code, refresh_token and CIBA."""
        champs = appel.formulaire()
        panne = appel.panne("code", "jeton_expire")
        if panne is not None:
            erreur = str(panne.valeur) if panne.type == "code" else "invalid_grant"
            return self._refus(appel, erreur, "Panne demandée")
        refus = authentifier(appel, self.registre.client, champs)
        if refus is not None:
            return refus
        genre = champs.get("grant_type", "")
        appel.noter(grant_type=genre)
        if genre == "authorization_code":
            return self._par_code(appel, champs)
        if genre == "refresh_token":
            lu = self.emetteur.lire_rafraichissement(champs.get("refresh_token", ""))
            if lu is None:
                return self._refus(appel, "invalid_grant", "Token is not active")
            self.registre.rafraichissements.pop(str(lu[0]["jti"]), None)
            return json_reponse(self.emetteur.emettre(appel, lu[1]))
        if genre == ciba.GRANT:
            return ciba.echanger(appel, self.registre, self.emetteur, champs)
        return self._refus(appel, "unsupported_grant_type", "Unsupported grant_type")

    def _par_code(self, appel: Appel, champs: dict[str, str]) -> Response:
        code = self.registre.codes.get(champs.get("code", ""))
        t = self.registre.horloge.maintenant()
        if code is None or code.expire <= t:
            return self._refus(appel, "invalid_grant", "Code not valid")
        if code.utilise:
            # A replayed code kills what it gave, as Keycloak does.
            self.registre.terminer(code.session.session_state)
            return self._refus(appel, "invalid_grant", "Code not valid")
        code.utilise = True
        if champs.get("redirect_uri") != code.redirect_uri:
            return self._refus(appel, "invalid_grant", "Incorrect redirect_uri")
        verifieur = champs.get("code_verifier", "")
        defi = base64.urlsafe_b64encode(sha256(verifieur.encode()).digest()).rstrip(b"=").decode()
        if not verifieur:
            return self._refus(appel, "invalid_grant", "PKCE code verifier not specified")
        if defi != code.defi:
            return self._refus(appel, "invalid_grant", "PKCE verification failed: Code mismatch")
        if self.registre.session_vivante(code.session.session_state) is None:
            return self._refus(appel, "invalid_grant", "Session not active")
        return json_reponse(self.emetteur.emettre(appel, code.session, nonce=code.nonce))

    async def userinfo(self, appel: Appel) -> Response:
        """UserInfo, as JSON or as a signed JWT."""
        _, _, jeton = appel.requete.headers.get("authorization", "").partition(" ")
        lu = None if appel.panne("jeton_expire") else self.emetteur.lire_acces(jeton)
        if lu is None:
            appel.noter(code="invalid_token")
            return json_reponse({"error": "invalid_token",
                                 "error_description": "Token verification failed"}, 401,
                                WWW_Authenticate=_INVALIDE)
        lu[1].vue = self.registre.horloge.maintenant()
        claims = lu[1].professionnel.userinfo()
        if self.registre.reglages.userinfo_signe:
            cle = self.cles.active(self.registre.reglages.cle_active)
            return Response(signer(cle, claims | {"iss": self.base,
                                                  "aud": self.registre.client.client_id}),
                            media_type="application/jwt")
        return json_reponse(claims)

    async def introspection(self, appel: Appel) -> Response:
        """RFC 7662; only an access token yields SubjectNameID (`spec/psc.md` §1.7)."""
        champs = appel.formulaire()
        refus = authentifier(appel, self.registre.client, champs)
        return refus or json_reponse(self.introspecter(champs.get("token", "")))

    def introspecter(self, jeton: str) -> dict[str, Any]:
        """The introspection body of a token; also used by the authorization servers."""
        acces = self.emetteur.lire_acces(jeton)
        lu = acces or self.emetteur.lire_rafraichissement(jeton)
        if lu is None:
            return {"active": False}
        claims, session = lu
        corps = {**claims, "client_id": claims["azp"], "active": True,
                 "username": session.professionnel.id}
        if acces is not None:
            corps["SubjectNameID"] = session.professionnel.id
        return corps

    async def revocation(self, appel: Appel) -> Response:
        """RFC 7009: always 200 for an authenticated client."""
        champs = appel.formulaire()
        refus = authentifier(appel, self.registre.client, champs)
        if refus is not None:
            return refus
        jti = str(self.cles.lire(champs.get("token", "")).get("jti", ""))
        if jti:
            self.registre.jti_revoques.add(jti)
            self.registre.rafraichissements.pop(jti, None)
        return Response(status_code=200)

    async def fin(self, appel: Appel) -> Response:
        """end_session, from a browser (GET) or from the back end (POST)."""
        get = appel.requete.method == "GET"
        champs = dict(appel.requete.query_params) if get else appel.formulaire()
        session_state = self.emetteur.session_de_l_id_token(champs.get("id_token_hint", ""))
        if not session_state:
            return self._refus(appel, "invalid_request", "Missing or invalid id_token_hint")
        fermee = self.registre.terminer(session_state)
        appel.noter(session_state=session_state, fermee=fermee)
        retour = champs.get("post_logout_redirect_uri", "")
        if get and retour:
            if not self._retour_permis(retour):
                return self._refus(appel, "invalid_request", "Invalid redirect uri")
            if "state" in champs:
                retour += ("&" if "?" in retour else "?") + urlencode({"state": champs["state"]})
            return RedirectResponse(retour, 302)
        if get:
            return HTMLResponse('<!DOCTYPE html><html lang="fr"><meta charset="utf-8">'
                                "<p>Vous êtes déconnecté de Pro Santé Connect.</p></html>")
        return Response(status_code=204)

    def _retour_permis(self, retour: str) -> bool:
        origines = {r.split("/")[2] for r in self.registre.client.redirections}
        parties = retour.split("/")
        return len(parties) > 2 and (parties[2] in origines
                                     or parties[2].split(":")[0] == "127.0.0.1")

    async def ciba(self, appel: Appel) -> Response:
        """Start of a CIBA authentication."""
        champs = appel.formulaire()
        refus = authentifier(appel, self.registre.client, champs)
        return refus or ciba.demander(appel, self.registre, champs)

    def _refus(self, appel: Appel, erreur: str, description: str) -> Response:
        appel.noter(code=erreur, description=description)
        return erreur_oauth(erreur, description)
