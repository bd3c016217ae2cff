"""A robot user: clicks what is visible, by its words, and waits for what a user would see.

Shared by the guided visit and by the scenario tests.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QHelpEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QMenu,
    QToolTip,
    QWidget,
)

W = TypeVar("W", bound=QWidget)

#: Longest wait for an answer of the doubles.
DELAI_S = 30.0


class RienVu(AssertionError):
    """What was waited for never came; the message says what was on screen."""


def _mots(texte: str) -> str:
    return texte.replace("&", "").replace("\n", " ").replace("\u00a0", " ").strip()


class Pilote:
    """Drives one window.

    Args:
        fenetre: the main window.
        captures: folder of the screenshots.
        dire: told about every step.
    """

    def __init__(self, fenetre: QWidget, captures: Path,
                 dire: Callable[[str], None] = lambda texte: None) -> None:
        self.fenetre, self._captures, self._dire = fenetre, captures, dire
        self.nombre = 0
        self.clics = 0

    # -- Time -------------------------------------------------------------------------------

    def attendre(self, condition: Callable[[], object], quoi: str = "",
                 delai_s: float = DELAI_S) -> None:
        """Let the window live until `condition` holds.

        :raises RienVu: it never did.
        """
        limite = time.monotonic() + delai_s
        while not condition():
            if time.monotonic() > limite:
                raise RienVu(f"attendu : {quoi or condition} ; à l’écran : {self.textes()[:60]}")
            QApplication.processEvents()
            time.sleep(0.004)
        QApplication.processEvents()

    def laisser(self, secondes: float) -> None:
        """Let the window live for a while."""
        limite = time.monotonic() + secondes
        while time.monotonic() < limite:
            QApplication.processEvents()
            time.sleep(0.004)

    # -- Looking ----------------------------------------------------------------------------

    def _racines(self) -> list[QWidget]:
        # The main window of another workstation, in the same process, is somebody else's.
        return [w for w in QApplication.topLevelWidgets() if w.isVisible()
                and (w is self.fenetre or not isinstance(w, type(self.fenetre)))]

    def visibles(self, classe: type[W]) -> list[W]:
        """Visible widgets of a class, dialogs first."""
        racines = sorted(self._racines(), key=lambda w: w is self.fenetre)
        return [w for racine in racines for w in [racine, *racine.findChildren(QWidget)]
                if isinstance(w, classe) and w.isVisible()]

    def textes(self) -> list[str]:
        """Words on screen: labels and buttons."""
        return [*(_mots(e.text()) for e in self.visibles(QLabel) if e.text()),
                *(_mots(b.text()) for b in self.visibles(QAbstractButton) if b.text())]

    def voit(self, texte: str) -> bool:
        """True when a label or a button shows `texte`, or says it to a screen reader."""
        texte = _mots(texte)
        return any(texte in vu for vu in self.textes()) or any(
            texte in _mots(f"{w.accessibleName()} {w.accessibleDescription()}")
            for w in self.visibles(QWidget))

    def bouton(self, texte: str) -> QAbstractButton | None:
        """The visible, enabled button with these words, in its text or its accessible name."""
        texte = texte.replace("\u00a0", " ")
        for exact in (True, False):
            for b in self.visibles(QAbstractButton):
                noms = (_mots(b.text()), _mots(b.accessibleName()), _mots(b.toolTip()))
                if b.isEnabled() and any(nom == texte if exact else nom.startswith(texte)
                                         for nom in noms if nom):
                    return b
        return None

    # -- Acting -----------------------------------------------------------------------------

    def cliquer(self, texte: str) -> None:
        """Click the button with these words, as soon as it is there and enabled."""
        bouton = None
        while bouton is None:  # what is seen at one turn of the loop may be gone at the next
            self.attendre(lambda: self.bouton(texte), f"bouton « {texte} »")
            bouton = self.bouton(texte)
        self._dire(f"clic sur « {texte} »")
        self.clics += 1
        QTest.mouseClick(bouton, Qt.MouseButton.LeftButton,
                         pos=QPoint(min(20, bouton.width() // 2), bouton.height() // 2))
        QApplication.processEvents()

    def champ(self, nom: str) -> QLineEdit:
        """The visible field with this label, as soon as it is there."""
        def cherche() -> QLineEdit | None:
            return next((c for c in self.visibles(QLineEdit) if c.accessibleName() == nom), None)

        self.attendre(cherche, f"champ « {nom} »")
        trouve = cherche()
        assert trouve is not None
        return trouve

    def remplir(self, nom: str, texte: str) -> None:
        """Type in the field with this label, instead of what it holds."""
        champ = self.champ(nom)
        self._dire(f"« {texte} » dans « {nom} »")
        champ.setFocus()
        champ.selectAll()
        if not texte:
            QTest.keyClick(champ, Qt.Key.Key_Delete)
        self.ecrire(champ, texte)

    def choisir(self, texte: str) -> None:
        """Click a line of the menu that is open."""
        self.attendre(lambda: self._ligne_de_menu(texte), f"choix « {texte} »")
        menu, action = self._ligne_de_menu(texte) or (None, None)
        assert menu is not None and action is not None
        self._dire(f"choix « {action.text()} »")
        self.clics += 1
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())
        QApplication.processEvents()

    def clic_droit(self, zone: QWidget, point: QPoint) -> None:
        """Ask for the menu of what is there."""
        self._dire("clic droit")
        self.clics += 1
        QApplication.sendEvent(zone, QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, point, zone.mapToGlobal(point)))
        self.attendre(QApplication.activePopupWidget, "menu")

    def _ligne_de_menu(self, texte: str) -> tuple[QMenu, QAction] | None:
        for menu in self.visibles(QMenu):
            for action in menu.actions():
                if action.isEnabled() and _mots(action.text()).startswith(texte):
                    return menu, action
        return None

    def cliquer_ligne(self, liste: QAbstractItemView, rang: int) -> None:
        """Click a line of a list, in its first column."""
        index = liste.model().index(rang, 0)
        liste.scrollTo(index)
        self._dire(f"ligne {index.data()}")
        self.clics += 1
        QTest.mouseClick(liste.viewport(), Qt.MouseButton.LeftButton,
                         pos=liste.visualRect(index).center())
        QApplication.processEvents()

    def cocher(self, nom: str) -> None:
        """Click the check box with this text or this accessible name."""
        self.attendre(lambda: self._case(nom), f"case « {nom} »")
        case = self._case(nom)
        assert case is not None
        self._dire(f"case « {nom} »")
        self.clics += 1
        QTest.mouseClick(case, Qt.MouseButton.LeftButton, pos=QPoint(8, case.height() // 2))
        QApplication.processEvents()

    def _case(self, nom: str) -> QAbstractButton | None:
        return next((c for c in self.visibles(QCheckBox)
                     if nom in (_mots(c.text()), c.accessibleName())), None)

    def survoler(self, widget: QWidget) -> str:
        """Leave the mouse on a widget; the words of the tooltip that comes."""
        milieu = widget.rect().center()
        QTest.mouseMove(widget, milieu)
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, milieu,
                                                  widget.mapToGlobal(milieu)))
        widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
        self.attendre(QToolTip.text, "info-bulle")
        return QToolTip.text()

    def quitter_survol(self, widget: QWidget) -> None:
        """Take the mouse away; the tooltip goes."""
        widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        QToolTip.hideText()
        self.attendre(lambda: not QToolTip.isVisible(), "info-bulle partie")

    def touche(self, touche: Qt.Key,
               modificateur: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is."""
        self._dire(f"touche {touche.name}")
        if QApplication.activeWindow() is None:
            # Without a window manager nobody gives the keyboard back when a dialog closes.
            self.fenetre.activateWindow()
            self.attendre(QApplication.activeWindow, "fenêtre active")
        menu = QApplication.activePopupWidget()
        cible = (menu if isinstance(menu, QMenu) else QApplication.focusWidget()) \
            or QApplication.activeModalWidget() or self.fenetre
        QTest.keyClick(cible, touche, modificateur)
        QApplication.processEvents()

    def ecrire(self, widget: QWidget, texte: str) -> None:
        """Type in a field, accents included (QTest only knows ASCII)."""
        widget.setFocus()
        for signe in texte:
            for genre in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(widget, QKeyEvent(
                    genre, 0, Qt.KeyboardModifier.NoModifier, signe))
        QApplication.processEvents()

    def capturer(self, nom: str) -> Path:
        """Numbered screenshot of the window, dialogs and popovers on top."""
        self.laisser(0.15)
        self.nombre += 1
        chemin = self._captures / f"{self.nombre:02d}-{nom}.png"
        image = self.fenetre.grab()
        from PySide6.QtGui import QPainter

        peintre = QPainter(image)
        # Lists, menus and tooltips lie over the dialogs.
        for autre in sorted(self._racines(), key=lambda w: w.windowType() in (
                Qt.WindowType.Popup, Qt.WindowType.ToolTip)):
            if autre is not self.fenetre:
                peintre.drawPixmap(self.fenetre.mapFromGlobal(autre.mapToGlobal(QPoint(0, 0))),
                                   autre.grab())
        peintre.end()
        if not image.save(str(chemin)):
            raise RienVu(f"capture impossible : {chemin}")
        self._dire(f"capture {chemin.name}")
        return chemin
