"""`pleiade verifier-livraison FICHIER`: is a downloaded version the publisher's? (SC.SSI/GEN.20)

Exit code 0 it is, 1 it isn't or can't be said, 2 usage.
"""

import argparse
from pathlib import Path

from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.livraison import LivraisonRefusee, cles_connues, lire_cle, verifier


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("fichier", metavar="FICHIER", type=Path,
                        help="fichier téléchargé, avec sa liste .sha256 et sa signature à côté")
    parser.add_argument("--cle-publique", metavar="CLE",
                        help="clé de l’éditeur, au lieu de celles que porte ce programme")
    parser.add_argument("--ancienne", action="store_true",
                        help="accepte une version plus ancienne que celle de ce poste")
    parser.add_argument("--json", action="store_true", help="écrit un objet JSON")


def run(args: argparse.Namespace) -> int:
    """Check and say."""
    try:
        cles = [lire_cle(args.cle_publique)] if args.cle_publique else cles_connues()
        sure = verifier(args.fichier, cles, ancienne=args.ancienne)
    except LivraisonRefusee as refus:
        if args.json:
            json_sur_sortie({"valide": False, "message": refus.message})
        else:
            message(refus.message)
        return 1
    if args.json:
        json_sur_sortie({"valide": True, "fichier": sure.fichier, "version": sure.version,
                         "signee_le": sure.signee_le, "cle": sure.cle,
                         "plus_recente": sure.plus_recente})
    else:
        texte_sur_sortie(f"{sure.fichier}\u00a0: version {sure.version} de l’éditeur, signée le "
                         f"{sure.signee_le}. Elle peut être installée.")
    return 0
