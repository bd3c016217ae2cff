"""Dashboard TBB.INS.02: counts in a worker, export where the user says."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.domain.tableau_ins import TableauIns
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.tableau_ins import VueTableauIns
from app.ui.workers import Tache, Workers
from app.usecases import tableau_ins
from app.usecases.context import Contexte
from app.usecases.sorties import ecrire_fichier

PAGE = "tableau_ins"


def _ecrire(ctx: Contexte, tableau: TableauIns, chemin: str) -> str:
    return ecrire_fichier(Path(chemin), tableau_ins.exporter_csv(ctx, tableau)).name


class TableauInsController(QObject):
    """Glue of the page « tableau_ins »."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueTableauIns | None = None
        self._tache: Tache | None = None
        fenetre.page_changee.connect(
            lambda nom: self._vue.demander() if nom == PAGE and self._vue else None)

    def construire(self) -> VueTableauIns:
        """Build the page when it is first shown."""
        vue = VueTableauIns()
        self._vue = vue
        vue.filtre.connect(self._calculer)
        vue.export_demande.connect(self._exporter)
        return vue

    def _calculer(self, rpps: str, finess: str, nombre: int) -> None:
        """The last question wins."""
        if self._vue is None:
            return
        if self._tache is not None:
            self._tache.annuler()
        self._tache = self._workers.submit(
            tableau_ins.calculer, self._ctx, rpps, finess, nombre=nombre, proprietaire=self._vue,
            on_done=self._vue.montrer)

    def _exporter(self, tableau: TableauIns) -> None:
        chemin, _ = QFileDialog.getSaveFileName(
            self._fenetre, "Exporter le tableau de bord", "TBB.INS.02.csv", "CSV (*.csv)")
        if chemin:
            self.enregistrer(tableau, chemin)

    def enregistrer(self, tableau: TableauIns, chemin: str) -> None:
        """Write the export, then say so."""
        self._workers.submit(
            _ecrire, self._ctx, tableau, chemin, proprietaire=self,
            on_done=lambda nom: self._fenetre.ligne_flottante(f"Tableau exporté : {nom}"),
            on_error=self._refuse)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
