"""Rendering of a document as PDF/A-1b: layout by reportlab, conformity by pikepdf.

The same value gives the same bytes (no clock, no random id): the PDF inside the CDA and the one
sent beside it are identical.
"""

import io
import threading
import zlib
from collections.abc import Sequence
from typing import Any

import pikepdf
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph

from app.documents import pdf_polices as p
from app.documents.icc import profil_srgb
from app.documents.libelles import nom_professionnel
from app.documents.model import Bloc, DocumentClinique
from app.documents.pdf_blocs import flux, para
from app.documents.pdf_entete import LARGEUR, premiere_page, signature
from app.documents.texte import propre
from app.documents.xmp import MetadonneesPdf, paquet
from app.domain.dates import formater

_MARGE = 18 * mm
_HAUT, _BAS = 14 * mm, 9 * mm
_PIED = 9.0
#: A longer RGPD text is printed once, after the signature, instead of on each page.
_RGPD_MAX = 26 * mm
_verrou = threading.Lock()


def rendre_pdf(doc: DocumentClinique, corps: Sequence[Bloc] | None = None) -> bytes:
    """Render a document as PDF/A-1b.

    Args:
        doc: the document; an identity with a matricule brings the INS datamatrix.
        corps: what to print instead of `doc.corps` (the narrative of a level 3).
    """
    with _verrou:
        brut = _mettre_en_page(doc, doc.corps if corps is None else corps)
    return _conformer(brut, MetadonneesPdf(
        titre=propre(doc.titre), auteur=propre(nom_professionnel(doc.auteur)),
        sujet=propre(doc.type_libelle), createur=f"{doc.logiciel} {doc.version_logiciel}".strip(),
        date=doc.date_creation))


# --- Layout -------------------------------------------------------------------------------------

