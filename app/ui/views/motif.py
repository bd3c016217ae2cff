"""Ask why, before a gesture whose reason is kept."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ

#: Shortest reason accepted.
LONGUEUR_MIN = 5


class DialogueMotif(Dialogue):
    """One field and a verb. `choisi` carries the reason."""

    choisi = Signal(str)

    def __init__(self, titre: str, explication: str, verbe: str, parent: QWidget, *,
                 danger: bool = False, champ: str = "Motif, gardé dans l’historique de l’identité",
                 exemple: str = "Pièce d’identité vue, erreur de saisie…") -> None:
        super().__init__(titre, parent, largeur=560)
        self.expliquer(explication)
        zone = QWidget()
        marges = QVBoxLayout(zone)
        marges.setContentsMargins(20, 4, 20, 16)
        self.texte = QLineEdit()
        self.texte.setPlaceholderText(exemple)
        self.texte.setMaxLength(500)
        self._champ = Champ(champ, self.texte)
        marges.addWidget(self._champ)
        self.corps.addWidget(zone)
        sage = Bouton("Annuler", "second", touche="Échap")
        self.valider = Bouton(verbe, "danger" if danger else "principal")
        sage.clicked.connect(self.reject)
        self.valider.clicked.connect(self._valider)
        self.valider.setDefault(True)
        self.texte.textEdited.connect(lambda _: self._champ.montrer_faute(""))
        self.pied.addStretch(1)
        self.pied.addWidget(sage)
        self.pied.addWidget(self.valider)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def _valider(self) -> None:
        motif = self.texte.text().strip()
        if len(motif) < LONGUEUR_MIN:
            self._champ.montrer_faute("Écrivez le motif en quelques mots.")
            self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.choisi.emit(motif)
        self.accept()
