"""What a page shows when there is nothing: an icon, what is missing, what to do next."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Icone


class _EtatVide(QWidget):
    """Its icon leaves before its words when the place is missing."""

    def __init__(self, icone: Icone, taille: int) -> None:
        super().__init__()
        self.icone, self._taille = icone, taille

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.icone.setVisible(self.height() > 3 * theme.espace(self._taille))


def etat_vide(icone: str, *contenu: QWidget | QLayout, role: str = "texte2", taille: int = 40,
              espace: int = 10) -> QWidget:
    """Its parts one under the other in the middle, a little above the centre.

    :param role: colour of the icon. :param taille: its side, in pixels at 100 %.
    :param espace: between the parts.
    """
    dessin = Icone(icone, role, taille)
    page = _EtatVide(dessin, taille)
    colonne = QVBoxLayout(page)
    colonne.setSpacing(espace)
    milieu = Qt.AlignmentFlag.AlignHCenter
    colonne.addStretch(2)
    colonne.addWidget(dessin, 0, milieu)
    for partie in contenu:
        if isinstance(partie, QLayout):
            colonne.addLayout(partie)
        elif isinstance(partie, QLabel) and partie.wordWrap():
            partie.setAlignment(milieu)
            colonne.addWidget(partie)  # the whole width: it may take several lines
        else:
            colonne.addWidget(partie, 0, milieu)
    colonne.addStretch(3)
    return page
