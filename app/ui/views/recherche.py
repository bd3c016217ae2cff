"""Search everywhere (Ctrl+K): a field in the bar, a list under it, the keyboard throughout."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.models.recherche import ROLE_RESULTAT, Index, ModeleRecherche, Resultat, TitreGroupe
from app.ui.views.elements import Icone, Touche
from app.ui.views.identite import dessiner_disque
from app.ui.views.lignes import hauteur_ligne

#: Wait after the last key before asking.
DELAI_MS = 60


class _DelegueResultat(QStyledItemDelegate):
    """Paints a group head or a result."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        valeur = index.data(ROLE_RESULTAT)
        if isinstance(valeur, TitreGroupe):
            return QSize(10, QFontMetrics(theme.police("small", 600)).height() + 12)
        return QSize(10, hauteur_ligne())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        valeur = index.data(ROLE_RESULTAT)
        zone = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(valeur, TitreGroupe):
            painter.setFont(theme.police("small", 600))
            painter.setPen(theme.couleur("texte2"))
            painter.drawText(zone.adjusted(12, 4, -12, 0), int(Qt.AlignmentFlag.AlignVCenter),
                             valeur.titre)
        elif isinstance(valeur, Resultat):
            vue = self.parent()
            courante = isinstance(vue, QListView) and vue.currentIndex() == index
            if courante and valeur.cle:
                painter.fillRect(zone, theme.couleur("accent_doux"))
                painter.fillRect(QRect(zone.left(), zone.top(), 3, zone.height()),
                                 theme.couleur("accent"))
            self._resultat(painter, zone.adjusted(12, 0, -12, 0), valeur)
        painter.restore()

    def _resultat(self, painter: QPainter, zone: QRect, valeur: Resultat) -> None:
        cote = theme.espace(16)
        dessin = QRect(zone.left(), zone.center().y() - cote // 2, cote, cote)
        if valeur.statut is not None:
            dessiner_disque(painter, dessin.toRectF(), valeur.statut)
        elif valeur.icone:
            theme.icone(valeur.icone, "texte2", 16).paint(painter, dessin)
        zone.setLeft(zone.left() + cote + theme.espace(10))
        if valeur.touche:
            fin = theme.police("micro")
            painter.setFont(fin)
            painter.setPen(theme.couleur("texte2"))
            painter.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight),
                             valeur.touche)
            zone.setRight(zone.right() - QFontMetrics(fin).horizontalAdvance(valeur.touche) - 12)
        detail, small = valeur.detail, theme.police("small")
        reserve = QFontMetrics(small).horizontalAdvance(detail) + theme.espace(10) if detail else 0
        gras = theme.police("body", 500 if valeur.cle else 400)
        mesure = QFontMetrics(gras)
        place = max(zone.width() - reserve, zone.width() // 3)
        titre = mesure.elidedText(valeur.titre, Qt.TextElideMode.ElideRight, place)
        painter.setFont(gras)
        painter.setPen(theme.couleur("texte" if valeur.cle else "texte2"))
        painter.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter), titre)
        if detail:
            zone.setLeft(zone.left() + mesure.horizontalAdvance(titre) + theme.espace(10))
            painter.setFont(small)
            painter.setPen(theme.couleur("texte2"))
            painter.drawText(zone, int(Qt.AlignmentFlag.AlignVCenter), QFontMetrics(small)
                             .elidedText(detail, Qt.TextElideMode.ElideRight, zone.width()))


class PanneauRecherche(QFrame):
    """The list under the field. A child of the window, not a pop-up: the focus stays in the field.
    """

    MAX_PX = 460

    def __init__(self, fenetre: QWidget) -> None:
        super().__init__(fenetre)
        theme.poser(self, carte="flottante")
        self.modele = ModeleRecherche(self)
        self.liste = QListView()
        self.liste.setModel(self.modele)
        self.liste.setItemDelegate(_DelegueResultat(self.liste))
        self.liste.setFrameShape(QFrame.Shape.NoFrame)
        self.liste.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.liste.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.liste.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.liste.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.liste.setAccessibleName("Résultats de la recherche")
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(1, 4, 1, 4)
        colonne.addWidget(self.liste)
        self.hide()

    def hauteur(self) -> int:
        """Height of all the rows, within MAX_PX."""
        delegue = self.liste.itemDelegate()
        somme = sum(
            delegue.sizeHint(QStyleOptionViewItem(), self.modele.index(i)).height()
            for i in range(self.modele.rowCount()))
        return min(somme + 12, theme.espace(self.MAX_PX))


