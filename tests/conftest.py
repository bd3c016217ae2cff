"""Shared fixtures."""

import os
from pathlib import Path

import pytest

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
