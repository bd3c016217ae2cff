"""À propos: version, licence, reference data with their dates (MIN.VER.01)."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain import dates
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette, Lien, filet
from app.ui.views.marque import Marque
from app.ui.views.repli import Repli

LICENCE = ("Logiciel libre sous licence AGPL-3.0 ou ultérieure. Les polices, icônes et données de "
           "référence gardent leur propre licence.")


#: What the solution is made of, as declared to the ANS (MIN.PXY.01): name, part.
COMPOSANTS = (
    ("Pléiade", "Composant principal : le logiciel du cabinet, sur chaque poste."),
    ("Proxy e-santé", "Composant technique, sans interface : Pro Santé Connect, échange des "
                      "jetons, appels aux services nationaux. Même version que Pléiade."),
)


class ReferenceAffichee(Protocol):
    """What a line shows."""

    nom: str
    version: str
    date: str
    source: str
    licence: str


#: Pages of the documentation that the program shows itself: name, title.
PAGES = (("lecteurs", "Lecteurs Datamatrix compatibles"), ("donnees", "Données personnelles"),
         ("vulnerabilites", "Signaler une vulnérabilité"))


def _jour(iso: str) -> str:
    """« 25/09/2024 », « 11/2026 », « 2022 »: as precise as what is known."""
    annee, tiret, mois = iso.partition("-")
    return f"{mois}/{annee}" if tiret and len(mois) == 2 else dates.formater(iso)


def _texte(texte: str, role: str, ton: str) -> Etiquette:
    etiquette = Etiquette(texte, role, ton)
    etiquette.setWordWrap(True)
    return etiquette


class VueAPropos(QWidget):
    """The screen, in the settings and over the lock screen."""

    #: A page of the documentation, by its name.
    page_demandee = Signal(str)
    #: A downloaded version is to be checked.
    verification_demandee = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        tete = QHBoxLayout()
        tete.setSpacing(16)
        marque = QFrame()
        theme.poser(marque, fond="nuit")
        dedans = QVBoxLayout(marque)
        dedans.setContentsMargins(12, 12, 12, 12)
        dedans.addWidget(Marque(48))
        tete.addWidget(marque)
        textes = QVBoxLayout()
        textes.setSpacing(2)
        textes.addWidget(Etiquette("Pléiade", "page"))
        self.version = Etiquette("", "body", "texte2")
        self.version.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse
                                             | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        textes.addWidget(self.version)
        tete.addLayout(textes, 1)
        colonne.addLayout(tete)
        licence = Etiquette(LICENCE, "body", "texte2")
        licence.setWordWrap(True)
        colonne.addWidget(licence)
        self.pages = QWidget()
        liens = Repli(16, a_droite=False)
        self.pages.setLayout(liens)
        for nom, titre in PAGES:
            lien = Lien(titre)
            lien.clicked.connect(lambda _=False, n=nom: self.page_demandee.emit(n))
            liens.addWidget(lien)
        verifier = Lien("Vérifier une version téléchargée…")
        verifier.clicked.connect(self.verification_demandee)
        liens.addWidget(verifier)
        colonne.addWidget(self.pages)
        colonne.addSpacing(4)
        colonne.addWidget(Etiquette("Composants de la solution", "title"))
        for nom, role in COMPOSANTS:
            rangee = QHBoxLayout()
            rangee.setSpacing(20)
            rangee.addWidget(Etiquette(nom, "body"), 1, Qt.AlignmentFlag.AlignTop)
            detail = Etiquette(role, "small", "texte2")
            detail.setWordWrap(True)
            rangee.addWidget(detail, 3, Qt.AlignmentFlag.AlignTop)
            colonne.addLayout(rangee)
        colonne.addSpacing(4)
        colonne.addWidget(Etiquette("Données de référence et composants", "title"))
        self._grille = QGridLayout()
        self._grille.setHorizontalSpacing(20)
        self._grille.setVerticalSpacing(7)
        for rang, part in enumerate((5, 5, 3)):
            self._grille.setColumnStretch(rang, part)
        colonne.addLayout(self._grille)
        colonne.addStretch(1)

    def montrer(self, version: str, references: Sequence[ReferenceAffichee]) -> None:
        """Fill the screen."""
        self.version.setText(f"Version {version}")
        for i, titre in enumerate(("Référence, version et date", "Source", "Licence")):
            self._grille.addWidget(Etiquette(titre, "small", "texte2", 500), 0, i)
        for rang, reference in enumerate(references):
            ligne = rang * 2 + 1
            self._grille.addWidget(filet(), ligne, 0, 1, 3)
            nom = QVBoxLayout()
            nom.setSpacing(1)
            # One after the other: a column each took the room of the sources in a large text.
            parts = dict.fromkeys((reference.version, _jour(reference.date)))
            for texte, role, ton in ((reference.nom, "body", "texte"),
                                     (", ".join(filter(None, parts)), "small", "texte2")):
                nom.addWidget(_texte(texte, role, ton))
            nom.addStretch(1)
            self._grille.addLayout(nom, ligne + 1, 0)
            for i, texte in enumerate((reference.source, reference.licence), 1):
                self._grille.addWidget(_texte(texte or "–", "small", "texte2"), ligne + 1, i,
                                       Qt.AlignmentFlag.AlignTop)
        self._tenir_hauteur()

    def _tenir_hauteur(self) -> None:
        """A scroll area only asks for the height of one line a label: wrapped ones were cut."""
        disposition = self.layout()
        if disposition is not None and self.width() > 0:
            self.setMinimumHeight(disposition.totalHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tenir_hauteur()


class DialogueAPropos(Dialogue):
    """The same, over the lock screen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("À propos de Pléiade", parent, largeur=860)
        self.vue = VueAPropos()
        self.vue.setContentsMargins(20, 4, 20, 16)
        self.vue.pages.hide()  # this dialog is over the lock screen: nothing opens from it
        self.corps.addWidget(self.vue)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
