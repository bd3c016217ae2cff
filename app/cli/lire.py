"""`pleiade lire FICHIER…`: what a CDA, an XDM archive or a PDF says (design §10)."""

import argparse
from pathlib import Path
from typing import Any

from app.cli.sortie import json_sur_sortie, texte_sur_sortie
from app.documents.illisible import DocumentIllisible
from app.documents.lu import DocumentLu
from app.documents.reader import TAILLE_MAX, lectures

_PATIENT = ("matricule_ins", "oid", "nom_naissance", "prenoms", "premier_prenom",
            "date_naissance", "sexe", "lieu_naissance", "nom_utilise", "prenom_utilise")
_AUTEUR = ("identifiant", "nom", "prenom", "profession")


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("fichiers", nargs="+", metavar="FICHIER",
                        help="document CDA, archive IHE_XDM ou PDF")
    parser.add_argument("--json", action="store_true", help="écrit un tableau JSON")
    parser.add_argument("--html", metavar="DOSSIER", type=Path,
                        help="écrit aussi la présentation de chaque CDA dans ce dossier")


def run(args: argparse.Namespace) -> int:
    """Read every file; return 1 when any of them, or of their documents, can't be read."""
    lus: list[DocumentLu | DocumentIllisible] = []
    for fichier in args.fichiers:
        try:
            lus.extend(lectures(_octets(Path(fichier)), fichier))
        except DocumentIllisible as erreur:
            erreur.fichier = erreur.fichier or fichier
            lus.append(erreur)
    if args.html:
        _ecrire_html(lus, args.html)
    if args.json:
        json_sur_sortie([en_json(lu) for lu in lus])
    else:
        texte_sur_sortie("\n\n".join(_en_texte(lu) for lu in lus))
    return 1 if any(isinstance(lu, DocumentIllisible) for lu in lus) else 0


def en_json(lu: DocumentLu | DocumentIllisible) -> dict[str, Any]:
    """The stable JSON form of a document, or of the reason why it can't be read."""
    if isinstance(lu, DocumentIllisible):
        return {"fichier": lu.fichier, "erreur": {"code": lu.code, "message": lu.message}}
    return {
        "fichier": lu.fichier, "nature": str(lu.nature), "type_code": lu.type_code,
        "titre": lu.titre, "id": lu.id, "set_id": lu.set_id, "version": lu.version,
        "date_acte": lu.date_acte,
        "patient": {champ: getattr(lu.patient, champ) for champ in _PATIENT},
        "auteur": {champ: getattr(lu.auteur, champ) for champ in _AUTEUR},
        "pdf_incorpore": lu.pdf_incorpore, "sections": list(lu.sections),
        "avertissements": list(lu.avertissements),
    }


def _octets(chemin: Path) -> bytes:
    """Bytes of a file, bounded.

    Raises:
        DocumentIllisible: absent, a folder, not readable, or too large.
    """
    try:
        if chemin.stat().st_size > TAILLE_MAX:
            raise DocumentIllisible("trop_gros", "Fichier trop volumineux.")
        return chemin.read_bytes()
    except FileNotFoundError:
        raise DocumentIllisible("fichier_absent", "Ce fichier n’existe pas.") from None
    except IsADirectoryError:
        raise DocumentIllisible("fichier_illisible", "C’est un dossier, pas un fichier.") from None
    except (OSError, ValueError):
        raise DocumentIllisible("fichier_illisible", "Ce fichier ne peut pas être lu.") from None


def _en_texte(lu: DocumentLu | DocumentIllisible) -> str:
    """A document as a few French lines."""
    if isinstance(lu, DocumentIllisible):
        return f"{lu.fichier}\n  Illisible : {lu.message} ({lu.code})"
    from app.documents.html_entete import personne
    from app.domain import dates, matricule
    patient = lu.patient
    nature = matricule.nature(patient.oid or "")
    ins = matricule.formater(patient.matricule_ins or "")
    sexe = {"F": "née", "M": "né"}.get(patient.sexe or "", "né(e)")
    naissance = dates.formater(patient.date_naissance or "")
    lignes = [
        ("Nature", str(lu.nature)),
        ("Titre", lu.titre),
        ("Type", " ".join(filter(None, (lu.type_code, lu.type_libelle)))),
        ("Identifiant", lu.id),
        ("Version", f"{lu.version or '?'} (série {lu.set_id})" if lu.set_id else lu.version),
        ("Date de l’acte", dates.formater(lu.date_acte or "")),
        ("Patient", ", ".join(filter(None, (
            " ".join(filter(None, (patient.nom_naissance, patient.premier_prenom))),
            f"{sexe} le {naissance}" if naissance else "",
            f"lieu {patient.lieu_naissance}" if patient.lieu_naissance else "")))),
        ("Matricule INS", f"{ins} ({nature})" if ins and nature else ins),
        ("Auteur", personne(lu.auteur)),
        ("PDF incorporé", "oui" if lu.pdf_incorpore else "non"),
        ("Sections", " ; ".join(lu.sections)),
    ]
    corps = [f"  {libelle} : {valeur}" for libelle, valeur in lignes if valeur]
    corps += [f"  Attention : {a}" for a in lu.avertissements]
    return "\n".join((lu.fichier, *corps))


def _ecrire_html(lus: list[DocumentLu | DocumentIllisible], dossier: Path) -> None:
    """Write the presentation of each CDA, numbered in the order of the answer."""
    from app.documents.html import rendre_html
    dossier.mkdir(parents=True, exist_ok=True)
    for rang, lu in enumerate(lus, start=1):
        if isinstance(lu, DocumentLu) and lu.nature.startswith("CDA"):
            (dossier / f"{rang:03d}.html").write_text(rendre_html(lu.contenu), encoding="utf-8")
