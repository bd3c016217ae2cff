"""Head of a page: where one comes from, its title, what may be done at the right."""

from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.ui.views.elements import Bouton, Etiquette


class TetePage(QHBoxLayout):
    """« ← Réglages  Journal des accès ……… [Exporter] ».

    Args:
        retour: words of the button that goes back, "" = none; connect `bouton_retour`.
        droite: widgets of the right end, in order.
    """

    def __init__(self, titre: str, *droite: QWidget, retour: str = "") -> None:
        super().__init__()
        self.setSpacing(10)
        self.bouton_retour = Bouton(retour, "discret", "arrow-left", petit=True)
        self.titre = Etiquette(titre, "page")
        self.titre.setWordWrap(True)
        if retour:
            self.addWidget(self.bouton_retour)
        self.addWidget(self.titre, 1)
        for widget in droite:
            self.addWidget(widget)
