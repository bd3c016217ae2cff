"""A camera as a reader of codes, where there is one: frames are taken and decoded in a process.

Neither the images nor what they show is kept. OpenCV is imported in that process only: it costs
the window nothing, and a driver that crashes takes nothing with it.
"""

import multiprocessing
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

#: Wanted size of a frame (`feasibility/cards.md` §5: 1280 × 720 reads a box at arm's length).
LARGEUR, HAUTEUR = 1280, 720
#: Width of the image sent to the window, and images a second at most.
LARGEUR_VUE, VUES_PAR_S = 480, 12
#: The process ends by itself when nothing was read for so long, seconds.
DUREE_MAX_S = 120
ABSENTE = ("Aucune caméra ne répond. Branchez-en une, ou fermez l’autre logiciel qui s’en sert, "
           "puis recommencez. Une image du code peut aussi être lue.")
PERDUE = "La caméra s’est arrêtée. Rebranchez-la, puis recommencez."
ATTENTE = "Aucun code n’a été lu pendant deux minutes : la caméra est éteinte."


@dataclass(frozen=True, slots=True)
class ImageVue:
    """A small image to show: grey levels, one byte a pixel."""

    largeur: int
    hauteur: int
    gris: bytes


@dataclass(frozen=True, slots=True)
class CodeVu:
    """A code was read: its text, with the symbology when it is a Data Matrix."""

    texte: str


@dataclass(frozen=True, slots=True)
class CameraFinie:
    """The camera stopped. `message` French; empty when it was asked to."""

    message: str = ""


Nouvelle = ImageVue | CodeVu | CameraFinie


def presente() -> bool:
    """Whether a camera may be there, without waking it. Unknown counts as yes."""
    return sys.platform != "linux" or any(Path("/dev").glob("video*"))


def filmer(tuyau: Connection, source: int | str, qr: bool) -> None:
    """Life of the process: frames until it is told to stop, or a code was read.

    Args:
        tuyau: sends `Nouvelle`, hears anything as « stop ».
        source: index of the camera, or a video file.
        qr: look for a QR code, not for a Data Matrix.
    """
    import cv2
    import numpy as np

    from app.devices.scan_image import LecteurFlux

    camera = cv2.VideoCapture(source)
    try:
        if not camera.isOpened():
            _envoyer(tuyau, CameraFinie(ABSENTE))
            return
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, LARGEUR)
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, HAUTEUR)
        lecteur, vue, debut = LecteurFlux(qr=qr), 0.0, time.monotonic()
        while not tuyau.poll():
            lue, trame = camera.read()
            if not lue:
                _envoyer(tuyau, CameraFinie(PERDUE))
                return
            gris = cv2.cvtColor(trame, cv2.COLOR_BGR2GRAY)
            if time.monotonic() - vue >= 1 / VUES_PAR_S:
                vue = time.monotonic()
                hauteur = round(gris.shape[0] * LARGEUR_VUE / gris.shape[1])
                petite = cv2.resize(gris, (LARGEUR_VUE, hauteur), interpolation=cv2.INTER_AREA)
                _envoyer(tuyau, ImageVue(LARGEUR_VUE, hauteur, petite.tobytes()))
            if codes := lecteur.image(np.asarray(gris, np.uint8)):
                code = codes[0]
                _envoyer(tuyau, CodeVu(code.complet if code.symbologie.startswith("]d")
                                       else code.texte))
                return
            if time.monotonic() - debut > DUREE_MAX_S:
                _envoyer(tuyau, CameraFinie(ATTENTE))
                return
    except (EOFError, OSError):
        return  # the window went away
    finally:
        camera.release()


def _envoyer(tuyau: Connection, nouvelle: Nouvelle) -> None:
    tuyau.send(nouvelle)


class Camera:
    """Runs the process and tells what comes, from a thread of its own.

    Args:
        dire: called with each `Nouvelle`; the last one is a `CodeVu` or a `CameraFinie`.
        source: index of the camera, or a video file.
        qr: look for a QR code, not for a Data Matrix.
    """

    def __init__(self, dire: Callable[[Nouvelle], None], source: int | str = 0, *,
                 qr: bool = False) -> None:
        self._dire = dire
        contexte = multiprocessing.get_context("spawn")
        self._tuyau, autre = contexte.Pipe()
        self._processus = contexte.Process(target=filmer, args=(autre, source, qr), daemon=True,
                                           name="camera")
        self._processus.start()
        autre.close()
        self._arretee = threading.Event()
        self._fil = threading.Thread(target=self._ecouter, name="camera", daemon=True)
        self._fil.start()

    def _ecouter(self) -> None:
        derniere: Nouvelle = CameraFinie(PERDUE)
        try:
            while True:
                nouvelle: Nouvelle = self._tuyau.recv()
                if not isinstance(nouvelle, ImageVue):
                    derniere = nouvelle
                    break
                if not self._arretee.is_set():
                    self._dire(nouvelle)
        except (EOFError, OSError):
            if self._arretee.is_set():
                derniere = CameraFinie()
        self._processus.join(2)
        if self._processus.is_alive():
            self._processus.kill()  # a driver that hangs
        if not self._arretee.is_set():
            self._dire(derniere)

    def arreter(self) -> None:
        """Stop: nothing more is told. The camera goes off within a frame."""
        if self._arretee.is_set():
            return
        self._arretee.set()
        try:
            self._tuyau.send(None)
        except OSError:
            return  # it had ended
        self._fil.join(0)
