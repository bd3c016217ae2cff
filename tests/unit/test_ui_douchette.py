"""A scanner that types is caught; a person who types keeps every key, in order."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.ui.controllers.douchette import Douchette

BOITE = "010340093677387517270831" + "10AC37"


class Banc:
    """A field with the focus, a filter, what it read."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.champ = QLineEdit()
        qtbot.addWidget(self.champ)
        self.champ.show()
        self.champ.setFocus()
        self.actif = True
        self.lus: list[str] = []
        self.douchette = Douchette(lambda _premier: self.actif, self.champ)
        self.douchette.lue.connect(self.lus.append)

    def touche(self, texte: str, touche: int = 0,
               avec: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
               genre: QEvent.Type = QEvent.Type.KeyPress) -> None:
        QApplication.sendEvent(self.champ, QKeyEvent(
            genre, touche or ord(texte.upper()), avec, texte))

    def taper(self, texte: str, fin: Qt.Key | None = Qt.Key.Key_Return) -> None:
        for caractere in texte:
            self.touche(caractere)
            self.touche(caractere, genre=QEvent.Type.KeyRelease)
        if fin is not None:
            self.touche("\r", int(fin))
        QApplication.processEvents()


@pytest.fixture
def banc(qtbot: QtBot) -> Iterator[Banc]:
    un_banc = Banc(qtbot)
    yield un_banc
    application = QApplication.instance()
    assert application is not None
    application.removeEventFilter(un_banc.douchette)


@pytest.mark.parametrize("fin", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab])
def test_a_scan_never_reaches_the_field(banc: Banc, fin: Qt.Key) -> None:
    banc.taper(BOITE, fin)
    assert banc.lus == [BOITE] and banc.champ.text() == ""
    banc.qtbot.wait(120)
    assert banc.champ.text() == ""


def test_azerty_scan_is_caught(banc: Banc) -> None:
    banc.taper("à&à\"'ààç\"-èè\"_è(")
    assert banc.lus == ["à&à\"'ààç\"-èè\"_è("] and banc.champ.text() == ""


@pytest.mark.parametrize("gs", ["ctrl", "f8", "brut", "alt"])
def test_every_form_of_a_separator(banc: Banc, gs: str) -> None:
    banc.taper(BOITE, None)
    if gs == "ctrl":
        banc.touche("", int(Qt.Key.Key_BracketRight), Qt.KeyboardModifier.ControlModifier)
    elif gs == "f8":
        banc.touche("", int(Qt.Key.Key_F8))
    elif gs == "brut":
        banc.touche("\x1d", int(Qt.Key.Key_unknown))
    else:
        avec = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.KeypadModifier
        for chiffre in "029":
            banc.touche("", ord(chiffre), avec)
        banc.touche("", int(Qt.Key.Key_Alt), genre=QEvent.Type.KeyRelease)
    banc.taper("21S1")
    assert banc.lus == [BOITE + "\x1d21S1"] and banc.champ.text() == ""


def test_slow_keys_are_given_back(banc: Banc) -> None:
    for chiffre in "120":
        banc.taper(chiffre, None)
        banc.qtbot.wait(110)
    assert banc.champ.text() == "120" and banc.lus == []


def test_a_short_burst_is_given_back_before_enter(banc: Banc) -> None:
    entrees: list[str] = []
    banc.champ.returnPressed.connect(lambda: entrees.append(banc.champ.text()))
    banc.taper("0612")
    assert banc.champ.text() == "0612" and entrees == ["0612"] and banc.lus == []


@pytest.mark.parametrize("texte", [
    "2 comprimés", "12h", "3x par jour", "écrire", "à la", "ça va", "Il va mieux", "-20 mg",
    "1,5 g", "10 "])
def test_a_fast_typist_gets_her_text_at_once(banc: Banc, texte: str) -> None:
    banc.taper(texte, None)  # no pause at all
    assert banc.champ.text() == texte and banc.lus == []


@pytest.mark.parametrize("texte", [
    "IS010000000000000000000000S1279035121518989", "]d2" + BOITE, "10AC37\x1d21S12345",
    "ISà&ààààààààààààààààààààààS&éè_"])
def test_codes_that_begin_otherwise_are_still_caught(banc: Banc, texte: str) -> None:
    avant, gs, apres = texte.partition("\x1d")
    banc.taper(avant, None)
    if gs:
        banc.touche(gs, int(Qt.Key.Key_unknown))
    banc.taper(apres)
    assert banc.lus == [texte] and banc.champ.text() == ""


def test_letters_are_never_held(banc: Banc) -> None:
    banc.taper("bonjour", None)
    assert banc.champ.text() == "bonjour"


def test_an_edit_key_comes_after_what_was_held(banc: Banc) -> None:
    banc.taper("12", None)
    banc.touche("", int(Qt.Key.Key_Backspace))
    assert banc.champ.text() == "1"


def test_nothing_is_held_when_no_scan_is_expected(banc: Banc) -> None:
    banc.actif = False
    banc.taper(BOITE, None)
    assert banc.champ.text() == BOITE and banc.lus == []
