"""The viewer, wherever it stands: pages, structured view, producer's page, search, print, save."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from app.domain.document import DocumentAffiche
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.structure import Decoupe
from app.ui.views.visionneuse import Visionneuse
from app.ui.workers import DelaiDepasse, Tache, Workers
from app.usecases import affichage, sorties
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.impression import Pied

Tailles = tuple[tuple[float, float], ...]
_TROP_LONG = ("La feuille de style du producteur ne finit pas. Elle a été arrêtée ; la vue "
              "structurée de Pléiade la remplace.")


def tailles(ctx: Contexte, pdf: bytes | None) -> Tailles:
    """Sizes of the pages of a PDF, read in the worker process; empty when it can't be shown."""
    from app.documents.pages import PdfIllisible, tailles_pages

    if not pdf:
        return ()
    try:
        return tuple(ctx.lourd(tailles_pages, pdf))
    except PdfIllisible:
        return ()


def tailles_du_document(ctx: Contexte, document: DocumentAffiche) -> Tailles:
    """Sizes of the pages of the PDF shown first."""
    return document.tailles if document.tailles is not None else tailles(ctx, document.pdf)


def image_page(ctx: Contexte, pdf: bytes, numero: int, largeur: int) -> QImage:
    """A page as an image ready to paint: drawn in the process, wrapped in this thread."""
    from app.documents.pages import empreinte, page_a_retenir, page_retenue

    page = ctx.lourd(page_retenue, empreinte(pdf), numero, largeur) or \
        ctx.lourd(page_a_retenir, pdf, numero, largeur)
    image = QImage(page.rgba, page.largeur, page.hauteur, page.largeur * 4,
                   QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _chercher(ctx: Contexte, pdf: bytes, mot: str) -> list[tuple[int, QRectF]]:
    from app.documents.pages import chercher

    return [(t.page, QRectF(t.x, t.y, t.largeur, t.hauteur))
            for t in ctx.lourd(chercher, pdf, mot)]


def _producteur(ctx: Contexte, document: DocumentAffiche) -> tuple[str, str, Decoupe | None]:
    """(reason without a page, remark, page cut into pieces)."""
    from app.ui.controllers.decoupe import decouper

    page = affichage.presenter_producteur(ctx, document)
    return page.raison, page.remarque, decouper(page.html) if page.html else None


def _enregistrer(ctx: Contexte, chemin: str, contenu: bytes, cle: str,
                 patient_id: int | None) -> None:
    sorties.enregistrer_sortie(ctx, f"document {cle}", Path(chemin), contenu, patient_id)


def _tracer_puis(ctx: Contexte, trace: tuple[str, int | None], imprimer: Callable[[], int]) -> int:
    """Print. The trace comes first: a job that fails midway has already left for the spooler."""
    quoi, patient_id = trace
    if patient_id is None:
        sorties.noter_sortie(ctx, sorties.Sortie.IMPRESSION, quoi)
    else:
        affichage.tracer_impression(ctx, patient_id, quoi)
    return imprimer()


class VisionneuseController(QObject):
    """Glue of one viewer. `patient_id` says whose document is shown, for the trail."""

    #: Document printed: (DocumentAffiche).
    imprime = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 parent: QObject | None = None) -> None:
        super().__init__(parent or fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: Visionneuse | None = None
        self._pages: dict[int, Tache] = {}
        self.patient_id: int | None = None
        #: Gives a printer that is ready, or None when the user gave up; tests put theirs.
        self.choisir_imprimante: Callable[[str], Any] = self._dialogue_impression

    def brancher(self, vue: Visionneuse) -> None:
        """Take charge of the viewer, just built."""
        self._vue = vue
        vue.page_demandee.connect(self._page)
        vue.structure_demandee.connect(self._structure)
        vue.producteur_demande.connect(self._producteur)
        vue.joint_demande.connect(self._joint)
        vue.recherche_demandee.connect(self._chercher)
        vue.impression_demandee.connect(self._imprimer)
        vue.enregistrer.connect(self._enregistrer_original)

    def oublier(self) -> None:
        """Another document: pages of the former one are no longer awaited."""
        for tache in self._pages.values():
            tache.annuler()
        self._pages.clear()

    # -- forms -------------------------------------------------------------------------------

    def _page(self, numero: int, largeur: int) -> None:
        vue = self._vue
        if vue is None or vue.document is None or (pdf := vue.pdf_montre) is None:
            return
        document = vue.document
        ancienne = self._pages.pop(numero, None)
        if ancienne is not None:
            ancienne.annuler()

        def dessinee(image: QImage) -> None:
            self._pages.pop(numero, None)
            if vue.document is document and vue.pdf_montre is pdf:
                vue.poser_page(numero, largeur, image)

        def illisible(erreur: Exception) -> None:
            self._pages.pop(numero, None)
            if vue.document is document:
                vue.signaler(texte_erreur(erreur))

        self._pages[numero] = self._workers.submit(
            image_page, self._ctx, pdf, numero, largeur, queue="documents",
            on_done=dessinee, on_error=illisible, proprietaire=vue)

    def _structure(self, html: str) -> None:
        from app.ui.controllers.decoupe import decouper

        self._pour_ce_document(
            decouper, html, suite=lambda vue, decoupe: vue.poser_structure(decoupe),
            echec=lambda vue, erreur: vue.echouer(texte_erreur(erreur)))

    def _producteur(self, document: DocumentAffiche) -> None:
        from app.documents.feuille_producteur import DELAI_S

        def posee(vue: Visionneuse, resultat: tuple[str, str, Decoupe | None]) -> None:
            raison, remarque, decoupe = resultat
            if decoupe is None:
                vue.refuser_producteur(raison)
            else:
                vue.poser_producteur(decoupe, remarque)

        def echec(vue: Visionneuse, erreur: Exception) -> None:
            vue.refuser_producteur(_TROP_LONG if isinstance(erreur, DelaiDepasse)
                                   else texte_erreur(erreur))

        self._pour_ce_document(_producteur, self._ctx, document, suite=posee, echec=echec,
                               delai=DELAI_S)

    def _joint(self, document: DocumentAffiche) -> None:
        self._pour_ce_document(
            tailles, self._ctx, document.pdf_joint,
            suite=lambda vue, lues: vue.poser_joint(lues) if lues else vue.echouer(
                "Le PDF joint est illisible."),
            echec=lambda vue, erreur: vue.echouer(texte_erreur(erreur)))

    def _chercher(self, pdf: bytes, mot: str) -> None:
        self._pour_ce_document(
            _chercher, self._ctx, pdf, mot,
            suite=lambda vue, trouves: vue.vue_pdf.poser_trouvailles(mot, trouves),
            echec=lambda vue, erreur: vue.signaler(texte_erreur(erreur)))

    def _pour_ce_document(self, geste: Callable[..., Any], *args: Any,
                          suite: Callable[[Visionneuse, Any], None],
                          echec: Callable[[Visionneuse, Exception], None],
                          delai: float | None = None) -> None:
        """Run something in a worker; its answer is for the document shown now, or for nobody."""
        vue = self._vue
        if vue is None:
            return
        document = vue.document
        self._workers.submit(
            geste, *args, queue="documents", delai=delai, proprietaire=vue,
            on_done=lambda r: suite(vue, r) if vue.document is document else None,
            on_error=lambda e: echec(vue, e) if vue.document is document else None)

    # -- printing and saving -----------------------------------------------------------------

    def _dialogue_impression(self, titre: str) -> Any:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        from app.ui.controllers.impression import preparer

        imprimante = QPrinter(QPrinter.PrinterMode.HighResolution)
        preparer(imprimante, titre)
        dialogue = QPrintDialog(imprimante, self._fenetre)
        dialogue.setWindowTitle(f"Imprimer « {titre} »")
        return imprimante if dialogue.exec() == QPrintDialog.DialogCode.Accepted else None

    def _imprimer(self, document: DocumentAffiche, forme: str) -> None:
        from app.ui.controllers import impression

        imprimante = self.choisir_imprimante(document.titre)
        if imprimante is None:
            return
        pied = impression.pied_de_page(document.patient_imprime, self._ctx.qui,
                                       document.ins_imprime)
        if forme in ("pdf", "joint"):
            pdf = document.pdf if forme == "pdf" else document.pdf_joint
            geste, contenu = impression.imprimer_pages, pdf
        elif forme == "structure":
            geste, contenu = impression.imprimer_html, document.html  # type: ignore[assignment]
        else:
            self._imprimer_producteur(document, imprimante, pied)
            return
        self._workers.submit(
            _tracer_puis, self._ctx, self._a_tracer(document),
            lambda: geste(self._ctx, imprimante, contenu or b"", pied), queue="documents",
            on_done=lambda _: self._imprime(document), proprietaire=self)

    def _imprimer_producteur(self, document: DocumentAffiche, imprimante: Any,
                             pied: "Pied") -> None:
        from app.documents.feuille_producteur import DELAI_S
        from app.ui.controllers import impression

        def faire() -> int:
            page = affichage.presenter_producteur(self._ctx, document)
            return impression.imprimer_html(self._ctx, imprimante, page.html or document.html,
                                            pied)

        self._workers.submit(
            _tracer_puis, self._ctx, self._a_tracer(document), faire, queue="documents",
            delai=4 * DELAI_S, proprietaire=self, on_done=lambda _: self._imprime(document))

    def _a_tracer(self, document: DocumentAffiche) -> tuple[str, int | None]:
        ligne = document.ligne
        return (f"document {ligne.document_id}" if ligne.document_id
                else ligne.unique_id or ligne.cle), self.patient_id

    def _imprime(self, document: DocumentAffiche) -> None:
        self._fenetre.ligne_flottante("Document envoyé à l’imprimante")
        self.imprime.emit(document)

    def _enregistrer_original(self, document: DocumentAffiche | None) -> None:
        if document is None or not document.original:
            return
        chemin, _ = QFileDialog.getSaveFileName(
            self._fenetre, "Enregistrer le fichier d’origine", nom_fichier(document))
        if chemin:
            self._workers.submit(
                _enregistrer, self._ctx, chemin, document.original, document.ligne.cle,
                self.patient_id,
                on_done=lambda _: self._fenetre.ligne_flottante("Fichier enregistré"),
                on_error=self._non_enregistre, proprietaire=self)

    def _non_enregistre(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)


def nom_fichier(document: DocumentAffiche) -> str:
    """Name proposed for the original file."""
    if document.nom_original:
        from app.documents.noms import nom_enregistrable

        return nom_enregistrable(document.nom_original, document.original)
    extension = "pdf" if document.original.startswith(b"%PDF") else "xml"
    ligne = document.ligne
    base = "".join(c if c.isalnum() or c in " -_" else " " for c in ligne.type_libelle).strip()
    return f"{base or 'document'} {ligne.date}.{extension}"
