"""`pleiade restaurer SAUVEGARDE --vers FICHIER`: a backup becomes the practice again (design §10).

Exit code 0 done, 1 refused (nothing was modified), 2 usage.
"""

import argparse
from pathlib import Path

from app.cli import dossier, secret
from app.cli.sortie import json_sur_sortie, texte_sur_sortie
from app.store.errors import ErreurStore
from app.store.restore import Restauration
from app.store.verify import EtatPoint
from app.usecases.errors import Refus
from app.usecases.restore import restaurer


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("sauvegarde", metavar="SAUVEGARDE", type=dossier.chemin,
                        help="fichier .pleiade, son coffre .coffre.json à côté de lui")
    parser.add_argument("--vers", metavar="FICHIER", required=True, type=dossier.lieu,
                        help="fichier à créer, ou URL d’une base PostgreSQL vide")
    parser.add_argument("--cle-secours", action="store_true",
                        help="ouvre par la clé de secours (fichier, variable "
                             f"{secret.VARIABLE_CLE_SECOURS}, ou question)")
    parser.add_argument("--cle-secours-fichier", metavar="F", type=Path,
                        help="lit la clé de secours dans ce fichier")
    parser.add_argument("--mettre-de-cote", action="store_true",
                        help="déplace d’abord le cabinet existant dans un dossier daté")
    parser.add_argument("--json", action="store_true", help="écrit un objet JSON")
    secret.declarer(parser)


def run(args: argparse.Namespace) -> int:
    """Restore and say what was found."""
    secours = bool(args.cle_secours or args.cle_secours_fichier)
    lu = (secret.lire(args.cle_secours_fichier, secret.VARIABLE_CLE_SECOURS, "Clé de secours")
          if secours else secret.mot_de_passe(args))
    if lu is None:
        return 2
    try:
        faite = restaurer(args.sauvegarde, args.vers, mettre_de_cote=args.mettre_de_cote,
                          **{"cle_secours" if secours else "mot_de_passe": lu})
    except (Refus, ErreurStore) as erreur:
        return dossier.refuser(args, erreur)
    if args.json:
        json_sur_sortie({
            "restaure": _nom(faite), "bon": faite.rapport.bon,
            "mis_de_cote": str(faite.mis_de_cote) if faite.mis_de_cote else None,
            "points": [{"code": p.code, "etat": p.etat.value, "detail": p.detail}
                       for p in faite.rapport.points]})
    else:
        texte_sur_sortie(_texte(faite))
    return 0


def _nom(faite: Restauration) -> str:
    return str(faite.emplacement) if isinstance(faite.emplacement, Path) else "base PostgreSQL"


def _texte(faite: Restauration) -> str:
    lignes = [f"Cabinet restauré : {_nom(faite)}"]
    if faite.mis_de_cote:
        lignes.append(f"L’ancien cabinet est mis de côté dans : {faite.mis_de_cote}")
    lignes += [f"Attention, {p.libelle} : {p.detail}" for p in faite.rapport.points
               if p.etat is EtatPoint.DEFAUT]
    lignes.append("Les envois qui n’étaient pas partis seront vérifiés auprès du DMP avant de "
                  "repartir.")
    return "\n".join(lignes)
