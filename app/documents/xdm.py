"""Writing of an IHE_XDM archive (`spec/cda.md` §12): README, INDEX, METADATA.XML and the CDA.

Names are ISO 9660 level 1; the PDF travels beside the archive, never inside. Reading is in
`reader`. The same documents give the same bytes.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from lxml import etree

from app.documents.model import lignes_adresse
from app.documents.texte import date_heure, propre
from app.documents.xds_entree import EntreeXds, entree_depuis_cda
from app.documents.xds_lot import FichierXdm, Soumission, lot_xds
from app.domain.dmp import VisibiliteDmp
from app.domain.people import Professionnel, Structure

_LOT = "IHE_XDM/SUBSET01"
#: Date of every file of the archive: the archive must not change with the clock.
_EPOQUE = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class EmetteurXdm:
    """Who sends. `unique_id` and `source_id` are the OIDs of the lot and of the installation."""

    professionnel: Professionnel
    structure: Structure
    logiciel: str
    version_logiciel: str
    editeur: str
    unique_id: str
    source_id: str
    date: datetime


@dataclass(frozen=True, slots=True)
class DocumentXdm:
    """A document to pack. `suppression` marks a suppression notice (action D)."""

    cda: bytes
    visibilites: frozenset[VisibiliteDmp] = frozenset()
    suppression: bool = False


def ecrire_xdm(documents: Sequence[DocumentXdm | bytes], emetteur: EmetteurXdm) -> bytes:
    """Pack the documents of one patient.

    Raises:
        ValueError: no document, or several patients.
        MetadonneesImpossibles, DocumentIllisible: a CDA isn't fit.
    """
    a_ecrire = [DocumentXdm(d) if isinstance(d, bytes) else d for d in documents]
    entrees = [entree_depuis_cda(d.cda, visibilites=d.visibilites) for d in a_ecrire]
    fichiers = [FichierXdm(f"DOC{n:04d}.XML", _action(d, e))
                for n, (d, e) in enumerate(zip(a_ecrire, entrees, strict=True), 1)]
    if not entrees:
        raise ValueError("an archive holds one document at least")
    titre = entrees[0].titre if len(entrees) == 1 else f"{len(entrees)} documents"
    lot = lot_xds(entrees, Soumission(emetteur.unique_id, emetteur.source_id, titre,
                                      emetteur.date), fichiers=fichiers)
    metadonnees = etree.tostring(lot, xml_declaration=True, encoding="UTF-8")
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        _ajouter(archive, "INDEX.HTM", _index(emetteur, entrees, fichiers).encode())
        _ajouter(archive, "README.TXT", _lisez_moi(emetteur, entrees, fichiers).encode())
        _ajouter(archive, f"{_LOT}/METADATA.XML", metadonnees)
        for document, fichier in zip(a_ecrire, fichiers, strict=True):
            _ajouter(archive, f"{_LOT}/{fichier.uri}", document.cda)
    return sortie.getvalue()


def _action(document: DocumentXdm, entree: EntreeXds) -> str:
    """French metadata « action »: D suppression, C new version, absent for a first sending."""
    if document.suppression:
        return "D"
    return "C" if entree.version > 1 else ""


def _ajouter(archive: zipfile.ZipFile, nom: str, octets: bytes) -> None:
    fiche = zipfile.ZipInfo(nom, _EPOQUE)
    fiche.compress_type = zipfile.ZIP_DEFLATED
    fiche.external_attr = 0o644 << 16
    archive.writestr(fiche, octets)


def _coordonnees(emetteur: EmetteurXdm) -> list[str]:
    qui, maison = emetteur.professionnel, emetteur.structure
    lignes = [f"{qui.prenom} {qui.nom}".strip(), maison.raison_sociale, *lignes_adresse(maison),
              maison.telephone and f"Téléphone : {maison.telephone}",
              maison.courriel and f"Messagerie : {maison.courriel}"]
    return [propre(ligne).replace("\u00a0", " ") for ligne in lignes if ligne]


def _lisez_moi(emetteur: EmetteurXdm, entrees: Sequence[EntreeXds],
               fichiers: Sequence[FichierXdm]) -> str:
    """README.TXT: sender, application, how to read, tree."""
    logiciel = f"{emetteur.logiciel} {emetteur.version_logiciel}".strip()
    lignes = [
        "Archive IHE_XDM de documents de santé", "",
        "Émetteur", *(f"  {ligne}" for ligne in _coordonnees(emetteur)), "",
        "Application", f"  {logiciel}, éditée par {emetteur.editeur}", "",
        "Mode d'emploi", "  Ouvrez INDEX.HTM, ou importez l'archive dans un logiciel de santé.",
        "  METADATA.XML décrit les documents ; chacun est un document CDA R2.", "",
        f"Créée le {date_heure(emetteur.date)}".replace("\u00a0", " "), "",
        "Contenu", "  INDEX.HTM", "  README.TXT", f"  {_LOT}/METADATA.XML",
        *(f"  {_LOT}/{f.uri}  {propre(e.titre)}"
          for e, f in zip(entrees, fichiers, strict=True))]
    return "\r\n".join(lignes) + "\r\n"


def _index(emetteur: EmetteurXdm, entrees: Sequence[EntreeXds],
           fichiers: Sequence[FichierXdm]) -> str:
    """INDEX.HTM: XHTML, the sender, a link to README.TXT and to each document."""
    liens = "\n".join(
        f'<li><a href="{_LOT}/{f.uri}">{escape(propre(e.titre))}</a></li>'
        for e, f in zip(entrees, fichiers, strict=True))
    emission = "<br/>\n".join(escape(ligne) for ligne in _coordonnees(emetteur))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="fr" lang="fr">
<head>
<meta http-equiv="Content-Type" content="text/html; charset=UTF-8"/>
<title>Documents de santé</title>
</head>
<body>
<h1>Documents de santé</h1>
<p>{emission}</p>
<p>Ces documents concernent une seule personne et sont couverts par le secret professionnel.</p>
<ul>
{liens}
</ul>
<p><a href="README.TXT">Lisez-moi</a></p>
</body>
</html>
"""
