"""Is it this patient? Files that may be the right one, each compared with what was received."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.domain.comparison import LigneComparaison
from app.domain.identity import StatutIdentite
from app.ui.views.comparaison import TableComparaison
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton
from app.ui.views.identite import PastilleStatut
from app.ui.views.messages import MessageEnLigne, PileMessages


@dataclass(frozen=True, slots=True)
class DossierPossible:
    """A file to compare: `lignes` have the file at the left, what was received at the right."""

    patient_id: int
    nom: str
    statut: StatutIdentite
    lignes: tuple[LigneComparaison, ...]
    discordant: bool = False


class DialogueRapprochement(Dialogue):
    """One comparison at a time; the keys 1 to 9 pass from one file to another.

    Args:
        avis: (kind, sentence) shown above.
        source: title of the received side, « Datamatrix INS », « Document reçu ».
        verbe: what is done with the file chosen.
        verbe_malgre: the same when it differs; Entrée alone then does nothing.
        autre: button for « none of them », "" = no such button.
    """

    #: (patient id, the file differs).
    choisi = Signal(int, bool)
    aucun = Signal()

    def __init__(self, titre: str, explication: str, dossiers: Sequence[DossierPossible],
                 source: str, verbe: str, parent: QWidget, *, verbe_malgre: str = "",
                 autre: str = "Aucun : nouveau patient",
                 avis: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(titre, parent)
        self.expliquer(explication)
        self._dossiers = tuple(dossiers)
        self._verbes = (verbe, verbe_malgre or verbe)
        self._statut = PastilleStatut()
        self._statut.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tete.addWidget(self._statut)
        messages = PileMessages(marge=20)
        messages.setContentsMargins(0, 0, 0, 8)
        for genre, texte in avis:
            messages.ajouter(MessageEnLigne(genre, texte, fermable=False))
        self.corps.addWidget(messages)
        self.onglets = QButtonGroup(self)
        if len(self._dossiers) > 1:
            self.corps.addWidget(self._composer_onglets())
        self._pile = QStackedWidget()
        for dossier in self._dossiers:
            page = QWidget()
            colonne = QVBoxLayout(page)
            colonne.setContentsMargins(0, 0, 0, 0)
            colonne.addWidget(TableComparaison(dossier.lignes, source))
            colonne.addStretch(1)
            self._pile.addWidget(page)
        self.corps.addWidget(self._pile)
        if autre:
            nouveau = Bouton(autre, "discret", "user-plus")
            nouveau.clicked.connect(self._aucun)
            self.pied.addWidget(nouveau)
        self.pied.addStretch(1)
        fermer = Bouton("Fermer", touche="Échap")
        fermer.clicked.connect(self.reject)
        self.pied.addWidget(fermer)
        self.ouvrir = Bouton(verbe, "principal", "check", "Entrée")
        self.ouvrir.setObjectName("choisirDossier")
        self.ouvrir.clicked.connect(self._choisir)
        self.pied.addWidget(self.ouvrir)
        self.montrer(0)

    def _composer_onglets(self) -> QWidget:
        zone = QWidget()
        rangee = QHBoxLayout(zone)
        rangee.setContentsMargins(20, 4, 20, 8)
        rangee.setSpacing(6)
        for rang, dossier in enumerate(self._dossiers[:9]):
            bouton = Bouton(dossier.nom, "second", touche=str(rang + 1), petit=True)
            bouton.setCheckable(True)
            bouton.clicked.connect(lambda _=False, r=rang: self.montrer(r))
            self.onglets.addButton(bouton, rang)
            rangee.addWidget(bouton)
        rangee.addStretch(1)
        return zone

    def montrer(self, rang: int) -> None:
        """Show the comparison with one file."""
        dossier = self._dossiers[rang]
        self._pile.setCurrentIndex(rang)
        self._statut.definir(dossier.statut)
        if (onglet := self.onglets.button(rang)) is not None:
            onglet.setChecked(True)
        self.ouvrir.setText(self._verbes[dossier.discordant])
        self.ouvrir.definir_touche("" if dossier.discordant else "Entrée")
        # A difference must be read: Entrée alone then does nothing.
        (self.titre if dossier.discordant else self.ouvrir).setFocus()

    @property
    def courant(self) -> DossierPossible:
        """The file shown."""
        return self._dossiers[self._pile.currentIndex()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """1 to 9 show a file, Entrée chooses it when nothing differs or the button has the
        focus."""
        rang = event.key() - Qt.Key.Key_1
        if 0 <= rang < min(9, len(self._dossiers)):
            self.montrer(rang)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            courant = self.focusWidget()
            if isinstance(courant, Bouton):
                courant.click()
            elif not self.courant.discordant:
                self._choisir()
        else:
            super().keyPressEvent(event)

    def _choisir(self) -> None:
        self.choisi.emit(self.courant.patient_id, self.courant.discordant)
        self.accept()

    def _aucun(self) -> None:
        self.aucun.emit()
        self.accept()
