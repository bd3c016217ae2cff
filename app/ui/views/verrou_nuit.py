"""Left part of the lock screen: mark, constellation, and what goes on while it is locked."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Etiquette, Icone
from app.ui.views.marque import Constellation, Marque


class PanneauNuit(QFrame):
    """The practice, and facts by icon."""

    def __init__(self, cabinet: str, lieu: str, faits: Sequence[tuple[str, str]],
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="nuit")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(56, 44, 32, 40)
        colonne.setSpacing(8)
        tete = QHBoxLayout()
        tete.setSpacing(16)
        tete.addWidget(Marque(54))
        tete.addWidget(Etiquette("Pléiade", "figure", "blanc_nuit"))
        tete.addStretch(1)
        colonne.addLayout(tete)
        self._figure = Constellation()
        colonne.addWidget(self._figure, 1)
        colonne.addStretch()  # the room of the figure, when it leaves
        for texte, ton, poids in ((cabinet, "blanc_nuit", 600), (lieu, "sur_nuit", 400)):
            if texte:
                ligne = Etiquette(texte, "body", ton, poids)
                ligne.setWordWrap(True)
                colonne.addWidget(ligne)
        colonne.addSpacing(8)
        for icone, texte in faits:
            rangee = QHBoxLayout()
            rangee.setSpacing(12)
            rangee.addWidget(Icone(icone, "etoile", 20), 0, Qt.AlignmentFlag.AlignTop)
            etiquette = Etiquette(texte, "body", "sur_nuit")
            etiquette.setWordWrap(True)
            etiquette.setMinimumHeight(theme.espace(20))  # a line alone stands beside its icon
            rangee.addWidget(etiquette, 1, Qt.AlignmentFlag.AlignTop)
            colonne.addLayout(rangee)
            colonne.addSpacing(4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The figure leaves before the words when the place is missing."""
        super().resizeEvent(event)
        self._figure.setVisible(self.height() > theme.espace(420))
