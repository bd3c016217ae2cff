"""Dialog « Restaurer une sauvegarde »: which file, by which secret (GEN.21.BIS)."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, Segment
from app.ui.views.formulaires import ChampFichier
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret

NOM_HABITUEL = ("Une sauvegarde se nomme «\u00a0pleiade-…\u00a0», puis sa date et son heure, "
                "et finit par «\u00a0.pleiade\u00a0».")
SECOURS, MOT_DE_PASSE = "secours", "mot_de_passe"


class DialogueRestauration(Dialogue):
    """`demandee(sauvegarde, moyen, secret)` when both are given; the controller closes it."""

    demandee = Signal(Path, str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Restaurer une sauvegarde", parent, largeur=620)
        self.expliquer("La sauvegarde et son coffre «\u00a0.coffre.json\u00a0» doivent être dans "
                       "le même dossier. Elle est lue en entier avant de devenir le cabinet de ce "
                       "poste.")
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(20, 8, 20, 16)
        colonne.setSpacing(12)
        self.fichier = ChampFichier("Fichier de sauvegarde",
                                    "Sauvegardes (*.pleiade);;Tous les fichiers (*)")
        self.fichier.champ.setAccessibleName("Fichier de sauvegarde")
        colonne.addWidget(Champ("Fichier de sauvegarde", self.fichier))
        self._precision = Etiquette("", "small", "texte2")
        self._precision.setWordWrap(True)
        # Two lines from the start: the field below must not slide away when the file is chosen.
        self._precision.setMinimumHeight(2 * self._precision.fontMetrics().lineSpacing() + 4)
        self._precision.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.preciser("")
        colonne.addWidget(self._precision)
        self.secret = ChampSecret("Clé de secours ou mot de passe")
        self.moyen = Segment(((SECOURS, "Clé de secours"), (MOT_DE_PASSE, "Mot de passe")))
        self.moyen.choisir(SECOURS)
        self.moyen.choisi.connect(lambda _: self.secret.vider())
        colonne.addWidget(Champ("Ouvrir par", self.moyen))
        colonne.addWidget(self.secret)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self._message: MessageEnLigne | None = None
        self.corps.addWidget(page)
        self.annuler = Bouton("Annuler", "second", touche="Échap")
        self.restaurer = Bouton("Restaurer", "principal", "download")
        self.annuler.clicked.connect(self.reject)
        self.restaurer.clicked.connect(self._demander)
        self.restaurer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(self.annuler)
        self.pied.addWidget(self.restaurer)

    def _demander(self) -> None:
        if not self.restaurer.isEnabled():
            return
        fichier, secret = self.fichier.champ.text().strip(), self.secret.texte()
        if not fichier or not secret:
            self.refuser("Choisissez la sauvegarde, puis tapez la clé de secours ou le mot de "
                         "passe.")
            return
        self._dire("")
        self._occuper(True)
        self.demandee.emit(Path(fichier), self.moyen.valeur, secret)

    def preciser(self, texte: str) -> None:
        """Say what the chosen file is, under its field."""
        self._precision.setText(texte or NOM_HABITUEL)

    def _occuper(self, oui: bool) -> None:
        self.restaurer.setEnabled(not oui)
        self.restaurer.setText("Lecture de la sauvegarde…" if oui else "Restaurer")
        self.annuler.setEnabled(not oui)

    def reject(self) -> None:
        """Not while the work runs: it ends by itself, in either way."""
        if self.annuler.isEnabled():
            super().reject()

    def refuser(self, texte: str) -> None:
        """Say why nothing was restored."""
        self._occuper(False)
        self._dire(texte)

    def _dire(self, texte: str) -> None:
        if self._message is not None:
            self._message.fermer()
            self._message = None
        if texte:
            self._message = MessageEnLigne("erreur", texte, fermable=False)
            self._messages.addWidget(self._message)

    def finir(self) -> None:
        """Restored: forget the secret and close."""
        self.secret.vider()
        self._occuper(False)
        self.accept()
