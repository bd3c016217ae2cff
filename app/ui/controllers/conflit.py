"""A conflict of two edits becomes a choice on screen, and the choice is written."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.conflit import TEXTE, DialogueConflit
from app.ui.workers import Workers
from app.usecases.concurrence import ConflitSaisie, Texte


def resoudre(erreur: Exception, fenetre: Fenetre, workers: Workers, *,
             fait: Callable[[Any], None], parent: QWidget | None = None,
             proprietaire: QObject | None = None,
             sinon: Callable[[Exception], None] | None = None) -> bool:
    """Open the merge screen for a conflict; False when the error is something else.

    Args:
        fait: called with the result of the gesture, once it is written.
        parent: dialog that the choice stands over; the window by default.
        sinon: shows what goes wrong after the choice; a message of the window by default.
    """
    if not isinstance(erreur, ConflitSaisie):
        return False
    dialogue = DialogueConflit(erreur.quoi, erreur.par, erreur.champs, parent or fenetre)

    def ecrire(decisions: dict[str, tuple[str, str]]) -> None:
        workers.submit(erreur.appliquer, {
            code: Texte(texte) if quoi == TEXTE else quoi
            for code, (quoi, texte) in decisions.items()},
            on_done=ecrit, on_error=refuse, proprietaire=dialogue)

    def ecrit(resultat: Any) -> None:
        dialogue.accept()
        fenetre.ligne_flottante("Votre choix est enregistré")
        fait(resultat)

    def refuse(suite: Exception) -> None:
        dialogue.reject()
        # A third person wrote meanwhile: the question is asked again, on what is left of it.
        if not resoudre(suite, fenetre, workers, fait=fait, parent=parent,
                        proprietaire=proprietaire, sinon=sinon):
            (sinon or (lambda e: montrer_erreur(fenetre, e)))(suite)

    dialogue.decide.connect(ecrire)
    if proprietaire is not None:
        proprietaire.destroyed.connect(dialogue.reject)
    dialogue.open()
    return True
