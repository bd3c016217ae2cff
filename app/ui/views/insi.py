"""Comparison of the file's identity with INSi's answer (mock 04, SC.INS.19)."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.comparison import Comparaison, EtatComparaison
from app.domain.identity import StatutIdentite
from app.ui import theme
from app.ui.views.comparaison import TableComparaison
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Etiquette, Icone
from app.ui.views.identite import PastilleStatut

#: When one of these differs there is no default button: the user must choose.
GRAVES = frozenset({"nom_naissance", "date_naissance", "sexe"})


class DialogueInsi(Dialogue):
    """Accept or refuse INSi's identity, in one click.

    Args:
        comparaison: the lines and the alerts.
        avant, apres: status of the identity now, and once accepted.
        explication: where the answer comes from.
        prenom_propose: first given name to take instead of the file's; "" = none.
        source: who gives the other identity, as the title of its column.
    """

    #: First given name chosen by the user, or "" to keep the file's.
    accepte = Signal(str)
    refuse = Signal()
    douteuse = Signal()

    def __init__(self, comparaison: Comparaison, avant: StatutIdentite, apres: StatutIdentite,
                 explication: str, prenom_propose: str, parent: QWidget, *,
                 source: str = "Réponse INSi", titre: str = "Comparer avec l’identité INSi",
                 verbe: str = "Accepter l’identité INSi") -> None:
        super().__init__(titre, parent)
        self.expliquer(explication)
        self._prenom = ""
        for statut in (avant, apres):
            pastille = PastilleStatut()
            pastille.definir(statut)
            pastille.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if statut is apres:
                self.tete.addWidget(Icone("arrow-right", "texte2", 18))
            self.tete.addWidget(pastille)
        self.corps.addWidget(TableComparaison(comparaison.lignes, source))
        for alerte in comparaison.alertes:
            self.corps.addWidget(self._alerte(alerte, prenom_propose))
        self._pied(comparaison, verbe)

    def _alerte(self, texte: str, prenom: str) -> QWidget:
        enveloppe = QWidget()
        marges = QVBoxLayout(enveloppe)
        marges.setContentsMargins(20, 12, 20, 12)
        cadre = QFrame()
        theme.poser(cadre, message="alerte")
        rangee = QHBoxLayout(cadre)
        rangee.setContentsMargins(12, 10, 12, 10)
        rangee.setSpacing(10)
        rangee.addWidget(Icone("alert-triangle", "alerte", 20),
                         alignment=Qt.AlignmentFlag.AlignTop)
        phrase = Etiquette(texte, "body")
        phrase.setWordWrap(True)
        rangee.addWidget(phrase, 1)
        if prenom and "prénom" in texte:
            mettre = Bouton(f"Mettre {prenom}", petit=True)
            mettre.setObjectName("mettrePrenom")
            mettre.clicked.connect(lambda: self._mettre(prenom, mettre))
            rangee.addWidget(mettre, alignment=Qt.AlignmentFlag.AlignTop)
        marges.addWidget(cadre)
        return enveloppe

    def _mettre(self, prenom: str, bouton: Bouton) -> None:
        self._prenom = prenom
        bouton.setText(f"{prenom} sera mis")
        bouton.setEnabled(False)
        self.accepter.setFocus()

    def _pied(self, comparaison: Comparaison, verbe: str) -> None:
        doute = Bouton("Marquer l’identité douteuse", "discret", "user-question")
        doute.clicked.connect(self._marquer)
        self.pied.addWidget(doute)
        self.pied.addStretch(1)
        self.refuser = Bouton("Refuser", touche="Échap")
        self.refuser.setObjectName("refuserInsi")
        self.refuser.clicked.connect(self.reject)
        grave = any(ligne.trait in GRAVES and ligne.etat is EtatComparaison.DIFFERENT
                    for ligne in comparaison.lignes)
        self.accepter = Bouton(verbe, "principal", "check",
                               "" if grave else "Entrée")
        self.accepter.setObjectName("accepterInsi")
        self.accepter.clicked.connect(self._accepter)
        self.pied.addWidget(self.refuser)
        self.pied.addWidget(self.accepter)
        # A grave difference must be read: Entrée alone then does nothing.
        self._defaut = not grave
        (self.titre if grave else self.accepter).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Entrée accepts when no grave trait differs, or when the button has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._defaut or self.accepter.hasFocus():
                self._accepter()
            elif self.refuser.hasFocus():
                self.reject()
            return
        super().keyPressEvent(event)

    def _accepter(self) -> None:
        self.accepte.emit(self._prenom)
        self.accept()

    def _marquer(self) -> None:
        self.douteuse.emit()
        self.done(0)

    def reject(self) -> None:
        """Refuse: the identity doesn't change."""
        self.refuse.emit()
        super().reject()
