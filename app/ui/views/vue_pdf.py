"""Pages of a PDF with their search line; the search itself runs away from the window."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.views.barre_recherche import BarreRecherche
from app.ui.views.pages_pdf import PagesPdf


class VuePdf(QWidget):
    """`recherche_demandee` asks where a text stands; `poser_trouvailles` brings the places."""

    recherche_demandee = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self.barre = BarreRecherche()
        self.pages = PagesPdf()
        colonne.addWidget(self.barre)
        colonne.addWidget(self.pages, 1)
        self._trouves: tuple[tuple[int, QRectF], ...] = ()
        self._rang = 0
        self._pause = QTimer(self, singleShot=True, interval=250)
        self._pause.timeout.connect(self._demander)
        self.barre.saisi.connect(lambda _: self._pause.start())
        self.barre.pas.connect(self._avancer)
        self.barre.ferme.connect(self._ferme)

    def definir(self, tailles: Sequence[tuple[float, float]]) -> None:
        """Show a new document: sizes of its pages in points."""
        self._trouves = ()
        self.barre.hide()
        self.barre.mot.clear()
        self.barre.bilan.setText("")
        self.pages.definir(tailles)

    def ouvrir_recherche(self) -> None:
        """Ctrl+F."""
        self.barre.ouvrir()

    def poser_trouvailles(self, mot: str, trouves: Sequence[tuple[int, QRectF]]) -> None:
        """Places where `mot` stands; those of a former word are ignored."""
        if mot != self.barre.mot.text():
            return
        self._trouves, self._rang = tuple(trouves), 0
        self.pages.marquer(self._trouves)
        self._compter()

    def _demander(self) -> None:
        mot = self.barre.mot.text()
        if mot.strip():
            self.recherche_demandee.emit(mot)
        else:
            self._trouves = ()
            self.pages.marquer(())
            self.barre.bilan.setText("")

    def _avancer(self, pas: int) -> None:
        if self._pause.isActive() or not self._trouves:
            self._pause.stop()
            self._demander()
            return
        self._rang = (self._rang + pas) % len(self._trouves)
        self.pages.marquer(self._trouves, self._rang)
        self._compter()

    def _compter(self) -> None:
        total = len(self._trouves)
        self.barre.bilan.setText(f"{self._rang + 1} sur {total}" if total else "Aucun résultat")

    def _ferme(self) -> None:
        self._trouves = ()
        self.pages.marquer(())
        self.pages.setFocus(Qt.FocusReason.OtherFocusReason)
