"""Menu of the status badge: what brings an identity to « qualifiée », then the rarer gestures."""

from dataclasses import dataclass

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from app.domain.identity import Attribut, Identite, StatutIdentite
from app.domain.statuts import AVEC_INSI, BLOQUANTS
from app.ui import theme
from app.ui.views.elements import Etiquette

_ATTRIBUTS = ((Attribut.HOMONYME, "Homonyme"), (Attribut.DOUTEUSE, "Identité douteuse"),
              (Attribut.FICTIVE, "Identité fictive"))
_VERIFIEES = (StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE)


@dataclass(frozen=True, slots=True)
class OptionsMenu:
    """What the practice and the account allow. `justificatifs`: code, label."""

    justificatifs: tuple[tuple[str, str], ...] = ()
    insi_permis: bool = True
    transitoire: bool = False
    apcv: bool = False


class MenuIdentite(QMenu):
    """The menu for one identity; what can't be done says why."""

    document_controle = Signal(str)
    insi = Signal()
    verifier = Signal()
    apcv = Signal()
    transitoire = Signal()
    identite = Signal()
    historique = Signal()
    #: (attribute, present).
    attribut = Signal(object, bool)

    def __init__(self, identite: Identite, options: OptionsMenu, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("menuIdentite")
        self._identite, self._options = identite, options
        bloquants = identite.attributs & BLOQUANTS
        self._blocage = ("" if not bloquants else "identité douteuse"
                         if Attribut.DOUTEUSE in bloquants else "identité fictive")
        self._documents()
        self.addSeparator()
        self._insi()
        self.addSeparator()
        self._ajouter("Identité complète\tF3", "id", self.identite)
        self._ajouter("Historique de l’identité", "history", self.historique)
        self.addSeparator()
        for attribut, libelle in _ATTRIBUTS:
            action = QAction(libelle, self)
            action.setCheckable(True)
            action.setChecked(attribut in identite.attributs)
            action.triggered.connect(lambda coche, a=attribut: self.attribut.emit(a, coche))
            self.addAction(action)

    def _documents(self) -> None:
        titre = QWidgetAction(self)
        mot = Etiquette("Document d’identité contrôlé" if not self._blocage else
                        f"Contrôle bloqué : {self._blocage}", "small", "texte2", 600)
        mot.setContentsMargins(12, 6, 12, 4)
        titre.setDefaultWidget(mot)
        titre.setEnabled(False)
        self.addAction(titre)
        verifiee = self._identite.statut in _VERIFIEES
        for code, libelle in self._options.justificatifs:
            action = QAction(libelle, self)
            action.setData(code)
            action.setCheckable(verifiee)
            action.setChecked(verifiee and self._identite.justificatif == code)
            action.setEnabled(not self._blocage)
            action.triggered.connect(lambda _=False, c=code: self.document_controle.emit(c))
            self.addAction(action)

    def _insi(self) -> None:
        """Ask, or verify; the reason stands in the text when it is blocked (rule 25, va1.20)."""
        if self._blocage:
            self._ajouter(f"Appel INSi bloqué : {self._blocage}", "ban", None)
            return
        droit = "" if self._options.insi_permis else " : droit non accordé"
        if self._identite.statut in AVEC_INSI:
            self._ajouter(f"Vérifier auprès d’INSi{droit}", "refresh",
                          None if droit else self.verifier)
        else:
            self._ajouter(f"Appeler INSi maintenant{droit}", "refresh",
                          None if droit else self.insi)
        if self._options.apcv:
            self._ajouter("Lire l’appli carte Vitale\tF4", "scan", self.apcv)
        if self._options.transitoire and self._identite.statut is StatutIdentite.RECUPEREE:
            self._ajouter("Qualifier par la procédure transitoire…", "hand-stop",
                          self.transitoire)

    def _ajouter(self, texte: str, icone: str, signal: SignalInstance | None) -> None:
        action = QAction(theme.icone(icone), texte, self)
        action.setEnabled(signal is not None)
        if signal is not None:
            action.triggered.connect(lambda _=False: signal.emit())
        self.addAction(action)
