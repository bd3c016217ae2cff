"""Hand a whole file over: the dialog, the file's name, the work in a thread."""

from datetime import date
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.domain.export_dossier import BilanExport, proposer_mot_de_passe
from app.domain.patient import Patient
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.export_dossier import DialogueExport
from app.ui.workers import Tache, Workers
from app.usecases.contenu_dossier import Etendue
from app.usecases.context import Contexte
from app.usecases.export_dossier import exporter_dossier


class ExportController(QObject):
    """One export at a time.

    Attributes:
        dialogue: the open dialog, or None.
    """

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.dialogue: DialogueExport | None = None
        self._tache: Tache | None = None

    def demander(self, patient: Patient) -> None:
        """Open the dialog for a patient."""
        if self.dialogue is not None:
            return
        traits = patient.identite.traits
        dialogue = DialogueExport(f"{traits.nom_naissance} {traits.premier_prenom}",
                                  proposer_mot_de_passe(), self._fenetre)
        dialogue.autre_mot.connect(lambda: dialogue.definir_mot(proposer_mot_de_passe()))
        dialogue.demande.connect(lambda mot, annees: self._choisir(patient.id, mot, annees))
        dialogue.abandon.connect(self._abandonner)
        dialogue.finished.connect(self._ferme)
        self.dialogue = dialogue
        dialogue.open()

    def _ferme(self) -> None:
        self.dialogue = None

    def _abandonner(self) -> None:
        if self._tache is not None:
            self._tache.annuler()
            self._tache = None
            self._fenetre.ligne_flottante("Export abandonné\u00a0: aucun fichier n’est laissé")

    def _choisir(self, patient_id: int, mot: str | None, annees: int) -> None:
        """The name says nothing of the patient: it is read by whoever finds the file."""
        chemin, _ = QFileDialog.getSaveFileName(
            self._fenetre, "Remettre le dossier", f"dossier-{patient_id}-{date.today()}.zip",
            "Archives (*.zip)")
        if chemin:
            self.exporter(patient_id, Path(chemin), mot, annees)

    def exporter(self, patient_id: int, vers: Path, mot: str | None, annees: int = 0) -> None:
        """Write the archive; the dialog follows."""
        dialogue = self.dialogue
        if dialogue is None:
            return
        jour = date.today()
        depuis = f"{jour.year - annees}-{jour:%m-%d}" if annees else ""

        def fait(bilan: BilanExport) -> None:
            self._tache = None
            dialogue.montrer(vers.name, bilan)

        def echec(erreur: Exception) -> None:
            self._tache = None
            if self.dialogue is dialogue:
                dialogue.refuser(texte_erreur(erreur))
            else:
                montrer_erreur(self._fenetre, erreur)

        dialogue.commencer()
        self._tache = self._workers.submit(
            exporter_dossier, self._ctx, patient_id, vers, mot, etendue=Etendue(depuis),
            remplacer=True, queue="documents", proprietaire=dialogue, on_done=fait,
            on_error=echec, on_progres=lambda p: dialogue.avancer(*p))
