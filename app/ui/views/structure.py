"""The structured view of a document: HTML of our own making, nothing fetched, nothing opened.

A document from outside is hostile: the HTML is built and sanitised below (`app/documents/html.py`),
and this widget refuses by itself every resource but the images carried in the text.
"""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QImage,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.barre_recherche import BarreRecherche


@dataclass(frozen=True, slots=True)
class Decoupe:
    """A structured view in pieces: style sheet, HTML of each piece, images named `image:0`…"""

    style: str
    morceaux: tuple[str, ...]
    images: tuple[QImage, ...] = ()


class DocumentSur(QTextDocument):
    """A document that loads nothing: its images are put in it beforehand."""

    def loadResource(self, genre: int, nom: QUrl | str) -> Any:
        """Refuse every address, local files included."""
        return None


def nouveau_document(decoupe: Decoupe) -> QTextDocument:
    """An empty document with the style and the images of `decoupe`."""
    document = DocumentSur()
    document.setDefaultFont(theme.police("body"))
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(16)
    document.setDefaultStyleSheet(decoupe.style)
    for rang, image in enumerate(decoupe.images):
        document.addResource(QTextDocument.ResourceType.ImageResource.value,
                             QUrl(f"image:{rang}"), image)
    return document


class _Navigateur(QTextBrowser):
    """QTextBrowser that goes nowhere."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Paper stays white in both themes: the colours of a document suppose it.
        theme.poser(self, role="papier")
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
        self._recherche = BarreRecherche()
        self.mot, self._bilan = self._recherche.mot, self._recherche.bilan
        self._recherche.saisi.connect(lambda _: self._chercher(False))
        self._recherche.pas.connect(lambda pas: self._chercher(True, arriere=pas < 0))
        self._recherche.ferme.connect(self._ferme)
        self.navigateur = _Navigateur()
        colonne.addWidget(self._recherche)
        colonne.addWidget(self.navigateur, 1)
        self._document: QTextDocument | None = None
        self._restants: list[str] = []
        self._suite = QTimer(self)
        self._suite.setInterval(4)
        self._suite.timeout.connect(self._ajouter)
        self._entier = False
        self.navigateur.verticalScrollBar().valueChanged.connect(lambda _: self._avancer())

    def definir(self, decoupe: Decoupe) -> None:
        """Show a document: its first piece now, the others between the frames."""
        self._suite.stop()
        document = nouveau_document(decoupe)
        document.setParent(self)
        ancien, self._document = self._document, document
        self._restants = list(decoupe.morceaux)
        self._entier = not self._recherche.isHidden()
        self._ajouter()
        self.navigateur.setDocument(document)
        self.navigateur.verticalScrollBar().setValue(0)
        if ancien is not None:
            ancien.deleteLater()
        if self._restants:
            self._suite.start()

    def _ajouter(self) -> None:
        """Add one piece at the end; the place read and the selection stay."""
        if not self._restants or self._document is None or not self._manque():
            self._suite.stop()
            return
        curseur = QTextCursor(self._document)
        curseur.movePosition(QTextCursor.MoveOperation.End)
        if not self._document.isEmpty():
            bloc = QTextBlockFormat()
            bloc.setLineHeight(1, QTextBlockFormat.LineHeightTypes.FixedHeight.value)
            curseur.insertBlock(bloc, QTextCharFormat())
        curseur.insertHtml(self._restants.pop(0))

    def _manque(self) -> bool:
        """True while less than three screens are ready below what is read.

        A long document is laid out as it is read; a search needs it whole.
        """
        barre = self.navigateur.verticalScrollBar()
        reste = barre.maximum() - barre.value()
        return self._entier or self._document is not self.navigateur.document() or \
            reste < 3 * self.navigateur.viewport().height()

    def _avancer(self) -> None:
        if self._restants and not self._suite.isActive() and self._manque():
            self._suite.start()

    @property
    def complete(self) -> bool:
        """True once every piece is there."""
        return not self._restants

    def vider(self) -> None:
        """Forget the document shown."""
        self.definir(Decoupe("", ()))

    def zoomer(self, pas: int) -> None:
        """One step in or out."""
        self.navigateur.zoomIn(pas)

    def ouvrir_recherche(self) -> None:
        """Show the search line (Ctrl+F); what was not laid out yet is."""
        self._entier = True
        self._avancer()
        self._recherche.ouvrir()

    def _ferme(self) -> None:
        self.navigateur.setFocus(Qt.FocusReason.OtherFocusReason)
        self.ferme_recherche.emit()

    def _chercher(self, suivant: bool, *, arriere: bool = False) -> None:
        mot = self.mot.text()
        if not suivant:
            curseur = self.navigateur.textCursor()
            curseur.setPosition(curseur.selectionStart())
            self.navigateur.setTextCursor(curseur)
        if not mot:
            self._bilan.setText("")
            return
        sens = QTextDocument.FindFlag.FindBackward if arriere else QTextDocument.FindFlag(0)
        trouve = self.navigateur.find(mot, sens)
        if not trouve:
            curseur = self.navigateur.textCursor()
            curseur.movePosition(curseur.MoveOperation.End if arriere
                                 else curseur.MoveOperation.Start)
            self.navigateur.setTextCursor(curseur)
            trouve = self.navigateur.find(mot, sens)
        self._bilan.setText("" if trouve else "Aucun résultat")
