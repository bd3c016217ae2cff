"""The scanner's folder: watched while the window lives; what arrives is said, and counted."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases import scanner
from app.usecases.context import Contexte
from app.usecases.importation import BilanImport

if TYPE_CHECKING:
    from app.ui.views.reglages_import import VueReglagesImport

#: Milliseconds between two looks at the folder: network drives send no event.
CADENCE_MS = 4_000
#: The same just after something moved in it.
CADENCE_VIVE_MS = 1_000


class ScannerController(QObject):
    """Glue of the watched folder and of its setting."""

    #: (BilanImport).
    recu = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._dossier = ""
        self._releve = scanner.Releve()
        self._en_cours = False
        self._absent = False
        self._vue: VueReglagesImport | None = None
        self._minuterie = QTimer(self, singleShot=True)
        self._minuterie.timeout.connect(self._tour)
        self._guetteur = QFileSystemWatcher(self)
        self._guetteur.directoryChanged.connect(lambda _: self._minuterie.start(CADENCE_VIVE_MS))

    def demarrer(self) -> None:
        """Read the setting and begin."""
        self._workers.submit(scanner.dossier_scanner, self._ctx, proprietaire=self,
                             on_done=self._surveiller)

    def arreter(self) -> None:
        """No more rounds."""
        self._minuterie.stop()
        self._dossier = ""

    def brancher(self, vue: "VueReglagesImport") -> None:
        """Take charge of the setting, just built."""
        self._vue = vue
        vue.choisir.connect(self._choisir)
        vue.arreter.connect(lambda: self._fixer(""))
        vue.montrer(self._dossier)

    def _surveiller(self, dossier: str) -> None:
        if anciens := self._guetteur.directories():
            self._guetteur.removePaths(anciens)
        self._dossier, self._releve, self._absent = dossier, scanner.Releve(), False
        if self._vue is not None:
            self._vue.montrer(dossier)
        if dossier:
            self._guetteur.addPath(dossier)
            self._minuterie.start(CADENCE_VIVE_MS)
        else:
            self._minuterie.stop()

    def _choisir(self) -> None:
        chemin = QFileDialog.getExistingDirectory(self._fenetre, "Dossier du scanner",
                                                  self._dossier)
        if chemin:
            self._fixer(chemin)

    def _fixer(self, chemin: str) -> None:
        def refuse(erreur: Exception) -> None:
            if self._vue is not None:
                self._vue.refuser(texte_erreur(erreur))

        self._workers.submit(scanner.choisir_dossier_scanner, self._ctx, chemin,
                             proprietaire=self, on_done=self._surveiller, on_error=refuse)

    def _tour(self) -> None:
        if not self._dossier or self._en_cours:
            return
        self._en_cours = True
        self._workers.submit(scanner.relever, self._ctx, self._dossier, self._releve,
                             queue="documents", proprietaire=self, on_done=self._releve_faite,
                             on_error=self._releve_ratee)

    def _releve_faite(self, bilan: BilanImport) -> None:
        self._en_cours = self._absent = False
        self._suivant()
        if bilan != BilanImport():
            self.recu.emit(bilan)

    def _releve_ratee(self, erreur: Exception) -> None:
        self._en_cours = False
        self._suivant()
        if not self._absent:  # said once, until the folder answers again
            self._absent = True
            self._fenetre.message("alerte", texte_erreur(erreur))

    def _suivant(self) -> None:
        if self._dossier:
            self._minuterie.start(CADENCE_VIVE_MS if self._releve.vus else CADENCE_MS)
