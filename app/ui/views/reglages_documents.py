"""Settings of what every produced document carries (DOC/va1.05)."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Bouton, Champ, Etiquette

#: A longer text doesn't hold at the foot of each page (26 mm, `documents.pdfa`).
MENTION_LONGUE = 1_200


class SectionDocuments(QWidget):
    """The text that informs patients, at the foot of each document."""

    modifie = Signal()
    #: The text that comes with the program is wanted back.
    origine_demandee = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(10)
        self.texte = QPlainTextEdit()
        self.texte.setTabChangesFocus(True)
        self.texte.setFixedHeight(theme.espace(120))
        self.texte.textChanged.connect(self._noter)
        colonne.addWidget(Champ("Information des patients (RGPD), au pied de chaque document",
                                self.texte))
        rangee = QHBoxLayout()
        self._etat = Etiquette("", "small", "texte2")
        self._etat.setWordWrap(True)
        rangee.addWidget(self._etat, 1)
        origine = Bouton("Remettre le texte d’origine", icone="refresh", petit=True)
        origine.clicked.connect(self.origine_demandee)
        rangee.addWidget(origine)
        colonne.addLayout(rangee)
        note = Etiquette("L’en-tête imprimé reprend le nom, l’adresse et le téléphone de la "
                         "section Cabinet. Les modèles se changent dans l’onglet Courriers d’un "
                         "patient, bouton Modèles.", "small", "texte2")
        note.setWordWrap(True)
        colonne.addWidget(note)

    def poser(self, texte: str) -> None:
        """Show a text."""
        self.texte.setPlainText(texte)

    def mention(self) -> str:
        """The text as written."""
        return self.texte.toPlainText().strip()

    def _noter(self) -> None:
        longueur = len(self.mention())
        self._etat.setText(
            "Sans ce texte, les documents ne disent pas au patient quels sont ses droits."
            if not longueur else "Texte long : il sera imprimé une fois, après la signature, au "
            "lieu de chaque page." if longueur > MENTION_LONGUE else
            "Imprimé au pied de chaque page.")
        self.modifie.emit()
