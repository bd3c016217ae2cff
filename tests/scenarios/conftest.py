"""The real window against the bac à sable; what each scenario proves is left as evidence.

`PLEIADE_PREUVES` names the folder of the evidence; without it a temporary folder is used.
"""

import contextlib
import json
import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtWidgets import QWidget

from app.cli.demo import MOT_DE_PASSE
from app.cli.demo_donnees import creer_dossier_demo
from app.cli.preuves_table import RESULTATS
from app.cli.serveurs import BacASable, bac_a_sable
from tests.guide_outils import clics_du_guide

if TYPE_CHECKING:
    from app.store.repos.trail import LigneTrail
    from app.ui.controllers.assemblage import Assemblage
    from app.ui.lancer import Application
    from app.usecases.context import Contexte


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

    def noter(self, texte: str) -> None:
        """Keep one step (French) in the log of the scenario."""
        with (self.dossier / "deroule.txt").open("a", encoding="utf-8") as journal:
            journal.write(f"{texte}\n")


def _dossier_preuve(item: pytest.Item) -> str:
    """Folder of one scenario: its file and its name, in letters that any disk accepts."""
    nom = f"{item.path.stem}-{item.name}".replace("test_", "")
    return re.sub(r"[^\w.-]+", "_", nom).strip("_")


@pytest.fixture
def preuve(request: pytest.FixtureRequest, tmp_path: Path) -> Preuve:
    """Where this scenario leaves its evidence."""
    racine = os.environ.get("PLEIADE_PREUVES")
    dossier = (Path(racine) if racine else tmp_path / "preuves") / _dossier_preuve(request.node)
    shutil.rmtree(dossier, ignore_errors=True)  # what an earlier run left proves nothing
    dossier.mkdir(parents=True)
    return Preuve(dossier)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
        item: pytest.Item, call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the screen on which a scenario stopped."""
    report = yield
    if report.when == "call" and report.failed and isinstance(item, pytest.Function):
        poste = item.funcargs.get("poste")
        if isinstance(poste, Poste):
            poste.pilote.capturer("arret")
    return report


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Tell `pleiade preuves` what came of a scenario (one process only, under xdist)."""
    racine = os.environ.get("PLEIADE_PREUVES")
    dits = dict(report.user_properties)
    if (not racine or "exigences" not in dits or os.environ.get("PYTEST_XDIST_WORKER")
            or not (report.when == "call" or report.failed)):
        return
    with (Path(racine) / RESULTATS).open("a", encoding="utf-8") as fichier:
        fichier.write(json.dumps({
            "scenario": report.nodeid, "exigences": dits["exigences"], "etat": report.outcome,
            "duree_s": round(report.duration, 2), "dossier": dits["dossier"],
            "titre": dits["titre"]}, ensure_ascii=False) + "\n")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Hand the requirement ids of a scenario to its report."""
    for item in items:
        ids = [i for marque in item.iter_markers("exigence") for i in marque.args]
        titre = next((str(marque.kwargs["titre"]) for marque in item.iter_markers("exigence")
                      if "titre" in marque.kwargs), "")
        if ids:
            item.user_properties += [("exigences", ids), ("dossier", _dossier_preuve(item)),
                                     ("titre", titre)]


class Poste:
    """A workstation: the real window, a robot user, the software reader."""

    def __init__(self, bac: BacASable, cabinet: Path, preuve: "Preuve",
                 ouvrir_url: Callable[[str], None] | None = None) -> None:
        from app.cli.pilote import Pilote
        from app.cli.serveurs import NavigateurSimule
        from app.devices.apcv import ApcvBacASable
        from app.devices.logicielle import LecteurLogiciel
        from app.ui.lancer import Application, OptionsFenetre, nouvelle_application

        self.bac = bac
        self.application = Application(OptionsFenetre(
            emplacement=cabinet, demonstration=True, mot_de_passe_demo=MOT_DE_PASSE,
            lecteur=LecteurLogiciel(bac.controle), apcv=ApcvBacASable(bac.controle),
            ouvrir_url=ouvrir_url or NavigateurSimule(bac).ouvrir),
            nouvelle_application())
        self.application.fenetre.resize(1366, 768)
        self.pilote = Pilote(self.application.fenetre, preuve.dossier, preuve.noter)

    @property
    def ctx(self) -> "Contexte":
        """The open file."""
        assert self.application.ctx is not None
        return self.application.ctx

    @property
    def assemblage(self) -> "Assemblage":
        """The controllers."""
        assert self.application.assemblage is not None
        return self.application.assemblage

    def ouvrir(self) -> None:
        """Unlock and see the day's list."""
        self.application.demarrer()
        self.pilote.cliquer("Déverrouiller")
        self.pilote.attendre(lambda: self.pilote.voit("Tournée du matin"), "la tournée")

    def connecter(self) -> None:
        """Log in to Pro Santé Connect by the browser."""
        self.pilote.cliquer("Se connecter")
        self.pilote.cliquer("S’identifier avec Pro Santé Connect")
        self.pilote.attendre(lambda: self.assemblage.session.etat.connecte, "session ouverte")

    def carte(self, nom: str) -> None:
        """Put a card of the bac à sable in the reader."""
        httpx.post(f"{self.bac.controle}/controle/carte/inserer",
                   json={"nom": nom}).raise_for_status()

    def dossier(self, texte: str) -> int:
        """Open a patient's file from the search; returns the id."""
        from app.usecases import patients

        patient_id = patients.chercher(self.ctx, texte)[0].id
        self.assemblage.dossier.ouvrir(patient_id)
        self.pilote.attendre(lambda: self.pilote.voit("Mon espace santé"), "le dossier")
        return patient_id

    def statut(self, patient_id: int) -> str:
        """Status of the stored identity."""
        with self.ctx.store.lecture() as u:
            return u.patients.lire(patient_id).identite.statut.value

    def traces(self, quoi: str) -> list["LigneTrail"]:
        """Lines of the practice's own trail, oldest first."""
        with self.ctx.store.lecture() as u:
            return [x for x in reversed(u.trail.lister(500)) if x.quoi == quoi]

    @contextlib.contextmanager
    def geste(self, nom: str) -> Iterator[None]:
        """A gesture of the user guide: it takes the clicks that the guide announces.

        A test fails when a gesture becomes longer, and when the guide stays behind.
        """
        avant = self.pilote.clics
        yield
        faits, annonces = self.pilote.clics - avant, clics_du_guide()
        assert nom in annonces, f"le guide ne compte pas ce geste : {nom}"
        assert faits == annonces[nom], f"{nom} : {faits} clics, le guide dit {annonces[nom]}"

    def journal(self, service: str, operation: str = "") -> list[dict[str, object]]:
        """Calls that the bac à sable received."""
        recus: list[dict[str, object]] = httpx.get(
            f"{self.bac.controle}/controle/journal",
            params={"service": service, "operation": operation}).json()
        return recus

    def panne(self, service: str, operation: str, genre: str, valeur: object = None,
              fois: int = -1) -> None:
        """Set one fault."""
        httpx.post(f"{self.bac.controle}/controle/pannes", json={
            "service": service, "operation": operation, "type": genre, "valeur": valeur,
            "fois": fois}).raise_for_status()

    def reparer(self) -> None:
        """Remove all faults."""
        httpx.delete(f"{self.bac.controle}/controle/pannes").raise_for_status()


