"""Item model of the patient's documents: local and DMP lines in one list, ticked and filtered."""

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    Signal,
)

from app.domain import dates
from app.domain.document import EtatLigne, LigneDocument, ListeDocuments
from app.domain.libelles import ORIGINES
from app.ui.infobulle import sure
from app.ui.models.etats_documents import (
    FiltreDocuments,
    auteur_affiche,
    cle_filtre,
    envois_affiches,
    etat_affiche,
    etat_complet,
    filtrer,
    texte_cherche,
)
from app.ui.models.table import Index, ModeleTitres

#: The whole line.
ROLE_LIGNE = Qt.ItemDataRole.UserRole + 1


class Colonne(IntEnum):
    """Columns of the list."""

    CASE = 0
    DATE = 1
    TYPE = 2
    AUTEUR = 3
    ORIGINE = 4
    ETAT = 5


_RANGS = {etat: rang for rang, etat in enumerate(EtatLigne)}
TITRES = ("", "Date", "Type et objet", "Auteur", "Origine", "État")


class ModeleDocuments(ModeleTitres):
    """Lines sorted by a column (newest act first at the start), with ticks that survive."""

    TITRES = TITRES

    #: The set of ticked lines changed.
    coches_changees = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._liste = ListeDocuments(())
        self._cles: list[str] | None = None
        self._visibles: list[int] = []
        self._filtre = FiltreDocuments()
        self._coches: set[str] = set()
        self._tri = (Colonne.DATE, True)
        self.envois_max = 0
        """Icons of sendings that a line shows beside its state, at most."""

    @property
    def tri(self) -> tuple[Colonne, bool]:
        """Column of the order, and True when it goes down."""
        return self._tri

    def trier(self, colonne: Colonne) -> None:
        """Sort by a column; again on the same one turns the order (SC.CDA/INT.04)."""
        if colonne is Colonne.CASE:
            return
        actuelle, descend = self._tri
        self._tri = (colonne, not descend if colonne == actuelle else colonne is Colonne.DATE)
        self.beginResetModel()
        self._visibles = self._filtrees()
        self.endResetModel()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(TITRES) - 1)

    def _cle_tri(self, colonne: Colonne) -> Callable[[int], Any]:
        """Key of a line for an order; the newest act goes first among equals."""
        lignes = self._liste.lignes
        match colonne:
            case Colonne.TYPE:
                return lambda i: (cle_filtre(lignes[i].type_libelle), cle_filtre(lignes[i].titre))
            case Colonne.AUTEUR:
                return lambda i: cle_filtre(auteur_affiche(lignes[i]))
            case Colonne.ORIGINE:
                return lambda i: ORIGINES[lignes[i].origine]
            case Colonne.ETAT:
                return lambda i: _RANGS[lignes[i].etat]
        return lambda i: lignes[i].date

    def definir(self, liste: ListeDocuments) -> None:
        """Show a new list; ticks of lines that are still there are kept."""
        self.beginResetModel()
        self._liste, self._cles = liste, None
        self.envois_max = max((len(envois_affiches(x)) for x in liste.lignes
                               if x.envoye_dmp or x.envoye_mss_le), default=0)
        presentes = {ligne.cle for ligne in liste.lignes}
        perdues = self._coches - presentes
        self._coches -= perdues
        self._visibles = self._filtrees()
        self.endResetModel()
        if perdues:
            self.coches_changees.emit()

    def filtrer(self, filtre: FiltreDocuments) -> None:
        """Keep only some lines. A tick on a line that goes out of sight is dropped."""
        self.beginResetModel()
        self._filtre = filtre
        self._visibles = self._filtrees()
        vues = {self._liste.lignes[i].cle for i in self._visibles}
        perdues = self._coches - vues
        self._coches &= vues
        self.endResetModel()
        if perdues:
            self.coches_changees.emit()

    def _filtrees(self) -> list[int]:
        if self._cles is None:
            # Keys are only needed by a text filter: an opening costs nothing.
            self._cles = [cle_filtre(texte_cherche(x)) for x in self._liste.lignes] \
                if self._filtre.texte else None
        visibles = filtrer(self._liste.lignes, self._cles or (), self._filtre)
        colonne, descend = self._tri
        if (colonne, descend) == (Colonne.DATE, True):
            return visibles  # the order of the list itself
        if colonne is not Colonne.DATE:
            visibles.sort(key=lambda i: self._liste.lignes[i].date, reverse=True)
        visibles.sort(key=self._cle_tri(colonne), reverse=descend)
        return visibles

    @property
    def liste(self) -> ListeDocuments:
        """The list shown, filter ignored."""
        return self._liste

    @property
    def filtre(self) -> FiltreDocuments:
        """The filter in force."""
        return self._filtre

    def ligne(self, rang: int) -> LigneDocument | None:
        """Line at a row, or None."""
        if 0 <= rang < len(self._visibles):
            return self._liste.lignes[self._visibles[rang]]
        return None

    def rang_de(self, cle: str) -> int:
        """Row of a line, -1 when it is not shown."""
        return next((r for r, i in enumerate(self._visibles)
                     if self._liste.lignes[i].cle == cle), -1)

    # -- ticks -------------------------------------------------------------------------------

    @property
    def coches(self) -> tuple[LigneDocument, ...]:
        """Ticked lines, in the order of the list."""
        return tuple(x for x in self._liste.lignes if x.cle in self._coches)

    def basculer(self, rang: int) -> None:
        """Tick or untick a row."""
        ligne = self.ligne(rang)
        if ligne is not None:
            self._coches ^= {ligne.cle}
            case = self.index(rang, Colonne.CASE)
            self.dataChanged.emit(case, case, [Qt.ItemDataRole.CheckStateRole])
            self.coches_changees.emit()

    def cocher(self, cles: Iterable[str]) -> None:
        """Tick exactly these lines."""
        self._coches = set(cles)
        if self._visibles:
            self.dataChanged.emit(self.index(0, Colonne.CASE),
                                  self.index(len(self._visibles) - 1, Colonne.CASE),
                                  [Qt.ItemDataRole.CheckStateRole])
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)
        self.coches_changees.emit()

    def cocher_visibles(self) -> None:
        """Tick every line shown."""
        self.cocher(self._liste.lignes[i].cle for i in self._visibles)

    def etat_entete(self) -> Qt.CheckState:
        """State of the box of the header."""
        if not self._coches:
            return Qt.CheckState.Unchecked
        return (Qt.CheckState.Checked if len(self._coches) == len(self._visibles)
                else Qt.CheckState.PartiallyChecked)

    # -- Qt ----------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._visibles)

    def headerData(self, section: int, orientation: Qt.Orientation,
                   role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.AccessibleTextRole:
            ordre = {True: ", ordre décroissant", False: ", ordre croissant"}
            trie = ordre[self._tri[1]] if section == self._tri[0] else ""
            return f"{TITRES[section]}{trie}"
        return super().headerData(section, orientation, role)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        drapeaux = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == Colonne.CASE:
            drapeaux |= Qt.ItemFlag.ItemIsUserCheckable
        return drapeaux

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ligne = self.ligne(index.row()) if index.isValid() else None
        if ligne is None:
            return None
        if role == ROLE_LIGNE:
            return ligne
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == Colonne.CASE:
            return (Qt.CheckState.Checked if ligne.cle in self._coches
                    else Qt.CheckState.Unchecked)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texte(ligne, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._accessible(ligne, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return sure(self._infobulle(ligne, index.column()))
        return None

    def setData(self, index: Index, value: Any,
                role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != Colonne.CASE:
            return False
        ligne = self.ligne(index.row())
        if ligne is None:
            return False
        voulu = Qt.CheckState(value) == Qt.CheckState.Checked
        if voulu != (ligne.cle in self._coches):
            self.basculer(index.row())
        return True

    def _texte(self, ligne: LigneDocument, colonne: int) -> str:
        match colonne:
            case Colonne.DATE:
                return dates.formater(ligne.date)
            case Colonne.TYPE:
                return ligne.type_libelle
            case Colonne.AUTEUR:
                return auteur_affiche(ligne)
            case Colonne.ORIGINE:
                return ORIGINES[ligne.origine]
            case Colonne.ETAT:
                return etat_affiche(ligne).texte
        return ""

    def _accessible(self, ligne: LigneDocument, colonne: int) -> str:
        match colonne:
            case Colonne.CASE:
                return "Sélectionné" if ligne.cle in self._coches else "Non sélectionné"
            case Colonne.TYPE:
                version = f", version {ligne.version_number}" if ligne.version_number > 1 else ""
                lu = "" if ligne.lu else ", non lu"
                return f"{ligne.type_libelle}, {ligne.titre}{version}{lu}"
            case Colonne.ORIGINE:
                return f"Origine : {ORIGINES[ligne.origine]}"
            case Colonne.ETAT:
                return f"État : {etat_complet(ligne)}"
        return self._texte(ligne, colonne)

    def _infobulle(self, ligne: LigneDocument, colonne: int) -> str:
        match colonne:
            case Colonne.TYPE:
                return ", ".join(filter(None, (ligne.type_libelle, ligne.titre)))
            case Colonne.ETAT:
                return etat_complet(ligne)
            case Colonne.CASE:
                return ""
        return self._texte(ligne, colonne)
