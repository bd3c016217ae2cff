"""The sheet on which a letter is written: kind, title, header, formatting, text."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.documents.champs import ValeurChamp, marquer, restants, sans_restants
from app.documents.courrier import Courrier, EnteteCourrier, depuis_texte, en_texte
from app.documents.model import Bloc, Fragment, Paragraphe
from app.domain.document import Brouillon
from app.ui.views.courrier_entete import BandeEntete
from app.ui.views.deroulante import Deroulante
from app.ui.views.editeur.barre import BarreEdition
from app.ui.views.editeur.zone import ZoneTexte
from app.ui.views.elements import Champ

TITRE_MAX = 128


class FeuilleCourrier(QWidget):
    """What is written, as a draft; whether it is kept or sent is the page's affair."""

    #: Something was written, or chosen.
    change = Signal()
    #: Open the dialog of the header (EnteteCourrier).
    entete_demande = Signal(object)
    #: Fields that wait may have a value now (their labels).
    remplissage_demande = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entete = EnteteCourrier()
        self._types: tuple[tuple[str, str, str], ...] = ()
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        haut = QHBoxLayout()
        haut.setSpacing(12)
        self.type = Deroulante()
        self.type.setMinimumContentsLength(14)
        self.type.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.titre = QLineEdit()
        self.titre.setMaxLength(TITRE_MAX)
        haut.addWidget(Champ("Type de document", self.type), 2)
        haut.addWidget(Champ("Titre", self.titre), 3)
        colonne.addLayout(haut)
        self.bande = BandeEntete()
        self.bande.ouverture_demandee.connect(self.ouvrir_entete)
        self.bande.change.connect(self.poser_entete)
        colonne.addWidget(self.bande)
        self.texte = ZoneTexte()
        self.texte.setAccessibleName("Texte du document")
        self.texte.setPlaceholderText("Le texte du document. L’en-tête, l’identité du patient et "
                                      "la signature s’ajoutent d’eux-mêmes.")
        self.barre = BarreEdition(self.texte)
        colonne.addWidget(self.barre)
        colonne.addWidget(self.texte, 1)
        self.type.currentIndexChanged.connect(lambda _: self._type_change())
        self.titre.textEdited.connect(lambda _: self.change.emit())
        self.texte.textChanged.connect(self.change)

    def definir_types(self, types: Sequence[tuple[str, str, str]]) -> None:
        """Kinds that may be written: (key, title, type code)."""
        self._types = tuple(types)
        self.type.blockSignals(True)
        self.type.clear()
        for cle, libelle, _ in types:
            self.type.addItem(libelle, cle)
        self.type.blockSignals(False)

    def ouvrir(self, brouillon: Brouillon, responsable: str) -> None:
        """Show a draft, at its first field that waits, else at its end.

        :param responsable: who signs, as the header says it.
        """
        courrier = depuis_texte(brouillon.texte)
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(True)
        self._choisir_type(courrier.entete.type_cle, brouillon)
        self.titre.setText(brouillon.titre)
        self.texte.poser(courrier.corps)
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(False)
        self._entete = courrier.entete
        self.bande.definir(courrier.entete, responsable)

    def commencer(self) -> None:
        """Give the keyboard to the text."""
        self.saisir()
        if not self.texte.champ_suivant():
            self.texte.moveCursor(self.texte.textCursor().MoveOperation.End)
        self.barre.suivre()

    def saisir(self) -> None:
        """Give the keyboard to the text, where it was."""
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def oublier(self) -> None:
        """Nothing is being written."""
        self.texte.setReadOnly(False)
        self._entete = EnteteCourrier()

    def activer(self, actif: bool) -> None:
        """Let it be written, or not."""
        for widget in (self.type, self.titre, self.texte, self.barre, self.bande):
            widget.setEnabled(actif)

    def figer(self) -> None:
        """Nothing more is written: the text stays, to be read and copied."""
        self.activer(False)
        self.texte.setEnabled(True)
        self.texte.setReadOnly(True)

    def lire(self, brouillon: Brouillon) -> Brouillon:
        """The draft with what is on screen."""
        cle = self.cle
        code = {c: t for c, _, t in self._types}.get(cle, brouillon.type_code)
        entete = replace(self._entete, type_cle="" if cle.startswith("code:") else cle)
        return replace(brouillon, type_code=code, titre=self.titre.text().strip(),
                       texte=en_texte(Courrier(self.blocs, entete)))

    @property
    def cle(self) -> str:
        """Key of the kind, `code:…` when the practice has it no more."""
        return str(self.type.currentData() or "")

    @property
    def blocs(self) -> tuple[Bloc, ...]:
        """The body."""
        return self.texte.blocs()

    def ouvrir_entete(self) -> None:
        """Ask for the dialog of the header."""
        self.entete_demande.emit(self._entete)

    def poser_entete(self, entete: EnteteCourrier) -> None:
        """The header changed."""
        self._entete = entete
        self.bande.definir(entete)
        self.change.emit()
        self.demander_remplissage()

    def demander_remplissage(self) -> None:
        """Ask for the values of the fields that wait."""
        if attente := restants(self.blocs):
            self.remplissage_demande.emit(attente)

    def inserer_champ(self, libelle: str, valeur: ValeurChamp | None) -> None:
        """Write a field at the cursor: its value, or its name between brackets."""
        zone = self.texte
        if valeur is None:
            zone.inserer((Paragraphe(f"[[{libelle}]]"),))
        elif valeur.blocs and not zone.textCursor().block().text():
            zone.inserer(marquer(valeur.blocs, libelle))
        else:
            zone.inserer((Paragraphe((Fragment(valeur.texte, origine=libelle),)),))
        self.saisir()

    def remplir(self, valeurs: Mapping[str, ValeurChamp]) -> None:
        """Fill the fields that wait and have a value now."""
        self.texte.remplir(valeurs)

    def retirer_champs(self) -> None:
        """Take away the fields without value, with the sections that they leave empty."""
        corps = sans_restants(self.blocs)
        self.texte.selectAll()
        curseur = self.texte.textCursor()
        curseur.beginEditBlock()
        curseur.removeSelectedText()
        self.texte.inserer(corps)
        curseur.endEditBlock()
        self.saisir()

    def _choisir_type(self, cle: str, brouillon: Brouillon) -> None:
        rang = self.type.findData(cle) if cle else next(
            (n for n, (_, _, code) in enumerate(self._types) if code == brouillon.type_code), -1)
        if rang < 0:
            self.type.addItem(brouillon.titre, cle or f"code:{brouillon.type_code}")
            rang = self.type.count() - 1
        self.type.setCurrentIndex(rang)

    def _type_change(self) -> None:
        """A title that was the former type's label follows the type."""
        if self.titre.text().strip() in ("", *(libelle for _, libelle, _ in self._types)):
            self.titre.setText(self.type.currentText())
        self.change.emit()
