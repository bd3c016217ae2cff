"""Pages of a PDF, painted as they come from the worker; two pages around the visible ones kept."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.ui import theme

ECHELLE_MIN, ECHELLE_MAX = 0.4, 4.0
#: A page fitted to the width grows no further: on a wide screen it would show three lines.
ECHELLE_AJUSTEE_MAX = 1.6
_MARGE = 16
#: Images of pages kept around the visible ones.
_VOISINES = 2


class PagesPdf(QAbstractScrollArea):
    """A column of pages. It asks for images by `page_demandee`; `poser_page` brings them."""

    #: (page number from 0, width in device pixels).
    page_demandee = Signal(int, int)
    #: (page from 1, number of pages).
    page_change = Signal(int, int)
    echelle_change = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tailles: tuple[tuple[float, float], ...] = ()
        self._rects: list[QRect] = []
        self._images: dict[int, QImage] = {}
        self._demandes: dict[int, int] = {}
        self._echelle: float | None = None
        """None: fit the width."""
        self._page = 0
        self._marques: tuple[tuple[int, QRectF], ...] = ()
        self._marque = -1
        self._attente = QTimer(self)
        self._attente.setSingleShot(True)
        self._attente.setInterval(60)
        self._attente.timeout.connect(self._demander)
        self.verticalScrollBar().valueChanged.connect(lambda _: self._defiler())

    # -- content -----------------------------------------------------------------------------

    def definir(self, tailles: Sequence[tuple[float, float]]) -> None:
        """Show a new document: sizes of its pages in points."""
        self._tailles = tuple(tailles)
        self._images, self._demandes, self._echelle, self._page = {}, {}, None, 0
        self._marques, self._marque = (), -1
        self.verticalScrollBar().setValue(0)
        self.horizontalScrollBar().setValue(0)
        self._disposer()
        self._annoncer()

    def remplacer(self, tailles: Sequence[tuple[float, float]]) -> None:
        """Show another state of the same document: zoom, place and old images stay until the new
        ones come, so that nothing flickers under a hand that writes."""
        if not self._tailles or not tailles:
            self.definir(tailles)
            return
        total = len(self._tailles)
        self._tailles, self._demandes = tuple(tailles), {}
        self._images = {n: image for n, image in self._images.items() if n < len(tailles)}
        place = self.verticalScrollBar().value()
        self._disposer()
        self.verticalScrollBar().setValue(place)
        self._page = min(self._page, len(tailles) - 1)
        if len(tailles) != total:
            self._annoncer()

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """An image came. One for another zoom or a former document is ignored."""
        if self._demandes.get(numero) != largeur:
            return
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._images[numero] = image
        self.viewport().update()

    def marquer(self, marques: Sequence[tuple[int, QRectF]], courante: int = 0) -> None:
        """Show where a text was found: (page from 0, rectangle in points); go to one of them."""
        self._marques, self._marque = tuple(marques), courante if marques else -1
        if marques:
            page, zone = self._marques[courante]
            facteur = self._par_point()
            haut = self._rects[page].top() + round(zone.top() * facteur)
            barre = self.verticalScrollBar()
            vue = self.viewport().height()
            if not barre.value() + 40 <= haut <= barre.value() + vue - 60:
                barre.setValue(haut - vue // 3)
            gauche = self._rects[page].left() + round(zone.left() * facteur)
            if self.horizontalScrollBar().maximum():
                self.horizontalScrollBar().setValue(gauche - self.viewport().width() // 3)
        self.viewport().update()

    @property
    def nombre(self) -> int:
        """Number of pages."""
        return len(self._tailles)

    def image(self, numero: int) -> QImage | None:
        """The image held for a page (for tests)."""
        return self._images.get(numero)

    # -- geometry ----------------------------------------------------------------------------

    def _par_point(self) -> float:
        """Screen pixels of a point."""
        if not self._tailles:
            return 1.0
        if self._echelle is not None:
            return self._echelle * self.logicalDpiX() / 72
        large = max(t[0] for t in self._tailles)
        ajuste = (self.viewport().width() - 2 * _MARGE) / large
        return min(max(0.2, ajuste), ECHELLE_AJUSTEE_MAX * self.logicalDpiX() / 72)

    def _disposer(self) -> None:
        """Lay the pages in a column, centred."""
        facteur = self._par_point()
        self._rects = []
        y, large = _MARGE, 0
        for w, h in self._tailles:
            taille = QSize(round(w * facteur), round(h * facteur))
            self._rects.append(QRect(QPoint(0, y), taille))
            y += taille.height() + _MARGE
            large = max(large, taille.width())
        vue = self.viewport().size()
        total = large + 2 * _MARGE
        for rect in self._rects:
            rect.moveLeft((max(total, vue.width()) - rect.width()) // 2)
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(0, y - vue.height()))
        vertical.setPageStep(vue.height())
        vertical.setSingleStep(40)
        horizontal.setRange(0, max(0, total - vue.width()))
        horizontal.setPageStep(vue.width())
        voulues = {n: self._largeur_px(n) for n in self._demandes}
        perimees = [n for n, w in self._demandes.items() if voulues[n] != w]
        for n in perimees:
            del self._demandes[n]
        self.viewport().update()
        self._attente.start()

    def _largeur_px(self, numero: int) -> int:
        return max(1, round(self._rects[numero].width() * self.devicePixelRatioF()))

    def _visibles(self) -> list[int]:
        haut = self.verticalScrollBar().value()
        bas = haut + self.viewport().height()
        return [n for n, r in enumerate(self._rects) if r.bottom() >= haut and r.top() <= bas]

    def _demander(self) -> None:
        """Ask for the visible pages, then their neighbours; forget the far ones."""
        visibles = self._visibles()
        if not visibles:
            return
        voulues = list(visibles)
        for pas in range(1, _VOISINES + 1):
            voulues += [n for n in (visibles[-1] + pas, visibles[0] - pas)
                        if 0 <= n < len(self._rects)]
        for n in [n for n in self._images if n not in voulues]:
            del self._images[n]
            self._demandes.pop(n, None)
        for n in voulues:
            largeur = self._largeur_px(n)
            if self._demandes.get(n) != largeur:
                self._demandes[n] = largeur
                self.page_demandee.emit(n, largeur)

    def _defiler(self) -> None:
        self.viewport().update()
        self._attente.start()
        milieu = self.verticalScrollBar().value() + self.viewport().height() // 3
        page = next((n for n, r in enumerate(self._rects) if r.bottom() >= milieu),
                    max(0, len(self._rects) - 1))
        if page != self._page:
            self._page = page
            self._annoncer()

    def _annoncer(self) -> None:
        total = len(self._tailles)
        self.setAccessibleName(f"Page {self._page + 1} sur {total} du document" if total else
                               "Document")
        self.page_change.emit(self._page + 1 if total else 0, total)

    # -- zoom and pages ----------------------------------------------------------------------

    def zoomer(self, pas: int) -> None:
        """One step in or out."""
        actuelle = self._par_point() * 72 / self.logicalDpiX()
        self.fixer_echelle(actuelle * (1.2 ** pas))

    def fixer_echelle(self, echelle: float | None) -> None:
        """Set the scale (1.0 = real size), None to fit the width. The place read stays."""
        barre = self.verticalScrollBar()
        part = barre.value() / barre.maximum() if barre.maximum() else 0.0
        self._echelle = None if echelle is None else min(max(echelle, ECHELLE_MIN), ECHELLE_MAX)
        self._disposer()
        barre.setValue(round(part * barre.maximum()))
        self.echelle_change.emit(self._par_point() * 72 / self.logicalDpiX())

    def aller_page(self, numero: int) -> None:
        """Bring a page (from 0) to the top."""
        if 0 <= numero < len(self._rects):
            self.verticalScrollBar().setValue(self._rects[numero].top() - _MARGE // 2)

    # -- events ------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._disposer()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self.viewport())
        peintre.fillRect(self.viewport().rect(), theme.couleur("fond"))
        peintre.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        decalage = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        for n in self._visibles():
            zone = self._rects[n].translated(-decalage)
            peintre.fillRect(zone, theme.couleur("papier"))
            image = self._images.get(n)
            if image is not None:
                peintre.drawImage(QRectF(zone), image, QRectF(image.rect()))
            self._peindre_marques(peintre, n, zone)
            peintre.setPen(QPen(theme.couleur("bordure"), 1))
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawRect(zone.adjusted(0, 0, -1, -1))
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus"), 2))
            peintre.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def _peindre_marques(self, peintre: QPainter, page: int, zone: QRect) -> None:
        """What a search found, the current one framed."""
        facteur = self._par_point()
        for rang, (n, marque) in enumerate(self._marques):
            if n != page:
                continue
            fond = QColor(theme.couleur("alerte"))
            fond.setAlphaF(0.45 if rang == self._marque else 0.22)
            place = QRectF(zone.left() + marque.left() * facteur,
                           zone.top() + marque.top() * facteur, marque.width() * facteur,
                           marque.height() * facteur).adjusted(-1, -1, 1, 1)
            peintre.fillRect(place, fond)
            if rang == self._marque:
                peintre.setPen(QPen(theme.couleur("alerte"), 2))
                peintre.setBrush(Qt.BrushStyle.NoBrush)
                peintre.drawRect(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        barre = self.verticalScrollBar()
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if ctrl:
                self.zoomer(1)
            case Qt.Key.Key_Minus if ctrl:
                self.zoomer(-1)
            case Qt.Key.Key_0 if ctrl:
                self.fixer_echelle(None)
            case Qt.Key.Key_PageDown:
                self.aller_page(min(self._page + 1, len(self._rects) - 1))
            case Qt.Key.Key_PageUp:
                self.aller_page(max(self._page - 1, 0))
            case Qt.Key.Key_Home:
                barre.setValue(0)
            case Qt.Key.Key_End:
                barre.setValue(barre.maximum())
            case Qt.Key.Key_Down:
                barre.setValue(barre.value() + barre.singleStep())
            case Qt.Key.Key_Up:
                barre.setValue(barre.value() - barre.singleStep())
            case Qt.Key.Key_Space:
                barre.setValue(barre.value() + barre.pageStep() - 40)
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoomer(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)
