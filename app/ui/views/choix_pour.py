"""For whom a document is written: oneself, or who delegated the preparation of theirs."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from app.ui.views.elements import Etiquette

#: Choices: (account, name); the user's own account is named « Moi ».
Choix = Sequence[tuple[int, str]]


class ChoixPour(QWidget):
    """« Pour : … »; hidden when there is only oneself."""

    #: Account.
    choisi = Signal(int)

    def __init__(self, parent: QWidget | None = None, titre: str = "Pour",
                 nom: str = "Document écrit pour") -> None:
        super().__init__(parent)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(8)
        rangee.addWidget(Etiquette(titre, "small", "texte2", 500))
        self.liste = QComboBox()
        self.liste.setAccessibleName(nom)
        self.liste.activated.connect(lambda _: self.choisi.emit(self.compte))
        rangee.addWidget(self.liste, 1)
        self.hide()

    @property
    def compte(self) -> int:
        """The account chosen, 0 without choice."""
        return int(self.liste.currentData() or 0)

    def definir(self, choix: Choix, moi: int, choisi: int = 0) -> None:
        """Offer these; the one chosen stays when it is still there."""
        garde = choisi or self.compte
        self.liste.clear()
        for compte, nom in choix:
            self.liste.addItem("Moi" if compte == moi else nom, compte)
        self.liste.setCurrentIndex(max(0, self.liste.findData(garde)))
        self.setVisible(any(compte != moi for compte, _ in choix))
