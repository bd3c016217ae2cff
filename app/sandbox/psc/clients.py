"""Client authentication at PSC: Basic, secret in the body, tls_client_auth (`spec/psc.md` §1.2)."""

import base64
import binascii
import hmac
from urllib.parse import unquote_plus

from starlette.responses import Response

from app.sandbox.appel import Appel, erreur_oauth, ou_du_certificat
from app.sandbox.psc.registre import Client


def authentifier(appel: Appel, client: Client, champs: dict[str, str]) -> Response | None:
    """None when the client is known and proved; else the refusal (invalid_client)."""
    entete = appel.requete.headers.get("authorization", "")
    if entete.lower().startswith("basic "):
        try:
            nom, _, secret = base64.b64decode(entete[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return _refus(appel, "Invalid client credentials")
        appel.noter(client_auth="client_secret_basic")
        return _verifier_secret(appel, client, unquote_plus(nom), unquote_plus(secret))
    nom = champs.get("client_id", "")
    if "client_secret" in champs:
        appel.noter(client_auth="client_secret_post")
        return _verifier_secret(appel, client, nom, champs["client_secret"])
    appel.noter(client_auth="tls_client_auth")
    if not nom:
        return erreur_oauth("invalid_client", "Parameter client_id is missing", 401)
    if nom != client.client_id:
        return _refus(appel, "Invalid client or Invalid client credentials")
    if appel.certificat is None:
        return _refus(appel, "Client certificate is missing")
    if ou_du_certificat(appel.certificat) != client.ou:
        return _refus(appel, "Client certificate does not match the registered subject DN")
    return None


def _verifier_secret(appel: Appel, client: Client, nom: str, secret: str) -> Response | None:
    juste = hmac.compare_digest(secret.encode(), client.secret.encode())
    if nom == client.client_id and juste:
        return None
    return _refus(appel, "Invalid client or Invalid client credentials")


def _refus(appel: Appel, description: str) -> Response:
    appel.noter(code="invalid_client")
    return erreur_oauth("invalid_client", description, 401)
