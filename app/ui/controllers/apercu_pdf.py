"""The preview of what is being filled or written: the last value wins, one rendering at a time."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.ui.controllers.visionneuse import Tailles, image_page, tailles
from app.ui.workers import Tache, Workers
from app.usecases.context import Contexte


class VueApercu(Protocol):
    """What the view shows; its `page_demandee` asks for an image."""

    page_demandee: Any

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A PDF came: sizes of its pages in points."""

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""


def _rendre(ctx: Contexte, rendre: Callable[..., bytes], valeur: Any) -> tuple[bytes, Tailles]:
    pdf = rendre(ctx, valeur)
    return pdf, tailles(ctx, pdf)


class ApercuPdf(QObject):
    """A value that changes during a rendering waits for its end: cancelling one would end the
    worker process, and starting it again costs more than the page.

    Args:
        rendre: use case (ctx, value) -> PDF.
        attendu: whether the answer for that value is still wanted when it comes.
    """

    #: The rendering was refused: why.
    refuse = Signal(object)

    def __init__(self, workers: Workers, ctx: Contexte, parent: QObject,
                 rendre: Callable[..., bytes], attendu: Callable[[Any], bool]) -> None:
        super().__init__(parent)
        self._workers, self._ctx = workers, ctx
        self._rendre, self._attendu = rendre, attendu
        self._vue: VueApercu | None = None
        self._tache: Tache | None = None
        self._suivante: Any = None
        self._pages: dict[int, Tache] = {}
        self.pdf: bytes = b""
        """The PDF on screen."""

    def brancher(self, vue: VueApercu) -> None:
        """Take charge of the pages of a view."""
        self._vue = vue
        vue.page_demandee.connect(self._page)

    def oublier(self) -> None:
        """Nothing is shown any more."""
        self._suivante, self.pdf = None, b""
        for tache in self._pages.values():
            tache.annuler()
        self._pages.clear()

    def demander(self, valeur: Any) -> None:
        """Render a value."""
        if self._tache is not None and not self._tache.finie:
            self._suivante = valeur
            return

        def pret(resultat: tuple[bytes, Tailles]) -> None:
            self._tache = None
            if self._vue is not None and self._attendu(valeur):
                self.pdf = resultat[0]
                self._pages.clear()
                self._vue.montrer_apercu(resultat[1])
            self._reprendre()

        def echec(erreur: Exception) -> None:
            self._tache = None
            if self._attendu(valeur):
                self.refuse.emit(erreur)
            self._reprendre()

        self._tache = self._workers.submit(_rendre, self._ctx, self._rendre, valeur,
                                           queue="documents", on_done=pret, on_error=echec,
                                           proprietaire=self)

    def _reprendre(self) -> None:
        suivante, self._suivante = self._suivante, None
        if suivante is not None:
            self.demander(suivante)

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
            on_error=self.refuse.emit, proprietaire=self)
