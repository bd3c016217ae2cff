"""A form drawn from its description (`domain.formulaire`): a tree of values in, one out."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.documents.formes import ligne_vide
from app.domain.formulaire import (
    ChampForme,
    Forme,
    GenreChamp,
    Rubrique,
    ecrire_chemin,
    lire_chemin,
)
from app.ui import theme
from app.ui.views.elements import Bouton, BoutonIcone, Carte, Etiquette
from app.ui.views.forme_champs import ChampAffiche, ranger

#: Space between two fields of a row, pixels at 100 %.
_ESPACE = 12


class LigneListe(QFrame):
    """One row of a list: its fields, and the cross that takes it away."""

    modifie = Signal()
    retiree = Signal()

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.poser(self, fond="surface2", bloc="oui")
        rangee = QHBoxLayout(self)
        rangee.setContentsMargins(10, 8, 6, 10)
        rangee.setSpacing(6)
        self._source: dict[str, Any] = {}
        self.champs = {sous.cle: ChampAffiche(sous) for sous in champ.champs}
        grille = QGridLayout()
        grille.setHorizontalSpacing(_ESPACE)
        grille.setVerticalSpacing(8)
        ranger(grille, list(self.champs.values()), [c.largeur for c in champ.champs])
        for affiche in self.champs.values():
            affiche.saisie.modifie.connect(self.modifie)
        rangee.addLayout(grille, 1)
        retirer = BoutonIcone("x", "Retirer cette ligne", bordure=False)
        retirer.clicked.connect(self.retiree)
        rangee.addWidget(retirer, 0, Qt.AlignmentFlag.AlignTop)

    def poser(self, valeur: Mapping[str, Any]) -> None:
        """Show a row; what the form doesn't show is kept."""
        self._source = dict(valeur)
        for cle, affiche in self.champs.items():
            affiche.saisie.poser(lire_chemin(valeur, cle))

    @property
    def valeur(self) -> dict[str, Any]:
        """The row as filled."""
        tout = deepcopy(self._source)
        for cle, affiche in self.champs.items():
            tout = ecrire_chemin(tout, cle, affiche.saisie.valeur)
        return tout


