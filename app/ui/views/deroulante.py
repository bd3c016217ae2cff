"""A combo box whose current choice elides instead of being cut, whole in its tooltip."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from app.ui.infobulle import sure


class Deroulante(QComboBox):
    """The choice shown ends by « … » when the box is narrower than it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bulle = ""

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
        bulle = entier if option.currentText != entier else ""
        if bulle != self._bulle and self.toolTip() in ("", sure(self._bulle)):
            self._bulle = bulle  # a tooltip that the page gave stays
            self.setToolTip(sure(bulle))
        peintre = QStylePainter(self)
        peintre.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        peintre.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
