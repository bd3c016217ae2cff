"""A modal dialog over a veil: the window behind stays visible and quiet."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Etiquette


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


class Dialogue(QDialog):
    """Frameless dialog with a title row, a body and a docked footer.

    Fill `tete`, `corps` and `pied`; Échap rejects. It is window-modal: timers, card and services go
    on living behind it.
    """

    def __init__(self, titre: str, parent: QWidget, largeur: int = 824) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(titre)
        self.setAccessibleName(titre)
        self._largeur, self._sur = largeur, parent
        self._voile: _Voile | None = None
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        cadre = QFrame()
        theme.poser(cadre, carte="flottante")
        colonne.addWidget(cadre)
        interieur = QVBoxLayout(cadre)
        interieur.setContentsMargins(1, 1, 1, 1)
        interieur.setSpacing(0)
        entete = QWidget()
        rangee = QHBoxLayout(entete)
        rangee.setContentsMargins(20, 16, 20, 12)
        textes = QVBoxLayout()
        textes.setSpacing(2)
        self.titre = Etiquette(titre, "page")
        self.sous_titre = Etiquette("", "body", "texte2")
        self.sous_titre.setWordWrap(True)
        self.sous_titre.hide()
        textes.addWidget(self.titre)
        textes.addWidget(self.sous_titre)
        rangee.addLayout(textes, 1)
        self.tete = QHBoxLayout()
        self.tete.setSpacing(8)
        rangee.addLayout(self.tete)
        interieur.addWidget(entete)
        self.corps = QVBoxLayout()
        self.corps.setContentsMargins(0, 0, 0, 0)
        self.corps.setSpacing(0)
        interieur.addLayout(self.corps, 1)
        bas = QFrame()
        theme.poser(bas, fond="surface2", trait="haut")
        self.pied = QHBoxLayout(bas)
        self.pied.setContentsMargins(20, 12, 20, 12)
        self.pied.setSpacing(8)
        interieur.addWidget(bas)

    def expliquer(self, texte: str) -> None:
        """Sentence under the title."""
        self.sous_titre.setText(texte)
        self.sous_titre.setVisible(bool(texte))

    def adjustSize(self) -> None:
        """The height that shows everything at this width: wrapped sentences count whole (Qt's own
        measures them on one line, and cuts the fields below).

        Done again at the next turn of the loop: what was just added isn't visible yet.
        """
        self._mesurer()
        QTimer.singleShot(0, self, self._mesurer)

    def _mesurer(self) -> None:
        disposition = self.layout()
        if disposition is None or not self.isVisible():
            super().adjustSize()
            return
        disposition.activate()
        largeur = self.width()
        haut = (disposition.totalHeightForWidth(largeur) if disposition.hasHeightForWidth()
                else disposition.totalSizeHint().height())
        place = self._sur.window().height() - 32
        self.resize(largeur, max(min(haut, place), disposition.totalMinimumSize().height()))

    def showEvent(self, event: QShowEvent) -> None:
        """Lay the veil and centre over the window."""
        super().showEvent(event)
        fenetre = self._sur.window()
        if self._voile is None:
            self._voile = _Voile(fenetre)
        self.setFixedWidth(min(theme.espace(self._largeur), fenetre.width() - 48))
        self.adjustSize()
        centre = fenetre.mapToGlobal(fenetre.rect().center())
        self.move(centre.x() - self.width() // 2,
                  max(fenetre.mapToGlobal(fenetre.rect().topLeft()).y() + 16,
                      centre.y() - self.height() // 2))

    def done(self, resultat: int) -> None:
        """Take the veil away with the dialog, however it closes."""
        if self._voile is not None:
            self._voile.hide()
            self._voile.deleteLater()
            self._voile = None
        super().done(resultat)
