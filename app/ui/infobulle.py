"""Tooltips that show a text as it is.

Qt takes a tooltip that looks like HTML for HTML: a title of a document from outside could lay out
the screen, or make the workstation fetch an image from a shared folder of the network, which tells
its server a digest of Windows's password.
"""

from html import escape

from PySide6.QtGui import Qt


def sure(texte: str | None) -> str:
    """The text for `setToolTip` or `ToolTipRole`: what would be read as HTML is shown as typed."""
    if not texte or not Qt.mightBeRichText(texte):
        return texte or ""
    return f"<span>{escape(texte, quote=True).replace(chr(10), '<br/>')}</span>"
