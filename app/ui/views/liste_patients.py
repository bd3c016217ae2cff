"""A short list of patients: status, name, birth date, sex; click, Entrée or 1 to 9 choose."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.domain import dates
from app.domain.libelles import ATTRIBUTS, STATUTS
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.infobulle import sure
from app.ui.views.identite import dessiner_disque
from app.ui.views.lignes import Index, hauteur_ligne

_ROLE = Qt.ItemDataRole.UserRole + 1


def nom_complet(p: PatientResume) -> str:
    """Birth name, first given name, and the used name when there is one."""
    utilise = f" ({p.nom_utilise})" if p.nom_utilise and p.nom_utilise != p.nom_naissance else ""
    return f"{p.nom_naissance} {p.premier_prenom}{utilise}"


def phrase(p: PatientResume) -> str:
    """One sentence for screen readers."""
    attributs = "".join(f", {ATTRIBUTS[a].lower()}" for a in sorted(p.attributs))
    return (f"{nom_complet(p)}, {dates.formater(p.date_naissance)}, sexe {p.sexe}, identité "
            f"{STATUTS[p.statut].lower()}{attributs}")


class ListePatients(QListWidget):
    """The list. `numerotee` writes 1 to 9 before the rows and lets these keys choose."""

    choisi = Signal(object)

    def __init__(self, nom: str, parent: QWidget | None = None, *, numerotee: bool = False,
                 max_lignes: int = 6) -> None:
        super().__init__(parent)
        self.numerotee = numerotee
        self._max = max_lignes
        self.setAccessibleName(nom)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setItemDelegate(_DeleguePatient(self))
        self.itemClicked.connect(lambda e: self.choisi.emit(e.data(_ROLE)))

    def definir(self, patients: Sequence[PatientResume]) -> None:
        """Show these patients; the first one is current."""
        self.clear()
        for p in patients:
            element = QListWidgetItem()
            element.setData(_ROLE, p)
            element.setData(Qt.ItemDataRole.AccessibleTextRole, phrase(p))
            element.setToolTip(sure(phrase(p)))
            self.addItem(element)
        if patients:
            self.setCurrentRow(0)
        self.setFixedHeight(hauteur_ligne() * max(1, min(self._max, len(patients))) + 2)

    def courant(self) -> PatientResume | None:
        """The current patient."""
        element = self.currentItem()
        if element is None:
            return None
        patient: PatientResume = element.data(_ROLE)
        return patient

    def monter(self, pas: int) -> None:
        """Move the current row by `pas`, for a field that keeps the caret."""
        self.setCurrentRow(max(0, min(self.count() - 1, self.currentRow() + pas)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if (p := self.courant()) is not None:
                self.choisi.emit(p)
            return
        rang = event.key() - Qt.Key.Key_1
        if self.numerotee and 0 <= rang < min(9, self.count()):
            self.setCurrentRow(rang)
            self.choisi.emit(self.item(rang).data(_ROLE))
            return
        super().keyPressEvent(event)


class _DeleguePatient(QStyledItemDelegate):
    """Paints one patient."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, hauteur_ligne())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        liste = self.parent()
        assert isinstance(liste, ListePatients)
        p: PatientResume = index.data(_ROLE)
        zone = QRect(option.rect)
        etat = option.state
        courant = index.row() == liste.currentRow()
        survol = bool(etat & QStyle.StateFlag.State_MouseOver)
        fond = "accent_doux" if courant else "survol" if survol else "surface"
        painter.save()
        painter.fillRect(zone, theme.couleur(fond))
        painter.fillRect(zone.left(), zone.bottom(), zone.width(), 1, theme.couleur("bordure"))
        if courant:
            painter.fillRect(zone.left(), zone.top(), 3, zone.height(), theme.couleur("accent"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = zone.left() + theme.espace(10)
        if liste.numerotee:
            x = self._numero(painter, zone, x, index.row())
        cote = theme.espace(16)
        dessiner_disque(painter, QRect(x, zone.center().y() - cote // 2, cote, cote).toRectF(),
                        p.statut, theme.couleur(fond))
        x += cote + theme.espace(8)
        self._textes(painter, zone, x, p)
        if courant and liste.hasFocus():
            painter.setPen(QPen(theme.couleur("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(zone.adjusted(1, 1, -1, -2), 3, 3)
        painter.restore()

    def _numero(self, painter: QPainter, zone: QRect, x: int, rang: int) -> int:
        """Key cap of the row; returns the next abscissa."""
        if rang > 8:
            return x + theme.espace(26)
        cote = theme.espace(18)
        case = QRect(x, zone.center().y() - cote // 2, cote, cote)
        painter.setPen(QPen(theme.couleur("bordure_forte"), 1))
        painter.setBrush(theme.couleur("surface2"))
        painter.drawRoundedRect(case.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.setFont(theme.police("micro", 600))
        painter.setPen(theme.couleur("texte2"))
        painter.drawText(case, int(Qt.AlignmentFlag.AlignCenter), str(rang + 1))
        return x + theme.espace(26)

    def _textes(self, painter: QPainter, zone: QRect, x: int, p: PatientResume) -> None:
        date_police = theme.police("body", chiffres=True)
        naissance = f"{dates.formater(p.date_naissance)}  {p.sexe}"
        large = QFontMetrics(date_police).horizontalAdvance(naissance)
        droite = zone.right() - theme.espace(10)
        centre = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(date_police)
        painter.setPen(theme.couleur("texte2"))
        painter.drawText(QRect(droite - large, zone.top(), large + 2, zone.height()), centre,
                         naissance)
        police = theme.police("body", 600)
        place = droite - large - theme.espace(12) - x
        painter.setFont(police)
        painter.setPen(theme.couleur("texte"))
        painter.drawText(QRect(x, zone.top(), place, zone.height()), centre,
                         QFontMetrics(police).elidedText(nom_complet(p),
                                                         Qt.TextElideMode.ElideRight, place))
