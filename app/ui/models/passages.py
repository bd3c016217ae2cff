"""Item model of the tournée: visits in order of hour, cut by group rows."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QByteArray,
    QMimeData,
    QModelIndex,
    QObject,
    Qt,
    Signal,
)

from app.domain import dates
from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.domain.identity import StatutIdentite
from app.domain.libelles import STATUTS
from app.ui.infobulle import sure
from app.ui.models import tournee
from app.ui.models.table import Index, ModeleTitres
from app.ui.models.tournee import DEPLACABLES, ETATS, GroupePassages

#: The whole visit, or None on a group row.
ROLE_PASSAGE = Qt.ItemDataRole.UserRole + 1
#: The group of a group row, else None.
ROLE_GROUPE = Qt.ItemDataRole.UserRole + 2

_MIME = "application/x-pleiade-passage"


class Colonne(IntEnum):
    """Columns of the list."""

    HEURE = 0
    PATIENT = 1
    AGE = 2
    SOINS = 3
    ADRESSE = 4
    QUI = 5
    """Whose visit it is; shown when several professionals' are on screen."""
    DMP = 6
    A_VOIR = 7
    ETAT = 8


TITRES = ("Heure", "Patient", "Âge", "Soins", "Adresse", "Pour", "DMP", "À voir", "État")


