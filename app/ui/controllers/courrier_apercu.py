"""The preview of a letter: the last text wins, one rendering at a time."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from app.domain.document import Brouillon
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.visionneuse import Tailles, image_page, tailles
from app.ui.views.courrier import VueCourriers
from app.ui.workers import Tache, Workers
from app.usecases import produce
from app.usecases.context import Contexte


def _apercu(ctx: Contexte, brouillon: Brouillon) -> tuple[bytes, Tailles]:
    pdf = produce.apercu(ctx, brouillon)
    return pdf, tailles(ctx, pdf)


class ApercuController(QObject):
    """A text that changes during a rendering waits for its end: cancelling one would end the
    worker process, and starting it again costs more than the page."""

    def __init__(self, workers: Workers, ctx: Contexte, parent: QObject) -> None:
        super().__init__(parent)
        self._workers, self._ctx = workers, ctx
        self._vue: VueCourriers | None = None
        self._tache: Tache | None = None
        self._suivant: Brouillon | None = None
        self._pages: dict[int, Tache] = {}
        self.pdf: bytes = b""
        """The PDF on screen."""

    def brancher(self, vue: VueCourriers) -> None:
        """Take charge of the preview."""
        self._vue = vue
        vue.apercu_demande.connect(self.demander)
        vue.page_demandee.connect(self._page)

    def oublier(self) -> None:
        """Nothing is being written any more."""
        self._suivant, self.pdf = None, b""
        self._pages.clear()

    def demander(self, brouillon: Brouillon) -> None:
        """Render a text."""
        if self._tache is not None and not self._tache.finie:
            self._suivant = brouillon
            return
        vue = self._vue

        def pret(resultat: tuple[bytes, Tailles]) -> None:
            self._tache = None
            ecrit = vue.ecrit if vue is not None else 0
            if vue is not None and ecrit == brouillon.id:
                self.pdf = resultat[0]
                self._pages.clear()
                vue.montrer_apercu(resultat[1])
            self._reprendre()

        def echec(erreur: Exception) -> None:
            self._tache = None
            if vue is not None:
                vue.apercu_impossible(texte_erreur(erreur))
            self._reprendre()

        self._tache = self._workers.submit(_apercu, self._ctx, brouillon, queue="documents",
                                           on_done=pret, on_error=echec, proprietaire=self)

    def _reprendre(self) -> None:
        suivant, self._suivant = self._suivant, None
        if suivant is not None:
            self.demander(suivant)

    def _page(self, numero: int, largeur: int) -> None:
        pdf, vue = self.pdf, self._vue
        if not pdf or vue is None:
            return

        def dessinee(image: QImage) -> None:
            self._pages.pop(numero, None)
            if self.pdf is pdf:
                vue.poser_page(numero, largeur, image)

        self._pages[numero] = self._workers.submit(
            image_page, self._ctx, pdf, numero, largeur, queue="documents", on_done=dessinee,
            on_error=lambda erreur: vue.apercu_impossible(texte_erreur(erreur)),
            proprietaire=vue)
