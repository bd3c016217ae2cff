"""What the commands on an open practice share: which file, unlocking, refusals."""

import argparse
from collections.abc import Callable
from pathlib import Path

from app.cli import secret
from app.cli.sortie import json_sur_sortie, message
from app.store import places
from app.store.errors import ErreurStore
from app.usecases import access
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.second_facteur import CodeDemande


def declarer(parser: argparse.ArgumentParser) -> None:
    """Add `--dossier`, `--json` and the password option."""
    parser.add_argument("--dossier", metavar="FICHIER", type=lieu,
                        help="dossier du cabinet, ou URL PostgreSQL (par défaut, celui du poste)")
    parser.add_argument("--json", action="store_true", help="écrit un objet JSON")
    secret.declarer(parser)


def chemin(texte: str) -> Path:
    """Type of an argument that names a file or a folder: an empty one is a slip of a script, and
    would be the current folder."""
    if not texte.strip():
        raise argparse.ArgumentTypeError("le chemin est vide")
    return Path(texte)


def lieu(texte: str) -> Path | str:
    """Type of an argument that names a file, or a database by its address."""
    if not places.est_url(texte):
        return chemin(texte)
    if not places.url_lisible(texte):
        raise argparse.ArgumentTypeError("l’adresse de la base est illisible (postgresql://"
                                         "utilisateur@serveur:port/base)")
    return texte


def emplacement(choisi: Path | str | None) -> Path | str:
    """The file named by the user, else the practice's own. :raises Refus: an address is wrong."""
    ou = choisi or places.emplacement_par_defaut()
    if places.est_url(ou) and not places.url_lisible(str(ou)):
        raise Refus(f"L’adresse de la base dans {places.VARIABLE} est illisible.")
    return ou


def refuser(args: argparse.Namespace, erreur: Exception) -> int:
    """Say why, in the form asked for; exit code 1."""
    texte = str(getattr(erreur, "message", "") or erreur)
    if args.json:
        json_sur_sortie({"erreur": {"code": getattr(erreur, "code", "") or "refus",
                                    "message": texte}})
    else:
        message(texte)
    return 1


def ouvrir(lieu: Path | str, mot: str, *, expiration: bool = True) -> Contexte | None:
    """Unlock with the password, and the code when the account has a second factor.

    :return: None when the code is missing; it was said on standard error.
    """
    try:
        return access.deverrouiller(lieu, mot, expiration=expiration)
    except CodeDemande:
        code = secret.code()
        if code is None:
            return None
        return access.deverrouiller(lieu, mot, expiration=expiration, code=code)


def avec_dossier(args: argparse.Namespace, travail: Callable[[Contexte], int], *,
                 mot: str | None = None) -> int:
    """Unlock the practice, work, close. Exit codes: 0, 1 refused, 2 usage.

    :param mot: the password, when the command has already asked for it.
    """
    mot = secret.mot_de_passe(args) if mot is None else mot
    if mot is None:
        return 2
    try:
        ctx = ouvrir(emplacement(args.dossier), mot)
        if ctx is None:
            return 2
        try:
            return travail(ctx)
        finally:
            ctx.fermer()
    except (Refus, ErreurStore) as erreur:
        return refuser(args, erreur)
