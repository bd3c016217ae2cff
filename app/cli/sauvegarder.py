"""`pleiade sauvegarder [--vers DOSSIER] [--json]`: a verified backup now (design §10).

Works while the window is open. Exit code 0 done, 1 refused, 2 usage.
"""

import argparse

from app.cli import dossier
from app.cli.sortie import json_sur_sortie, texte_sur_sortie
from app.store import places
from app.usecases import backup
from app.usecases.context import Contexte


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("--vers", metavar="DOSSIER", type=dossier.chemin,
                        help="dossier de destination (par défaut, celui des réglages)")
    dossier.declarer(parser)


def run(args: argparse.Namespace) -> int:
    """Make one backup and say where it is."""
    def travail(ctx: Contexte) -> int:
        faite = backup.sauvegarder(ctx, args.vers)
        if args.json:
            json_sur_sortie({"sauvegarde": str(faite.chemin), "octets": faite.taille,
                             "coffre": str(places.chemin_coffre(faite.chemin)),
                             "verifiee": True, "cree_le": faite.cree_le.isoformat()})
        else:
            texte_sur_sortie(f"Sauvegarde faite et relue : {faite.chemin}\nGardez-la avec son "
                             f"coffre « {places.chemin_coffre(faite.chemin).name} ».")
        return 0

    return dossier.avec_dossier(args, travail)
