"""The preview of a letter: the PDF that will be sent, page by page."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Elide, Etiquette
from app.ui.views.pages_pdf import PagesPdf

_TEL_QUEL = "le document tel qu’il partira"


class ApercuCourrier(QWidget):
    """Head with zoom, pages below."""

    #: (page from 0, width in device pixels).
    page_demandee = Signal(int, int)
    #: Back to the editor (narrow window).
    ecriture_demandee = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        tete = QFrame()
        theme.poser(tete, fond="surface2", trait="bas")
        rangee = QHBoxLayout(tete)
        rangee.setContentsMargins(14, 5, 12, 5)
        rangee.setSpacing(8)
        self.ecrire = Bouton("Écrire", icone="pencil")
        self.ecrire.clicked.connect(self.ecriture_demandee)
        rangee.addWidget(self.ecrire)
        rangee.addWidget(Etiquette("Aperçu", "trait", "texte", 600))
        self.etat = Elide(_TEL_QUEL, "small", "texte2")
        rangee.addWidget(self.etat, 1)
        self._barre = QProgressBar()
        self._barre.setRange(0, 0)
        self._barre.setTextVisible(False)
        self._barre.setFixedWidth(theme.espace(60))
        self._barre.hide()
        moins, plus = BoutonIcone("zoom-out", "Réduire"), BoutonIcone("zoom-in", "Agrandir")
        self._numero = Etiquette("", "body")
        rangee.addWidget(self._barre)
        for widget in (moins, self._numero, plus):
            rangee.addWidget(widget)
        self.pages = PagesPdf()
        self.pages.page_demandee.connect(self.page_demandee)
        self.pages.page_change.connect(
            lambda page, total: self._numero.setText(f"{page} / {total}" if total else ""))
        moins.clicked.connect(lambda: self.pages.zoomer(-1))
        plus.clicked.connect(lambda: self.pages.zoomer(1))
        colonne.addWidget(tete)
        self.refus = Etiquette("", "body", "alerte")
        self.refus.setWordWrap(True)
        self.refus.setContentsMargins(14, 8, 14, 8)
        theme.poser(self.refus, fond="surface2")
        self.refus.hide()
        colonne.addWidget(self.refus)
        colonne.addWidget(self.pages, 1)

    def attendre(self) -> None:
        """A new PDF is being made."""
        self._barre.show()

    def montrer(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A new PDF came: sizes of its pages in points. Place and former image stay meanwhile."""
        self._barre.hide()
        self.pages.remplacer(tailles)
        self.refus.hide()
        self.etat.definir(_TEL_QUEL)

    def impossible(self, texte: str) -> None:
        """The PDF could not be made; the text is safe."""
        self._barre.hide()
        self.etat.definir("")
        self.refus.setText(texte)
        self.refus.show()

    def vider(self) -> None:
        """Nothing is being written."""
        self._barre.hide()
        self.pages.definir(())

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.pages.poser_page(numero, largeur, image)
