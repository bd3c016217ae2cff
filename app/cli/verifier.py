"""`pleiade verifier [FICHIER]`: is a patient file, or a backup, what it should be (design §10).

Changes nothing: an older file is read as it is. Exit code 0 all good, 1 a defect or a refusal,
2 usage.
"""

import argparse
from pathlib import Path

from app.cli import dossier, secret
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.store import places, vault
from app.store.engine import ouvrir
from app.store.errors import (
    CleRefusee,
    ErreurStore,
    FichierAbime,
    FichierIntrouvable,
    FichierTropRecent,
)
from app.store.verify import EtatPoint, RapportVerification
from app.usecases import access
from app.usecases.errors import Refus

_CODES: tuple[tuple[type[ErreurStore], str], ...] = (
    (vault.MotDePasseRefuse, "mot_de_passe"), (vault.CoffreAbime, "coffre"),
    (CleRefusee, "cle"), (FichierTropRecent, "trop_recent"), (FichierAbime, "abime"),
    (FichierIntrouvable, "introuvable"))
_SIGNES = {EtatPoint.BON: "✓", EtatPoint.DEFAUT: "✗", EtatPoint.SANS_OBJET: "–"}


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("fichier", nargs="?", metavar="FICHIER", type=dossier.lieu,
                        help="dossier ou sauvegarde (par défaut, le dossier du cabinet)")
    parser.add_argument("--json", action="store_true", help="écrit un objet JSON")
    secret.declarer(parser)


def run(args: argparse.Namespace) -> int:
    """Check one file and say what was found."""
    try:
        emplacement = dossier.emplacement(args.fichier)
    except Refus as refus:
        return dossier.refuser(args, refus)
    mot = "" if places.est_url(emplacement) else secret.mot_de_passe(args)
    if mot is None:
        return 2
    try:
        rapport = _verifier(emplacement, mot)
    except (ErreurStore, Refus) as erreur:
        _dire_refus(args, emplacement, erreur)
        return 1
    if args.json:
        json_sur_sortie({
            "fichier": rapport.emplacement, "revision": rapport.revision, "bon": rapport.bon,
            "points": [{"code": p.code, "libelle": p.libelle, "etat": p.etat.value,
                        "detail": p.detail} for p in rapport.points]})
    else:
        texte_sur_sortie(_texte(rapport))
    return 0 if rapport.bon else 1


def _verifier(emplacement: Path | str, mot_de_passe: str) -> RapportVerification:
    cle = None
    if isinstance(emplacement, Path):
        if not emplacement.exists():
            raise FichierIntrouvable()
        cle = access.cle_par_mot_de_passe(emplacement, mot_de_passe)
    store = ouvrir(emplacement, cle, mettre_a_niveau=False)
    try:
        return store.verifier()
    finally:
        store.fermer()


def _dire_refus(args: argparse.Namespace, emplacement: Path | str,
                erreur: ErreurStore | Refus) -> None:
    code = getattr(erreur, "code", "") or next(
        (code for genre, code in _CODES if isinstance(erreur, genre)), "refus")
    if args.json:
        nom = str(emplacement) if isinstance(emplacement, Path) else "base PostgreSQL"
        json_sur_sortie({"fichier": nom, "bon": False,
                         "erreur": {"code": code, "message": erreur.message}})
    else:
        message(erreur.message)


def _texte(rapport: RapportVerification) -> str:
    lignes = [f"Dossier : {rapport.emplacement} (révision {rapport.revision})"]
    lignes += [f"  {_SIGNES[p.etat]} {p.libelle} : {p.detail}" for p in rapport.points]
    defauts = sum(p.etat is EtatPoint.DEFAUT for p in rapport.points)
    if not defauts:
        lignes.append("Résultat : tout est intact.")
    else:
        lignes.append(f"Résultat : {defauts} défaut{'s' if defauts > 1 else ''}. Gardez ce "
                      "fichier tel quel et restaurez la dernière sauvegarde.")
    return "\n".join(lignes)
