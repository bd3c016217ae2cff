"""Bringing a practice back from a backup: from the first start, the lock screen, the settings."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.store import places
from app.ui.controllers import acces_taches as taches
from app.ui.controllers.erreurs_acces import texte_refus
from app.ui.views.restauration import SECOURS, DialogueRestauration
from app.ui.workers import Workers


def restaurer(parent: QWidget, workers: Workers, emplacement: Path | str,
              fini: Callable[[str], None], *, mettre_de_cote: bool = False,
              derniere: str = "") -> None:
    """Ask which backup, restore it, then call `fini` with where the former practice lies.

    :param mettre_de_cote: a practice is there: it is kept in a dated folder.
    :param derniere: path of the last backup, where choosing begins.
    """
    dialogue = DialogueRestauration(parent)
    dialogue.setProperty("sur_verrou", True)  # the screen below covers the window: it stays

    def faite(cote: str) -> None:
        dialogue.finir()
        fini(cote)

    dialogue.fichier.champ.textChanged.connect(
        lambda texte: dialogue.preciser(precision(texte, datetime.now(), mettre_de_cote)))
    dialogue.fichier.champ.setText(derniere)
    dialogue.demandee.connect(lambda sauvegarde, moyen, secret: workers.submit(
        taches.restaurer, sauvegarde, emplacement, secret if moyen == SECOURS else "",
        "" if moyen == SECOURS else secret, mettre_de_cote, proprietaire=dialogue, on_done=faite,
        on_error=lambda erreur: dialogue.refuser(texte_refus(erreur))))
    dialogue.open()


def precision(chemin: str, maintenant: datetime, mettre_de_cote: bool) -> str:
    """What the name of a backup tells: its date, and what becomes of what was done since."""
    quand = places.date_sauvegarde(Path(chemin.strip()).name)
    if quand is None:
        return ""
    jours = (maintenant.date() - quand.date()).days
    age = {0: "aujourd’hui", 1: "hier"}.get(jours, f"il y a {jours} jours" if jours > 0 else "")
    suite = ("Ce qui a été fait depuis n’y est pas\u00a0; l’état actuel du cabinet sera gardé "
             "entier à côté, dans un dossier daté." if mettre_de_cote else
             "Ce qui a été fait depuis n’y est pas.")
    return (f"Sauvegarde du {quand.strftime('%d/%m/%Y à %H:%M')}"
            f"{f' ({age})' if age else ''}. {suite}")
