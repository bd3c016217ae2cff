"""The list of visits of the tournée: keys, drag, column widths, painted rows (mock 01)."""

from PySide6.QtCore import QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from app.domain.agenda import EtatPassage, Passage
from app.ui import theme
from app.ui.models import tournee
from app.ui.models.passages import ROLE_GROUPE, ROLE_PASSAGE, Colonne, ModelePassages
from app.ui.models.tournee import DEPLACABLES, ETATS
from app.ui.views.identite import dessiner_disque
from app.ui.views.lignes import DelegueLigne, Index, TableLignes


class TablePassages(TableLignes):
    """The list of visits; keys: Entrée opens, Espace ticks, F2 edits the hour, Alt+↑ ↓ moves."""

    ouvrir = Signal(object)
    basculer_fait = Signal(object)
    bouger = Signal(object, int)
    supprimer = Signal(object)

    def __init__(self, modele: ModelePassages, parent: QWidget | None = None) -> None:
        super().__init__("Passages du jour", parent)
        self.setModel(modele)
        self._modele = modele
        self.setItemDelegate(_DeleguePassage(self))
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._double_clic)

    def passage_courant(self) -> Passage | None:
        """The current visit."""
        return self._modele.passage(self.ligne_courante())

    def _double_clic(self, index: Index) -> None:
        p = self._modele.passage(index.row())
        if p is not None:
            self.ouvrir.emit(p)

    def editer_heure(self) -> None:
        """Edit the hour of the current visit in place."""
        p = self.passage_courant()
        if p is not None and p.etat in DEPLACABLES:
            self.edit(self._modele.index(self.ligne_courante(), Colonne.HEURE))

    def repartir(self) -> None:
        """Hours, ages, states keep their width; names and cares share the rest. The address comes
        when there is room; the age leaves first when there is not."""
        corps, petit = (QFontMetrics(theme.police(r, p)) for r, p in (("body", 400),
                                                                      ("small", 600)))
        chiffres = QFontMetrics(theme.police("body", 600, chiffres=True))
        largeurs = {
            Colonne.HEURE: chiffres.horizontalAdvance("00:00") + theme.espace(22),
            Colonne.AGE: corps.horizontalAdvance("119 ans") + theme.espace(18),
            Colonne.DMP: corps.horizontalAdvance("99") + theme.espace(22 + 18),
            Colonne.A_VOIR: petit.horizontalAdvance("INS à qualifier") + theme.espace(20 + 18),
            Colonne.ETAT: corps.horizontalAdvance("En cours") + theme.espace(22 + 18),
        }
        modele = self.model()  # None while the base class is being built
        plusieurs = isinstance(modele, ModelePassages) and modele.a_plusieurs
        self.setColumnHidden(Colonne.QUI, not plusieurs)
        if isinstance(modele, ModelePassages) and plusieurs:
            noms = {modele.qui(p) for p in modele.passages}
            largeurs[Colonne.QUI] = min(theme.espace(150), theme.espace(18) + max(
                (corps.horizontalAdvance(n) for n in noms), default=0))
        largeur = self.viewport().width()
        reste = largeur - sum(largeurs.values())
        nom = corps.horizontalAdvance("ADRUN ZOE MARIE-LOUISE") + theme.espace(60)
        avec_age = reste >= nom
        self.setColumnHidden(Colonne.AGE, not avec_age)
        if not avec_age:
            # Little room: the age leaves, and « À voir » keeps its icon only.
            reste += largeurs.pop(Colonne.AGE)
            reste += largeurs[Colonne.A_VOIR] - theme.espace(60)
            largeurs[Colonne.A_VOIR] = theme.espace(60)
            if plusieurs:  # initials
                court = corps.horizontalAdvance("MMM") + theme.espace(18)
                reste += largeurs[Colonne.QUI] - court
                largeurs[Colonne.QUI] = court
        soins = corps.horizontalAdvance("Pansement, rappel dTcaP")
        avec_adresse = reste >= nom + soins + corps.horizontalAdvance("Résidence Les Tilleuls") + 40
        self.setColumnHidden(Colonne.ADRESSE, not avec_adresse)
        parts = {Colonne.PATIENT: 42, Colonne.SOINS: 28, Colonne.ADRESSE: 30} if avec_adresse \
            else {Colonne.PATIENT: 58, Colonne.SOINS: 42}
        total = sum(parts.values())
        largeurs |= {c: reste * part // total for c, part in parts.items()}
        largeurs[Colonne.PATIENT] += largeur - sum(largeurs.values())
        for colonne, valeur in largeurs.items():
            self.setColumnWidth(colonne, valeur)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.state() is QAbstractItemView.State.EditingState and not self.hasFocus():
            super().keyPressEvent(event)  # Entrée, which ends the hour, must not open the file
            return
        p = self.passage_courant()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if p is None:
            super().keyPressEvent(event)
            return
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not alt:
                self.ouvrir.emit(p)
            case Qt.Key.Key_Space:
                self.basculer_fait.emit(p)
            case Qt.Key.Key_F2:
                self.editer_heure()
            case Qt.Key.Key_Up if alt:
                self.bouger.emit(p, -1)
            case Qt.Key.Key_Down if alt:
                self.bouger.emit(p, 1)
            case Qt.Key.Key_Delete:
                self.supprimer.emit(p)
            case _:
                super().keyPressEvent(event)

    def moveCursor(self, action: QAbstractItemView.CursorAction,
                   modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Arrows jump over the group rows."""
        index = super().moveCursor(action, modifiers)
        if index.isValid() and self._modele.passage(index.row()) is None:
            monte = action in (QAbstractItemView.CursorAction.MoveUp,
                               QAbstractItemView.CursorAction.MovePrevious)
            voisin = self._modele.index(index.row() + (-1 if monte else 1), index.column())
            return voisin if voisin.isValid() else self.currentIndex()
        return index


class _DeleguePassage(DelegueLigne):
    """Paints the visits and the group rows."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        groupe = index.data(ROLE_GROUPE)
        if groupe is None:
            super().paint(painter, option, index)
            return
        if index.column() != 0:
            return
        zone = QRect(option.rect)
        painter.save()
        painter.fillRect(zone, theme.couleur("surface2"))
        painter.fillRect(QRect(zone.left(), zone.bottom(), zone.width(), 1),
                         theme.couleur("bordure"))
        corps = zone.adjusted(12, 0, -12, -1)
        cote, retrait = theme.espace(16), theme.espace(24)
        icone = QRect(corps.left(), corps.center().y() - cote // 2, cote, cote)
        theme.icone(groupe.icone, "texte2", 16).paint(painter, icone)
        titre = theme.police("body", 600)
        large = self.texte(painter, corps.adjusted(retrait, 0, 0, 0), groupe.titre, "texte", titre)
        self.texte(painter, corps.adjusted(retrait + large + 10, 0, 0, 0), groupe.resume, "texte2",
                   theme.police("small"))
        painter.restore()

    def cellule(self, painter: QPainter, zone: QRect, index: Index, fond: str) -> None:
        p: Passage = index.data(ROLE_PASSAGE)
        texte = str(index.data() or "")
        attenue = p.etat is EtatPassage.ANNULE
        match index.column():
            case Colonne.HEURE:
                self.texte(painter, zone, texte, "texte2" if attenue else "texte",
                           theme.police("body", 600, chiffres=True))
            case Colonne.PATIENT:
                self._patient(painter, zone, p, texte, fond, attenue)
            case Colonne.AGE | Colonne.ADRESSE:
                self.texte(painter, zone, texte, "texte2")
            case Colonne.QUI:
                modele = index.model()
                if (isinstance(modele, ModelePassages) and zone.width() < QFontMetrics(
                        theme.police("body")).horizontalAdvance(texte)):
                    texte = modele.qui(p, court=True)
                self.texte(painter, zone, texte, "texte2" if attenue or texte != "Moi"
                           else "texte", theme.police("body", 600 if texte == "Moi" else 400))
            case Colonne.DMP if p.nouveaux_dmp:
                self.icone_texte(painter, zone, "cloud-down", texte, "accent",
                                 theme.police("body", 600))
            case Colonne.DMP:
                self.texte(painter, zone, texte, "texte2")
            case Colonne.A_VOIR:
                if (vu := tournee.mention(p)) is not None:
                    serre = zone.width() < theme.espace(60)
                    self.icone_texte(painter, zone, vu.icone, "" if serre else vu.texte, vu.role,
                                     theme.police("small", 600), 14)
            case Colonne.ETAT:
                etat = ETATS[p.etat]
                self.icone_texte(painter, zone, etat.icone, etat.texte, etat.role)
            case _:
                self.texte(painter, zone, texte, "texte2" if attenue else "texte")

    def _patient(self, painter: QPainter, zone: QRect, p: Passage, texte: str, fond: str,
                 attenue: bool) -> None:
        if p.patient is not None:
            cote = theme.espace(17)
            disque = QRect(zone.left(), zone.center().y() - cote // 2 + 1, cote, cote)
            dessiner_disque(painter, disque.toRectF(), p.patient.statut, theme.couleur(fond))
        police = theme.police("body", 600)
        police.setStrikeOut(attenue)
        self.texte(painter, zone.adjusted(theme.espace(25), 0, 0, 0), texte,
                   "texte2" if attenue else "texte", police)
