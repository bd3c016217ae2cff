"""The simulated phone or card tool of CIBA: settings by JSON, and a small screen in HTML."""

import html
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.appel import json_reponse
from app.sandbox.etat import Etat
from app.sandbox.psc import ciba
from app.sandbox.psc.portail import page

Point = Callable[[Request], Awaitable[Response]]


def routes_appareil(etat: Etat, protege: Callable[[Point], Point],
                    corps_json: Callable[[Request], Awaitable[dict[str, Any]]],
                    invalide: type[ValueError]) -> list[Route]:
    """`/controle/psc/appareil` (JSON) and `/appareil` (the screen)."""

    def attente() -> list[dict[str, Any]]:
        t = etat.horloge.maintenant()
        return [{"id": d.id, "professionnel": d.professionnel.id, "message": d.message,
                 "canal": d.canal, "decision": d.decision, "reste_s": round(d.expire - t, 1)}
                for d in etat.psc.ciba.values() if not d.utilisee and d.expire > t]

    async def lire(_requete: Request) -> Response:
        reglages = etat.psc.reglages
        return json_reponse({"decision": reglages.appareil_decision,
                             "delai_s": reglages.appareil_delai_s, "demandes": attente()})

    async def regler(requete: Request) -> Response:
        demande = await corps_json(requete)
        decision = demande.get("decision", etat.psc.reglages.appareil_decision)
        delai = demande.get("delai_s", etat.psc.reglages.appareil_delai_s)
        if decision not in ciba.DECISIONS:
            raise invalide("Décision inconnue : " + ", ".join(sorted(ciba.DECISIONS)))
        if not isinstance(delai, int | float) or isinstance(delai, bool) or delai < 0:
            raise invalide("« delai_s » doit être un nombre positif")
        etat.psc.reglages.appareil_decision = decision
        etat.psc.reglages.appareil_delai_s = float(delai)
        return json_reponse({"decision": decision, "delai_s": delai})

    async def decider(requete: Request) -> Response:
        decision = str((await corps_json(requete)).get("decision", ""))
        if not ciba.decider(etat.psc, requete.path_params["demande"], decision):
            return json_reponse({"erreur": "Demande inconnue ou terminée"}, 404)
        return json_reponse({"ok": True})

    async def ecran(_requete: Request) -> Response:
        cartes = "".join(
            f'<form method="post" action="/appareil/{html.escape(d["id"])}"><fieldset>'
            f'<legend>Demande pour {html.escape(d["professionnel"])}</legend>'
            f'<p style="font-size:3rem;font-weight:700;margin:.2rem 0">{d["message"]}</p>'
            f'<p class="note">Comparez ces deux chiffres à ceux de votre logiciel. '
            f'Moyen : {"carte" if d["canal"] == "CARD" else "téléphone"} · expire dans '
            f'{int(d["reste_s"])} s</p><div class="boutons">'
            '<button class="principal" name="decision" value="approuver">Approuver</button>'
            '<button name="decision" value="refuser">Refuser</button></div></fieldset></form>'
            for d in attente())
        return page("Votre appareil", cartes or "<p>Aucune demande en attente.</p>")

    async def repondre(requete: Request) -> Response:
        champs = (await requete.body()).decode("utf-8", "replace")
        decision = "approuver" if "decision=approuver" in champs else "refuser"
        ciba.decider(etat.psc, requete.path_params["demande"], decision)
        return RedirectResponse("/appareil", 303)

    base = "/controle/psc/appareil"
    return [Route(base, protege(lire), methods=["GET"]),
            Route(base, protege(regler), methods=["POST"]),
            Route(base + "/{demande}", protege(decider), methods=["POST"]),
            Route("/appareil", ecran, methods=["GET"]),
            Route("/appareil/{demande}", repondre, methods=["POST"])]
