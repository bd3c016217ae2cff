"""History of an identity: read in a worker, told by the domain."""

from PySide6.QtCore import QObject, Signal

from app.domain.frise_identite import EtapeIdentite, raconter
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.historique_identite import VueHistoriqueIdentite
from app.ui.workers import Workers
from app.usecases import patients
from app.usecases.context import Contexte
from app.usecases.droits_identite import droits

PAGE = "historique_identite"


def _lire(ctx: Contexte, patient_id: int) -> tuple[str, tuple[EtapeIdentite, ...]]:
    historique = patients.historique_identite(ctx, patient_id)
    t = historique[-1].identite.traits
    return (f"{t.nom_naissance} {t.premier_prenom}",
            raconter(historique, matricules=droits(ctx).ins))


class HistoriqueIdentiteController(QObject):
    """Glue of the page « historique_identite »."""

    #: Back to the file of the patient.
    patient_demande = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueHistoriqueIdentite | None = None
        self._patient_id = 0

    def construire(self) -> VueHistoriqueIdentite:
        """Build the page when it is first shown."""
        vue = VueHistoriqueIdentite()
        self._vue = vue
        vue.retour_demande.connect(lambda: self.patient_demande.emit(self._patient_id))
        return vue

    def ouvrir(self, patient_id: int) -> None:
        """Show the history of a patient."""
        self._patient_id = patient_id
        self._fenetre.aller(PAGE)
        vue = self._vue
        if vue is not None:
            self._workers.submit(_lire, self._ctx, patient_id, proprietaire=vue,
                                 on_done=lambda r: vue.montrer(*r), on_error=self._refuse)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
