"""Ctrl+C and an end asked by the system close the window in order: what is typed is kept first."""

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal

#: What the system sends to end a program: the keyboard, the end of the session.
SIGNAUX = (signal.SIGINT, signal.SIGTERM)


class Interruption(QObject):
    """Tells once, on the thread of Qt, that the end was asked.

    The loop of Qt runs no Python while nothing happens: the number of the signal comes by a socket,
    which wakes it.
    """

    demandee = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.recu = 0
        """The signal that came, 0 without any."""
        self._lue, self._ecrite = socket.socketpair()
        for prise in (self._lue, self._ecrite):
            prise.setblocking(False)
        self._veille = QSocketNotifier(self._lue.fileno(), QSocketNotifier.Type.Read, self)
        self._veille.activated.connect(self._lire)
        self._anciens = {numero: signal.signal(numero, self._noter) for numero in SIGNAUX}
        self._ancienne_prise = signal.set_wakeup_fd(self._ecrite.fileno(),
                                                    warn_on_full_buffer=False)

    def rendre(self) -> None:
        """Put back what was there."""
        signal.set_wakeup_fd(self._ancienne_prise)
        for numero, ancien in self._anciens.items():
            signal.signal(numero, ancien)
        self._veille.setEnabled(False)
        self._lue.close()
        self._ecrite.close()

    def _noter(self, numero: int, _cadre: FrameType | None) -> None:
        self.recu = self.recu or numero

    def _lire(self) -> None:
        self._lue.recv(64)
        self._veille.setEnabled(False)
        self.demandee.emit()
