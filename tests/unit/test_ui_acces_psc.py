"""The Pro Santé Connect button of the access screens, on fakes of what the workers do."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.store.vault_psc import AccesPsc
from app.ui import theme
from app.ui.controllers import acces_psc as module
from app.ui.controllers import acces_taches
from app.ui.controllers.acces import Acces
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers

CLAIRE = AccesPsc("claire", "899700000016", "Claire MOREAU", "https://proxy.test", "", "p", "v")
GESTION = AccesPsc("gestion", "899700000016", "Claire (gestion)", "https://proxy.test", "")
SOPHIE = AccesPsc("sophie", "899700000024", "Sophie NGUYEN", "https://proxy.test", "")


class Refus(Exception):
    message = "Le dossier reste fermé."


@dataclass
class Identifie:
    acces: tuple[AccesPsc, ...]


class Faux:
    """What the workers would do; `attente` holds a login back until it is given up."""

    def __init__(self) -> None:
        self.connus: tuple[AccesPsc, ...] = (CLAIRE,)
        self.siens: tuple[AccesPsc, ...] = (CLAIRE,)
        self.appels: list[tuple[str, object]] = []
        self.erreur: Exception | None = None
        self.attente = False
        self.fini = threading.Event()

    def identifier(self, quoi: str, qui: object, annule) -> Identifie:
        self.appels.append((quoi, qui))
        while self.attente and not annule():
            self.fini.wait(0.01)  # short: a pace
        if self.erreur is not None:
            raise self.erreur
        return Identifie(self.siens)


@pytest.fixture
def faux(monkeypatch: pytest.MonkeyPatch) -> Faux:
    f = Faux()

    def navigateur(emplacement, ouvrir, annule=None):
        ouvrir("https://proxy.test/login?app=x")
        return f.identifier("navigateur", None, annule)

    def telephone(emplacement, acces, liaison, annule=None):
        return f.identifier("telephone", acces.nom, annule)

    def entrer(emplacement, identifie, acces):
        f.appels.append(("entrer", acces.nom))
        return "ctx", "reglages"

    monkeypatch.setattr(acces_taches, "acces_psc", lambda e: f.connus)
    monkeypatch.setattr(acces_taches, "identifier_navigateur", navigateur)
    monkeypatch.setattr(acces_taches, "identifier_telephone", telephone)
    monkeypatch.setattr(acces_taches, "entrer", entrer)
    monkeypatch.setattr(acces_taches, "renoncer", lambda i: f.appels.append(("renoncer", None)))
    return f


@pytest.fixture
def porte(qapp: QApplication, qtbot, faux: Faux):
    theme.appliquer(qapp, "clair")
    f, w = Fenetre("1"), Workers()
    qtbot.addWidget(f)
    f.resize(1366, 768)
    ouvertes: list[str] = []
    a = Acces(f, w, Path("cabinet.pleiade"), ouvertes.append)
    a.demander()
    f.show()
    f.activateWindow()
    assert a._psc is not None
    qtbot.waitUntil(lambda: a._psc._connus == faux.connus)
    yield a, ouvertes
    faux.attente = False
    w.fermer()
    f.fermer_pour_de_bon()


def message(a: Acces) -> str:
    return a.ecran._message.texte if a.ecran is not None and a.ecran._message else ""


def test_enter_on_the_first_button_opens_the_file(porte, qtbot, faux: Faux) -> None:
    a, ouvertes = porte
    assert a.ecran._bouton_psc.hasFocus()
    with qtbot.waitSignal(a.ouvert) as signal:
        QTest.keyClick(a.ecran._bouton_psc, Qt.Key.Key_Return)
    assert signal.args == ["ctx", "reglages"] and a.par_psc
    assert ouvertes == ["https://proxy.test/login?app=x"]
    assert faux.appels == [("navigateur", None), ("entrer", "Claire MOREAU")]


def test_a_password_typed_on_the_button_finds_its_field(porte, qtbot) -> None:
    a, _ = porte
    for touche in "Abc":
        QTest.keyClick(QApplication.focusWidget(), touche)
    assert a.ecran._secret.texte() == "Abc" and a.ecran._secret.champ.hasFocus()


def test_the_telephone_of_the_only_account(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    with qtbot.waitSignal(a.ouvert):
        a.ecran._autre_psc.click()
    assert faux.appels == [("telephone", "Claire MOREAU"), ("entrer", "Claire MOREAU")]


def test_the_telephone_of_one_among_several(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    a._psc._connus = (CLAIRE, SOPHIE)
    faux.siens = (SOPHIE,)
    a.ecran._autre_psc.click()
    panneau = a.ecran._panneau_psc
    assert panneau.etat == "compte" and faux.appels == []
    with qtbot.waitSignal(a.ouvert):
        panneau.choisi.emit(1)
    assert faux.appels == [("telephone", "Sophie NGUYEN"), ("entrer", "Sophie NGUYEN")]


def test_one_identity_several_accounts(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    faux.siens = (CLAIRE, GESTION)
    a.ecran._bouton_psc.click()
    qtbot.waitUntil(lambda: a.ecran._panneau_psc.etat == "compte")
    with qtbot.waitSignal(a.ouvert):
        a.ecran._panneau_psc.choisi.emit(1)
    assert faux.appels[-1] == ("entrer", "Claire (gestion)")


def test_giving_up_the_choice_ends_the_session(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    faux.siens = (CLAIRE, GESTION)
    a.ecran._bouton_psc.click()
    qtbot.waitUntil(lambda: a.ecran._panneau_psc.etat == "compte")
    a.ecran._panneau_psc.annulation.emit()
    qtbot.waitUntil(lambda: ("renoncer", None) in faux.appels)
    assert a.ecran._bouton_psc.isVisible() and not a.ecran._panneau_psc.isVisible()


def test_giving_up_the_browser_gives_the_button_back(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    faux.attente = True
    a.ecran._bouton_psc.click()
    qtbot.waitUntil(lambda: a.ecran._panneau_psc.etat == "navigateur")
    a.ecran._panneau_psc.annulation.emit()
    assert a.ecran._bouton_psc.isVisible() and a.ecran._autre_psc.isVisible()
    faux.attente = False
    with qtbot.waitSignal(a.ouvert):
        a.ecran._bouton_psc.click()


def test_a_refusal_is_said_and_the_password_remains(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    faux.erreur = Refus()
    a.ecran._bouton_psc.click()
    qtbot.waitUntil(lambda: message(a) == Refus.message)
    assert a.ecran._bouton_psc.isVisible() and a.ecran._ouvrir.isEnabled()


def test_the_first_time_is_explained(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    a._psc._connus = ()
    a.ecran._bouton_psc.click()
    assert message(a) == module.PREMIERE_FOIS and faux.appels == []


def test_escape_gives_up_what_waits(porte, qtbot, faux: Faux) -> None:
    a, _ = porte
    faux.attente = True
    QTest.keyClick(a.ecran._bouton_psc, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: a.ecran._panneau_psc.etat == "navigateur")
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert a.ecran._bouton_psc.isVisible()
