"""`pleiade exporter PATIENT | --cabinet --vers F.zip`: hand a file over (design §10, MIN.PORT.02);
`--echus`: which files have been kept long enough (MIN.RGPD.01).

Exit code 0 done, 1 refused, 2 usage. What isn't in the archive is said on standard error.
"""

import argparse
from pathlib import Path

from app.cli import dossier, secret
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.domain.accord import compter
from app.domain.dates import formater, lire_date_saisie
from app.domain.export_dossier import BilanExport
from app.usecases.contenu_dossier import Etendue
from app.usecases.context import Contexte
from app.usecases.durees_conservation import annees_conservation_dossiers, dossiers_echus
from app.usecases.export_dossier import exporter_cabinet, exporter_dossier

VARIABLE = "PLEIADE_MOT_DE_PASSE_ARCHIVE"


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("patient", metavar="PATIENT", nargs="?", type=int,
                        help="numéro du dossier du patient")
    parser.add_argument("--cabinet", action="store_true",
                        help="tous les dossiers, pour un autre logiciel (administrateur)")
    parser.add_argument("--echus", action="store_true",
                        help="dit quels dossiers ont passé leur durée de conservation, sans rien "
                             "écrire (administrateur)")
    parser.add_argument("--vers", metavar="F.zip", type=Path, help="archive à créer")
    parser.add_argument("--depuis", metavar="DATE", default="",
                        help="ne garde que ce qui suit ce jour, JJ/MM/AAAA")
    parser.add_argument("--professionnel", metavar="NOM", default="",
                        help="ne garde que les documents et soins de ce professionnel")
    parser.add_argument("--mot-de-passe-archive", metavar="F", type=Path,
                        help="lit le mot de passe de l’archive dans ce fichier (sinon, variable "
                             f"{VARIABLE}, sinon question)")
    parser.add_argument("--sans-mot-de-passe", action="store_true",
                        help="écrit l’archive en clair")
    dossier.declarer(parser)


def run(args: argparse.Namespace) -> int:
    """Write the archive and say what it holds."""
    if args.echus and args.patient is None and not args.cabinet:
        return dossier.avec_dossier(args, lambda ctx: _dire_echus(args, ctx))
    if args.echus or args.cabinet == (args.patient is not None) or args.vers is None:
        message("Donnez le numéro d’un dossier ou --cabinet, avec --vers\u00a0; ou --echus seul.")
        return 2
    depuis = lire_date_saisie(args.depuis) if args.depuis else ""
    if depuis is None:
        message(f"Date illisible\u00a0: «\u00a0{args.depuis}\u00a0». Écrivez JJ/MM/AAAA.")
        return 2
    mot = None
    if not args.sans_mot_de_passe:
        mot = secret.lire(args.mot_de_passe_archive, VARIABLE, "Mot de passe de l’archive")
        if mot is None:
            return 2
    etendue = Etendue(depuis, args.professionnel)

    def travail(ctx: Contexte) -> int:
        fait = (exporter_cabinet(ctx, args.vers, mot, etendue=etendue) if args.cabinet else
                exporter_dossier(ctx, args.patient, args.vers, mot, etendue=etendue))
        _dire(args, fait)
        return 0

    return dossier.avec_dossier(args, travail)


def _dire_echus(args: argparse.Namespace, ctx: Contexte) -> int:
    echus, annees = dossiers_echus(ctx), annees_conservation_dossiers(ctx)
    if args.json:
        json_sur_sortie({"annees": annees, "echus": [
            {"patient": e.patient_id, "dernier_acte": e.dernier_acte, "echeance": e.echeance}
            for e in echus]})
        return 0
    for e in echus:
        texte_sur_sortie(f"Dossier {e.patient_id}\u00a0: dernier acte le "
                         f"{formater(e.dernier_acte)}, à garder jusqu’au {formater(e.echeance)}")
    message(f"{compter(len(echus), 'dossier échu', 'dossiers échus')}, règle de {annees} ans.")
    return 0


def _dire(args: argparse.Namespace, fait: BilanExport) -> None:
    if args.json:
        json_sur_sortie({"archive": fait.chemin, "patients": fait.patients,
                         "documents": fait.documents, "octets": fait.octets,
                         "chiffree": fait.chiffre, "non_remis": list(fait.ecarte)})
        return
    texte_sur_sortie(f"{compter(fait.patients, 'dossier')} et "
                     f"{compter(fait.documents, 'document')} dans {fait.chemin}")
    if not fait.chiffre:
        message("Attention\u00a0: cette archive n’est pas chiffrée.")
    for phrase in fait.ecarte:
        message(f"Pas remis\u00a0: {phrase}")
