"""Authorization servers of the Espace de confiance, one realm an API (`spec/psc.md` §3, §6)."""

import base64
import hmac
import json
import uuid
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.appel import (
    Appel,
    Traitement,
    erreur_oauth,
    json_reponse,
    ou_du_certificat,
    servir,
)
from app.sandbox.certificats import STRUCTURE_PROXY, Pki
from app.sandbox.psc.points import PointsPsc

GRANT_ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPES_SUJET = frozenset({"urn:ietf:params:oauth:token-type:access_token",
                          "urn:ietf:params:oauth:token-type:jwt"})
ROYAUMES = ("insi", "dmp", "signsessiondata")


@dataclass(slots=True)
class ReglagesEdc:
    """Switches of the control API. `cnf` is `ans` (hex in base64) or `rfc` (`psc.md` §3.4)."""

    cnf: str = "ans"
    duree_s: int = 14400
    rafraichissement: bool = True
    duree_rafraichissement_s: int = 1800


def cnf_ans(empreinte: bytes) -> str:
    """ANS form: base64 of the 64 characters of the lower-case hexadecimal digest."""
    return base64.b64encode(empreinte.hex().encode()).decode()


def cnf_rfc(empreinte: bytes) -> str:
    """RFC 8705 form: base64url of the digest, without padding."""
    return base64.urlsafe_b64encode(empreinte).rstrip(b"=").decode()


