"""The navigation rail: one entry a page, icon over text, counter pill."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.infobulle import sure
from app.ui.jetons import HAUTEUR_BARRE, LARGEUR_RAIL
from app.ui.views.marque import Marque


def largeur_rail() -> int:
    """84 px, more only when the text asks for it: at 200 % the page needs the place."""
    mot = QFontMetrics(theme.police("micro", 600)).horizontalAdvance("Tournée")
    return max(LARGEUR_RAIL, mot + 40)


class EntreeRail(QAbstractButton):
    """One page. `compteur` hides at 0 and is red for failures only."""

    def __init__(self, icone: str, titre: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icone = icone
        self._compteur, self._echec = 0, False
        self._titre, self._serre = titre, False
        self._libelle = titre.replace("\n", " ")
        self.setText(titre)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self._libelle)

    @property
    def compteur(self) -> int:
        """Number shown in the pill."""
        return self._compteur

    def definir_compteur(self, nombre: int, *, echec: bool = False) -> None:
        """Show a number; 0 hides the pill."""
        if (nombre, echec) == (self._compteur, self._echec):
            return
        self._compteur, self._echec = nombre, echec
        suite = "" if not nombre else f", {nombre} à traiter"
        self.setAccessibleName(self._libelle + suite)
        self.update()

    def serrer(self, serre: bool) -> None:
        """One line, less room around: a low window with a large text."""
        if serre != self._serre:
            self._serre = serre
            self.setText(self._titre.split("\n")[0] if serre else self._titre)
            self.updateGeometry()
            self.update()

    @property
    def _marge(self) -> int:
        return 4 if self._serre else 9

    def _police(self) -> QFont:
        return theme.police("micro", 600 if self.isChecked() else 500)

    def sizeHint(self) -> QSize:
        lignes = self.text().count("\n") + 1
        haut = QFontMetrics(theme.police("micro", 600)).height()
        return QSize(largeur_rail(),
                     theme.espace(22) + haut * lignes + theme.espace(4) + 2 * self._marge + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        choisi = self.isChecked()
        if choisi or self.underMouse():
            peintre.fillRect(self.rect(), theme.couleur("nuit2"))
        if choisi:
            peintre.fillRect(0, 0, 3, self.height(), theme.couleur("etoile"))
        ton = "blanc_nuit" if choisi else "sur_nuit"
        cote = theme.espace(22)
        dessin = QRect((self.width() - cote) // 2, self._marge, cote, cote)
        theme.icone(self._icone, ton, 22).paint(peintre, dessin)
        police = self._police()
        peintre.setFont(police)
        peintre.setPen(theme.couleur(ton))
        texte = QRect(2, dessin.bottom() + theme.espace(4), self.width() - 4,
                      self.height() - dessin.bottom())
        peintre.drawText(texte, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop),
                         self.text())
        if self._compteur:
            self._pastille(peintre, dessin)
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus_nuit"), 2))
            peintre.setBrush(Qt.BrushStyle.NoBrush)
            peintre.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 4, 4)

    def _pastille(self, peintre: QPainter, dessin: QRect) -> None:
        texte = str(self._compteur) if self._compteur < 100 else "99+"
        police = theme.police("micro", 700)
        mesure = QFontMetrics(police)
        haut = mesure.height() + 2
        large = max(haut, mesure.horizontalAdvance(texte) + theme.espace(9))
        zone = QRectF(min(dessin.right() - 1, self.width() - large - 4), dessin.top() - 4, large,
                      haut)
        suffixe = "_echec" if self._echec else ""
        peintre.setPen(Qt.PenStyle.NoPen)
        peintre.setBrush(theme.couleur(f"compteur{suffixe}"))
        peintre.drawRoundedRect(zone, haut / 2, haut / 2)
        peintre.setPen(theme.couleur(f"sur_compteur{suffixe}"))
        peintre.setFont(police)
        peintre.drawText(zone, int(Qt.AlignmentFlag.AlignCenter), texte)


class _Version(QAbstractButton):
    """The version number, which opens À propos."""

    def __init__(self, texte: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(texte)
        self.setAccessibleName(f"Version {texte.removeprefix('v ')}, à propos de Pléiade")
        self.setToolTip("À propos de Pléiade")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(largeur_rail(), max(24, QFontMetrics(theme.police("micro")).height() + 8))

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.setFont(theme.police("micro"))
        peintre.setPen(theme.couleur("blanc_nuit" if self.underMouse() else "sur_nuit"))
        peintre.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
        if self.hasFocus():
            peintre.setPen(QPen(theme.couleur("focus_nuit"), 2))
            peintre.drawRoundedRect(QRectF(self.rect()).adjusted(6, 1, -6, -1), 4, 4)


class Rail(QFrame):
    """The column at the left of the window."""

    #: Name of the page asked for.
    demande = Signal(str)
    a_propos = Signal()

    def __init__(self, version: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        self.setAccessibleName("Navigation")
        self._entrees: dict[str, EntreeRail] = {}
        self._groupe = QButtonGroup(self)
        self._colonne = QVBoxLayout(self)
        self._colonne.setContentsMargins(0, 0, 0, theme.espace(8))
        self._colonne.setSpacing(0)
        self._tete = QWidget()
        haut = QVBoxLayout(self._tete)
        haut.setContentsMargins(0, 0, 0, 0)
        haut.addWidget(Marque(34), 0, Qt.AlignmentFlag.AlignCenter)
        self._colonne.addWidget(self._tete)
        self._fin = 1
        self._colonne.addStretch(1)
        self._version = _Version(f"v {version}")
        self._version.clicked.connect(self.a_propos)
        self._colonne.addWidget(self._version)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self.setFixedWidth(largeur_rail())
        self._tete.setFixedHeight(max(HAUTEUR_BARRE, theme.espace(HAUTEUR_BARRE)))
        self._serrer()

    def _serrer(self) -> None:
        """Every entry stays whole: their second line goes when the window is too low for it."""
        entrees = [e for e in self._entrees.values() if not e.isHidden()]
        for entree in entrees:
            entree.serrer(False)
        besoin = sum(e.sizeHint().height() for e in entrees) + self._tete.height() \
            + self._version.sizeHint().height() + theme.espace(8)
        for entree in entrees:
            entree.serrer(besoin > self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._serrer()

    def ajouter(self, nom: str, icone: str, titre: str, *, en_bas: bool = False) -> EntreeRail:
        """Add an entry; its keyboard shortcut is its rank (Ctrl+1, Ctrl+2…)."""
        entree = EntreeRail(icone, titre, self)
        entree.clicked.connect(lambda: self.demande.emit(nom))
        self._groupe.addButton(entree)
        self._entrees[nom] = entree
        entree.setToolTip(sure(f"Ctrl+{len(self._entrees)}"))
        if en_bas:
            self._colonne.insertWidget(self._colonne.count() - 1, entree)
        else:
            self._colonne.insertWidget(self._fin, entree)
            self._fin += 1
        return entree

    def noms(self) -> list[str]:
        """Entries in order."""
        return list(self._entrees)

    def entree(self, nom: str) -> EntreeRail | None:
        """The entry of a page, or None when the page has none."""
        return self._entrees.get(nom)

    def choisir(self, nom: str) -> None:
        """Show which page is open, without emitting; "" = none of them."""
        entree = self._entrees.get(nom)
        if entree is not None:
            entree.setChecked(True)
        else:
            self._groupe.setExclusive(False)
            for autre in self._entrees.values():
                autre.setChecked(False)
            self._groupe.setExclusive(True)
        self._garder_au_clavier()

    def montrer(self, nom: str, visible: bool) -> None:
        """Show or hide an entry."""
        entree = self._entrees.get(nom)
        if entree is not None:
            entree.setVisible(visible)
            self._garder_au_clavier()

    def _garder_au_clavier(self) -> None:
        """Tab enters the rail by the page that is open, arrows go on from there. (Qt leaves that
        place to the last entry clicked, be it hidden since: the rail would be closed.)"""
        visibles = [e for e in self._entrees.values() if not e.isHidden()]
        entree = next((e for e in visibles if e.isChecked()), visibles[0] if visibles else None)
        for autre in self._entrees.values():
            autre.setFocusPolicy(Qt.FocusPolicy.StrongFocus if autre is entree
                                 else Qt.FocusPolicy.ClickFocus)
