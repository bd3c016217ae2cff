"""Hand files over: the dialog, the file's name, the work in a thread."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.domain.export_dossier import BilanExport, proposer_mot_de_passe
from app.domain.patient import Patient
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.export_dossier import (
    DialogueExport,
    Sujet,
    des_dossiers,
    un_patient,
)
from app.ui.workers import Tache, Workers
from app.usecases.contenu_dossier import Etendue
from app.usecases.context import Contexte
from app.usecases.export_dossier import exporter_dossier, exporter_dossiers


def choisir_archive(fenetre: Fenetre, titre: str, nom: str) -> Path | None:
    """Where the archive goes; None when the user gave up."""
    chemin, _ = QFileDialog.getSaveFileName(fenetre, titre, f"{nom}-{date.today()}.zip",
                                            "Archives (*.zip)")
    return Path(chemin) if chemin else None


def etendue_de(annees: int) -> Etendue:
    """The last years only; 0 = everything."""
    jour = date.today()
    return Etendue(f"{jour.year - annees}-{jour:%m-%d}" if annees else "")


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
        self._exporter: Callable[..., BilanExport] | None = None

    def demander(self, patient: Patient) -> None:
        """Open the dialog for a patient.

        The name of the file says nothing of the patient: it is read by whoever finds it.
        """
        traits = patient.identite.traits
        self._ouvrir(un_patient(f"{traits.nom_naissance} {traits.premier_prenom}"),
                     f"dossier-{patient.id}", partial(exporter_dossier, self._ctx, patient.id))

    def demander_dossiers(self, ids: Sequence[int]) -> None:
        """Open the dialog for several files in one archive."""
        self._ouvrir(des_dossiers(len(ids)), "dossiers",
                     partial(exporter_dossiers, self._ctx, tuple(ids)))

    def _ouvrir(self, sujet: Sujet, nom: str, exporter: Callable[..., BilanExport]) -> None:
        if self.dialogue is not None:
            return
        dialogue = DialogueExport(sujet, proposer_mot_de_passe(), self._fenetre)
        dialogue.autre_mot.connect(lambda: dialogue.definir_mot(proposer_mot_de_passe()))
        dialogue.demande.connect(lambda mot, annees: self._choisir(sujet.titre, nom, mot, annees))
        dialogue.abandon.connect(self._abandonner)
        dialogue.finished.connect(self._ferme)
        self.dialogue, self._exporter = dialogue, exporter
        dialogue.open()

    def _ferme(self) -> None:
        self.dialogue = None

    def _abandonner(self) -> None:
        if self._tache is not None:
            self._tache.annuler()
            self._tache = None
            self._fenetre.ligne_flottante("Export abandonné\u00a0: aucun fichier n’est laissé")

    def _choisir(self, titre: str, nom: str, mot: str | None, annees: int) -> None:
        vers = choisir_archive(self._fenetre, titre, nom)
        if vers is not None:
            self.exporter(vers, mot, annees)

    def exporter(self, vers: Path, mot: str | None, annees: int = 0) -> None:
        """Write the archive; the dialog follows."""
        dialogue = self.dialogue
        if dialogue is None or self._exporter is None:
            return

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
            self._exporter, vers, mot, etendue=etendue_de(annees), remplacer=True,
            queue="documents", proprietaire=dialogue, on_done=fait, on_error=echec,
            on_progres=lambda p: dialogue.avancer(*p))
