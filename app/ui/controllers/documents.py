"""The Documents tab: open, draw pages, build the structured view, integrate, widen the period."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from app.domain.document import DocumentAffiche, LigneDocument
from app.services.errors import Remede
from app.ui.controllers.erreurs import LIBELLES, remede_de, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.documents import VueDocuments
from app.ui.views.structure import Decoupe
from app.ui.workers import Tache, Workers
from app.usecases import consult_dmp
from app.usecases.consult_dmp import ResultatIntegration
from app.usecases.context import Contexte

Tailles = tuple[tuple[float, float], ...]


def tailles(ctx: Contexte, pdf: bytes | None) -> Tailles:
    """Sizes of the pages of a PDF, read in the worker process; empty when it can't be shown."""
    from app.documents.pages import PdfIllisible, tailles_pages

    if not pdf:
        return ()
    try:
        return tuple(ctx.lourd(tailles_pages, pdf))
    except PdfIllisible:
        return ()


def image_page(ctx: Contexte, pdf: bytes, numero: int, largeur: int) -> QImage:
    """A page as an image ready to paint: drawn in the process, wrapped in this thread."""
    from app.documents.pages import page_rgba

    page = ctx.lourd(page_rgba, pdf, numero, largeur)
    image = QImage(page.rgba, page.largeur, page.hauteur, page.largeur * 4,
                   QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _ouvrir(ctx: Contexte, patient_id: int, cle: str,
            annule: Any = None) -> tuple[DocumentAffiche, Tailles]:
    document = consult_dmp.ouvrir_document(ctx, patient_id, cle, annule)
    return document, tailles(ctx, document.pdf)


def _enregistrer(chemin: str, contenu: bytes) -> None:
    Path(chemin).write_bytes(contenu)


class DocumentsController(QObject):
    """Glue of the tab and of its viewer, for the patient given by `definir_patient`."""

    #: A document was read or integrated: the file's counters change.
    change = Signal()
    #: Widen the period asked to the DMP.
    elargir_demande = Signal()
    annuler_dmp = Signal()
    #: (Remede) of an error that another part can carry out.
    remede = Signal(object)
    brouillon_demande = Signal(int)
    courrier_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueDocuments | None = None
        self._patient_id: int | None = None
        self._ouverture: Tache | None = None
        self._derniere_cle = ""
        self._pages: dict[int, Tache] = {}

    def brancher(self, vue: VueDocuments) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        v = vue.visionneuse
        vue.ouverture_demandee.connect(self.ouvrir)
        vue.integration_demandee.connect(self.integrer)
        vue.integration_confirmee.connect(lambda cles: self.integrer(cles, accepte=True))
        vue.elargir_demande.connect(self.elargir_demande)
        vue.annuler_demande.connect(self.annuler_dmp)
        vue.courrier_demande.connect(self.courrier_demande)
        vue.brouillon_demande.connect(
            lambda cle: self.brouillon_demande.emit(int(cle.partition(":")[2])))
        v.page_demandee.connect(self._page)
        v.structure_demandee.connect(self._structure)
        v.annuler.connect(self._annuler)
        v.reessayer.connect(lambda: self.ouvrir(self._derniere_cle))
        v.enregistrer.connect(self._enregistrer_original)

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: nothing of the former one may arrive any more."""
        self._patient_id = patient_id
        self._derniere_cle = ""
        if self._ouverture is not None:
            self._ouverture.annuler()
            self._ouverture = None
        self._oublier_pages()
        if self._vue is not None:
            self._vue.reinitialiser()

    def _oublier_pages(self) -> None:
        for tache in self._pages.values():
            tache.annuler()
        self._pages.clear()

    # -- opening -----------------------------------------------------------------------------

    def ouvrir(self, cle: str) -> None:
        """Open a line in the viewer; the last asked wins."""
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None or not cle:
            return
        document = vue.visionneuse.document
        if document is not None and document.ligne.cle == cle:
            return
        ligne = next((x for x in vue.modele.liste.lignes if x.cle == cle), None)
        if ligne is None:
            return
        if self._ouverture is not None:
            self._ouverture.annuler()
        self._oublier_pages()
        self._derniere_cle = cle
        vue.visionneuse.attendre(ligne)
        lu = ligne.lu
        self._ouverture = self._workers.submit(
            _ouvrir, self._ctx, patient_id, cle, proprietaire=vue,
            queue="documents" if ligne.document_id is not None else "dmp",
            on_done=lambda resultat: self._ouvert(patient_id, resultat, lu),
            on_error=lambda erreur: self._echec_ouverture(patient_id, erreur))

    def _ouvert(self, patient_id: int, resultat: tuple[DocumentAffiche, Tailles],
                etait_lu: bool) -> None:
        self._ouverture = None
        if self._vue is None or patient_id != self._patient_id:
            return
        self._vue.visionneuse.afficher(*resultat)
        if not etait_lu:
            self.change.emit()

    def _echec_ouverture(self, patient_id: int, erreur: Exception) -> None:
        self._ouverture = None
        if self._vue is None or patient_id != self._patient_id:
            return
        remede = remede_de(erreur)
        reessayable = remede is Remede.REESSAYER
        self._vue.visionneuse.echouer(texte_erreur(erreur), reessayable=reessayable)
        if remede in (Remede.SE_CONNECTER, Remede.CONSENTEMENT, Remede.QUALIFIER_INS,
                      Remede.ETAT_SERVICES):
            self._vue.message("erreur", texte_erreur(erreur), LIBELLES[remede],
                              lambda: self.remede.emit(remede))

    def _annuler(self) -> None:
        if self._ouverture is not None:
            self._ouverture.annuler()
            self._ouverture = None
        if self._vue is not None:
            self._vue.visionneuse.vider("Ouverture annulée.")

    # -- pages and structured view -----------------------------------------------------------

    def _page(self, numero: int, largeur: int) -> None:
        vue, patient_id = self._vue, self._patient_id
        if vue is None or vue.visionneuse.document is None:
            return
        document = vue.visionneuse.document
        if document.pdf is None:
            return
        ancienne = self._pages.pop(numero, None)
        if ancienne is not None:
            ancienne.annuler()

        def dessinee(image: QImage) -> None:
            self._pages.pop(numero, None)
            if patient_id == self._patient_id and vue.visionneuse.document is document:
                vue.visionneuse.poser_page(numero, largeur, image)

        def illisible(erreur: Exception) -> None:
            self._pages.pop(numero, None)
            if vue.visionneuse.document is document:
                vue.visionneuse.signaler(texte_erreur(erreur))

        self._pages[numero] = self._workers.submit(
            image_page, self._ctx, document.pdf, numero, largeur, queue="documents",
            on_done=dessinee, on_error=illisible, proprietaire=vue)

    def _structure(self, html: str) -> None:
        from app.ui.controllers.decoupe import decouper

        vue = self._vue
        if vue is None:
            return
        document = vue.visionneuse.document

        def prete(decoupe: Decoupe) -> None:
            if vue.visionneuse.document is document:
                vue.visionneuse.poser_structure(decoupe)

        self._workers.submit(decouper, html, queue="documents", on_done=prete,
                             on_error=lambda erreur: vue.visionneuse.echouer(texte_erreur(erreur)),
                             proprietaire=vue)

    # -- integrating -------------------------------------------------------------------------

    def integrer(self, cles: Iterable[str], *, accepte: bool = False) -> None:
        """Keep DMP documents in the file; what was refused is said with its reason.

        `accepte`: the user saw that the identity differs.
        """
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None:
            return
        voulues = list(cles)

        def fait(resultat: ResultatIntegration) -> None:
            if patient_id != self._patient_id:
                return
            vue.modele.cocher(())
            self._dire_integration(vue, voulues, resultat)
            self.change.emit()

        def echec(erreur: Exception) -> None:
            if patient_id != self._patient_id:
                return
            vue.visionneuse.bouton_integrer.setEnabled(True)
            remede = remede_de(erreur)
            vue.message("erreur", f"Intégration interrompue. {texte_erreur(erreur)}",
                        LIBELLES.get(remede, ""),
                        (lambda: self.integrer(voulues, accepte=accepte))
                        if remede is Remede.REESSAYER
                        else (lambda: self.remede.emit(remede)))
            self.change.emit()

        self._workers.submit(consult_dmp.integrer, self._ctx, patient_id, voulues, accepte=accepte,
                             queue="dmp", on_done=fait, on_error=echec, proprietaire=vue)

    def _dire_integration(self, vue: VueDocuments, cles: list[str],
                          resultat: ResultatIntegration) -> None:
        n = resultat.integres
        if n:
            s = "s" if n > 1 else ""
            self._fenetre.ligne_flottante(f"{n} document{s} intégré{s} au dossier")
            document = vue.visionneuse.document
            if document is not None and document.ligne.cle in cles and not resultat.refus:
                vue.visionneuse.integre()
        if resultat.refus:
            vue.visionneuse.bouton_integrer.setEnabled(True)
        for titre, raison in resultat.refus[:3]:
            vue.message("alerte", f"« {titre} » n’a pas été intégré. {raison}")

    # -- saving the original -----------------------------------------------------------------

    def _enregistrer_original(self, document: DocumentAffiche | None) -> None:
        if document is None or not document.original:
            return
        nom = _nom_fichier(document.ligne, document.original)
        chemin, _ = QFileDialog.getSaveFileName(self._fenetre, "Enregistrer le fichier d’origine",
                                                nom)
        if chemin:
            self._workers.submit(
                _enregistrer, chemin, document.original,
                on_done=lambda _: self._fenetre.ligne_flottante("Fichier enregistré"),
                on_error=lambda _: self._echec_enregistrement(), proprietaire=self)

    def _echec_enregistrement(self) -> None:
        self._fenetre.message("erreur", "Le fichier n’a pas été enregistré. Choisissez un autre "
                              "dossier.")


def _nom_fichier(ligne: LigneDocument, contenu: bytes) -> str:
    extension = "pdf" if contenu.startswith(b"%PDF") else "xml"
    base = "".join(c if c.isalnum() or c in " -_" else " " for c in ligne.type_libelle).strip()
    return f"{base or 'document'} {ligne.date}.{extension}"
