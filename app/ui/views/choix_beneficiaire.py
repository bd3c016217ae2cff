"""Who of the card is the patient? Keys 1 to 9 answer."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton


class DialogueChoix(Dialogue):
    """A short list of people: beneficiaries of a card, or files that look alike.

    Args:
        choix: (label, detail) of each line.
        autre: text of the button for "none of them", "" = no such button.
    """

    choisi = Signal(int)
    aucun = Signal()

    def __init__(self, titre: str, explication: str, choix: Sequence[tuple[str, str]],
                 parent: QWidget, autre: str = "") -> None:
        super().__init__(titre, parent, 520)
        self.expliquer(explication)
        enveloppe = QWidget()
        colonne = QVBoxLayout(enveloppe)
        colonne.setContentsMargins(20, 4, 20, 16)
        colonne.setSpacing(8)
        self.boutons: list[Bouton] = []
        for rang, (libelle, detail) in enumerate(choix):
            bouton = Bouton(f"{libelle}   {detail}", "second", "user",
                            str(rang + 1) if rang < 9 else "", a_gauche=True)
            bouton.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            bouton.clicked.connect(lambda _=False, r=rang: self._choisir(r))
            colonne.addWidget(bouton)
            self.boutons.append(bouton)
        self.corps.addWidget(enveloppe)
        self.pied.addStretch(1)
        fermer = Bouton("Fermer", touche="Échap")
        fermer.clicked.connect(self.reject)
        if autre:
            nouveau = Bouton(autre, "principal", "plus")
            nouveau.clicked.connect(self._aucun)
            self.pied.addWidget(fermer)
            self.pied.addWidget(nouveau)
        else:
            self.pied.addWidget(fermer)
        self.boutons[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 to 9 choose, arrows move, Entrée takes the focused line."""
        rang = event.key() - Qt.Key.Key_1
        if 0 <= rang < min(9, len(self.boutons)):
            self._choisir(rang)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            courant = self.focusWidget()
            if isinstance(courant, Bouton):
                courant.click()
        else:
            super().keyPressEvent(event)

    def _choisir(self, rang: int) -> None:
        self.choisi.emit(rang)
        self.accept()

    def _aucun(self) -> None:
        self.aucun.emit()
        self.accept()
