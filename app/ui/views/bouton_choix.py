"""A choice among several: a wide button whose two lines wrap instead of being cut."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import BoutonClavier, Etiquette


class BoutonChoix(BoutonClavier):
    """One of a list: what it is, and a detail under it.

    Two situations d'exercice may differ by the last words of a long name: nothing is elided.
    """

    def __init__(self, titre: str, detail: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self.setAccessibleName(", ".join(filter(None, (titre, detail))))
        theme.poser(self, role="second", taille="choix")
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(14, 9, 14, 9)
        self._colonne.setSpacing(2)
        for texte, role, ton, poids in ((titre, "body", "texte", 600),
                                        (detail, "small", "texte2", 400)):
            if texte:
                ligne = Etiquette(texte, role, ton, poids)
                ligne.setWordWrap(True)
                ligne.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
                self._colonne.addWidget(ligne)
        politique = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        politique.setHeightForWidth(True)
        self.setSizePolicy(politique)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, largeur: int) -> int:
        return max(self._colonne.totalHeightForWidth(largeur), theme.espace(52))

    def sizeHint(self) -> QSize:
        taille = self._colonne.totalSizeHint()
        return QSize(taille.width(), max(taille.height(), theme.espace(52)))

    def minimumSizeHint(self) -> QSize:
        taille = self._colonne.totalMinimumSize()
        return QSize(taille.width(), max(taille.height(), theme.espace(52)))
