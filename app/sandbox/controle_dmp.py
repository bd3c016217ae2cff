"""Control of the DMP double and of the software card."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox.appel import json_reponse
from app.sandbox.contenus.modeles import modeles, profils
from app.sandbox.dmp.depots import GraineInvalide
from app.sandbox.dmp.modele import SCHEME_VISIBILITE, Code, Dossier, Fiche, Statut
from app.sandbox.etat import Etat

Point = Callable[[Request], Awaitable[Response]]
_STATUTS = {s.court: s for s in Statut}
_AUTORISATIONS = frozenset({"VALIDE", "EXPIRE", "NON_EXISTE", "INTERDIT"})
_BOOLEENS = ("rattache_mes", "mineur", "opposition_bris_de_glace", "opposition_urgence",
             "masques_en_urgence")


def _fiche(f: Fiche) -> dict[str, Any]:
    return {"unique_id": f.unique_id, "entry_uuid": f.entry_uuid, "logical_id": f.lid,
            "titre": f.titre, "type_code": f.type.code, "class_code": f.classe.code,
            "format_code": f.format.code, "statut": f.statut.court, "version": f.version,
            "visibilites": [c.code for c in f.confidentialites[1:]], "hash": f.hash,
            "taille": len(f.contenu), "creation": f.creation, "acte": f.debut,
            "auteurs": sorted(f.auteur_ids()), "signature": f.signature,
            "soumission": f.soumission}


def _dossier(d: Dossier) -> dict[str, Any]:
    p = d.personne
    return {"matricule": p.matricule, "oid": p.oid, "nom": p.nom, "prenom": p.prenom,
            "etat": d.etat, "motif_fermeture": d.motif_fermeture,
            "autorisation_defaut": d.autorisation_defaut,
            "autorisations": {ps: "INTERDIT" if a.interdite else a.fin.isoformat()
                              for ps, a in d.autorisations.items()},
            **{n: getattr(d, n) for n in _BOOLEENS},
            "documents": [_fiche(f) for f in d.fiches]}


def routes_dmp(etat: Etat, protege: Callable[[Point], Point],
               corps_json: Callable[[Request], Awaitable[dict[str, Any]]]) -> list[Route]:
    """`/controle/patients`, `/controle/dmp/…`, `/controle/carte…`."""
    depots = etat.dmp.depots

    def trouver(requete: Request) -> Dossier:
        dossier = depots.dossier(requete.path_params["matricule"])
        if dossier is None:
            raise GraineInvalide("Matricule inconnu du bac à sable")
        return dossier

    def document(requete: Request) -> tuple[Dossier, Fiche]:
        dossier = trouver(requete)
        fiche = dossier.par_unique_id(requete.path_params["unique_id"])
        if fiche is None:
            raise GraineInvalide("Document inconnu")
        return dossier, fiche

    async def patients(_requete: Request) -> Response:
        return json_reponse([
            {"nom_naissance": p.nom, "prenoms": p.liste_prenoms, "premier_prenom": p.prenom,
             "sexe": p.sexe, "date_naissance": p.date_naissance, "lieu_naissance": p.cog,
             "matricule_ins": p.matricule, "oid": p.oid, "dmp": p.profil_dmp,
             "comportement": p.comportement, "origine": p.origine} for p in depots.connus()])

    async def catalogue(_requete: Request) -> Response:
        return json_reponse({"profils": list(profils()),
                             "documents": {c: m.titre for c, m in modeles().items()}})

    async def lire(requete: Request) -> Response:
        return json_reponse(_dossier(trouver(requete)))

    async def semer(requete: Request) -> Response:
        demande, dossier = await corps_json(requete), trouver(requete)
        if "profil" in demande:
            dossier = depots.semer(dossier.personne.matricule, str(demande["profil"]))
        if demande.get("vider"):
            dossier.fiches.clear()
            dossier.soumissions.clear()
            dossier.associations.clear()
        _appliquer(dossier, demande, etat)
        for d in demande.get("documents", []):
            if not isinstance(d, dict):
                raise GraineInvalide("Un document est un objet")
            nombre, jours = d.get("nombre", 1), d.get("jours", 0)
            if not isinstance(nombre, int) or not isinstance(jours, int | float) or nombre > 5000:
                raise GraineInvalide("« nombre » ou « jours » incorrect")
            for _ in range(nombre):
                depots.ajouter(dossier, str(d.get("modele", "")), float(jours),
                               visibilites=d.get("visibilites"),
                               statut=str(d.get("statut", "Approved")),
                               titre=str(d.get("titre", "")))
        return json_reponse(_dossier(dossier))

    async def octets(requete: Request) -> Response:
        _, fiche = document(requete)
        return Response(fiche.contenu, media_type=fiche.mime)

    async def agir(requete: Request) -> Response:
        dossier, fiche = document(requete)
        action = str((await corps_json(requete)).get("action", ""))
        if action == "remplacer":
            modele = next(m for m in modeles().values() if m.type[0] == fiche.type.code)
            fiche = depots.ajouter(dossier, modele.cle, titre=fiche.titre, remplace=fiche)
        elif action in ("supprimer", "archiver"):
            fiche.statut = Statut.DELETED if action == "supprimer" else Statut.ARCHIVED
        elif action in ("masquer", "rendre_invisible"):
            code = "MASQUE_PS" if action == "masquer" else "INVISIBLE_PATIENT"
            fiche.confidentialites.append(Code(code, SCHEME_VISIBILITE, code))
            # Metadata change: new entryUUID, same lid and uniqueId (`spec/dmp.md` §9).
            ancien, fiche.entry_uuid = fiche.entry_uuid, f"urn:uuid:{uuid.uuid4()}"
            fiche.version += 1
            for rang, a in enumerate(dossier.associations):
                if a.cible == ancien:
                    dossier.associations[rang] = type(a)(a.id, a.type, a.source,
                                                         fiche.entry_uuid, a.statut)
        else:
            raise GraineInvalide("Action : remplacer, supprimer, archiver, masquer, "
                                 "rendre_invisible")
        return json_reponse(_fiche(fiche))

    async def carte(_requete: Request) -> Response:
        return json_reponse(etat.carte.lire())

    async def cartes(_requete: Request) -> Response:
        return json_reponse({n: c["libelle"] for n, c in etat.carte.modeles.items()})

    async def poser(requete: Request) -> Response:
        etat.carte.poser(await corps_json(requete))
        return json_reponse(etat.carte.lire())

    async def inserer(requete: Request) -> Response:
        etat.carte.inserer(str((await corps_json(requete)).get("nom", "")))
        return json_reponse(etat.carte.lire())

    async def retirer(_requete: Request) -> Response:
        etat.carte.retirer()
        return json_reponse(etat.carte.lire())

    def route(chemin: str, point: Point, methode: str) -> Route:
        return Route("/controle" + chemin, protege(point), methods=[methode])

    un = "/dmp/{matricule}/documents/{unique_id}"
    return [route("/patients", patients, "GET"), route("/catalogue", catalogue, "GET"),
            route("/dmp/{matricule}", lire, "GET"), route("/dmp/{matricule}", semer, "POST"),
            route(un, octets, "GET"), route(un, agir, "POST"),
            route("/carte", carte, "GET"), route("/carte", poser, "PUT"),
            route("/carte", retirer, "DELETE"), route("/carte/inserer", inserer, "POST"),
            route("/cartes", cartes, "GET")]


def _appliquer(dossier: Dossier, demande: dict[str, Any], etat: Etat) -> None:
    """Members of POST /controle/dmp/{matricule} that change the state of a dossier."""
    if "etat" in demande:
        if demande["etat"] not in ("actif", "ferme", "absent"):
            raise GraineInvalide("« etat » vaut actif, ferme ou absent")
        dossier.etat = demande["etat"]
        if dossier.etat == "ferme":
            dossier.motif_fermeture = str(demande.get("motif", "FERMETURE_DEMANDE_PATIENT"))
            dossier.ferme_le = etat.horloge.utc()
    if "autorisation" in demande:
        if demande["autorisation"] not in _AUTORISATIONS:
            raise GraineInvalide("« autorisation » : " + ", ".join(sorted(_AUTORISATIONS)))
        dossier.autorisation_defaut = demande["autorisation"]
        dossier.autorisations.clear()
    for nom in _BOOLEENS:
        if nom in demande:
            setattr(dossier, nom, bool(demande[nom]))
