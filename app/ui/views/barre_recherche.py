"""The search line of a document (Ctrl+F): words, previous, next, result, Échap."""

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from app.ui import theme
from app.ui.views.elements import BoutonIcone, Etiquette


class BarreRecherche(QFrame):
    """Hidden until `ouvrir`. Entrée goes on, Maj+Entrée goes back."""

    #: The words changed.
    saisi = Signal(str)
    #: +1 or -1.
    pas = Signal(int)
    ferme = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="surface2", trait="bas")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(12, 6, 8, 6)
        self.mot = QLineEdit()
        self.mot.setPlaceholderText("Chercher dans le document")
        self.mot.setAccessibleName("Chercher dans le document")
        self.mot.textEdited.connect(self.saisi)
        self.mot.installEventFilter(self)
        self.bilan = Etiquette("", "small", "texte2")
        avant = BoutonIcone("chevron-up", "Précédent (Maj+Entrée)", bordure=False)
        apres = BoutonIcone("chevron-down", "Suivant (Entrée)", bordure=False)
        fermer = BoutonIcone("x", "Fermer la recherche (Échap)", bordure=False)
        avant.clicked.connect(lambda: self.pas.emit(-1))
        apres.clicked.connect(lambda: self.pas.emit(1))
        fermer.clicked.connect(self.fermer)
        rangee.addWidget(self.mot, 1)
        for widget in (self.bilan, avant, apres, fermer):
            rangee.addWidget(widget)
        self.hide()

    def ouvrir(self) -> None:
        """Show the line, its words selected."""
        self.show()
        self.mot.setFocus(Qt.FocusReason.OtherFocusReason)
        self.mot.selectAll()

    def fermer(self) -> None:
        """Hide the line."""
        self.hide()
        self.ferme.emit()

    def eventFilter(self, objet: Any, event: QEvent) -> bool:
        if objet is self.mot and isinstance(event, QKeyEvent) \
                and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.fermer()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                arriere = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.pas.emit(-1 if arriere else 1)
                return True
        return super().eventFilter(objet, event)
