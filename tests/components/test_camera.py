"""A camera as OpenCV gives it: a video file stands for the device, everything else is real."""

import queue
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from app.devices.camera import ABSENTE, PERDUE, Camera, CameraFinie, CodeVu, ImageVue, Nouvelle

BOITE = "010340093677387517280831" + "10AC37B214TA"
DELAI_S = 30


def video(chemin: Path, code: str = "", images: int = 12, qr: bool = False) -> str:
    """A film of a desk; the code comes in the second half."""
    hasard = np.random.default_rng(7)
    ecrit = cv2.VideoWriter(str(chemin), cv2.VideoWriter_fourcc(*"MJPG"), 12, (1280, 720))
    assert ecrit.isOpened()
    genre = zxingcpp.BarcodeFormat.QRCode if qr else zxingcpp.BarcodeFormat.DataMatrix
    for n in range(images):
        image = np.full((720, 1280), hasard.integers(90, 140), np.uint8)
        if code and n >= images // 2:
            symbole = np.array(zxingcpp.create_barcode(code, genre).to_image(scale=6))
            symbole = np.pad(symbole, 30, constant_values=255)
            h, largeur = symbole.shape
            image[200:200 + h, 500:500 + largeur] = symbole
        ecrit.write(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR))
    ecrit.release()
    return str(chemin)


def tout(source: int | str, qr: bool = False) -> list[Nouvelle]:
    """What the camera says, to its end."""
    recues: queue.Queue[Nouvelle] = queue.Queue()
    camera = Camera(recues.put, source, qr=qr)
    suite: list[Nouvelle] = []
    while not suite or isinstance(suite[-1], ImageVue):
        suite.append(recues.get(timeout=DELAI_S))
    camera.arreter()
    return suite


@pytest.mark.parametrize("qr", [False, True])
def test_a_code_that_comes_into_view_is_read_and_ends_the_film(tmp_path: Path, qr: bool) -> None:
    texte = "ZXHFG0123456789-APCV" if qr else BOITE
    suite = tout(video(tmp_path / "boite.avi", texte, qr=qr), qr)
    assert isinstance(suite[-1], CodeVu) and suite[-1].texte.endswith(texte)
    vues = [v for v in suite if isinstance(v, ImageVue)]
    assert vues and all(len(v.gris) == v.largeur * v.hauteur for v in vues)
    assert (vues[0].largeur, vues[0].hauteur) == (480, 270)


def test_a_camera_torn_out_is_told(tmp_path: Path) -> None:
    assert tout(video(tmp_path / "bureau.avi", images=6))[-1] == CameraFinie(PERDUE)


def test_no_camera_is_told_with_what_to_do() -> None:
    assert tout("aucune.avi") == [CameraFinie(ABSENTE)]


def test_stopped_it_says_nothing_more_and_its_process_ends(tmp_path: Path) -> None:
    recues: queue.Queue[Nouvelle] = queue.Queue()
    camera = Camera(recues.put, video(tmp_path / "long.avi", images=400))
    assert isinstance(recues.get(timeout=DELAI_S), ImageVue)
    camera.arreter()
    camera._fil.join(DELAI_S)
    assert not camera._processus.is_alive() and camera._processus.exitcode == 0
    while not recues.empty():
        assert isinstance(recues.get(), ImageVue)
    camera.arreter()  # twice is harmless
