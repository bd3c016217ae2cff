"""Print a document: its pages or its structured view, the patient's traits at the foot (rule 32).

The dialog is on the thread of Qt; the pages are drawn in a worker's, one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QFont,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
)
from PySide6.QtPrintSupport import QPrinter

from app.documents.pages import page_rgba, tailles_pages
from app.ui.controllers.decoupe import decouper
from app.ui.views.structure import nouveau_document
from app.usecases.context import Contexte

#: Dots per inch of the pages of a PDF.
POINTS_PAR_POUCE = 200
_MARGES_MM = 10.0
_PIED_MM = 11.0
#: Side of the INS datamatrix with its quiet zone, and the line under it.
_SYMBOLE_MM, _MENTION_MM = 19.0, 3.5

#: Rows of a symbol, True where it is dark.
Modules = list[list[bool]]


def preparer(imprimante: QPrinter, titre: str) -> None:
    """A4, one margin, the title as the name of the job."""
    imprimante.setDocName(titre)
    imprimante.setPageLayout(QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait,
        QMarginsF(_MARGES_MM, _MARGES_MM, _MARGES_MM, _MARGES_MM),
        QPageLayout.Unit.Millimeter))


@dataclass(frozen=True, slots=True)
class Pied:
    """The foot of every page. `ins`: payload of the INS datamatrix, "" without one."""

    identite: str
    mention: str
    ins: str = ""

    def modules(self) -> Modules:
        """The modules of the datamatrix, empty without one."""
        from app.documents.datamatrix import matrice

        return matrice(self.ins) if self.ins else []


def pied_de_page(traits: Sequence[tuple[str, str]], qui: str, ins: str = "") -> Pied:
    """The traits under their labels, then when and by whom; the datamatrix at the right."""
    # A line breaks between two traits, never inside one.
    identite = "   ".join(f"{libelle} : {valeur}".replace(" ", "\u00a0")
                          for libelle, valeur in traits)
    quand = datetime.now().strftime("%d/%m/%Y à %H:%M")
    return Pied(identite, f"Imprimé le {quand} par {qui}", ins)


def imprimer_pages(ctx: Contexte, imprimante: QPrinter, pdf: bytes, pied: Pied,
                   annule: Callable[[], bool] | None = None) -> int:
    """Print the pages of a PDF; returns how many. Runs in a worker."""
    tailles = ctx.lourd(tailles_pages, pdf)
    premiere, derniere = imprimante.fromPage() or 1, imprimante.toPage() or len(tailles)
    peintre = _ouvrir(imprimante)
    imprimees = 0
    try:
        for numero in range(premiere - 1, min(derniere, len(tailles))):
            if annule is not None and annule():
                imprimante.abort()
                break
            if imprimees:
                imprimante.newPage()
            page = ctx.lourd(page_rgba, pdf, numero,
                             round(tailles[numero][0] / 72 * POINTS_PAR_POUCE))
            image = QImage(page.rgba, page.largeur, page.hauteur, page.largeur * 4,
                           QImage.Format.Format_RGBA8888)
            zone = _zone(peintre, imprimante)
            taille = QSizeF(image.size()).scaled(zone.size(), Qt.AspectRatioMode.KeepAspectRatio)
            peintre.drawImage(QRectF(zone.x() + (zone.width() - taille.width()) / 2, zone.y(),
                                     taille.width(), taille.height()), image)
            imprimees += 1
            _pied(peintre, imprimante, pied, f"Page {numero + 1} sur {len(tailles)}")
    finally:
        peintre.end()
    return imprimees


def imprimer_html(ctx: Contexte, imprimante: QPrinter, html: str, pied: Pied,
                  annule: Callable[[], bool] | None = None) -> int:
    """Print a structured view; returns the number of pages. Runs in a worker.

    Its foot carries the INS datamatrix and « INS à scanner » when the identity is qualifiée: the
    view has no page of the practice's own making that would carry them (SC.INS.24).
    """
    del ctx
    decoupe, modules = decouper(html), pied.modules()
    peintre = _ouvrir(imprimante)
    try:
        document = nouveau_document(decoupe)
        document.documentLayout().setPaintDevice(imprimante)
        document.setDefaultFont(QFont("Inter", 10))
        document.setDocumentMargin(0)
        document.setHtml(f"<style>{decoupe.style}</style>{''.join(decoupe.morceaux)}")
        zone = _zone(peintre, imprimante, modules)
        document.setPageSize(zone.size())
        total = document.pageCount()
        contexte = QAbstractTextDocumentLayout.PaintContext()
        # Ink is black whatever the theme of the window.
        contexte.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
        for numero in range(total):
            if annule is not None and annule():
                imprimante.abort()
                break
            if numero:
                imprimante.newPage()
            peintre.save()
            peintre.translate(zone.x(), zone.y() - numero * zone.height())
            contexte.clip = QRectF(0, numero * zone.height(), zone.width(), zone.height())
            peintre.setClipRect(contexte.clip)
            document.documentLayout().draw(peintre, contexte)
            peintre.restore()
            _pied(peintre, imprimante, pied, f"Page {numero + 1} sur {total}", modules)
    finally:
        peintre.end()
    return total


class ImpressionImpossible(Exception):
    """The printer refused the job."""

    message = ("L’imprimante n’a pas accepté le document. Vérifiez qu’elle est allumée, ou "
               "choisissez-en une autre.")


def _ouvrir(imprimante: QPrinter) -> QPainter:
    peintre = QPainter()
    if not peintre.begin(imprimante):
        raise ImpressionImpossible(ImpressionImpossible.message)
    return peintre


def _mm(imprimante: QPrinter, mm: float) -> float:
    return mm / 25.4 * imprimante.resolution()


def _hauteur_pied(imprimante: QPrinter, modules: Modules) -> float:
    return _mm(imprimante, _SYMBOLE_MM + _MENTION_MM + 1 if modules else _PIED_MM)


def _zone(peintre: QPainter, imprimante: QPrinter, modules: Modules | None = None) -> QRectF:
    """Where the document goes: the page without its foot."""
    tout = QRectF(peintre.viewport())
    return QRectF(0, 0, tout.width(), tout.height() - _hauteur_pied(imprimante, modules or []))


def _pied(peintre: QPainter, imprimante: QPrinter, pied: Pied, page: str,
          modules: Modules | None = None) -> None:
    tout = QRectF(peintre.viewport())
    pied_haut = _hauteur_pied(imprimante, modules or [])
    haut, large = tout.height() - pied_haut, tout.width()
    peintre.setPen(Qt.GlobalColor.black)
    peintre.drawLine(0, round(haut + _mm(imprimante, 1)), round(large),
                     round(haut + _mm(imprimante, 1)))
    police = QFont("Inter")
    police.setPointSizeF(7.5)
    peintre.setFont(police)
    if modules:
        large -= _mm(imprimante, _SYMBOLE_MM)
        _symbole(peintre, imprimante, modules, QRectF(
            large, haut + _mm(imprimante, 1.5), _mm(imprimante, _SYMBOLE_MM), pied_haut
            - _mm(imprimante, 1.5)))
        large -= _mm(imprimante, 4)
    zone = QRectF(0, haut + _mm(imprimante, 2), large, pied_haut - _mm(imprimante, 2))
    gauche = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    peintre.drawText(zone, int(gauche | Qt.TextFlag.TextWordWrap), pied.identite)
    bas = Qt.AlignmentFlag.AlignBottom
    peintre.drawText(zone, int(Qt.AlignmentFlag.AlignLeft | bas), pied.mention)
    peintre.drawText(zone, int(Qt.AlignmentFlag.AlignRight | bas), page)


def _symbole(peintre: QPainter, imprimante: QPrinter, modules: Modules, zone: QRectF) -> None:
    """The datamatrix with its quiet zone, « INS à scanner » below."""
    from app.documents.datamatrix import MENTION, ZONE_CALME

    pas = zone.width() / (len(modules) + 2 * ZONE_CALME)
    for y, ligne in enumerate(modules):
        x = 0
        while x < len(ligne):
            fin = x
            while fin < len(ligne) and ligne[fin]:
                fin += 1
            if fin > x:
                # One rectangle a run: no white hair between two dark modules.
                peintre.fillRect(QRectF(zone.x() + (x + ZONE_CALME) * pas,
                                        zone.y() + (y + ZONE_CALME) * pas, (fin - x) * pas, pas),
                                 Qt.GlobalColor.black)
            x = fin + 1
    peintre.drawText(QRectF(zone.x(), zone.y() + zone.width() - _mm(imprimante, 1), zone.width(),
                            zone.height() - zone.width() + _mm(imprimante, 1)),
                     int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), MENTION)
