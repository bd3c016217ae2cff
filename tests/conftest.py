"""Shared fixtures."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import settings

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


@pytest.fixture
def derivation_legere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the password derivation cheap, in the tests of which it isn't the subject."""
    from app.store import vault

    monkeypatch.setattr(vault, "MEMOIRE_KIO", 64)


# The same examples at each run: a change is judged on itself. PLEIADE_HASARD=1 explores others.
settings.register_profile("stable", derandomize=True, deadline=None)
if not os.environ.get("PLEIADE_HASARD"):
    settings.load_profile("stable")


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
