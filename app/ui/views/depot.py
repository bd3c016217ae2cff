"""Files dropped on the window: a veil says where they go, then their paths are handed over."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from app.ui import theme


class _Voile(QWidget):
    """Covers the window while files hang over it."""

    def __init__(self, fenetre: QWidget) -> None:
        super().__init__(fenetre)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.texte = ""
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        peintre = QPainter(self)
        peintre.setRenderHint(QPainter.RenderHint.Antialiasing)
        peintre.fillRect(self.rect(), theme.voile())
        large, haut = theme.espace(460), theme.espace(120)
        cadre = QRectF((self.width() - large) / 2, (self.height() - haut) / 2, large, haut)
        peintre.setBrush(theme.couleur("surface"))
        stylo = QPen(theme.couleur("accent"), 2, Qt.PenStyle.DashLine)
        peintre.setPen(stylo)
        peintre.drawRoundedRect(cadre, 8, 8)
        cote = theme.espace(32)
        theme.icone("upload", "accent", 32).paint(peintre, round(cadre.center().x() - cote / 2),
                                                  round(cadre.top() + theme.espace(20)), cote,
                                                  cote)
        peintre.setPen(theme.couleur("texte"))
        peintre.setFont(theme.police("title"))
        peintre.drawText(cadre.adjusted(12, theme.espace(58), -12, -10),
                         int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.texte)


class ZoneDepot(QObject):
    """Makes a window accept files.

    Args:
        fenetre: the window.
        annonce: gives the words of the veil, "" refuses the files (locked window).
    """

    #: Paths of the files dropped.
    depose = Signal(list)

    def __init__(self, fenetre: QWidget, annonce: Callable[[], str]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._annonce = fenetre, annonce
        self._voile = _Voile(fenetre)
        fenetre.setAcceptDrops(True)
        fenetre.installEventFilter(self)

    def eventFilter(self, objet: QObject, evenement: QEvent) -> bool:
        if objet is not self._fenetre:
            return False
        if isinstance(evenement, QDropEvent) and evenement.type() == QEvent.Type.Drop:
            return self._deposer(evenement)
        if isinstance(evenement, QDragEnterEvent):
            return self._entrer(evenement)
        if isinstance(evenement, QDragMoveEvent):
            evenement.acceptProposedAction()
            return True
        if evenement.type() == QEvent.Type.DragLeave:
            self._voile.hide()
        return False

    def _entrer(self, evenement: QDragEnterEvent) -> bool:
        self._voile.texte = self._annonce() if chemins(evenement) else ""
        if not self._voile.texte:
            evenement.ignore()
            return True
        self._voile.setGeometry(self._fenetre.rect())
        self._voile.show()
        self._voile.raise_()
        evenement.acceptProposedAction()
        return True

    def _deposer(self, evenement: QDropEvent) -> bool:
        self._voile.hide()
        fichiers = chemins(evenement)
        if fichiers and self._annonce():
            # A copy is taken: the file manager must not delete what was moved.
            evenement.setDropAction(Qt.DropAction.CopyAction)
            evenement.accept()
            self.depose.emit(fichiers)
        else:
            evenement.ignore()
        return True


def chemins(evenement: QDropEvent) -> list[str]:
    """Local files and folders that an event carries."""
    return [url.toLocalFile() for url in evenement.mimeData().urls() if url.isLocalFile()]
