"""Pages one over the other, as high as the one that is shown."""

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget


class Pile(QStackedWidget):
    """A QStackedWidget without a gap under a low page: Qt keeps the place of the highest one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(lambda _: self._tenir())

    def addWidget(self, page: QWidget) -> int:
        rang = super().addWidget(page)
        self._tenir()
        return rang

    def _tenir(self) -> None:
        """Only the page that is shown asks for a height."""
        for rang in range(self.count()):
            page = self.widget(rang)
            if page is not None:
                page.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred
                                   if rang == self.currentIndex() else QSizePolicy.Policy.Ignored)
        self.updateGeometry()
