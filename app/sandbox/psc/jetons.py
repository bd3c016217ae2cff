"""The tokens of PSC: RS256 JWT shaped as Keycloak's (`spec/psc.md` §1.5)."""

import uuid
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.sandbox.appel import Appel
from app.sandbox.certificats import Pki
from app.sandbox.psc.registre import RegistrePsc, SessionSso

PORTEE = "openid scope_all"


class Cles:
    """The signing keys: two published, one of them active, and one that no JWKS shows."""

    def __init__(self, pki: Pki) -> None:
        self._cles = {n: RSAKey.import_key(pki.pem_cle(f"psc-jwt-{n}"), {"kid": f"psc-{n}"})
                      for n in (1, 2)}
        self._cachee = RSAKey.import_key(pki.pem_cle("edc-jwt"), {"kid": "psc-inconnue"})

    def active(self, numero: int, *, cachee: bool = False) -> RSAKey:
        """The key that signs."""
        return self._cachee if cachee else self._cles[numero]

    def jwks(self) -> dict[str, Any]:
        """The public key set."""
        return {"keys": [{**cle.as_dict(private=False), "use": "sig", "alg": "RS256"}
                         for cle in self._cles.values()]}

    def lire(self, jeton: str) -> dict[str, Any]:
        """Claims of a token signed by one of the keys, `{}` when the signature is wrong."""
        for cle in (*self._cles.values(), self._cachee):
            try:
                return dict(jwt.decode(jeton, cle, algorithms=["RS256"]).claims)
            except (JoseError, ValueError):
                continue
        return {}


def signer(cle: RSAKey, claims: dict[str, Any]) -> str:
    """One RS256 JWT."""
    return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": cle.kid}, claims, cle)


class Emetteur:
    """Issues and reads the tokens of the realm."""

    def __init__(self, registre: RegistrePsc, cles: Cles) -> None:
        self.registre, self.cles = registre, cles
        self.issuer = ""

    def emettre(self, appel: Appel, session: SessionSso, *, nonce: str = "",
                portee: str = PORTEE) -> dict[str, Any]:
        """The body of a token answer, Keycloak's extra members included."""
        reglages = self.registre.reglages
        decalage = appel.panne("horloge")
        t = int(self.registre.horloge.maintenant() + (decalage.nombre(300) if decalage else 0))
        session.vue = self.registre.horloge.maintenant()
        session.nonce = nonce or session.nonce
        pro = session.professionnel
        cle = self.cles.active(reglages.cle_active, cachee=appel.panne("kid") is not None)
        iss = self.issuer + "-autre" if appel.panne("iss") else self.issuer
        commun = {"iat": t, "iss": iss, "sub": pro.sub, "azp": session.client_id,
                  "auth_time": int(session.ouverte), "session_state": session.session_state,
                  "sid": session.session_state, "acr": "eidas1"}
        if session.nonce:
            commun["nonce"] = "nonce-d-un-autre" if appel.panne("nonce") else session.nonce
        acces = commun | {"exp": t + reglages.duree_acces_s, "jti": str(uuid.uuid4()),
                          "typ": "Bearer", "preferred_username": pro.id,
                          "email_verified": False, "scope": portee}
        identite = commun | {"exp": t + reglages.duree_acces_s, "jti": str(uuid.uuid4()),
                             "typ": "ID", "aud": session.client_id, "SubjectNameID": pro.id,
                             "preferred_username": pro.id}
        jti = str(uuid.uuid4())
        rafraichissement = commun | {"exp": t + reglages.duree_rafraichissement_s, "jti": jti,
                                     "typ": "Refresh", "aud": iss, "scope": portee}
        self.registre.rafraichissements[jti] = (
            session.session_state,
            self.registre.horloge.maintenant() + reglages.duree_rafraichissement_s)
        return {"access_token": signer(cle, acces), "expires_in": reglages.duree_acces_s,
                "refresh_expires_in": reglages.duree_rafraichissement_s,
                "refresh_token": signer(cle, rafraichissement), "token_type": "Bearer",
                "id_token": signer(cle, identite), "not-before-policy": 0,
                "session_state": session.session_state, "scope": portee}

    def lire_acces(self, jeton: str) -> tuple[dict[str, Any], SessionSso] | None:
        """Claims and session of a live access token, else None."""
        claims = self.cles.lire(jeton)
        session = self.registre.session_vivante(str(claims.get("session_state", "")))
        if (claims.get("typ") != "Bearer" or session is None
                or claims.get("exp", 0) <= self.registre.horloge.maintenant()
                or claims.get("jti") in self.registre.jti_revoques):
            return None
        return claims, session

    def lire_rafraichissement(self, jeton: str) -> tuple[dict[str, Any], SessionSso] | None:
        """Claims and session of a live refresh token, else None."""
        claims = self.cles.lire(jeton)
        connu = self.registre.rafraichissements.get(str(claims.get("jti", "")))
        if (claims.get("typ") != "Refresh" or connu is None
                or connu[1] <= self.registre.horloge.maintenant()):
            return None
        session = self.registre.session_vivante(connu[0])
        return None if session is None else (claims, session)

    def session_de_l_id_token(self, jeton: str) -> str:
        """session_state of an id_token of ours (an expired one is accepted for logout)."""
        claims = self.cles.lire(jeton)
        return str(claims.get("session_state", "")) if claims.get("typ") == "ID" else ""