class ModelePassages(ModeleTitres):
    """Visits of one day. The first group has no row of its own: the card's title says it."""

    TITRES = TITRES

    #: (visit id, rank among the visits that may move) after a drop.
    deplacement = Signal(int, int)
    #: (visit, "HH:MM") after the hour was edited in place.
    heure_saisie = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lignes: list[Passage | GroupePassages] = []
        self._groupes: tuple[GroupePassages, ...] = ()
        self._tous: tuple[Passage, ...] = ()
        self._filtre = ""
        self._au = date.today()
        self._noms: dict[int, str] = {}
        self._moi = 0
        self._miens = False

    def definir(self, passages: Sequence[Passage], au: date) -> None:
        """Show these visits; ages are counted at day `au`."""
        self.beginResetModel()
        self._tous, self._au = tuple(passages), au
        self._recalculer()
        self.endResetModel()

    def filtrer(self, filtre: str) -> None:
        """Keep the visits of a figure of the foot: "dmp", "qualifier", "a_faire" or "" (all)."""
        self.beginResetModel()
        self._filtre = filtre
        self._recalculer()
        self.endResetModel()

    def nommer(self, noms: Mapping[int, str], moi: int) -> None:
        """Names of the accounts, and the user's own."""
        if (dict(noms), moi) != (self._noms, self._moi):
            self._noms, self._moi = dict(noms), moi
            if self._lignes:
                self.dataChanged.emit(self.index(0, Colonne.QUI),
                                      self.index(len(self._lignes) - 1, Colonne.QUI))

    @property
    def a_plusieurs(self) -> bool:
        """True when the visits of the day aren't all the user's: each says whose it is."""
        qui = {p.professionnel_id for p in self._tous}
        return len(qui) > 1 or bool(self._moi and qui - {self._moi})

    @property
    def a_des_miens(self) -> bool:
        """True when some visits of the day are the user's."""
        return any(p.professionnel_id == self._moi for p in self._tous)

    def qui(self, p: Passage, *, court: bool = False) -> str:
        """Whose visit it is: « Moi », else the name. :param court: initials."""
        if p.professionnel_id == self._moi:
            return "Moi"
        nom = self._noms.get(p.professionnel_id, "Compte retiré")
        return tournee.initiales(nom) if court else nom

    @property
    def filtre(self) -> str:
        """The figure that filters the list, or ""."""
        return self._filtre

    def _recalculer(self) -> None:
        gardes = [p for p in self._tous if self._garde(p)]
        self._groupes = tournee.grouper(gardes)
        self._lignes = []
        for i, groupe in enumerate(self._groupes):
            if i:
                self._lignes.append(groupe)
            self._lignes.extend(groupe.passages)

    def restreindre(self, miens: bool) -> None:
        """Keep the user's own visits only, or those of everybody."""
        if miens != self._miens:
            self.beginResetModel()
            self._miens = miens
            self._recalculer()
            self.endResetModel()

    def _garde(self, p: Passage) -> bool:
        if self._miens and p.professionnel_id != self._moi:
            return False
        match self._filtre:
            case "dmp":
                return bool(p.nouveaux_dmp)
            case "qualifier":
                return p.patient is not None and p.patient.statut is not StatutIdentite.QUALIFIEE
            case "a_faire":
                return p.etat in DEPLACABLES
        return True

    @property
    def groupes(self) -> tuple[GroupePassages, ...]:
        """Groups shown."""
        return self._groupes

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Every visit of the day (of the user, when restricted to them), filter ignored."""
        return tuple(p for p in self._tous if not self._miens or p.professionnel_id == self._moi)

    def passage(self, ligne: int) -> Passage | None:
        """Visit of a row; None on a group row or outside."""
        if not 0 <= ligne < len(self._lignes):
            return None
        valeur = self._lignes[ligne]
        return valeur if isinstance(valeur, Passage) else None

    def ligne_de(self, passage_id: int) -> int:
        """Row of a visit, -1 when it is not shown."""
        return next((i for i, v in enumerate(self._lignes)
                     if isinstance(v, Passage) and v.id == passage_id), -1)

    def rang_de(self, ligne: int) -> int:
        """Rank, among the visits that may move, of the first one at `ligne` or after it."""
        return sum(isinstance(v, Passage) and v.etat in DEPLACABLES for v in self._lignes[:ligne])

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lignes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        p = self.passage(index.row())
        if p is None:
            return Qt.ItemFlag.ItemIsEnabled
        drapeaux = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if p.etat in DEPLACABLES:
            drapeaux |= Qt.ItemFlag.ItemIsDragEnabled
            if index.column() == Colonne.HEURE:
                drapeaux |= Qt.ItemFlag.ItemIsEditable
        return drapeaux

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self._lignes):
            return None
        valeur = self._lignes[index.row()]
        if isinstance(valeur, GroupePassages):
            if role == ROLE_GROUPE:
                return valeur
            if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                return f"{valeur.titre}, {valeur.resume}" if index.column() == 0 else ""
            return None
        if role == ROLE_PASSAGE:
            return valeur
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._texte(valeur, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._accessible(valeur, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return sure(self._infobulle(valeur, index.column()))
        return None

    def setData(self, index: Index, value: Any,
                role: int = Qt.ItemDataRole.EditRole) -> bool:
        p = self.passage(index.row())
        if p is None or role != Qt.ItemDataRole.EditRole or index.column() != Colonne.HEURE:
            return False
        heure = tournee.lire_heure(str(value))
        if heure is None or heure == p.heure:
            return False
        self.heure_saisie.emit(p, heure)
        return True

    def _texte(self, p: Passage, colonne: int) -> str:
        match colonne:
            case Colonne.HEURE:
                return p.heure
            case Colonne.PATIENT:
                return tournee.nom(p)
            case Colonne.AGE:
                return dates.age(p.patient.date_naissance, self._au) if p.patient else ""
            case Colonne.SOINS:
                return p.soins
            case Colonne.ADRESSE:
                return "Cabinet" if p.lieu is LieuPassage.CABINET else p.adresse
            case Colonne.QUI:
                return self.qui(p)
            case Colonne.DMP:
                if p.patient is None:
                    return ""
                return "–" if p.nouveaux_dmp is None else str(p.nouveaux_dmp)
            case Colonne.A_VOIR:
                vu = tournee.mention(p)
                return vu.texte if vu else ""
            case Colonne.ETAT:
                return ETATS[p.etat].texte
        return ""

    def _accessible(self, p: Passage, colonne: int) -> str:
        texte = self._texte(p, colonne)
        if colonne == Colonne.PATIENT and p.patient is not None:
            return f"{texte}, identité {STATUTS[p.patient.statut].lower()}"
        if colonne == Colonne.DMP and p.patient is not None:
            if p.nouveaux_dmp is None:
                return "Nouveaux documents du DMP : inconnu"
            return f"{p.nouveaux_dmp} nouveaux documents dans le DMP"
        return texte

    def _infobulle(self, p: Passage, colonne: int) -> str:
        if colonne == Colonne.DMP:
            return self._accessible(p, colonne)
        if colonne == Colonne.PATIENT and p.patient is not None:
            return (f"{tournee.nom(p)}, {dates.formater(p.patient.date_naissance)}, "
                    f"identité {STATUTS[p.patient.statut].lower()}")
        return self._texte(p, colonne)

    # -- drag and drop -----------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        donnees = QMimeData()
        p = self.passage(indexes[0].row()) if indexes else None
        if p is not None and p.etat in DEPLACABLES:
            donnees.setData(_MIME, QByteArray(str(p.id).encode()))
        return donnees

    def canDropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int,
                        column: int, parent: Index) -> bool:
        return data.hasFormat(_MIME)

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int,
                     column: int, parent: Index) -> bool:
        if not data.hasFormat(_MIME):
            return False
        cible = row if row >= 0 else (parent.row() if parent.isValid() else len(self._lignes))
        passage_id = int(bytes(data.data(_MIME).data()).decode())
        depart = self.ligne_de(passage_id)
        rang = self.rang_de(cible)
        if 0 <= depart < cible:
            rang -= 1
        self.deplacement.emit(passage_id, rang)
        # The view must not remove the source row: the day comes back from the store.
        return False


__all__ = ["ROLE_GROUPE", "ROLE_PASSAGE", "TITRES", "Colonne", "EtatPassage", "ModelePassages"]
