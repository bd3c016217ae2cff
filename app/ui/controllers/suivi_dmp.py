"""The DMP of the open file: may it be consulted (TD0.2), what is new (TD3.1).

One question of each kind at a time; what comes for another patient is dropped.
"""

from PySide6.QtCore import QObject, Signal

from app.domain.dica import Dica
from app.domain.dmp import BandeauMes
from app.domain.document import ListeDocuments
from app.services.errors import Annule
from app.ui.workers import Tache, Workers
from app.usecases import consult_dmp
from app.usecases.context import Contexte


class SuiviDmp(QObject):
    """Asks for the patient given by `suivre`."""

    #: (Dica).
    verifie = Signal(object)
    #: (Exception) TD0.2 could not be tried at all.
    verification_echouee = Signal(object)
    #: A search is running, or no more.
    interrogation = Signal(bool)
    #: (BandeauMes, ListeDocuments).
    recu = Signal(object, object)
    #: (Exception, widened).
    echec = Signal(object, bool)

    def __init__(self, workers: Workers, ctx: Contexte, parent: QObject) -> None:
        super().__init__(parent)
        self._workers, self._ctx = workers, ctx
        self._patient_id: int | None = None
        self._verification: Tache | None = None
        self._recherche: Tache | None = None
        self._interroge = False

    def suivre(self, patient_id: int | None) -> None:
        """Another file: nothing of the former one may arrive any more."""
        self.annuler()
        self._patient_id, self._interroge = patient_id, False

    def verifier(self, *, refaire: bool = False) -> None:
        """TD0.2 when it may be asked; then TD3.1, once an opening, when the DMP may be read.

        Later searches come from the user (EX_3.1-2030).
        """
        patient_id = self._patient_id
        if patient_id is None:
            return
        if self._verification is not None:
            self._verification.annuler()

        def fait(dica: Dica) -> None:
            self._verification = None
            if patient_id != self._patient_id:
                return
            self.verifie.emit(dica)
            if dica.consultable and not self._interroge:
                self.interroger()

        def rate(erreur: Exception) -> None:
            self._verification = None
            if patient_id == self._patient_id:
                self.verification_echouee.emit(erreur)

        self._verification = self._workers.submit(
            consult_dmp.verifier_dmp, self._ctx, patient_id, refaire=refaire, queue="dmp",
            on_done=fait, on_error=rate, proprietaire=self)

    def interroger(self, *, elargir: bool = False) -> None:
        """TD3.1."""
        patient_id = self._patient_id
        if patient_id is None:
            return
        self._interroge = True
        if self._recherche is not None:
            self._recherche.annuler()
        self.interrogation.emit(True)

        def fait(resultat: tuple[BandeauMes, ListeDocuments]) -> None:
            self._recherche = None
            if patient_id == self._patient_id:
                self.interrogation.emit(False)
                self.recu.emit(*resultat)

        def rate(erreur: Exception) -> None:
            self._recherche = None
            if patient_id != self._patient_id:
                return
            self._interroge = False
            self.interrogation.emit(False)
            if not isinstance(erreur, Annule):
                self.echec.emit(erreur, elargir)

        self._recherche = self._workers.submit(
            consult_dmp.actualiser_dmp, self._ctx, patient_id, elargir, queue="dmp",
            on_done=fait, on_error=rate, proprietaire=self)

    def annuler(self) -> None:
        """Give up waiting."""
        for tache in (self._verification, self._recherche):
            if tache is not None:
                tache.annuler()
        interrompue = self._recherche is not None
        self._verification = self._recherche = None
        if interrompue:
            self._interroge = False
            self.interrogation.emit(False)
