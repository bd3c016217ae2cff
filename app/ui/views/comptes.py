"""Section « Comptes » of the settings: who may enter, as what, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Icone, filet, vider
from app.ui.views.messages import MessageEnLigne

#: Gestures of an active account: code, words, icon.
GESTES: tuple[tuple[str, str, str], ...] = (
    ("roles", "Rôles et dates…", "id-badge-2"),
    ("identite", "Identité…", "pencil"),
    ("mot_de_passe", "Donner un mot de passe provisoire…", "key"),
    ("second_facteur", "Retirer le second facteur…", "shield-off"),
    ("retirer", "Retirer le compte…", "user-x"),
)


@dataclass(frozen=True, slots=True)
class LigneCompte:
    """An account as the list shows it. `faits`: (icon, text, colour)."""

    id: int
    nom: str
    complement: str
    roles: str
    faits: tuple[tuple[str, str, str], ...] = ()
    gestes: tuple[str, ...] = ()
    actif: bool = True


class _Rangee(QWidget):
    """One account: name and profession, roles and days, what is to know, a menu."""

    geste = Signal(str, int)

    def __init__(self, ligne: LigneCompte, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ligne = ligne
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 6, 0, 6)
        rangee.setSpacing(12)
        rangee.addWidget(Icone("user" if ligne.actif else "user-x", "texte2", 20))
        qui = QVBoxLayout()
        qui.setSpacing(1)
        nom = Etiquette(ligne.nom, "body", "texte" if ligne.actif else "texte2", 600)
        qui.addWidget(nom)
        qui.addWidget(Etiquette(ligne.complement, "small", "texte2"))
        rangee.addLayout(qui, 5)
        droite = QVBoxLayout()
        droite.setSpacing(2)
        roles = Etiquette(ligne.roles, "body", "texte")
        roles.setWordWrap(True)
        droite.addWidget(roles)
        for icone, texte, couleur in ligne.faits:
            fait = QHBoxLayout()
            fait.setSpacing(5)
            fait.addWidget(Icone(icone, couleur, 14))
            fait.addWidget(Etiquette(texte, "small", couleur), 1)
            droite.addLayout(fait)
        rangee.addLayout(droite, 6)
        if ligne.actif:
            self.menu = BoutonIcone("dots-vertical", f"Gestes sur le compte de {ligne.nom}",
                                    bordure=False)
            self.menu.clicked.connect(self._ouvrir)
            rangee.addWidget(self.menu)
        else:
            rouvrir = Bouton("Réactiver…", "second", petit=True)
            rouvrir.clicked.connect(lambda: self.geste.emit("reactiver", ligne.id))
            rangee.addWidget(rouvrir)

    def _ouvrir(self) -> None:
        menu = QMenu(self)
        for code, texte, icone in GESTES:
            if code in self._ligne.gestes:
                action = menu.addAction(theme.icone(icone), texte)
                action.triggered.connect(
                    lambda _=False, c=code: self.geste.emit(c, self._ligne.id))
        menu.popup(self.menu.mapToGlobal(QPoint(0, self.menu.height())))


class VueComptes(QWidget):
    """The list, and what concerns every account."""

    inviter = Signal()
    roles = Signal()
    politique = Signal()
    journal = Signal()
    debloquer = Signal()
    #: (code of GESTES or « reactiver », account)
    geste = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        tete = QHBoxLayout()
        tete.setSpacing(8)
        for texte, icone, signal in (("Rôles…", "id-badge-2", self.roles),
                                     ("Mots de passe…", "key", self.politique),
                                     ("Journal", "list", self.journal)):
            bouton = Bouton(texte, "second", icone)
            bouton.clicked.connect(signal)
            tete.addWidget(bouton)
        tete.addStretch(1)
        self.bouton = Bouton("Inviter un collègue…", "principal", "user-plus")
        self.bouton.clicked.connect(self.inviter)
        tete.addWidget(self.bouton)
        colonne.addLayout(tete)
        self._actifs, self._retires = QVBoxLayout(), QVBoxLayout()
        for liste in (self._actifs, self._retires):
            liste.setSpacing(0)
        colonne.addLayout(self._actifs)
        self._titre_retires = Etiquette("Comptes retirés", "small", "texte2", 600)
        colonne.addSpacing(6)
        colonne.addWidget(self._titre_retires)
        colonne.addLayout(self._retires)

    def montrer(self, lignes: Sequence[LigneCompte]) -> None:
        """Show the accounts, the retired ones apart."""
        for ou in (self._actifs, self._retires):
            vider(ou)
        for ligne in lignes:
            ou = self._actifs if ligne.actif else self._retires
            ou.addWidget(self._separation())
            rangee = _Rangee(ligne)
            rangee.geste.connect(self.geste)
            ou.addWidget(rangee)
        self._titre_retires.setVisible(any(not ligne.actif for ligne in lignes))

    @staticmethod
    def _separation() -> QFrame:
        return filet()

    def dire_blocage(self, rates: int, attente_s: int) -> None:
        """Say that the lock screen waits, and offer to end it."""
        vider(self._messages)
        if attente_s:
            minutes = -(-attente_s // 60)
            self._messages.addWidget(MessageEnLigne(
                "alerte", f"L’ouverture du dossier attend. {rates} mots de passe faux de suite, "
                f"encore {minutes} min.", "Lever l’attente", self.debloquer.emit,
                fermable=False))
