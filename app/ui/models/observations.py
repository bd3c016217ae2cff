"""Item model of the notes of a patient, newest first."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain import dates
from app.domain.patient import Observation

Index = QModelIndex | QPersistentModelIndex

#: The whole note.
ROLE_OBSERVATION = Qt.ItemDataRole.UserRole + 1


def moment(observation: Observation) -> str:
    """« 20/11/2026 à 08:51 »."""
    iso = observation.horodatage
    heure = f" à {iso[11:16]}" if len(iso) >= 16 else ""
    return f"{dates.formater(iso)[:10]}{heure}"


class ModeleObservations(QAbstractListModel):
    """The notes, in the order given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._observations: tuple[Observation, ...] = ()

    def definir(self, observations: Sequence[Observation]) -> None:
        """Show these notes."""
        self.beginResetModel()
        self._observations = tuple(observations)
        self.endResetModel()

    def ajouter(self, observation: Observation) -> None:
        """Put a new note on top, or replace the one with the same id."""
        for rang, ancienne in enumerate(self._observations):
            if ancienne.id == observation.id:
                self._observations = (*self._observations[:rang], observation,
                                      *self._observations[rang + 1:])
                self.dataChanged.emit(self.index(rang), self.index(rang))
                return
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._observations = (observation, *self._observations)
        self.endInsertRows()

    @property
    def observations(self) -> tuple[Observation, ...]:
        """The notes shown."""
        return self._observations

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._observations)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._observations):
            return None
        observation = self._observations[index.row()]
        if role == ROLE_OBSERVATION:
            return observation
        if role == Qt.ItemDataRole.DisplayRole:
            return observation.texte
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{moment(observation)}, {observation.auteur} : {observation.texte}"
        return None
