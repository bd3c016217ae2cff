"""The board of the bac à sable in a browser: put a card in the reader, break a service."""

import html
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.etat import Etat
from app.sandbox.psc.portail import page

#: Faults offered by one click: label -> what `/controle/pannes` would receive.
PANNES: dict[str, dict[str, object]] = {
    "INSi indisponible (503)": {"service": "insi", "operation": "*", "type": "http",
                                "valeur": 503, "fois": -1},
    "INSi lent (10 s)": {"service": "insi", "operation": "*", "type": "delai", "valeur": 10,
                         "fois": -1},
    "DMP indisponible (503)": {"service": "dmp", "operation": "*", "type": "http", "valeur": 503,
                               "fois": -1},
    "Document tronqué à la lecture": {"service": "dmp", "operation": "TD3.2", "type": "tronque",
                                      "fois": -1},
    "Dépôt gardé sans réponse": {"service": "dmp", "operation": "TD2.1", "type": "coupure",
                                 "valeur": "apres", "fois": 1},
    "Jeton expiré": {"service": "dmp", "operation": "*", "type": "jeton_expire", "fois": 1},
}


def _bouton(action: str, valeur: str, texte: str) -> str:
    return (f'<form method="post" action="/tableau/{action}" style="display:inline">'
            f'<button name="nom" value="{html.escape(valeur)}">{html.escape(texte)}</button>'
            "</form> ")


def routes_tableau(etat: Etat) -> list[Route]:
    """`/` and the forms of its buttons."""

    async def montrer(_requete: Request) -> Response:
        carte = etat.carte.lire()
        cartes = "".join(_bouton("carte", nom, str(modele["libelle"]))
                         for nom, modele in etat.carte.modeles.items())
        posees = "".join(f"<li>{html.escape(str(p))}</li>" for p in etat.pannes.lister())
        return page("Tableau du bac à sable", (
            f"<p>Lecteur : {'une carte est présente' if carte['presente'] else 'aucune carte'}.</p>"
            f"<h2>Insérer une carte Vitale</h2><p>{cartes}</p>"
            f"<p>{_bouton('retirer', '', 'Retirer la carte')}</p>"
            f"<h2>Provoquer une panne</h2><p>"
            f"{''.join(_bouton('panne', nom, nom) for nom in PANNES)}</p>"
            f"<ul>{posees}</ul><p>{_bouton('lever', '', 'Tout réparer')}</p>"))

    async def choix(requete: Request) -> str:
        champs = parse_qs((await requete.body()).decode("utf-8", "replace"))
        return champs.get("nom", [""])[0]

    async def inserer(requete: Request) -> Response:
        nom = await choix(requete)
        if nom in etat.carte.modeles:
            etat.carte.inserer(nom)
        return RedirectResponse("/", 303)

    async def retirer(_requete: Request) -> Response:
        etat.carte.retirer()
        return RedirectResponse("/", 303)

    async def panne(requete: Request) -> Response:
        demande = PANNES.get(await choix(requete))
        if demande is not None:
            etat.pannes.poser(dict(demande))
        return RedirectResponse("/", 303)

    async def lever(_requete: Request) -> Response:
        etat.pannes.lever(None)
        return RedirectResponse("/", 303)

    return [Route("/", montrer, methods=["GET"]),
            *(Route(f"/tableau/{nom}", point, methods=["POST"]) for nom, point in
              (("carte", inserer), ("retirer", retirer), ("panne", panne), ("lever", lever)))]
