"""Copies that don't stay: an identity leaves the clipboard after a while, and when it locks.

Every widget of Qt copies by itself (Ctrl+C on a line of a list, the menu of a label, a field): the
clipboard is watched, so that no copy of ours escapes, whoever made it.
"""

import atexit

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit
from shiboken6 import isValid

#: Formats by which a copy asks histories of the desktop not to keep it (Windows, KDE).
_SANS_HISTORIQUE = {
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\1",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
    "x-kde-passwordManagerHint": b"secret",
}
#: Says that a copy was treated already.
_MARQUE = "application/x-pleiade-copie"


class PressePapiers(QObject):
    """The clipboard, for what belongs to a patient."""

    #: Something was copied: what it is, without its content.
    copie = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.delai_s = 60
        self._texte = ""
        self._minuteur = QTimer(self, singleShot=True)
        self._minuteur.timeout.connect(self.effacer)
        QGuiApplication.clipboard().dataChanged.connect(self._a_change)

    def copier(self, texte: str, objet: str) -> None:
        """Copy a text that leaves the clipboard after `delai_s` seconds.

        Args:
            objet: what it is, for the trail (« matricule »).
        """
        donnees = QMimeData()
        donnees.setText(texte)
        self._poser(donnees, texte, objet)

    def _poser(self, donnees: QMimeData, texte: str, objet: str) -> None:
        """Put it, hidden from histories. Without `objet` it stays until the lock, untraced."""
        for genre, valeur in (*_SANS_HISTORIQUE.items(), (_MARQUE, b"1")):
            donnees.setData(genre, valeur)
        QGuiApplication.clipboard().setMimeData(donnees)
        self._texte = texte
        if not objet:
            self._minuteur.stop()
            return
        self._minuteur.start(self.delai_s * 1000)
        self.copie.emit(objet)

    def _a_change(self) -> None:
        """Treat a copy that a widget made by itself; those of other programs aren't ours."""
        presse = QGuiApplication.clipboard()
        if not self.possede():
            return
        brutes = presse.mimeData()
        texte = presse.text()
        if not texte or brutes is None or brutes.hasFormat(_MARQUE):
            return
        donnees = QMimeData()
        for genre in brutes.formats():
            donnees.setData(genre, brutes.data(genre))
        donnees.setText(texte)
        self._poser(donnees, texte, _objet())

    def possede(self) -> bool:
        """True when what the clipboard holds was put by this program."""
        return QGuiApplication.clipboard().ownsClipboard()

    def effacer(self) -> None:
        """Empty the clipboard, when it still holds our copy: what came since isn't ours."""
        self._minuteur.stop()
        presse = QGuiApplication.clipboard()
        texte, self._texte = self._texte, ""
        if texte and presse.text() == texte:
            presse.clear()
        if presse.supportsSelection() and presse.ownsSelection():
            presse.clear(QClipboard.Mode.Selection)  # what a middle click would paste


def _objet() -> str:
    """What is being copied, by the widget that has the keyboard.

    Empty for a text that the user is writing: cut now, it must still be there to be pasted later.
    """
    source = QApplication.focusWidget()
    if isinstance(source, QTextEdit | QPlainTextEdit) and not source.isReadOnly():
        return ""
    if isinstance(source, QLineEdit) and source.accessibleName():
        return f"champ «\u00a0{source.accessibleName()[:60]}\u00a0»"
    return "texte affiché"


_instance: PressePapiers | None = None


def presse_papiers() -> PressePapiers:
    """The one of the program."""
    global _instance
    if _instance is None:
        # Held by the application: a timer must not outlive it.
        _instance = PressePapiers(QGuiApplication.instance())
        atexit.register(_a_la_fin)
    return _instance


def _a_la_fin() -> None:
    """Empty our copy before the interpreter goes: Qt would free it after, and crash."""
    if _instance is not None and isValid(_instance) and QGuiApplication.instance() is not None:
        _instance.effacer()