class ChampRecherche(QFrame):
    """The field of the bar. Its controller listens to `cherche` and answers by `montrer`."""

    #: Text to look for, 60 ms after the last key; "" when the field was just entered.
    cherche = Signal(str)
    #: `cle` of the chosen result.
    choisi = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, champ="oui")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.champ = QLineEdit()
        self.champ.setPlaceholderText("Patient, document ou action")
        self.champ.setAccessibleName("Rechercher un patient ou une action")
        self.champ.setAccessibleDescription("Nom, date de naissance ou matricule. Flèches pour "
                                            "choisir, Entrée pour ouvrir.")
        theme.poser(self.champ, role="nu")
        self.touche = Touche("Ctrl+K")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(10, 0, 5, 0)
        rangee.setSpacing(8)
        rangee.addWidget(Icone("search", "texte2", 16))
        rangee.addWidget(self.champ, 1)
        rangee.addWidget(self.touche)
        self._panneau: PanneauRecherche | None = None
        self._minuteur = QTimer(self, singleShot=True, interval=DELAI_MS)
        self._minuteur.timeout.connect(lambda: self.cherche.emit(self.champ.text().strip()))
        self.champ.textEdited.connect(lambda _: self._minuteur.start())
        self.champ.installEventFilter(self)
        self._entree_attendue = False
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self.setFixedHeight(max(theme.espace(32),
                                QFontMetrics(theme.police("body")).height() + 14))
        self.setMinimumWidth(min(theme.espace(200), 300))
        theme.poser(self, largeur_max=390)

    # -- Answering --------------------------------------------------------------------------

    def panneau(self) -> PanneauRecherche:
        """The list, built at its first use."""
        if self._panneau is None:
            self._panneau = PanneauRecherche(self.window())
            self._panneau.liste.clicked.connect(lambda i: self._choisir(i.row()))
        return self._panneau

    def montrer(self, resultats: Sequence[Resultat]) -> None:
        """Show these rows under the field; nothing when it was left meanwhile."""
        if not self.champ.hasFocus():
            return
        panneau = self.panneau()
        panneau.modele.definir(resultats)
        if not resultats:
            panneau.hide()
            return
        fenetre = self.window()
        coin = self.mapTo(fenetre, QPoint(0, self.height() + 4))
        large = min(max(self.width(), theme.espace(520)), fenetre.width() - coin.x() - 16)
        panneau.setGeometry(coin.x(), coin.y(), large,
                            min(panneau.hauteur(), fenetre.height() - coin.y() - 16))
        self._aller(panneau.modele.voisine(-1, 1))
        panneau.show()
        panneau.raise_()
        if self._entree_attendue:
            self._entree_attendue = False
            self._choisir(panneau.liste.currentIndex().row())

    def _aller(self, rang: int) -> None:
        panneau = self.panneau()
        index = panneau.modele.index(rang) if rang >= 0 else panneau.modele.index(-1)
        panneau.liste.setCurrentIndex(index)
        if index.isValid():
            self.champ.setAccessibleDescription(str(index.data()))
            panneau.liste.scrollTo(index)

    def _choisir(self, rang: int) -> None:
        panneau = self.panneau()
        valeur = panneau.modele.ligne(rang)
        if isinstance(valeur, Resultat) and valeur.cle:
            self.fermer()
            self.champ.clear()
            self.champ.clearFocus()
            self.choisi.emit(valeur.cle)

    # -- Keys -------------------------------------------------------------------------------

    def entrer(self) -> None:
        """Ctrl+K: give the focus to the field, its text selected."""
        self.champ.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.champ.selectAll()

    def fermer(self) -> None:
        """Hide the list."""
        self._minuteur.stop()
        self._entree_attendue = False
        if self._panneau is not None:
            self._panneau.hide()

    @property
    def ouvert(self) -> bool:
        """True while the list is shown."""
        return self._panneau is not None and not self._panneau.isHidden()

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        genre = evenement.type()
        if genre == QEvent.Type.FocusIn:
            theme.poser(self, actif="oui")
            self.cherche.emit(self.champ.text().strip())
        elif genre == QEvent.Type.FocusOut:
            theme.poser(self, actif="")
            self.fermer()
        elif genre == QEvent.Type.KeyPress and isinstance(evenement, QKeyEvent):
            return self._touche(evenement)
        return False

    def _touche(self, evenement: QKeyEvent) -> bool:
        touche = evenement.key()
        if touche == Qt.Key.Key_Escape:
            if self.ouvert:
                self.fermer()
            else:
                self.champ.clear()
                self.champ.clearFocus()
            return True
        if touche in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            if not self.ouvert:
                self.cherche.emit(self.champ.text().strip())
            else:
                rang = self.panneau().liste.currentIndex().row()
                self._aller(self.panneau().modele.voisine(
                    rang, 1 if touche == Qt.Key.Key_Down else -1))
            return True
        if touche in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._minuteur.isActive():  # typed faster than the answer: open it when it comes
                self._minuteur.stop()
                self._entree_attendue = True
                self.cherche.emit(self.champ.text().strip())
            elif self.ouvert:
                self._choisir(self.panneau().liste.currentIndex().row())
            return True
        return False
