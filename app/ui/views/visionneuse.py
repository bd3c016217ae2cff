"""The document viewer: who, when, from where, whose; PDF first, structured view on demand."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.document import DocumentAffiche, LigneDocument
from app.domain.libelles import ORIGINES
from app.ui import theme
from app.ui.models.etats_documents import ICONES_ORIGINE
from app.ui.views.elements import (
    Bouton,
    BoutonIcone,
    Elide,
    Etiquette,
    Icone,
    Lien,
    Segment,
)
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.views.pages_pdf import PagesPdf
from app.ui.views.structure import Decoupe, VueStructuree

_IDENTITES: dict[bool | None, tuple[str, str, str]] = {
    True: ("Identité conforme", "user-check", "succes"),
    False: ("Identité différente", "user-x", "erreur"),
    None: ("Identité non comparable", "user-question", "texte2"),
}


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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document: DocumentAffiche | None = None
        self._structure_prete = False
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self._entete = self._construire_entete()
        self._outils = self._construire_outils()
        self.messages = PileMessages()
        self.messages.setContentsMargins(0, 0, 0, 8)
        colonne.addWidget(self._entete)
        colonne.addWidget(self._outils)
        colonne.addWidget(self.messages)
        self._pile = QStackedWidget()
        self.pages = PagesPdf()
        self.pages.page_demandee.connect(self.page_demandee)
        self.pages.page_change.connect(self._page)
        self.structure = VueStructuree()
        self._vide = self._construire_vide()
        self._attente = self._construire_attente()
        for widget in (self._vide, self._attente, self.pages, self.structure):
            self._pile.addWidget(widget)
        colonne.addWidget(self._pile, 1)
        self._minuterie = QTimer(self)
        self._minuterie.setSingleShot(True)
        self._minuterie.timeout.connect(self._patienter)
        self._raccourcis()
        self.vider()

    # -- construction ------------------------------------------------------------------------

    def _construire_entete(self) -> QFrame:
        cadre = QFrame()
        theme.poser(cadre, fond="surface", trait="bas")
        rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(14, 8, 16, 8)
        rangee.setSpacing(12)
        self.retour = Bouton("Liste", icone="arrow-left")
        self.retour.hide()
        rangee.addWidget(self.retour)
        gauche = QVBoxLayout()
        gauche.setSpacing(2)
        self.titre = Elide("", "title")
        self.sous_titre = Elide("", "small", "texte2")
        gauche.addWidget(self.titre)
        gauche.addWidget(self.sous_titre)
        rangee.addLayout(gauche, 1)
        droite = QVBoxLayout()
        droite.setSpacing(2)
        self._icone_origine, self._origine = Icone("cloud", "texte2", 16), Etiquette(
            "", "small", "texte2")
        self._icone_identite, self._identite = Icone("user-check", "succes", 16), Etiquette(
            "", "small", "succes", 600)
        for icone, texte in ((self._icone_origine, self._origine),
                             (self._icone_identite, self._identite)):
            ligne = QHBoxLayout()
            ligne.setSpacing(5)
            ligne.addStretch(1)
            ligne.addWidget(icone)
            ligne.addWidget(texte)
            droite.addLayout(ligne)
        rangee.addLayout(droite)
        return cadre

    def _construire_outils(self) -> QFrame:
        cadre = QFrame()
        theme.poser(cadre, fond="surface2", trait="bas")
        rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(12, 5, 12, 5)
        rangee.setSpacing(8)
        self.formes = Segment((("pdf", "PDF"), ("structure", "Structuré")))
        self.formes.choisi.connect(self._choisir_forme)
        self.moins = BoutonIcone("zoom-out", "Réduire (Ctrl −)")
        self.plus = BoutonIcone("zoom-in", "Agrandir (Ctrl +)")
        self.moins.clicked.connect(lambda: self._zoomer(-1))
        self.plus.clicked.connect(lambda: self._zoomer(1))
        self.numero = Etiquette("", "body", "texte")
        self.bouton_integrer = Bouton("Intégrer", icone="folder-check")
        self.bouton_integrer.clicked.connect(self._integrer)
        rangee.addWidget(self.formes)
        rangee.addStretch(1)
        for widget in (self.moins, self.numero, self.plus, self.bouton_integrer):
            rangee.addWidget(widget)
        return cadre

    def _construire_vide(self) -> QWidget:
        vide = QWidget()
        colonne = QVBoxLayout(vide)
        milieu = Qt.AlignmentFlag.AlignHCenter
        colonne.addStretch(2)
        colonne.addWidget(Icone("file-text", "texte2", 36), 0, milieu)
        self._texte_vide = Etiquette("Choisissez un document dans la liste.", "body", "texte2")
        self._texte_vide.setWordWrap(True)
        self._texte_vide.setAlignment(milieu)
        colonne.addWidget(self._texte_vide)
        rangee = QHBoxLayout()
        rangee.addStretch(1)
        self._reessayer = Bouton("Réessayer", icone="refresh")
        self._reessayer.clicked.connect(self.reessayer)
        self._enregistrer = Bouton("Enregistrer le fichier d’origine", icone="download")
        self._enregistrer.clicked.connect(lambda: self.enregistrer.emit(self.document))
        rangee.addWidget(self._reessayer)
        rangee.addWidget(self._enregistrer)
        rangee.addStretch(1)
        colonne.addLayout(rangee)
        colonne.addStretch(3)
        return vide

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
                               ("Ctrl+F", self._chercher)):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(geste)

    # -- what the controller says ------------------------------------------------------------

    def vider(self, phrase: str = "Choisissez un document dans la liste.") -> None:
        """Nothing to show."""
        self._minuterie.stop()
        self.document = None
        self.messages.vider()
        self._entete.hide()
        self._outils.hide()
        self._texte_vide.setText(phrase)
        self._reessayer.hide()
        self._enregistrer.hide()
        self.pages.definir(())
        self.structure.vider()
        self._pile.setCurrentWidget(self._vide)

    def attendre(self, ligne: LigneDocument) -> None:
        """A document is being opened: say so after 400 ms, offer to give up after 3 s."""
        self.document = None
        self.messages.vider()
        self._outils.hide()
        self._entete.show()
        self._titrer(ligne.type_libelle, ligne.titre, ligne)
        self._icone_identite.hide()
        self._identite.hide()
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
        self._outils.hide()
        self._pile.setCurrentWidget(self._vide)

    def afficher(self, document: DocumentAffiche,
                 tailles: Sequence[tuple[float, float]]) -> None:
        """Show a document. `tailles`: pages of its PDF in points, empty without a PDF."""
        self._minuterie.stop()
        self.document = document
        self.messages.vider()
        ligne = document.ligne
        self._titrer(document.titre, document.sous_titre, ligne)
        mot, icone, role = _IDENTITES[document.identite_conforme]
        self._identite.setText(mot)
        self._identite.definir_couleur(role)
        self._icone_identite.definir(icone, role)
        self._identite.show()
        self._icone_identite.show()
        self._avertir(document)
        formes = [("pdf", "PDF")] if tailles else []
        if document.html:
            formes.append(("structure", "Structuré"))
        self.formes.definir(formes)
        self.formes.setVisible(bool(formes))
        self._structure_prete = False
        self.structure.vider()
        self.bouton_integrer.setVisible(ligne.integrable)
        self.bouton_integrer.setEnabled(True)
        self._entete.show()
        self._outils.show()
        self.pages.definir(tailles)
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
        self._structure_prete = True
        self.structure.definir(decoupe)
        if self.formes.valeur == "structure":
            self._pile.setCurrentWidget(self.structure)

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
        return not self._entete.isHidden()

    # -- inside ------------------------------------------------------------------------------

    def _titrer(self, titre: str, sous_titre: str, ligne: LigneDocument) -> None:
        self.titre.definir(titre or ligne.type_libelle)
        self.sous_titre.definir(sous_titre)
        self._origine.setText(ORIGINES[ligne.origine])
        self._icone_origine.definir(ICONES_ORIGINE[ligne.origine])

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
        pdf = forme == "pdf"
        self.numero.setVisible(pdf)
        if pdf:
            self._pile.setCurrentWidget(self.pages)
            return
        if self._structure_prete:
            self._pile.setCurrentWidget(self.structure)
        elif self.document is not None:
            self._mot_attente.setText("")
            self._barre.hide()
            self._annuler.hide()
            self._pile.setCurrentWidget(self._attente)
            self.structure_demandee.emit(self.document.html)

    def _page(self, page: int, total: int) -> None:
        court = self.width() < theme.espace(560)
        self.numero.setText(f"{page} / {total}" if court else f"Page {page} sur {total}")

    def _zoomer(self, pas: int) -> None:
        if self._pile.currentWidget() is self.pages:
            self.pages.zoomer(pas)
        elif self._pile.currentWidget() is self.structure:
            self.structure.zoomer(pas)

    def _chercher(self) -> None:
        if self.document is not None and self.document.html:
            self.formes.choisir("structure")
            self._choisir_forme("structure")
            self.structure.ouvrir_recherche()

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
                and self._pile.currentWidget() is self.pages:
            self.pages.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
