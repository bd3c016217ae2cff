"""A question, only for what can't be undone: the title asks, the button is the verb."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton


class Confirmation(Dialogue):
    """`accepted` when the user confirms. The focus is on the safe button."""

    def __init__(self, question: str, explication: str, verbe: str, sage: str,
                 parent: QWidget, *, danger: bool = False) -> None:
        super().__init__(question, parent, largeur=480)
        self.expliquer(explication)
        self.sage = Bouton(sage, "second", touche="Échap")
        self.confirmer = Bouton(verbe, "danger" if danger else "principal")
        self.sage.clicked.connect(self.reject)
        self.confirmer.clicked.connect(self.accept)
        self.pied.addStretch(1)
        self.pied.addWidget(self.sage)
        self.pied.addWidget(self.confirmer)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sage.setFocus(Qt.FocusReason.OtherFocusReason)
