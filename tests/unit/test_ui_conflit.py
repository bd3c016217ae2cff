"""The merge screen: by keyboard alone, nothing lost, written once; and two real windows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.concurrence import ChampConcurrent
from app.domain.patient import Contact
from app.domain.people import Professionnel
from app.store.tables import T_OBSERVATION
from app.ui import theme
from app.ui.controllers.conflit import resoudre
from app.ui.fenetre import Fenetre
from app.ui.views.conflit import DialogueConflit
from app.ui.workers import Workers
from app.usecases import dossier, patients
from app.usecases.concurrence import ConflitSaisie
from app.usecases.context import Contexte
from tests.identite_outils import contexte
from tests.store_outils import traits

COURTS = (ChampConcurrent("telephone", "Téléphone", "", "0611111111", "0102030405"),
          ChampConcurrent("adresse", "Adresse", "1 rue A", "2 rue B", "3 rue C"))
LONG = ChampConcurrent("texte", "Observation", "Plaie.", "Plaie. Douleur.", "Plaie. Propre.",
                       long=True)


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def fenetre(qtbot: QtBot, qapp: QApplication) -> Fenetre:
    theme.charger_polices()
    theme.appliquer(qapp, "clair")
    fenetre = Fenetre("0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    fenetre.resize(1366, 690)
    fenetre.show()
    return fenetre


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.fermer()


def test_what_was_typed_is_chosen_and_one_gesture_keeps_it(qtbot: QtBot, fenetre: Fenetre) -> None:
    dialogue = DialogueConflit("les coordonnées", "Julie FONTAINE", COURTS, fenetre)
    dialogue.open()
    with qtbot.waitSignal(dialogue.decide) as choix:
        qtbot.keyClick(dialogue, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert choix.args == [{"telephone": ("mien", ""), "adresse": ("mien", "")}]
    dialogue.reject()


def test_arrows_choose_and_tab_goes_on(qtbot: QtBot, fenetre: Fenetre) -> None:
    dialogue = DialogueConflit("les coordonnées", "Julie FONTAINE", COURTS, fenetre)
    dialogue.open()
    premier, second = dialogue.champs
    premier.entrer()
    qtbot.keyClick(premier.mien.radio, Qt.Key.Key_Right)
    assert premier.leur.radio.isChecked()
    dialogue._tout("leur")
    assert second.leur.radio.isChecked()
    qtbot.mouseClick(second.mien, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(dialogue.decide) as choix:
        qtbot.mouseClick(dialogue.garder, Qt.MouseButton.LeftButton)
    assert choix.args == [{"telephone": ("leur", ""), "adresse": ("mien", "")}]
    dialogue.reject()


def test_both_texts_are_kept_by_default(qtbot: QtBot, fenetre: Fenetre) -> None:
    dialogue = DialogueConflit("cette observation", "Votre autre fenêtre ou poste", (LONG,),
                               fenetre)
    dialogue.open()
    with qtbot.waitSignal(dialogue.decide) as choix:
        dialogue._decider()
    quoi, texte = choix.args[0]["texte"]
    assert quoi == "texte"
    assert "Douleur." in texte
    assert "Propre." in texte
    dialogue.reject()


def test_the_choice_is_written_and_told(qtbot: QtBot, fenetre: Fenetre, workers: Workers,
                                        ctx: Contexte) -> None:
    lu = patients.creer_patient(ctx, traits()).patient
    assert lu is not None
    patients.enregistrer_contact(ctx, lu.id, Contact(telephone="0102030405"), lu.version,
                                 lu.contact)
    recus: list[object] = []
    with pytest.raises(ConflitSaisie) as conflit:
        patients.enregistrer_contact(ctx, lu.id, Contact(telephone="0611111111"), lu.version,
                                     lu.contact)
    assert resoudre(conflit.value, fenetre, workers, fait=recus.append)
    dialogue = fenetre.findChild(DialogueConflit)
    assert dialogue is not None
    # Somebody else again, on the same field, while the choice is on screen: asked again.
    actuel = patients.enregistrer_contact(ctx, lu.id, Contact(telephone="0777777777"),
                                          lu.version + 1)
    dialogue._decider()

    def suivant() -> DialogueConflit | None:
        return next((d for d in fenetre.findChildren(DialogueConflit)
                     if d.isVisible() and d.champs[0].champ.leur == "0777777777"), None)

    qtbot.waitUntil(lambda: suivant() is not None)
    encore = suivant()
    assert encore is not None
    assert encore.champs[0].champ.leur == actuel.contact.telephone
    encore._decider()
    qtbot.waitUntil(lambda: bool(recus))
    with ctx.store.lecture() as u:
        assert u.patients.lire(lu.id).contact.telephone == "0611111111"


def test_another_error_is_not_a_choice(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    note = dossier.ajouter_observation(
        ctx, patients.creer_patient(ctx, traits()).patient.id, "Plaie.")  # type: ignore[union-attr]
    with ctx.store.ecriture() as u:
        paul = u.comptes.ajouter_professionnel(Professionnel("", "PETIT", "Paul", ""))
        u.connexion.execute(T_OBSERVATION.update().values(auteur_id=paul))
    with pytest.raises(Exception, match="autre auteur") as refus:
        dossier.modifier_observation(ctx, note, "Autre.")
    assert not resoudre(refus.value, fenetre, workers, fait=lambda _: None)
