"""The browser of the workstation, for the login page of Pro Santé Connect."""

from collections.abc import Callable

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

SANS_NAVIGATEUR = ("Aucun navigateur ne s’est ouvert sur ce poste. Choisissez-en un par défaut "
                   "dans le système, ou confirmez sur votre téléphone.")


def naviguer(ouvreur: Callable[[str], None] | None, url: str) -> bool:
    """Open a page by `ouvreur` (tests, demonstration) or the system; False when nothing did."""
    if ouvreur is not None:
        ouvreur(url)
        return True
    return QDesktopServices.openUrl(QUrl(url))
