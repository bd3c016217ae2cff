"""The real window against the bac à sable; what each scenario proves is left as evidence.

`PLEIADE_PREUVES` names the folder of the evidence; without it a temporary folder is used.
"""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PySide6.QtWidgets import QWidget

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.serveurs import BacASable, bac_a_sable


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BacASable]:
    """Bac à sable and proxy, once for each test worker."""
    with bac_a_sable(tmp_path_factory.mktemp("bac")) as bac:
        yield bac


@pytest.fixture
def bac(servers: BacASable) -> Iterator[BacASable]:
    """The servers in their first state."""
    httpx.post(f"{servers.controle}/controle/reinitialiser").raise_for_status()
    yield servers


@pytest.fixture
def cabinet(bac: BacASable, tmp_path: Path) -> Path:
    """A throw-away practice that uses the bac à sable."""
    emplacement = tmp_path / "cabinet.pleiade"
    creer_dossier_demo(emplacement, MOT_DE_PASSE, bac.reglages_services)
    return emplacement


@dataclass
class Preuve:
    """Folder of the evidence of one scenario."""

    dossier: Path
    rang: int = 0

    def capture(self, widget: QWidget, nom: str) -> Path:
        """Keep a numbered screenshot."""
        self.rang += 1
        chemin = self.dossier / f"{self.rang:02d}-{nom}.png"
        assert widget.grab().save(str(chemin)), chemin
        return chemin

    def fichier(self, nom: str, contenu: bytes) -> Path:
        """Keep a file."""
        chemin = self.dossier / nom
        chemin.write_bytes(contenu)
        return chemin


@pytest.fixture
def preuve(request: pytest.FixtureRequest, tmp_path: Path) -> Preuve:
    """Where this scenario leaves its evidence."""
    racine = os.environ.get("PLEIADE_PREUVES")
    dossier = (Path(racine) if racine else tmp_path / "preuves") / request.node.name
    dossier.mkdir(parents=True, exist_ok=True)
    return Preuve(dossier)


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write the table requirement -> scenario -> result."""
    racine = os.environ.get("PLEIADE_PREUVES")
    ids = [valeur for nom, valeur in report.user_properties if nom == "exigence"]
    if not racine or report.when != "call" or not ids:
        return
    table = Path(racine) / "exigences.csv"
    with table.open("a", encoding="utf-8", newline="") as fichier:
        csv.writer(fichier).writerows([i, report.nodeid, report.outcome] for i in ids)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand the requirement ids of a scenario to its report."""
    for item in items:
        for marque in item.iter_markers("exigence"):
            item.user_properties += [("exigence", identifiant) for identifiant in marque.args]
