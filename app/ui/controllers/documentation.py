"""Show a page of the documentation over the window."""

from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.page_documentation import DialoguePage
from app.ui.workers import Workers
from app.usecases import about


def montrer_page(fenetre: Fenetre, workers: Workers, nom: str) -> None:
    """Read a page in the background and show it. `nom`: a key of `about.PAGES`."""
    def refuser(erreur: Exception) -> None:
        montrer_erreur(fenetre, erreur)

    workers.submit(about.page_documentation, nom, proprietaire=fenetre,
                   on_done=lambda texte: DialoguePage(texte, fenetre).open(),
                   on_error=refuser)
