"""Item model of « À classer », and the words of its verdicts."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.entrant import EtatEntrant, LigneEntrant, VerdictEntrant
from app.domain.libelles import ORIGINES
from app.ui.infobulle import sure
from app.ui.models.etats_documents import EtatAffiche

Index = QModelIndex | QPersistentModelIndex
ROLE_LIGNE = Qt.ItemDataRole.UserRole + 1

VERDICTS: dict[VerdictEntrant, EtatAffiche] = {
    VerdictEntrant.EXACT: EtatAffiche("Correspondance exacte", "circle-check", "succes"),
    VerdictEntrant.A_COMPARER: EtatAffiche("À confirmer", "user-question", "info"),
    VerdictEntrant.DIFFERENT: EtatAffiche("Identité différente", "equal-not", "erreur"),
    VerdictEntrant.CONFLIT: EtatAffiche("Conflit", "alert-octagon", "erreur"),
    VerdictEntrant.INCONNU: EtatAffiche("Patient inconnu", "user-plus", "alerte"),
    VerdictEntrant.SANS_IDENTITE: EtatAffiche("Patient à choisir", "user-search", "alerte"),
    VerdictEntrant.DEJA: EtatAffiche("Déjà au dossier", "folder-check", "neutre"),
}
#: Said instead of the verdict of what was put aside.
ECARTE = EtatAffiche("Écarté", "archive", "texte2")


def etat_entrant(ligne: LigneEntrant) -> EtatAffiche:
    """What the list says of a line."""
    e = ligne.entrant
    return ECARTE if e.etat is EtatEntrant.ECARTE else VERDICTS[e.verdict]


def quand(iso: str, aujourdhui: str) -> str:
    """« 08:31 » today, else « 20/11 »."""
    return iso[11:16] if iso[:10] == aujourdhui else f"{iso[8:10]}/{iso[5:7]}"


class ModeleEntrants(QAbstractListModel):
    """What waits, newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lignes: tuple[LigneEntrant, ...] = ()

    def definir(self, lignes: Sequence[LigneEntrant]) -> None:
        """Show other lines."""
        self.beginResetModel()
        self._lignes = tuple(lignes)
        self.endResetModel()

    def remplacer(self, ligne: LigneEntrant) -> None:
        """Show the newest state of one line."""
        rang = self.rang_de(ligne.entrant.id)
        if rang >= 0 and self._lignes[rang] != ligne:
            self._lignes = (*self._lignes[:rang], ligne, *self._lignes[rang + 1:])
            self.dataChanged.emit(self.index(rang), self.index(rang))

    def ligne(self, rang: int) -> LigneEntrant | None:
        """Line at a row, or None."""
        return self._lignes[rang] if 0 <= rang < len(self._lignes) else None

    def rang_de(self, entrant_id: int) -> int:
        """Row of a line, -1 when it is gone."""
        return next((r for r, x in enumerate(self._lignes) if x.entrant.id == entrant_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lignes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ligne = self.ligne(index.row()) if index.isValid() else None
        if ligne is None:
            return None
        if role == ROLE_LIGNE:
            return ligne
        if role == Qt.ItemDataRole.DisplayRole:
            return ligne.entrant.titre
        if role == Qt.ItemDataRole.AccessibleTextRole:
            e = ligne.entrant
            return ", ".join(filter(None, (
                e.titre, e.traits, f"origine {ORIGINES[e.origine]}", etat_entrant(ligne).texte)))
        if role == Qt.ItemDataRole.ToolTipRole:
            return sure(ligne.entrant.motif) or None
        return None
