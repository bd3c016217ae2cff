"""The patient file on screen, shared by the controllers of its parts.

Every answer says for which patient it was asked: one that comes after another file was opened is
dropped.
"""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.services.errors import Remede
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import LIBELLES, remede_de, texte_erreur
from app.ui.controllers.etat_dossier import EtatDossier, relire
from app.ui.controllers.habilitations import onglets_caches
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import PageDossier
from app.ui.workers import Workers
from app.usecases.context import Contexte

#: Changes that follow one another closely are read again once, that long after the last, in ms.
RELECTURE_MS = 80


def apres(geste: Callable[..., Any]) -> Callable[..., EtatDossier]:
    """Run a use case on a patient, then read the file again."""
    def executer(ctx: Contexte, patient_id: int, *args: Any) -> EtatDossier:
        geste(ctx, patient_id, *args)
        return relire(ctx, patient_id)

    return executer


class DossierCourant(QObject):
    """Which file is open, what was read of it, and how its gestures run.

    Attributes:
        page: the page, None until it is first shown.
        etat: what was read of the open file, None while nothing was.
        patient_id: patient of the open file, None without one.
    """

    #: (EtatDossier) a gesture changed the file: show it.
    lu = Signal(object)
    #: A gesture may have changed what the DMP allows: ask again.
    verification = Signal()
    #: (Remede) the user asks for the remedy of an error about this file.
    remede = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.page: PageDossier | None = None
        self.etat: EtatDossier | None = None
        self.patient_id: int | None = None
        self._relecture = QTimer(self, singleShot=True, interval=RELECTURE_MS)
        self._relecture.timeout.connect(lambda: self.executer(relire, verifier=False))

    def oublier(self) -> None:
        """No file is open any more."""
        self._relecture.stop()
        self.patient_id, self.etat = None, None

    def relire_bientot(self) -> None:
        """Read the open file again, without asking anybody outside."""
        self._relecture.start()

    def permet(self, onglet: str) -> bool:
        """True when the account may see a tab: its part of the file is then asked for."""
        return onglet not in onglets_caches(self._ctx)

    def montre(self, patient_id: int) -> bool:
        """True when this patient's file is on screen."""
        return patient_id == self.patient_id and self._fenetre.page_courante == "dossier"

    def avec_patient(self, geste: Callable[..., Any], *args: Any) -> None:
        """Call `geste` with the patient of the open file; nothing without one."""
        if self.patient_id is not None:
            geste(self.patient_id, *args)

    def executer(self, geste: Callable[..., EtatDossier], *args: Any,
                 verifier: bool = True) -> None:
        """Run a gesture that gives the new state of the file, then check the DMP again."""
        patient_id = self.patient_id
        if patient_id is None:
            return

        def fait(etat: EtatDossier) -> None:
            if patient_id != self.patient_id:
                return
            self.lu.emit(etat)
            if verifier:
                self.verification.emit()

        def echec(erreur: Exception) -> None:
            if resoudre(erreur, self._fenetre, self._workers, proprietaire=self,
                        fait=lambda _: self.relire_bientot()):
                return
            self.dire(patient_id, erreur)
            if geste is not relire and patient_id == self.patient_id:
                # What is on screen may be old (another workstation wrote): read it again.
                self.relire_bientot()

        self._workers.submit(geste, self._ctx, patient_id, *args, on_done=fait, on_error=echec,
                             proprietaire=self)

    def dire(self, patient_id: int, erreur: Exception) -> None:
        """An error about this file, above its content, with its remedy."""
        if patient_id != self.patient_id or self.page is None:
            return
        remede: Remede = remede_de(erreur)
        libelle = LIBELLES.get(remede, "")
        self.page.message("erreur", texte_erreur(erreur), libelle,
                          (lambda: self.remede.emit(remede)) if libelle else None,
                          str(getattr(erreur, "code", "")))
