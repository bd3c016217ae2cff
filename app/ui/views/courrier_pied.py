"""The foot of a letter: where it will go, whether it is kept, and what may be done with it."""

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Icone


class PiedCourrier(QWidget):
    """The channel, the state of the draft, the buttons."""

    #: True: hold the sending.
    validation_demandee = Signal(bool)
    apercu_demande = Signal()
    modele_demande = Signal()
    #: Complete the patient's record.
    dossier_demande = Signal()
    fermeture_demandee = Signal()
    abandon_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pour, self._possible = "", True
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        self.bande_canal = QWidget()
        canal = QHBoxLayout(self.bande_canal)
        canal.setContentsMargins(0, 0, 0, 0)
        canal.setSpacing(6)
        self._icone_canal = Icone("send", "texte2", 16)
        self.canal = Etiquette("", "small", "texte2")
        self.canal.setWordWrap(True)
        canal.addWidget(self._icone_canal, 0, Qt.AlignmentFlag.AlignTop)
        canal.addWidget(self.canal, 1)
        colonne.addWidget(self.bande_canal)
        pied = QHBoxLayout()
        pied.setSpacing(8)
        self.etat = Etiquette("", "small", "texte2")
        self.autres = BoutonIcone("dots-vertical", "Autres actions")
        self.autres.clicked.connect(self._menu)
        self.retenir = Bouton("Valider et retenir", icone="hand-stop")
        self.retenir.setToolTip("Le document est gardé\u00a0; il ne part que lorsque vous le "
                                "libérez dans Envois.")
        self.retenir.clicked.connect(lambda: self.validation_demandee.emit(True))
        self.envoyer = Bouton("Valider et envoyer", "principal", "send", "Ctrl+Entrée")
        self.envoyer.clicked.connect(lambda: self.validation_demandee.emit(False))
        self.voir = Bouton("Aperçu", icone="eye")
        self.voir.clicked.connect(self.apercu_demande)
        pied.addWidget(self.etat, 1)
        for bouton in (self.voir, self.autres, self.retenir, self.envoyer):
            pied.addWidget(bouton)
        colonne.addLayout(pied)

    def definir_canal(self, texte: str, *, possible: bool) -> None:
        """Where the document will go; `possible`: it may be sent."""
        self.canal.setText(texte)
        self._icone_canal.definir("send" if possible else "alert-triangle",
                                  "texte2" if possible else "alerte")
        self._possible = possible
        self._nommer()

    def definir_pour(self, pour: str) -> None:
        """Who will validate what is typed here for them, "" when it is one's own."""
        self._pour = pour
        self._nommer()

    def activer(self, actif: bool) -> None:
        """Let it be validated, or not."""
        for bouton in (self.retenir, self.envoyer, self.autres):
            bouton.setEnabled(actif)

    def _nommer(self) -> None:
        pour, possible = self._pour, self._possible
        self.retenir.setVisible(possible and not pour)
        self.envoyer.setText("Proposer à valider" if pour else
                             "Valider et envoyer" if possible else "Valider")
        self.envoyer.definir_icone("list-check" if pour else "send")

    def _menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def ajouter(texte: str, geste: SignalInstance) -> None:
            action = QAction(texte, menu)
            action.triggered.connect(lambda _=False: geste.emit())
            menu.addAction(action)

        if not self._pour:  # who writes for somebody has neither the templates nor the record
            ajouter("Enregistrer comme modèle…", self.modele_demande)
            ajouter("Compléter le dossier du patient…", self.dossier_demande)
            menu.addSeparator()
        ajouter("Fermer, le brouillon est gardé", self.fermeture_demandee)
        ajouter("Abandonner ce brouillon", self.abandon_demande)
        menu.popup(self.autres.mapToGlobal(QPoint(0, -menu.sizeHint().height())))