class _Toile(Canvas):
    """A canvas that knows the number of pages when it writes their feet."""

    pied: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """Keep the page instead of writing it."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]

    def save(self) -> None:
        """Write the kept pages, each with its foot."""
        pages = self._pages
        for numero, page in enumerate(pages, 1):
            self.__dict__.update(page)
            self.pied(self, numero, len(pages))
            super().showPage()
        super().save()


def _mettre_en_page(doc: DocumentClinique, corps: Sequence[Bloc]) -> bytes:
    p.enregistrer()
    rgpd = para(doc.mention_rgpd.strip(), "rgpd") if doc.mention_rgpd.strip() else None
    hauteur_rgpd = rgpd.wrap(LARGEUR, 1e6)[1] + 3 if rgpd else 0.0
    en_pied = rgpd is not None and hauteur_rgpd <= _RGPD_MAX
    bas = _BAS + _PIED + 6 + (hauteur_rgpd if en_pied else 0.0)
    largeur, hauteur = A4

    def cadre(nom: str, haut: float) -> Frame:
        return Frame(_MARGE, bas, LARGEUR, hauteur - haut - bas, id=nom, leftPadding=0,
                     rightPadding=0, topPadding=0, bottomPadding=0)

    def suite(toile: Canvas, _modele: Any) -> None:
        _rappel(toile, doc, largeur, hauteur)

    modele = BaseDocTemplate(
        sortie := io.BytesIO(), pagesize=A4, pageTemplates=[
            PageTemplate("premiere", [cadre("f1", _HAUT)], autoNextPageTemplate="suite"),
            PageTemplate("suite", [cadre("f2", _HAUT + 10 * mm)], onPage=suite)])
    contenu: list[Flowable] = [*premiere_page(doc), *flux(corps, LARGEUR), signature(doc)]
    if rgpd is not None and not en_pied:
        contenu += [para("Protection des données personnelles", "legende"), rgpd]

    def toile(fichier: Any, **options: Any) -> Canvas:
        options.update(pdfVersion=(1, 4), initialFontName=p.NORMAL, invariant=1,
                       pageCompression=1, lang="fr-FR")
        feuille = _Toile(fichier, **options)
        feuille.pied = lambda t, n, total: _pied(t, doc, rgpd if en_pied else None, n, total)
        return feuille

    modele.build(contenu, canvasmaker=toile)
    return sortie.getvalue()


def _elide(texte: str, police: str, corps: float, place: float) -> str:
    """The text cut with … to fit in `place` points."""
    texte = p.imprimable(propre(texte).replace("\n", " "))
    if p.largeur(texte, police, corps) <= place:
        return texte
    while texte and p.largeur(texte + "…", police, corps) > place:
        texte = texte[:-1]
    return texte.rstrip() + "…"


def _rappel(toile: Canvas, doc: DocumentClinique, largeur: float, hauteur: float) -> None:
    """Running head from the second page on: whose document a loose sheet is."""
    ligne = hauteur - _HAUT
    toile.setFillColor(p.TEXTE)
    toile.setFont(p.DEMI_GRAS, 8)
    patient = doc.patient
    naissance = f", né(e) le\u00a0{formater(patient.date_naissance)}"
    place = LARGEUR * 0.55 - p.largeur(naissance, p.DEMI_GRAS, 8)
    nom = _elide(f"{patient.nom_naissance} {patient.premier_prenom}", p.DEMI_GRAS, 8, place)
    toile.drawString(_MARGE, ligne, nom + naissance)
    toile.setFillColor(p.TEXTE2)
    toile.setFont(p.NORMAL, 8)
    toile.drawRightString(largeur - _MARGE, ligne,
                          _elide(doc.titre, p.NORMAL, 8, LARGEUR * 0.42))
    toile.setStrokeColor(p.BORDURE)
    toile.setLineWidth(0.6)
    toile.line(_MARGE, ligne - 5, largeur - _MARGE, ligne - 5)


def _pied(toile: Canvas, doc: DocumentClinique, rgpd: Paragraph | None, numero: int,
          total: int) -> None:
    """RGPD text, identifier of the document, page n/N."""
    largeur = A4[0]
    haut = _BAS + _PIED
    if rgpd is not None:
        hauteur = rgpd.wrap(LARGEUR, 1e6)[1]
        rgpd.drawOn(toile, _MARGE, haut + 2)
        haut += hauteur + 3
    toile.setStrokeColor(p.BORDURE)
    toile.setLineWidth(0.6)
    toile.line(_MARGE, haut + 2, largeur - _MARGE, haut + 2)
    toile.setFillColor(p.TEXTE2)
    toile.setFont(p.NORMAL, 6.8)
    toile.drawString(_MARGE, _BAS, _elide(
        f"Document {doc.id}, version\u00a0{doc.version}", p.NORMAL, 6.8, LARGEUR * 0.8))
    toile.setFont(p.MOYEN, 8)
    toile.drawRightString(largeur - _MARGE, _BAS, f"Page\u00a0{numero}/{total}")


# --- Conformity ---------------------------------------------------------------------------------

def _conformer(brut: bytes, infos: MetadonneesPdf) -> bytes:
    """Make a PDF/A-1b of what reportlab wrote: output intent, XMP, Info, version 1.4."""
    with pikepdf.open(io.BytesIO(brut)) as pdf:
        racine = pdf.Root
        profil = pikepdf.Stream(pdf, zlib.compress(profil_srgb()), N=3,
                                Filter=pikepdf.Name.FlateDecode)
        condition = pikepdf.String("sRGB IEC61966-2.1")
        racine.OutputIntents = pikepdf.Array([pikepdf.Dictionary(
            Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1,
            OutputConditionIdentifier=condition, Info=condition,
            DestOutputProfile=pdf.make_indirect(profil))])
        racine.Metadata = pdf.make_indirect(pikepdf.Stream(
            pdf, paquet(infos), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML))
        racine.Lang = pikepdf.String("fr-FR")
        pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(
            Title=infos.titre, Author=infos.auteur, Subject=infos.sujet, Creator=infos.createur,
            Producer=infos.producteur, CreationDate=infos.date_pdf, ModDate=infos.date_pdf))
        sortie = io.BytesIO()
        # Streams are compressed already; the metadata must stay readable.
        pdf.save(sortie, object_stream_mode=pikepdf.ObjectStreamMode.disable,
                 compress_streams=False, force_version="1.4", deterministic_id=True)
    return sortie.getvalue()
