"""A combo box whose current choice elides instead of being cut, whole in its tooltip."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from app.ui.infobulle import sure

from app.ui.infobulle import sure


class Deroulante(QComboBox):
    """The choice shown ends by « … » when the box is narrower than it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentTextChanged.connect(lambda _: self.setToolTip(""))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.isEditable():
            super().paintEvent(event)
            return
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        zone = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option,
                                           QStyle.SubControl.SC_ComboBoxEditField, self)
        entier = option.currentText
        option.currentText = self.fontMetrics().elidedText(
            entier, Qt.TextElideMode.ElideRight, zone.width() - 4)
        if option.currentText != entier and not self.toolTip():
            self.setToolTip(sure(entier))
        peintre = QStylePainter(self)
        peintre.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        peintre.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
