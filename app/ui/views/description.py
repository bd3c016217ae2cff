"""What the user says of a document that says nothing itself: type, title, date, author."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCompleter, QGridLayout, QLineEdit, QWidget

from app.domain import dates
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ
from app.ui.views.formulaires import choisir, liste


class FormulaireDescription(QWidget):
    """Four fields; the type is found by typing any part of its name."""

    modifie = Signal()

    def __init__(self, types: Sequence[tuple[str, str]] = (), parent: QWidget | None = None
                 ) -> None:
        super().__init__(parent)
        self.type = liste((("", "Type à préciser"), *types))
        self.type.setEditable(True)
        self.type.setInsertPolicy(self.type.InsertPolicy.NoInsert)
        completion = self.type.completer()
        if completion is not None:
            completion.setFilterMode(Qt.MatchFlag.MatchContains)
            completion.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.titre, self.date, self.auteur = QLineEdit(), QLineEdit(), QLineEdit()
        self.titre.setMaxLength(128)
        self.date.setPlaceholderText("JJ/MM/AAAA")
        self.auteur.setPlaceholderText("Nom du professionnel ou de l’établissement")
        self._champ_titre = Champ("Titre", self.titre)
        self._champ_date = Champ("Date de l’acte", self.date)
        grille = QGridLayout(self)
        grille.setContentsMargins(0, 0, 0, 0)
        grille.setHorizontalSpacing(12)
        grille.setVerticalSpacing(8)
        grille.addWidget(Champ("Type", self.type), 0, 0)
        grille.addWidget(self._champ_date, 0, 1)
        grille.addWidget(self._champ_titre, 1, 0)
        grille.addWidget(Champ("Auteur", self.auteur), 1, 1)
        grille.setColumnStretch(0, 3)
        grille.setColumnStretch(1, 2)
        self.type.activated.connect(lambda _: self.modifie.emit())
        for champ in (self.titre, self.date, self.auteur):
            champ.textEdited.connect(lambda _: self.modifie.emit())

    def definir(self, type_code: str, titre: str, date_acte: str, auteur: str) -> None:
        """Fill the fields. `date_acte` AAAA-MM-JJ."""
        choisir(self.type, type_code)
        self.titre.setText(titre)
        self.date.setText(dates.formater(date_acte))
        self.auteur.setText(auteur)
        for champ in (self._champ_titre, self._champ_date):
            champ.montrer_faute("")

    def lire(self) -> tuple[str, str, str, str] | None:
        """(type, title, date AAAA-MM-JJ, author), or None after saying what is wrong."""
        jour = dates.lire_date_saisie(self.date.text())
        titre = self.titre.text().strip()
        self._champ_titre.montrer_faute("" if titre else "Donnez un titre au document.")
        faute = ""
        if jour is None:
            faute = "Date à écrire JJ/MM/AAAA."
        elif jour > date.today().isoformat():
            faute = "Cette date n’est pas encore passée."
        self._champ_date.montrer_faute(faute)
        if not titre or faute or jour is None:
            return None
        rang = self.type.findText(self.type.currentText())
        return str(self.type.itemData(rang) or "") if rang >= 0 else "", titre, jour, \
            self.auteur.text().strip()


class DialogueDescription(Dialogue):
    """The same in a dialog, for a document of the file."""

    #: type, title, date, author.
    valide = Signal(str, str, str, str)

    def __init__(self, types: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__("Type, titre et date", parent, largeur=620)
        self.expliquer("Ce document ne les porte pas lui-même : ils servent à le trier et à le "
                       "retrouver.")
        self.formulaire = FormulaireDescription(types)
        self.formulaire.setContentsMargins(20, 4, 20, 16)
        self.corps.addWidget(self.formulaire)
        annuler = Bouton("Annuler", "second", touche="Échap")
        annuler.clicked.connect(self.reject)
        self.bouton = Bouton("Enregistrer", "principal", touche="Entrée")
        self.bouton.setDefault(True)
        self.bouton.clicked.connect(self._valider)
        self.pied.addStretch(1)
        self.pied.addWidget(annuler)
        self.pied.addWidget(self.bouton)

    def definir(self, type_code: str, titre: str, date_acte: str, auteur: str) -> None:
        """Fill the fields."""
        self.formulaire.definir(type_code, titre, date_acte, auteur)
        self.formulaire.titre.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuser(self, texte: str) -> None:
        """It could not be kept: why."""
        self.bouton.setEnabled(True)
        self.expliquer(texte)

    def _valider(self) -> None:
        lu = self.formulaire.lire()
        if lu is not None:
            self.bouton.setEnabled(False)
            self.valide.emit(*lu)
