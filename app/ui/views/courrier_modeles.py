"""The templates of the practice: change, copy, reset, delete."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.documents.modeles_courriers import ModeleCourrier
from app.ui import theme
from app.ui.views.deroulante import Deroulante
from app.ui.views.dialogue import Dialogue
from app.ui.views.editeur.barre import BarreEdition
from app.ui.views.editeur.zone import ZoneTexte
from app.ui.views.elements import Bouton, Champ, Etiquette
from app.ui.views.messages import MessageEnLigne, PileMessages


class DialogueModeles(Dialogue):
    """Templates at the left, the one chosen at the right."""

    enregistrement_demande = Signal(object)
    copie_demandee = Signal(str)
    #: Reset one of ours, delete one of the practice's.
    oubli_demande = Signal(object)

    def __init__(self, parent: QWidget, types: Sequence[tuple[str, str, str]],
                 groupes: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        super().__init__("Modèles de courriers", parent, 1120, defile=False)
        self.expliquer("Un champ entre doubles crochets se remplit depuis le dossier, ou attend "
                       "votre main : [[Allergies]], [[motif]].")
        self._modeles: tuple[ModeleCourrier, ...] = ()
        self._choisi: ModeleCourrier | None = None
        zone = QWidget()
        rangee = QHBoxLayout(zone)
        rangee.setContentsMargins(20, 0, 20, 12)
        rangee.setSpacing(16)
        self.liste = QListWidget()
        self.liste.setAccessibleName("Modèles")
        self.liste.setSpacing(3)
        self.liste.setMinimumWidth(theme.espace(120))
        self.liste.setWordWrap(True)
        self.liste.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.liste.currentItemChanged.connect(lambda nouveau, _: self._montrer(nouveau))
        rangee.addWidget(self.liste, 2)
        rangee.addLayout(self._droite(types, groupes), 5)
        self.corps.addWidget(zone, 1)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        self.copier = Bouton("Dupliquer", icone="copy")
        self.copier.clicked.connect(lambda: self._avec(self.copie_demandee))
        self.oublier = Bouton("Réinitialiser", icone="refresh")
        self.oublier.clicked.connect(lambda: self._avec(self.oubli_demande))
        self.enregistrer = Bouton("Enregistrer le modèle", "principal", "device-floppy",
                                  touche="Ctrl+S")
        self.enregistrer.clicked.connect(self._enregistrer)
        QShortcut(QKeySequence("Ctrl+S"), self, self._enregistrer)
        self.pied.addWidget(self.copier)
        self.pied.addWidget(self.oublier)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
        self.pied.addWidget(self.enregistrer)

    def _droite(self, types: Sequence[tuple[str, str, str]],
                groupes: Sequence[tuple[str, tuple[str, ...]]]) -> QVBoxLayout:
        colonne = QVBoxLayout()
        colonne.setSpacing(8)
        haut = QHBoxLayout()
        haut.setSpacing(12)
        self.nom = QLineEdit()
        self.nom.setMaxLength(128)
        self.type = Deroulante()
        self.type.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for cle, libelle, _ in types:
            self.type.addItem(libelle, cle)
        haut.addWidget(Champ("Titre", self.nom), 1)
        haut.addWidget(Champ("Type de document", self.type), 1)
        colonne.addLayout(haut)
        self.texte = ZoneTexte()
        self.texte.setAccessibleName("Texte du modèle")
        self.texte.souligneur.activer(False)
        barre = BarreEdition(self.texte, modele=True)
        barre.orthographe.hide()
        barre.definir_groupes(groupes)
        barre.champ_choisi.connect(
            lambda champ: self.texte.textCursor().insertText(f"[[{champ}]]"))
        colonne.addWidget(barre)
        colonne.addWidget(self.texte, 1)
        self._etat = Etiquette("", "small", "texte2")
        colonne.addWidget(self._etat)
        self.messages = PileMessages(marge=0)
        colonne.addWidget(self.messages)
        return colonne

    def definir(self, modeles: Sequence[ModeleCourrier], choisir: str = "") -> None:
        """Show the templates; the one of that key is open."""
        self._modeles = tuple(modeles)
        voulu = choisir or (self._choisi.cle if self._choisi else "")
        self.liste.blockSignals(True)
        self.liste.clear()
        for modele in self._modeles:
            marque = "" if modele.maison else " (modifié)" if modele.modifie else " (cabinet)"
            element = QListWidgetItem(modele.titre + marque)
            element.setData(Qt.ItemDataRole.UserRole, modele.cle)
            self.liste.addItem(element)
        self.liste.blockSignals(False)
        rang = next((n for n, m in enumerate(self._modeles) if m.cle == voulu), 0)
        self.liste.setCurrentRow(rang)
        self._montrer(self.liste.currentItem())

    def _montrer(self, element: QListWidgetItem | None) -> None:
        if element is None:
            return
        cle = element.data(Qt.ItemDataRole.UserRole)
        self._choisi = next(m for m in self._modeles if m.cle == cle)
        self.nom.setText(self._choisi.titre)
        rang = self.type.findData(self._choisi.type_cle)
        if rang < 0:
            self.type.addItem(self._choisi.titre, self._choisi.type_cle)
            rang = self.type.count() - 1
        self.type.setCurrentIndex(rang)
        self.texte.poser(self._choisi.corps)
        self.messages.vider()
        self.oublier.setEnabled(not self._choisi.maison)
        self.oublier.setText("Supprimer" if not self._choisi.maison and not self._choisi.modifie
                             else "Réinitialiser")
        self._etat.setText("Modèle d’origine." if self._choisi.maison else
                           "Modifié par le cabinet : « Réinitialiser » rend le modèle d’origine."
                           if self._choisi.modifie else "Modèle du cabinet.")

    def valeur(self) -> ModeleCourrier | None:
        """The template as written."""
        if self._choisi is None:
            return None
        return replace(self._choisi, titre=self.nom.text().strip(), corps=self.texte.blocs(),
                       type_cle=str(self.type.currentData()))

    def _enregistrer(self) -> None:
        valeur = self.valeur()
        if valeur is not None and self.enregistrer.isEnabled():
            self.enregistrer.setEnabled(False)
            self.enregistrement_demande.emit(valeur)

    def _avec(self, signal: SignalInstance) -> None:
        if self._choisi is not None:
            signal.emit(self._choisi if signal is self.oubli_demande else self._choisi.cle)

    def fait(self, phrase: str) -> None:
        """A gesture is done: say it."""
        self.enregistrer.setEnabled(True)
        self.messages.vider()
        self._etat.setText(phrase)

    def refuser(self, texte: str) -> None:
        """Nothing was written: why; the text stays."""
        self.enregistrer.setEnabled(True)
        self.messages.vider()
        self.messages.ajouter(MessageEnLigne("erreur", texte))
