"""Item model of the patients: ids first, lines fetched by pages as they come into view."""

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    Signal,
)

from app.domain import dates
from app.domain.libelles import ATTRIBUTS, STATUTS
from app.domain.patient import PatientResume
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleTitres

ROLE_PATIENT = Qt.ItemDataRole.UserRole + 1
#: Lines fetched at once.
PAGE = 100


class Colonne(IntEnum):
    """Columns of the list."""

    NOM = 0
    UTILISE = 1
    NAISSANCE = 2
    AGE = 3
    SEXE = 4
    STATUT = 5


TITRES = ("Nom et prénom de naissance", "Nom utilisé", "Date de naissance", "Âge", "Sexe",
          "Identité")


class ModelePatients(ModeleTitres):
    """A line not yet fetched shows nothing and asks for its page once, by `page_demandee`."""

    TITRES = TITRES

    #: (generation, first row, ids)
    page_demandee = Signal(int, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: list[int] = []
        self._lignes: dict[int, PatientResume] = {}
        self._pages: set[int] = set()
        self._generation = 0
        self._aujourd_hui = date.today()

    def definir_ids(self, ids: Sequence[int], aujourd_hui: date | None = None) -> None:
        """Show these patients, in this order; their lines come later."""
        self.beginResetModel()
        self._ids, self._lignes, self._pages = list(ids), {}, set()
        self._generation += 1
        self._aujourd_hui = aujourd_hui or date.today()
        self.endResetModel()

    def definir(self, resumes: Sequence[PatientResume], aujourd_hui: date | None = None) -> None:
        """Show these lines (result of a search)."""
        self.beginResetModel()
        self._ids = [r.id for r in resumes]
        self._lignes = dict(enumerate(resumes))
        self._pages = set(range(len(resumes) // PAGE + 1))
        self._generation += 1
        self._aujourd_hui = aujourd_hui or date.today()
        self.endResetModel()

    def recevoir(self, generation: int, premiere: int, resumes: Sequence[PatientResume]) -> None:
        """Lines of a page; those of an older list are dropped."""
        if generation != self._generation or not resumes:
            return
        rangs = {id_: rang for rang, id_ in
                 enumerate(self._ids[premiere:premiere + PAGE], premiere)}
        for resume in resumes:
            if resume.id in rangs:
                self._lignes[rangs[resume.id]] = resume
        fin = min(premiere + PAGE, len(self._ids)) - 1
        self.dataChanged.emit(self.index(premiere, 0), self.index(fin, len(TITRES) - 1))

    def patient(self, ligne: int) -> PatientResume | None:
        """Line of a row, None when it isn't there yet."""
        return self._lignes.get(ligne)

    def id_de(self, ligne: int) -> int | None:
        """Id of a row, known even before its line."""
        return self._ids[ligne] if 0 <= ligne < len(self._ids) else None

    def ligne_de(self, patient_id: int) -> int:
        """Row of a patient, -1 when it isn't in the list."""
        try:
            return self._ids.index(patient_id)
        except ValueError:
            return -1

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        ligne = index.row()
        if not 0 <= ligne < len(self._ids):
            return None
        patient = self._lignes.get(ligne)
        if patient is None:
            self._demander(ligne // PAGE)
            return None
        if role == ROLE_PATIENT:
            return patient
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texte(patient, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if index.column() == Colonne.STATUT:
                return f"Identité {STATUTS[patient.statut].lower()}"
            return self._texte(patient, index.column())
        if role == Qt.ItemDataRole.ToolTipRole and index.column() <= Colonne.UTILISE:
            return sure(self._texte(patient, index.column()))
        return None

    def _demander(self, page: int) -> None:
        if page not in self._pages:
            self._pages.add(page)
            debut = page * PAGE
            self.page_demandee.emit(self._generation, debut, self._ids[debut:debut + PAGE])

    def _texte(self, patient: PatientResume, colonne: int) -> str:
        match colonne:
            case Colonne.NOM:
                return f"{patient.nom_naissance} {patient.premier_prenom}"
            case Colonne.UTILISE:
                return f"{patient.nom_utilise} {patient.prenom_utilise}".strip()
            case Colonne.NAISSANCE:
                return dates.formater(patient.date_naissance)
            case Colonne.AGE:
                return dates.age(patient.date_naissance, self._aujourd_hui)
            case Colonne.SEXE:
                return patient.sexe
        attributs = [ATTRIBUTS[a] for a in sorted(patient.attributs)]
        return ", ".join([STATUTS[patient.statut], *attributs])
