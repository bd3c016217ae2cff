"""Section « Comptes » of the settings: who may enter, as what, and what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from app.domain.names import cle_recherche
from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Etiquette, Icone, filet, vider
from app.ui.views.messages import MessageEnLigne
from app.ui.views.repli import Repli

#: Gestures of an active account: code, words, icon.
GESTES: tuple[tuple[str, str, str], ...] = (
    ("roles", "Rôles et dates…", "id-badge-2"),
    ("identite", "Identité…", "pencil"),
    ("mot_de_passe", "Donner un mot de passe provisoire…", "key"),
    ("second_facteur", "Retirer le second facteur…", "shield-off"),
    ("retirer", "Retirer le compte…", "user-x"),
)


#: Width of the gesture of a row, px at 100 %.
LARGEUR_GESTE = 100
#: From this many accounts, a field filters the list.
FILTRE_DES = 9


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
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        colonne.addWidget(filet())
        rangee = QHBoxLayout()
        rangee.setContentsMargins(0, 6, 0, 6)
        rangee.setSpacing(12)
        colonne.addLayout(rangee)
        rangee.addWidget(Icone("user" if ligne.actif else "user-x", "texte2", 20))
        # Everything wraps: the two columns of all the rows stay in line, whatever the names.
        qui = QVBoxLayout()
        qui.setSpacing(1)
        qui.addStretch(1)
        qui.addWidget(self._texte(ligne.nom, "body", "texte" if ligne.actif else "texte2", 600))
        qui.addWidget(self._texte(ligne.complement, "small", "texte2"))
        qui.addStretch(1)
        rangee.addLayout(qui, 5)
        droite = QVBoxLayout()
        droite.setSpacing(2)
        droite.addStretch(1)
        droite.addWidget(self._texte(ligne.roles, "body", "texte"))
        for icone, texte, couleur in ligne.faits:
            fait = QHBoxLayout()
            fait.setSpacing(5)
            fait.addWidget(Icone(icone, couleur, 14), 0, Qt.AlignmentFlag.AlignTop)
            fait.addWidget(self._texte(texte, "small", couleur), 1)
            droite.addLayout(fait)
        droite.addStretch(1)
        rangee.addLayout(droite, 6)
        self._place = QWidget()  # as wide for every row
        fin = QHBoxLayout(self._place)
        fin.setContentsMargins(0, 0, 0, 0)
        fin.addStretch(1)
        if ligne.actif:
            self.menu = BoutonIcone("dots-vertical", f"Gestes sur le compte de {ligne.nom}",
                                    bordure=False)
            self.menu.clicked.connect(self._ouvrir)
            fin.addWidget(self.menu)
        else:
            rouvrir = Bouton("Réactiver…", "second", petit=True)
            rouvrir.setAccessibleName(f"Réactiver le compte de {ligne.nom}")
            rouvrir.clicked.connect(lambda: self.geste.emit("reactiver", ligne.id))
            fin.addWidget(rouvrir)
        rangee.addWidget(self._place)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)

    def _mesurer(self) -> None:
        self._place.setFixedWidth(theme.espace(LARGEUR_GESTE))

    @staticmethod
    def _texte(texte: str, role: str, couleur: str, poids: int | None = None) -> Etiquette:
        etiquette = Etiquette(texte, role, couleur, poids)
        etiquette.setWordWrap(True)
        return etiquette

    @property
    def actif(self) -> bool:
        """False for an account that was taken away."""
        return self._ligne.actif

    def repond(self, mots: Sequence[str]) -> bool:
        """True when each word is in what the row says."""
        dit = cle_recherche(" ".join((self._ligne.nom, self._ligne.complement, self._ligne.roles,
                                      *(texte for _, texte, _ in self._ligne.faits))))
        return all(mot in dit for mot in mots)

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
    #: The section comes on screen: what it says may be old (a wait, a colleague's change).
    montree = Signal()
    #: (code of GESTES or « reactiver », account)
    geste = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        tete = Repli()
        for texte, icone, signal in (("Rôles…", "id-badge-2", self.roles),
                                     ("Mots de passe…", "key", self.politique),
                                     ("Journal", "list", self.journal)):
            bouton = Bouton(texte, "second", icone)
            bouton.clicked.connect(signal)
            tete.addWidget(bouton)
        self.bouton = Bouton("Inviter un collègue…", "principal", "user-plus")
        self.bouton.clicked.connect(self.inviter)
        tete.addWidget(self.bouton)
        colonne.addLayout(tete)
        self.filtre = QLineEdit()
        self.filtre.setPlaceholderText("Nom, profession ou rôle")
        self.filtre.setAccessibleName("Filtrer les comptes")
        self.filtre.setClearButtonEnabled(True)
        self.filtre.textChanged.connect(lambda _: self._filtrer())
        self.filtre.hide()
        theme.poser(self.filtre, largeur_max=320)
        colonne.addWidget(self.filtre)
        self._montrees: tuple[LigneCompte, ...] | None = None
        self._rangees: list[_Rangee] = []
        self._actifs, self._retires = QVBoxLayout(), QVBoxLayout()
        for liste in (self._actifs, self._retires):
            liste.setSpacing(0)
        colonne.addLayout(self._actifs)
        self._titre_retires = Etiquette("Comptes retirés", "small", "texte2", 600)
        colonne.addSpacing(6)
        colonne.addWidget(self._titre_retires)
        colonne.addLayout(self._retires)
        self._personne = Etiquette("Aucun compte ne répond à ces mots.", "body", "texte2")
        self._personne.hide()
        colonne.addWidget(self._personne)
        self._titre_retires.hide()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():
            self.montree.emit()

    def montrer(self, lignes: Sequence[LigneCompte]) -> None:
        """Show the accounts, the retired ones apart. Read again without a change, they stay as they
        are: a menu that the user has just opened would go with its line."""
        if self._montrees == tuple(lignes):
            return
        self._montrees = tuple(lignes)
        self._rangees = []
        for ou in (self._actifs, self._retires):
            vider(ou)
        for ligne in lignes:
            rangee = _Rangee(ligne)
            rangee.geste.connect(self.geste)
            self._rangees.append(rangee)
            (self._actifs if ligne.actif else self._retires).addWidget(rangee)
        self.filtre.setVisible(len(lignes) >= FILTRE_DES or bool(self.filtre.text()))
        self._filtrer()

    def _filtrer(self) -> None:
        """Keep the rows that hold every word typed."""
        mots = cle_recherche(self.filtre.text()).split()
        for rangee in self._rangees:
            rangee.setVisible(rangee.repond(mots))
        montrees = [r for r in self._rangees if not r.isHidden()]
        self._titre_retires.setVisible(any(not r.actif for r in montrees))
        self._personne.setVisible(bool(self._rangees) and not montrees)

    def dire_blocage(self, rates: int, attente_s: int) -> None:
        """Say that the lock screen waits, and offer to end it."""
        vider(self._messages)
        if attente_s:
            minutes = -(-attente_s // 60)
            self._messages.addWidget(MessageEnLigne(
                "alerte", f"L’ouverture du dossier attend. {rates} mots de passe faux de suite, "
                f"encore {minutes} min.", "Lever l’attente", self.debloquer.emit,
                fermable=False))
