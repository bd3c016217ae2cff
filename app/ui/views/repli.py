"""A row of widgets that goes on at the next line when the text is large or the window narrow."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class Repli(QLayout):
    """Left to right, then the next line; the last widget stays at the right end of its line.

    Args:
        ecart: px between two widgets, and between two lines.
        a_droite: False when the last widget follows the others.
    """

    def __init__(self, ecart: int = 8, *, a_droite: bool = True,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._elements: list[QLayoutItem] = []
        self._ecart, self._a_droite = ecart, a_droite
        self.setContentsMargins(0, 0, 0, 0)

    # -- What Qt asks -----------------------------------------------------------------------

    def addItem(self, element: QLayoutItem) -> None:
        self._elements.append(element)

    def count(self) -> int:
        return len(self._elements)

    def itemAt(self, rang: int) -> QLayoutItem | None:
        return self._elements[rang] if 0 <= rang < len(self._elements) else None

    def takeAt(self, rang: int) -> QLayoutItem | None:
        return self._elements.pop(rang) if 0 <= rang < len(self._elements) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, largeur: int) -> int:
        haut, bas = self.contentsMargins().top(), self.contentsMargins().bottom()
        lignes = self._lignes(self._interieur(largeur))
        return haut + bas + sum(self._haut(ligne) for ligne in lignes) \
            + self._ecart * max(0, len(lignes) - 1)

    def sizeHint(self) -> QSize:
        """On one line."""
        marges, montres = self.contentsMargins(), self._montres()
        large = sum(e.sizeHint().width() for e in montres) \
            + self._ecart * max(0, len(montres) - 1)
        return QSize(large + marges.left() + marges.right(),
                     self._haut(montres) + marges.top() + marges.bottom())

    def minimumSize(self) -> QSize:
        """The widest widget alone."""
        marges, montres = self.contentsMargins(), self._montres()
        return QSize(max((e.minimumSize().width() for e in montres), default=0)
                     + marges.left() + marges.right(),
                     self._haut(montres) + marges.top() + marges.bottom())

    def setGeometry(self, zone: QRect) -> None:
        super().setGeometry(zone)
        marges = self.contentsMargins()
        dedans = zone.marginsRemoved(marges)
        y, montres = dedans.top(), self._montres()
        for ligne in self._lignes(dedans.width()):
            haut, x = self._haut(ligne), dedans.left()
            for element in ligne:
                taille = element.sizeHint().boundedTo(QSize(dedans.width(), haut))
                if self._a_droite and len(montres) > 1 and element is montres[-1]:
                    x = dedans.right() + 1 - taille.width()
                element.setGeometry(QRect(QPoint(x, y + (haut - taille.height()) // 2), taille))
                x += taille.width() + self._ecart
            y += haut + self._ecart

    # -- Lines ------------------------------------------------------------------------------

    def _interieur(self, largeur: int) -> int:
        marges = self.contentsMargins()
        return largeur - marges.left() - marges.right()

    def _montres(self) -> list[QLayoutItem]:
        return [e for e in self._elements if not e.isEmpty()]

    @staticmethod
    def _haut(ligne: list[QLayoutItem]) -> int:
        return max((e.sizeHint().height() for e in ligne), default=0)

    def _lignes(self, largeur: int) -> list[list[QLayoutItem]]:
        lignes: list[list[QLayoutItem]] = []
        reste = -1
        for element in self._montres():
            large = element.sizeHint().width()
            if reste < large:
                lignes.append([])
                reste = largeur
            lignes[-1].append(element)
            reste -= large + self._ecart
        return lignes
