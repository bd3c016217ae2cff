"""An icon that opens a menu of rarer gestures."""

from PySide6.QtCore import QPoint, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from app.ui import theme
from app.ui.views.elements import BoutonIcone


class BoutonMenu(BoutonIcone):
    """The button; a gesture that isn't permitted isn't in the menu, and none hides the button."""

    def __init__(self, icone: str, nom: str, parent: QWidget | None = None) -> None:
        super().__init__(icone, nom, parent, bordure=False)
        self._gestes: list[tuple[str, str, SignalInstance]] = []
        self._permis: tuple[bool, ...] = ()
        self.clicked.connect(self.derouler)
        self.hide()

    def ajouter(self, icone: str, texte: str, signal: SignalInstance) -> None:
        """Add a gesture, in the order of the menu."""
        self._gestes.append((icone, texte, signal))

    def permettre(self, *permis: bool) -> None:
        """Which gestures may be done, in the order of `ajouter`."""
        self._permis = permis
        self.setVisible(any(permis))

    def derouler(self) -> None:
        """Open the menu under the button."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for (icone, texte, signal), permis in zip(self._gestes, self._permis, strict=True):
            if permis:
                action = QAction(theme.icone(icone), texte, menu)
                action.triggered.connect(lambda _=False, s=signal: s.emit())
                menu.addAction(action)
        menu.popup(self.mapToGlobal(QPoint(self.width() - menu.sizeHint().width(),
                                           self.height() + 2)))
