"""Tables of the patient's screens: whole rows, painted, with hover, selection bar, focus ring."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.ui import theme

Index = QModelIndex | QPersistentModelIndex
_MARGE = 8


def hauteur_ligne() -> int:
    """Height of a row: 36 at 100 %, more when the text grows."""
    return max(theme.espace(36), QFontMetrics(theme.police("body")).height() + 16)


class TableLignes(QTableView):
    """Read-only table of rows: one column of it is elastic, the others fit their content."""

    def __init__(self, nom: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(nom)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        tete = self.horizontalHeader()
        tete.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        tete.setHighlightSections(False)
        tete.setSectionsClickable(False)
        tete.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        tete.setMinimumSectionSize(24)
        theme.poser(tete, police="small/500")
        self.ligne_survolee = -1
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        """Heights follow the text size."""
        self.verticalHeader().setMinimumSectionSize(hauteur_ligne())
        self.verticalHeader().setDefaultSectionSize(hauteur_ligne())
        self.horizontalHeader().setFixedHeight(
            max(theme.espace(30), QFontMetrics(theme.police("small", 500)).height() + 14))
        self.repartir()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._survoler(self.rowAt(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._survoler(-1)

    def _survoler(self, ligne: int) -> None:
        if ligne != self.ligne_survolee:
            self.ligne_survolee = ligne
            self.viewport().update()

    def ligne_courante(self) -> int:
        """Row of the current index, -1 without one."""
        index = self.currentIndex()
        return index.row() if index.isValid() else -1

    def aller_a(self, ligne: int) -> None:
        """Make a row current and visible."""
        index = self.model().index(ligne, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.repartir()

    def repartir(self) -> None:
        """Share the width between the columns; overridden by each list."""


class DelegueLigne(QStyledItemDelegate):
    """Paints the frame of a row; `cellule` paints the content of one cell."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, hauteur_ligne())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = self.parent()
        assert isinstance(table, TableLignes)
        zone = QRect(option.rect)
        courante = index.row() == table.ligne_courante()
        painter.save()
        if courante:
            fond = "accent_doux"
        elif index.row() == table.ligne_survolee:
            fond = "survol"
        else:
            fond = "surface"
        painter.fillRect(zone, theme.couleur(fond))
        painter.fillRect(QRect(zone.left(), zone.bottom(), zone.width(), 1),
                         theme.couleur("bordure"))
        premiere = index.column() == 0
        if courante and premiere:
            painter.fillRect(QRect(zone.left(), zone.top(), 3, zone.height()),
                             theme.couleur("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marge = theme.espace(_MARGE)
        self.cellule(painter, zone.adjusted(marge, 0, -marge, -1), index, fond)
        if courante and table.hasFocus():
            self._anneau(painter, table, index)
        painter.restore()

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        """Paint the content of a cell in `zone` (margins taken off) over the token `fond`."""
        raise NotImplementedError

    def _anneau(self, painter: QPainter, table: TableLignes, index: Index) -> None:
        """Ring of the current row, drawn by each cell on its own part."""
        ligne = table.visualRect(table.model().index(index.row(), 0))
        largeur = table.viewport().width()
        anneau = QRectF(1, ligne.top() + 1, largeur - 2, ligne.height() - 3)
        painter.setPen(QPen(theme.couleur("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setClipRect(table.visualRect(table.model().index(index.row(), index.column())))
        painter.drawRoundedRect(anneau, 3, 3)

    def texte(self, painter: QPainter, zone: QRect, texte: str, role: str = "texte",
              police: QFont | None = None, *,
              alignement: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> int:
        """Write an elided text; returns its width."""
        police = police or theme.police("body")
        mesure = QFontMetrics(police)
        court = mesure.elidedText(texte, Qt.TextElideMode.ElideRight, zone.width())
        painter.setFont(police)
        painter.setPen(theme.couleur(role))
        painter.drawText(zone, int(alignement | Qt.AlignmentFlag.AlignVCenter), court)
        return mesure.horizontalAdvance(court)

    def icone_texte(self, painter: QPainter, zone: QRect, icone: str, texte: str, role: str,
                    police: QFont | None = None, cote: int = 16) -> None:
        """An icon, a gap of 6, a text."""
        grand = theme.espace(cote)
        dessin = QRect(zone.left(), zone.center().y() - grand // 2 + 1, grand, grand)
        theme.icone(icone, role, cote).paint(painter, dessin)
        self.texte(painter, zone.adjusted(grand + theme.espace(6), 0, 0, 0), texte, role, police)
