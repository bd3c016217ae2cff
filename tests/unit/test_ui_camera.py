"""The camera's dialog: what it says, and where the code goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.devices import camera as appareil
from app.ui.controllers.camera import CameraController
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from tests.identite_outils import contexte


class FausseCamera:
    """Says what a test wants, when it wants."""

    def __init__(self, dire: object, source: object, *, qr: bool) -> None:
        self.dire, self.source, self.arretee = dire, source, False
        CAMERAS.append(self)

    def arreter(self) -> None:
        self.arretee = True


CAMERAS: list[FausseCamera] = []


@pytest.fixture
def controleur(qtbot: QtBot, tmp_path: Path,
               monkeypatch: pytest.MonkeyPatch) -> Iterator[CameraController]:
    CAMERAS.clear()
    monkeypatch.setattr("app.ui.controllers.camera.Camera", FausseCamera)
    fenetre, ctx = Fenetre("1"), contexte(tmp_path)
    qtbot.addWidget(fenetre)
    workers = Workers()
    controleur = CameraController(fenetre, workers, ctx)
    yield controleur
    controleur.abandonner()
    workers.fermer(60)
    ctx.fermer()


def test_the_code_goes_to_who_asked_and_the_camera_goes_off(
        qtbot: QtBot, controleur: CameraController) -> None:
    recus: list[str] = []
    controleur.demander(recus.append)
    assert controleur.dialogue is not None and len(CAMERAS) == 1
    CAMERAS[0].dire(appareil.ImageVue(4, 2, bytes(8)))  # type: ignore[operator]
    qtbot.waitUntil(lambda: not controleur.dialogue.viseur.vide)  # type: ignore[union-attr]
    assert "dans le cadre" in controleur.dialogue.consigne.text()
    with qtbot.assertNotEmitted(controleur.lu):
        CAMERAS[0].dire(appareil.CodeVu("]d2010340"))  # type: ignore[operator]
        qtbot.waitUntil(lambda: recus == ["]d2010340"])
    assert controleur.dialogue is None and CAMERAS[0].arretee


def test_without_asker_the_code_goes_where_a_scan_goes(
        qtbot: QtBot, controleur: CameraController) -> None:
    controleur.demander()
    with qtbot.waitSignal(controleur.lu) as signal:
        CAMERAS[0].dire(appareil.CodeVu("IS01"))  # type: ignore[operator]
    assert signal.args == ["IS01"]


def test_no_camera_is_said_and_may_be_tried_again(
        qtbot: QtBot, controleur: CameraController) -> None:
    controleur.demander()
    dialogue = controleur.dialogue
    assert dialogue is not None
    CAMERAS[0].dire(appareil.CameraFinie(appareil.ABSENTE))  # type: ignore[operator]
    qtbot.waitUntil(lambda: not dialogue.reprendre.isHidden())
    qtbot.mouseClick(dialogue.reprendre, Qt.MouseButton.LeftButton)
    assert len(CAMERAS) == 2 and dialogue.reprendre.isHidden()


def test_closed_or_locked_the_camera_is_off_and_late_images_are_dropped(
        qtbot: QtBot, controleur: CameraController) -> None:
    controleur.demander()
    controleur.abandonner()
    assert controleur.dialogue is None and CAMERAS[0].arretee
    with qtbot.assertNotEmitted(controleur.lu, wait=50):
        CAMERAS[0].dire(appareil.CodeVu("tard"))  # type: ignore[operator]
