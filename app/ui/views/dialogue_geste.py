"""A dialog that does one thing: fields, « Annuler », a verb, and why it wasn't done."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton
from app.ui.views.messages import MessageEnLigne


class DialogueGeste(Dialogue):
    """Fill `contenu`; `bouton` does it, `refuser` says why it wasn't done."""

    def __init__(self, titre: str, explication: str, verbe: str, parent: QWidget,
                 largeur: int = 560) -> None:
        super().__init__(titre, parent, largeur)
        self.expliquer(explication)
        self.contenu = QVBoxLayout()
        self.contenu.setContentsMargins(20, 4, 20, 16)
        self.contenu.setSpacing(10)
        self.corps.addLayout(self.contenu)
        self._zone = QVBoxLayout()
        self.contenu.addLayout(self._zone)
        self._message: MessageEnLigne | None = None
        self.annuler = Bouton("Annuler", "second", touche="Échap")
        self.annuler.clicked.connect(self.reject)
        self.bouton = Bouton(verbe, "principal")
        self.bouton.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(self.annuler)
        self.pied.addWidget(self.bouton)

    def refuser(self, texte: str) -> None:
        """Say why; what is typed stays."""
        self.bouton.setEnabled(True)
        if self._message is not None:
            self._message.fermer()
        self._message = MessageEnLigne("erreur", texte, fermable=False)
        self._zone.addWidget(self._message)
        self.adjustSize()
