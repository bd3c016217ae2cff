"""Import and export of identities: files are read and written in workers."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.domain.import_identites import BilanImport, EssaiImport
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.import_identites import VueImport
from app.ui.workers import Tache, Workers
from app.usecases import import_identites
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.identites_csv import TAILLE_MAX
from app.usecases.import_identites import Annulation, Progres
from app.usecases.sorties import ecrire_fichier

PAGE = "import_identites"
_EXTENSIONS = {"csv": "CSV (*.csv)", "fhir": "FHIR R4 (*.json)"}


def _essayer(ctx: Contexte, chemin: str, annule: Annulation = None,
             progres: Progres = None) -> EssaiImport:
    fichier = Path(chemin)
    try:
        if fichier.stat().st_size > TAILLE_MAX:
            raise Refus("Ce fichier dépasse 20 Mo. Partagez-le, puis importez chaque partie.")
        contenu = fichier.read_bytes()
    except OSError as erreur:
        raise Refus("Ce fichier n’a pas pu être lu. Vérifiez qu’il n’est pas ouvert "
                    "ailleurs.") from erreur
    return import_identites.essayer(ctx, contenu, fichier.name, annule, progres)


def _exporter(ctx: Contexte, forme: str, chemin: str) -> str:
    return ecrire_fichier(Path(chemin), import_identites.exporter(ctx, forme)).name


class ImportController(QObject):
    """Glue of the page « import_identites »."""

    #: Patients were created: lists and searches are to be read again.
    change = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueImport | None = None
        self._tache: Tache | None = None

    def construire(self) -> VueImport:
        """Build the page when it is first shown."""
        vue = VueImport()
        self._vue = vue
        vue.fichier_demande.connect(self._choisir)
        vue.import_demande.connect(self._importer)
        vue.export_demande.connect(self._choisir_export)
        return vue

    def _choisir(self) -> None:
        chemin, _ = QFileDialog.getOpenFileName(
            self._fenetre, "Fichier d’identités", "", "Identités (*.csv *.txt *.json *.ndjson)")
        if chemin:
            self.essayer(chemin)

    def essayer(self, chemin: str) -> None:
        """Dry run of a file; the last file wins."""
        vue = self._vue
        if vue is None:
            return
        if self._tache is not None:
            self._tache.annuler()
        vue.montrer_lecture(Path(chemin).name)
        self._tache = self._workers.submit(
            _essayer, self._ctx, chemin, queue="documents", proprietaire=vue,
            on_done=vue.montrer_essai, on_error=self._illisible,
            on_progres=lambda p: vue.montrer_lecture(f"{p[0]} identités sur {p[1]}"))

    def _illisible(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.montrer_accueil("Choisissez un fichier CSV ou FHIR R4",
                                      "Le fichier précédent n’a pas pu être lu.")
        self._refuse(erreur)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    def _importer(self, essai: EssaiImport, avec_doublons: bool) -> None:
        self._workers.submit(import_identites.importer, self._ctx, essai, avec_doublons,
                             queue="documents", proprietaire=self, on_done=self._importe,
                             on_error=self._refuse)

    def _importe(self, bilan: BilanImport) -> None:
        if self._vue is not None:
            self._vue.montrer_accueil(
                f"{bilan.crees} dossiers créés" if bilan.crees > 1 else "Un dossier créé",
                f"Lignes laissées : {bilan.laisses}. Qualifiez ces identités à la prochaine venue "
                "des patients.")
        self.change.emit()

    def _choisir_export(self, forme: str) -> None:
        suffixe = "csv" if forme == "csv" else "json"
        chemin, _ = QFileDialog.getSaveFileName(
            self._fenetre, "Exporter les identités", f"identites.{suffixe}", _EXTENSIONS[forme])
        if chemin:
            self.exporter(forme, chemin)

    def exporter(self, forme: str, chemin: str) -> None:
        """Write the export, then say so."""
        self._workers.submit(
            _exporter, self._ctx, forme, chemin, queue="documents", proprietaire=self,
            on_done=lambda nom: self._fenetre.ligne_flottante(f"Identités exportées : {nom}"),
            on_error=self._refuse)
