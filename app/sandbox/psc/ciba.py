"""CIBA in poll mode, with a simulated phone or card tool (`spec/psc.md` §1.4, §6.7)."""

import re
import secrets

from starlette.responses import Response

from app.sandbox.appel import Appel, erreur_oauth, json_reponse
from app.sandbox.psc.jetons import PORTEE, Emetteur
from app.sandbox.psc.registre import DemandeCiba, RegistrePsc

GRANT = "urn:openid:params:grant-type:ciba"

#: What the holder of the device may do. `manuel` waits for the control API or the device page.
DECISIONS = frozenset({"approuver", "refuser", "ignorer", "mauvais_chiffres", "ralentir",
                       "erreur_503", "manuel"})
_DEUX_CHIFFRES = re.compile(r"[0-9]{2}")


def demander(appel: Appel, registre: RegistrePsc, champs: dict[str, str]) -> Response:
    """Check a request in Keycloak's order (`spec/psc.md` §1.10), then ring the device."""
    reglages = registre.reglages
    indice, portee = champs.get("login_hint", ""), champs.get("scope", "")
    panne = appel.panne("code")
    professionnel = registre.professionnels.get(indice)
    message, canal = champs.get("binding_message", ""), champs.get("channel", "")
    appel.noter(login_hint=indice, binding_message=message, channel=canal)
    if panne is not None:
        return _refus(appel, str(panne.valeur), "Panne demandée")
    if not indice:
        return _refus(appel, "invalid_request", "missing parameter : login_hint")
    if not portee:
        return _refus(appel, "invalid_request", "missing parameter : scope")
    if professionnel is None:
        return _refus(appel, "invalid_request", "invalid_user")
    if not {"openid", "scope_all"} <= set(portee.split()):
        return _refus(appel, "invalid_scope", "Invalid scopes: " + portee)
    if champs.get("acr_values") != "eidas1":
        return _refus(appel, "invalid_request", "acr_values must be eidas1")
    if not _DEUX_CHIFFRES.fullmatch(message):
        return _refus(appel, "invalid_binding_message", "binding_message must be two digits")
    if canal not in ("CARD", "MOBILE"):
        return _refus(appel, "invalid_request", "channel must be CARD or MOBILE")
    if reglages.appareil_decision == "erreur_503":
        return erreur_oauth("server_error", "Failed to send authentication request", 503)
    t = registre.horloge.maintenant()
    demande = DemandeCiba(
        secrets.token_urlsafe(32), professionnel, registre.client.client_id, message, canal,
        portee, t + reglages.ciba_duree_s, reglages.ciba_intervalle_s,
        t + reglages.appareil_delai_s, reglages.appareil_decision)
    registre.ciba[demande.id] = demande
    return json_reponse({"auth_req_id": demande.id, "expires_in": reglages.ciba_duree_s,
                         "interval": reglages.ciba_intervalle_s})


def echanger(appel: Appel, registre: RegistrePsc, emetteur: Emetteur, champs: dict[str, str]
             ) -> Response:
    """One poll of the token endpoint."""
    demande = registre.ciba.get(champs.get("auth_req_id", ""))
    t = registre.horloge.maintenant()
    if demande is None or demande.utilisee:
        return _refus(appel, "invalid_grant", "Invalid Auth Req ID")
    if t >= demande.expire:
        return _refus(appel, "expired_token", "authentication timed out")
    trop_tot = t - demande.dernier_essai < demande.intervalle - 0.05
    demande.dernier_essai = t
    if trop_tot:
        demande.intervalle += 5
        return _refus(appel, "slow_down", "too early to access")
    if demande.decision == "ralentir" and not demande.ralentie:
        demande.ralentie = True
        demande.intervalle += 5
        return _refus(appel, "slow_down", "too early to access")
    if demande.decision in ("ignorer", "manuel") or t < demande.reponse_prevue:
        return _refus(appel, "authorization_pending",
                      "The authorization request is still pending as the end-user hasn't yet "
                      "been authenticated.")
    demande.utilisee = True
    if demande.decision in ("refuser", "mauvais_chiffres"):
        return _refus(appel, "access_denied", "not authorized")
    session = registre.ouvrir_session(demande.professionnel)
    return json_reponse(emetteur.emettre(appel, session, portee=PORTEE))


def decider(registre: RegistrePsc, demande_id: str, decision: str) -> bool:
    """The holder of the device answers one request. False when it is unknown or over."""
    demande = registre.ciba.get(demande_id)
    if demande is None or demande.utilisee or decision not in DECISIONS:
        return False
    demande.decision = decision
    demande.reponse_prevue = registre.horloge.maintenant()
    return True


def _refus(appel: Appel, erreur: str, description: str) -> Response:
    appel.noter(code=erreur)
    return erreur_oauth(erreur, description)
