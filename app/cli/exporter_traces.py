"""`pleiade exporter-traces --vers F.csv`: the trail as CSV, its chain verified (design §10).

Exit code 0 done, 1 refused or chain broken (the file is written all the same), 2 usage.
"""

import argparse

from app.cli import dossier
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.usecases import traces
from app.usecases.context import Contexte


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--vers", metavar="F.csv", type=dossier.chemin, required=True,
                        help="fichier CSV à créer")
    parser.add_argument("--du", metavar="DATE", default="", help="premier jour, JJ/MM/AAAA")
    parser.add_argument("--au", metavar="DATE", default="", help="dernier jour, JJ/MM/AAAA")
    parser.add_argument("--patient", metavar="N", default="", help="numéro de dossier")
    parser.add_argument("--qui", metavar="NOM", default="", help="partie du nom de l’auteur")
    parser.add_argument("--conservation", metavar="ANNEES", type=int,
                        help="règle d’abord la durée de conservation, de 1 à 30 ans")
    parser.add_argument("--purger", action="store_true",
                        help="efface les lignes échues après les avoir écrites dans F.csv")
    dossier.declarer(parser)


def run(args: argparse.Namespace) -> int:
    """Export and say what the chain is worth."""
    def travail(ctx: Contexte) -> int:
        if args.conservation is not None:
            traces.regler_conservation(ctx, args.conservation)
        if args.purger:
            return _purger(args, ctx)
        fait = traces.exporter_traces(ctx, args.vers, traces.FiltreTraces(
            args.du, args.au, args.patient, args.qui))
        regle = traces.conservation(ctx)
        if args.json:
            json_sur_sortie({
                "fichier": str(fait.chemin), "lignes": fait.lignes,
                "chaine": {"intacte": fait.chaine.intacte, "lignes": fait.chaine.lignes,
                           "rupture": fait.chaine.rupture, "raison": fait.chaine.raison},
                "conservation": {"annees": regle.annees, "echues": regle.echues}})
        else:
            texte_sur_sortie(f"{fait.lignes} ligne(s) écrite(s) dans {fait.chemin}")
        if not fait.chaine.intacte:
            message(f"Attention : la chaîne du journal est rompue à la ligne "
                    f"{fait.chaine.rupture} ({fait.chaine.raison}). Gardez le dossier tel quel.")
            return 1
        return 0

    return dossier.avec_dossier(args, travail)


def _purger(args: argparse.Namespace, ctx: Contexte) -> int:
    fait = traces.purger_traces(ctx, args.vers)
    if args.json:
        json_sur_sortie({"effacees": fait.lignes, "jusqua": fait.jusqua,
                         "archive": str(fait.archive) if fait.archive else None})
    elif fait.lignes:
        texte_sur_sortie(f"{fait.lignes} ligne(s) effacée(s), gardées dans {fait.archive}")
    else:
        texte_sur_sortie("Aucune ligne échue : rien n’a été effacé.")
    return 0
