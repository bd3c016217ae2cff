"""Fixtures of the widgets' tests: the real main window, its workers, a wait."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from ui_outils import Attente

    from app.ui.fenetre import Fenetre
    from app.ui.workers import Workers


@pytest.fixture
def fenetre(qtbot: "QtBot", qapp: "QApplication") -> "Fenetre":
    """The main window, active, of the size of a small laptop."""
    from ui_outils import habiller

    from app.ui.fenetre import Fenetre

    habiller(qapp)
    fenetre = Fenetre("0.0")
    fenetre.construire()
    qtbot.addWidget(fenetre)
    fenetre.resize(1366, 768)
    fenetre.show()
    fenetre.activateWindow()
    return fenetre


@pytest.fixture
def workers(fenetre: "Fenetre") -> "Iterator[Workers]":
    """The window's workers; what they write must end."""
    from app.ui.workers import Workers

    workers = Workers(fenetre)
    yield workers
    assert workers.fermer(60)


@pytest.fixture
def attendre(qtbot: "QtBot") -> "Attente":
    """Let the window live until a condition holds (anything that is true, or not)."""
    def attendre(condition: Callable[[], object]) -> None:
        qtbot.waitUntil(lambda: bool(condition()))

    return attendre
