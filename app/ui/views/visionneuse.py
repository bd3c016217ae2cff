"""The document viewer: who, when, from where, whose; PDF first, structured view on demand."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.document import DocumentAffiche, LigneDocument
from app.ui import theme
from app.ui.views.elements import Bouton, Etiquette, Lien
from app.ui.views.etat_vide import etat_vide
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.views.structure import Decoupe, VueStructuree
from app.ui.views.visionneuse_entete import EnteteVisionneuse, OutilsVisionneuse
from app.ui.views.vue_pdf import VuePdf


class Visionneuse(QWidget):
    """One document. Its PDF pages and its structured view are brought by the controller."""

    #: (page from 0, width in device pixels).
    page_demandee = Signal(int, int)
    #: The structured view is wanted: HTML text.
    structure_demandee = Signal(str)
    #: `cle` of the document to integrate.
    integrer = Signal(str)
    #: The same, for a document whose identity differs: the user saw it.
    integrer_malgre = Signal(str)
    annuler = Signal()
    #: A document is being opened.
    ouvert = Signal()
    reessayer = Signal()
    #: Bytes to save: DocumentAffiche.
    enregistrer = Signal(object)
    #: The PDF that came beside is wanted: DocumentAffiche.
    joint_demande = Signal(object)
    #: The producer's own page is wanted: DocumentAffiche.
    producteur_demande = Signal(object)
    #: Another stored version: document id.
    version_demandee = Signal(int)
    #: Where does a text stand: (PDF, words).
    recherche_demandee = Signal(object, str)
    #: (DocumentAffiche, form) to print.
    impression_demandee = Signal(object, str)
    #: Type, title and date to correct: DocumentAffiche.
    description_demandee = Signal(object)
    #: To take out of the file: DocumentAffiche.
    suppression_demandee = Signal(object)
    #: The document takes the whole width of its host (True), or shares it again.
    plein_change = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document: DocumentAffiche | None = None
        self._pretes: dict[str, Decoupe] = {}
        self._montree: Decoupe | None = None
        self._tailles: dict[str, tuple[tuple[float, float], ...]] = {}
        self._forme = ""
        self.plein = False
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self.entete, self.outils = EnteteVisionneuse(), OutilsVisionneuse()
        self.retour = self.entete.retour
        self.formes, self.numero = self.outils.formes, self.outils.numero
        self.bouton_integrer = self.outils.integrer
        self._lier_outils()
        self.messages = PileMessages()
        self.messages.setContentsMargins(0, 0, 0, 8)
        colonne.addWidget(self.entete)
        colonne.addWidget(self.outils)
        colonne.addWidget(self.messages)
        self._pile = QStackedWidget()
        self.vue_pdf = VuePdf()
        self.pages = self.vue_pdf.pages
        self.pages.page_demandee.connect(self.page_demandee)
        self.pages.page_change.connect(self._page)
        self.vue_pdf.recherche_demandee.connect(self._demander_recherche)
        self.structure = VueStructuree()
        self._vide = self._construire_vide()
        self._attente = self._construire_attente()
        for widget in (self._vide, self._attente, self.vue_pdf, self.structure):
            self._pile.addWidget(widget)
        colonne.addWidget(self._pile, 1)
        self._minuterie = QTimer(self)
        self._minuterie.setSingleShot(True)
        self._minuterie.timeout.connect(self._patienter)
        self._raccourcis()
        self.vider()

    # -- construction ------------------------------------------------------------------------

    def _lier_outils(self) -> None:
        o = self.outils
        o.formes.choisi.connect(self._choisir_forme)
        o.moins.clicked.connect(lambda: self._zoomer(-1))
        o.plus.clicked.connect(lambda: self._zoomer(1))
        o.chercher.clicked.connect(self._chercher)
        o.imprimer.clicked.connect(self.imprimer_demande)
        o.plein.clicked.connect(self.basculer_plein)
        o.integrer.clicked.connect(self._integrer)
        o.version_choisie.connect(self.version_demandee)
        o.enregistrer.connect(lambda: self.enregistrer.emit(self.document))
        o.decrire.connect(lambda: self.description_demandee.emit(self.document))
        o.supprimer.connect(lambda: self.suppression_demandee.emit(self.document))

    def _construire_vide(self) -> QWidget:
        self._texte_vide = Etiquette("Choisissez un document dans la liste.", "body", "texte2")
        self._texte_vide.setWordWrap(True)
        rangee = QHBoxLayout()
        rangee.addStretch(1)
        self._reessayer = Bouton("Réessayer", icone="refresh")
        self._reessayer.clicked.connect(self.reessayer)
        self._enregistrer = Bouton("Enregistrer le fichier d’origine", icone="download")
        self._enregistrer.clicked.connect(lambda: self.enregistrer.emit(self.document))
        rangee.addWidget(self._reessayer)
        rangee.addWidget(self._enregistrer)
        rangee.addStretch(1)
        return etat_vide("file-text", self._texte_vide, rangee, taille=36, espace=6)

    def _construire_attente(self) -> QWidget:
        attente = QWidget()
        colonne = QVBoxLayout(attente)
        milieu = Qt.AlignmentFlag.AlignHCenter
        colonne.addStretch(2)
        self._mot_attente = Etiquette("", "body", "texte2")
        self._barre = QProgressBar()
        self._barre.setRange(0, 0)
        self._barre.setTextVisible(False)
        self._barre.setFixedWidth(theme.espace(180))
        self._annuler = Lien("Annuler")
        self._annuler.clicked.connect(self.annuler)
        for widget in (self._mot_attente, self._barre, self._annuler):
            colonne.addWidget(widget, 0, milieu)
        colonne.addStretch(3)
        return attente

    def _raccourcis(self) -> None:
        for touches, geste in (("Ctrl++", lambda: self._zoomer(1)),
                               ("Ctrl+-", lambda: self._zoomer(-1)),
                               ("Ctrl+F", self._chercher), ("Ctrl+P", self.imprimer_demande)):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(geste)

    # -- what the controller says ------------------------------------------------------------

    def vider(self, phrase: str = "Choisissez un document dans la liste.") -> None:
        """Nothing to show."""
        self._minuterie.stop()
        self.montrer_plein(False)
        self.document = None
        self.messages.vider()
        self.entete.hide()
        self.outils.hide()
        self._texte_vide.setText(phrase)
        self._reessayer.hide()
        self._enregistrer.hide()
        self.vue_pdf.definir(())
        self.structure.vider()
        self._montree = None
        self._pile.setCurrentWidget(self._vide)

    def attendre(self, ligne: LigneDocument) -> None:
        """A document is being opened: say so after 400 ms, offer to give up after 3 s."""
        self.document = None
        self.messages.vider()
        self.outils.hide()
        self.entete.show()
        self.entete.titrer(ligne.type_libelle, ligne.titre, ligne)
        self._mot_attente.setText("")
        self._barre.hide()
        self._annuler.hide()
        self._pile.setCurrentWidget(self._attente)
        self._minuterie.start(400)
        self.ouvert.emit()

    def _patienter(self) -> None:
        if self._barre.isHidden():
            self._mot_attente.setText("Ouverture…")
            self._barre.show()
            self._minuterie.start(2600)
        else:
            self._annuler.show()

    def echouer(self, texte: str, *, reessayable: bool = False) -> None:
        """The document can't be shown: why, and what to do."""
        self._minuterie.stop()
        self._texte_vide.setText(texte)
        self._reessayer.setVisible(reessayable)
        self._enregistrer.setVisible(bool(self.document and self.document.original))
        self.outils.hide()
        self._pile.setCurrentWidget(self._vide)

    def afficher(self, document: DocumentAffiche,
                 tailles: Sequence[tuple[float, float]]) -> None:
        """Show a document. `tailles`: pages of its PDF in points, empty without a PDF."""
        self._minuterie.stop()
        self.document = document
        self.messages.vider()
        self.entete.titrer(document.titre, document.sous_titre, document.ligne)
        # A document that waits to be filed has no file to be compared with yet.
        self.entete.montrer_identite(document.identite_conforme,
                                     visible=not document.ligne.cle.startswith("entrant:"))
        self._avertir(document)
        formes = _formes(document, bool(tailles))
        self.outils.montrer(document, formes)
        self._pretes = {}
        self._forme, self._montree = "", None
        self.structure.vider()
        self.entete.show()
        self.outils.show()
        self._tailles = {"pdf": tuple(tailles)}
        if formes:
            self.formes.choisir(formes[0][0])
            self._choisir_forme(formes[0][0])
        else:
            self.echouer("Ce document n’a ni page à montrer ni contenu lisible.")

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.pages.poser_page(numero, largeur, image)

    def poser_structure(self, decoupe: Decoupe) -> None:
        """The structured view cut by the worker."""
        self._poser("structure", decoupe)

    def poser_producteur(self, decoupe: Decoupe, remarque: str = "") -> None:
        """The producer's page, cleaned and cut by the worker."""
        self._poser("producteur", decoupe)
        if remarque and self.formes.valeur == "producteur":
            self.signaler(remarque)

    def refuser_producteur(self, raison: str) -> None:
        """The producer's sheet gives no page: why; the structured view comes back."""
        if self.formes.valeur != "producteur":
            return
        self.messages.ajouter(MessageEnLigne("info", raison))
        self.formes.choisir("structure")
        self._choisir_forme("structure")

    def poser_joint(self, tailles: Sequence[tuple[float, float]]) -> None:
        """Sizes of the pages of the PDF that came beside."""
        self._tailles["joint"] = tuple(tailles)
        if self.formes.valeur == "joint":
            self._choisir_forme("joint")

    def _poser(self, forme: str, decoupe: Decoupe) -> None:
        self._pretes[forme] = decoupe
        if self.formes.valeur == forme:
            self._choisir_forme(forme)

    @property
    def pdf_montre(self) -> bytes | None:
        """The PDF whose pages are shown."""
        if self.document is None:
            return None
        return self.document.pdf_joint if self._forme == "joint" else self.document.pdf

    def imprimer_demande(self) -> None:
        """Print what is shown (Ctrl+P)."""
        if self.document is not None and self.formes.valeur:
            self.impression_demandee.emit(self.document, self.formes.valeur)

    def signaler(self, texte: str) -> None:
        """Something of the document could not be shown; what is on screen stays."""
        if texte not in self.messages.textes:
            self.messages.ajouter(MessageEnLigne("alerte", texte))

    def integre(self) -> None:
        """The document is in the file now."""
        self.bouton_integrer.hide()

    @property
    def occupee(self) -> bool:
        """True when a document is shown, opening, or could not be."""
        return not self.entete.isHidden()

    # -- the whole width ---------------------------------------------------------------------

    def basculer_plein(self) -> None:
        """The whole width for what is shown, or the list again (F11)."""
        self.montrer_plein(not self.plein)

    def montrer_plein(self, plein: bool) -> None:
        """Ask for the whole width, or give it back; nothing shown needs none."""
        if plein == self.plein or (plein and not self.occupee):
            return
        self.plein = plein
        self.outils.montrer_plein(plein)
        self.plein_change.emit(plein)
        if plein:
            vue = self._pile.currentWidget()
            (self.pages if vue is self.vue_pdf else self.structure.navigateur).setFocus(
                Qt.FocusReason.OtherFocusReason)

    # -- inside ------------------------------------------------------------------------------

    def _avertir(self, document: DocumentAffiche) -> None:
        dire = self.messages.ajouter
        for texte in reversed(document.avertissements[:2]):
            dire(MessageEnLigne("alerte", texte))
        if document.ligne.invisible_patient:
            dire(MessageEnLigne("alerte", "Document invisible au patient. Annoncez-lui son contenu "
                                "avant qu’il ne devienne visible.", fermable=False))
        if document.identite_conforme is False:
            dire(MessageEnLigne("erreur", "L’identité de ce document n’est pas celle du dossier. "
                                "Vérifiez avec son auteur avant de vous y fier.", fermable=False))

    def _choisir_forme(self, forme: str) -> None:
        if self.document is None:
            return
        avant, self._forme = self._forme, forme
        pages = forme in ("pdf", "joint")
        self.numero.setVisible(pages)
        if pages:
            if forme not in self._tailles:
                self._attendre_forme()
                self.joint_demande.emit(self.document)
                return
            if avant != forme:
                self.vue_pdf.definir(self._tailles[forme])
            self._pile.setCurrentWidget(self.vue_pdf)
        elif forme in self._pretes:
            if self._montree is not self._pretes[forme]:
                self._montree = self._pretes[forme]
                self.structure.definir(self._montree)
            self._pile.setCurrentWidget(self.structure)
        else:
            self._attendre_forme()
            if forme == "structure":
                self.structure_demandee.emit(self.document.html)
            else:
                self.producteur_demande.emit(self.document)

    def _attendre_forme(self) -> None:
        self._mot_attente.setText("")
        self._barre.hide()
        self._annuler.hide()
        self._pile.setCurrentWidget(self._attente)

    def _page(self, page: int, total: int) -> None:
        court = self.width() < theme.espace(560)
        self.numero.setText(f"{page} / {total}" if court else f"Page {page} sur {total}")

    def _zoomer(self, pas: int) -> None:
        if self._pile.currentWidget() is self.vue_pdf:
            self.pages.zoomer(pas)
        elif self._pile.currentWidget() is self.structure:
            self.structure.zoomer(pas)

    def _chercher(self) -> None:
        if self._pile.currentWidget() is self.vue_pdf:
            self.vue_pdf.ouvrir_recherche()
        elif self._pile.currentWidget() is self.structure:
            self.structure.ouvrir_recherche()

    def _demander_recherche(self, mot: str) -> None:
        if (pdf := self.pdf_montre) is not None:
            self.recherche_demandee.emit(pdf, mot)

    def _integrer(self) -> None:
        if self.document is None:
            return
        if self.document.identite_conforme is False:
            self.messages.ajouter(MessageEnLigne(
                "erreur", "Ce document porte une autre identité. L’intégrer mêlerait deux "
                "personnes.", "Intégrer quand même",
                lambda: self._demander(self.integrer_malgre)))
            return
        self._demander(self.integrer)

    def _demander(self, signal: SignalInstance) -> None:
        if self.document is not None:
            self.bouton_integrer.setEnabled(False)
            signal.emit(self.document.ligne.cle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) \
                and self._pile.currentWidget() is self.vue_pdf:
            self.pages.keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape and self.plein:
            self.montrer_plein(False)
        else:
            super().keyPressEvent(event)


def _formes(document: DocumentAffiche, pages: bool) -> list[tuple[str, str]]:
    """Forms of a document, the PDF first (SC.CDA/VISU.03)."""
    formes = [("pdf", "PDF")] if pages else []
    if document.pdf_joint:
        formes.append(("joint", "PDF joint"))
    if document.html:
        formes.append(("structure", "Structuré"))
    if document.feuille_annoncee or document.feuille is not None:
        formes.append(("producteur", "Producteur"))
    return formes
