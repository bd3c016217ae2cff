"""Observations: the notes of the team as a feed, and the editor of a new one."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QPlainTextEdit,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.patient import Observation
from app.ui import theme
from app.ui.models.observations import ROLE_OBSERVATION, ModeleObservations, moment
from app.ui.presse_papiers import presse_papiers
from app.ui.views.elements import Bouton, Carte, Etiquette, Lien
from app.ui.views.etat_vide import etat_vide
from app.ui.views.lignes import Index

#: Lines shown of a note that is not the current one.
LIGNES_REPLIEES = 8
_ENROULE = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)


class VueObservations(QWidget):
    """Feed at the left, editor at the right."""

    #: Text of a new note.
    ajout_demande = Signal(str)
    #: (note, new text).
    correction_demandee = Signal(object, str)
    #: Draft to keep (2 s after the last key).
    brouillon = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.modele = ModeleObservations(self)
        self._corrigee: Observation | None = None
        self._auteur_id: int | None = None
        self._brouillon_garde = ""
        self._a_reprendre = False
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(16, 12, 16, 14)
        rangee.setSpacing(12)
        rangee.addWidget(self._fil(), 3)
        rangee.addWidget(self._redaction(), 2)
        self._garde = QTimer(self)
        self._garde.setSingleShot(True)
        self._garde.setInterval(2000)
        self._garde.timeout.connect(self._garder)
        self.texte.textChanged.connect(self._change)
        raccourci = QShortcut(QKeySequence("Ctrl+Return"), self)
        raccourci.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        raccourci.activated.connect(self.enregistrer)
        self._change()

    # -- construction ------------------------------------------------------------------------

    def _fil(self) -> QWidget:
        cadre = QFrame()
        theme.poser(cadre, carte="oui")
        colonne = QVBoxLayout(cadre)
        colonne.setContentsMargins(1, 1, 1, 1)
        colonne.setSpacing(0)
        self._pile = QStackedWidget()
        self.liste = ListeObservations()
        self.liste.setModel(self.modele)
        self.liste.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.liste.customContextMenuRequested.connect(self._menu)
        self.liste.corriger.connect(self.corriger)
        self._pile.addWidget(self.liste)
        self._pile.addWidget(etat_vide(
            "notes", Etiquette("Aucune observation.", "title"),
            Etiquette("Écrivez la première à droite.", "body", "texte2"), taille=36, espace=6))
        colonne.addWidget(self._pile)
        return cadre

    def _redaction(self) -> QWidget:
        carte = Carte("Nouvelle observation", "pencil")
        self._titre = carte.titre
        self._retour = Lien("Nouvelle observation")
        self._retour.clicked.connect(lambda: self.corriger(None))
        self._retour.hide()
        carte.tete.addWidget(self._retour)
        self.texte = QPlainTextEdit()
        self.texte.setPlaceholderText("Ce qui a été vu, fait, dit. Datée et signée de vous à "
                                      "l’enregistrement.")
        self.texte.setAccessibleName("Texte de l’observation")
        self.texte.setTabChangesFocus(True)
        theme.poser(self.texte, police="body")
        carte.corps.addWidget(self.texte, 1)
        pied = QHBoxLayout()
        pied.setContentsMargins(0, 10, 0, 0)
        self.etat = Etiquette("", "small", "texte2")
        self.valider = Bouton("Enregistrer", "principal", "check", "Ctrl+Entrée")
        self.valider.clicked.connect(self.enregistrer)
        pied.addWidget(self.etat, 1)
        pied.addWidget(self.valider)
        carte.corps.addLayout(pied)
        return carte

    # -- what the controller says ------------------------------------------------------------

    def afficher(self, observations: Sequence[Observation], auteur_id: int,
                 brouillon: str = "") -> None:
        """Show the notes of a patient and the draft kept for him. `auteur_id`: who writes."""
        self._auteur_id = auteur_id
        self.liste.auteur_id = auteur_id
        self._corrigee = None
        self.modele.definir(observations)
        self._pile.setCurrentIndex(0 if observations else 1)
        self._poser_texte(brouillon)
        self._brouillon_garde = brouillon
        self.etat.setText("Brouillon repris" if brouillon else "")
        self._habiller()

    def actualiser(self, observations: Sequence[Observation]) -> None:
        """The notes changed elsewhere: what is being written stays."""
        self.modele.definir(observations)
        self._pile.setCurrentIndex(0 if observations else 1)

    def enregistree(self, observation: Observation) -> None:
        """The store kept a note: it joins the feed, the editor is empty again."""
        self.modele.ajouter(observation)
        self._pile.setCurrentIndex(0)
        self._corrigee = None
        self._poser_texte("")
        self._brouillon_garde = ""
        self.etat.setText("Enregistrée")
        self.valider.setEnabled(True)
        self._habiller()
        self.liste.scrollToTop()
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def echec(self) -> None:
        """The store refused: the text stays, it can be sent again."""
        self.valider.setEnabled(True)

    def brouillon_attend(self) -> None:
        """The draft couldn't be kept: it stays on screen, and is tried again."""
        self._a_reprendre = True
        self.etat.setText("Brouillon pas encore gardé")

    def brouillon_garde(self, heure: str) -> None:
        """The draft is safe."""
        self.etat.setText(f"Brouillon gardé à {heure}")

    def ecrire(self) -> None:
        """Put the caret in the editor."""
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def saisie(self) -> str:
        """What is in the editor and not yet stored as a note."""
        return self.texte.toPlainText() if self._corrigee is None else ""

    # -- inside ------------------------------------------------------------------------------

    def _poser_texte(self, texte: str) -> None:
        self._garde.stop()
        self.texte.blockSignals(True)
        self.texte.setPlainText(texte)
        self.texte.document().setModified(False)
        self.texte.blockSignals(False)
        self.valider.setEnabled(bool(texte.strip()))

    def _change(self) -> None:
        self.valider.setEnabled(bool(self.texte.toPlainText().strip()))
        if self._corrigee is None and self._auteur_id is not None:
            self.etat.setText("")
            self._garde.start()

    def _garder(self) -> None:
        texte = self.texte.toPlainText()
        if self._corrigee is None and (texte != self._brouillon_garde or self._a_reprendre):
            self._brouillon_garde, self._a_reprendre = texte, False
            self.brouillon.emit(texte)

    def garder_maintenant(self) -> None:
        """Keep the draft without waiting (the file is being left)."""
        if self._garde.isActive() or self._a_reprendre:
            self._garde.stop()
            self._garder()

    def enregistrer(self) -> None:
        """Store the note, or its correction."""
        texte = self.texte.toPlainText().strip()
        if not texte or not self.valider.isEnabled():
            return
        self._garde.stop()
        self.valider.setEnabled(False)
        if self._corrigee is None:
            self.ajout_demande.emit(texte)
        else:
            self.correction_demandee.emit(self._corrigee, texte)

    def corriger(self, observation: Observation | None) -> None:
        """Edit one's own note, or go back to a new one with None."""
        if self._corrigee is None and observation is not None:
            self.garder_maintenant()
            self._en_attente = self.texte.toPlainText()
        self._corrigee = observation
        self._poser_texte(observation.texte if observation is not None
                          else getattr(self, "_en_attente", ""))
        self.etat.setText("")
        self._habiller()
        self.texte.setFocus(Qt.FocusReason.OtherFocusReason)

    def _habiller(self) -> None:
        corrige = self._corrigee
        self._titre.setText("Nouvelle observation" if corrige is None
                            else f"Corriger la note du {moment(corrige)}")
        self.valider.setText("Enregistrer" if corrige is None else "Corriger")
        self._retour.setVisible(corrige is not None)

    def _menu(self, point: QPoint) -> None:
        index = self.liste.indexAt(point)
        observation = index.data(ROLE_OBSERVATION) if index.isValid() else None
        if observation is None:
            return
        menu = QMenu(self)
        copier = QAction("Copier le texte", menu)
        copier.triggered.connect(
            lambda: presse_papiers().copier(observation.texte, "observation"))
        menu.addAction(copier)
        corriger = QAction("Corriger", menu)
        corriger.setEnabled(observation.auteur_id == self._auteur_id)
        corriger.triggered.connect(lambda: self.corriger(observation))
        menu.addAction(corriger)
        menu.popup(self.liste.viewport().mapToGlobal(point))


