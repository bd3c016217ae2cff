"""A user without a mouse: Tab, arrows, Entrée, the shortcuts. Nothing is given the focus for her.

Keys go to the window that has the keyboard, as those of a real keyboard do; a journey that needs
anything else than a key shows a defect of the screen.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent, QKeySequence, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QMenu, QWidget

from app.cli.pilote import Pilote, RienVu

if TYPE_CHECKING:
    from collections.abc import Callable

#: Presses of Tab after which one has gone round any screen.
TOUR = 120
_SANS = Qt.KeyboardModifier.NoModifier


def nom(widget: QWidget | None) -> str:
    """What a screen reader says of a widget first."""
    if widget is None:
        return ""
    texte = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton)
                                        else "")
    return " ".join(texte.replace("&", "").replace("\u00a0", " ").split())


class Clavier:
    """Presses keys, and says which.

    Args:
        pilote: the robot that looks at the screen; its mouse is never used.
    """

    def __init__(self, pilote: Pilote) -> None:
        self.pilote = pilote
        self.frappes = 0
        self._vus: set[tuple[str, str]] = set()

    # -- Keys -------------------------------------------------------------------------------

    def _reveiller(self) -> None:
        """Without a window manager nobody gives the keyboard back when a dialog closes."""
        if QApplication.activePopupWidget() is None and QGuiApplication.focusWindow() is None:
            (QApplication.activeModalWidget() or self.pilote.fenetre.window()).activateWindow()
            self.pilote.attendre(QGuiApplication.focusWindow, "fenêtre active")

    def _cible(self) -> QWindow:
        self._reveiller()
        menu = QApplication.activePopupWidget()
        cible = menu.windowHandle() if menu is not None else QGuiApplication.focusWindow()
        assert cible is not None
        return cible

    def presser(self, touche: Qt.Key, modificateurs: Qt.KeyboardModifier = _SANS) -> None:
        """One key."""
        self.frappes += 1
        QTest.keyPress(self._cible(), touche, modificateurs)
        # Only the space bar acts when it is released. For another key the press may have closed
        # and destroyed the window that had it, and QTest would send the release to nothing.
        ici = QApplication.focusWidget()
        if touche == Qt.Key.Key_Space and ici is not None:
            QTest.keyRelease(ici, touche, modificateurs)
        QApplication.processEvents()

    def combiner(self, sequence: str) -> None:
        """A shortcut, in the words of the table (« Ctrl+Return »)."""
        combinaison = QKeySequence(sequence)[0]
        self.pilote._dire(f"touches {sequence}")
        self.presser(combinaison.key(), combinaison.keyboardModifiers())

    def entree(self) -> None:
        """Entrée."""
        self.pilote._dire("Entrée")
        self.presser(Qt.Key.Key_Return)

    def espace(self) -> None:
        """The space bar: it presses what has the keyboard."""
        self.pilote._dire("Espace")
        self.presser(Qt.Key.Key_Space)

    def taper(self, texte: str) -> None:
        """Letters, where the keyboard is (QTest only knows those of ASCII)."""
        self.pilote._dire(f"« {texte} »")
        self.frappes += len(texte)
        for signe in texte:
            if signe.isascii():
                QTest.keyClick(QApplication.focusWidget(), signe)
                continue
            for genre in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(QApplication.focusWidget(), QKeyEvent(
                    genre, 0, _SANS, signe))
        QApplication.processEvents()

    # -- Moving -----------------------------------------------------------------------------

    @property
    def ici(self) -> str:
        """Name of what has the keyboard."""
        self._reveiller()
        return nom(QApplication.focusWidget())

    def aller(self, texte: str, *, arriere: bool = False, visible: bool = True) -> None:
        """Tab until what has the keyboard is called so.

        :raises RienVu: one goes round without meeting it.
        """
        self.pilote.attendre(lambda: self._la(texte) or self._montre(texte), f"« {texte} »")
        pas, traverses = 0, []
        while not self._la(texte):
            if pas == TOUR:
                raise RienVu(f"Tab n’atteint pas « {texte} » ; traversés : {traverses}")
            traverses.append(self.ici or type(QApplication.focusWidget()).__name__)
            self._tab(arriere)
            pas += 1
        self.pilote._dire(f"Tab × {pas} jusqu’à « {texte} »")
        if visible:
            self._voir(texte)

    def activer(self, texte: str, *, arriere: bool = False) -> None:
        """Tab to a button, then the space bar."""
        self.aller(texte, arriere=arriere)
        self.espace()

    def remplir(self, champ: str, texte: str) -> None:
        """Tab to a field and type there, instead of what it holds."""
        self.aller(champ)
        self.presser(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.taper(texte)

    def choisir(self, texte: str) -> None:
        """A line of the menu that is open: down to it, Entrée."""
        self.pilote.attendre(QApplication.activePopupWidget, "menu")
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in range(len(menu.actions()) + 1):
            active = menu.activeAction()
            if active is not None and active.text().startswith(texte):
                break
            self.presser(Qt.Key.Key_Down)
        else:
            raise RienVu(f"le menu n’a pas « {texte} »")
        self.pilote._dire(f"flèches jusqu’à « {texte} », Entrée")
        self.presser(Qt.Key.Key_Return)

    def fleches(self, texte: str, touche: Qt.Key = Qt.Key.Key_Down) -> None:
        """Arrows through a group of buttons, until the one called so."""
        traverses = []
        while not self._la(texte):
            if self.ici in traverses:
                raise RienVu(f"les flèches n’atteignent pas « {texte} » ; traversés : {traverses}")
            traverses.append(self.ici)
            self.presser(touche)
        self.pilote._dire(f"{touche.name} × {len(traverses)} jusqu’à « {texte} »")
        self._voir(texte)

    def fichier(self, chemin: Path) -> None:
        """The space bar opens the dialog of files; its path is typed there, then Entrée."""
        fin = time.monotonic() + 20

        def taper() -> None:
            dialogue = QApplication.activeModalWidget()
            if isinstance(dialogue, QFileDialog) and dialogue.isActiveWindow():
                for _ in range(TOUR):
                    if isinstance(QApplication.focusWidget(), QLineEdit):
                        break
                    self._tab(False)
                self.presser(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
                self.taper(str(chemin))
                self.entree()
                if dialogue.isVisible():
                    dialogue.reject()  # the caller then sees that nothing was written
            elif time.monotonic() < fin:
                QTimer.singleShot(20, taper)

        QTimer.singleShot(20, taper)
        self.espace()

    def attendre(self, condition: "Callable[[], object]", quoi: str) -> None:
        """Let the window live until it holds."""
        self.pilote.attendre(condition, quoi)

    def _tab(self, arriere: bool) -> None:
        if arriere:
            self.presser(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
        else:
            self.presser(Qt.Key.Key_Tab)

    def _la(self, texte: str) -> bool:
        widget = QApplication.focusWidget()
        return widget is not None and widget.isEnabled() and self.ici.startswith(texte)

    def _montre(self, texte: str) -> bool:
        return any(w.isEnabled() and nom(w).startswith(texte)
                   and w.focusPolicy() & Qt.FocusPolicy.TabFocus
                   for w in self.pilote.visibles(QWidget))

    # -- Seeing -----------------------------------------------------------------------------

    def _image(self, widget: QWidget) -> QImage:
        fenetre = widget.window()
        coin = widget.mapTo(fenetre, QPoint(0, 0))
        return fenetre.grab(QRect(coin, widget.size()).adjusted(-4, -4, 4, 4)).toImage()

    def _voir(self, texte: str) -> None:
        """What has the keyboard is on screen, and looks otherwise than without it."""
        widget = QApplication.focusWidget()
        assert widget is not None
        assert widget.visibleRegion().boundingRect().height() > 8, f"« {texte} » hors de la vue"
        cle = (type(widget).__name__, texte)
        if cle in self._vus or not isinstance(widget, QAbstractButton):
            return  # a field has its caret
        self._vus.add(cle)
        avec = self._image(widget)
        self._tab(False)
        if QApplication.focusWidget() is widget:
            return  # alone on its screen
        sans = self._image(widget)
        self._tab(True)
        assert QApplication.focusWidget() is widget, f"Maj+Tab ne revient pas à « {texte} »"
        assert avec != sans, f"rien ne montre que « {texte} » a le clavier"
