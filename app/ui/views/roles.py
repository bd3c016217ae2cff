"""The roles of the practice as a table: what each may do, which documents each reads (LABEL.04)."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.confidentialite import LIBELLES_CATEGORIES, Categorie
from app.domain.roles import ADMINISTRATEUR, DROITS_ADMINISTRATEUR, LIBELLES_DROITS, Droit, Role
from app.ui import theme
from app.ui.views.dialogue import Dialogue
from app.ui.views.elements import Bouton, Champ, Etiquette, vider
from app.ui.views.formulaires import choisir, liste
from app.ui.views.messages import MessageEnLigne


class DialogueRoles(Dialogue):
    """Choose a role, tick what it may do; add one, take one away."""

    #: (Role, Role as it was read; None for a new one)
    enregistrer = Signal(object, object)
    #: (Role)
    supprimer = Signal(object)

    def __init__(self, roles: Sequence[Role], parent: QWidget) -> None:
        super().__init__("Rôles du cabinet", parent, 860)
        self.expliquer("Un compte peut avoir plusieurs rôles\u00a0: leurs droits s’ajoutent. Un "
                       "changement vaut aussitôt pour les comptes qui ont ce rôle, et il est "
                       "inscrit au journal.")
        self._roles = {r.code: r for r in roles}
        boite = QVBoxLayout()
        boite.setContentsMargins(20, 4, 20, 16)
        boite.setSpacing(10)
        self._zone = QVBoxLayout()
        boite.addLayout(self._zone)
        boite.addLayout(self._composer_choix())
        boite.addWidget(self._composer_droits(), 1)
        self.corps.addLayout(boite)
        self.supprimer_role = Bouton("Supprimer ce rôle", "second", "trash")
        self.supprimer_role.clicked.connect(lambda: self.supprimer.emit(self.courant))
        fermer = Bouton("Fermer", "second", touche="Échap")
        fermer.clicked.connect(self.reject)
        self.bouton = Bouton("Enregistrer le rôle", "principal", "check")
        self.bouton.setDefault(True)
        self.bouton.clicked.connect(lambda: self.enregistrer.emit(
            self.valeur(), self.courant if self.courant.code in self._roles else None))
        self.pied.addWidget(self.supprimer_role)
        self.pied.addStretch(1)
        self.pied.addWidget(fermer)
        self.pied.addWidget(self.bouton)
        self._montrer(next(iter(self._roles.values())))

    def _composer_choix(self) -> QHBoxLayout:
        rangee = QHBoxLayout()
        rangee.setSpacing(12)
        self.choix = liste([(r.code, r.libelle) for r in self._roles.values()])
        self.choix.activated.connect(
            lambda _: self._montrer(self._roles[str(self.choix.currentData())]))
        self.libelle = QLineEdit()
        self.date = QCheckBox("Donné d’un jour à un autre")
        nouveau = Bouton("Nouveau rôle", "second", "plus")
        nouveau.clicked.connect(self._nouveau)
        rangee.addWidget(Champ("Rôle", self.choix), 3)
        rangee.addWidget(Champ("Nom affiché", self.libelle), 3)
        bas = QVBoxLayout()
        bas.addStretch(1)
        bas.addWidget(self.date)
        bas.addSpacing(6)
        rangee.addLayout(bas, 3)
        haut = QVBoxLayout()
        haut.addStretch(1)
        haut.addWidget(nouveau)
        rangee.addLayout(haut)
        return rangee

    def _composer_droits(self) -> QWidget:
        page = QWidget()
        theme.poser(page, fond="surface")
        grille = QGridLayout(page)
        grille.setContentsMargins(2, 2, 2, 2)
        grille.setHorizontalSpacing(28)
        grille.setVerticalSpacing(4)
        grille.addWidget(Etiquette("Ce rôle peut", "small", "texte2", 600), 0, 0)
        grille.addWidget(Etiquette("Il lit ces documents", "small", "texte2", 600), 0, 1)
        self.droits: dict[Droit, QCheckBox] = {}
        for rang, (droit, texte) in enumerate(LIBELLES_DROITS.items(), 1):
            case = QCheckBox(texte[0].upper() + texte[1:])
            case.toggled.connect(lambda _: self._suivre())
            self.droits[droit] = case
            grille.addWidget(case, rang, 0)
        self.categories: dict[Categorie, QCheckBox] = {}
        for rang, (categorie, texte) in enumerate(LIBELLES_CATEGORIES.items(), 1):
            boite = QCheckBox(texte)
            self.categories[categorie] = boite
            grille.addWidget(boite, rang, 1)
        self._aide = Etiquette("Sans le droit de lire les données de soins, seuls les documents "
                               "administratifs se lisent.", "small", "texte2")
        self._aide.setWordWrap(True)
        grille.addWidget(self._aide, len(self.categories) + 1, 1, 2, 1)
        grille.setRowStretch(len(LIBELLES_DROITS) + 2, 1)
        grille.setColumnStretch(0, 1)
        grille.setColumnStretch(1, 1)
        return page

    # -- Content ----------------------------------------------------------------------------

    def _montrer(self, role: Role) -> None:
        self.courant = role
        self.libelle.setText(role.libelle)
        self.date.setChecked(role.date)
        for droit, case in self.droits.items():
            case.setChecked(droit in role.droits)
            fixe = role.code == ADMINISTRATEUR and droit in DROITS_ADMINISTRATEUR
            case.setEnabled(not fixe)
            case.setToolTip("L’administrateur garde toujours ce droit" if fixe else "")
        for categorie, case in self.categories.items():
            case.setChecked(categorie in role.categories)
        self.date.setEnabled(role.code != ADMINISTRATEUR)
        self.supprimer_role.setVisible(role.code in self._roles and role.code != ADMINISTRATEUR)
        self._suivre()

    def _suivre(self) -> None:
        soins = self.droits[Droit.CLINIQUE_LIRE].isChecked()
        for categorie, case in self.categories.items():
            case.setEnabled(soins or categorie is Categorie.ADMINISTRATIF)
        self._aide.setVisible(not soins)

    def _nouveau(self) -> None:
        rang = 1
        while f"role_{rang}" in self._roles:
            rang += 1
        self._montrer(Role(f"role_{rang}", "", frozenset(), False,
                           frozenset({Categorie.ADMINISTRATIF})))
        self.choix.setCurrentIndex(-1)
        self.libelle.setFocus()

    def valeur(self) -> Role:
        """The role as shown."""
        return replace(
            self.courant, libelle=self.libelle.text().strip(), date=self.date.isChecked(),
            droits=frozenset(d for d, case in self.droits.items() if case.isChecked()),
            categories=frozenset(c for c, case in self.categories.items()
                                 if case.isChecked() and case.isEnabled()))

    def actualiser(self, roles: Sequence[Role], courant: str, refus: str = "") -> None:
        """Show the roles as they are stored now, and say that it is done, or the refusal."""
        self._roles = {r.code: r for r in roles}
        self.choix.clear()
        for role in roles:
            self.choix.addItem(role.libelle, role.code)
        choisir(self.choix, courant)
        self._montrer(self._roles.get(courant) or roles[0])
        self.dire(*("erreur", refus) if refus else ("succes", "Rôles enregistrés."))

    def dire(self, genre: str, texte: str) -> None:
        """Say what was done, or why it wasn't."""
        vider(self._zone)
        self._zone.addWidget(MessageEnLigne(genre, texte, fermable=False))
