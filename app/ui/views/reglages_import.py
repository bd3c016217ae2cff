"""Setting of the scanner's folder: which one, what happens to its files."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.views.elements import Bouton, Elide, Etiquette, Icone
from app.ui.views.messages import MessageEnLigne


class VueReglagesImport(QWidget):
    """The folder watched by this workstation."""

    choisir = Signal()
    arreter = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(0, 0, 0, 0)
        self._colonne.setSpacing(12)
        self._message: MessageEnLigne | None = None
        rangee = QHBoxLayout()
        rangee.setSpacing(8)
        rangee.addWidget(Icone("scan", "texte2", 18))
        self.chemin = Elide("", "body")
        rangee.addWidget(self.chemin, 1)
        self._choisir = Bouton("Choisir un dossier…", icone="folder-open")
        self._choisir.clicked.connect(self.choisir)
        self._arreter = Bouton("Ne plus surveiller", "discret")
        self._arreter.clicked.connect(self.arreter)
        rangee.addWidget(self._choisir)
        rangee.addWidget(self._arreter)
        self._colonne.addLayout(rangee)
        aide = Etiquette(
            "Réglez le scanner pour qu’il enregistre dans ce dossier (PDF, JPEG, PNG ou TIFF). "
            "Chaque fichier terminé arrive dans «\u00a0À classer\u00a0», puis est rangé dans le "
            "sous-dossier «\u00a0traités\u00a0»\u00a0; un fichier illisible va dans "
            "«\u00a0illisibles\u00a0». Aucun n’est effacé. Ce "
            "réglage est propre à ce poste.", "small", "texte2")
        aide.setWordWrap(True)
        self._colonne.addWidget(aide)
        self.montrer("")

    def montrer(self, chemin: str) -> None:
        """The folder watched, "" without one."""
        self._retirer()
        self.chemin.definir(chemin or "Aucun dossier surveillé")
        self._arreter.setVisible(bool(chemin))

    def refuser(self, texte: str) -> None:
        """The folder can't be watched: why."""
        self._retirer()
        self._message = MessageEnLigne("erreur", texte)
        self._message.ferme.connect(lambda: setattr(self, "_message", None))
        self._colonne.insertWidget(0, self._message)

    def _retirer(self) -> None:
        if self._message is not None:
            self._message.fermer()
