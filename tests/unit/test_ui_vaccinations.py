"""The Vaccinations tab: what a box fills, what is asked, what stays readable."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.calendrier_vaccinal import EtatVaccinal, LigneSituation
from app.domain.document import OrigineDocument
from app.domain.vaccination import (
    CarnetVaccinal,
    Gravite,
    ProduitVaccin,
    Proposition,
    Remarque,
    SaisieVaccination,
    VaccinationFaite,
)
from app.ui import theme
from app.ui.controllers.vaccinations import VaccinationsController
from app.ui.fenetre import Fenetre
from app.ui.views.dates import lire_date
from app.ui.views.vaccinations import VueVaccinations

VACCIN = ProduitVaccin("BOOSTRIXTETRA, suspension", "BOOSTRIXTETRA", "1 seringue", "3400936773875",
                       "62404793", "J07CA02", "dTcaP", codes=("DIP", "TET"),
                       maladies=("Diphtérie", "Tétanos"), voies=("20035000",))
LUE = Proposition(VACCIN, "AC37", "2028-08-31", cip13=VACCIN.cip13, nature="BOOSTER", rang=4,
                  voie="20035000", site="G")
CARNET = CarnetVaccinal(
    (LigneSituation("Zona", "65 ans et plus", EtatVaccinal.A_FAIRE),),
    (VaccinationFaite("2026-06-11", "ABRYSVO", "VRS", origine=OrigineDocument.DMP,
                      document_id=7),), "Aide", "https://exemple.test", "Avis", "2026-11-23",
    "1975-12-31", (("20035000", "Intramusculaire"),), (("D", "Droit"), ("G", "Gauche")))


@pytest.fixture
def vue(qtbot: QtBot, qapp: QApplication) -> VueVaccinations:
    theme.appliquer(qapp, "clair")
    vue = VueVaccinations()
    qtbot.addWidget(vue)
    vue.resize(1282, 560)
    vue.show()
    vue.afficher(CARNET)
    vue.definir_vaccins([VACCIN])
    vue.accueillir()
    return vue


@pytest.mark.parametrize(("texte", "lue"), [
    ("31/08/2027", "2027-08-31"), ("310827", "2027-08-31"), ("02/2028", "2028-02-29"),
    ("2-2027", "2027-02-28"), ("13/2027", "13/2027"), ("demain", "demain")])
def test_expiry_dates_as_boxes_print_them(texte: str, lue: str) -> None:
    assert lire_date(texte) == lue


def test_a_box_fills_everything_but_the_site_is_looked_at(vue: VueVaccinations) -> None:
    vue.proposer(LUE)
    assert vue.formulaire.saisie == SaisieVaccination(
        VACCIN, "AC37", "2026-11-23", "2028-08-31", "BOOSTER", 4, "20035000", "G")
    assert vue.formulaire.focusWidget() is vue.formulaire.site


class _Attente:
    """Workers whose answers come when the test says."""

    def __init__(self) -> None:
        self.reponses: dict[str, Callable[[Any], None]] = {}

    def submit(self, fonction: Callable[..., Any], *_args: Any, on_done: Callable[[Any], None],
               **_kw: Any) -> None:
        self.reponses[fonction.__name__] = on_done


@pytest.fixture
def presse(vue: VueVaccinations, qtbot: QtBot) -> tuple[VaccinationsController, _Attente]:
    """A file just opened, whose record of vaccinations isn't there yet."""
    fenetre = Fenetre("0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    attente = _Attente()
    controleur = VaccinationsController(fenetre, cast(Any, attente), cast(Any, None))
    controleur.brancher(vue)
    controleur.definir_patient(1)
    attente.reponses["_ouvrir"]((True, 0))
    return controleur, attente


def test_a_box_read_before_the_record_waits_for_it(
        vue: VueVaccinations, presse: tuple[VaccinationsController, _Attente]) -> None:
    """The form had no date and no route: « Cette date n’existe pas. »"""
    controleur, attente = presse
    controleur.scan("]d2010340093677387517280831")
    attente.reponses["_lire_code"](LUE)
    attente.reponses["carnet"](CARNET)
    assert vue.formulaire.saisie == SaisieVaccination(
        VACCIN, "AC37", "2026-11-23", "2028-08-31", "BOOSTER", 4, "20035000", "G")


def test_a_box_of_the_file_before_fills_nothing(
        vue: VueVaccinations, presse: tuple[VaccinationsController, _Attente]) -> None:
    controleur, attente = presse
    controleur.scan("]d2010340093677387517280831")
    attente.reponses["_lire_code"](LUE)
    controleur.definir_patient(2)
    attente.reponses["carnet"](CARNET)
    assert not vue.en_saisie
    assert vue.formulaire.lot.text() == ""


def test_a_form_begun_before_the_record_is_dated(
        vue: VueVaccinations, presse: tuple[VaccinationsController, _Attente]) -> None:
    _, attente = presse
    vue.saisir_a_la_main()
    vue.formulaire.lot.setText("L-1")
    attente.reponses["carnet"](CARNET)
    assert (vue.formulaire.date.text(), vue.formulaire.lot.text()) == ("23/11/2026", "L-1")


def test_an_edited_field_no_longer_says_read(vue: VueVaccinations, qtbot: QtBot) -> None:
    vue.proposer(LUE)
    lot = vue.formulaire.lot
    assert lot.marque == "lu"
    qtbot.keyClicks(lot, "X")
    assert lot.marque == "" and vue.formulaire.saisie.lot.startswith("X")


def test_ctrl_enter_validates_once(vue: VueVaccinations, qtbot: QtBot) -> None:
    demandes: list[SaisieVaccination] = []
    vue.validation_demandee.connect(demandes.append)
    qtbot.keyClick(vue, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert demandes == []  # nothing is being filled
    vue.proposer(LUE)
    for _ in range(2):
        qtbot.keyClick(vue.formulaire.site, Qt.Key.Key_Return,
                       Qt.KeyboardModifier.ControlModifier)
    assert len(demandes) == 1 and demandes[0].envoyer


def test_unticked_or_impossible_sending_is_told(vue: VueVaccinations) -> None:
    vue.proposer(LUE)
    vue.definir_canal("le patient s’y oppose", possible=False)
    assert not vue.formulaire.saisie.envoyer
    vue.definir_canal("", possible=True)
    vue.formulaire.dmp.setChecked(False)
    assert not vue.formulaire.saisie.envoyer


def test_an_expired_box_asks_why(vue: VueVaccinations) -> None:
    vue.proposer(replace(LUE, remarques=(
        Remarque("EXPIRED", "Périmé depuis le 31/08/2024.", Gravite.BLOQUANT),)))
    assert not vue.formulaire.motif.isVisible()
    vue.validation_refusee("", [("perime", "Dites pourquoi.")])
    assert vue.formulaire.motif.isVisible() and vue.valider.isEnabled()
    assert vue.formulaire.champs["perime"].faute.text() == "Dites pourquoi."


def test_candidates_of_an_ambiguous_lot_are_buttons(vue: VueVaccinations, qtbot: QtBot) -> None:
    vue.proposer(replace(LUE, lot="", lots=("AB", "AB21")))
    assert vue.formulaire.focusWidget() is vue.formulaire.lot
    bouton = next(b for b in vue.formulaire.lots.children()
                  if getattr(b, "text", str)() == "AB21")
    qtbot.mouseClick(bouton, Qt.MouseButton.LeftButton)
    assert vue.formulaire.saisie.lot == "AB21"


def test_a_free_name_says_what_it_costs(vue: VueVaccinations, qtbot: QtBot) -> None:
    vue.saisir_a_la_main()
    qtbot.keyClicks(vue.formulaire.vaccin, "Vaccin lointain")
    vue.formulaire.lot.setFocus()
    assert "non structuré" in vue.formulaire.champs["vaccin"].faute.text()
    produit = vue.formulaire.saisie.produit
    assert produit is not None and not produit.structurable


def test_a_vaccine_chosen_in_the_list(vue: VueVaccinations, qtbot: QtBot) -> None:
    vue.saisir_a_la_main()
    with qtbot.waitSignal(vue.produit_choisi):
        completeur = vue.formulaire.vaccin.completer()
        completeur.setCompletionPrefix("boostrix")
        completeur.activated.emit(completeur.currentCompletion())
    assert vue.formulaire.saisie.produit == VACCIN
    assert vue.formulaire.vaccin.text() == "BOOSTRIXTETRA"


def test_another_code_than_a_box_keeps_what_was_being_filled(vue: VueVaccinations) -> None:
    vue.proposer(LUE)
    vue.proposer(Proposition(medicament=False, remarques=(Remarque("INS", "Identité INS."),)))
    assert vue.formulaire.saisie.lot == "AC37"


def test_the_history_opens_its_document(vue: VueVaccinations, qtbot: QtBot) -> None:
    assert vue.historique.compte.text() == "1, dont 1 venue du DMP"
    table = vue.historique.table
    table.aller_a(0)
    with qtbot.waitSignal(vue.document_demande) as signal:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert signal.args == [7]


def test_large_text_stacks_the_panels_and_keeps_the_buttons(vue: VueVaccinations,
                                                            qapp: QApplication) -> None:
    vue.proposer(LUE)
    theme.appliquer(qapp, "clair", 200)
    try:
        vue.resize(1281, 560)
        QApplication.processEvents()
        bas = vue.valider.mapTo(vue, vue.valider.rect().bottomRight())
        assert bas.y() < vue.height() and bas.x() < vue.width()
    finally:
        theme.appliquer(qapp, "clair")
