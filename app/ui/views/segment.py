"""Exclusive choices side by side."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from app.ui import theme


class Segment(QWidget):
    """Exclusive choices side by side; the chosen one is tinted and bold."""

    choisi = Signal(str)

    def __init__(self, choix: Sequence[tuple[str, str]] = (), parent: QWidget | None = None,
                 ) -> None:
        super().__init__(parent)
        self._groupe = QButtonGroup(self)
        self._groupe.setExclusive(True)
        self._boutons: dict[str, _BoutonSegment] = {}
        self._choix: tuple[tuple[str, str], ...] = ()
        self._rangee = QHBoxLayout(self)
        self._rangee.setContentsMargins(0, 0, 0, 0)
        self._rangee.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.definir(choix)

    def definir(self, choix: Sequence[tuple[str, str]]) -> None:
        """Replace the choices (code, label); the current one is kept when it is still there."""
        if tuple(choix) == self._choix:
            return
        courant, self._choix = self.valeur, tuple(choix)
        for bouton in self._boutons.values():
            self._groupe.removeButton(bouton)
            self._rangee.removeWidget(bouton)
            bouton.hide()
            bouton.deleteLater()
        self._boutons = {}
        for i, (code, libelle) in enumerate(choix):
            place = "debut" if i == 0 else "fin" if i == len(choix) - 1 else "milieu"
            bouton = _BoutonSegment(libelle, "seul" if len(choix) == 1 else place, self)
            bouton.clicked.connect(lambda _=False, c=code: self.choisi.emit(c))
            self._groupe.addButton(bouton)
            self._rangee.addWidget(bouton)
            self._boutons[code] = bouton
        if self._boutons:
            self.choisir(courant if courant in self._boutons else choix[0][0])

    @property
    def valeur(self) -> str:
        """Code of the current choice, "" without choices."""
        return next((c for c, b in self._boutons.items() if b.isChecked()), "")

    def choisir(self, code: str) -> None:
        """Select without emitting."""
        if code in self._boutons:
            self._boutons[code].setChecked(True)

    def effacer(self) -> None:
        """Choose nothing: the user must."""
        self._groupe.setExclusive(False)
        for bouton in self._boutons.values():
            bouton.setChecked(False)
        self._groupe.setExclusive(True)

    def bouton(self, code: str) -> QToolButton:
        """The button of a choice."""
        return self._boutons[code]


class _BoutonSegment(QToolButton):
    """One choice; as wide as its bold text, so that nothing moves when it is chosen."""

    def __init__(self, libelle: str, place: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(libelle)
        self.setAccessibleName(libelle)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.poser(self, role="segment", place=place)

    def sizeHint(self) -> QSize:
        gras = QFontMetrics(theme.police("body", 600))
        return QSize(gras.horizontalAdvance(self.text()) + theme.espace(24),
                     super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