@contextmanager
def poste_de_travail(bac: BacASable, cabinet: Path, preuve: Preuve,
                     ouvrir_url: Callable[[str], None] | None = None) -> Iterator[Poste]:
    """A window on a practice, closed at the end. Several may follow each other in a scenario."""
    from PySide6.QtCore import QCoreApplication, QEvent

    un_poste = Poste(bac, cabinet, preuve, ouvrir_url)
    un_poste.pilote.nombre = preuve.rang
    try:
        yield un_poste
    finally:
        preuve.rang = un_poste.pilote.nombre
        un_poste.application.fermer()
        # A window left behind is polished again at each change of theme of the tests that follow.
        un_poste.application.fenetre.deleteLater()
        un_poste.application.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


Postes = Callable[..., AbstractContextManager[Poste]]


@pytest.fixture
def postes(bac: BacASable, preuve: Preuve) -> Postes:
    """Windows that follow each other: `with postes(cabinet, ouvrir_url) as poste`."""
    def ouvrir(cabinet: Path, ouvrir_url: Callable[[str], None] | None = None,
               ) -> AbstractContextManager[Poste]:
        return poste_de_travail(bac, cabinet, preuve, ouvrir_url)

    return ouvrir


@pytest.fixture
def poste(bac: BacASable, cabinet: Path, preuve: Preuve) -> Iterator[Poste]:
    """A window on a fresh practice, closed at the end."""
    with poste_de_travail(bac, cabinet, preuve) as un_poste:
        yield un_poste


@pytest.fixture
def connecte(poste: Poste) -> Poste:
    """Unlocked and connected."""
    poste.ouvrir()
    poste.connecter()
    return poste


@pytest.fixture
def poste_neuf(poste: "Poste", tmp_path: Path) -> Iterator["Application"]:
    """Another workstation, on which nothing was ever installed."""
    from app.ui.lancer import Application, OptionsFenetre, nouvelle_application

    neuf = Application(OptionsFenetre(emplacement=tmp_path / "neuf" / "cabinet.pleiade",
                                      demonstration=True), nouvelle_application())
    neuf.fenetre.resize(1366, 768)
    yield neuf
    neuf.fermer()
    neuf.fenetre.deleteLater()
