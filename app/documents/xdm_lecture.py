"""Read an IHE_XDM archive: every document of it, and whether it is what the archive says.

The names of `spec/cda.md` §12 are advice: the URI slot is the truth, any case is accepted, files
that nothing names are left alone.
"""

import hashlib
import posixpath
from collections.abc import Callable
from dataclasses import replace

from app.documents.illisible import DocumentIllisible
from app.documents.lu import DocumentLu, NatureDocument
from app.documents.xdm_metadonnees import EntreeXdm, lire_metadonnees
from app.documents.zip_sur import ArchiveSure

#: How one document of the archive is read: (bytes, name) -> document.
LecteurDocument = Callable[[bytes, str], DocumentLu]

_PAS_DES_DOCUMENTS = frozenset({"METADATA.XML", "INDEX.HTM", "INDEX.HTML", "README.TXT"})


def lire_archive(contenu: bytes, nom: str,
                 lire_un: LecteurDocument) -> list[DocumentLu | DocumentIllisible]:
    """Read every document of an archive; one that can't be read is returned as its error.

    Raises:
        DocumentIllisible: the archive itself is refused, or holds no document.
    """
    archive = ArchiveSure(contenu)
    metadonnees = [n for n in archive.noms if posixpath.basename(n).upper() == "METADATA.XML"]
    lus: list[DocumentLu | DocumentIllisible] = []
    if metadonnees:
        for chemin in sorted(metadonnees):
            lus.extend(_lire_lot(archive, chemin, nom, lire_un))
    else:
        lus.extend(_lire_sans_metadonnees(archive, nom, lire_un))
    if not lus:
        raise DocumentIllisible("archive_sans_document",
                                "Cette archive ne contient aucun document de santé.")
    return lus


def _lire_lot(archive: ArchiveSure, chemin: str, nom: str,
              lire_un: LecteurDocument) -> list[DocumentLu | DocumentIllisible]:
    """Documents of one submission set."""
    try:
        entrees = lire_metadonnees(archive.lire(chemin))
    except DocumentIllisible as erreur:
        return [DocumentIllisible(erreur.code, f"Métadonnées illisibles. {erreur.message}",
                                  _chemin(nom, chemin))]
    dossier = posixpath.dirname(chemin)
    lus: list[DocumentLu | DocumentIllisible] = []
    internes = [archive.trouver(posixpath.normpath(posixpath.join(dossier, e.uri)))
                for e in entrees]
    cdas = {_base(n) for n in internes if n and n.upper().endswith(".XML")}
    for entree, interne in zip(entrees, internes, strict=True):
        if interne and interne.upper().endswith(".PDF") and _base(interne) in cdas:
            continue  # the other form of the CDA of that name (SC.CDA/DD.15)
        if not entree.uri or interne is None:
            lus.append(DocumentIllisible(
                "archive_fichier_absent", "Document annoncé par l’archive, mais absent.",
                _chemin(nom, posixpath.join(dossier, entree.uri))))
            continue
        try:
            octets = archive.lire(interne)
            document = lire_un(octets, _chemin(nom, interne))
        except DocumentIllisible as erreur:
            lus.append(DocumentIllisible(erreur.code, erreur.message, _chemin(nom, interne)))
            continue
        ecarts = tuple(_incoherences(entree, octets, document))
        lus.append(_avec_voisins(archive, interne, replace(
            document, avertissements=(*document.avertissements, *ecarts), incoherences=ecarts,
            action=entree.action)))
    return lus


def _base(interne: str) -> str:
    return posixpath.splitext(interne)[0].upper()


