"""One trait of the banner: an unambiguous label and its value (rule 3)."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.domain.libelles import TRAITS, TRAITS_COURTS
from app.ui.infobulle import sure
from app.ui.presse_papiers import presse_papiers
from app.ui.views.elements import Etiquette

#: Longest name shown whole; longer ones elide in the middle.
LONGUEUR_NOM = 28


class Trait(QWidget):
    """A label and its value, one above the other; the value can be selected and copied."""

    def __init__(self, trait: str, parent: QWidget | None = None, *, grand: bool = False) -> None:
        super().__init__(parent)
        self._libelles = (TRAITS[trait], TRAITS_COURTS[trait])
        libelle = TRAITS[trait]
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(1)
        self.libelle = Etiquette(libelle, "micro", "texte2")
        self.valeur = Etiquette("", "page" if grand else "trait")
        self.valeur.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.valeur.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.valeur.customContextMenuRequested.connect(self._menu)
        self.valeur.setTextFormat(Qt.TextFormat.PlainText)
        self.libelle.setBuddy(self.valeur)
        self.libelle.setText(libelle)
        ligne = QHBoxLayout()
        ligne.setSpacing(4)
        ligne.setContentsMargins(0, 0, 0, 0)
        self.complement = Etiquette("", "small", "texte2")
        ligne.addWidget(self.valeur)
        ligne.addWidget(self.complement, 0, Qt.AlignmentFlag.AlignBottom)
        ligne.addStretch(1)
        colonne.addStretch(1)
        colonne.addWidget(self.libelle)
        colonne.addLayout(ligne)
        colonne.addStretch(1)
        self._copie = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def abreger(self, oui: bool) -> None:
        """Short label (rule 3), for narrow windows."""
        self.libelle.setText(self._libelles[oui])
        self.libelle.setToolTip(sure(self._libelles[0] if oui else ""))

    def largeur(self) -> int:
        """Width that shows everything."""
        valeur = self.valeur.fontMetrics().horizontalAdvance(self.valeur.text()) + 3
        if self.complement.text() and not self.complement.isHidden():
            valeur += 4 + self.complement.fontMetrics().horizontalAdvance(
                self.complement.text()) + 3
        return max(valeur, self.libelle.fontMetrics().horizontalAdvance(self.libelle.text()) + 3)

    def sizeHint(self) -> QSize:
        return QSize(self.largeur(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def definir(self, valeur: str, complement: str = "", copie: str = "") -> None:
        """Show a value. `copie`: what « Copier » gives when it differs from what is shown."""
        court = valeur
        if len(valeur) > LONGUEUR_NOM and not any(c.isdigit() for c in valeur):
            moitie = (LONGUEUR_NOM - 1) // 2
            court = f"{valeur[:moitie].rstrip()}…{valeur[-moitie:].lstrip()}"
        self.valeur.setText(court)
        self.valeur.setToolTip(sure(valeur if court != valeur else ""))
        self.complement.setText(complement)
        self.complement.setVisible(bool(complement))
        self.updateGeometry()
        self._copie = copie or valeur
        self.valeur.setAccessibleName(f"{self.libelle.text()} : {valeur} {complement}".strip())

    def _menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        action = QAction("Copier", menu)
        action.triggered.connect(lambda: presse_papiers().copier(
            self.valeur.selectedText() or self._copie, self.libelle.text().lower()))
        menu.addAction(action)
        menu.popup(self.valeur.mapToGlobal(point))
