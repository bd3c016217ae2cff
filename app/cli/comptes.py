"""`pleiade comptes lister|ajouter|mot-de-passe|retirer|second-facteur|politique` (IAM.91, IAM.92).

Exit code 0 done, 1 refused, 2 usage.
"""

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from app.cli import dossier, secret
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.domain.dates import formater, lire_date_saisie
from app.domain.mot_de_passe import ESSAIS_MAX
from app.domain.people import Professionnel
from app.domain.roles import ROLES, Acces
from app.store.errors import ErreurStore
from app.usecases import access, comptes, mots_de_passe, second_facteur
from app.usecases.context import Contexte
from app.usecases.errors import Refus

VARIABLE_NOUVEAU = "PLEIADE_NOUVEAU_MOT_DE_PASSE"


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands."""
    sous = parser.add_subparsers(dest="geste", metavar="GESTE", required=True)
    lister = sous.add_parser("lister", help="les comptes, leurs rôles et leurs dates")
    ajouter = sous.add_parser("ajouter", help="crée un compte")
    ajouter.add_argument("--nom", required=True)
    ajouter.add_argument("--prenom", required=True)
    ajouter.add_argument("--role", action="append", required=True, metavar="CODE",
                         help=f"répétable : {', '.join(ROLES)}, ou un rôle du cabinet")
    ajouter.add_argument("--identifiant", default="",
                         help="8 suivi du numéro RPPS ; un identifiant interne sinon")
    ajouter.add_argument("--profession", default="", help="code TRE_G15 (60 infirmier…)")
    ajouter.add_argument("--du", default="", metavar="DATE", help="premier jour, JJ/MM/AAAA")
    ajouter.add_argument("--au", default="", metavar="DATE", help="dernier jour, JJ/MM/AAAA")
    changer = sous.add_parser("mot-de-passe", help="change un mot de passe")
    changer.add_argument("--compte", type=int, metavar="N",
                         help="numéro du compte (par défaut, le sien)")
    changer.add_argument("--cle-secours", action="store_true",
                         help="mot de passe oublié : ouvre par la clé de secours (variable "
                              f"{secret.VARIABLE_CLE_SECOURS}, ou question)")
    retirer = sous.add_parser("retirer", help="retire un compte")
    retirer.add_argument("compte", type=int, metavar="N", help="numéro du compte")
    facteur = sous.add_parser("second-facteur", help="retire le second facteur d’un compte")
    facteur.add_argument("compte", type=int, metavar="N", help="numéro du compte")
    politique = sous.add_parser("politique", help="montre ou règle la politique des mots de passe")
    for nom, aide in (("longueur", "caractères au moins"), ("classes", "3 ou 4 sortes de signes"),
                      ("expiration", "jours, 0 : aucune"), ("historique", "anciens refusés")):
        politique.add_argument(f"--{nom}", type=int, metavar="N", help=aide)
    for fils in (ajouter, changer):
        fils.add_argument("--nouveau-fichier", metavar="F", type=Path,
                          help="lit le nouveau mot de passe dans ce fichier (sinon, variable "
                               f"{VARIABLE_NOUVEAU}, sinon question)")
    for fils in (lister, ajouter, changer, retirer, facteur, politique):
        dossier.declarer(fils)


def run(args: argparse.Namespace) -> int:
    """Do one gesture."""
    gestes = {"lister": _lister, "ajouter": _ajouter, "retirer": _retirer,
              "politique": _politique, "second-facteur": _facteur}
    if args.geste == "mot-de-passe":
        return _changer(args)
    geste = gestes[args.geste]

    def travail(ctx: Contexte) -> int:
        return geste(args, ctx)

    return dossier.avec_dossier(args, travail)


def _lister(args: argparse.Namespace, ctx: Contexte) -> int:
    lignes = comptes.lister_comptes(ctx)
    if args.json:
        json_sur_sortie([_valeurs(c) for c in lignes])
    else:
        texte_sur_sortie("\n".join(_texte(c) for c in lignes))
    return 0


def _valeurs(c: comptes.Compte) -> dict[str, object]:
    p = c.professionnel
    return {"compte": c.id, "identifiant": p.identifiant, "nom": p.nom, "prenom": p.prenom,
            "profession": p.profession or None, "roles": list(c.acces.roles),
            "du": c.acces.du or None, "au": c.acces.au or None,
            "mot_de_passe_change_le": c.change_le or None,
            "mot_de_passe": c.avec_mot_de_passe}


def _texte(c: comptes.Compte) -> str:
    jours = (f", du {formater(c.acces.du)} au {formater(c.acces.au)}"
             if c.acces.du and c.acces.au else "")
    roles = ", ".join(ROLES[r].libelle if r in ROLES else r for r in c.acces.roles)
    return f"{c.id}  {c.professionnel.prenom} {c.professionnel.nom} : {roles}{jours}"


def _ajouter(args: argparse.Namespace, ctx: Contexte) -> int:
    nouveau = secret.lire(args.nouveau_fichier, VARIABLE_NOUVEAU, "Mot de passe du compte")
    if nouveau is None:
        return 2
    du, au = (_jour(args.du), _jour(args.au))
    fait = comptes.ajouter_compte(
        ctx, Professionnel(args.identifiant, args.nom, args.prenom, args.profession),
        Acces(tuple(dict.fromkeys(args.role)), du, au), nouveau)
    if args.json:
        json_sur_sortie(_valeurs(fait))
    else:
        texte_sur_sortie(f"Compte créé : {_texte(fait)}")
    return 0


def _jour(texte: str) -> str:
    jour = lire_date_saisie(texte) if texte else ""
    if jour is None:
        raise Refus(f"Date illisible : « {texte} ». Écrivez JJ/MM/AAAA.")
    return jour


def _retirer(args: argparse.Namespace, ctx: Contexte) -> int:
    comptes.retirer_compte(ctx, args.compte)
    _dire(args, args.compte, "Compte retiré.")
    return 0


def _facteur(args: argparse.Namespace, ctx: Contexte) -> int:
    second_facteur.retirer_second_facteur(ctx, args.compte)
    _dire(args, args.compte, "Second facteur retiré.")
    return 0


def _politique(args: argparse.Namespace, ctx: Contexte) -> int:
    with ctx.store.lecture() as u:
        regle = mots_de_passe.lire_politique(u)
    voulus = {champ: valeur for champ, valeur in (
        ("longueur_min", args.longueur), ("classes", args.classes),
        ("expiration_jours", args.expiration), ("historique", args.historique))
        if valeur is not None}
    if voulus:
        regle = mots_de_passe.enregistrer_politique(ctx, replace(regle, **voulus))
    if args.json:
        json_sur_sortie(asdict(regle))
    else:
        vie = f"{regle.expiration_jours} jours" if regle.expiration_jours else "sans expiration"
        texte_sur_sortie(f"{regle.longueur_min} caractères au moins, {regle.classes} sortes de "
                         f"signes, {vie}, {regle.historique} anciens refusés, blocage au "
                         f"{ESSAIS_MAX}ᵉ échec.")
    return 0


def _dire(args: argparse.Namespace, numero: int, texte: str) -> None:
    if args.json:
        json_sur_sortie({"compte": numero, "fait": True})
    else:
        texte_sur_sortie(texte)


def _changer(args: argparse.Namespace) -> int:
    """An expired password still opens the way to its own change."""
    ancien = (secret.lire(None, secret.VARIABLE_CLE_SECOURS, "Clé de secours")
              if args.cle_secours else secret.mot_de_passe(args))
    nouveau = None if ancien is None else secret.lire(args.nouveau_fichier, VARIABLE_NOUVEAU,
                                                      "Nouveau mot de passe")
    if ancien is None or nouveau is None:
        return 2
    lieu = dossier.emplacement(args.dossier)
    try:
        ctx = (access.deverrouiller_par_secours(lieu, ancien) if args.cle_secours
               else dossier.ouvrir(lieu, ancien, expiration=False))
        if ctx is None:
            return 2
        try:
            mots_de_passe.changer_mot_de_passe(
                ctx, nouveau, ancien="" if args.cle_secours else ancien, compte_id=args.compte,
                secours=args.cle_secours)
            _dire(args, args.compte or ctx.compte_id, "Mot de passe changé.")
        finally:
            ctx.fermer()
    except (Refus, ErreurStore) as erreur:
        return dossier.refuser(args, erreur)
    if args.cle_secours:
        message("Pensez à ranger la clé de secours.")
    return 0
