"""Settings of identities: proofs trusted, transitory procedure, traits shown, rights by account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.justificatifs import JUSTIFICATIFS
from app.domain.libelles import TRAITS
from app.ui import theme
from app.ui.views.elements import Bouton, Carte, Etiquette
from app.ui.views.tete_page import TetePage

#: Traits that a practice may add to the banner and to what it prints.
_TRAITS = ("lieu_naissance", "matricule_ins", "oid", "prenoms", "nom_utilise", "prenom_utilise")


@dataclass(frozen=True, slots=True)
class ChoixIdentite:
    """What the page edits: settings, and rights (account -> codes)."""

    procedure_transitoire: bool
    validation_automatique: bool
    justificatifs: tuple[str, ...]
    traits_bandeau: tuple[str, ...]
    traits_impression: tuple[str, ...]
    droits: Mapping[int, frozenset[str]]


class VueReglagesIdentite(QWidget):
    """The page « reglages_identite »."""

    #: ChoixIdentite.
    enregistrement_demande = Signal(object)
    retour_demande = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 10, 16, 14)
        page.setSpacing(12)
        tete = TetePage("Identités et INS", retour="Réglages")
        tete.bouton_retour.clicked.connect(self.retour_demande)
        page.addLayout(tete)
        defilant = QWidget()
        theme.poser(defilant, fond="fond")
        corps = self._corps = QBoxLayout(QBoxLayout.Direction.LeftToRight, defilant)
        corps.setContentsMargins(0, 0, 0, 0)
        corps.setSpacing(12)
        corps.addWidget(self._composer_preuves(), 1)
        droite = QVBoxLayout()
        droite.setSpacing(12)
        droite.addWidget(self._composer_traits())
        self._droits_carte = Carte("Droits de chaque compte", "key")
        self._droits = QGridLayout()
        self._droits.setHorizontalSpacing(16)
        self._droits.setVerticalSpacing(6)
        self._droits_carte.corps.addLayout(self._droits)
        self._droits_carte.corps.addStretch(1)
        droite.addWidget(self._droits_carte, 1)
        corps.addLayout(droite, 1)
        defilement = QScrollArea()
        defilement.setWidgetResizable(True)
        defilement.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        defilement.setWidget(defilant)
        page.addWidget(defilement, 1)
        pied = QFrame()
        theme.poser(pied, carte="oui")
        bas = QHBoxLayout(pied)
        bas.setContentsMargins(12, 8, 12, 8)
        self._etat = Etiquette("", "body", "texte2")
        bas.addWidget(self._etat)
        bas.addStretch(1)
        self.enregistrer = Bouton("Enregistrer", "principal", "check")
        self.enregistrer.clicked.connect(lambda: self.enregistrement_demande.emit(self.choix()))
        bas.addWidget(self.enregistrer)
        page.addWidget(pied)
        self._comptes: dict[int, dict[str, QCheckBox]] = {}

    def _composer_preuves(self) -> QWidget:
        carte = Carte("Preuves d’identité", "id")
        carte.corps.setSpacing(4)
        note = Etiquette("Documents à haut niveau de confiance que le cabinet accepte :", "body",
                         "texte2")
        note.setWordWrap(True)
        carte.corps.addWidget(note)
        self._justificatifs: dict[str, QCheckBox] = {}
        for j in JUSTIFICATIFS:
            if j.haute_confiance:
                case = QCheckBox(j.libelle)
                case.toggled.connect(self._modifie)
                self._justificatifs[j.code] = case
                carte.corps.addWidget(case)
        refuses = ", ".join(j.libelle[0].lower() + j.libelle[1:] for j in JUSTIFICATIFS
                            if not j.haute_confiance)
        jamais = Etiquette(f"Ne suffisent jamais : {refuses}.", "small", "texte2")
        jamais.setWordWrap(True)
        carte.corps.addWidget(jamais)
        carte.corps.addSpacing(10)
        self.validation = QCheckBox("Choisir un document valide l’identité aussitôt")
        self.transitoire = QCheckBox("Activer la procédure spécifique transitoire")
        for case in (self.validation, self.transitoire):
            case.toggled.connect(self._modifie)
            carte.corps.addWidget(case)
        explication = Etiquette("Elle qualifie une identité récupérée d’un patient connu de "
                                "l’équipe, avec un motif ; ces identités sont comptées à part.",
                                "small", "texte2")
        explication.setWordWrap(True)
        carte.corps.addWidget(explication)
        carte.corps.addStretch(1)
        return carte

    def _composer_traits(self) -> QWidget:
        carte = Carte("Traits affichés et imprimés", "id-badge-2")
        note = Etiquette("Nom et 1er prénom de naissance, date de naissance et sexe le sont "
                         "toujours.", "body", "texte2")
        note.setWordWrap(True)
        carte.corps.addWidget(note)
        carte.corps.addSpacing(6)
        grille = QGridLayout()
        grille.setHorizontalSpacing(16)
        grille.setVerticalSpacing(4)
        for colonne, mot in ((1, "Bandeau"), (2, "Impression")):
            grille.addWidget(Etiquette(mot, "small", "texte2", 500), 0, colonne)
        self._traits: dict[str, dict[str, QCheckBox]] = {"bandeau": {}, "impression": {}}
        for rang, trait in enumerate(_TRAITS, 1):
            grille.addWidget(Etiquette(TRAITS[trait], "body"), rang, 0)
            for colonne, ou in ((1, "bandeau"), (2, "impression")):
                case = QCheckBox()
                case.setAccessibleName(f"{TRAITS[trait]}, {ou}")
                grille.addWidget(case, rang, colonne)
                if (trait, ou) == ("matricule_ins", "impression"):
                    # Rule 32: printed with its nature for every qualified identity.
                    case.setChecked(True)
                    case.setEnabled(False)
                    case.setToolTip("Toujours imprimé quand l’identité est qualifiée")
                    continue
                case.toggled.connect(self._modifie)
                self._traits[ou][trait] = case
        grille.setColumnStretch(0, 1)
        carte.corps.addLayout(grille)
        return carte

    # -- Content ----------------------------------------------------------------------------

    def montrer(self, choix: ChoixIdentite, comptes: Sequence[tuple[int, str]],
                libelles: Mapping[str, str]) -> None:
        """Show the settings; `comptes`: (account, name), `libelles`: right -> French label."""
        self.transitoire.setChecked(choix.procedure_transitoire)
        self.validation.setChecked(choix.validation_automatique)
        for code, case in self._justificatifs.items():
            case.setChecked(code in choix.justificatifs)
        for ou, retenus in (("bandeau", choix.traits_bandeau),
                            ("impression", choix.traits_impression)):
            for trait, case in self._traits[ou].items():
                case.setChecked(trait in retenus)
        self._montrer_droits(choix.droits, comptes, libelles)
        self._etat.setText("")
        self.enregistrer.setEnabled(False)

    def _montrer_droits(self, droits: Mapping[int, frozenset[str]],
                        comptes: Sequence[tuple[int, str]], libelles: Mapping[str, str]) -> None:
        while self._droits.count():
            element = self._droits.takeAt(0)
            if element is not None and (widget := element.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._comptes = {}
        for colonne, libelle in enumerate(libelles.values(), 1):
            titre = Etiquette(libelle, "small", "texte2", 500)
            titre.setWordWrap(True)
            self._droits.addWidget(titre, 0, colonne, Qt.AlignmentFlag.AlignBottom)
        for rang, (compte, nom) in enumerate(comptes, 1):
            self._droits.addWidget(Etiquette(nom, "body"), rang, 0)
            self._comptes[compte] = {}
            for colonne, (code, libelle) in enumerate(libelles.items(), 1):
                case = QCheckBox()
                case.setAccessibleName(f"{nom}, {libelle}")
                case.setChecked(code in droits.get(compte, frozenset()))
                case.toggled.connect(self._modifie)
                self._droits.addWidget(case, rang, colonne)
                self._comptes[compte][code] = case
        self._droits.setColumnStretch(0, 1)

    def choix(self) -> ChoixIdentite:
        """What is chosen now."""
        bandeau, impression = (
            tuple(t for t, case in self._traits[ou].items() if case.isChecked())
            for ou in ("bandeau", "impression"))
        return ChoixIdentite(
            self.transitoire.isChecked(), self.validation.isChecked(),
            tuple(c for c, case in self._justificatifs.items() if case.isChecked()),
            bandeau, impression,
            {compte: frozenset(c for c, case in cases.items() if case.isChecked())
             for compte, cases in self._comptes.items()})

    def _modifie(self) -> None:
        self._etat.setText("Modifications non enregistrées")
        self.enregistrer.setEnabled(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room for two columns, one under the other."""
        super().resizeEvent(event)
        etroit = self.width() < theme.espace(880)
        self._corps.setDirection(QBoxLayout.Direction.TopToBottom if etroit
                                 else QBoxLayout.Direction.LeftToRight)

    def entrer(self) -> None:
        """The page is shown."""
        self.transitoire.setFocus(Qt.FocusReason.OtherFocusReason)
