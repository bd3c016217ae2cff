"""Files whose period is over: read, confirmed, erased in a worker."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.domain.accord import compter
from app.domain.dates import formater
from app.domain.effacement import BilanEffacement, DossierAEffacer, DossiersAEffacer
from app.domain.roles import Droit
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.controllers.export_dossier import ExportController
from app.ui.controllers.habilitations import habilitation_lue
from app.ui.fenetre import Fenetre
from app.ui.views.conservation import VueConservation
from app.ui.views.effacement import DialogueDurees, DialogueEffacement
from app.ui.workers import LONGS, Tache, Workers
from app.usecases import durees_conservation, effacement
from app.usecases.context import Contexte

PAGE = "conservation"
#: Reasons said one by one when files stayed.
_DITES = 3


class ConservationController(QObject):
    """Glue of the page « conservation »."""

    #: Files are gone: (tuple of their numbers).
    efface = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 export: ExportController) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx, self._export = fenetre, workers, ctx, export
        self._vue: VueConservation | None = None
        self._annees = 0
        self._tache: Tache | None = None
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> VueConservation:
        """Build the page when it is first shown."""
        vue = VueConservation()
        self._vue = vue
        vue.permettre(copie=self._permet(Droit.EXPORTER))
        vue.effacement_demande.connect(self._confirmer)
        vue.copie_demandee.connect(self._copier)
        vue.durees_demandees.connect(self._montrer_durees)
        vue.retour_demande.connect(lambda: self._fenetre.aller("reglages"))
        return vue

    def _permet(self, droit: Droit) -> bool:
        return droit in habilitation_lue(self._ctx).droits

    def actualiser(self) -> None:
        """Read the list again; not under an erasure that runs."""
        vue = self._vue
        if vue is None or self._tache is not None:
            return

        def montrer(lus: DossiersAEffacer) -> None:
            self._annees = lus.annees
            vue.montrer(lus.dossiers, lus.total, lus.annees)

        self._workers.submit(effacement.dossiers_a_effacer, self._ctx, proprietaire=vue,
                             on_done=montrer, on_error=self._refuse)

    def _copier(self, dossiers: tuple[DossierAEffacer, ...]) -> None:
        self._export.demander_dossiers([d.patient_id for d in dossiers])

    def _confirmer(self, dossiers: tuple[DossierAEffacer, ...]) -> None:
        if not dossiers:
            return
        dialogue = DialogueEffacement(dossiers, self._fenetre, copie=self._permet(Droit.EXPORTER))

        def puis(geste: Callable[[tuple[DossierAEffacer, ...]], None]) -> None:
            dialogue.accept()
            geste(dossiers)

        dialogue.efface.connect(lambda: puis(self.effacer))
        dialogue.copie.connect(lambda: puis(self._copier))
        dialogue.open()

    def effacer(self, dossiers: tuple[DossierAEffacer, ...]) -> None:
        """Erase what was confirmed; the page says how far."""
        vue = self._vue
        if vue is None or self._tache is not None:
            return
        vue.occuper("Effacement en cours…")
        self._tache = self._workers.submit(
            effacement.effacer_dossiers, self._ctx, dossiers, queue=LONGS, proprietaire=self,
            on_done=self._fait, on_error=self._rate,
            on_progres=lambda p: vue.occuper(f"Effacement\u00a0: {p[0]} sur {p[1]}"))

    def _fait(self, bilan: BilanEffacement) -> None:
        self._finir()
        if bilan.effaces:
            self._fenetre.message(
                "succes", f"{compter(len(bilan.effaces), 'dossier effacé', 'dossiers effacés')}, "
                f"{compter(bilan.documents, 'document')}. Les sauvegardes déjà faites "
                f"{'les' if len(bilan.effaces) > 1 else 'le'} contiennent encore jusqu’à leur "
                f"rotation, le {formater(bilan.sauvegardes)} au plus tard pour celles que Pléiade "
                "gère.")
            self.efface.emit(bilan.effaces)
        if bilan.gardes:
            raisons = " ".join(f"{nom}\u00a0: {raison}" for nom, raison in bilan.gardes[:_DITES])
            nombre = compter(len(bilan.gardes), "dossier n’a pas été effacé",
                             "dossiers n’ont pas été effacés")
            self._fenetre.message("alerte", f"{nombre}. {raisons}")

    def _rate(self, erreur: Exception) -> None:
        self._finir()
        self._refuse(erreur)

    def _finir(self) -> None:
        self._tache = None
        if self._vue is not None:
            self._vue.occuper("")
        self.actualiser()

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    def _montrer_durees(self) -> None:
        vues = self._annees
        dialogue = DialogueDurees(vues, self._fenetre, modifiable=self._permet(Droit.COMPTES))

        def fait(_: int) -> None:
            dialogue.accept()
            self._fenetre.ligne_flottante("Durée de conservation enregistrée")
            self.actualiser()

        dialogue.enregistre.connect(lambda annees: self._workers.submit(
            durees_conservation.regler_conservation_dossiers, self._ctx, annees, vues,
            proprietaire=dialogue, on_done=fait,
            on_error=lambda e: dialogue.refuser(texte_erreur(e))))
        dialogue.open()