class ListeForme(QWidget):
    """Rows of the same fields, and the button that adds one."""

    modifie = Signal()

    def __init__(self, champ: ChampForme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.champ = champ
        self.lignes: list[LigneListe] = []
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(8)
        self._rangees = QVBoxLayout()
        self._rangees.setSpacing(8)
        colonne.addLayout(self._rangees)
        self.ajouter = Bouton(champ.ajouter, icone="plus", petit=True)
        self.ajouter.clicked.connect(self._ajouter)
        self._faute = Etiquette("", "small", "erreur")
        self._faute.hide()
        colonne.addWidget(self.ajouter)
        colonne.addWidget(self._faute)

    def _ligne(self, valeur: Mapping[str, Any]) -> LigneListe:
        ligne = LigneListe(self.champ)
        ligne.poser(valeur)
        ligne.modifie.connect(self.modifie)
        ligne.retiree.connect(lambda: self._retirer(ligne))
        self.lignes.append(ligne)
        self._rangees.addWidget(ligne)
        return ligne

    def _ajouter(self) -> None:
        ligne = self._ligne(ligne_vide(self.champ, date.today()))
        next(iter(ligne.champs.values())).saisie.setFocus(Qt.FocusReason.OtherFocusReason)
        self.modifie.emit()

    def _retirer(self, ligne: LigneListe) -> None:
        self.lignes.remove(ligne)
        self._rangees.removeWidget(ligne)
        ligne.hide()
        ligne.deleteLater()
        self.ajouter.setFocus(Qt.FocusReason.OtherFocusReason)
        self.modifie.emit()

    def poser(self, valeur: Any) -> None:
        """Show the rows; those that stay are filled again, so that a caret isn't lost."""
        voulues = valeur if isinstance(valeur, list) else []
        while len(self.lignes) > len(voulues):
            ligne = self.lignes.pop()
            self._rangees.removeWidget(ligne)
            ligne.hide()
            ligne.deleteLater()
        for rang, contenu in enumerate(voulues):
            if rang < len(self.lignes):
                self.lignes[rang].poser(contenu)
            else:
                self._ligne(contenu)

    @property
    def valeur(self) -> list[dict[str, Any]]:
        """The rows as filled."""
        return [ligne.valeur for ligne in self.lignes]

    def montrer_faute(self, texte: str) -> None:
        """Say that a row is wanted; "" takes it away."""
        self._faute.setText(texte)
        self._faute.setVisible(bool(texte))


class FormeAffichee(QWidget):
    """The whole form. `modifie`: the user changed something."""

    modifie = Signal()

    def __init__(self, forme: Forme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.forme = forme
        self._source: dict[str, Any] = {}
        self.champs: dict[str, ChampAffiche] = {}
        self.listes: dict[str, ListeForme] = {}
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(12)
        for rubrique in forme.rubriques:
            colonne.addWidget(self._rubrique(rubrique))
        colonne.addStretch(1)

    def _rubrique(self, rubrique: Rubrique) -> QWidget:
        carte = Carte(rubrique.titre)
        carte.corps.setSpacing(10)
        if rubrique.aide:
            aide = Etiquette(rubrique.aide, "small", "texte2")
            aide.setWordWrap(True)
            carte.corps.addWidget(aide)
        grille = QGridLayout()
        grille.setHorizontalSpacing(_ESPACE)
        grille.setVerticalSpacing(10)
        widgets: list[QWidget] = []
        for champ in rubrique.champs:
            if champ.genre is GenreChamp.LISTE:
                liste = ListeForme(champ)
                liste.modifie.connect(self.modifie)
                self.listes[champ.cle] = liste
                widgets.append(liste)
            else:
                affiche = ChampAffiche(champ)
                affiche.saisie.modifie.connect(self.modifie)
                self.champs[champ.cle] = affiche
                widgets.append(affiche)
        ranger(grille, widgets, [c.largeur for c in rubrique.champs])
        carte.corps.addLayout(grille)
        return carte

    def poser(self, valeur: Mapping[str, Any]) -> None:
        """Show a tree of values; what no field shows is kept."""
        self._source = dict(valeur)
        for cle, affiche in self.champs.items():
            affiche.saisie.poser(lire_chemin(valeur, cle))
        for cle, liste in self.listes.items():
            liste.poser(lire_chemin(valeur, cle))

    @property
    def valeur(self) -> dict[str, Any]:
        """The tree as filled."""
        tout = deepcopy(self._source)
        for cle, affiche in self.champs.items():
            tout = ecrire_chemin(tout, cle, affiche.saisie.valeur)
        for cle, liste in self.listes.items():
            tout = ecrire_chemin(tout, cle, liste.valeur)
        return tout

    def montrer_fautes(self, fautes: Mapping[str, str]) -> QWidget | None:
        """Show every fault under its field; returns the first field at fault."""
        premier: QWidget | None = None
        for cle, affiche in self._tous():
            texte = fautes.get(cle, "")
            affiche.montrer_faute(texte)
            if texte and premier is None:
                premier = affiche.saisie if isinstance(affiche, ChampAffiche) else affiche.ajouter
        return premier

    def lever_fautes(self, restantes: Mapping[str, str]) -> None:
        """Take away the sentences of the faults that were mended."""
        for cle, affiche in self._tous():
            if cle not in restantes:
                affiche.montrer_faute("")

    def champ(self, chemin: str) -> QWidget | None:
        """What takes the focus at that path, or None."""
        affiche = dict(self._tous()).get(chemin)
        return affiche.ajouter if isinstance(affiche, ListeForme) else (
            affiche.saisie if affiche is not None else None)

    def nom_du_champ(self, chemin: str) -> str:
        """Label of the field at that path, with the rank of its row."""
        affiche = dict(self._tous()).get(chemin)
        if affiche is None:
            return chemin
        if isinstance(affiche, ListeForme):
            return affiche.champ.libelle
        rang = next((int(m) + 1 for m in chemin.split(".")[:-1] if m.isdigit()
                     and chemin.startswith(tuple(self.listes))), 0)
        return f"{affiche.champ.libelle} (ligne\u00a0{rang})" if rang else affiche.champ.libelle

    def premier_vide(self) -> QWidget | None:
        """The first necessary field that is empty: where the user goes on."""
        for _, affiche in self._tous():
            if not affiche.champ.obligatoire:
                continue
            if isinstance(affiche, ListeForme):
                if not affiche.lignes:
                    return affiche.ajouter
            elif affiche.saisie.valeur in (None, "", False, []):
                return affiche.saisie
        return None

    def _tous(self) -> list[tuple[str, ChampAffiche | ListeForme]]:
        """Fields in the order of the form, those of the rows with their path."""
        suite: list[tuple[str, ChampAffiche | ListeForme]] = []
        for champ in self.forme.champs:
            if champ.cle in self.champs:
                suite.append((champ.cle, self.champs[champ.cle]))
                continue
            liste = self.listes[champ.cle]
            suite.append((champ.cle, liste))
            for rang, ligne in enumerate(liste.lignes):
                suite += [(f"{champ.cle}.{rang}.{cle}", a) for cle, a in ligne.champs.items()]
        return suite
