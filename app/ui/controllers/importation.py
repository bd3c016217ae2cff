"""Files enter by the window: dropped anywhere, or chosen; what became of each is said."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.domain.document import OrigineDocument
from app.ui.fenetre import Fenetre
from app.ui.views.depot import ZoneDepot
from app.ui.workers import Workers
from app.usecases import importation
from app.usecases.context import Contexte
from app.usecases.importation import BilanImport, Importe

FILTRE = ("Documents (*.pdf *.xml *.zip *.jpg *.jpeg *.png *.tif *.tiff *.rtf *.txt);;"
          "Tous les fichiers (*)")


def _pluriel(nombre: int, un: str, plusieurs: str) -> str:
    return f"{nombre} {un if nombre == 1 else plusieurs}"


def phrase(bilan: BilanImport) -> str:
    """« 2 documents au dossier, 1 à classer »: what the floating line says."""
    morceaux = []
    if bilan.classes:
        morceaux.append(_pluriel(len(bilan.classes), "document ajouté au dossier",
                                 "documents ajoutés au dossier"))
    if bilan.attente:
        morceaux.append(_pluriel(len(bilan.attente), "document à classer", "documents à classer"))
    if bilan.deja:
        morceaux.append(_pluriel(len(bilan.deja), "déjà présent", "déjà présents"))
    return ", ".join(morceaux)


class ImportationController(QObject):
    """Glue of the imports.

    Args:
        patient_ouvert: gives (id, name) of the file on screen, or None.
    """

    #: Documents entered the open file: first document id, or 0.
    importe = Signal(int)
    #: « À classer » has changed.
    attente_changee = Signal()
    a_classer_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 patient_ouvert: Callable[[], tuple[int, str] | None]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._patient_ouvert = patient_ouvert
        self._depot = ZoneDepot(fenetre, self._annonce)
        self._depot.depose.connect(self.importer)

    def _annonce(self) -> str:
        if self._fenetre.verrouillee:
            return ""
        ouvert = self._patient_ouvert()
        return f"Déposer dans le dossier de {ouvert[1]}" if ouvert else "Déposer dans « À classer »"

    def choisir(self) -> None:
        """Choose files for the open file (for « À classer » without one)."""
        chemins, _ = QFileDialog.getOpenFileNames(self._fenetre, "Importer des documents", "",
                                                  FILTRE)
        if chemins:
            self.importer(chemins)

    def importer(self, chemins: Sequence[str]) -> None:
        """Import files in the open file, or in « À classer »."""
        ouvert = self._patient_ouvert()
        patient_id = ouvert[0] if ouvert else None
        self._workers.submit(
            importation.importer_fichiers, self._ctx, list(chemins), patient_id,
            OrigineDocument.IMPORT, queue="documents", proprietaire=self,
            on_done=lambda bilan: self.dire(bilan, patient_id))

    def dire(self, bilan: BilanImport, patient_id: int | None) -> None:
        """Say what became of each file; open what was added."""
        if texte := phrase(bilan):
            self._fenetre.ligne_flottante(texte[0].upper() + texte[1:])
        for refus in bilan.illisibles[:3]:
            self._fenetre.message("erreur", f"« {refus.titre} » n’a pas été importé. "
                                  f"{refus.raison}")
        if len(bilan.illisibles) > 3:
            self._fenetre.message("erreur", f"{len(bilan.illisibles) - 3} autres fichiers n’ont "
                                  "pas été importés.")
        for deja in bilan.deja[:2]:
            self._fenetre.message("info", f"« {deja.titre} » n’a pas été ajouté. {deja.raison}")
        for classe in [c for c in bilan.classes if c.raison][:2]:
            self._fenetre.message("info", f"« {classe.titre} » est une version ancienne. "
                                  f"{classe.raison}")
        for raison in {c.sans_insi: None for c in bilan.classes if c.sans_insi}:
            self._fenetre.message("alerte", raison)
        self._dire_attente(bilan.attente, patient_id)
        if bilan.classes:
            self.importe.emit(bilan.classes[0].document_id or 0)
        if bilan.attente or bilan.deja:
            self.attente_changee.emit()

    def _dire_attente(self, attente: Sequence[Importe], patient_id: int | None) -> None:
        """A document dropped in a file and not filed there: why, and where it is."""
        if patient_id is None:
            return
        for entrant in attente[:2]:
            self._fenetre.message(
                "alerte", f"« {entrant.titre} » n’est pas classé dans ce dossier. "
                f"{entrant.raison} Il attend dans « À classer ».", "Voir « À classer »",
                self.a_classer_demande.emit)
