"""The real window plays the main job in a process that can write in one folder only.

Arguments: the folder, and a JSON file that says where the servers are. It writes `pret` on stdout
while the file is open, waits for a line, then ends as the line says: `fermer` or `mourir`.
"""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXTE = "Cicatrisation zébrée kumquat, 7 mm de fibrine"


@dataclass
class _Serveur:
    etat: dict[str, Any]


def main(dossier: Path, serveurs: dict[str, Any]) -> None:
    """Play, then wait for the order to end."""
    from tests.isolement import ecrire_seulement_dans

    ecrire_seulement_dans(dossier)
    from app.protection import proteger_memoire

    proteger_memoire()
    from app.cli.demo import MOT_DE_PASSE
    from app.cli.demo_donnees import creer_dossier_demo
    from app.cli.serveurs import BacASable, NavigateurSimule
    from app.devices.logicielle import LecteurLogiciel
    from app.ui.lancer import Application, OptionsFenetre, nouvelle_application

    bac = BacASable(_Serveur(serveurs["bac"]), _Serveur(serveurs["proxy"]),  # type: ignore[arg-type]
                    dossier)
    cabinet = dossier / "cabinet.pleiade"
    creer_dossier_demo(cabinet, MOT_DE_PASSE, bac.reglages_services)
    application = Application(OptionsFenetre(
        emplacement=cabinet, lecteur=LecteurLogiciel(bac.controle),
        ouvrir_url=NavigateurSimule(bac).ouvrir), nouvelle_application())
    _travailler(application, bac, dossier)
    print("pret", flush=True)
    if sys.stdin.readline().strip() == "mourir":
        os.abort()
    application.fermer()


def _travailler(application: Any, bac: Any, dossier: Path) -> None:
    from app.cli.demo import MOT_DE_PASSE
    from app.cli.pilote import Pilote
    from app.ui.presse_papiers import presse_papiers
    from app.usecases import backup, cles, patients
    from tests.scenarios import test_geste_principal as gestes
    from tests.scenarios.conftest import Poste

    poste = Poste.__new__(Poste)
    poste.bac, poste.application = bac, application
    application.fenetre.resize(1366, 768)
    pilote = poste.pilote = Pilote(application.fenetre, None)
    application.demarrer()
    application.acces.ouvrir(MOT_DE_PASSE)
    pilote.attendre(lambda: pilote.voit("Tournée du matin"), "la tournée")
    poste.connecter()
    patient_id = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
    poste.carte("ADRUN")
    pilote.attendre(lambda: pilote.voit("Récupérée"), "identité récupérée")
    gestes.choisir_document(poste)
    pilote.attendre(lambda: poste.statut(patient_id) == "qualifiee", "qualifiée")
    gestes.consentir(poste)
    pilote.attendre(lambda: pilote.bouton("Ouvrir le plus récent"), "compteurs")
    pilote.cliquer("Ouvrir le plus récent")
    pilote.attendre(lambda: pilote.bouton("Intégrer"), "document ouvert")
    pilote.attendre(lambda: pilote.voit("Identité conforme"))
    pilote.cliquer("Intégrer")
    gestes.rediger(poste, TEXTE)
    pilote.attendre(lambda: bool(gestes.ordres(poste)), "ordre")
    backup.sauvegarder(poste.ctx)
    cles.changer_cle(poste.ctx)
    with poste.ctx.store.ecriture() as u:  # what stays in the write-ahead log
        u.observations.ajouter(patient_id, TEXTE, auteur_id=poste.ctx.compte_id)
    with poste.ctx.store.lecture() as u:
        matricule = u.patients.lire(patient_id).identite.matricule_ins
    print(json.dumps({"matricule": matricule}), flush=True)
    presse_papiers().copier(TEXTE, "observation")
    application.verrouiller("essai")
    pilote.laisser(0.3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
