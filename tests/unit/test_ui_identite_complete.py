"""The Identité panel (F3): what is locked says why, what stays editable is (va1.47, va1.48)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from ui_outils import MATRICULE, TRAITS, habiller, identite, patient

from app.domain.identity import Identite, StatutIdentite
from app.ui.views.elements import Lien
from app.ui.views.identite_complete import DialogueIdentite
from app.usecases import patients
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import contexte

STRICTS = {"Nom de naissance", "1er prénom de naissance", "Date de naissance", "Sexe",
           "Lieu de naissance (INSEE)", "Prénoms de naissance", "Matricule INS", "OID"}
COMPLEMENTAIRES = {"Nom utilisé", "Prénom utilisé", "Numéro de sécurité sociale"}


@pytest.fixture
def fond(qtbot: QtBot, qapp: QApplication) -> QWidget:
    habiller(qapp)
    fond = QWidget()
    qtbot.addWidget(fond)
    fond.resize(1366, 768)
    fond.show()
    return fond


def champs(dialogue: DialogueIdentite) -> dict[str, QLineEdit]:
    QApplication.processEvents()
    return {c.accessibleName(): c for c in dialogue.findChildren(QLineEdit) if c.isVisible()}


def ouvrir(fond: QWidget, qui: Identite, **options: bool) -> DialogueIdentite:
    dialogue = DialogueIdentite(patient(qui=qui), "63220 Mazoires", fond, **options)
    dialogue.open()
    return dialogue


@pytest.mark.parametrize("statut", [StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE])
def test_every_strict_trait_is_locked_and_says_why(fond: QWidget, statut: StatutIdentite) -> None:
    vus = champs(ouvrir(fond, identite(statut)))
    assert set(vus) == STRICTS | COMPLEMENTAIRES
    for nom, champ in vus.items():
        verrou = bool(champ.actions()) and "INSi" in champ.toolTip()
        assert (champ.isReadOnly(), verrou) == ((True, True) if nom in STRICTS
                                                else (False, False)), nom


def test_a_provisional_identity_locks_the_matricule_only(fond: QWidget) -> None:
    vus = champs(ouvrir(fond, identite(StatutIdentite.PROVISOIRE)))
    assert {nom for nom, champ in vus.items() if champ.isReadOnly()} == {"Matricule INS", "OID"}
    assert vus["Matricule INS"].text() == "non attribué"


def test_used_names_and_billing_number_are_stored(fond: QWidget, qtbot: QtBot) -> None:
    dialogue = ouvrir(fond, identite(StatutIdentite.QUALIFIEE))
    dialogue.nom_utilise.setText("martin")
    with qtbot.waitSignal(dialogue.enregistre) as emis:
        dialogue.creer.click()
    assert emis.args == [replace(TRAITS, nom_utilise="MARTIN")]
    seul = ouvrir(fond, identite(StatutIdentite.QUALIFIEE))
    seul.numero_secu.setText("2 75 12 63 220 749 74")
    with qtbot.waitSignal(seul.enregistre):
        seul.creer.click()
    assert seul.numero == MATRICULE


def test_without_the_right_ins_the_values_are_hidden(fond: QWidget) -> None:
    vus = champs(ouvrir(fond, identite(StatutIdentite.QUALIFIEE), ins_visible=False))
    assert (vus["Matricule INS"].text(), vus["OID"].text()) == ("non visible", "non visible")


def test_the_super_user_is_offered_the_locked_traits(fond: QWidget, qtbot: QtBot) -> None:
    def liens(dialogue: DialogueIdentite) -> list[Lien]:
        QApplication.processEvents()
        return [x for x in dialogue.findChildren(Lien) if x.isVisible()]

    assert liens(ouvrir(fond, identite(StatutIdentite.QUALIFIEE))) == []
    dialogue = ouvrir(fond, identite(StatutIdentite.QUALIFIEE), traits_stricts=True)
    (lien,) = liens(dialogue)
    with qtbot.waitSignal(dialogue.stricts_demandes):
        lien.click()


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def test_the_billing_number_is_checked_and_apart_from_the_ins(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        cree = u.patients.ajouter(identite(StatutIdentite.QUALIFIEE), auteur="T", cause="C")
    ecrit = patients.enregistrer_numero_secu(ctx, cree.id, "1 60 01 2B 020 777 13", cree.version)
    assert (ecrit.numero_secu, ecrit.identite) == ("160012B02077713", cree.identite)
    for faux in ("1 60 01 2B 020 777 14", "123", "abc"):
        with pytest.raises(Refus, match="Numéro de sécurité sociale"):
            patients.enregistrer_numero_secu(ctx, cree.id, faux, ecrit.version)
    assert patients.enregistrer_numero_secu(ctx, cree.id, " ", ecrit.version).numero_secu == ""
