"""Codes read by a camera or in an image go where those of a scanner go."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from app.devices.camera import Camera, CameraFinie, CodeVu, ImageVue
from app.ui.controllers.apcv import IMAGES
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.camera import DialogueCamera
from app.ui.workers import Workers
from app.usecases.codes_image import lire_codes
from app.usecases.context import Contexte


class CameraController(QObject):
    """Glue of the camera's dialog. It is off as soon as the dialog closes.

    Args:
        source: index of the camera, or a video file (tests).
    """

    #: Text of a code.
    lu = Signal(str)
    _nouvelle = Signal(int, object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 source: int | str = 0) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx, self.source = fenetre, workers, ctx, source
        self._camera: Camera | None = None
        self._numero, self._qr = 0, False
        self._recevoir_code: Callable[[str], None] = self.lu.emit
        self.dialogue: DialogueCamera | None = None
        self._nouvelle.connect(self._recevoir)
        fenetre.a_garder.connect(self.abandonner)

    def demander(self, recevoir: Callable[[str], None] | None = None, *,
                 qr: bool = False) -> None:
        """Open the dialog and the camera.

        Args:
            recevoir: who wants the code; else `lu` says it.
            qr: the code is a QR code, not a Data Matrix.
        """
        if self.dialogue is not None:
            self.dialogue.raise_()
            return
        self._recevoir_code, self._qr = recevoir or self.lu.emit, qr
        self.dialogue = DialogueCamera(QApplication.activeModalWidget() or self._fenetre)
        self.dialogue.image_demandee.connect(self._choisir_image)
        self.dialogue.reprise_demandee.connect(self._filmer)
        self.dialogue.finished.connect(self._ferme)
        self.dialogue.open()
        self._filmer()

    def abandonner(self) -> None:
        """The lock or the end: the camera goes off."""
        if self.dialogue is not None:
            self.dialogue.reject()

    def _filmer(self) -> None:
        self._arreter()
        if self.dialogue is not None:
            self.dialogue.commencer()
            self._numero = numero = self._numero + 1
            # Called from the camera's thread: the signal brings it to that of Qt.
            self._camera = Camera(lambda nouvelle: self._nouvelle.emit(numero, nouvelle),
                                  self.source, qr=self._qr)

    def _arreter(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.arreter()

    def _ferme(self) -> None:
        self.dialogue = None
        self._arreter()

    def _recevoir(self, numero: int, nouvelle: object) -> None:
        dialogue = self.dialogue
        if numero != self._numero or self._camera is None or dialogue is None:
            return  # a camera that was told to stop
        if isinstance(nouvelle, ImageVue):
            dialogue.montrer(QImage(nouvelle.gris, nouvelle.largeur, nouvelle.hauteur,
                                    nouvelle.largeur, QImage.Format.Format_Grayscale8).copy())
        elif isinstance(nouvelle, CodeVu):
            self._finir(nouvelle.texte)
        elif isinstance(nouvelle, CameraFinie) and nouvelle.message:
            self._camera = None
            dialogue.dire(nouvelle.message)

    def _finir(self, texte: str) -> None:
        """Close, then hand the code over: who receives it may open a dialog of its own."""
        recevoir = self._recevoir_code
        if self.dialogue is not None:
            self.dialogue.accept()
        QTimer.singleShot(0, self, lambda: recevoir(texte))

    def _choisir_image(self) -> None:
        chemin, _ = QFileDialog.getOpenFileName(self.dialogue, "Image du code", "", IMAGES)
        if not chemin or self.dialogue is None:
            return
        dialogue = self.dialogue
        self._arreter()
        self._workers.submit(
            lire_codes, self._ctx, Path(chemin), queue="documents", proprietaire=dialogue,
            on_done=lambda codes: self._finir(codes[0]),
            on_error=lambda erreur: dialogue.dire(texte_erreur(erreur)))
