"""Check a downloaded version before anybody opens it."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from app import livraison
from app.livraison import Livraison
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.messages import MessageEnLigne
from app.ui.workers import Workers


def _verifier(fichier: Path) -> Livraison:
    return livraison.verifier(fichier, livraison.cles_connues())


class VersionController(QObject):
    """One answer at a time: a good one never stays beside a refusal."""

    def __init__(self, fenetre: Fenetre, workers: Workers) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers = fenetre, workers
        self._dit: MessageEnLigne | None = None

    def choisir(self) -> None:
        """Ask which file, check it in the background, say what it is worth."""
        chemin, _ = QFileDialog.getOpenFileName(
            self._fenetre, "Version téléchargée de Pléiade", "", "Versions (pleiade-*.zip)")
        if not chemin:
            return
        if self._dit is not None and isValid(self._dit):
            self._dit.fermer()
        self._dit = None
        self._workers.submit(_verifier, Path(chemin), queue="documents", proprietaire=self,
                             on_done=self._dire, on_error=self._refuser)

    def _dire(self, sure: Livraison) -> None:
        suite = ("Elle peut être installée." if sure.plus_recente
                 else "C’est celle de ce poste\u00a0: rien à installer.")
        self._dit = self._fenetre.message(
            "succes", f"{sure.fichier} vient bien de l’éditeur\u00a0: version {sure.version}. "
            f"{suite}")

    def _refuser(self, erreur: Exception) -> None:
        self._dit = montrer_erreur(self._fenetre, erreur)
