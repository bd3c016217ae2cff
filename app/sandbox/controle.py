"""The control API: plain HTTP on its own port, for tests and curious users."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.apcv import routes_apcv
from app.sandbox.appel import json_reponse
from app.sandbox.carte import CarteInvalide
from app.sandbox.controle_appareil import routes_appareil
from app.sandbox.controle_dmp import routes_dmp
from app.sandbox.dmp.depots import GraineInvalide
from app.sandbox.etat import Etat
from app.sandbox.pannes import TYPES, TYPES_RESEAU, PanneInvalide
from app.sandbox.tableau import routes_tableau

Point = Callable[[Request], Awaitable[Response]]


class DemandeInvalide(ValueError):
    """The body of a control request makes no sense; the message (French) says why."""


async def corps_json(requete: Request) -> dict[str, Any]:
    """The body as a JSON object; empty when there is none.

    Raises
    ------
    DemandeInvalide
        Not JSON, or not an object.
    """
    brut = await requete.body()
    if not brut:
        return {}
    try:
        valeur = json.loads(brut)
    except ValueError as e:
        raise DemandeInvalide("Le corps n’est pas du JSON") from e
    if not isinstance(valeur, dict):
        raise DemandeInvalide("Un objet JSON est attendu")
    return valeur


def protege(point: Point) -> Point:
    """Turn the refusals of a control point into 400 answers."""
    async def enveloppe(requete: Request) -> Response:
        try:
            return await point(requete)
        except (DemandeInvalide, PanneInvalide, GraineInvalide, CarteInvalide) as e:
            return json_reponse({"erreur": str(e)}, 400)
    return enveloppe


def appliquer(reglages: Any, demande: dict[str, Any], noms: dict[str, str]) -> None:
    """Copy members of a request onto a settings object, types checked.

    Parameters
    ----------
    noms
        name in the request -> name of the field.

    Raises
    ------
    DemandeInvalide
        Unknown member, or a value of another type.
    """
    types = {c.name: type(getattr(reglages, c.name)) for c in fields(reglages)}
    for nom, valeur in demande.items():
        champ = noms.get(nom)
        if champ is None:
            raise DemandeInvalide(f"Membre inconnu : {nom}")
        attendu = types[champ]
        if attendu is float and isinstance(valeur, int):
            valeur = float(valeur)
        if not isinstance(valeur, attendu) or (attendu is int and isinstance(valeur, bool)):
            raise DemandeInvalide(f"Valeur refusée pour {nom}")
        setattr(reglages, champ, valeur)


def routes_controle(etat: Etat, infos: dict[str, Any], reseau_change: Callable[[], Awaitable[None]]
                    ) -> list[Route]:
    """Routes common to all services. `reseau_change` closes and opens ports, and drops
    the idle connections: a TLS fault would strike nobody who is already connected."""

    async def lire_etat(_requete: Request) -> Response:
        return json_reponse({"adresses": infos, "decalage_s": etat.horloge.decalage_s,
                             "psc": etat.psc.resume(), "pannes": etat.pannes.lister(),
                             "appels": len(etat.journal.lister())})

    async def reinitialiser(_requete: Request) -> Response:
        etat.reinitialiser()
        await reseau_change()
        return json_reponse({"ok": True})

    async def journal(requete: Request) -> Response:
        q = requete.query_params
        depuis = q.get("depuis", "0")
        if not depuis.isdigit():
            raise DemandeInvalide("« depuis » doit être un numéro")
        return json_reponse(etat.journal.lister(q.get("service", ""), q.get("operation", ""),
                                                int(depuis)))

    async def vider_journal(_requete: Request) -> Response:
        etat.journal.vider()
        return json_reponse({"ok": True})

    async def pannes(_requete: Request) -> Response:
        return json_reponse({"pannes": etat.pannes.lister(), "types": TYPES})

    async def poser(requete: Request) -> Response:
        panne = etat.pannes.poser(await corps_json(requete))
        if panne.type in TYPES_RESEAU:
            await reseau_change()
        return json_reponse(asdict(panne), 201)

    async def lever(requete: Request) -> Response:
        etat.pannes.lever(requete.path_params.get("numero"))
        await reseau_change()
        return json_reponse({"ok": True})

    async def horloge(requete: Request) -> Response:
        decalage = (await corps_json(requete)).get("decalage_s")
        if not isinstance(decalage, int | float) or isinstance(decalage, bool):
            raise DemandeInvalide("« decalage_s » doit être un nombre de secondes")
        etat.horloge.decalage_s = float(decalage)
        return json_reponse({"decalage_s": etat.horloge.decalage_s})

    async def page_psc(requete: Request) -> Response:
        demande = await corps_json(requete)
        if requete.query_params.get("auto") in ("0", "1"):
            demande["auto"] = requete.query_params["auto"] == "1"
        if demande.get("professionnel", "899700000016") not in etat.psc.professionnels:
            raise DemandeInvalide("Professionnel inconnu")
        appliquer(etat.psc.reglages, demande,
                  {"auto": "page_auto", "professionnel": "page_professionnel"})
        return json_reponse({"auto": etat.psc.reglages.page_auto,
                             "professionnel": etat.psc.reglages.page_professionnel})

    async def reglages_psc(requete: Request) -> Response:
        noms = ("userinfo_signe", "decouverte_standard", "cle_active", "duree_acces_s",
                "duree_rafraichissement_s", "ciba_intervalle_s", "ciba_duree_s")
        demande = await corps_json(requete)
        if demande.get("cle_active", 1) not in (1, 2):
            raise DemandeInvalide("« cle_active » vaut 1 ou 2")
        appliquer(etat.psc.reglages, demande, {n: n for n in noms})
        return json_reponse({n: getattr(etat.psc.reglages, n) for n in noms})

    async def client_psc(requete: Request) -> Response:
        for uri in (await corps_json(requete)).get("redirections", []):
            etat.psc.client.redirections.add(str(uri))
        return json_reponse({"client_id": etat.psc.client.client_id,
                             "redirections": sorted(etat.psc.client.redirections)})

    async def sessions_psc(_requete: Request) -> Response:
        for session_state in list(etat.psc.sessions):
            etat.psc.terminer(session_state)
        return json_reponse({"ok": True})

    async def professionnels(_requete: Request) -> Response:
        return json_reponse([{"id": p.id, "nom": p.nom, "prenom": p.prenom, "libelle": p.libelle,
                              "structures": sorted(p.structures())}
                             for p in etat.psc.professionnels.values()])

    async def reglages_edc(requete: Request) -> Response:
        demande = await corps_json(requete)
        if demande.get("cnf", "ans") not in ("ans", "rfc"):
            raise DemandeInvalide("« cnf » vaut ans ou rfc")
        appliquer(etat.edc.reglages, demande, {c.name: c.name for c in fields(etat.edc.reglages)})
        return json_reponse(asdict(etat.edc.reglages))

    async def revoquer_edc(_requete: Request) -> Response:
        etat.edc.revoquer_tout()
        return json_reponse({"ok": True})

    async def revoquer_certificat(requete: Request) -> Response:
        nom = str((await corps_json(requete)).get("nom", ""))
        if not nom.isascii() or not nom.replace("-", "").isalnum() \
                or not etat.pki.certificat(nom).exists():
            raise DemandeInvalide("Certificat inconnu")
        etat.certificats_revoques.add(etat.pki.charger_certificat(nom).serial_number)
        return json_reponse({"ok": True})

    def route(chemin: str, point: Point, methode: str) -> Route:
        return Route("/controle" + chemin, protege(point), methods=[methode])

    return [
        route("/etat", lire_etat, "GET"), route("/reinitialiser", reinitialiser, "POST"),
        route("/journal", journal, "GET"), route("/journal", vider_journal, "DELETE"),
        route("/pannes", pannes, "GET"), route("/pannes", poser, "POST"),
        route("/pannes", lever, "DELETE"), route("/pannes/{numero:int}", lever, "DELETE"),
        route("/horloge", horloge, "POST"),
        route("/psc/page", page_psc, "POST"), route("/psc/reglages", reglages_psc, "POST"),
        route("/psc/client", client_psc, "POST"), route("/psc/sessions", sessions_psc, "DELETE"),
        route("/psc/professionnels", professionnels, "GET"),
        route("/edc", reglages_edc, "POST"), route("/edc/jetons", revoquer_edc, "DELETE"),
        route("/certificats/revoquer", revoquer_certificat, "POST"),
        *routes_appareil(etat, protege, corps_json, DemandeInvalide),
        *routes_dmp(etat, protege, corps_json),
        *routes_tableau(etat),
        *routes_apcv(etat.apcv, protege, corps_json),
    ]
