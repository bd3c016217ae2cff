"""The scheduled backup of the running program: one thread that looks now and then."""

import logging
import threading
from collections.abc import Callable

from app.domain.sauvegarde import EtatSauvegardes
from app.store.errors import DossierFerme, ErreurStore
from app.usecases.backup import etat_sauvegardes, prochaine_due, sauvegarde_planifiee
from app.usecases.context import Contexte
from app.usecases.errors import Refus

journal = logging.getLogger("pleiade.sauvegarde")

#: Seconds between two looks, and before the first one: the morning's opening is not slowed.
PERIODE_S, DEPART_S = 300.0, 60.0


class Planificateur:
    """Makes the backup when it is due.

    `au_changement(etat)` is called from the thread after each attempt, and at the first look when
    there is a reminder to show.
    """

    def __init__(self, ctx: Contexte, au_changement: Callable[[EtatSauvegardes], None], *,
                 periode_s: float = PERIODE_S, depart_s: float = DEPART_S) -> None:
        self._ctx = ctx
        self._au_changement = au_changement
        self._periode_s, self._depart_s = periode_s, depart_s
        self._reveil = threading.Event()
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None

    def demarrer(self) -> None:
        """Start the thread."""
        self._fil = threading.Thread(target=self._boucle, name="sauvegardes", daemon=True)
        self._fil.start()

    def reveiller(self) -> None:
        """Look now: the settings changed."""
        self._reveil.set()

    def arreter(self, delai_s: float = 3.0) -> None:
        """Ask the thread to end; a copy on its way is left partial, and removed later."""
        self._fin.set()
        self._reveil.set()
        if self._fil is not None:
            self._fil.join(delai_s)

    def _boucle(self) -> None:
        self._reveil.wait(self._depart_s)
        premier = True
        while not self._fin.is_set():
            self._reveil.clear()
            try:
                self.un_tour(premier=premier)
            except DossierFerme:
                return
            except ErreurStore as erreur:
                journal.error("sauvegarde : %s", erreur.message)
            premier = False
            self._reveil.wait(self._periode_s)

    def un_tour(self, *, premier: bool = False) -> bool:
        """Look once; True when a backup was tried."""
        if not prochaine_due(self._ctx):
            if premier and (etat := etat_sauvegardes(self._ctx)).rappel:
                self._au_changement(etat)
            return False
        try:
            sauvegarde_planifiee(self._ctx)
        except DossierFerme:
            raise
        except (Refus, ErreurStore) as erreur:
            journal.error("sauvegarde planifiée : %s", erreur.message)
        self._au_changement(etat_sauvegardes(self._ctx))
        return True
