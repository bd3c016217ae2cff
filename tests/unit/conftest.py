"""Fixtures of the widgets' tests: the real main window, its workers, a wait."""

import logging
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


@pytest.fixture(autouse=True)
def _journal_sans_secret(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does to a proxy, neither its log nor its traces hold a token."""
    if not request.node.path.name.startswith("test_proxy_"):
        yield
        return
    from proxy_secrets import rien_de_secret

    from app.proxy.journal import JsonFormatter

    lignes: list[str] = []
    sortie = logging.Handler()
    sortie.emit = lambda r: lignes.append(JsonFormatter().format(r))  # type: ignore[method-assign]
    journal = logging.getLogger("pleiade.proxy")
    niveau = journal.level
    journal.addHandler(sortie)
    journal.setLevel(logging.DEBUG)
    yield
    journal.removeHandler(sortie)
    journal.setLevel(niveau)
    dossier = request.node.funcargs.get("tmp_path")
    rien_de_secret("\n".join(lignes), [] if dossier is None else dossier.rglob("*traces*.jsonl"))
