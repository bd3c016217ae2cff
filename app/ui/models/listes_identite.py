"""Table model of a work list of identities."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import Qt

from app.domain import dates
from app.domain.libelles import STATUTS
from app.domain.listes_identite import LigneListe
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleLignes

#: The whole line, for the delegate.
ROLE_LIGNE = Qt.ItemDataRole.UserRole + 1


class Colonne(IntEnum):
    """Columns, in the order of the screen."""

    PATIENT = 0
    NAISSANCE = 1
    STATUT = 2
    DETAIL = 3
    DEPUIS = 4


TITRES = ("Patient", "Naissance", "Identité", "Ce qui est su", "Depuis le")


def nom_patient(nom: str, utilise: str, prenom: str) -> str:
    """« MARTIN née ADRUN ZOE » in the form of the lists: birth name first."""
    return f"{nom} {prenom}" + (f" (utilisé : {utilise})" if utilise and utilise != nom else "")


class ModeleListe(ModeleLignes[LigneListe]):
    """Lines of one list; replaced whole."""

    TITRES = TITRES

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ligne = self.ligne(index.row())
        if ligne is None:
            return None
        if role == ROLE_LIGNE:
            return ligne
        texte = self._texte(ligne, Colonne(index.column()))
        if role == Qt.ItemDataRole.DisplayRole:
            return texte
        if role == Qt.ItemDataRole.ToolTipRole and index.column() == Colonne.DETAIL:
            return sure(texte)
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == Colonne.STATUT:
            return f"Identité {STATUTS[ligne.patient.statut].lower()}"
        return None

    @staticmethod
    def _texte(ligne: LigneListe, colonne: Colonne) -> str:
        p = ligne.patient
        match colonne:
            case Colonne.PATIENT:
                return nom_patient(p.nom_naissance, p.nom_utilise, p.premier_prenom)
            case Colonne.NAISSANCE:
                return dates.formater(p.date_naissance)
            case Colonne.STATUT:
                return STATUTS[p.statut]
            case Colonne.DETAIL:
                autre = ligne.autre
                if autre is None:
                    return ligne.detail
                return (f"{autre.nom_naissance} {autre.premier_prenom}, dossier n° {autre.id}. "
                        f"{ligne.detail}")
            case _:
                return dates.formater(ligne.depuis)[:10]
