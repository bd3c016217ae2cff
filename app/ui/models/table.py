"""What every table of the window has: titled columns, and most often one value a row."""

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
L = TypeVar("L")


class ModeleTitres(QAbstractTableModel):
    """A table whose columns are named by `TITRES`, in the order of the screen."""

    TITRES: ClassVar[Sequence[str]] = ()

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.TITRES)

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.TITRES[section]
        return None


class ModeleLignes(ModeleTitres, Generic[L]):
    """One value a row; they are replaced whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lignes: list[L] = []

    def definir(self, lignes: Sequence[L]) -> None:
        """Show other lines; nothing moves when they are the same."""
        if list(lignes) == self._lignes:
            return
        self.beginResetModel()
        self._lignes = list(lignes)
        self.endResetModel()

    def ligne(self, rang: int) -> L | None:
        """The line of a row, or None."""
        return self._lignes[rang] if 0 <= rang < len(self._lignes) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lignes)
