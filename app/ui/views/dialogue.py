"""A modal dialog over a veil: the window behind stays visible and quiet."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.views.elements import Etiquette

#: Room kept between a dialog and the edges of the window, px.
MARGE = 16
#: Least height of a body that scrolls, px at 100 % text.
CORPS_MIN = 96
ABANDON = "Votre saisie n’est pas enregistrée. Échap une seconde fois l’abandonne."


_SAISIES = (QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit, QCheckBox)


class _Voile(QWidget):
    """Darkens the window under the dialog."""

    def __init__(self, fenetre: QWidget) -> None:
        super().__init__(fenetre)
        self.setGeometry(fenetre.rect())
        fenetre.installEventFilter(self)
        self.show()
        self.raise_()

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        if evenement.type() == QEvent.Type.Resize and isinstance(objet, QWidget):
            self.setGeometry(objet.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme.voile())


class _Page(QWidget):
    """What the body holds; says when it needs another height."""

    change = Signal()

    def event(self, evenement: QEvent) -> bool:
        fait = super().event(evenement)
        if evenement.type() == QEvent.Type.LayoutRequest:
            self.change.emit()
        return fait


class _Defilement(QScrollArea):
    """The body: as high as its page asks for, and scrolled when the window is lower."""

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        theme.poser(page, fond="surface")
        self.setWidget(page)

    def _haut(self, largeur: int) -> int:
        page = self.widget()
        disposition = page.layout() if page is not None else None
        if disposition is None:
            return 0
        if disposition.hasHeightForWidth():
            return disposition.totalHeightForWidth(largeur)
        return disposition.totalSizeHint().height()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, largeur: int) -> int:
        return self._haut(largeur)

    def sizeHint(self) -> QSize:
        page = self.widget()
        return page.sizeHint() if page is not None else QSize(0, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self._haut(max(self.width(), 1)), theme.espace(CORPS_MIN)))


class Dialogue(QDialog):
    """Frameless dialog with a title row, a body that scrolls and a docked footer.

    Fill `tete`, `corps` and `pied`; Échap rejects, at the second time when something was typed.
    Entrée presses the default button, or goes to the next field of a long form
    (`ENTREE_AVANCE`), which Ctrl+Entrée validates. It is window-modal: timers, card and services go
    on living behind it.

    Args:
        largeur: px at 100 % text.
        defile: False for a body that scrolls by itself (a page, a text editor).
    """

    #: A long form: Entrée goes to the next field, Ctrl+Entrée presses the principal button.
    ENTREE_AVANCE = False

    def __init__(self, titre: str, parent: QWidget, largeur: int = 824, *,
                 defile: bool = True) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(titre)
        self.setAccessibleName(titre)
        self._largeur, self._sur = largeur, parent
        self._voile: _Voile | None = None
        self._place = False
        # A child: it dies with a dialog closed in the turn where it opened.
        self._bientot = QTimer(self, singleShot=True, interval=0)
        self._bientot.timeout.connect(self._mesurer_encore)
        self._prevenu: tuple[str, ...] = ()
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        cadre = QFrame()
        theme.poser(cadre, carte="flottante")
        colonne.addWidget(cadre)
        interieur = QVBoxLayout(cadre)
        interieur.setContentsMargins(1, 1, 1, 1)
        interieur.setSpacing(0)
        interieur.addWidget(self._composer_tete(titre))
        self.defilement: QScrollArea | None = None
        if defile:
            page = _Page()
            self.corps = QVBoxLayout(page)
            page.change.connect(self.adjustSize)
            self.defilement = _Defilement(page)
            interieur.addWidget(self.defilement, 1)
        else:
            self.corps = QVBoxLayout()
            interieur.addLayout(self.corps, 1)
        self.corps.setContentsMargins(0, 0, 0, 0)
        self.corps.setSpacing(0)
        self._abandon = Etiquette(ABANDON, "body", "alerte", 600)
        self._abandon.setWordWrap(True)
        self._abandon.setContentsMargins(20, 8, 20, 8)
        self._abandon.hide()
        interieur.addWidget(self._abandon)
        interieur.addWidget(self._composer_pied())

    def _composer_tete(self, titre: str) -> QWidget:
        entete = QWidget()
        rangee = QHBoxLayout(entete)
        rangee.setContentsMargins(20, 16, 20, 12)
        textes = QVBoxLayout()
        textes.setSpacing(2)
        self.titre = Etiquette(titre, "page")
        self.titre.setWordWrap(True)
        self.sous_titre = Etiquette("", "body", "texte2")
        self.sous_titre.setWordWrap(True)
        self.sous_titre.hide()
        textes.addWidget(self.titre)
        textes.addWidget(self.sous_titre)
        rangee.addLayout(textes, 1)
        self.tete = QHBoxLayout()
        self.tete.setSpacing(8)
        rangee.addLayout(self.tete)
        return entete

    def _composer_pied(self) -> QWidget:
        """Docked buttons; those at the left go on a row of their own when the text is large."""
        self.bas = QFrame()
        theme.poser(self.bas, fond="surface2", trait="haut")
        rangees = QVBoxLayout(self.bas)
        rangees.setContentsMargins(20, 12, 20, 12)
        rangees.setSpacing(8)
        self._pied_haut = QHBoxLayout()
        self.pied = QHBoxLayout()
        for rangee in (self._pied_haut, self.pied):
            rangee.setSpacing(8)
            rangees.addLayout(rangee)
        return self.bas

    def _replier_pied(self) -> None:
        """Move what doesn't fit in the footer's row to the one above, from the left."""
        marges = self.bas.contentsMargins()
        place = self.width() - 42 - marges.left() - marges.right()
        while self.pied.sizeHint().width() > place:
            elements = [e.widget() for n in range(self.pied.count())
                        if (e := self.pied.itemAt(n)) is not None]
            widgets = [w for w in elements if w is not None]
            if len(widgets) < 2:
                return
            if not self._pied_haut.count():
                self._pied_haut.addStretch(1)
            gauche = elements.index(None) if None in elements else 0  # those before the stretch
            for widget in widgets[:max(gauche, 1)]:
                self.pied.removeWidget(widget)
                self._pied_haut.insertWidget(self._pied_haut.count() - 1, widget)
            self.pied.invalidate()

    def expliquer(self, texte: str) -> None:
        """Sentence under the title."""
        self.sous_titre.setText(texte)
        self.sous_titre.setVisible(bool(texte))

    def renommer(self, titre: str) -> None:
        """Change the title, for the eyes and for a screen reader."""
        self.titre.setText(titre)
        self.setWindowTitle(titre)
        self.setAccessibleName(titre)

    # -- Size and place ---------------------------------------------------------------------

    def adjustSize(self) -> None:
        """The height that shows everything at this width: wrapped sentences count whole (Qt's own
        measures them on one line, and cuts the fields below).

        Done again at the next turn of the loop: what was just added isn't visible yet.
        """
        self._mesurer()
        self._bientot.start()

    def _mesurer_encore(self) -> None:
        self._mesurer()
        self._montrer_focus()

    def _mesurer(self) -> None:
        disposition = self.layout()
        if disposition is None or not self.isVisible():
            return
        self._replier_pied()
        if self.defilement is not None:
            self.defilement.setVisible(self.corps.count() > 0)
            self.defilement.updateGeometry()
        disposition.activate()
        largeur = self.width()
        haut = (disposition.totalHeightForWidth(largeur) if disposition.hasHeightForWidth()
                else disposition.totalSizeHint().height())
        place = self._fenetre().height() - 2 * MARGE
        haut = max(min(haut, place), disposition.totalMinimumSize().height())
        if haut != self.height():
            self.resize(largeur, haut)
        if self._place:
            self._rester_dans_la_fenetre()

    def _fenetre(self) -> QWidget:
        """The main window, even for a dialog opened over another one."""
        fenetre = self._sur.window()
        while (parent := fenetre.parentWidget()) is not None:
            fenetre = parent.window()
        return fenetre

    def _rester_dans_la_fenetre(self) -> None:
        """A dialog that grew moves up, and only as much as it must."""
        cadre = self._fenetre()
        haut = cadre.mapToGlobal(cadre.rect().topLeft()).y()
        bas = haut + cadre.height() - MARGE - self.height()
        if self.y() > max(bas, haut + MARGE):
            self.move(self.x(), max(bas, haut + MARGE))

    def focusNextPrevChild(self, suivant: bool) -> bool:
        """Tab also scrolls, from the footer to the body as within it."""
        fait = super().focusNextPrevChild(suivant)
        self._montrer_focus()
        return fait

    def _montrer_focus(self) -> None:
        """Scroll to what has the keyboard."""
        actif = self.focusWidget()
        page = self.defilement.widget() if self.defilement is not None else None
        if self.defilement is not None and page is not None and actif is not None \
                and page.isAncestorOf(actif):
            self.defilement.ensureWidgetVisible(actif, 0, theme.espace(24))

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the veil and centre over the window."""
        super().showEvent(event)
        self._entrer()
        fenetre = self._fenetre()
        if self._voile is None:
            self._voile = _Voile(self._sur.window())
        self.setFixedWidth(min(theme.espace(self._largeur), fenetre.width() - 3 * MARGE))
        self._place = False
        self.adjustSize()
        centre = fenetre.mapToGlobal(fenetre.rect().center())
        self.move(centre.x() - self.width() // 2,
                  max(fenetre.mapToGlobal(fenetre.rect().topLeft()).y() + MARGE,
                      centre.y() - self.height() // 2))
        self._place = True

    def _entrer(self) -> None:
        """The keyboard begins in the first field (Qt gives it to the default button)."""
        page = self.defilement.widget() if self.defilement is not None else None
        if page is None or page.isAncestorOf(self.focusWidget() or self):
            return
        for champ in page.findChildren(QWidget):
            if isinstance(champ, _SAISIES) and champ.isEnabled() and champ.isVisibleTo(page) \
                    and champ.focusPolicy() & Qt.FocusPolicy.TabFocus:
                champ.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    # -- Keyboard and closing ---------------------------------------------------------------

    def saisie(self) -> tuple[str, ...]:
        """Words typed here that closing would lose (a password or a search isn't one)."""
        champs = [c.text().strip() for c in self.findChildren(QLineEdit)
                  if c.isModified() and not c.isReadOnly() and not c.property("sans_perte")
                  and c.echoMode() is QLineEdit.EchoMode.Normal]
        zones: list[QTextEdit | QPlainTextEdit] = [*self.findChildren(QTextEdit),
                                                   *self.findChildren(QPlainTextEdit)]
        textes = [t.toPlainText().strip() for t in zones
                  if t.document().isModified() and not t.isReadOnly()]
        return tuple(x for x in (*champs, *textes) if x)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Échap closes; over something typed since, it says so first."""
        if event.key() == Qt.Key.Key_Escape and (saisie := self.saisie()) \
                and saisie != self._prevenu:
            self._prevenu = saisie
            self._abandon.show()
            self.setAccessibleDescription(ABANDON)
            self.adjustSize()
            return
        if self.ENTREE_AVANCE and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._valider_par_clavier()
            else:
                self.focusNextChild()
            return
        super().keyPressEvent(event)

    def _valider_par_clavier(self) -> None:
        for bouton in self.bas.findChildren(QPushButton):
            if bouton.property("role") == "principal" and bouton.isVisible():
                bouton.click()
                return

    def done(self, resultat: int) -> None:
        """Take the veil away with the dialog, however it closes."""
        self._bientot.stop()
        if self._voile is not None:
            self._voile.hide()
            self._voile.deleteLater()
            self._voile = None
        super().done(resultat)
