"""A popover: a child frame raised over the content, closed by Échap or a click outside."""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from app.ui import theme


class Volet(QFrame):
    """Opens under an anchor widget, aligned to its right edge, inside the same window.

    It isn't a `Qt.Popup`: the window keeps the focus and goes on living.
    """

    ferme = Signal()

    def __init__(self, ancre: QWidget, largeur: int = 360) -> None:
        super().__init__(ancre.window())
        self._ancre, self._largeur = ancre, largeur
        theme.poser(self, carte="flottante")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.corps = QVBoxLayout(self)
        self.corps.setContentsMargins(0, 0, 0, 0)
        self.corps.setSpacing(0)
        self.hide()

    def ouvrir(self) -> None:
        """Show it and give the focus to its first control."""
        self.placer()
        self.show()
        self.placer()  # fonts are known now
        self.raise_()
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        premier = self.premier_controle()
        if premier is not None:
            premier.setFocus(Qt.FocusReason.PopupFocusReason)

    def premier_controle(self) -> QWidget | None:
        """First focusable control; overridden where another one is better."""
        for enfant in self.findChildren(QWidget):
            if enfant.focusPolicy() & Qt.FocusPolicy.TabFocus and not enfant.isHidden() \
                    and enfant.isEnabled():
                return enfant
        return None

    def placer(self) -> None:
        """Put it under its anchor, inside the window."""
        fenetre = self.window()
        large = min(theme.espace(self._largeur), fenetre.width() - 32)
        self.setFixedWidth(large)
        self.setMaximumHeight(fenetre.height() - 64)
        self.corps.activate()
        haut = self.corps.totalHeightForWidth(large) if self.corps.hasHeightForWidth() \
            else self.sizeHint().height()
        self.resize(large, min(haut, self.maximumHeight()))
        coin = self._ancre.mapTo(fenetre, QPoint(self._ancre.width(), self._ancre.height()))
        x = min(max(8, coin.x() - self.width()), fenetre.width() - self.width() - 8)
        self.move(x, min(coin.y() + 6, max(8, fenetre.height() - self.height() - 8)))

    def fermer(self) -> None:
        """Hide it and give the focus back to its anchor."""
        if self.isHidden():
            return
        application = QApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        focus = QApplication.focusWidget()
        dedans = focus is not None and self.isAncestorOf(focus)
        self.hide()
        if dedans:
            self._ancre.setFocus(Qt.FocusReason.PopupFocusReason)
        self.ferme.emit()

    def basculer(self) -> None:
        """Open or close."""
        if self.isHidden():
            self.ouvrir()
        else:
            self.fermer()

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        genre = evenement.type()
        if genre == QEvent.Type.MouseButtonPress and isinstance(evenement, QMouseEvent):
            point = evenement.globalPosition().toPoint()
            dedans = self.rect().contains(self.mapFromGlobal(point))
            sur_ancre = self._ancre.rect().contains(self._ancre.mapFromGlobal(point))
            if not dedans and not sur_ancre:
                self.fermer()
        elif genre == QEvent.Type.KeyPress and isinstance(evenement, QKeyEvent) \
                and evenement.key() == Qt.Key.Key_Escape and objet.isWidgetType():
            self.fermer()
            return True
        elif genre == QEvent.Type.Resize and objet is self.parentWidget():
            self.placer()
        return False
