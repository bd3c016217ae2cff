"""Section « Comptes »: two administrators on the same account; what is typed is never lost."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from test_ui_equipes import ctx, fenetre, inviter, workers

from app.domain.roles import Acces
from app.ui.controllers.comptes import ComptesController
from app.ui.fenetre import Fenetre
from app.ui.views.comptes import VueComptes
from app.ui.views.comptes_dialogues import DialogueCompte
from app.ui.views.conflit import DialogueConflit
from app.ui.workers import Workers
from app.usecases import comptes
from app.usecases.context import Contexte

__all__ = ["ctx", "fenetre", "workers"]


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
