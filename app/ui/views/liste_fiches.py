"""Lists of cards of a few lines: what « À classer » and « À valider » paint alike."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.ui import theme
from app.ui.views.lignes import Index


class DelegueFiche(QStyledItemDelegate):
    """Background, current line, focus; `contenu` paints the inside."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        vue = self.parent()
        assert isinstance(vue, QListView)
        zone = QRect(option.rect)
        courante = index.row() == vue.currentIndex().row()
        survol = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.fillRect(zone, theme.couleur(
            "accent_doux" if courante else "survol" if survol else "surface"))
        painter.fillRect(zone.left(), zone.bottom(), zone.width(), 1, theme.couleur("bordure"))
        if courante:
            painter.fillRect(zone.left(), zone.top(), 3, zone.height(), theme.couleur("accent"))
        self.contenu(painter, zone.adjusted(16, 8, -14, -8), index)
        if courante and vue.hasFocus():
            painter.setPen(theme.couleur("focus"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(zone.adjusted(1, 1, -2, -2))
        painter.restore()

    def contenu(self, peintre: QPainter, zone: QRect, index: Index) -> None:
        """Paint one card inside `zone`."""
        raise NotImplementedError

    @staticmethod
    def ecrire(peintre: QPainter, zone: QRect, texte: str, police: str, role: str) -> None:
        """One line of text, cut when it is too long. :param police: role, or « role/weight »."""
        nom, _, poids = police.partition("/")
        fonte = theme.police(nom, int(poids)) if poids else theme.police(nom)
        peintre.setFont(fonte)
        peintre.setPen(theme.couleur(role))
        court = QFontMetrics(fonte).elidedText(texte, Qt.TextElideMode.ElideRight, zone.width())
        peintre.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter), court)
