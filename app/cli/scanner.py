"""`pleiade scanner`: what a GS1 code or an INS datamatrix says (design §10)."""

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.devices.scan import LectureCode, NatureCode, interpreter
from app.devices.scan_gs1 import Avertissement, EtatLecture

_INS = ("matricule_ins", "oid", "nom_naissance", "prenoms", "date_naissance", "sexe",
        "lieu_naissance")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("code", metavar="TEXTE|IMAGE",
                        help="texte lu par un lecteur de codes, ou fichier image (- : entrée)")
    parser.add_argument("--au", type=_jour, metavar="AAAA-MM-JJ",
                        help="jour auquel la péremption est jugée (aujourd’hui par défaut)")
    parser.add_argument("--json", action="store_true", help="répond en JSON")


def _jour(texte: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise argparse.ArgumentTypeError(f"« {texte} » n’est pas un jour AAAA-MM-JJ") from None


def run(args: argparse.Namespace) -> int:
    """Read the text or the image; 1 when nothing could be read."""
    au = args.au or date.today()
    lue = _lire(args.code, au)
    if args.json:
        json_sur_sortie(en_json(lue))
    else:
        texte_sur_sortie(_en_texte(lue))
    return 1 if lue.etat is EtatLecture.ERREUR else 0


def _lire(code: str, au: date) -> LectureCode:
    if code == "-":
        return interpreter(sys.stdin.buffer.read(100_000).decode("latin-1"), au)
    chemin = Path(code)
    try:
        est_fichier = chemin.is_file()
    except (OSError, ValueError):
        # Too long, or with characters that no file name has: a text.
        est_fichier = False
    return _image(chemin, au) if est_fichier else interpreter(code, au)


def _image(chemin: Path, au: date) -> LectureCode:
    from app.devices.scan_image import OCTETS_MAX, ImageIllisible, lire_image, ouvrir
    try:
        with chemin.open("rb") as flux:
            octets = flux.read(OCTETS_MAX + 1)
        codes = lire_image(ouvrir(octets))
    except OSError:
        return _erreur("UNREADABLE", f"Le fichier {chemin} ne peut pas être lu.")
    except ImageIllisible as refus:
        return _erreur("UNREADABLE", str(refus))
    if not codes:
        return _erreur("NO_CODE", "Aucun code n’a été trouvé dans l’image.")
    lectures = [interpreter(c.complet, au) for c in codes]
    utiles = [lu for lu in lectures if lu.nature is not NatureCode.INCONNU]
    choisie = (utiles or lectures)[0]
    if len({(lu.nature, lu.gtin, lu.lot, lu.ins) for lu in utiles}) > 1:
        note = Avertissement("SEVERAL_CODES", "L’image porte plusieurs codes : le premier est lu.")
        choisie = replace(choisie, avertissements=(*choisie.avertissements, note))
    return choisie


def _erreur(code: str, texte: str) -> LectureCode:
    return LectureCode(EtatLecture.ERREUR, NatureCode.INCONNU,
                       avertissements=(Avertissement(code, texte),))


def en_json(lue: LectureCode) -> dict[str, Any]:
    """The stable JSON form of a reading; absent values are null."""
    vaccin = lue.vaccin
    return {
        "etat": str(lue.etat), "nature": str(lue.nature), "gtin": lue.gtin or None,
        "cip13": lue.cip13 or None, "peremption": lue.peremption or None,
        "lot": lue.lot or None, "serie": lue.serie or None,
        "vaccin": None if vaccin is None else {
            "nom": vaccin.denomination, "cis": vaccin.cis, "atc": vaccin.atc or None,
            "maladies": list(vaccin.maladies)},
        "ins": None if lue.ins is None else {
            champ: getattr(lue.ins, champ) or None for champ in _INS},
        "avertissements": [{"code": a.code, "message": a.message} for a in lue.avertissements],
    }


def _en_texte(lue: LectureCode) -> str:
    from app.domain.dates import formater
    from app.domain.matricule import formater as formater_matricule
    lignes = [("État", str(lue.etat)), ("Nature", str(lue.nature)), ("GTIN", lue.gtin),
              ("CIP", lue.cip13), ("Péremption", formater(lue.peremption)), ("Lot", lue.lot),
              ("Série", lue.serie)]
    if lue.vaccin is not None:
        lignes += [("Vaccin", lue.vaccin.denomination), ("CIS", lue.vaccin.cis),
                   ("ATC", f"{lue.vaccin.atc} {lue.vaccin.atc_libelle}".strip()),
                   ("Maladies", ", ".join(lue.vaccin.noms_maladies))]
    if lue.ins is not None:
        lignes += [("Matricule INS", formater_matricule(lue.ins.matricule_ins)),
                   ("Nom de naissance", lue.ins.nom_naissance), ("Prénoms", lue.ins.prenoms),
                   ("Date de naissance", formater(lue.ins.date_naissance)), ("Sexe", lue.ins.sexe),
                   ("Lieu de naissance", lue.ins.lieu_naissance)]
    for note in lue.avertissements:
        message(f"{note.code} : {note.message}")
    return "\n".join(f"{nom} : {valeur}" for nom, valeur in lignes if valeur)
