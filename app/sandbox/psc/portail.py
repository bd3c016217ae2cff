"""The wallet: the pages that a professional sees in the browser (`spec/psc.md` §1.3, §6.2)."""

import html
import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.appel import Appel, Traitement, servir
from app.sandbox.psc.registre import RegistrePsc, SessionSso

_COOKIE = "psc_sso"

_STYLE = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;font:16px/1.5 Inter,"Segoe UI",system-ui,sans-serif;background:#eef2f7;color:#1c2733}
main{max-width:44rem;margin:6vh auto;background:#fff;border-radius:14px;padding:2.2rem 2.4rem;
box-shadow:0 8px 30px rgba(20,40,70,.12)}
h1{font-size:1.45rem;margin:0 0 .3rem}p{margin:.4rem 0}.note{color:#51606f;font-size:.92rem}
.bandeau{display:inline-block;background:#fff4d6;color:#6b4b00;border-radius:6px;
padding:.15rem .6rem;font-size:.85rem;margin-bottom:1rem}
fieldset{border:0;padding:0;margin:1.2rem 0}legend{font-weight:600;margin-bottom:.5rem}
label{display:flex;gap:.8rem;align-items:center;border:1px solid #d5dde6;border-radius:9px;
padding:.55rem .9rem;margin:.35rem 0;cursor:pointer}label:hover{background:#f5f8fc}
label:has(:checked){border-color:#1f5fa8;background:#edf4fd}
label span{flex:1}label small{color:#51606f}
.boutons{display:flex;gap:.8rem;flex-wrap:wrap;margin-top:1.4rem}
button{font:inherit;border-radius:9px;padding:.6rem 1.3rem;border:1px solid #1f5fa8;cursor:pointer;
background:#fff;color:#1f5fa8}button.principal{background:#1f5fa8;color:#fff;font-weight:600}
button:focus-visible,input:focus-visible{outline:3px solid #f0a500;outline-offset:2px}
"""


def page(titre: str, corps: str, statut: int = 200) -> HTMLResponse:
    """A whole page in French around `corps` (HTML)."""
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>{titre}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body><main><span class="bandeau">Bac à sable – identités fictives</span>'
        f"<h1>{titre}</h1>{corps}</main></body></html>", statut,
        {"Cache-Control": "no-store", "X-Frame-Options": "DENY"})


class Portail:
    """The routes of the wallet's server."""

    def __init__(self, registre: RegistrePsc) -> None:
        self.registre = registre
        self.issuer = ""

    def routes(self, etat: Any) -> list[Route]:
        """Routes of the wallet's server."""
        def route(chemin: str, operation: str, traiter: Traitement, methode: str) -> Route:
            async def point(requete: Request) -> Response:
                return await servir(etat, "wallet", operation, requete, traiter)
            return Route(chemin, point, methods=[methode])
        return [route("/auth", "authorize", self.demande, "GET"),
                route("/auth/choix", "choix", self.choix, "POST")]

    async def demande(self, appel: Appel) -> Response:
        """The authorize request: checked, then shown, answered by SSO, or approved by itself."""
        demande = dict(appel.requete.query_params)
        client = self.registre.client
        # Never redirect to an address that is not registered.
        if demande.get("client_id") != client.client_id:
            return self._erreur(appel, "Client inconnu.")
        if demande.get("redirect_uri") not in client.redirections:
            return self._erreur(appel, "Adresse de retour non enregistrée (redirect_uri).")
        erreur = _verifier(demande)
        if erreur is not None:
            return self._retour(appel, demande, {"error": erreur[0],
                                                 "error_description": erreur[1]})
        panne = appel.panne("code")
        if panne is not None:
            return self._retour(appel, demande, {"error": str(panne.valeur),
                                                 "error_description": "Panne demandée"})
        invite = demande.get("prompt", "")
        session = self.registre.session_vivante(appel.requete.cookies.get(_COOKIE, ""))
        if session is not None and invite != "login":
            return self._accorder(appel, demande, session)
        if invite == "none":
            return self._retour(appel, demande, {"error": "login_required"})
        reglages = self.registre.reglages
        professionnel = self.registre.professionnels.get(reglages.page_professionnel)
        if reglages.page_auto and professionnel is not None:
            return self._accorder(appel, demande, self.registre.ouvrir_session(professionnel))
        transaction = secrets.token_urlsafe(16)
        self.registre.transactions[transaction] = demande
        return self._page_de_choix(transaction)

    def _page_de_choix(self, transaction: str) -> Response:
        lignes = "".join(
            f'<label><input type="radio" name="professionnel" value="{p.id}"'
            f'{" checked" if p.id == self.registre.reglages.page_professionnel else ""}>'
            f"<span><b>{html.escape(p.prenom.title())} {html.escape(p.nom)}</b><br>"
            f"<small>{html.escape(p.libelle)} · {p.id}</small></span></label>"
            for p in self.registre.professionnels.values())
        return page("Pro Santé Connect", (
            "<p>Le logiciel <b>Pléiade</b> demande à vous identifier.</p>"
            '<form method="post" action="/auth/choix">'
            f'<input type="hidden" name="transaction" value="{transaction}">'
            f"<fieldset><legend>Professionnel fictif</legend>{lignes}</fieldset>"
            '<div class="boutons">'
            '<button class="principal" name="decision" value="approuver">S’authentifier</button>'
            '<button name="decision" value="refuser">Refuser</button>'
            '<button name="decision" value="expirer">Laisser expirer</button></div></form>'
            '<p class="note">Ni carte ni mot de passe ici : choisissez qui vous êtes.</p>'))

    async def choix(self, appel: Appel) -> Response:
        """The professional's decision. A transaction is answered once."""
        champs = appel.formulaire()
        demande = self.registre.transactions.pop(champs.get("transaction", ""), None)
        professionnel = self.registre.professionnels.get(champs.get("professionnel", ""))
        if demande is None:
            return self._erreur(appel, "Cette demande n’existe plus.")
        decision = champs.get("decision", "")
        if decision == "refuser":
            return self._retour(appel, demande, {"error": "access_denied",
                                                 "error_description": "Refus de l’utilisateur"})
        if decision == "expirer":
            appel.noter(code="expiree")
            return page("Demande expirée", "<p>Vous n’avez pas répondu à temps. Fermez cette "
                        "page et recommencez depuis votre logiciel.</p>")
        if decision != "approuver" or professionnel is None:
            return self._erreur(appel, "Choix incomplet.")
        return self._accorder(appel, demande, self.registre.ouvrir_session(professionnel))

    def _accorder(self, appel: Appel, demande: dict[str, str], session: SessionSso) -> Response:
        session.vue = self.registre.horloge.maintenant()
        code = self.registre.emettre_code(session, demande)
        appel.noter(professionnel=session.professionnel.id)
        reponse = self._retour(appel, demande, {"code": code,
                                                "session_state": session.session_state})
        reponse.set_cookie(_COOKIE, session.session_state, httponly=True, secure=True,
                           samesite="lax", path="/auth")
        return reponse

    def _retour(self, appel: Appel, demande: dict[str, str], champs: dict[str, str]
                ) -> RedirectResponse:
        if "error" in champs:
            appel.noter(code=champs["error"])
        iss = self.issuer + ("-autre" if appel.panne("iss") else "")
        tout = champs | {"iss": iss}
        if "state" in demande:
            tout["state"] = demande["state"]
        joint = "&" if "?" in demande["redirect_uri"] else "?"
        return RedirectResponse(demande["redirect_uri"] + joint + urlencode(tout), 302)

    def _erreur(self, appel: Appel, texte: str) -> Response:
        appel.noter(code="page_erreur", description=texte)
        return page("Demande refusée", f"<p>{html.escape(texte)}</p>", 400)


def _verifier(demande: dict[str, str]) -> tuple[str, str] | None:
    """First reason to refuse an authorize request, as (error, description)."""
    if demande.get("response_type") != "code":
        return "unsupported_response_type", "response_type must be code"
    if not {"openid", "scope_all"} <= set(demande.get("scope", "").split()):
        return "invalid_scope", "Invalid scopes: " + demande.get("scope", "")
    if demande.get("acr_values") != "eidas1":
        return "invalid_request", "acr_values must be eidas1"
    for nom in ("state", "nonce"):
        if len(demande.get(nom, "")) < 8:
            return "invalid_request", f"Missing or too short parameter: {nom}"
    if demande.get("code_challenge_method") != "S256":
        return "invalid_request", "code_challenge_method must be S256"
    if len(demande.get("code_challenge", "")) != 43:
        return "invalid_request", "Invalid parameter: code_challenge"
    return None
