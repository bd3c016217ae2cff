"""An open window never outlives the rights it was built for (LABEL.04).

The store refuses at once what an account may not read any more; what was read before is still on
the screen: the session ends, and says why.
"""

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.controllers.habilitations import habilitation_lue
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases.context import Contexte
from app.usecases.garde import Habilitation, habilitation

#: Between two looks: a replacement ends at midnight, an administrator may sit elsewhere.
PERIODE_MS = 20_000
PERDUS = ("Vos droits dans le cabinet ont changé\u00a0: le dossier s’est fermé. Rouvrez-le pour "
          "travailler avec vos nouveaux droits\u00a0; vos brouillons sont gardés.")


class Gardien(QObject):
    """Watches the rights of the account while its window is open."""

    #: The session must end: (French sentence).
    perdus = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._connus = habilitation_lue(ctx)
        self._minuteur = QTimer(self, interval=PERIODE_MS)
        self._minuteur.timeout.connect(self.verifier)
        self._minuteur.start()

    def arreter(self) -> None:
        """The session ends by itself."""
        self._minuteur.stop()

    def verifier(self) -> None:
        """Look once (also when accounts changed, and at the return from a lock)."""
        self._workers.submit(habilitation, self._ctx, on_done=self._juger, proprietaire=self,
                             on_error=lambda _: None)  # the gesture that needs the file says it

    def _juger(self, lue: Habilitation) -> None:
        if not self._minuteur.isActive():
            return
        connus, self._connus = self._connus, lue
        if lue.refus:
            self._finir(lue.refus)
        elif (connus.droits - lue.droits or connus.categories - lue.categories
              or connus.profession != lue.profession):
            self._finir(PERDUS)
        elif lue.droits - connus.droits or lue.categories - connus.categories:
            self._fenetre.message("info", "De nouveaux droits vous sont donnés. Ils paraîtront à "
                                  "la prochaine ouverture du dossier.")

    def _finir(self, raison: str) -> None:
        self.arreter()
        self.perdus.emit(raison)
