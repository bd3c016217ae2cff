"""Bringing a practice back from a backup, from the first start or from the lock screen."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.ui.controllers import acces_taches as taches
from app.ui.controllers.erreurs_acces import texte_refus
from app.ui.views.restauration import SECOURS, DialogueRestauration
from app.ui.workers import Workers


def restaurer(parent: QWidget, workers: Workers, emplacement: Path | str,
              fini: Callable[[str], None], *, mettre_de_cote: bool = False) -> None:
    """Ask which backup, restore it, then call `fini` with where the former practice lies.

    :param mettre_de_cote: a practice is there, that can't be opened: it is kept in a dated folder.
    """
    dialogue = DialogueRestauration(parent)
    dialogue.setProperty("sur_verrou", True)  # the screen below covers the window: it stays

    def faite(cote: str) -> None:
        dialogue.finir()
        fini(cote)

    dialogue.demandee.connect(lambda sauvegarde, moyen, secret: workers.submit(
        taches.restaurer, sauvegarde, emplacement, secret if moyen == SECOURS else "",
        "" if moyen == SECOURS else secret, mettre_de_cote, proprietaire=dialogue, on_done=faite,
        on_error=lambda erreur: dialogue.refuser(texte_refus(erreur))))
    dialogue.open()
