"""Documents: local and DMP in one list, filters, selection, viewer at the right (mock 03)."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain import dates
from app.domain.document import LigneDocument, ListeDocuments
from app.ui import theme
from app.ui.models.documents import ModeleDocuments
from app.ui.models.etats_documents import RETIRES
from app.ui.views.elements import Bande, Bouton, Etiquette, Icone, Lien
from app.ui.views.etat_vide import etat_vide
from app.ui.views.filtres_documents import FiltresDocuments
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.views.table_documents import TableDocuments
from app.ui.views.visionneuse import Visionneuse


class VueDocuments(QWidget):
    """The tab. `visionneuse` is fed apart."""

    #: `cle` of a document to open in the viewer.
    ouverture_demandee = Signal(str)
    #: `cle` of a draft to go on writing.
    brouillon_demande = Signal(str)
    #: List of `cle`.
    integration_demandee = Signal(list)
    #: The user saw that the identity differs, and files all the same.
    integration_confirmee = Signal(list)
    elargir_demande = Signal()
    annuler_demande = Signal()
    courrier_demande = Signal()
    #: Choose files to import in this file.
    import_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modele = ModeleDocuments(self)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        self.partage = QSplitter(Qt.Orientation.Horizontal)
        self.partage.setChildrenCollapsible(False)
        self.partage.setHandleWidth(1)
        self._etroit = False
        self._gauche_widget = self._gauche()
        self.partage.addWidget(self._gauche_widget)
        self.visionneuse = Visionneuse()
        self.partage.addWidget(self.visionneuse)
        self.partage.setStretchFactor(0, 1)
        self.partage.setStretchFactor(1, 1)
        self._partage_choisi = False
        self.partage.splitterMoved.connect(lambda *_: setattr(self, "_partage_choisi", True))
        colonne.addWidget(self.partage)
        self._apercu = QTimer(self)
        self._apercu.setSingleShot(True)
        self._apercu.setInterval(250)
        self._apercu.timeout.connect(self._ouvrir_courante)
        self._attente = QTimer(self)
        self._attente.setSingleShot(True)
        self._attente.timeout.connect(self._patienter)
        self._brancher()
        plein = QShortcut(QKeySequence("F11"), self, self.visionneuse.basculer_plein)
        plein.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._selection()

    # -- construction ------------------------------------------------------------------------

    def _gauche(self) -> QWidget:
        gauche = QWidget()
        theme.poser(gauche, fond="surface")
        colonne = QVBoxLayout(gauche)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self.filtres = FiltresDocuments()
        self.filtre, self.types = self.filtres.filtre, self.filtres.types
        self.filtres.change.connect(self._filtrer)
        self.filtres.import_demande.connect(self.import_demande)
        colonne.addWidget(self.filtres)
        self.messages = PileMessages()
        colonne.addWidget(self.messages)
        colonne.addWidget(self._progression())
        self._pile = QStackedWidget()
        self.table = TableDocuments(self.modele)
        self._pile.addWidget(self.table)
        self._pile.addWidget(self._vide())
        colonne.addWidget(self._pile, 1)
        colonne.addWidget(self._barre_selection())
        colonne.addWidget(self._pied())
        return gauche

    def _progression(self) -> QWidget:
        self._bande = QFrame()
        theme.poser(self._bande, fond="surface2", trait="bas")
        rangee = QHBoxLayout(self._bande)
        rangee.setContentsMargins(16, 4, 12, 4)
        rangee.setSpacing(10)
        rangee.addWidget(Etiquette("Interrogation du DMP…", "small", "texte2"))
        barre = QProgressBar()
        barre.setRange(0, 0)
        barre.setTextVisible(False)
        rangee.addWidget(barre, 1)
        self._annuler = Lien("Annuler")
        self._annuler.clicked.connect(self.annuler_demande)
        rangee.addWidget(self._annuler)
        self._bande.hide()
        return self._bande

    def _vide(self) -> QWidget:
        self._texte_vide = Etiquette("", "title")
        rangee = QHBoxLayout()
        self._vide_courrier = Bouton("Écrire un courrier", icone="file-pencil")
        self._vide_courrier.clicked.connect(self.courrier_demande)
        self._vide_elargir = Bouton("Élargir la période", icone="cloud")
        self._vide_elargir.clicked.connect(self.elargir_demande)
        self._vide_importer = Bouton("Importer", icone="upload")
        self._vide_importer.clicked.connect(self.import_demande)
        self._vide_effacer = Bouton("Effacer les filtres", icone="x")
        self._vide_effacer.clicked.connect(self.effacer_filtres)
        rangee.addStretch(1)
        for bouton in (self._vide_courrier, self._vide_importer, self._vide_elargir,
                       self._vide_effacer):
            rangee.addWidget(bouton)
        rangee.addStretch(1)
        return etat_vide("file-text", self._texte_vide, rangee, taille=36)

    def _barre_selection(self) -> QWidget:
        self._barre = Bande("accent_doux")
        rangee = QHBoxLayout(self._barre)
        rangee.setContentsMargins(16, 6, 12, 6)
        rangee.setSpacing(8)
        self._nombre = Etiquette("", "body", "texte", 600)
        self.bouton_integrer = Bouton("Intégrer au dossier", "principal", "folder-check", "I")
        self.bouton_integrer.clicked.connect(self._integrer)
        deselection = Bouton("Désélectionner", "discret")
        deselection.clicked.connect(lambda: self.modele.cocher(()))
        rangee.addWidget(self._nombre, 1)
        rangee.addWidget(self.bouton_integrer)
        rangee.addWidget(deselection)
        return self._barre

    def _pied(self) -> QWidget:
        pied = QFrame()
        theme.poser(pied, fond="surface", trait="haut")
        rangee = QHBoxLayout(pied)
        rangee.setContentsMargins(16, 5, 16, 5)
        rangee.setSpacing(8)
        self._icone_pied = Icone("cloud-down", "texte2", 16)
        self._interroge = Etiquette("", "small", "texte2")
        self.elargir = Lien("Élargir la période")
        self.elargir.clicked.connect(self.elargir_demande)
        self._total = Etiquette("", "small", "texte2")
        for widget in (self._icone_pied, self._interroge, self.elargir):
            rangee.addWidget(widget)
        rangee.addStretch(1)
        rangee.addWidget(self._total)
        return pied

    def _brancher(self) -> None:
        self.modele.coches_changees.connect(self._selection)
        self.table.apercu.connect(lambda _: self._apercu.start())
        self.table.ouvrir.connect(self._ouvrir)
        self.table.integrer.connect(self._integrer)
        self.table.imprimer.connect(self.visionneuse.imprimer_demande)
        self.visionneuse.retour.clicked.connect(self._revenir)
        self.visionneuse.ouvert.connect(lambda: self._montrer_liste(False))
        self.visionneuse.plein_change.connect(self._elargir_document)
        self.visionneuse.integrer.connect(lambda cle: self.integration_demandee.emit([cle]))
        self.visionneuse.integrer_malgre.connect(
            lambda cle: self.integration_confirmee.emit([cle]))

    # -- what the controller says ------------------------------------------------------------

    def reinitialiser(self) -> None:
        """Another patient: no filter, no tick, no document open."""
        self._apercu.stop()
        self.interrogation(False)
        self.messages.vider()
        self.visionneuse.vider()
        self.modele.definir(ListeDocuments(()))
        self.effacer_filtres()

    def afficher(self, liste: ListeDocuments) -> None:
        """Show a list. The current line, the ticks and the place stay."""
        courante = self.table.ligne()
        barre = self.table.verticalScrollBar()
        haut = barre.value()
        self.filtres.remplir(liste)
        self.modele.definir(liste)
        self.table.repartir()
        if courante is not None:
            if not self.table.choisir(courante.cle) and courante.unique_id:
                # Integrated meanwhile: the DMP line became a local one.
                meme = next((x.cle for x in liste.lignes
                             if x.unique_id == courante.unique_id), "")
                self.table.choisir(meme)
            barre.setValue(haut)
        self._resumer()

    def interrogation(self, en_cours: bool) -> None:
        """The DMP is being asked: a thin line after 400 ms, « Annuler » after 3 s."""
        self._attente.stop()
        self._bande.hide()
        self._annuler.hide()
        if en_cours:
            self._attente.start(400)

    def _patienter(self) -> None:
        if self._bande.isHidden():
            self._bande.show()
            self._attente.start(2600)
        else:
            self._annuler.show()

    def message(self, genre: str, texte: str, remede: str = "",
                sur_remede: object = None) -> None:
        """Say something above the list; local lines stay."""
        self.messages.ajouter(MessageEnLigne(genre, texte, remede, sur_remede))  # type: ignore[arg-type]

    def montrer(self, cle: str) -> None:
        """Select a line and open it now; filters that hide it are taken away."""
        if not self.table.choisir(cle):
            self.effacer_filtres()
            if not self.table.choisir(cle):
                return
        ligne = self.table.ligne()
        if ligne is not None:
            self._ouvrir(ligne)

    def filtrer_type(self, type_code: str) -> None:
        """Keep one type (counter of the Mon espace santé bar)."""
        self.filtres.filtrer_type(type_code)

    def premiere_cle(self) -> str:
        """`cle` of the newest line shown, "" without one."""
        ligne = self.modele.ligne(0)
        return ligne.cle if ligne is not None else ""

    def effacer_filtres(self) -> None:
        """Back to the whole list."""
        self.filtres.effacer()

    # -- inside ------------------------------------------------------------------------------

    def _filtrer(self) -> None:
        courante = self.table.ligne()
        self.modele.filtrer(self.filtres.filtre_courant())
        if courante is not None:
            self.table.choisir(courante.cle)
        self._resumer()

    def _resumer(self) -> None:
        liste, montres = self.modele.liste, self.modele.rowCount()
        total = sum(x.etat not in RETIRES for x in liste.lignes)
        s = "s" if total > 1 else ""
        filtre = self.modele.filtre
        self._total.setText(f"{montres} sur {total} document{s}" if filtre.actif
                            else f"{montres} document{'s' if montres > 1 else ''}")
        self._interroge.setText(_phrase_interrogation(liste))
        connu = bool(liste.interroge_le)
        self.elargir.setVisible(connu and bool(liste.depuis))
        self._icone_pied.setVisible(bool(self._interroge.text()))
        self._pile.setCurrentIndex(0 if montres else 1)
        self._texte_vide.setText("Aucun document ne répond aux filtres." if filtre.actif
                                 else "Aucun document.")
        self._vide_effacer.setVisible(filtre.actif)
        self._vide_courrier.setVisible(not filtre.actif)
        self._vide_importer.setVisible(not filtre.actif)
        self._vide_elargir.setVisible(not filtre.actif and connu and bool(liste.depuis))

    def _selection(self) -> None:
        coches: Sequence[LigneDocument] = self.modele.coches
        self._barre.setVisible(bool(coches))
        n = len(coches)
        integrables = sum(x.integrable for x in coches)
        texte = f"{n} document{'s' if n > 1 else ''} sélectionné{'s' if n > 1 else ''}"
        if coches and integrables < n:
            texte += f", {integrables or 'aucun'} à intégrer"
        self._nombre.setText(texte)
        self.bouton_integrer.setEnabled(bool(integrables))
        self.bouton_integrer.setToolTip("" if integrables else "Ces documents sont déjà au dossier")

    def _integrer(self) -> None:
        cles = [x.cle for x in self.modele.coches if x.integrable]
        if not cles:
            ligne = self.table.ligne()
            if not self.modele.coches and ligne is not None and ligne.integrable:
                cles = [ligne.cle]
        if cles:
            self.integration_demandee.emit(cles)

    def _ouvrir(self, ligne: LigneDocument) -> None:
        self._apercu.stop()
        if ligne.cle.startswith("brouillon:"):
            self.brouillon_demande.emit(ligne.cle)
        else:
            self.ouverture_demandee.emit(ligne.cle)

    def _ouvrir_courante(self) -> None:
        ligne = self.table.ligne()
        if ligne is None:
            return
        if ligne.cle.startswith("brouillon:"):
            self.visionneuse.vider("Ce brouillon s’ouvre dans l’éditeur : tapez Entrée.")
        else:
            self.ouverture_demandee.emit(ligne.cle)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ranger()

    def _ranger(self) -> None:
        """Without room for two panels, the document takes the place of the list when it opens."""
        self._etroit = self.width() < theme.espace(860)
        self.visionneuse.retour.setVisible(self._etroit)
        self.visionneuse.outils.plein.setVisible(not self._etroit)
        self._montrer_liste(self._etroit and not self.visionneuse.occupee)
        if not self._partage_choisi and not self._etroit:
            # The preview grows first: beyond its need the list has nothing to gain.
            liste = min(round(self.width() * 0.645), theme.espace(1080))
            self.partage.setSizes([liste, self.width() - liste - 1])
        largeur = self.width() if self._etroit else self._gauche_widget.width()
        # Lists lose rows, never buttons; a very low window keeps the search and « Plus » only.
        self.filtres.ranger(largeur, basse=self.height() < theme.espace(280))

    def _revenir(self) -> None:
        self._montrer_liste(True)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _montrer_liste(self, seule: bool) -> None:
        """In a narrow window: the list alone, or the document alone."""
        plein = self.visionneuse.plein
        self._gauche_widget.setVisible(not plein and (seule or not self._etroit))
        self.visionneuse.setVisible(plein or not seule or not self._etroit)

    def _elargir_document(self, plein: bool) -> None:
        """The document over the whole tab, or the list back beside it, the keyboard on it."""
        self._montrer_liste(False)
        if not plein and not self._etroit:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)


def _phrase_interrogation(liste: ListeDocuments) -> str:
    """« DMP interrogé à 08:51, documents depuis le 23/11/2024. »"""
    if liste.message:
        return liste.message
    if not liste.interroge_le:
        return "DMP pas encore interrogé."
    quand = liste.interroge_le
    jour = "" if quand[:10] == date.today().isoformat() else f" le {quand[8:10]}/{quand[5:7]}"
    heure = f" à {quand[11:16]}" if len(quand) >= 16 else ""
    suite = f", documents depuis le {dates.formater(liste.depuis)}" if liste.depuis else \
        ", toute la période"
    return f"DMP interrogé{jour}{heure}{suite}."
