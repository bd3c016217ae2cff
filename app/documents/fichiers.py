"""Any file that a practice receives: what it is, its documents, what belongs together.

CDA, XDM archive and PDF are read by `reader`; images, RTF and plain text are kept as documents
that say nothing of their patient. A PDF that came beside a CDA is the same document (SC.CDA/DD.15).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from app.documents.illisible import DocumentIllisible
from app.documents.images import ImageIllisible, mime_image, pages_pdf
from app.documents.incorpore import PDF
from app.documents.lu import DocumentLu, NatureDocument
from app.documents.reader import TAILLE_MAX, lectures
from app.documents.rtf import RtfIllisible, est_rtf, texte_rtf

TEXTE, RTF, XML = "text/plain", "text/rtf", "text/xml"
_TEXTES = (".txt", ".text")


@dataclass(frozen=True, slots=True)
class DocumentRecu:
    """One document of a file. `lu` is None for what is neither CDA nor PDF.

    `nom` is the name of the file it came in, `mime` what `contenu` is. `feuille` is the producer's
    sheet delivered with it, `joint` the PDF that came beside.
    """

    nom: str
    mime: str
    contenu: bytes
    lu: DocumentLu | None = None
    feuille: bytes | None = None
    joint: bytes | None = None

    @property
    def est_cda(self) -> bool:
        """True when it says who it is about."""
        return self.mime == XML


def recevoir(contenu: bytes, nom: str) -> list[DocumentRecu | DocumentIllisible]:
    """Every document of a file; what can't be read of an archive is its error.

    Raises:
        DocumentIllisible: the file itself can't be read.
    """
    if not contenu.strip():
        raise DocumentIllisible("vide", "Fichier vide.", nom)
    if len(contenu) > TAILLE_MAX:
        raise DocumentIllisible("trop_gros", "Fichier trop volumineux.", nom)
    if (image := mime_image(contenu)) is not None:
        try:
            pages_pdf(contenu)
        except ImageIllisible as erreur:
            raise DocumentIllisible("image_abimee", str(erreur), nom) from None
        return [DocumentRecu(nom, image, contenu)]
    if est_rtf(contenu):
        try:
            texte_rtf(contenu)
        except RtfIllisible as erreur:
            raise DocumentIllisible("rtf_abime", str(erreur), nom) from None
        return [DocumentRecu(nom, RTF, contenu)]
    if nom.lower().endswith(_TEXTES):
        if b"\x00" in contenu:
            raise DocumentIllisible("texte_illisible", "Ce fichier n’est pas du texte.", nom)
        return [DocumentRecu(nom, TEXTE, contenu)]
    return [lu if isinstance(lu, DocumentIllisible) else _recu(lu, nom)
            for lu in lectures(contenu, nom)]


def _recu(lu: DocumentLu, nom: str) -> DocumentRecu:
    mime = PDF if lu.nature is NatureDocument.PDF else XML
    return DocumentRecu(nom, mime, lu.contenu, lu, lu.feuille, lu.joint)


def apparier(recus: Sequence[DocumentRecu]) -> list[DocumentRecu]:
    """Fold the PDF of a CDA into it: same name, or the only two of what came together."""
    cdas = [r for r in recus if r.est_cda]
    pdfs = [r for r in recus if r.mime == PDF]
    paires: dict[int, DocumentRecu] = {}
    for pdf in pdfs:
        meme_nom = [c for c in cdas if _base(c.nom) == _base(pdf.nom)]
        if len(meme_nom) != 1 and len(cdas) == len(pdfs) == 1:
            meme_nom = cdas
        copie = [c for c in cdas if c.lu is not None and c.lu.incorpore == pdf.contenu]
        choisis = copie or meme_nom
        if len(choisis) == 1 and id(choisis[0]) not in paires:
            paires[id(choisis[0])] = pdf
    pris = {id(pdf) for pdf in paires.values()}
    return [replace(r, joint=r.joint or paires[id(r)].contenu) if id(r) in paires else r
            for r in recus if id(r) not in pris]


def _base(nom: str) -> str:
    return PurePosixPath(nom.replace("\\", "/")).stem.upper()


def texte_lisible(contenu: bytes, mime: str) -> str:
    """Text of an RTF or plain file, whatever its encoding.

    Raises:
        RtfIllisible: damaged RTF.
    """
    if mime == RTF:
        return texte_rtf(contenu)
    for encodage in ("utf-8-sig", "cp1252"):
        try:
            return contenu.decode(encodage)
        except UnicodeDecodeError:
            continue
    return contenu.decode("utf-8", errors="replace")
