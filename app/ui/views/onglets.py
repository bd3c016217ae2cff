"""A tab bar whose tabs keep their width: the bold word of the current one cut the last tab."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QTabBar

from app.ui import theme


class Onglets(QTabBar):
    """As wide as if every tab were the current one."""

    def tabSizeHint(self, rang: int) -> QSize:
        taille = super().tabSizeHint(rang)
        if not self.isTabVisible(rang):
            return taille
        texte = self.tabText(rang)
        gras, maigre = (QFontMetrics(theme.police("body", poids)).horizontalAdvance(texte)
                        for poids in (600, 500))
        plus = gras - maigre if rang != self.currentIndex() else 0
        return QSize(taille.width() + plus, taille.height())

    def sizeHint(self) -> QSize:
        """With a few pixels more: rounded widths of fonts bring the arrows otherwise."""
        taille = super().sizeHint()
        return QSize(taille.width() + theme.espace(8), taille.height())
