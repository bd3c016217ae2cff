"""The trail: page, filters, verification in the background, export, purge."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.domain.libelles_traces import FAMILLES
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.journal import VueJournal
from app.ui.workers import Workers
from app.usecases import traces
from app.usecases.context import Contexte
from app.usecases.traces import FiltreTraces

PAGE = "journal"
PAR_PAGE = 200


class JournalController(QObject):
    """Glue of the page « journal »."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueJournal | None = None
        self._epuise = False
        self._en_cours = False
        self._chaine: Any = None
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> VueJournal:
        """Build the page when it is first shown."""
        vue = VueJournal()
        self._vue = vue
        vue.filtre_change.connect(self.actualiser)
        vue.suite_demandee.connect(self._suite)
        vue.export_demande.connect(self._choisir_export)
        vue.purge_demandee.connect(self._confirmer_purge)
        vue.verification_demandee.connect(self.verifier)
        vue.retour_demande.connect(lambda: self._fenetre.aller("reglages"))
        return vue

    # -- Chain --------------------------------------------------------------------------------

    def verifier(self) -> None:
        """Read the whole chain in the background; a broken one is said on every page."""
        if self._vue is not None:
            self._vue.dire_chaine(None, "Vérification du journal…")
        self._workers.submit(traces.verifier_traces, self._ctx, proprietaire=self,
                             on_done=self._verifie)

    def verifier_a_l_ouverture(self) -> None:
        """Once in a session, unless the window was closed meanwhile."""
        if self._chaine is None and self._fenetre.isVisible():
            self.verifier()

    def _verifie(self, chaine: Any) -> None:
        self._chaine = chaine
        if not chaine.intacte:
            self._fenetre.message(
                "erreur", f"Le journal des accès a été altéré à la ligne {chaine.rupture} "
                f"({chaine.raison}). Gardez le dossier tel quel, exportez le journal et prévenez "
                "l’éditeur.", code="CHAINE-ROMPUE")
        self._dire_chaine()

    def _dire_chaine(self) -> None:
        chaine = self._chaine
        if self._vue is None or chaine is None:
            return
        if chaine.intacte:
            depuis = f" depuis la purge de la ligne {chaine.ancre}" if chaine.ancre else ""
            self._vue.dire_chaine(True, f"Chaîne intacte, {chaine.lignes} lignes{depuis}")
        else:
            self._vue.dire_chaine(False, f"Chaîne rompue à la ligne {chaine.rupture}\u00a0: "
                                  f"{chaine.raison}")

    def montrer_patient(self, patient_id: int) -> None:
        """Show who opened or changed one file."""
        vue = self._fenetre.aller(PAGE)
        if isinstance(vue, VueJournal):
            vue.patient.setText(str(patient_id))
            self.actualiser()

    # -- Lines --------------------------------------------------------------------------------

    def _filtre(self) -> FiltreTraces:
        vue = self._vue
        assert vue is not None
        return FiltreTraces(
            vue.du.text().strip(), vue.au.text().strip(), vue.patient.text().strip(),
            vue.qui.text().strip(), FAMILLES[str(vue.famille.currentData())][1],
            vue.echecs.isChecked())

    def actualiser(self) -> None:
        """Read the first page again."""
        if self._vue is None:
            return
        self._dire_chaine()
        if self._chaine is None:
            self.verifier()
        self._lire(None)
        vue = self._vue
        self._workers.submit(
            traces.conservation, self._ctx, proprietaire=vue,
            on_done=lambda c: vue.dire_conservation(c.annees, c.echues))

    def _suite(self) -> None:
        if self._vue is not None and not self._epuise and not self._en_cours:
            self._lire(self._vue.modele.dernier_numero)

    def _lire(self, avant: int | None) -> None:
        vue = self._vue
        assert vue is not None
        self._en_cours = True

        def montrer(lignes: list[Any]) -> None:
            self._en_cours = False
            self._epuise = len(lignes) < PAR_PAGE
            vue.montrer(lignes, suite=avant is not None, reste=not self._epuise)

        def refuser(erreur: Exception) -> None:
            self._en_cours = False
            montrer_erreur(self._fenetre, erreur)

        self._workers.submit(traces.consulter_traces, self._ctx, self._filtre(), avant, PAR_PAGE,
                             proprietaire=vue, on_done=montrer, on_error=refuser)

    # -- Export and purge -----------------------------------------------------------------------

    def _choisir_export(self) -> None:
        chemin, _ = QFileDialog.getSaveFileName(self._fenetre, "Exporter le journal",
                                                "journal.csv", "CSV (*.csv)")
        if chemin:
            self.exporter(Path(chemin))

    def exporter(self, chemin: Path) -> None:
        """Write the lines that the filters keep, then say so."""
        self._workers.submit(
            traces.exporter_traces, self._ctx, chemin, self._filtre(), proprietaire=self,
            on_done=self._exporte, on_error=self._refuse)

    def _exporte(self, fait: traces.ExportTraces) -> None:
        self._fenetre.ligne_flottante(f"{fait.lignes} lignes exportées dans {fait.chemin.name}")
        self.actualiser()

    def _confirmer_purge(self) -> None:
        question = Confirmation(
            "Purger le journal\u00a0?", "Les lignes plus anciennes que la durée de conservation "
            "sont d’abord écrites dans un fichier, puis effacées du dossier. La purge est inscrite "
            "au journal, dont la chaîne reste vérifiable.", "Choisir le fichier…", "Annuler",
            self._fenetre, danger=True)
        question.accepted.connect(self._choisir_archive)
        question.open()

    def _choisir_archive(self) -> None:
        chemin, _ = QFileDialog.getSaveFileName(self._fenetre, "Archive du journal",
                                                "journal-archive.csv", "CSV (*.csv)")
        if chemin:
            self.purger(Path(chemin))

    def purger(self, archive: Path) -> None:
        """Archive then remove the lines that are due."""
        self._workers.submit(traces.purger_traces, self._ctx, archive, proprietaire=self,
                             on_done=self._purge,
                             on_error=self._refuse)

    def _purge(self, fait: traces.Purge) -> None:
        self._fenetre.ligne_flottante(f"{fait.lignes} lignes purgées, gardées dans l’archive")
        self.verifier()
        self.actualiser()

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
