"""The foot of a page that is one list: how many lines, then what may be done with them."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Etiquette


class PiedListe(QFrame):
    """A card: `compte` at the left, the gestures at the right."""

    def __init__(self, *gestes: QWidget) -> None:
        super().__init__()
        theme.poser(self, carte="oui")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(12, 8, 12, 8)
        rangee.setSpacing(8)
        self.compte = Etiquette("", "small", "texte2")
        rangee.addWidget(self.compte)
        rangee.addStretch(1)
        for geste in gestes:
            rangee.addWidget(geste)