class Edc:
    """The authorization servers and the check of the tokens that they gave."""

    def __init__(self, pki: Pki, psc: PointsPsc) -> None:
        self._cle = RSAKey.import_key(pki.pem_cle("edc-jwt"), {"kid": "edc-1"})
        self._psc = psc
        self.horloge = psc.registre.horloge
        self.reglages = ReglagesEdc()
        self.clients = {psc.registre.client.client_id: STRUCTURE_PROXY}
        self.revoques: set[str] = set()
        self._emis: list[str] = []
        self.base = ""

    def oublier(self) -> None:
        """Back to the state of the start."""
        self.reglages = ReglagesEdc()
        self.revoques.clear()

    def revoquer_tout(self) -> None:
        """Revoke every token given so far: sessions end in the middle of the work."""
        self.revoques.update(self._emis)
        self._emis.clear()

    def routes(self, etat: Any) -> list[Route]:
        """Routes of the authorization servers, plus the conformity API."""
        def route(chemin: str, operation: str, traiter: Traitement, methode: str = "POST"
                  ) -> Route:
            async def point(requete: Request) -> Response:
                if requete.path_params.get("royaume", "insi") not in ROYAUMES:
                    return json_reponse({"error": "Realm does not exist"}, 404)
                return await servir(etat, "edc", operation, requete, traiter)
            return Route(chemin, point, methods=[methode])
        oidc = "/realms/{royaume}/protocol/openid-connect"
        return [route(f"{oidc}/token", "token", self.token),
                route(f"{oidc}/token/introspect", "introspection", self.introspection),
                route(f"{oidc}/revoke", "revocation", self.revocation),
                route(f"{oidc}/certs", "jwks", self.jwks, "GET"),
                route("/realms/{royaume}/.well-known/openid-configuration", "decouverte",
                      self.decouverte, "GET"),
                route("/signsessiondata", "signsessiondata", self.signer_session)]

    def issuer(self, royaume: str) -> str:
        """Issuer of a realm."""
        return f"{self.base}/realms/{royaume}"

    async def decouverte(self, appel: Appel) -> Response:
        """Discovery document of a realm."""
        issuer = self.issuer(appel.requete.path_params["royaume"])
        p = f"{issuer}/protocol/openid-connect"
        return json_reponse({
            "issuer": issuer, "token_endpoint": f"{p}/token", "revocation_endpoint": f"{p}/revoke",
            "introspection_endpoint": f"{p}/token/introspect", "jwks_uri": f"{p}/certs",
            "grant_types_supported": [GRANT_ECHANGE, "refresh_token"],
            "token_endpoint_auth_methods_supported": ["tls_client_auth"],
            "tls_client_certificate_bound_access_tokens": True})

    async def jwks(self, _appel: Appel) -> Response:
        """Public key."""
        return json_reponse({"keys": [{**self._cle.as_dict(private=False), "use": "sig",
                                       "alg": "RS256"}]})

    def _client(self, appel: Appel, champs: dict[str, str]) -> Response | None:
        """mTLS only: the DN of the certificate must be that of the Client_ID_AS."""
        if appel.certificat is None:
            return self._refus(appel, "invalid_client", "Client certificate is missing", 401)
        ou = self.clients.get(champs.get("client_id", ""))
        if ou is None or ou != ou_du_certificat(appel.certificat):
            return self._refus(appel, "invalid_client",
                               "Certificate subject does not match client_id", 401)
        return None

    async def token(self, appel: Appel) -> Response:
        """Token exchange (RFC 8693) and refresh."""
        champs = appel.formulaire()
        royaume = appel.requete.path_params["royaume"]
        appel.noter(royaume=royaume, grant_type=champs.get("grant_type", ""))
        panne = appel.panne("code", "jeton_expire")
        if panne is not None:
            erreur = str(panne.valeur) if panne.type == "code" else "invalid_token"
            return self._refus(appel, erreur, "Panne demandée")
        refus = self._client(appel, champs)
        if refus is not None:
            return refus
        if champs.get("grant_type") == "refresh_token":
            return self._rafraichir(appel, royaume, champs)
        if champs.get("grant_type") != GRANT_ECHANGE:
            return self._refus(appel, "unsupported_grant_type", "Unsupported grant_type")
        if champs.get("subject_token_type") not in _TYPES_SUJET:
            return self._refus(appel, "invalid_request", "Invalid subject_token_type")
        if champs.get("subject_issuer") != "psc":
            return self._refus(appel, "invalid_issuer", "Invalid subject_issuer")
        if not champs.get("subject_token"):
            return self._refus(appel, "invalid_request", "Missing parameter: subject_token")
        sujet = self._psc.introspecter(champs["subject_token"])
        if not sujet["active"] or "SubjectNameID" not in sujet:
            return self._refus(appel, "invalid_token", "subject_token is not active")
        return json_reponse(self._emettre(appel, royaume, champs["client_id"], sujet))

    def _emettre(self, appel: Appel, royaume: str, client_id: str, sujet: dict[str, Any]
                 ) -> dict[str, Any]:
        t = int(self.horloge.maintenant())
        reglages = self.reglages
        forme = cnf_rfc if reglages.cnf == "rfc" else cnf_ans
        pro = self._psc.registre.professionnels[sujet["SubjectNameID"]]
        commun = {
            "iat": t, "iss": self.issuer(royaume), "azp": client_id, "sub": pro.sub,
            "session_state": sujet["session_state"], "sid": sujet["session_state"],
            "SubjectNameID": pro.id, "cnf": {"x5t#S256": forme(appel.empreinte)}}
        acces = commun | {
            "exp": t + reglages.duree_s, "jti": str(uuid.uuid4()), "typ": "Bearer", "acr": "1",
            "aud": [royaume, "account"], "scope": "openid email profile",
            "name": f"{pro.prenom} {pro.nom}", "given_name": pro.prenom, "family_name": pro.nom,
            "preferred_username": pro.id}
        corps: dict[str, Any] = {
            "access_token": self._signer(acces), "expires_in": reglages.duree_s,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer", "not-before-policy": 0,
            "session_state": sujet["session_state"], "scope": "openid email profile",
            "id_token": self._signer(commun | {"exp": t + reglages.duree_s, "typ": "ID",
                                               "aud": client_id, "jti": str(uuid.uuid4())})}
        if reglages.rafraichissement:
            fin = t + reglages.duree_rafraichissement_s
            corps |= {"refresh_token": self._signer(
                commun | {"exp": fin, "typ": "Refresh", "aud": self.issuer(royaume),
                          "jti": str(uuid.uuid4())}),
                "refresh_expires_in": reglages.duree_rafraichissement_s}
        return corps

    def _rafraichir(self, appel: Appel, royaume: str, champs: dict[str, str]) -> Response:
        claims = self._vivant(champs.get("refresh_token", ""), "Refresh")
        if claims is None or claims["iss"] != self.issuer(royaume):
            return self._refus(appel, "invalid_grant", "Token is not active")
        if not _lie(claims, appel.empreinte):
            return self._refus(appel, "invalid_grant", "Client certificate missing, or its "
                               "thumbprint and one in the refresh token did NOT match")
        return json_reponse(self._emettre(appel, royaume, champs["client_id"], claims))

    async def introspection(self, appel: Appel) -> Response:
        """RFC 7662 of the API tokens."""
        champs = appel.formulaire()
        refus = self._client(appel, champs)
        if refus is not None:
            return refus
        claims = self._vivant(champs.get("token", ""), "Bearer", "Refresh")
        return json_reponse({"active": False} if claims is None
                            else {**claims, "active": True, "client_id": claims["azp"]})

    async def revocation(self, appel: Appel) -> Response:
        """RFC 7009: kills one token."""
        champs = appel.formulaire()
        refus = self._client(appel, champs)
        if refus is not None:
            return refus
        jti = str(self._claims(champs.get("token", "")).get("jti", ""))
        appel.noter(revoque=bool(jti))
        if jti:
            self.revoques.add(jti)
        return Response(status_code=200)

    def controler(self, appel: Appel, royaume: str) -> dict[str, Any] | Response:
        """Check the bearer of a business call: signature, life, realm, `cnf`.

        Returns
        -------
        The claims, or the 401 that the API must answer.
        """
        genre, _, jeton = appel.requete.headers.get("authorization", "").partition(" ")
        claims = self._vivant(jeton, "Bearer") if genre.lower() == "bearer" else None
        if claims is None or appel.panne("jeton_expire"):
            return self._non_autorise(appel, "Token is missing, expired or revoked")
        if claims["iss"] != self.issuer(royaume):
            return self._non_autorise(appel, "Token was issued for another API")
        if not _lie(claims, appel.empreinte):
            return self._non_autorise(appel, "Client certificate does not match cnf")
        return claims

    def _non_autorise(self, appel: Appel, texte: str) -> Response:
        appel.noter(code="invalid_token", description=texte)
        return json_reponse(
            {"error": "invalid_token", "error_description": texte}, 401,
            WWW_Authenticate=f'Bearer error="invalid_token", error_description="{texte}"')

    async def signer_session(self, appel: Appel) -> Response:
        """The conformity API: sends the session data back, signed (`spec/psc.md` §5)."""
        claims = self.controler(appel, "signsessiondata")
        if isinstance(claims, Response):
            return claims
        try:
            corps = _objet(appel.corps)
        except ValueError:
            return json_reponse({"code": "400", "message": "Bad Request"}, 400)
        attendus = ("nationalId", "clientID", "proxy_session_id", "session_state")
        if not all(isinstance(corps.get(n), str) and corps[n] for n in attendus):
            return json_reponse({"code": "400", "message": "Bad Request"}, 400)
        if (corps["nationalId"] != claims["SubjectNameID"]
                or corps["session_state"] != claims["session_state"]):
            return json_reponse({"code": "401", "message": "Unauthorized"}, 401)
        return json_reponse({n: corps[n] for n in attendus}
                            | {"signature": self._signer({n: corps[n] for n in attendus})})

    def _signer(self, claims: dict[str, Any]) -> str:
        if "jti" in claims:
            self._emis.append(str(claims["jti"]))
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": "edc-1"}, claims, self._cle)

    def _claims(self, jeton: str) -> dict[str, Any]:
        try:
            return dict(jwt.decode(jeton, self._cle, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            return {}

    def _vivant(self, jeton: str, *types: str) -> dict[str, Any] | None:
        claims = self._claims(jeton)
        if (claims.get("typ") not in types or claims.get("jti") in self.revoques
                or claims.get("exp", 0) <= self.horloge.maintenant()):
            return None
        return claims

    def _refus(self, appel: Appel, erreur: str, description: str, statut: int = 400) -> Response:
        appel.noter(code=erreur, description=description)
        return erreur_oauth(erreur, description, statut)


def _lie(claims: dict[str, Any], empreinte: bytes) -> bool:
    """True when the certificate of the connection is that of `cnf`, in either form."""
    valeur = str(claims.get("cnf", {}).get("x5t#S256", ""))
    return bool(empreinte) and any(hmac.compare_digest(valeur, forme(empreinte))
                                   for forme in (cnf_ans, cnf_rfc))


def _objet(corps: bytes) -> dict[str, Any]:
    valeur = json.loads(corps)
    if not isinstance(valeur, dict):
        raise ValueError("JSON object expected")
    return valeur
