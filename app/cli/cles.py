"""`pleiade cles GESTE`: the keys of the practice (design §5).

`etat` says what is known, `changer` encrypts the practice under a new key, `secours` makes a new
recovery key, `poste` lets this workstation's key store open the practice. Exit code 0 done,
1 refused, 2 usage.
"""

import argparse
import sys

from app.cli import dossier, secret
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.usecases import cles
from app.usecases.context import Contexte


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the gestures."""
    sous = parser.add_subparsers(dest="geste", metavar="GESTE", required=True)
    sous.add_parser("etat", help="dit quand les clés ont changé")
    sous.add_parser("changer", help="rechiffre le cabinet sous une clé neuve")
    secours = sous.add_parser("secours", help="remplace la clé de secours imprimée")
    secours.add_argument("--oui", action="store_true",
                         help="ne demande pas de recopier : la clé écrite sur la sortie est gardée")
    poste = sous.add_parser("poste", help="ouverture par le trousseau de clés de ce poste")
    poste.add_argument("choix", choices=("activer", "retirer"))
    for fils in sous.choices.values():
        dossier.declarer(fils)


def run(args: argparse.Namespace) -> int:
    """Do one gesture."""
    if args.geste == "poste" and args.choix == "activer":
        mot = secret.mot_de_passe(args)
        if mot is None:
            return 2
        secret_du_poste = mot

        def activer(ctx: Contexte) -> int:
            cles.activer_trousseau(ctx, secret_du_poste)
            return _dire(args, "Ce poste ouvre maintenant le dossier pour votre compte.")

        return dossier.avec_dossier(args, activer, mot=mot)
    gestes = {"etat": _etat, "changer": _changer, "secours": _secours, "poste": _retirer}
    geste = gestes[args.geste]
    return dossier.avec_dossier(args, lambda ctx: geste(args, ctx))


def _dire(args: argparse.Namespace, texte: str, **valeurs: object) -> int:
    if args.json:
        json_sur_sortie({"fait": True, **valeurs})
    else:
        texte_sur_sortie(texte)
    return 0


def _etat(args: argparse.Namespace, ctx: Contexte) -> int:
    etat = cles.etat_cles(ctx)
    if args.json:
        json_sur_sortie({
            "cle_changee_le": etat.cle_le or None, "secours_change_le": etat.secours_le or None,
            "trousseau": etat.trousseau or None, "trousseau_actif": etat.trousseau_actif,
            "coffre_intact": ctx.store.coffre_intact()})
        return 0
    trousseau = ("aucun sur ce poste" if not etat.trousseau else
                 f"{etat.trousseau}, {'actif' if etat.trousseau_actif else 'non employé'}")
    texte_sur_sortie("\n".join((
        f"Clé du dossier : {_depuis(etat.cle_le)}", f"Clé de secours : {_depuis(etat.secours_le)}",
        f"Trousseau de clés : {trousseau}",
        f"Coffre : {'intact' if ctx.store.coffre_intact() else 'MODIFIÉ HORS DE PLÉIADE'}")))
    return 0


def _depuis(date: str) -> str:
    return f"changée le {date[8:10]}/{date[5:7]}/{date[:4]}" if date else "celle de la création"


def _changer(args: argparse.Namespace, ctx: Contexte) -> int:
    faite = cles.changer_cle(ctx)
    if faite.echec:
        message(f"La sauvegarde qui suit n’a pas pu être faite. {faite.echec}")
    return _dire(args, "Clé du dossier changée. Mots de passe et clé de secours restent les "
                       "mêmes ; les sauvegardes plus anciennes gardent l’ancienne clé.",
                 sauvegarde=str(faite.sauvegarde) if faite.sauvegarde else None)


def _secours(args: argparse.Namespace, ctx: Contexte) -> int:
    nouvelle = cles.preparer_secours(ctx)
    if not args.oui:
        if not sys.stdin.isatty():
            message("Ajoutez --oui pour remplacer la clé sans la recopier. Rien n’a été modifié.")
            return 2
        texte_sur_sortie(f"Nouvelle clé de secours, à écrire sur papier :\n\n  {nouvelle}\n")
        if input("Recopiez-la depuis la feuille : ").strip().upper() != nouvelle:
            message("Ce n’est pas cette clé : l’ancienne reste valable.")
            return 1
    cles.poser_secours(ctx, nouvelle)
    return _dire(args, f"{nouvelle}\nClé de secours remplacée : l’ancienne feuille n’ouvre plus "
                       "rien, sauf les sauvegardes plus anciennes.", cle_secours=nouvelle)


def _retirer(args: argparse.Namespace, ctx: Contexte) -> int:
    cles.desactiver_trousseau(ctx)
    return _dire(args, "Ce poste demande de nouveau le mot de passe.")
