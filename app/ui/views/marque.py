"""The mark of Pléiade: seven stars, and the larger constellation of the lock screen."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui import theme

#: (x, y, radius) in a box of 100 x 64.
_ETOILES = ((6, 24, 7.5), (24, 44, 5.5), (36, 4, 5.0), (40, 25, 10), (62, 40, 6.0), (65, 12, 6.0),
            (92, 53, 7.5))
_LARGEUR, _HAUTEUR = 100, 64
#: Stars (x, y, radius) of the lock screen, in a box of 380 x 222, and the lines between them.
_CONSTELLATION = ((8, 94, 8.5), (139, 7, 5.5), (155, 100, 12), (264, 45, 6.5), (84, 176, 6.5),
                  (248, 159, 7.5), (362, 214, 8.5))
_TRAITS = ((0, 1), (1, 2), (0, 4), (2, 3), (2, 5), (3, 5), (5, 6))


def dessiner_marque(peintre: QPainter, zone: QRectF, couleur: QColor) -> None:
    """Paint the mark in `zone`, its proportions kept."""
    peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
    echelle = min(zone.width() / _LARGEUR, zone.height() / _HAUTEUR)
    x0 = zone.center().x() - _LARGEUR * echelle / 2
    y0 = zone.center().y() - _HAUTEUR * echelle / 2
    peintre.setPen(QPen(QColor(0, 0, 0, 0)))
    peintre.setBrush(couleur)
    for x, y, rayon in _ETOILES:
        peintre.drawEllipse(QPointF(x0 + x * echelle, y0 + y * echelle), rayon * echelle,
                            rayon * echelle)


def icone_application() -> QIcon:
    """Icon of the window: the mark on a night square."""
    icone = QIcon()
    for cote in (16, 32, 64, 128):
        image = QPixmap(cote, cote)
        image.fill(QColor(0, 0, 0, 0))
        peintre = QPainter(image)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setPen(QPen(QColor(0, 0, 0, 0)))
        peintre.setBrush(theme.couleur("nuit"))
        peintre.drawRoundedRect(QRectF(0, 0, cote, cote), cote / 6, cote / 6)
        marge = cote * 0.14
        dessiner_marque(peintre, QRectF(marge, marge, cote - 2 * marge, cote - 2 * marge),
                        theme.couleur("etoile"))
        peintre.end()
        icone.addPixmap(image)
    return icone


class Marque(QWidget):
    """The mark alone."""

    def __init__(self, largeur: int = 34, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._largeur = largeur
        self.setAccessibleName("Pléiade")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.espace(self._largeur),
                     theme.espace(self._largeur * _HAUTEUR / _LARGEUR) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        dessiner_marque(QPainter(self), QRectF(self.rect()).adjusted(1, 1, -1, -1),
                        theme.couleur("etoile"))


class Constellation(QWidget):
    """The large figure of the lock screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(380, 260)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        echelle = min(self.width() / 396, self.height() / 240, 1.3)
        y0 = (self.height() - 222 * echelle) / 2
        points = [QPointF((12 + x) * echelle, y0 + y * echelle) for x, y, _ in _CONSTELLATION]
        trait = QColor(theme.couleur("etoile"))
        trait.setAlpha(140)
        peintre.setPen(QPen(trait, 1.2))
        for a, b in _TRAITS:
            peintre.drawLine(points[a], points[b])
        peintre.setPen(QPen(QColor(0, 0, 0, 0)))
        peintre.setBrush(theme.couleur("etoile"))
        for point, (_, _, rayon) in zip(points, _CONSTELLATION, strict=True):
            peintre.drawEllipse(point, rayon * echelle, rayon * echelle)
