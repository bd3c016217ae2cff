"""The help of the keyboard (F1), drawn from the table of the shortcuts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from app.ui.raccourcis import RACCOURCIS, dire
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette, Touche


class DialogueRaccourcis(Dialogue):
    """Each place, its keys, what they do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Raccourcis clavier", parent, 680)
        grille = QGridLayout()
        grille.setContentsMargins(20, 4, 20, 16)
        grille.setHorizontalSpacing(20)
        grille.setVerticalSpacing(6)
        grille.setColumnStretch(1, 1)
        rang = 0
        for ou, raccourcis in RACCOURCIS:
            titre = Etiquette(ou, "title")
            titre.setContentsMargins(0, 10 if rang else 0, 0, 2)
            grille.addWidget(titre, rang, 0, 1, 2)
            rang += 1
            for raccourci in raccourcis:
                touches = QHBoxLayout()
                touches.setSpacing(6)
                for sequence in raccourci.sequences:
                    touches.addWidget(Touche(dire(sequence)))
                touches.addStretch(1)
                quoi = Etiquette(raccourci.quoi, "body")
                quoi.setWordWrap(True)
                grille.addLayout(touches, rang, 0, Qt.AlignmentFlag.AlignTop)
                grille.addWidget(quoi, rang, 1)
                rang += 1
        self.corps.addLayout(grille)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        fermer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