class ListeObservations(QListView):
    """The feed. Entrée corrects one's own note."""

    corriger = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.auteur_id: int | None = None
        self.setAccessibleName("Observations du dossier")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(20)
        self.setItemDelegate(_DelegueObservation(self))
        theme.signaux().change.connect(self.scheduleDelayedItemsLayout)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.scheduleDelayedItemsLayout()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            observation = self.currentIndex().data(ROLE_OBSERVATION)
            if observation is not None and observation.auteur_id == self.auteur_id:
                self.corriger.emit(observation)
            return
        super().keyPressEvent(event)


class _DelegueObservation(QStyledItemDelegate):
    """Date and author, then the text; long ones are folded until they are current."""

    def _marge(self) -> int:
        return theme.espace(14)

    def _corps(self, largeur: int, texte: str, entier: bool) -> tuple[int, bool]:
        """Height of the text, and whether it is folded."""
        mesure = QFontMetrics(theme.police("body"))
        zone = mesure.boundingRect(QRect(0, 0, largeur - 2 * self._marge(), 100_000), _ENROULE,
                                   texte)
        limite = mesure.lineSpacing() * LIGNES_REPLIEES
        if not entier and zone.height() > limite + mesure.lineSpacing():
            return limite, True
        return zone.height(), False

    def _courante(self, index: Index) -> bool:
        liste = self.parent()
        assert isinstance(liste, ListeObservations)
        return bool(liste.currentIndex() == index)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        liste = self.parent()
        assert isinstance(liste, ListeObservations)
        largeur = liste.viewport().width()
        haut, replie = self._corps(largeur, str(index.data() or ""), self._courante(index))
        tete = QFontMetrics(theme.police("small", 600)).height()
        suite = tete + 4 if replie else 0
        return QSize(max(100, largeur - 1), tete + haut + suite + theme.espace(12 + 4 + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        liste = self.parent()
        assert isinstance(liste, ListeObservations)
        observation: Observation = index.data(ROLE_OBSERVATION)
        zone = QRect(option.rect)
        courante = self._courante(index)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(zone, theme.couleur("accent_doux" if courante and liste.hasFocus()
                                             else "surface"))
        painter.fillRect(zone.left(), zone.bottom(), zone.width(), 1, theme.couleur("bordure"))
        marge = self._marge()
        x, y = zone.left() + marge, zone.top() + theme.espace(12)
        gras, petit = theme.police("small", 600, chiffres=True), theme.police("small")
        mg = QFontMetrics(gras)
        painter.setFont(gras)
        painter.setPen(theme.couleur("texte"))
        date = moment(observation)
        painter.drawText(x, y + mg.ascent(), date)
        painter.setFont(petit)
        painter.setPen(theme.couleur("texte2"))
        painter.drawText(x + mg.horizontalAdvance(date) + theme.espace(10), y + mg.ascent(),
                         observation.auteur)
        y += mg.height() + theme.espace(4)
        haut, replie = self._corps(zone.width(), observation.texte, courante)
        painter.setFont(theme.police("body"))
        painter.setPen(theme.couleur("texte"))
        corps = QRect(x, y, zone.width() - 2 * marge, haut)
        painter.setClipRect(corps)
        painter.drawText(corps, _ENROULE, observation.texte)
        painter.setClipping(False)
        if replie:
            painter.setFont(petit)
            painter.setPen(theme.couleur("accent"))
            painter.drawText(x, y + haut + 4 + mg.ascent(), "Lire la suite…")
        if courante and liste.hasFocus():
            painter.setPen(QPen(theme.couleur("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(zone.adjusted(1, 1, -1, -2), 3, 3)
        painter.restore()
