"""« Équipes et délégations » over a real file: given, refused, taken back; teams changed twice."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid
from ui_outils import habiller

from app.domain.agenda import LieuPassage
from app.domain.equipes import Delegation, Equipe, Geste, Membre
from app.domain.identity import StatutIdentite
from app.domain.patient import PatientResume
from app.domain.roles import Acces
from app.ui.controllers.equipes import EquipesController, ligne_delegation
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.conflit import DialogueConflit
from app.ui.views.elements import Etiquette
from app.ui.views.equipes import VueEquipes
from app.ui.views.equipes_dialogues import DialogueDelegation, DialogueEquipe
from app.ui.views.panneau_passage import PanneauPassage
from app.ui.workers import Workers
from app.usecases import comptes, equipes
from app.usecases.access import DemandeCabinet, creer_cabinet
from app.usecases.context import Contexte
from tests.centre_outils import CENTRE, JULIE, MARIAM, MOT_DE_PASSE

JOUR = date.today()
DEMAIN = JOUR + timedelta(days=1)


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = creer_cabinet(tmp_path / "c.pleiade",
                        DemandeCabinet(CENTRE, MARIAM, MOT_DE_PASSE)).contexte
    yield ctx
    ctx.fermer()


@pytest.fixture
def vue(fenetre: Fenetre, workers: Workers, ctx: Contexte, qtbot: QtBot) -> VueEquipes:
    vue = VueEquipes()
    fenetre.ajouter_page("equipes", "users", "Équipes", lambda: vue)
    fenetre.aller("equipes")
    EquipesController(fenetre, workers, ctx).brancher(vue)
    qtbot.waitUntil(lambda: "Aucune équipe" in textes(vue.equipes))
    return vue


def inviter(ctx: Contexte) -> int:
    return comptes.inviter(ctx, JULIE, Acces(("salarie",))).compte.id


def textes(ou: object) -> str:
    return " | ".join(e.text() for e in ou.findChildren(Etiquette))  # type: ignore[attr-defined]


def textes_de(dialogue: QWidget) -> str:
    return " ".join(e.text() for e in dialogue.findChildren(QLabel))


def ouvert(fenetre: Fenetre, quoi: type) -> object:
    return next(d for d in fenetre.findChildren(quoi) if d.isVisible())


def test_alone_nothing_can_be_given_and_it_says_why(vue: VueEquipes) -> None:
    assert "Rien pour le moment" in textes(vue.donnees)
    assert "tout le cabinet partage" in textes(vue.equipes)
    assert not vue.donnees.bouton.isEnabled()
    assert "Invitez un collègue" in vue.donnees.bouton.toolTip()


def test_giving_by_keyboard_then_taking_back(fenetre: Fenetre, workers: Workers, ctx: Contexte,
                                             qtbot: QtBot) -> None:
    julie = inviter(ctx)
    vue = VueEquipes()
    fenetre.ajouter_page("equipes", "users", "Équipes", lambda: vue)
    fenetre.aller("equipes")
    EquipesController(fenetre, workers, ctx).brancher(vue)
    qtbot.waitUntil(vue.donnees.bouton.isEnabled)
    vue.donnees.bouton.click()
    dialogue = ouvert(fenetre, DialogueDelegation)
    assert isinstance(dialogue, DialogueDelegation)
    assert dialogue.a_qui.currentData() == str(julie)  # the only colleague is chosen already
    dialogue.cases[Geste.AGENDA].setChecked(False)
    QTest.keyClick(dialogue, Qt.Key.Key_Return)
    assert "Cochez ce que vous confiez" in textes_de(dialogue)
    dialogue.cases[Geste.AGENDA].setChecked(True)
    dialogue.au.setText("32/13/2026")
    QTest.keyClick(dialogue, Qt.Key.Key_Return)
    assert dialogue.isVisible() and equipes.mes_delegations(ctx) == ()
    dialogue.au.setText(f"{DEMAIN:%d/%m/%Y}")
    dialogue.motif.setText("Congé")
    QTest.keyClick(dialogue, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "À Julie FONTAINE" in textes(vue.donnees))
    assert "Tenir son agenda (Congé)" in textes(vue.donnees)
    assert "En cours" in textes(vue.donnees)
    (donnee,) = equipes.mes_delegations(ctx)
    assert (donnee.a_id, donnee.gestes) == (julie, {Geste.AGENDA})
    vue.reprendre.emit(donnee.id)
    ouvert(fenetre, Confirmation).confirmer.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: "Reprise le" in textes(vue.donnees))


def test_a_team_changed_meanwhile_keeps_what_is_typed(fenetre: Fenetre, vue: VueEquipes,
                                                      ctx: Contexte, qtbot: QtBot) -> None:
    vue.equipes.bouton.click()
    dialogue = ouvert(fenetre, DialogueEquipe)
    assert isinstance(dialogue, DialogueEquipe)
    dialogue.nom.setText("Secteur nord")
    case, du, _ = dialogue.lignes[ctx.compte_id]
    assert not du.isEnabled()
    case.setChecked(True)
    du.setText("01/01/2026")
    QTest.keyClick(dialogue, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Mariam DIALLO (du 01/01/2026)" in textes(vue.equipes))
    (equipe,) = equipes.lister_equipes(ctx)
    vue.modifier_equipe.emit(equipe.id)
    dialogue = ouvert(fenetre, DialogueEquipe)
    assert isinstance(dialogue, DialogueEquipe)
    equipes.enregistrer_equipe(ctx, replace(equipe, nom="Secteur sud"))
    dialogue.nom.setText("Secteur est")
    dialogue.bouton.click()
    def visible() -> bool:
        return any(d.isVisible() for d in fenetre.findChildren(DialogueConflit))

    qtbot.waitUntil(visible)
    choix = ouvert(fenetre, DialogueConflit)
    assert isinstance(choix, DialogueConflit)
    QTest.keyClick(choix, Qt.Key.Key_Escape)
    assert dialogue.isVisible() and dialogue.nom.text() == "Secteur est"
    assert dialogue.bouton.isEnabled()
    assert equipes.lister_equipes(ctx)[0].nom == "Secteur sud"
    dialogue.bouton.click()
    qtbot.waitUntil(visible)
    choix = ouvert(fenetre, DialogueConflit)
    assert isinstance(choix, DialogueConflit)
    QTest.keyClick(choix, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: equipes.lister_equipes(ctx)[0].nom == "Secteur est")
    qtbot.waitUntil(lambda: not isValid(dialogue) or not dialogue.isVisible())


@pytest.mark.parametrize(("du", "au", "reprise", "dit", "verbe"), [
    (JOUR, JOUR, "", "En cours", "Reprendre…"), (DEMAIN, DEMAIN, "", "À venir", "Reprendre…"),
    (JOUR - timedelta(3), JOUR - timedelta(1), "", "Terminée", ""),
    (JOUR, DEMAIN, f"{JOUR}T08:00:00+01:00", "Reprise le", "")])
def test_a_delegation_says_where_it_stands(du: date, au: date, reprise: str, dit: str,
                                           verbe: str) -> None:
    une = Delegation(1, 1, 2, frozenset({Geste.AGENDA}), str(du), str(au), revoquee_le=reprise)
    ligne = ligne_delegation(une, "Julie", str(JOUR), donnee=True)
    assert ligne.etat.startswith(dit) and ligne.verbe == verbe
    assert ligne_delegation(une, "Julie", str(JOUR), donnee=False).verbe == ""


def test_a_member_retired_meanwhile_is_said(ctx: Contexte) -> None:
    julie = inviter(ctx)
    nord = equipes.enregistrer_equipe(ctx, Equipe(0, "Nord", (Membre(julie),)))
    comptes.retirer_compte(ctx, julie)
    assert "Julie FONTAINE" in equipes.noms_des_comptes(ctx, retires=True)[julie]
    assert julie not in equipes.noms_des_comptes(ctx)
    assert nord.membres[0].compte_id == julie


def test_the_panel_asks_whose_agenda_only_when_there_is_a_choice(qtbot: QtBot,
                                                                qapp: QApplication) -> None:
    habiller(qapp)
    panneau = PanneauPassage()
    qtbot.addWidget(panneau)
    panneau.show()
    panneau.proposer_agendas(((2, "Julie FONTAINE"),))
    assert not panneau.pour.isVisible()
    panneau.proposer_agendas(((2, "Julie FONTAINE"), (1, "Mariam DIALLO")))
    assert panneau.pour.isVisible() and panneau.pour.currentText() == "Julie FONTAINE (vous)"
    panneau.ouvrir("08:50", LieuPassage.DOMICILE)
    panneau.choisir_patient(PatientResume(5, "ADRUN", "ZOE", "", "", "1975-12-31", "F",
                                          StatutIdentite.QUALIFIEE))
    panneau.pour.setCurrentIndex(1)
    panneau.proposer_agendas(((2, "Julie FONTAINE"), (1, "Mariam DIALLO")))  # read again
    with qtbot.waitSignal(panneau.ajoute) as ajout:
        panneau.valider.click()
    assert ajout.args[0].pour == 1
    panneau.ouvrir("09:00")
    assert panneau.pour.currentIndex() == 0  # the next visit is one's own again
