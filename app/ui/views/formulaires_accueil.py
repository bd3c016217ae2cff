"""What the Formulaires tab offers before one is open: kinds, forms begun, documents to correct."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.domain.dates import formater
from app.ui import theme
from app.ui.views.choix_pour import Choix, ChoixPour
from app.ui.views.elements import Bouton, Etiquette, Icone, vider


class AccueilFormulaires(QScrollArea):
    """One button a choice, the most likely first."""

    genre_choisi = Signal(str)
    reprise_demandee = Signal(int)
    #: Document to correct by a new version.
    correction_demandee = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setSpacing(8)
        milieu = Qt.AlignmentFlag.AlignHCenter
        colonne.addStretch(2)
        colonne.addWidget(Icone("clipboard-check", "texte2", 40), 0, milieu)
        colonne.addWidget(Etiquette("Remplir un formulaire", "title"), 0, milieu)
        self._phrase = Etiquette("Le document structuré et son PDF se font ensemble. Rien ne part "
                                 "avant votre validation.", "body", "texte2")
        self._phrase.setWordWrap(True)
        self._phrase.setAlignment(milieu)
        colonne.addWidget(self._phrase)
        self.pour = ChoixPour()
        self.pour.setMinimumWidth(theme.espace(420))
        colonne.addWidget(self.pour, 0, milieu)
        colonne.addSpacing(4)
        self._choix = QVBoxLayout()
        self._choix.setSpacing(6)
        colonne.addLayout(self._choix)
        colonne.addStretch(3)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.poser(cadre, fond="fond")
        self.setWidget(cadre)

    def offrir(self, genres: Sequence[tuple[str, str]],
               en_cours: Sequence[tuple[int, str, str]],
               faits: Sequence[tuple[int, str, str]]) -> None:
        """Show the choices.

        :param genres: kinds of the profession (key, title).
        :param en_cours: forms begun (id, title, when), to go on with.
        :param faits: documents that a new version may correct (id, title, day AAAA-MM-JJ).
        """
        vider(self._choix)
        milieu = Qt.AlignmentFlag.AlignHCenter
        largeur = theme.espace(420)
        for identifiant, titre, quand in en_cours:
            bouton = Bouton(f"Reprendre : {titre} ({quand})", "principal", "player-play")
            bouton.setMinimumWidth(largeur)
            bouton.clicked.connect(lambda _=False, i=identifiant: self.reprise_demandee.emit(i))
            self._choix.addWidget(bouton, 0, milieu)
        for cle, titre in genres:
            bouton = Bouton(titre, icone="file-plus", a_gauche=True)
            bouton.setMinimumWidth(largeur)
            bouton.clicked.connect(lambda _=False, c=cle: self.genre_choisi.emit(c))
            self._choix.addWidget(bouton, 0, milieu)
        for identifiant, titre, jour in faits:
            bouton = Bouton(f"Corriger\u00a0: {titre} du {formater(jour)}", "discret", "pencil")
            bouton.setToolTip("Une nouvelle version remplace le document.")
            bouton.clicked.connect(
                lambda _=False, i=identifiant: self.correction_demandee.emit(i))
            self._choix.addWidget(bouton, 0, milieu)
        if not genres:
            self._phrase.setText("Aucun formulaire pour les professions de ce cabinet. Les "
                                 "courriers et comptes rendus s’écrivent dans Courriers.")

    def saisir(self) -> None:
        """Give the keyboard to the first choice."""
        premier = self._choix.itemAt(0)
        bouton = premier.widget() if premier is not None else None
        if bouton is not None:
            bouton.setFocus(Qt.FocusReason.OtherFocusReason)

    def definir_pour(self, choix: Choix, moi: int, choisi: int) -> None:
        """For whom one may fill a form, and who validates it."""
        self.pour.definir(choix, moi, choisi)
        qui = "votre validation" if choisi in (0, moi) else (
            f"la validation de {dict(choix)[choisi]}")
        self._phrase.setText("Le document structuré et son PDF se font ensemble. Rien ne part "
                             f"avant {qui}.")
