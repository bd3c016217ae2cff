"""Inline messages with their remedy, and the floating line that only confirms."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QEnterEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Icone, Touche

ICONES = {"erreur": "alert-octagon", "alerte": "alert-triangle", "info": "info-circle",
          "succes": "circle-check"}


def couper_phrase(texte: str) -> tuple[str, str]:
    """First sentence and the rest: the first one is shown bold."""
    for fin in (". ", " ; "):
        tete, signe, suite = texte.partition(fin)
        if signe:
            return tete + (fin.rstrip() if fin == ". " else ""), suite
    return texte, ""


def annoncer(widget: QWidget) -> None:
    """Tell screen readers that something was said, if it is on screen: what comes behind the lock
    isn't read aloud."""
    if widget.isVisible():
        QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))


class MessageEnLigne(QFrame):
    """A message above the thing concerned: what happened, and what to do."""

    ferme = Signal()

    def __init__(self, genre: str, texte: str, remede: str = "",
                 sur_remede: Callable[[], None] | None = None, *, code: str = "",
                 fermable: bool = True, parent: QWidget | None = None,
                 autres: Sequence[tuple[str, Callable[[], None]]] = ()) -> None:
        super().__init__(parent)
        self.genre = genre
        theme.poser(self, message=genre)
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(12, 8, 8, 8)
        rangee.setSpacing(12)
        rangee.addWidget(Icone(ICONES[genre], genre, 20), 0, Qt.AlignmentFlag.AlignTop)
        textes = QVBoxLayout()
        textes.setSpacing(2)
        self._titre = Etiquette("", "body", "texte", 600)
        self._suite = Etiquette("", "body", "texte")
        for etiquette in (self._titre, self._suite):
            etiquette.setWordWrap(True)
            etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            textes.addWidget(etiquette)
        rangee.addLayout(textes, 1)
        self._code = Etiquette(code, "micro", "texte2")
        self._code.setToolTip("Code à donner à l’assistance")
        self._code.setVisible(bool(code))
        rangee.addWidget(self._code, 0, Qt.AlignmentFlag.AlignVCenter)
        self.remede: QPushButton | None = None
        if remede and sur_remede is not None:
            self.remede = Bouton(remede, "second")
            self.remede.clicked.connect(lambda: sur_remede())
            rangee.addWidget(self.remede, 0, Qt.AlignmentFlag.AlignVCenter)
        for verbe, geste in autres:
            bouton = Bouton(verbe, "second")
            bouton.clicked.connect(lambda _=False, g=geste: g())
            rangee.addWidget(bouton, 0, Qt.AlignmentFlag.AlignVCenter)
        if fermable:
            fermer = BoutonIcone("x", "Fermer ce message", bordure=False)
            fermer.clicked.connect(self.fermer)
            rangee.addWidget(fermer, 0, Qt.AlignmentFlag.AlignVCenter)
        self.dire(texte)

    def dire(self, texte: str) -> None:
        """Change the sentence."""
        tete, suite = couper_phrase(texte)
        self._titre.setText(tete)
        self._suite.setText(suite)
        self._suite.setVisible(bool(suite))
        self.setAccessibleName(texte)
        self._a_dire = not self.isVisible()
        annoncer(self)

    def showEvent(self, event: QShowEvent) -> None:
        """On screen at last: said now, once."""
        super().showEvent(event)
        if self._a_dire:
            self._a_dire = False
            annoncer(self)

    @property
    def texte(self) -> str:
        """The whole text, as it was given."""
        return self.accessibleName()

    def fermer(self) -> None:
        """Take the message away."""
        self.hide()
        self.ferme.emit()
        self.deleteLater()


class PileMessages(QWidget):
    """Messages of the window, newest at the top. The same text is never shown twice."""

    MAXIMUM = 3

    def __init__(self, parent: QWidget | None = None, *, marge: int = 16) -> None:
        super().__init__(parent)
        self._messages: list[MessageEnLigne] = []
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(marge, 8 if marge else 0, marge, 8)
        self._colonne.setSpacing(6)
        self.hide()

    def ajouter(self, message: MessageEnLigne) -> MessageEnLigne:
        """Show a message; the oldest one leaves when there are too many."""
        for ancien in [m for m in self._messages if m.texte == message.texte]:
            ancien.fermer()
        while len(self._messages) >= self.MAXIMUM:
            self._messages[-1].fermer()
        self._messages.insert(0, message)
        self._colonne.insertWidget(0, message)
        message.ferme.connect(lambda: self._retirer(message))
        self.show()
        return message

    def _retirer(self, message: MessageEnLigne) -> None:
        if message in self._messages:
            self._messages.remove(message)
        self.setVisible(bool(self._messages))

    def retirer(self, texte: str) -> None:
        """What was said isn't so any more."""
        for message in [m for m in self._messages if m.texte == texte]:
            message.fermer()

    def vider(self) -> None:
        """Take every message away."""
        for message in list(self._messages):
            message.fermer()

    @property
    def textes(self) -> list[str]:
        """What is said now."""
        return [m.texte for m in self._messages]


class LigneFlottante(QFrame):
    """One line at the bottom centre, 6 s, with an undo (Ctrl+Z). Pauses under the mouse."""

    DUREE_MS = 6000

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("ligneflottante")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(14, 8, 8, 8)
        rangee.setSpacing(10)
        icone = QLabel()
        theme.poser_icone(icone, "check", "etoile", 16)
        self._texte = Etiquette("", "body", "blanc_nuit")
        self._annuler = QPushButton("Annuler")
        self._touche = Touche("Ctrl+Z")
        for widget in (icone, self._texte, self._annuler, self._touche):
            rangee.addWidget(widget)
        self._action: Callable[[], None] | None = None
        self._annuler.clicked.connect(self._defaire)
        self._raccourci = QShortcut(QKeySequence("Ctrl+Z"), parent, self._defaire)
        self._raccourci.setEnabled(False)
        self._minuteur = QTimer(self, singleShot=True)
        self._minuteur.timeout.connect(self.fermer)
        parent.installEventFilter(self)
        self.hide()

    def montrer(self, texte: str, annuler: Callable[[], None] | None = None) -> None:
        """Say it; `annuler` undoes it."""
        self._texte.setText(texte)
        self._action = annuler
        for widget in (self._annuler, self._touche):
            widget.setVisible(annuler is not None)
        self._raccourci.setEnabled(annuler is not None)
        self.setAccessibleName(texte)
        self.show()
        self._placer()
        self.raise_()
        self._minuteur.start(self.DUREE_MS)
        annoncer(self)

    @property
    def texte(self) -> str:
        """What is said, "" when hidden."""
        return self._texte.text() if not self.isHidden() else ""

    def fermer(self) -> None:
        """Hide the line; the undo is lost."""
        self._action = None
        self._raccourci.setEnabled(False)
        self.hide()

    def _defaire(self) -> None:
        action = self._action
        self.fermer()
        if action is not None:
            action()

    def _placer(self) -> None:
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        cadre = parent.rect()
        # Above the action bars, which stay docked to the bottom edge.
        self.move((cadre.width() - self.width()) // 2,
                  cadre.height() - self.height() - theme.espace(72))

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        if evenement.type() == QEvent.Type.Resize and not self.isHidden():
            self._placer()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._minuteur.stop()

    def leaveEvent(self, event: QEvent) -> None:
        if not self.isHidden():
            self._minuteur.start(self.DUREE_MS)
