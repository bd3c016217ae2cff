"""The vaccinations of a file, for their table; words and icons of the schedule's states."""

from enum import IntEnum

from PySide6.QtCore import QModelIndex, Qt

from app.domain.calendrier_vaccinal import EtatVaccinal
from app.domain.dates import formater
from app.domain.document import OrigineDocument
from app.domain.vaccination import VaccinationFaite
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleLignes

#: State -> (icon, word, colour token, soft background token).
ETATS = {
    EtatVaccinal.A_FAIRE: ("alert-triangle", "À faire", "alerte", "alerte_doux"),
    EtatVaccinal.A_VERIFIER: ("search", "À vérifier", "alerte", "alerte_doux"),
    EtatVaccinal.A_PROPOSER: ("info-circle", "À proposer", "info", "info_doux"),
    EtatVaccinal.A_JOUR: ("check", "À jour", "succes", "succes_doux"),
    EtatVaccinal.PLUS_TARD: ("clock", "Plus tard", "neutre", "neutre_doux"),
}
ORIGINES = {
    OrigineDocument.CABINET: ("home", "Cabinet"), OrigineDocument.DMP: ("cloud", "DMP"),
    OrigineDocument.MSSANTE: ("mail", "MSSanté"),
    OrigineDocument.IMPORT: ("file-import", "Importé"),
    OrigineDocument.SCAN: ("scan", "Scan"),
}


class Colonne(IntEnum):
    """Columns of the history."""

    DATE = 0
    VACCIN = 1
    MALADIE = 2
    NATURE = 3
    LOT = 4
    VACCINATEUR = 5
    ORIGINE = 6


TITRES = ("Date", "Vaccin", "Maladie", "Nature", "Lot", "Vaccinateur", "Origine")
_RACINE = QModelIndex()


class ModeleVaccinations(ModeleLignes[VaccinationFaite]):
    """Newest first, as the use case gives them."""

    TITRES = TITRES

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        ligne = self.ligne(index.row())
        if ligne is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.texte(ligne, Colonne(index.column()))
        if role == Qt.ItemDataRole.ToolTipRole:
            return sure(", ".join(x for x in (
                ligne.vaccin, ligne.maladies, ligne.libelle_nature.replace("–", ""),
                f"lot {ligne.lot}" if ligne.lot else "", ligne.vaccinateur) if x))
        return None

    @staticmethod
    def texte(ligne: VaccinationFaite, colonne: Colonne) -> str:
        """Words of a cell; what isn't known is said."""
        match colonne:
            case Colonne.DATE:
                return formater(ligne.date)
            case Colonne.VACCIN:
                return ligne.vaccin
            case Colonne.MALADIE:
                return ligne.maladies or "–"
            case Colonne.NATURE:
                return ligne.libelle_nature
            case Colonne.LOT:
                return ligne.lot or "Non connu"
            case Colonne.VACCINATEUR:
                return ligne.vaccinateur or "Non connu"
            case Colonne.ORIGINE:
                return ORIGINES[ligne.origine][1]
