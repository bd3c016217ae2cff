"""The window follows what the other workstations write: agenda, open file, sendings.

Nothing that is being typed is touched: lists and banner are read again, fields never.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases.changements import Nouvelle, Sujet, Veille, veiller
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.assemblage import Assemblage

#: Several changes of one gesture are read once.
REUNIR_MS = 40
#: What changes the banner or the lists of an open file.
_DOSSIER = frozenset({Sujet.IDENTITE, Sujet.SOINS, Sujet.DOCUMENTS, Sujet.ENVOIS})


class VeilleController(QObject):
    """Glue of the live refresh.

    `brancher(sujets, action)` lets another page follow its own subjects.
    """

    #: Something changed elsewhere: (Nouvelle).
    nouvelle = Signal(object)
    _entendue = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._veille: Veille | None = None
        self._sujets: set[Sujet] = set()
        self._patients: set[int] | None = set()
        self._reunion = QTimer(self, singleShot=True, interval=REUNIR_MS)
        self._reunion.timeout.connect(self._dire)
        self._entendue.connect(self._noter)

    def demarrer(self) -> None:
        """Begin to hear (opening the link is a worker's)."""
        self._workers.submit(veiller, self._ctx, self._entendue.emit, proprietaire=self,
                             on_done=self._branchee)

    def _branchee(self, veille: Veille) -> None:
        self._veille = veille

    def arreter(self) -> None:
        """Stop hearing."""
        if self._veille is not None:
            self._veille.arreter()

    def suivre(self, assemblage: "Assemblage") -> None:
        """What each page of the house does when its subject changes."""
        dossier, tournee = assemblage.dossier, assemblage.tournee
        self.brancher({Sujet.AGENDA}, lambda _: tournee.recharger())
        self.brancher({Sujet.ENVOIS}, lambda _: assemblage.envois.actualiser())
        self.brancher({Sujet.RECEPTION}, lambda _: assemblage.entrees.a_classer.suivre())
        self.brancher({Sujet.COMPTES}, lambda _: assemblage.equipes.actualiser())
        self.brancher({Sujet.COMPTES}, lambda _: tournee.lire_agendas())
        self.brancher({Sujet.COMPTES, Sujet.PREPARATIONS},
                      lambda _: assemblage.a_valider.actualiser())
        self.brancher(_DOSSIER, lambda n: dossier.actualiser()
                      if n.concerne(dossier.patient_id) else None)

    def brancher(self, sujets: frozenset[Sujet] | set[Sujet],
                 action: Callable[[Nouvelle], object]) -> None:
        """Call `action(Nouvelle)` when one of these subjects changed on another workstation."""
        self.nouvelle.connect(lambda n: action(n) if n.sujets & sujets else None)

    def _noter(self, nouvelle: Nouvelle) -> None:
        self._sujets |= nouvelle.sujets
        if self._patients is not None:
            self._patients = (None if nouvelle.patients is None
                              else self._patients | nouvelle.patients)
        if not self._reunion.isActive():
            self._reunion.start()

    def _dire(self) -> None:
        sujets, patients = frozenset(self._sujets), self._patients
        self._sujets, self._patients = set(), set()
        self.nouvelle.emit(Nouvelle(sujets, None if patients is None else frozenset(patients)))
