"""A tick box whose sentence may be longer than a line."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QWidget

from app.ui.views.elements import Etiquette


class CaseLongue(QWidget):
    """A tick box whose sentence wraps and ticks it too."""

    def __init__(self, texte: str) -> None:
        super().__init__()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(8)
        self.case = QCheckBox()
        self.case.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.case.setAccessibleName(texte)
        etiquette = Etiquette(texte, "body")
        etiquette.setWordWrap(True)
        etiquette.setBuddy(self.case)
        etiquette.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        rangee.addWidget(self.case, 0, Qt.AlignmentFlag.AlignTop)
        rangee.addWidget(etiquette, 1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click anywhere on the line ticks it."""
        self.case.toggle()
