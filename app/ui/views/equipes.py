"""Section « Équipes et délégations »: who shares a consent, who may act for whom, until when."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.views.elements import Bouton, Etiquette, Icone, filet, vider
from app.ui.views.messages import MessageEnLigne

#: Widths of the state and of the button of a line.
LARGEUR_ETAT, LARGEUR_GESTE = 180, 100


@dataclass(frozen=True, slots=True)
class LigneEquipes:
    """A team or a delegation as the list shows it. `verbe`: its button, "" = none."""

    id: int
    icone: str
    titre: str
    detail: str
    etat: str
    couleur: str = "texte2"
    verbe: str = ""


class _Rangee(QWidget):
    """Icon, who and what, until when, a button."""

    geste = Signal(int)

    def __init__(self, ligne: LigneEquipes) -> None:
        super().__init__()
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(0, 8, 0, 8)
        rangee.setSpacing(12)
        rangee.addWidget(Icone(ligne.icone, "texte2", 20))
        textes = QVBoxLayout()
        textes.setSpacing(1)
        for texte, role, ton, poids in ((ligne.titre, "body", "texte", 600),
                                        (ligne.detail, "small", "texte2", 400)):
            etiquette = Etiquette(texte, role, ton, poids)
            etiquette.setWordWrap(True)
            textes.addWidget(etiquette)
        rangee.addLayout(textes, 1)
        self._etat = Etiquette(ligne.etat, "small", ligne.couleur)
        self._etat.setWordWrap(True)
        rangee.addWidget(self._etat)
        self._place = QWidget()  # as wide with and without a button: the columns stay in line
        colonne = QHBoxLayout(self._place)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.addStretch(1)
        rangee.addWidget(self._place)
        self._mesurer()
        theme.signaux().change.connect(self._mesurer)
        if ligne.verbe:
            bouton = Bouton(ligne.verbe, "second", petit=True)
            bouton.setAccessibleName(f"{ligne.verbe} {ligne.titre}")
            bouton.clicked.connect(lambda: self.geste.emit(ligne.id))
            colonne.addWidget(bouton)

    def _mesurer(self) -> None:
        self._etat.setFixedWidth(theme.espace(LARGEUR_ETAT))
        self._place.setFixedWidth(theme.espace(LARGEUR_GESTE))


class _Liste(QWidget):
    """A titled list with its button; says what it is for while it is empty."""

    ajouter = Signal()
    geste = Signal(int)

    def __init__(self, titre: str, verbe: str, icone: str, vide: str, *,
                 principal: bool = False) -> None:
        super().__init__()
        self._vide = vide
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(4)
        tete = QHBoxLayout()
        tete.addWidget(Etiquette(titre, "trait", "texte", 600), 1)
        self.bouton = Bouton(verbe, "principal" if principal else "second", icone)
        self.bouton.setAccessibleName(verbe or titre)  # one stays hidden: nobody adds there
        self.bouton.clicked.connect(self.ajouter)
        tete.addWidget(self.bouton)
        colonne.addLayout(tete)
        self._lignes = QVBoxLayout()
        self._lignes.setSpacing(0)
        colonne.addLayout(self._lignes)

    def montrer(self, lignes: Sequence[LigneEquipes]) -> None:
        """Fill the list."""
        vider(self._lignes)
        if not lignes:
            vide = Etiquette(self._vide, "body", "texte2")
            vide.setWordWrap(True)
            self._lignes.addWidget(vide)
        for rang, ligne in enumerate(lignes):
            if rang:
                self._lignes.addWidget(filet())
            rangee = _Rangee(ligne)
            rangee.geste.connect(self.geste)
            self._lignes.addWidget(rangee)


class VueEquipes(QWidget):
    """The section: one's delegations, then the teams of the practice."""

    deleguer = Signal()
    #: (delegation)
    reprendre = Signal(int)
    nouvelle_equipe = Signal()
    #: (team)
    modifier_equipe = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(14)
        self._messages = QVBoxLayout()
        colonne.addLayout(self._messages)
        self.donnees = _Liste(
            "Ce que je confie", "Confier à quelqu’un…", "user-plus",
            "Rien pour le moment. Confiez votre agenda, la préparation de vos documents ou le "
            "recueil des consentements à un collègue ou au secrétariat.", principal=True)
        self.recues = _Liste("Ce qui m’est confié", "", "", "Personne ne vous a rien confié.")
        self.recues.bouton.hide()
        self.equipes = _Liste(
            "Équipes de soins", "Nouvelle équipe…", "users-plus",
            "Aucune équipe\u00a0: tout le cabinet partage les consentements. Créez des équipes si "
            "chaque secteur a ses patients.")
        self.donnees.ajouter.connect(self.deleguer)
        self.donnees.geste.connect(self.reprendre)
        self.equipes.ajouter.connect(self.nouvelle_equipe)
        self.equipes.geste.connect(self.modifier_equipe)
        self.donnees.bouton.setEnabled(False)  # until the accounts are read
        self.equipes.bouton.hide()
        for rang, liste in enumerate((self.donnees, self.recues, self.equipes)):
            if rang:
                colonne.addWidget(filet())
            colonne.addWidget(liste)

    def montrer(self, donnees: Sequence[LigneEquipes], recues: Sequence[LigneEquipes],
                equipes: Sequence[LigneEquipes], *, administre: bool, seul: bool) -> None:
        """Fill the lists. `administre`: may change the teams; `seul`: no colleague to give to."""
        self.donnees.montrer(donnees)
        self.donnees.bouton.setEnabled(not seul)
        self.donnees.bouton.setToolTip(
            "Aucun autre compte. Invitez un collègue dans Réglages, Comptes." if seul else "")
        self.recues.montrer(recues)
        self.equipes.montrer(equipes)
        self.equipes.bouton.setVisible(administre)

    def dire(self, genre: str, texte: str) -> None:
        """One message above the section; "" takes it away."""
        vider(self._messages)
        if texte:
            self._messages.addWidget(MessageEnLigne(genre, texte))