def _avec_voisins(archive: ArchiveSure, interne: str, document: DocumentLu) -> DocumentLu:
    """The document with the producer's sheet and the PDF that stand beside it."""
    if document.nature is NatureDocument.PDF:
        return document
    base, dossier = _base(interne), posixpath.dirname(interne)
    appelee = posixpath.basename(document.feuille_de_style.replace("\\", "/")).strip("#")
    remarques: list[str] = []
    feuille = _voisin(archive, interne, remarques,
                      *([posixpath.join(dossier, appelee)] if appelee else []),
                      f"{base}.XSL", f"{base}.XSLT")
    joint = _voisin(archive, interne, remarques, f"{base}.PDF")
    if joint is not None and b"%PDF-" not in joint[:1024]:
        joint = None
        remarques.append("Le fichier PDF joint au document n’est pas un PDF.")
    return replace(document, feuille=feuille, joint=joint,
                   avertissements=(*document.avertissements, *remarques))


def _voisin(archive: ArchiveSure, interne: str, remarques: list[str],
            *noms: str) -> bytes | None:
    """Bytes of the first of these files that the archive holds."""
    for nom in noms:
        trouve = archive.trouver(nom)
        if trouve is None or trouve == interne:
            continue
        try:
            return archive.lire(trouve)
        except DocumentIllisible:
            remarques.append("Un fichier joint au document est abîmé dans l’archive.")
            return None
    return None


def _lire_sans_metadonnees(archive: ArchiveSure, nom: str,
                           lire_un: LecteurDocument) -> list[DocumentLu | DocumentIllisible]:
    """Archives without METADATA.XML: every XML or PDF file, with a warning."""
    remarque = "Archive sans METADATA.XML : l’intégrité du document n’est pas vérifiable."
    lus: list[DocumentLu | DocumentIllisible] = []
    cdas = {_base(n) for n in archive.noms if n.upper().endswith(".XML")
            and posixpath.basename(n).upper() not in _PAS_DES_DOCUMENTS}
    for interne in sorted(archive.noms):
        court = posixpath.basename(interne).upper()
        if court in _PAS_DES_DOCUMENTS or not court.endswith((".XML", ".PDF")):
            continue
        if court.endswith(".PDF") and _base(interne) in cdas:
            continue
        try:
            document = lire_un(archive.lire(interne), _chemin(nom, interne))
        except DocumentIllisible as erreur:
            lus.append(DocumentIllisible(erreur.code, erreur.message, _chemin(nom, interne)))
            continue
        lus.append(_avec_voisins(archive, interne, replace(
            document, avertissements=(*document.avertissements, remarque),
            incoherences=(remarque,))))
    return lus


def _chemin(archive: str, interne: str) -> str:
    return f"{archive}!{interne}" if archive else interne


def _incoherences(entree: EntreeXdm, octets: bytes, document: DocumentLu) -> list[str]:
    """Disagreements between the archive and the document (`spec/cda.md` §12.2)."""
    suite: list[str] = []
    # The XDS metadata impose SHA-1; it detects accidents, it proves no origin.
    empreinte = hashlib.sha1(octets, usedforsecurity=False).hexdigest()
    if entree.hash_sha1 and entree.hash_sha1 != empreinte:
        suite.append("L’empreinte annoncée par l’archive n’est pas celle du document.")
    if entree.taille is not None and entree.taille != len(octets):
        suite.append("La taille annoncée par l’archive n’est pas celle du document.")
    if entree.unique_id and document.id and entree.unique_id != document.id:
        suite.append("L’identifiant annoncé par l’archive n’est pas celui du document.")
    if entree.type_code and document.type_code and entree.type_code != document.type_code:
        suite.append("Le type annoncé par l’archive n’est pas celui du document.")
    if document.patient.matricule_ins and entree.patient_id and not _meme_patient(
            entree.patient_id, document):
        suite.append("Le patient annoncé par l’archive n’est pas celui du document.")
    return suite


def _meme_patient(cx: str, document: DocumentLu) -> bool:
    """True when a CX (`id^^^&oid&ISO^type`) is one of the identifiers of the document."""
    champs = cx.split("^")
    autorite = champs[3].split("&") if len(champs) > 3 else []
    racine = autorite[1] if len(autorite) > 1 else ""
    return any(i.valeur == champs[0] and racine in ("", i.racine)
               for i in document.patient.identifiants)
