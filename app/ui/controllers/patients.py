"""Patients: the list by pages, the search while typing."""

from PySide6.QtCore import QObject, Signal

from app.domain.patient import PatientResume
from app.ui.fenetre import Fenetre
from app.ui.views.patients import VuePatients
from app.ui.workers import Tache, Workers
from app.usecases import patients
from app.usecases.context import Contexte

LIMITE = 100


class PatientsController(QObject):
    """Glue of the Patients page."""

    patient_demande = Signal(int)
    #: Text proposed as the birth name.
    nouveau_demande = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VuePatients | None = None
        self._tache: Tache | None = None
        fenetre.page_changee.connect(lambda nom: self._entrer() if nom == "patients" else None)

    def construire(self) -> VuePatients:
        """Build the page when it is first shown."""
        vue = VuePatients()
        self._vue = vue
        vue.cherche.connect(self._chercher)
        vue.ouvrir.connect(self.patient_demande)
        vue.nouveau.connect(self.nouveau_demande)
        vue.modele.page_demandee.connect(self._page)
        return vue

    def _entrer(self) -> None:
        if self._vue is not None:
            self._chercher(self._vue.texte())

    def _chercher(self, texte: str) -> None:
        """The last question wins: the one before is cancelled."""
        vue = self._vue
        if vue is None:
            return
        if self._tache is not None:
            self._tache.annuler()
        if texte:
            self._tache = self._workers.submit(
                patients.chercher, self._ctx, texte, LIMITE, queue="recherche", proprietaire=vue,
                on_done=lambda r: vue.montrer_resultats(r, LIMITE))
        else:
            self._tache = self._workers.submit(
                patients.ids_patients, self._ctx, queue="recherche", proprietaire=vue,
                on_done=vue.montrer_ids)

    def _page(self, generation: int, premiere: int, ids: list[int]) -> None:
        vue = self._vue
        if vue is None:
            return

        def recevoir(resumes: list[PatientResume]) -> None:
            vue.modele.recevoir(generation, premiere, resumes)

        self._workers.submit(patients.resumes, self._ctx, ids, queue="recherche",
                             proprietaire=vue, on_done=recevoir)
