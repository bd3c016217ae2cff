"""Dialog « Rejoindre le serveur du cabinet »: where it is, who proves it, how to enter."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ
from app.ui.views.formulaires import ChampFichier
from app.ui.views.messages import MessageEnLigne
from app.ui.views.secret import ChampSecret


class DialogueServeur(Dialogue):
    """`demandee(hote, port, base, utilisateur, ca, mot_de_passe)`; the controller closes it."""

    demandee = Signal(str, int, str, str, str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Rejoindre le serveur du cabinet", parent, largeur=620)
        self.expliquer("Plusieurs postes travaillent sur une base PostgreSQL. Son certificat est "
                       "toujours vérifié\u00a0: sans le fichier de l’autorité, remis par "
                       "l’installateur du serveur, aucune connexion n’a lieu.")
        page = QWidget()
        colonne = QVBoxLayout(page)
        colonne.setContentsMargins(20, 8, 20, 16)
        colonne.setSpacing(10)
        self.hote, self.base, self.utilisateur = QLineEdit(), QLineEdit(), QLineEdit()
        self.hote.setPlaceholderText("serveur.cabinet.fr")
        self.base.setText("pleiade")
        self.utilisateur.setText("pleiade")
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.port.setValue(5432)
        for champs in ((("Adresse du serveur", self.hote, 3), ("Port", self.port, 1)),
                       (("Base", self.base, 1), ("Utilisateur de la base", self.utilisateur, 1))):
            rangee = QHBoxLayout()
            rangee.setSpacing(12)
            for libelle, saisie, part in champs:
                saisie.setMinimumHeight(theme.espace(32))
                rangee.addWidget(Champ(libelle, saisie), part)
            colonne.addLayout(rangee)
        self.secret = ChampSecret("Mot de passe de la base")
        colonne.addWidget(Champ("Mot de passe de la base", self.secret))
        self.ca = ChampFichier("Certificat de l’autorité du serveur",
                               "Certificats (*.pem *.crt *.cer);;Tous les fichiers (*)")
        colonne.addWidget(Champ("Certificat de l’autorité du serveur", self.ca))
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self._message: MessageEnLigne | None = None
        self.corps.addWidget(page)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.rejoindre = Bouton("Se connecter", "principal", "server")
        self.rejoindre.clicked.connect(self._demander)
        self.rejoindre.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.rejoindre)

    def remplir(self, hote: str, port: int, base: str, utilisateur: str, ca: str) -> None:
        """Begin with what is known; the password is never shown."""
        self.hote.setText(hote)
        self.port.setValue(port)
        self.base.setText(base)
        self.utilisateur.setText(utilisateur)
        self.ca.champ.setText(ca)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins with the address."""
        super().showEvent(event)
        premier = self.secret.champ if self.hote.text() else self.hote
        premier.setFocus(Qt.FocusReason.TabFocusReason)

    def _demander(self) -> None:
        if not self.rejoindre.isEnabled():
            return
        self._dire("")
        self.rejoindre.setEnabled(False)
        self.rejoindre.setText("Connexion…")
        self.demandee.emit(self.hote.text().strip(), self.port.value(), self.base.text().strip(),
                           self.utilisateur.text().strip(), self.ca.champ.text().strip(),
                           self.secret.champ.text())

    def refuser(self, texte: str) -> None:
        """Say why nothing was kept."""
        self.rejoindre.setEnabled(True)
        self.rejoindre.setText("Se connecter")
        self._dire(texte)

    def _dire(self, texte: str) -> None:
        if self._message is not None:
            self._message.fermer()
            self._message = None
        if texte:
            self._message = MessageEnLigne("erreur", texte, fermable=False)
            self._messages.addWidget(self._message)
            self._message.show()
        self.adjustSize()

    def finir(self) -> None:
        """Joined: forget the secret and close."""
        self.secret.champ.clear()
        self.accept()
