"""`pleiade ins …`: the rules of the identité nationale de santé, one by one (design §10)."""

import argparse
import json
from pathlib import Path
from typing import Any

from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.domain import dates, matricule, names
from app.domain.comparison import EtatComparaison, comparer_identites
from app.domain.identity import Identite, StatutIdentite, Traits

_TRAITS = ("nom_naissance", "premier_prenom", "date_naissance", "sexe", "lieu_naissance",
           "prenoms", "nom_utilise", "prenom_utilise")


class Refus(Exception):
    """The command can't do it. `code` is stable, the text a French sentence."""

    def __init__(self, code: str, texte: str, sortie: int = 1) -> None:
        super().__init__(texte)
        self.code = code
        self.texte = texte
        self.sortie = sortie


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands; `--json` may stand before or after any of them."""
    parser.add_argument("--json", action="store_true", help="répond en JSON")
    commun = argparse.ArgumentParser(add_help=False)
    commun.add_argument("--json", action="store_true", default=argparse.SUPPRESS,
                        help="répond en JSON")
    sous = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

    def ajouter(nom: str, aide: str, *arguments: tuple[str, str]) -> argparse.ArgumentParser:
        fils = sous.add_parser(nom, help=aide, description=aide, parents=[commun])
        for argument, metavar in arguments:
            fils.add_argument(argument, metavar=metavar)
        return fils

    ajouter("normaliser", "forme d’un nom qui peut être gardée et envoyée", ("texte", "TEXTE"))
    ajouter("cle", "clé d’un matricule", ("matricule13", "MATRICULE13"))
    ajouter("verifier", "forme et clé d’un matricule", ("matricule15", "MATRICULE15"))
    lieu = ajouter("lieu", "lieux de naissance qui répondent à un texte", ("texte", "TEXTE"))
    lieu.add_argument("--le", metavar="AAAA-MM-JJ", type=_jour, help="à la date de naissance")
    ajouter("equivalents", "codes du même lieu à d’autres époques", ("cog", "COG"))
    ajouter("comparer", "compare deux identités", ("a", "A.json"), ("b", "B.json"))
    matrice = ajouter("datamatrix", "datamatrix INS d’une identité qualifiée", ("a", "A.json"))
    matrice.add_argument("--vers", metavar="X.png", type=Path, required=True,
                         help="image à écrire")


def run(args: argparse.Namespace) -> int:
    """Run one sub-command; 1 when it refuses, 2 when its files can't be read."""
    actions = {"normaliser": _normaliser, "cle": _cle, "verifier": _verifier, "lieu": _lieu,
               "equivalents": _equivalents, "comparer": _comparer, "datamatrix": _datamatrix}
    try:
        valeur, texte, sortie = actions[args.action](args)
    except Refus as refus:
        message(refus.texte)
        if args.json:
            json_sur_sortie({"erreur": {"code": refus.code, "message": refus.texte}})
        return refus.sortie
    if args.json:
        json_sur_sortie(valeur)
    elif texte:
        texte_sur_sortie(texte)
    return sortie


Reponse = tuple[Any, str, int]


def _jour(texte: str) -> str:
    if not dates.est_forme_du_fil(texte):
        raise argparse.ArgumentTypeError("une date s’écrit AAAA-MM-JJ")
    return texte


def _normaliser(args: argparse.Namespace) -> Reponse:
    valeur, avertissements = names.normaliser_nom(args.texte)
    return ({"valeur": valeur, "avertissements": avertissements},
            "\n".join((valeur, *avertissements)), 0)


def _cle(args: argparse.Namespace) -> Reponse:
    try:
        cle = matricule.cle(matricule.nettoyer(args.matricule13))
    except ValueError as erreur:
        raise Refus("matricule_invalide", str(erreur)) from erreur
    return {"cle": cle}, cle, 0


def _verifier(args: argparse.Namespace) -> Reponse:
    bloquants = matricule.verifier(args.matricule15)
    avertissements = bloquants + matricule.alertes(args.matricule15)
    etat = "Non valide." if bloquants else "Valide."
    return ({"valide": not bloquants, "avertissements": avertissements},
            "\n".join((etat, *avertissements)), 1 if bloquants else 0)


def _lieu(args: argparse.Namespace) -> Reponse:
    from app.usecases import places
    lieux = places.chercher(args.texte, args.le)
    valeur = [{"cog": x.cog, "libelle": x.libelle, "type": str(x.type), "du": x.du or None,
               "au": x.au or None, "successeurs": list(x.successeurs)} for x in lieux]
    texte = "\n".join(f"{x.cog}  {x.libelle}  {x.precision}".rstrip() for x in lieux)
    return valeur, texte or "Aucun lieu ne répond à ce texte.", 0


def _equivalents(args: argparse.Namespace) -> Reponse:
    from app.usecases import places
    codes = sorted(places.equivalents(args.cog.strip().upper()))
    return codes, "\n".join(places.libelle_complet(c) for c in codes) or "Aucun.", 0


def _comparer(args: argparse.Namespace) -> Reponse:
    from app.usecases import places
    resultat = comparer_identites(_identite(args.a), _identite(args.b), places.equivalents)
    differences = [{"trait": x.trait, "a": x.local or None, "b": x.insi or None,
                    "gravite": str(x.gravite)}
                   for x in resultat.lignes if x.etat is not EtatComparaison.IDENTIQUE]
    lignes = [f"{x.libelle} : {x.local or '–'} / {x.insi or '–'} ({x.gravite})"
              for x in resultat.lignes if x.etat is not EtatComparaison.IDENTIQUE]
    etat = "Identités identiques." if resultat.tout_egal else "Identités différentes."
    return ({"identiques": resultat.tout_egal, "differences": differences},
            "\n".join((etat, *lignes)), 0)


def _datamatrix(args: argparse.Namespace) -> Reponse:
    from app.documents import datamatrix
    try:
        charge = datamatrix.charge_ins(_identite(args.a, statut=StatutIdentite.QUALIFIEE))
    except ValueError as erreur:
        raise Refus("identite_incomplete",
                    "Un datamatrix INS demande matricule, OID, noms en capitales, sexe et date "
                    "de naissance.") from erreur
    try:
        args.vers.write_bytes(datamatrix.image_png(charge))
    except OSError as erreur:
        raise Refus("ecriture", "L’image ne peut pas être écrite à cet endroit.") from erreur
    return {"fichier": str(args.vers), "charge": charge}, str(args.vers), 0


def _identite(chemin: str, statut: StatutIdentite = StatutIdentite.PROVISOIRE) -> Identite:
    """Identity of a JSON file; absent and null values are empty.

    Raises:
        Refus: the file can't be read or doesn't hold an object of texts (exit code 2).
    """
    try:
        lu = json.loads(Path(chemin).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as erreur:
        raise Refus("fichier_illisible", f"{chemin} : ce fichier n’est pas un JSON lisible.",
                    2) from erreur
    if not isinstance(lu, dict) or not all(
            isinstance(v, str | None) for c, v in lu.items()
            if c in (*_TRAITS, "matricule_ins", "oid")):
        raise Refus("fichier_illisible",
                    f"{chemin} : une identité est un objet dont les valeurs sont des textes.", 2)
    traits = Traits(**{champ: lu.get(champ) or "" for champ in _TRAITS})
    return Identite(traits, statut, matricule.nettoyer(lu.get("matricule_ins") or ""),
                    lu.get("oid") or "")
