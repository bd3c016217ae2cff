"""Shared fixtures."""

import json
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

# What the tests themselves ask of the bac à sable; the program sets limits of its own.
for _phase in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, _phase, 60.0)

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "*.debug=false")

RACINE = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def racine() -> Path:
    """Root of the project."""
    return RACINE


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the reference material that lies beside the project."""
    return RACINE.parent / "shared"


#: Most that a widget's test waits for what must come, milliseconds: a machine may be that slow.
PATIENCE_MS = 60_000


@pytest.fixture
def qtbot(qapp: "QApplication", request: pytest.FixtureRequest) -> "QtBot":
    """The bot of pytest-qt, which waits longer than its five seconds: it costs nothing when what
    is awaited comes."""
    from pytestqt.qtbot import QtBot

    class Patient(QtBot):  # type: ignore[misc]
        """Never gives up before `PATIENCE_MS`."""

        def waitUntil(self, callback: "Callable[[], bool | None]", *,
                      timeout: int = PATIENCE_MS) -> None:
            super().waitUntil(callback, timeout=timeout)

        def waitSignal(self, *args: object, timeout: int = PATIENCE_MS, **kw: object) -> object:
            return super().waitSignal(*args, timeout=timeout, **kw)

        def waitSignals(self, *args: object, timeout: int = PATIENCE_MS, **kw: object) -> object:
            return super().waitSignals(*args, timeout=timeout, **kw)

        def waitExposed(self, widget: object, *, timeout: int = PATIENCE_MS) -> object:
            return super().waitExposed(widget, timeout=timeout)

        def waitActive(self, widget: object, *, timeout: int = PATIENCE_MS) -> object:
            return super().waitActive(widget, timeout=timeout)

    return Patient(request)


@pytest.fixture
def derivation_legere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the password derivation cheap, in the tests of which it isn't the subject."""
    from app.store import vault

    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)


# The same examples at each run: a change is judged on itself. PLEIADE_HASARD=1 explores others.
settings.register_profile("stable", derandomize=True, deadline=None)
if not os.environ.get("PLEIADE_HASARD"):
    settings.load_profile("stable")


#: A test that asks twice which day it is must hear the same: none begins in the last minute of one.
FIN_DE_JOUR_S = 60


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let midnight pass before a test rather than in the middle of it."""
    maintenant = datetime.now()
    demain = datetime.combine(maintenant.date() + timedelta(days=1), datetime.min.time())
    reste = (demain - maintenant).total_seconds()
    if reste < FIN_DE_JOUR_S:
        time.sleep(reste + 0.1)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Leave the result of each attack in the file named by `PLEIADE_ATTAQUES`, one JSON a line."""
    fichier = os.environ.get("PLEIADE_ATTAQUES")
    # Under xdist the master hears every report; the workers would write them twice.
    if not fichier or os.environ.get("PYTEST_XDIST_WORKER") or not (
            report.when == "call" or report.failed) or "attaque" not in report.keywords:
        return
    with Path(fichier).open("a", encoding="utf-8") as sortie:
        sortie.write(json.dumps({"test": report.nodeid, "resultat": report.outcome}) + "\n")
