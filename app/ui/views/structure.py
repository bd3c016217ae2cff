"""The structured view of a document: HTML of our own making, nothing fetched, nothing opened.

A document from outside is hostile: the HTML is built and sanitised below (`app/documents/html.py`),
and this widget refuses by itself every resource but the images carried in the text.
"""

import base64
import binascii
import re
from typing import Any

from PySide6.QtCore import QEvent, Qt, QThread, QUrl, Signal
from PySide6.QtGui import QFont, QImage, QKeyEvent, QTextDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import BoutonIcone, Etiquette

_IMAGE = re.compile(r'src="data:image/(?:png|jpeg|gif);base64,([A-Za-z0-9+/=\s]*)"')


class DocumentSur(QTextDocument):
    """A document that loads nothing: its images were put in it beforehand."""

    def loadResource(self, genre: int, nom: QUrl | str) -> Any:
        """Refuse every address, local files included."""
        return None


def preparer(html: str, fil: QThread | None = None) -> QTextDocument:
    """Build the document of an HTML text; may run in any thread.

    Args:
        fil: thread that will show it.
    """
    document = DocumentSur()
    police = QFont(theme.FAMILLE)
    police.setPointSizeF(10 * theme.echelle())
    document.setDefaultFont(police)
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(16)
    images: list[QImage] = []

    def sortir(trouve: re.Match[str]) -> str:
        try:
            octets = base64.b64decode(trouve[1], validate=False)
        except (binascii.Error, ValueError):
            octets = b""
        images.append(QImage.fromData(octets))
        return f'src="image:{len(images) - 1}"'

    texte = _IMAGE.sub(sortir, html)
    for rang, image in enumerate(images):
        document.addResource(QTextDocument.ResourceType.ImageResource.value,
                             QUrl(f"image:{rang}"), image)
    document.setHtml(texte)
    if fil is not None:
        document.moveToThread(fil)
    return document


class _Navigateur(QTextBrowser):
    """QTextBrowser that goes nowhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, role="nu")
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setReadOnly(True)
        self.setAccessibleName("Document structuré")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse
                                     | Qt.TextInteractionFlag.TextSelectableByKeyboard
                                     | Qt.TextInteractionFlag.LinksAccessibleByMouse
                                     | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.anchorClicked.connect(self._aller)

    def loadResource(self, genre: int, nom: QUrl | str) -> Any:
        """Refuse every address."""
        return None

    def _aller(self, lien: QUrl) -> None:
        """Follow a link inside the document only."""
        if lien.isRelative() and not lien.path() and lien.hasFragment():
            self.scrollToAnchor(lien.fragment())

    def doSetSource(self, nom: QUrl | str, /,
                    type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,
                    ) -> None:
        """Never navigate."""


class VueStructuree(QWidget):
    """The browser and its search line (Ctrl+F)."""

    ferme_recherche = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        self._recherche = QFrame()
        theme.poser(self._recherche, fond="surface2", trait="bas")
        rangee = QHBoxLayout(self._recherche)
        rangee.setContentsMargins(12, 6, 8, 6)
        self.mot = QLineEdit()
        self.mot.setPlaceholderText("Chercher dans le document")
        self.mot.setAccessibleName("Chercher dans le document")
        self.mot.returnPressed.connect(lambda: self._chercher(True))
        self.mot.textEdited.connect(lambda _: self._chercher(False))
        self._bilan = Etiquette("", "small", "texte2")
        fermer = BoutonIcone("x", "Fermer la recherche (Échap)", bordure=False)
        fermer.clicked.connect(self.fermer_recherche)
        rangee.addWidget(self.mot, 1)
        rangee.addWidget(self._bilan)
        rangee.addWidget(fermer)
        self._recherche.hide()
        self.navigateur = _Navigateur()
        colonne.addWidget(self._recherche)
        colonne.addWidget(self.navigateur, 1)
        self._document: QTextDocument | None = None
        self._points = 10.0
        self.mot.installEventFilter(self)

    def definir(self, document: QTextDocument) -> None:
        """Show a document made by `preparer`."""
        document.setParent(self)
        ancien, self._document = self._document, document
        self.navigateur.setDocument(document)
        self.navigateur.verticalScrollBar().setValue(0)
        if ancien is not None:
            ancien.deleteLater()
        self._points = 10.0

    def vider(self) -> None:
        """Forget the document shown."""
        self.definir(DocumentSur())

    def zoomer(self, pas: int) -> None:
        """One step in or out."""
        self.navigateur.zoomIn(pas)

    def ouvrir_recherche(self) -> None:
        """Show the search line (Ctrl+F)."""
        self._recherche.show()
        self.mot.setFocus(Qt.FocusReason.OtherFocusReason)
        self.mot.selectAll()

    def fermer_recherche(self) -> None:
        """Hide the search line."""
        self._recherche.hide()
        self.navigateur.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ferme_recherche.emit()

    def _chercher(self, suivant: bool) -> None:
        mot = self.mot.text()
        if not suivant:
            curseur = self.navigateur.textCursor()
            curseur.setPosition(curseur.selectionStart())
            self.navigateur.setTextCursor(curseur)
        if not mot:
            self._bilan.setText("")
            return
        trouve = self.navigateur.find(mot)
        if not trouve:
            curseur = self.navigateur.textCursor()
            curseur.movePosition(curseur.MoveOperation.Start)
            self.navigateur.setTextCursor(curseur)
            trouve = self.navigateur.find(mot)
        self._bilan.setText("" if trouve else "Aucun résultat")

    def eventFilter(self, objet: Any, event: QEvent) -> bool:
        if objet is self.mot and isinstance(event, QKeyEvent) \
                and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.fermer_recherche()
            return True
        return super().eventFilter(objet, event)
