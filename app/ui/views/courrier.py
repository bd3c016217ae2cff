"""Letters and reports: type, title, text; the preview is the PDF that will be sent."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QImage, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.domain.document import Brouillon
from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Champ, Etiquette, Icone, Lien
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.views.pages_pdf import PagesPdf

TITRE_MAX = 128


class VueCourriers(QWidget):
    """The editor and its preview."""

    #: Type code of a new document.
    nouveau_demande = Signal(str)
    #: Draft id to open.
    brouillon_demande = Signal(int)
    #: Brouillon to keep (every 2 s while it changes).
    garder = Signal(object)
    #: Brouillon to render.
    apercu_demande = Signal(object)
    #: (Brouillon, hold).
    validation_demandee = Signal(object, bool)
    abandon_demande = Signal(int)
    #: (page from 0, width in device pixels).
    page_demandee = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brouillon: Brouillon | None = None
        self._types: tuple[tuple[str, str], ...] = ()
        self._etroit: bool | None = None
        self._garde = QTimer(self)
        self._garde.setSingleShot(True)
        self._garde.setInterval(2000)
        self._garde.timeout.connect(self._garder)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        self._pile = QStackedWidget()
        self._pile.addWidget(self._accueil())
        self._pile.addWidget(self._edition())
        colonne.addWidget(self._pile)
        raccourci = QShortcut(QKeySequence("Ctrl+Return"), self)
        raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        raccourci.activated.connect(lambda: self._valider(False))
        self._types_choisis: dict[str, str] = {}

    # -- construction ------------------------------------------------------------------------

    def _accueil(self) -> QWidget:
        accueil = QWidget()
        colonne = QVBoxLayout(accueil)
        colonne.setSpacing(8)
        milieu = Qt.AlignmentFlag.AlignHCenter
        colonne.addStretch(2)
        colonne.addWidget(Icone("file-pencil", "texte2", 40), 0, milieu)
        colonne.addWidget(Etiquette("Écrire un document", "title"), 0, milieu)
        self._phrase_accueil = Etiquette("Choisissez ce que vous écrivez. Rien ne part avant "
                                         "votre validation.", "body", "texte2")
        colonne.addWidget(self._phrase_accueil, 0, milieu)
        colonne.addSpacing(4)
        self._choix = QVBoxLayout()
        self._choix.setSpacing(6)
        colonne.addLayout(self._choix)
        colonne.addStretch(3)
        return accueil

    def _edition(self) -> QWidget:
        self.partage = QSplitter(Qt.Orientation.Horizontal)
        self.partage.setChildrenCollapsible(False)
        self.partage.setHandleWidth(1)
        self._cadre_editeur, self._cadre_apercu = self._editeur(), self._apercu()
        self.partage.addWidget(self._cadre_editeur)
        self.partage.addWidget(self._cadre_apercu)
        self.partage.setStretchFactor(0, 1)
        self.partage.setStretchFactor(1, 1)
        return self.partage

    def _editeur(self) -> QWidget:
        cadre = QWidget()
        theme.poser(cadre, fond="surface")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(16, 12, 16, 10)
        colonne.setSpacing(10)
        haut = QHBoxLayout()
        haut.setSpacing(12)
        self.type = QComboBox()
        self.type.setMinimumContentsLength(14)
        self.type.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.titre = QLineEdit()
        self.titre.setMaxLength(TITRE_MAX)
        haut.addWidget(Champ("Type de document", self.type), 2)
        haut.addWidget(Champ("Titre", self.titre), 3)
        colonne.addLayout(haut)
        self._forme = QWidget()
        self._forme.setLayout(self._mise_en_forme())
        colonne.addWidget(self._forme)
        self.texte = QPlainTextEdit()
        self.texte.setAccessibleName("Texte du document")
        self.texte.setPlaceholderText("Le texte du document. L’en-tête, l’identité du patient et "
                                      "la signature s’ajoutent d’eux-mêmes.")
        self.texte.setTabChangesFocus(True)
        colonne.addWidget(self.texte, 1)
        self.messages = PileMessages()
        colonne.addWidget(self.messages)
        self._bande_canal = QWidget()
        canal = QHBoxLayout(self._bande_canal)
        canal.setContentsMargins(0, 0, 0, 0)
        canal.setSpacing(6)
        self._icone_canal = Icone("send", "texte2", 16)
        self._canal = Etiquette("", "small", "texte2")
        self._canal.setWordWrap(True)
        canal.addWidget(self._icone_canal, 0, Qt.AlignmentFlag.AlignTop)
        canal.addWidget(self._canal, 1)
        colonne.addWidget(self._bande_canal)
        colonne.addLayout(self._pied())
        self.type.currentIndexChanged.connect(lambda _: self._type_change())
        self.titre.textEdited.connect(lambda _: self._change())
        self.texte.textChanged.connect(self._change)
        return cadre

    def _mise_en_forme(self) -> QHBoxLayout:
        rangee = QHBoxLayout()
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(6)
        rangee.addWidget(Etiquette("Texte", "small", "texte2", 500))
        rangee.addStretch(1)
        intertitre = BoutonIcone("heading", "Intertitre (Ctrl+T)", bordure=False)
        intertitre.clicked.connect(lambda: self._prefixer("# "))
        liste = BoutonIcone("list", "Élément de liste (Ctrl+L)", bordure=False)
        liste.clicked.connect(lambda: self._prefixer("- "))
        for bouton in (intertitre, liste):
            bouton.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            rangee.addWidget(bouton)
        for touches, prefixe in (("Ctrl+T", "# "), ("Ctrl+Shift+L", "- ")):
            raccourci = QShortcut(QKeySequence(touches), self)
            raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            raccourci.activated.connect(lambda p=prefixe: self._prefixer(p))
        liste.setToolTip("Élément de liste (Ctrl+Maj+L)")
        return rangee

    def _pied(self) -> QHBoxLayout:
        pied = QHBoxLayout()
        pied.setSpacing(8)
        self.etat = Etiquette("", "small", "texte2")
        self.autres = BoutonIcone("dots-vertical", "Autres actions")
        self.autres.clicked.connect(self._menu)
        self.retenir = Bouton("Valider et retenir", icone="hand-stop")
        self.retenir.setToolTip("Le document est gardé ; il ne part que lorsque vous le libérez "
                                "dans Envois.")
        self.retenir.clicked.connect(lambda: self._valider(True))
        self.envoyer = Bouton("Valider et envoyer", "principal", "send", "Ctrl+Entrée")
        self.envoyer.clicked.connect(lambda: self._valider(False))
        self.voir = Bouton("Aperçu", icone="eye")
        self.voir.clicked.connect(lambda: self._montrer_apercu(True))
        pied.addWidget(self.etat, 1)
        pied.addWidget(self.voir)
        pied.addWidget(self.autres)
        pied.addWidget(self.retenir)
        pied.addWidget(self.envoyer)
        return pied

    def _apercu(self) -> QWidget:
        cadre = QWidget()
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        tete = QFrame()
        theme.poser(tete, fond="surface2", trait="bas")
        rangee = QHBoxLayout(tete)
        rangee.setContentsMargins(14, 5, 12, 5)
        rangee.setSpacing(8)
        self.ecrire = Bouton("Écrire", icone="pencil")
        self.ecrire.clicked.connect(lambda: self._montrer_apercu(False))
        rangee.addWidget(self.ecrire)
        rangee.addWidget(Etiquette("Aperçu", "trait", "texte", 600))
        self._etat_apercu = Etiquette("le document tel qu’il partira", "small", "texte2")
        rangee.addWidget(self._etat_apercu, 1)
        self._barre = QProgressBar()
        self._barre.setRange(0, 0)
        self._barre.setTextVisible(False)
        self._barre.setFixedWidth(theme.espace(80))
        self._barre.hide()
        self._moins = BoutonIcone("zoom-out", "Réduire")
        self._plus = BoutonIcone("zoom-in", "Agrandir")
        self._numero = Etiquette("", "body")
        rangee.addWidget(self._barre)
        for widget in (self._moins, self._numero, self._plus):
            rangee.addWidget(widget)
        self.pages = PagesPdf()
        self.pages.page_demandee.connect(self.page_demandee)
        self.pages.page_change.connect(
            lambda page, total: self._numero.setText(f"{page} / {total}" if total else ""))
        self._moins.clicked.connect(lambda: self.pages.zoomer(-1))
        self._plus.clicked.connect(lambda: self.pages.zoomer(1))
        colonne.addWidget(tete)
        colonne.addWidget(self.pages, 1)
        return cadre

    # -- what the controller says ------------------------------------------------------------

    def definir_types(self, types: Sequence[tuple[str, str]]) -> None:
        """Types that may be written: code, label."""
        self._types = tuple(types)
        self._libelles = dict(types)
        self.type.blockSignals(True)
        self.type.clear()
        for code, libelle in types:
            self.type.addItem(libelle, code)
        self.type.blockSignals(False)
        self._remplir_accueil(())

    def accueillir(self, brouillons: Sequence[tuple[int, str, str]] = ()) -> None:
        """No document is being written: offer the types and the drafts (id, title, detail)."""
        self._oublier()
        self._remplir_accueil(brouillons)
        self._pile.setCurrentIndex(0)

    def editer(self, brouillon: Brouillon) -> None:
        """Go on writing a draft."""
        self._oublier()
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(True)
        rang = self.type.findData(brouillon.type_code)
        if rang < 0:
            self.type.addItem(brouillon.titre, brouillon.type_code)
            rang = self.type.count() - 1
        self.type.setCurrentIndex(rang)
        self.titre.setText(brouillon.titre)
        self.texte.setPlainText(brouillon.texte)
        self.texte.document().setModified(False)
        for widget in (self.type, self.titre, self.texte):
            widget.blockSignals(False)
        self._brouillon = brouillon
        self._activer(True)
        self._pile.setCurrentIndex(1)
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
        self._demander_apercu()

    def garde(self, brouillon: Brouillon, heure: str) -> None:
        """The draft is safe: its id and version are taken, its text is not."""
        actuel = self._brouillon
        if actuel is None or (actuel.id and actuel.id != brouillon.id):
            return
        self._brouillon = replace(actuel, id=brouillon.id, version=brouillon.version)
        self.texte.document().setModified(False)
        self.etat.setText(f"Brouillon gardé à {heure}")
        self._demander_apercu()

    def definir_canal(self, texte: str, *, possible: bool) -> None:
        """Where the document will go, and whether the INS travels."""
        self._canal.setText(texte)
        self._icone_canal.definir("send" if possible else "alert-triangle",
                                  "texte2" if possible else "alerte")
        self.retenir.setVisible(possible)
        self.envoyer.setText("Valider et envoyer" if possible else "Valider")

    def montrer_apercu(self, tailles: Sequence[tuple[float, float]]) -> None:
        """A new PDF came: sizes of its pages in points. The place read stays."""
        self._barre.hide()
        barre = self.pages.verticalScrollBar()
        place = barre.value()
        self.pages.definir(tailles)
        barre.setValue(place)
        self._etat_apercu.setText("le document tel qu’il partira")

    def apercu_impossible(self, texte: str) -> None:
        """The preview could not be made; the text is safe."""
        self._barre.hide()
        self._etat_apercu.setText(texte)

    def poser_page(self, numero: int, largeur: int, image: QImage) -> None:
        """A page drawn by the worker."""
        self.pages.poser_page(numero, largeur, image)

    def validation_refusee(self, texte: str) -> None:
        """Nothing was validated: why; the text stays."""
        self._activer(True)
        self.etat.setText("")
        self.messages.ajouter(MessageEnLigne("erreur", texte))

    def conflit(self, texte: str) -> None:
        """The draft changed elsewhere; the text on screen stays, nothing was overwritten."""
        self.messages.ajouter(MessageEnLigne("alerte", texte))

    @property
    def brouillon(self) -> Brouillon | None:
        """What is on screen, as a draft."""
        if self._brouillon is None:
            return None
        return replace(self._brouillon, type_code=str(self.type.currentData() or ""),
                       titre=self.titre.text().strip(), texte=self.texte.toPlainText())

    def garder_maintenant(self) -> None:
        """Keep the draft without waiting (the file is being left)."""
        if self._garde.isActive():
            self._garde.stop()
            self._garder()

    # -- inside ------------------------------------------------------------------------------

    def _remplir_accueil(self, brouillons: Sequence[tuple[int, str, str]]) -> None:
        from app.ui.views.elements import vider

        vider(self._choix)
        milieu = Qt.AlignmentFlag.AlignHCenter
        for code, libelle in self._types:
            bouton = Bouton(libelle, icone="file-plus")
            bouton.setMinimumWidth(theme.espace(340))
            bouton.clicked.connect(lambda _=False, c=code: self.nouveau_demande.emit(c))
            self._choix.addWidget(bouton, 0, milieu)
        if brouillons:
            self._choix.addSpacing(10)
            self._choix.addWidget(Etiquette("Brouillons à reprendre", "trait", "texte", 600), 0,
                                  milieu)
        for identifiant, titre, detail in brouillons:
            rangee = QHBoxLayout()
            rangee.addStretch(1)
            rangee.addWidget(Icone("pencil", "texte2", 16))
            reprendre = Lien(titre)
            reprendre.clicked.connect(
                lambda _=False, i=identifiant: self.brouillon_demande.emit(i))
            rangee.addWidget(reprendre)
            rangee.addWidget(Etiquette(detail, "small", "texte2"))
            rangee.addStretch(1)
            self._choix.addLayout(rangee)

    def _oublier(self) -> None:
        self._garde.stop()
        self._brouillon = None
        self.messages.vider()
        self.etat.setText("")
        self._barre.hide()
        self.pages.definir(())

    def _type_change(self) -> None:
        """A title that was the former type's label follows the type."""
        if self._brouillon is None:
            return
        if self.titre.text().strip() in ("", *self._libelles.values()):
            self.titre.setText(self.type.currentText())
        self._change()

    def _change(self) -> None:
        if self._brouillon is None:
            return
        self.etat.setText("")
        if not self._garde.isActive():
            self._garde.start()

    def _garder(self) -> None:
        brouillon = self.brouillon
        if brouillon is not None:
            self.garder.emit(brouillon)

    def _demander_apercu(self) -> None:
        brouillon = self.brouillon
        if brouillon is not None and brouillon.titre:
            self._barre.show()
            self.apercu_demande.emit(brouillon)

    def _prefixer(self, prefixe: str) -> None:
        """Turn the current line into a head or a list item, or back."""
        curseur = self.texte.textCursor()
        curseur.beginEditBlock()
        curseur.movePosition(curseur.MoveOperation.StartOfBlock)
        debut = curseur.block().text()
        for connu in ("# ", "- "):
            if debut.startswith(connu):
                for _ in connu:
                    curseur.deleteChar()
        if not debut.startswith(prefixe):
            curseur.insertText(prefixe)
        curseur.endEditBlock()
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def _valider(self, retenir: bool) -> None:
        brouillon = self.brouillon
        if brouillon is None or not self.envoyer.isEnabled():
            return
        if not brouillon.texte.strip():
            self.messages.ajouter(MessageEnLigne("alerte", "Le document est vide. Écrivez-le, "
                                                 "puis validez."))
            self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._garde.stop()
        self.messages.vider()
        self._activer(False)
        self.etat.setText("Validation…")
        self.validation_demandee.emit(brouillon, retenir)

    def _activer(self, actif: bool) -> None:
        for widget in (self.type, self.titre, self.texte, self.retenir, self.envoyer,
                       self.autres):
            widget.setEnabled(actif)

    def _menu(self) -> None:
        menu = QMenu(self)
        for code, libelle in self._types:
            action = QAction(f"Nouveau : {libelle}", menu)
            action.triggered.connect(lambda _=False, c=code: self._nouveau(c))
            menu.addAction(action)
        menu.addSeparator()
        fermer = QAction("Fermer, le brouillon est gardé", menu)
        fermer.triggered.connect(self._fermer)
        abandonner = QAction("Abandonner ce brouillon", menu)
        abandonner.triggered.connect(self._abandonner)
        menu.addAction(fermer)
        menu.addAction(abandonner)
        menu.popup(self.autres.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    def _nouveau(self, code: str) -> None:
        self.garder_maintenant()
        self.nouveau_demande.emit(code)

    def _fermer(self) -> None:
        self.garder_maintenant()
        self.brouillon_demande.emit(0)

    def _abandonner(self) -> None:
        if self._brouillon is not None:
            self._garde.stop()
            self.abandon_demande.emit(self._brouillon.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._ranger()

    def _ranger(self) -> None:
        """Without room for two panels the preview takes the editor's place on demand; in a low
        window the text keeps its room, never the buttons."""
        etroit = self.width() < theme.espace(820)
        basse = self.height() < theme.espace(330)
        self._forme.setVisible(not basse)
        self._bande_canal.setVisible(not basse)
        if etroit != self._etroit:
            self._etroit = etroit
            self._montrer_apercu(False)

    def _montrer_apercu(self, oui: bool) -> None:
        """In a narrow window: the preview, or the editor."""
        self.voir.setVisible(bool(self._etroit))
        self.ecrire.setVisible(bool(self._etroit))
        self._cadre_apercu.setVisible(oui or not self._etroit)
        self._cadre_editeur.setVisible(not oui or not self._etroit)
        if not oui and self._brouillon is not None:
            self.texte.setFocus(Qt.FocusReason.OtherFocusReason)
