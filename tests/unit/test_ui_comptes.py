"""Section « Comptes »: two administrators on the same account; what is typed is never lost."""

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from test_ui_equipes import ctx, inviter

from app.domain.roles import Acces, Droit
from app.ui.controllers.comptes import ComptesController
from app.ui.controllers.veille import VeilleController
from app.ui.fenetre import Fenetre
from app.ui.views.comptes import VueComptes
from app.ui.views.comptes_dialogues import DialogueCompte
from app.ui.views.conflit import DialogueConflit
from app.ui.views.roles import DialogueRoles
from app.ui.workers import Workers
from app.usecases import comptes, roles
from app.usecases.context import Contexte

__all__ = ["ctx"]


def test_roles_changed_meanwhile_are_a_choice(fenetre: Fenetre, workers: Workers,
                                              ctx: Contexte, qtbot: QtBot) -> None:
    julie = inviter(ctx)
    vue = VueComptes()
    fenetre.ajouter_page("comptes", "users", "Comptes", lambda: vue)
    fenetre.aller("comptes")
    controleur = ComptesController(fenetre, workers, ctx)
    controleur.brancher(vue)
    qtbot.waitUntil(lambda: controleur._lu is not None)
    vue.geste.emit("roles", julie)
    dialogue = next(d for d in fenetre.findChildren(DialogueCompte) if d.isVisible())
    comptes.changer_acces(ctx, julie, Acces(("titulaire",)))
    assert dialogue.acces is not None
    dialogue.acces.cases["administrateur"].setChecked(True)
    dialogue.bouton.click()

    def question() -> DialogueConflit | None:
        return next((d for d in (*dialogue.findChildren(DialogueConflit),
                                 *fenetre.findChildren(DialogueConflit)) if d.isVisible()), None)

    qtbot.waitUntil(lambda: question() is not None)
    choix = question()
    assert choix is not None
    choix.reject()  # Échap goes back to what was ticked, which can be sent again
    assert dialogue.isVisible() and dialogue.bouton.isEnabled()
    assert set(dialogue.acces.choisis()) == {"salarie", "administrateur"}
    dialogue.bouton.click()
    qtbot.waitUntil(lambda: question() is not None)
    choix = question()
    assert choix is not None
    QTest.keyClick(choix, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: set(next(
        c for c in comptes.lister_comptes(ctx) if c.id == julie).acces.roles)
        == {"salarie", "administrateur"})


def _visible(fenetre: Fenetre, quoi: type) -> QWidget | None:
    return next((d for d in fenetre.findChildren(quoi) if d.isVisible()), None)


def test_a_role_and_an_identity_changed_by_another_administrator_ask_before_they_overwrite(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    """What both changed is asked, what one changed is kept; Échap loses nothing."""
    julie = inviter(ctx)
    vue = VueComptes()
    fenetre.ajouter_page("comptes", "users", "Comptes", lambda: vue)
    fenetre.aller("comptes")
    controleur = ComptesController(fenetre, workers, ctx)
    controleur.brancher(vue)
    qtbot.waitUntil(lambda: controleur._lu is not None)
    vue.roles.emit()
    table = _visible(fenetre, DialogueRoles)
    assert isinstance(table, DialogueRoles)
    table._montrer(table._roles["secretaire"])
    base = table.courant
    roles.enregistrer_role(ctx, replace(base, libelle="Accueil", droits=base.droits | {
        Droit.TRACES}))
    table.libelle.setText("Secrétariat")
    table.droits[Droit.SAUVEGARDE].setChecked(True)
    table.bouton.click()
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueConflit) is not None)
    choix = _visible(fenetre, DialogueConflit)
    assert isinstance(choix, DialogueConflit)
    assert [c.champ.libelle for c in choix.champs] == ["Nom affiché"]
    QTest.keyClick(choix, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueConflit) is None)
    assert table.libelle.text() == "Secrétariat"
    assert table.droits[Droit.SAUVEGARDE].isChecked()
    assert next(r for r in roles.lister_roles(ctx) if r.code == "secretaire").libelle == "Accueil"
    table.bouton.click()
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueConflit) is not None)
    choix = _visible(fenetre, DialogueConflit)
    assert isinstance(choix, DialogueConflit)
    QTest.keyClick(choix, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: next(r for r in roles.lister_roles(ctx)
                                 if r.code == "secretaire").libelle == "Secrétariat")
    ecrit = next(r for r in roles.lister_roles(ctx) if r.code == "secretaire")
    assert {Droit.TRACES, Droit.SAUVEGARDE} <= ecrit.droits
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueConflit) is None)
    table.reject()
    # The identity of an account goes the same way.
    qui = next(c for c in comptes.lister_comptes(ctx) if c.id == julie).professionnel
    vue.geste.emit("identite", julie)
    dialogue = _visible(fenetre, DialogueCompte)
    assert isinstance(dialogue, DialogueCompte)
    comptes.modifier_identite(ctx, julie, replace(qui, nom="MARTIN"))
    dialogue.nom.setText("DUPONT")
    dialogue.bouton.click()
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueConflit) is not None)
    choix = _visible(fenetre, DialogueConflit)
    assert isinstance(choix, DialogueConflit)
    assert (choix.champs[0].champ.mien, choix.champs[0].champ.leur) == ("DUPONT", "MARTIN")
    choix._tout("leur")
    QTest.keyClick(choix, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: _visible(fenetre, DialogueCompte) is None)
    relu = next(c for c in comptes.lister_comptes(ctx) if c.id == julie).professionnel
    assert relu.nom == "MARTIN"


def test_a_session_that_ends_while_the_link_opens_leaves_none_behind(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte,
        monkeypatch: pytest.MonkeyPatch) -> None:
    ouvre, rendu = threading.Event(), threading.Event()
    arretees: list[object] = []

    class Lien:
        def arreter(self) -> None:
            arretees.append(self)

    def veiller(*_: object) -> Lien:
        ouvre.set()
        rendu.wait(60)
        return Lien()

    monkeypatch.setattr("app.ui.controllers.veille.veiller", veiller)
    veille = VeilleController(fenetre, workers, ctx)
    veille.demarrer()
    qtbot.waitUntil(ouvre.is_set)
    veille.arreter()
    rendu.set()
    qtbot.waitUntil(lambda: len(arretees) == 1)
