"""Copies that don't stay: an identity leaves the clipboard after a while, and when it locks."""

import atexit

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid

#: Formats by which a copy asks histories of the desktop not to keep it (Windows, KDE).
_SANS_HISTORIQUE = {
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"\1",
    'application/x-qt-windows-mime;value="CanIncludeInClipboardHistory"': b"\0\0\0\0",
    'application/x-qt-windows-mime;value="CanUploadToCloudClipboard"': b"\0\0\0\0",
    "x-kde-passwordManagerHint": b"secret",
}


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

    def copier(self, texte: str, objet: str) -> None:
        """Copy a text that leaves the clipboard after `delai_s` seconds.

        Args:
            objet: what it is, for the trail (« matricule »).
        """
        donnees = QMimeData()
        donnees.setText(texte)
        for genre, valeur in _SANS_HISTORIQUE.items():
            donnees.setData(genre, valeur)
        QGuiApplication.clipboard().setMimeData(donnees)
        self._texte = texte
        self._minuteur.start(self.delai_s * 1000)
        self.copie.emit(objet)

    def effacer(self) -> None:
        """Empty the clipboard, when it still holds our copy: what came since isn't ours."""
        self._minuteur.stop()
        texte, self._texte = self._texte, ""
        if texte and QGuiApplication.clipboard().text() == texte:
            QGuiApplication.clipboard().clear()


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
