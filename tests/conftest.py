"""Shared fixtures."""

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


# The same examples at each run: a change is judged on itself. PLEIADE_HASARD=1 explores others.
settings.register_profile("stable", derandomize=True, deadline=None)
if not os.environ.get("PLEIADE_HASARD"):
    settings.load_profile("stable")
