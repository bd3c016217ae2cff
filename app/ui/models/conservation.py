"""Table model of the files whose period is over; those that may go can be chosen."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import Qt, Signal

from app.domain.dates import formater
from app.domain.effacement import DossierAEffacer
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleLignes

ROLE_DOSSIER = Qt.ItemDataRole.UserRole + 1


class Colonne(IntEnum):
    """Columns, in the order of the screen."""

    CHOIX = 0
    PATIENT = 1
    NAISSANCE = 2
    ACTE = 3
    ECHEANCE = 4
    CONTENU = 5
    ETAT = 6


TITRES = ("", "Patient", "Né(e) le", "Dernier acte", "À garder jusqu’au", "Contenu", "État")


def etat(dossier: DossierAEffacer) -> tuple[str, str, str]:
    """Icon, words and colour of what a file is waiting for."""
    if dossier.retenu:
        return "hand-stop", "Retenu", "erreur"
    if dossier.alertes:
        return "alert-triangle", "À vérifier", "alerte"
    return "circle-check", "Prêt", "succes"


class ModeleConservation(ModeleLignes[DossierAEffacer]):
    """Files, those due first at the top."""

    TITRES = TITRES
    #: What is chosen changed.
    choix_change = Signal()

    def definir(self, lignes: Sequence[DossierAEffacer]) -> None:
        """Show other files; nothing is chosen any more."""
        self._choisis: set[int] = set()
        super().definir(lignes)
        self.choix_change.emit()

    @property
    def choisis(self) -> tuple[DossierAEffacer, ...]:
        """Files chosen, in the order of the screen."""
        return tuple(d for d in self._lignes if d.patient_id in getattr(self, "_choisis", ()))

    def basculer(self, rang: int) -> None:
        """Choose a file, or not any more; one that is held back can't be."""
        dossier = self.ligne(rang)
        if dossier is not None and not dossier.retenu:
            self._choisis ^= {dossier.patient_id}
            self._dire()

    def choisir_prets(self) -> None:
        """Choose every file of which there is nothing to say; none when all of them were."""
        prets = {d.patient_id for d in self._lignes if not d.retenu and not d.alertes}
        self._choisis = set() if prets <= self._choisis else self._choisis | prets
        self._dire()

    def _dire(self) -> None:
        if self._lignes:
            self.dataChanged.emit(self.index(0, 0),
                                  self.index(len(self._lignes) - 1, len(TITRES) - 1))
        self.choix_change.emit()

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        dossier = self.ligne(index.row())
        if dossier is None:
            return None
        colonne = Colonne(index.column())
        if role == ROLE_DOSSIER:
            return dossier
        if role == Qt.ItemDataRole.CheckStateRole and colonne is Colonne.CHOIX:
            return (Qt.CheckState.Checked if dossier.patient_id in self._choisis
                    else Qt.CheckState.Unchecked)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texte(dossier, colonne)
        if role == Qt.ItemDataRole.ToolTipRole and colonne in (Colonne.CONTENU, Colonne.ETAT):
            return sure("\n".join((*dossier.retenu, *dossier.alertes))
                        if colonne is Colonne.ETAT else dossier.contenu)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            choisi = ", choisi" if dossier.patient_id in self._choisis else ""
            return f"{self.texte(dossier, colonne)}{choisi}"
        return None

    @staticmethod
    def texte(dossier: DossierAEffacer, colonne: Colonne) -> str:
        """Words of a cell."""
        match colonne:
            case Colonne.CHOIX:
                return ""
            case Colonne.PATIENT:
                return dossier.nom
            case Colonne.NAISSANCE:
                return formater(dossier.naissance)
            case Colonne.ACTE:
                return formater(dossier.dernier_acte)
            case Colonne.ECHEANCE:
                return formater(dossier.echeance)
            case Colonne.CONTENU:
                return dossier.contenu
            case _:
                return etat(dossier)[1]
