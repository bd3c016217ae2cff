"""What the Proxy e-santé itself answers (`spec/psc.md` §4.1): bodies, ErrorDescriptor, refusals."""

import json
from collections.abc import Mapping
from typing import Any

from app.services.errors import ErreurService, Indisponible, Invalide, Refuse, Rejete, Remede
from app.services.noms import texte_propre
from app.services.transport import Reponse


def descripteur_de(reponse: Reponse) -> Mapping[str, Any] | None:
    """The ErrorDescriptor of the proxy itself, or None when the answer is the service's."""
    if reponse.status < 400 or "json" not in reponse.content_type:
        return None
    try:
        corps = json.loads(reponse.corps)
    except (ValueError, RecursionError):
        return None
    if isinstance(corps, Mapping) and corps.get("code") == str(reponse.status):
        return corps
    return None


def corps_json(reponse: Reponse) -> Mapping[str, Any]:
    """The JSON object of an answer.

    Raises:
        Invalide: not a JSON object.
    """
    try:
        corps = json.loads(reponse.corps)
    except (ValueError, RecursionError) as erreur:
        raise _illisible() from erreur
    if not isinstance(corps, Mapping):
        raise _illisible()
    return corps


def champ(corps: Mapping[str, Any], nom: str) -> str:
    """A text that must be there.

    Raises:
        Invalide: absent, empty, or not a text.
    """
    valeur = corps.get(nom)
    if not isinstance(valeur, str) or not valeur:
        raise _illisible()
    return valeur


def _illisible() -> Invalide:
    return Invalide("Le Proxy e-santé a renvoyé une réponse illisible.", service="proxy")


def refus(reponse: Reponse, descripteur: Mapping[str, Any]) -> ErreurService:
    """The error of a status that the proxy gave to a request of its own routes."""
    status, code = reponse.status, f"HTTP {reponse.status}"
    detail = texte_propre(str(descripteur.get("message", "")), 160)
    if status in (401, 403):
        return Refuse("La connexion a été refusée ou n’a pas été validée à temps sur votre "
                      "téléphone ou votre carte.", service="psc", code=detail or code,
                      remede=Remede.SE_CONNECTER)
    if status == 404:
        return Rejete("Pro Santé Connect ne connaît pas cet identifiant national, ou le Proxy "
                      "e-santé ne connaît pas ce logiciel.", service="psc", code=code,
                      remede=Remede.SIGNALER)
    if status == 429:
        return Indisponible("Trop de demandes de connexion. Patientez une minute.",
                            service="proxy", code=code)
    if status >= 500:
        return Indisponible("Pro Santé Connect ou le Proxy e-santé est momentanément "
                            "indisponible.", service="psc", code=code,
                            incertain=status not in (501, 503))
    return Invalide("Le Proxy e-santé n’accepte pas cette demande.", service="proxy",
                    code=detail or code)
