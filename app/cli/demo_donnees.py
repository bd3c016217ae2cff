"""The throw-away file of the demonstration: a nurse, her round of today, fictive patients."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from app.domain.agenda import EtatPassage, LieuPassage
from app.domain.identity import Identite, Traits
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.conditions import avis_compris
from app.usecases.settings import enregistrer_reglages, lire_reglages

RESSOURCE = Path(__file__).parents[2] / "resources" / "demo" / "tournee.csv"

PROFESSIONNEL = Professionnel("899700000016", "MOREAU", "Claire", "60", civilite="MME")
CABINET = Structure("499700000016007", "Cabinet infirmier Moreau", "SA07", "3 rue des Essais",
                    "63420", "Mazoires", "0100000000", "cabinet@exemple.test")


def creer_dossier_demo(emplacement: Path, mot_de_passe: str, services: dict[str, Any],
                       delai_envoi_min: int = 0, *, avis_lu: bool = True) -> None:
    """Create the file: practice, professional, settings of the services, patients and visits.

    :param avis_lu: the notice on the DMP was read (SC.DMP/CONF.21); else the first login shows it.
    """
    ctx = creer_cabinet(emplacement, DemandeCabinet(CABINET, PROFESSIONNEL,
                                                    mot_de_passe)).contexte
    try:
        enregistrer_reglages(ctx, replace(lire_reglages(ctx), delai_envoi_min=delai_envoi_min,
                                          **services))
        if avis_lu:
            avis_compris(ctx)
        jour = date.today().isoformat()
        connus: dict[tuple[str, str], int] = {}
        with RESSOURCE.open(encoding="utf-8", newline="") as fichier, ctx.store.ecriture() as u:
            for ligne in csv.DictReader(fichier):
                cle = (ligne["nom_naissance"], ligne["premier_prenom"])
                if cle not in connus:
                    connus[cle] = u.patients.ajouter(
                        Identite(Traits(
                            ligne["nom_naissance"], ligne["premier_prenom"],
                            ligne["date_naissance"], ligne["sexe"], ligne["lieu_naissance"],
                            ligne["prenoms"], ligne["nom_utilise"])),
                        Contact(ligne["adresse"], ligne["code_postal"], ligne["commune"],
                                ligne["telephone"]),
                        auteur=ctx.qui, cause="Création").id
                passage = u.agenda.ajouter(
                    jour, ligne["heure"], ctx.compte_id, connus[cle], soins=ligne["soins"],
                    duree=int(ligne["duree"]), lieu=LieuPassage(ligne["lieu"]),
                    adresse=ligne["adresse"])
                if ligne["etat"] != EtatPassage.A_VENIR:
                    u.agenda.marquer(passage.id, EtatPassage(ligne["etat"]),
                                     version=passage.version)
    finally:
        ctx.fermer()
