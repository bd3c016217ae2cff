"""Rows of the search everywhere: groups and results."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.identity import StatutIdentite

Index = QModelIndex | QPersistentModelIndex
ROLE_RESULTAT = Qt.ItemDataRole.UserRole + 1


@dataclass(frozen=True, slots=True)
class Resultat:
    """One row: a patient, an action, or a remark that can't be chosen.

    `cle` says what it opens: « patient:12 », « action:nouveau_patient »; empty = a remark.
    """

    groupe: str
    cle: str
    titre: str
    detail: str = ""
    icone: str = ""
    statut: StatutIdentite | None = None
    touche: str = ""


@dataclass(frozen=True, slots=True)
class TitreGroupe:
    """A group's head."""

    titre: str


class ModeleRecherche(QAbstractListModel):
    """Results cut by group heads, which can't be selected."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lignes: list[Resultat | TitreGroupe] = []

    def definir(self, resultats: Sequence[Resultat]) -> None:
        """Replace every row."""
        self.beginResetModel()
        self._lignes = []
        groupe = ""
        for resultat in resultats:
            if resultat.groupe != groupe:
                groupe = resultat.groupe
                self._lignes.append(TitreGroupe(groupe))
            self._lignes.append(resultat)
        self.endResetModel()

    def ligne(self, rang: int) -> Resultat | TitreGroupe | None:
        """Value of a row."""
        return self._lignes[rang] if 0 <= rang < len(self._lignes) else None

    def choisissable(self, rang: int) -> bool:
        """True when the row opens something."""
        valeur = self.ligne(rang)
        return isinstance(valeur, Resultat) and bool(valeur.cle)

    def voisine(self, rang: int, pas: int) -> int:
        """Next row that may be chosen in a direction, around the ends; -1 without any."""
        nombre = len(self._lignes)
        for i in range(1, nombre + 1):
            candidat = (rang + i * pas) % nombre
            if self.choisissable(candidat):
                return candidat
        return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lignes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.choisissable(index.row()):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        valeur = self.ligne(index.row())
        if valeur is None:
            return None
        if role == ROLE_RESULTAT:
            return valeur
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if isinstance(valeur, TitreGroupe):
                return valeur.titre
            return ", ".join(filter(None, (valeur.titre, valeur.detail)))
        return None
