"""Nobody there: the screen locks, then the session ends (IE.58, IE.38)."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from app.devices.events import EvenementLecteur
from app.ui.fenetre import Fenetre
from app.usecases.verrouillage import ReglagesVerrou

_ACTIVITE = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel,
                       QEvent.Type.MouseMove})


class _Activite(QObject):
    """Sees that somebody is there.

    It listens to the windows, not to the application: a filter in Python on every event would
    make each of them wait for the interpreter while workers hold it.
    """

    vue = Signal()

    def suivre(self, fenetre: QWindow | None) -> None:
        """Listen to a window that got the focus."""
        if fenetre is not None:
            fenetre.removeEventFilter(self)
            fenetre.installEventFilter(self)
            self.vue.emit()

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        if evenement.type() in _ACTIVITE:
            self.vue.emit()
        return False


class Inactivite(QObject):
    """Counts the idle time of a session. The clock is the machine's own: setting the date back or
    putting the workstation to sleep doesn't make a session younger."""

    #: Cover the screen: (reason, French).
    a_verrouiller = Signal(str)
    a_terminer = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.reglages = ReglagesVerrou()
        self.verrouille = False
        self._cps: set[str] = set()
        self._suivie: Fenetre | None = None
        self._activite = _Activite(self)
        self._activite.vue.connect(self._noter)
        self._horloges = (time.monotonic(), time.time())
        self._minuteur = QTimer(self, interval=15_000)
        self._minuteur.timeout.connect(self.veiller)

    def regler(self, reglages: ReglagesVerrou) -> None:
        """Take other times."""
        self.reglages = reglages

    def suivre(self, fenetre: Fenetre, application: QApplication) -> None:
        """A session begins in this window."""
        self.verrouille = False
        self._activite.suivre(fenetre.windowHandle())
        if self._suivie is None:
            application.focusWindowChanged.connect(self._activite.suivre)
        self._suivie = fenetre
        self.reprendre()
        self._minuteur.start()

    def arreter(self) -> None:
        """No session any more."""
        self._minuteur.stop()
        self._cps.clear()

    def reprendre(self) -> None:
        """Somebody proved that she is there."""
        self.verrouille = False
        self._noter()

    def _noter(self) -> None:
        # Moving the mouse of a locked screen doesn't keep its session alive.
        if not self.verrouille:
            self._horloges = (time.monotonic(), time.time())

    def vieillir(self, secondes: float) -> None:
        """Move the last activity back (tests and demonstrations)."""
        self._horloges = (self._horloges[0] - secondes, self._horloges[1] - secondes)

    def inactif_s(self) -> float:
        """Seconds without activity: the longer of two clocks, as one of them stops in sleep and
        the other may be set back."""
        mono, mur = self._horloges
        return max(time.monotonic() - mono, time.time() - mur)

    def veiller(self) -> None:
        """Look once."""
        inactif = self.inactif_s()
        if inactif >= self.reglages.fin_min * 60:
            self.a_terminer.emit()
        elif not self.verrouille and inactif >= self.reglages.verrou_min * 60:
            minutes = self.reglages.verrou_min
            self.a_verrouiller.emit(f"après {minutes} minute{'s' if minutes > 1 else ''} sans "
                                    "activité")

    def carte(self, evenement: EvenementLecteur) -> None:
        """The professional's card left its reader."""
        if evenement.code == "carte_cps":
            self._cps.add(evenement.lecteur)
        elif evenement.lecteur in self._cps and evenement.etat in ("aucune_carte",
                                                                   "aucun_lecteur"):
            self._cps.discard(evenement.lecteur)
            if self.reglages.retrait_carte and not self.verrouille:
                self.a_verrouiller.emit("au retrait de la carte CPS")
