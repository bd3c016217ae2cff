"""Item model of the outbox: orders in three groups, those to solve first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt

from app.domain.libelles import DESTINATIONS, ETATS_ORDRE
from app.domain.names import cle_recherche
from app.domain.outbox import Destination, EtatOrdre, Ordre
from app.ui.infobulle import sure
from app.ui.models.table import Index, ModeleTitres

#: The order of a row, or None on a group row.
ROLE_ORDRE = Qt.ItemDataRole.UserRole + 1
#: The group of a group row, else None.
ROLE_GROUPE = Qt.ItemDataRole.UserRole + 2


class Colonne(IntEnum):
    """Columns of the list."""

    ETAT = 0
    DOCUMENT = 1
    PATIENT = 2
    DESTINATAIRE = 3
    DETAIL = 4


TITRES = ("État", "Document", "Patient", "Destinataire", "Détail")
#: state -> (icon, colour token)
APPARENCE: dict[EtatOrdre, tuple[str, str]] = {
    EtatOrdre.RETENU: ("hand-stop", "neutre"),
    EtatOrdre.PROGRAMME: ("clock", "info"),
    EtatOrdre.EN_COURS: ("progress", "info"),
    EtatOrdre.ATTENTE_TECHNIQUE: ("plug-connected-x", "alerte"),
    EtatOrdre.ENVOYE: ("check", "succes"),
    EtatOrdre.REFUSE: ("alert-octagon", "erreur"),
    EtatOrdre.ANNULE: ("ban", "neutre"),
}
ICONES_DESTINATION = {Destination.DMP: "cloud", Destination.MSSANTE: "mail"}
A_TRAITER, EN_FILE, TERMINES = "a_traiter", "en_file", "termines"
GROUPE_DE: dict[EtatOrdre, str] = {
    EtatOrdre.REFUSE: A_TRAITER,
    EtatOrdre.ATTENTE_TECHNIQUE: EN_FILE,
    EtatOrdre.RETENU: EN_FILE,
    EtatOrdre.PROGRAMME: EN_FILE,
    EtatOrdre.EN_COURS: EN_FILE,
    EtatOrdre.ENVOYE: TERMINES,
    EtatOrdre.ANNULE: TERMINES,
}


@dataclass(frozen=True, slots=True)
class Groupe:
    """Head of a group."""

    code: str
    titre: str
    precision: str


def moment(iso: str) -> datetime | None:
    """Local date-time of a UTC or local ISO text; None when empty."""
    if not iso:
        return None
    valeur = datetime.fromisoformat(iso)
    return (valeur if valeur.tzinfo else valeur.replace(tzinfo=UTC)).astimezone()


def quand(iso: str, aujourd_hui: date) -> str:
    """« à 08:54 » today, « le 20/11 » else, « le 20/11/2025 » another year; "" when unknown."""
    valeur = moment(iso)
    if valeur is None:
        return ""
    if valeur.date() == aujourd_hui:
        return f"à {valeur:%H:%M}"
    if valeur.year == aujourd_hui.year:
        return f"le {valeur:%d/%m}"
    return f"le {valeur:%d/%m/%Y}"


def detail(ordre: Ordre, aujourd_hui: date) -> str:
    """Last column: a reason, an hour, a progress."""
    match ordre.etat:
        case EtatOrdre.ATTENTE_TECHNIQUE:
            if ordre.remede == "se_connecter":
                return "À votre prochaine connexion"
            return f"Nouvel essai {quand(ordre.prochain_essai, aujourd_hui)}".strip()
        case EtatOrdre.PROGRAMME:
            return f"Envoi {quand(ordre.pas_avant, aujourd_hui)}".strip()
        case EtatOrdre.EN_COURS:
            return "Transmission…"
        case EtatOrdre.ENVOYE:
            return f"Reçu {quand(ordre.termine_le, aujourd_hui)}".strip()
        case EtatOrdre.RETENU:
            return ordre.motif or "Par le cabinet"
        case EtatOrdre.ANNULE:
            return ordre.motif or "Par le cabinet"
    return ordre.motif or "Refusé par le service"


class ModeleEnvois(ModeleTitres):
    """Orders and group heads. Head rows can't be selected."""

    TITRES = TITRES

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ordres: tuple[Ordre, ...] = ()
        self._lignes: list[Ordre | Groupe] = []
        self._groupe = self._texte = ""
        self._destination: Destination | None = None
        self._aujourd_hui = date.today()

    # -- Content ----------------------------------------------------------------------------

    def definir(self, ordres: Sequence[Ordre], aujourd_hui: date) -> None:
        """Show these orders. Rows are updated in place when only their values changed."""
        avant = [self._cle(ligne) for ligne in self._lignes]
        self._ordres, self._aujourd_hui = tuple(ordres), aujourd_hui
        lignes = self._calculer()
        if [self._cle(ligne) for ligne in lignes] == avant:
            self._lignes = lignes
            if lignes:
                self.dataChanged.emit(self.index(0, 0),
                                      self.index(len(lignes) - 1, len(TITRES) - 1))
            return
        self._remplacer(lignes)

    def filtrer(self, groupe: str = "", texte: str = "",
                destination: Destination | None = None) -> None:
        """Keep one group, and the orders whose document or patient holds every word."""
        self._groupe, self._texte, self._destination = groupe, texte, destination
        self._remplacer(self._calculer())

    def _remplacer(self, lignes: list[Ordre | Groupe]) -> None:
        self.beginResetModel()
        self._lignes = lignes
        self.endResetModel()

    @staticmethod
    def _cle(ligne: Ordre | Groupe) -> object:
        return ligne.id if isinstance(ligne, Ordre) else ligne

    def compter(self, groupe: str) -> int:
        """Orders of a group, filters ignored."""
        return sum(GROUPE_DE[o.etat] == groupe for o in self._ordres)

    def _garde(self, ordre: Ordre) -> bool:
        if self._destination is not None and ordre.destination is not self._destination:
            return False
        mots = cle_recherche(self._texte).split()
        if not mots:
            return True
        ou = cle_recherche(f"{ordre.document_titre} {ordre.patient_nom} {ordre.motif}")
        return all(mot in ou for mot in mots)

    def _calculer(self) -> list[Ordre | Groupe]:
        lignes: list[Ordre | Groupe] = []
        for code, titre in ((A_TRAITER, "À traiter"), (EN_FILE, "En file"),
                            (TERMINES, "Terminés")):
            if self._groupe and code != self._groupe:
                continue
            siens = [o for o in self._ordres if GROUPE_DE[o.etat] == code and self._garde(o)]
            if not siens:
                continue
            precision = str(len(siens))
            if code == EN_FILE:
                precision += ", repris automatiquement"
            lignes.append(Groupe(code, titre, precision))
            lignes.extend(siens)
        return lignes

    # -- Reading ----------------------------------------------------------------------------

    def ordre(self, ligne: int) -> Ordre | None:
        """Order of a row; None on a head or outside."""
        if not 0 <= ligne < len(self._lignes):
            return None
        valeur = self._lignes[ligne]
        return valeur if isinstance(valeur, Ordre) else None

    def ligne_de(self, ordre_id: int) -> int:
        """Row of an order, -1 when it isn't shown."""
        return next((i for i, v in enumerate(self._lignes)
                     if isinstance(v, Ordre) and v.id == ordre_id), -1)

    def premiere(self) -> int:
        """First order to solve, else the first order; -1 without any."""
        return next((i for i, v in enumerate(self._lignes) if isinstance(v, Ordre)), -1)

    def voisine(self, ligne: int, pas: int) -> int:
        """Next order in a direction, heads skipped; the same row at the ends."""
        candidate = ligne + pas
        while 0 <= candidate < len(self._lignes):
            if isinstance(self._lignes[candidate], Ordre):
                return candidate
            candidate += pas
        return ligne

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lignes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.ordre(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not 0 <= index.row() < len(self._lignes):
            return None
        valeur = self._lignes[index.row()]
        if role == ROLE_ORDRE:
            return valeur if isinstance(valeur, Ordre) else None
        if role == ROLE_GROUPE:
            return valeur if isinstance(valeur, Groupe) else None
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole,
                        Qt.ItemDataRole.ToolTipRole):
            return None
        if isinstance(valeur, Groupe):
            if role == Qt.ItemDataRole.ToolTipRole or index.column() != 0:
                return None
            return f"{valeur.titre}, {valeur.precision}"
        texte = self._texte_de(valeur, index.column())
        return sure(texte) if role == Qt.ItemDataRole.ToolTipRole else texte

    def _texte_de(self, ordre: Ordre, colonne: int) -> str:
        match colonne:
            case Colonne.ETAT:
                return ETATS_ORDRE[ordre.etat]
            case Colonne.DOCUMENT:
                return ordre.document_titre
            case Colonne.PATIENT:
                return ordre.patient_nom
            case Colonne.DESTINATAIRE:
                return DESTINATIONS[ordre.destination]
        return detail(ordre, self._aujourd_hui)
