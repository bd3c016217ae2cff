"""A page of the documentation, read inside the program: no browser, no network."""

from typing import Any

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextTable,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton


class _Page(QTextBrowser):
    """Shows Markdown; follows no link, loads nothing."""

    def __init__(self, nom: str) -> None:
        super().__init__()
        self.setAccessibleName(nom)
        self.setOpenLinks(False)
        theme.poser(self, role="nu")

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), theme.espace(460))

    def loadResource(self, genre: int, nom: QUrl | str) -> Any:
        """Refuse every address."""
        return None


class DialoguePage(Dialogue):
    """One page, its first heading as the title. `texte`: its Markdown."""

    def __init__(self, texte: str, parent: QWidget) -> None:
        premiere, _, reste = texte.partition("\n")
        super().__init__(premiere.lstrip("# ").strip(), parent, largeur=820, defile=False)
        self.page = _Page(self.titre.text())
        self.page.document().setDefaultFont(theme.police("body"))
        self.page.document().setDocumentMargin(18)
        self.page.document().setMarkdown(reste, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self._habiller()
        self.corps.addWidget(self.page, 1)
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        fermer.setDefault(True)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
        self.page.setFocus(Qt.FocusReason.OtherFocusReason)

    def _habiller(self) -> None:
        """Tables with room, headings in the program's size, the top of the page shown."""
        document = self.page.document()
        bloc = document.begin()
        while bloc.isValid():
            if bloc.blockFormat().headingLevel():
                curseur = QTextCursor(bloc)
                curseur.select(QTextCursor.SelectionType.BlockUnderCursor)
                forme = QTextCharFormat()
                forme.setFont(theme.police("title", 600))
                forme.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
                curseur.mergeCharFormat(forme)
                marges = QTextBlockFormat()
                marges.setTopMargin(theme.espace(14))
                marges.setBottomMargin(theme.espace(4))
                curseur.mergeBlockFormat(marges)
            bloc = bloc.next()
        for cadre in document.rootFrame().childFrames():
            if isinstance(cadre, QTextTable):
                format_table = cadre.format()
                format_table.setCellPadding(theme.espace(5))
                format_table.setCellSpacing(0)
                format_table.setBorder(0)
                cadre.setFormat(format_table)
        self.page.setTextCursor(QTextCursor(document))
