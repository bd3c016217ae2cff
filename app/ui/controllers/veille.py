"""The window follows what the other workstations write: agenda, open file, sendings.

Nothing that is being typed is touched: lists and banner are read again, fields never.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.store.errors import BaseInjoignable
from app.ui.fenetre import Fenetre
from app.ui.views.messages import MessageEnLigne
from app.ui.workers import Workers
from app.usecases.changements import Nouvelle, Sujet, Veille, veiller
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.assemblage import Assemblage

#: Several changes of one gesture are read once.
REUNIR_MS = 40
#: A restart of the server isn't worth a word when it is shorter than this.
ABSENCE_MS = 1500
COUPURE = ("Le serveur du cabinet ne répond plus. Continuez à écrire\u00a0: votre saisie reste à "
           "l’écran et sera gardée dès son retour. Pléiade s’y reconnecte sans rien vous "
           "demander\u00a0; ce qui était enregistré l’est toujours.")
#: What changes the banner or the lists of an open file.
_DOSSIER = frozenset({Sujet.IDENTITE, Sujet.SOINS, Sujet.DOCUMENTS, Sujet.ENVOIS})


class VeilleController(QObject):
    """Glue of the live refresh.

    `brancher(sujets, action)` lets another page follow its own subjects.
    """

    #: Something changed elsewhere: (Nouvelle).
    nouvelle = Signal(object)
    #: The server of the practice answers (True) or not; what was being typed waits.
    lien = Signal(bool)
    #: It answers again: what was typed while it was away is to be kept now.
    retrouve = Signal()
    _entendue = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._veille: Veille | None = None
        self._ouvertes: list[Veille] = []
        self._fini = threading.Event()
        self._sujets: set[Sujet] = set()
        self._patients: set[int] | None = set()
        self._reunion = QTimer(self, singleShot=True, interval=REUNIR_MS)
        self._reunion.timeout.connect(self._dire)
        self._entendue.connect(self._noter)
        self._coupure: MessageEnLigne | None = None
        self._absence = QTimer(self, singleShot=True, interval=ABSENCE_MS)
        self._absence.timeout.connect(self._dire_coupure)
        self.lien.connect(self._suivre_lien)

    def demarrer(self) -> None:
        """Begin to hear (opening the link is a worker's)."""
        self._workers.submit(self._ouvrir, proprietaire=self, on_done=self._branchee)

    def _ouvrir(self) -> Veille:
        """In a worker. A session that ends meanwhile leaves no link behind."""
        veille = veiller(self._ctx, self._entendue.emit, self.lien.emit)
        self._ouvertes.append(veille)
        if self._fini.is_set():
            veille.arreter()
        return veille

    def _branchee(self, veille: Veille) -> None:
        self._veille = veille

    def arreter(self) -> None:
        """Stop hearing, or what is about to hear."""
        self._fini.set()
        for veille in list(self._ouvertes):
            veille.arreter()

    # -- the server goes away and comes back ------------------------------------------------

    def _suivre_lien(self, present: bool) -> None:
        if not present:
            if self._coupure is None and not self._absence.isActive():
                self._absence.start()
            return
        self._absence.stop()
        if self._coupure is not None:
            self._coupure.fermer()
            self._coupure = None
            self._fenetre.messages.retirer(BaseInjoignable.par_defaut)
            self._fenetre.ligne_flottante("Serveur du cabinet retrouvé\u00a0: tout est à jour")
        self.retrouve.emit()

    def _dire_coupure(self) -> None:
        self._coupure = self._fenetre.message("alerte", COUPURE)

    def suivre(self, assemblage: "Assemblage") -> None:
        """What each page of the house does when its subject changes."""
        dossier, tournee = assemblage.dossier, assemblage.tournee
        self.retrouve.connect(dossier.onglets.garder)
        self.retrouve.connect(assemblage.expediteur.reveiller)
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
