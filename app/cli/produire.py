"""`pleiade produire`: the documents of a value, as CDA, PDF/A and XDM (design §10)."""

import argparse
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import __version__
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie
from app.documents.types import TypeDocument, types_documents

#: A value larger than this isn't a document.
TAILLE_MAX = 20_000_000


def declare(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("type", nargs="?", metavar="TYPE", help="type de document (voir --types)")
    geste = parser.add_mutually_exclusive_group(required=True)
    geste.add_argument("--types", action="store_true", help="liste les types de documents")
    geste.add_argument("--gabarit", action="store_true",
                       help="écrit une valeur d’exemple du TYPE, en JSON")
    geste.add_argument("--depuis", metavar="VALEUR.json", help="valeur du document (- : entrée)")
    parser.add_argument("--vers", metavar="DOSSIER", type=Path, help="où écrire les documents")
    parser.add_argument("--json", action="store_true", help="répond en JSON")


def run(args: argparse.Namespace) -> int:
    """List the kinds, print an example, or produce a document."""
    if args.types:
        return _lister(args.json)
    connus = {t.cle for t in types_documents()}
    if args.type is None:
        message("Indiquez le type du document ; « pleiade produire --types » les liste.")
        return 2
    if args.type not in connus:
        message(f"Le type « {args.type} » n’existe pas ; « pleiade produire --types » les liste.")
        return 2
    if args.gabarit:
        from app.documents.gabarits import gabarit
        json_sur_sortie(gabarit(args.type, datetime.now(UTC).astimezone()))
        return 0
    if args.vers is None:
        message("Indiquez où écrire : --vers DOSSIER.")
        return 2
    return _produire(args.type, args.depuis, args.vers, args.json)


def _lister(en_json: bool) -> int:
    lignes = [_ligne(t) for t in types_documents()]
    if en_json:
        json_sur_sortie(lignes)
        return 0
    largeur = max(len(li["type"]) for li in lignes)
    texte_sur_sortie("\n".join(
        f"{li['type']:<{largeur}}  {li['type_code']:<14} {li['format']:<18} {li['titre']}  "
        f"({', '.join(li['professions'])})" for li in lignes))
    return 0


def _ligne(modele: TypeDocument) -> dict[str, Any]:
    return {"type": modele.cle, "titre": modele.titre, "type_code": modele.type_code,
            "format": modele.format, "professions": list(modele.professions)}


def _produire(type_cle: str, source: str, vers: Path, en_json: bool) -> int:
    from app.documents.controle import DocumentIncomplet
    from app.documents.production import produire
    from app.documents.saisie import depuis_saisie
    from app.documents.valeur_json import ValeurInvalide
    from app.documents.xds import MetadonneesImpossibles

    maintenant = datetime.now(UTC).astimezone().replace(microsecond=0)
    try:
        donnees = _lire(source)
        document = depuis_saisie(type_cle, donnees, maintenant=maintenant,
                                 version_logiciel=__version__)
        produit = produire(document)
        racine = str(donnees["racine_oid"])
        archive = _archive(document, produit.cda, racine, maintenant)
    except (DocumentIncomplet, ValeurInvalide) as refus:
        phrases = refus.manques if isinstance(refus, DocumentIncomplet) else refus.phrases
        return _refuser(phrases, en_json)
    except (MetadonneesImpossibles, _LectureImpossible) as refus:
        return _refuser((str(refus),), en_json)
    if donnees.get("patient", {}).get("matricule_ins") and not document.patient.matricule_ins:
        message("L’identité n’est pas qualifiée : le matricule INS n’est pas transmis.")
    fichiers = {"document.xml": produit.cda, "document.pdf": produit.pdf, "IHE_XDM.ZIP": archive}
    try:
        _ecrire(vers, fichiers)
    except OSError as erreur:
        return _refuser((f"Écriture impossible dans {vers} : {erreur.strerror}.",), en_json)
    if en_json:
        json_sur_sortie({"fichiers": [str(vers / nom) for nom in fichiers], "id": document.id,
                         "set_id": document.set_id, "version": document.version})
    else:
        texte_sur_sortie("\n".join(str(vers / nom) for nom in fichiers))
    return 0


def _archive(document: Any, cda: bytes, racine: str, maintenant: datetime) -> bytes:
    from app.documents.oids import CategorieOid, nouvel_oid
    from app.documents.xdm import EmetteurXdm, ecrire_xdm
    return ecrire_xdm([cda], EmetteurXdm(
        document.auteur, document.structure, document.logiciel, document.version_logiciel,
        "Pléiade", nouvel_oid(racine, CategorieOid.LOT), racine, maintenant))


class _LectureImpossible(Exception):
    """The value can't be read."""


def _lire(source: str) -> dict[str, Any]:
    try:
        if source == "-":
            import sys
            octets = sys.stdin.buffer.read(TAILLE_MAX + 1)
        else:
            with Path(source).open("rb") as flux:
                octets = flux.read(TAILLE_MAX + 1)
        if len(octets) > TAILLE_MAX:
            raise _LectureImpossible("Cette valeur est trop volumineuse.")
        donnees = json.loads(octets)
    except OSError:
        raise _LectureImpossible(f"Le fichier {source} ne peut pas être lu.") from None
    except (ValueError, RecursionError):
        raise _LectureImpossible(f"Le fichier {source} n’est pas du JSON.") from None
    if not isinstance(donnees, dict):
        raise _LectureImpossible("La valeur doit être un objet JSON.")
    return donnees


def _refuser(phrases: tuple[str, ...], en_json: bool) -> int:
    message("Le document n’est pas produit.")
    for phrase in phrases:
        message(f"- {phrase}")
    if en_json:
        json_sur_sortie({"manques": list(phrases)})
    return 1


def _ecrire(vers: Path, fichiers: dict[str, bytes]) -> None:
    """Write all the files or none: each beside its place first, then renamed."""
    vers.mkdir(parents=True, exist_ok=True)
    prets: list[tuple[Path, Path]] = []
    try:
        for nom, octets in fichiers.items():
            numero, chemin = tempfile.mkstemp(dir=vers, prefix=".", suffix=".tmp")
            prets.append((Path(chemin), vers / nom))
            with os.fdopen(numero, "wb") as flux:
                flux.write(octets)
        for provisoire, definitif in prets:
            provisoire.replace(definitif)
    finally:
        for provisoire, _ in prets:
            provisoire.unlink(missing_ok=True)
