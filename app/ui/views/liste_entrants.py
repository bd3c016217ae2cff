"""The list of « À classer »: two lines a document, its verdict at the right."""

from datetime import date

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain.entrant import LigneEntrant
from app.ui import theme
from app.ui.models.a_classer import ROLE_LIGNE, ModeleEntrants, etat_entrant, quand
from app.ui.models.etats_documents import ICONES_ORIGINE
from app.ui.views.lignes import Index
from app.ui.views.liste_fiches import DelegueFiche


class ListeEntrants(QListView):
    """Keys: ↑ ↓; digits and Entrée are the page's."""

    #: The current line changed: LigneEntrant.
    choisi = Signal(object)
    #: A digit from 1 to 9, or 0 for Entrée.
    geste = Signal(int)
    ecarter = Signal()

    def __init__(self, modele: ModeleEntrants, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Documents à classer")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(modele)
        self._modele = modele
        self.setItemDelegate(_Delegue(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        ligne = self._modele.ligne(current.row()) if current.isValid() else None
        if ligne is not None and current.row() != previous.row():
            self.choisi.emit(ligne)

    def ligne(self) -> LigneEntrant | None:
        """The current line."""
        return self._modele.ligne(self.currentIndex().row())

    def aller(self, rang: int) -> None:
        """Make a row current; nothing when there is none."""
        index = self._modele.index(rang, 0)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        touche = event.key()
        if Qt.Key.Key_1 <= touche <= Qt.Key.Key_9 and not event.modifiers() \
                & ~Qt.KeyboardModifier.KeypadModifier:
            self.geste.emit(touche - Qt.Key.Key_0)
        elif touche in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.geste.emit(0)
        elif touche == Qt.Key.Key_Delete:
            self.ecarter.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()


class _Delegue(DelegueFiche):
    """Paints one document."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        haut = QFontMetrics(theme.police("body")).height()
        return QSize(10, 2 * haut + QFontMetrics(theme.police("small")).height() + 26)

    def contenu(self, peintre: QPainter, zone: QRect, index: Index) -> None:
        ligne: LigneEntrant = index.data(ROLE_LIGNE)
        e, cote = ligne.entrant, theme.espace(16)
        corps, petit = QFontMetrics(theme.police("body")), QFontMetrics(theme.police("small"))
        x = zone.left() + cote + theme.espace(10)
        theme.icone(ICONES_ORIGINE[e.origine], "texte2", 16).paint(
            peintre, QRect(zone.left(), zone.top() + 1, cote, cote))
        heure = quand(e.recu_le, date.today().isoformat())
        large = petit.horizontalAdvance(heure)
        self.ecrire(peintre, QRect(zone.right() - large, zone.top(), large + 2, corps.height()),
                     heure, "small", "texte2")
        self.ecrire(peintre, QRect(x, zone.top(), zone.right() - large - x - 8, corps.height()),
                     e.titre, "body/600", "texte")
        propose = ligne.propose
        qui = e.traits or (f"{propose.nom_naissance} {propose.premier_prenom}" if propose
                           else e.nom)
        self.ecrire(peintre, QRect(x, zone.top() + corps.height() + 4, zone.right() - x,
                                    corps.height()), qui, "body", "texte2")
        verdict = etat_entrant(ligne)
        haut = zone.top() + 2 * corps.height() + 8
        theme.icone(verdict.icone, verdict.role, 16).paint(peintre, QRect(x, haut, cote, cote))
        self.ecrire(peintre, QRect(x + cote + 5, haut, zone.right() - x - cote - 5, cote + 2),
                     verdict.texte, "small/600", verdict.role)
