"""Table model of the trail: pages are added at the end as they are asked for."""

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, Protocol

from PySide6.QtCore import QModelIndex, Qt

from app.domain.libelles_traces import libelle_acte, libelle_resultat
from app.domain.precisions_traces import libelle_precision
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleLignes

ROLE_LIGNE = Qt.ItemDataRole.UserRole + 1


class Ligne(Protocol):
    """A line of the trail, as the store gives it."""

    numero: int
    horodatage: str
    qui: str
    quoi: str
    sur_qui: str
    resultat: str
    detail: str


class Colonne(IntEnum):
    """Columns, in the order of the screen."""

    QUAND = 0
    QUI = 1
    QUOI = 2
    SUR = 3
    RESULTAT = 4
    DETAIL = 5


TITRES = ("Quand", "Qui", "Acte", "Sur", "Résultat", "Précision")


def quand(horodatage: str) -> str:
    """« 21/11/2026 11:35:02 »: the local time of the act."""
    return datetime.fromisoformat(horodatage).strftime("%d/%m/%Y %H:%M:%S")


def sur(texte: str) -> str:
    """A number alone is a patient file."""
    if texte and all(c.isdigit() or c == "," for c in texte):
        return "dossier " + texte.replace(",", ", ")
    return texte


class ModeleJournal(ModeleLignes[Any]):
    """Lines, newest first."""

    TITRES = TITRES

    def ajouter(self, lignes: Sequence[Any]) -> None:
        """Show older lines below."""
        if lignes:
            debut = len(self._lignes)
            self.beginInsertRows(QModelIndex(), debut, debut + len(lignes) - 1)
            self._lignes.extend(lignes)
            self.endInsertRows()

    @property
    def dernier_numero(self) -> int | None:
        """Number of the oldest line shown."""
        return self._lignes[-1].numero if self._lignes else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ligne = self.ligne(index.row())
        if ligne is None:
            return None
        if role == ROLE_LIGNE:
            return ligne
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texte(ligne, Colonne(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return sure(self.texte(ligne, Colonne(index.column())))
        return None

    @staticmethod
    def texte(ligne: Ligne, colonne: Colonne) -> str:
        """Words of a cell."""
        match colonne:
            case Colonne.QUAND:
                return quand(ligne.horodatage)
            case Colonne.QUI:
                return "Inconnu" if ligne.qui == "?" else ligne.qui
            case Colonne.QUOI:
                return libelle_acte(ligne.quoi)
            case Colonne.SUR:
                return sur(ligne.sur_qui)
            case Colonne.RESULTAT:
                return libelle_resultat(ligne.resultat)
            case _:
                return libelle_precision(ligne.quoi, ligne.detail)
