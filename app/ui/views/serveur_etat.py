"""Section « Serveur du cabinet »: where the data lie, how this workstation joins them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.views.elements import Bouton, Etiquette, filet, vider
from app.ui.views.messages import MessageEnLigne

_SEUL = ("Ce poste travaille seul, sur un fichier chiffré. Pour travailler à plusieurs, le cabinet "
         "met ses données sur un serveur PostgreSQL\u00a0; chaque poste le rejoint ici. Le fichier "
         "de ce poste n’est ni copié ni effacé.")
_IMPOSE = ("L’adresse du serveur est fixée par l’installateur (PLEIADE_DOSSIER)\u00a0: elle ne se "
           "change pas ici.")
_QUITTER = ("Revenir à un seul poste\u00a0: faites d’abord une sauvegarde (Réglages, Sauvegardes). "
            "Quittez ensuite le serveur\u00a0: le poste se rouvre sur son propre fichier s’il en a "
            "un, ou propose de restaurer la sauvegarde. Les données du serveur y restent, pour les "
            "autres postes.")


class VueServeur(QWidget):
    """The state in words, and what can be changed."""

    #: Ask the server again.
    verifier = Signal()
    #: Join another server, or say again how this one is joined.
    changer = Signal()
    #: Go back to a file of this workstation.
    quitter = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.titre = Etiquette("", "trait", "texte", 600)
        self.titre.setWordWrap(True)
        colonne.addWidget(self.titre)
        self._faits = QGridLayout()
        self._faits.setHorizontalSpacing(20)
        self._faits.setVerticalSpacing(6)
        self._faits.setColumnStretch(1, 1)
        colonne.addLayout(self._faits)
        rangee = QHBoxLayout()
        self.bouton_changer = Bouton("Changer de serveur…", "second", "server")
        self.bouton_changer.clicked.connect(self.changer)
        self.bouton_verifier = Bouton("Vérifier la liaison", "second", "refresh")
        self.bouton_verifier.clicked.connect(self.verifier)
        rangee.addWidget(self.bouton_verifier)
        rangee.addWidget(self.bouton_changer)
        rangee.addStretch(1)
        colonne.addLayout(rangee)
        self._trait = filet()
        colonne.addWidget(self._trait)
        self.aide = Etiquette("", "small", "texte2")
        self.aide.setWordWrap(True)
        colonne.addWidget(self.aide)
        bas = QHBoxLayout()
        self.bouton_quitter = Bouton("Quitter le serveur…", "second", "logout")
        self.bouton_quitter.clicked.connect(self.quitter)
        bas.addWidget(self.bouton_quitter)
        bas.addStretch(1)
        colonne.addLayout(bas)
        colonne.addStretch(1)
        self.attendre()

    def attendre(self) -> None:
        """The server is being asked."""
        self.bouton_verifier.setEnabled(False)
        self.bouton_verifier.setText("Vérification…")

    def montrer_fichier(self, chemin: str) -> None:
        """This workstation works alone."""
        self._repondu()
        self.titre.setText("Un fichier sur ce poste")
        self._remplir((("Emplacement", chemin, ""),))
        self.bouton_changer.setText("Rejoindre un serveur…")
        self.bouton_verifier.hide()
        self.bouton_quitter.hide()
        self.aide.setText(_SEUL)

    def montrer_serveur(self, titre: str, faits: Sequence[tuple[str, str, str]], *,
                        impose: bool) -> None:
        """The server answers. `faits`: label, value, colour role ("" = plain)."""
        self._repondu()
        self.titre.setText(titre)
        self._remplir(faits)
        self.bouton_verifier.show()
        self.bouton_changer.setText("Changer de serveur…")
        self.bouton_changer.setVisible(not impose)
        self.bouton_quitter.setVisible(not impose)
        self.aide.setText(_IMPOSE if impose else _QUITTER)

    def dire(self, genre: str = "", texte: str = "") -> None:
        """The one message of the section; without text, none."""
        self._repondu()
        vider(self._messages)
        if texte:
            self._messages.addWidget(MessageEnLigne(genre, texte, fermable=False))

    def _repondu(self) -> None:
        self.bouton_verifier.setEnabled(True)
        self.bouton_verifier.setText("Vérifier la liaison")

    def _remplir(self, faits: Sequence[tuple[str, str, str]]) -> None:
        vider(self._faits)
        for rang, (libelle, valeur, ton) in enumerate(faits):
            nom = Etiquette(libelle, "body", "texte2")
            texte = Etiquette(valeur, "body", ton or "texte", 600 if ton else 400)
            texte.setWordWrap(True)
            texte.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._faits.addWidget(nom, rang, 0, Qt.AlignmentFlag.AlignTop)
            self._faits.addWidget(texte, rang, 1, Qt.AlignmentFlag.AlignTop)
