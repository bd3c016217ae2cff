"""The sheet of the recovery key: to the printer, or into a PDF that the user places."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from app.domain.people import Structure
from app.ui.controllers import acces_taches as taches
from app.ui.views.etapes import EtapeCle
from app.ui.workers import Workers
from app.usecases import sorties

#: Width of the printed page, in pixels (A4 at 300 dpi).
LARGEUR_IMPRESSION = 2480


class FeuilleCle(QObject):
    """Answers the two buttons of an `EtapeCle`.

    :param cle: gives the key and the practice when a button is pressed; None = nothing to print.
    :param refuser: told what went wrong.
    :param noter: told how the sheet leaves (« enregistrement », « impression »), before it does.
    """

    def __init__(self, fenetre: QWidget, workers: Workers, etape: EtapeCle,
                 cle: Callable[[], tuple[str, Structure] | None],
                 refuser: Callable[[Exception], None],
                 noter: Callable[[sorties.Sortie], None]) -> None:
        super().__init__(etape)
        self._noter = noter
        self._fenetre, self._workers, self._etape = fenetre, workers, etape
        self._cle, self._refuser = cle, refuser
        etape.imprimer.connect(self._imprimer)
        etape.enregistrer.connect(self._enregistrer)

    def _enregistrer(self) -> None:
        cle = self._cle()
        if cle is None:
            return
        chemin, _ = QFileDialog.getSaveFileName(
            self._fenetre, "Enregistrer la clé de secours", "Clé de secours Pléiade.pdf",
            "PDF (*.pdf)")
        if chemin:
            self._noter(sorties.Sortie.ENREGISTREMENT)
            self._workers.submit(
                taches.ecrire_pdf, *cle, Path(chemin), queue="documents", proprietaire=self,
                on_error=self._refuser, on_done=lambda p: self._etape.confirmer(
                    f"Enregistrée : {p.name}. Mettez ce fichier hors de l’ordinateur."))

    def _imprimer(self) -> None:
        cle = self._cle()
        if cle is not None:
            self._workers.submit(taches.image_cle, *cle, LARGEUR_IMPRESSION, queue="documents",
                                 proprietaire=self, on_error=self._refuser,
                                 on_done=self._vers_imprimante)

    def _vers_imprimante(self, png: bytes) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        from app.ui.controllers.impression import ImpressionImpossible

        imprimante = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialogue = QPrintDialog(imprimante, self._fenetre)
        dialogue.setWindowTitle("Imprimer la clé de secours")
        if dialogue.exec() != QPrintDialog.DialogCode.Accepted:
            return
        self._noter(sorties.Sortie.IMPRESSION)
        image = QImage.fromData(png)
        peintre = QPainter()
        if not peintre.begin(imprimante):
            self._refuser(ImpressionImpossible(ImpressionImpossible.message))
            return
        zone = peintre.viewport()
        taille = image.size().scaled(zone.size(), Qt.AspectRatioMode.KeepAspectRatio)
        peintre.setViewport(zone.x(), zone.y(), taille.width(), taille.height())
        peintre.setWindow(image.rect())
        peintre.drawImage(0, 0, image)
        peintre.end()
        self._etape.confirmer("Imprimée. Vérifiez la feuille en recopiant le groupe demandé.")
