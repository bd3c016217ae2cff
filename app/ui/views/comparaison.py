"""Two identities side by side, trait by trait: differences are seen at a glance (SC.INS.19)."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.comparison import EtatComparaison, LigneComparaison
from app.ui import theme
from app.ui.views.elements import Etiquette, Icone

_MOTS = {EtatComparaison.IDENTIQUE: ("equal", "Identique", "succes"),
         EtatComparaison.DIFFERENT: ("equal-not", "Différent", "alerte"),
         EtatComparaison.AJOUTE: ("plus", "Ajouté", "info")}


def mots_differents(valeur: str, autre: str) -> str:
    """Rich text of `valeur`: words that `autre` lacks are bold and underlined."""
    mots, autres = valeur.split(), autre.split()
    morceaux = []
    for operation, debut, fin, _, _ in SequenceMatcher(a=mots, b=autres).get_opcodes():
        texte = escape(" ".join(mots[debut:fin]))
        if texte and operation != "equal":
            texte = f"<b><u>{texte}</u></b>"
        if texte:
            morceaux.append(texte)
    return " ".join(morceaux)


class _Rangee(QFrame):
    """One trait of the table."""

    def __init__(self, ligne: LigneComparaison, autre: str) -> None:
        super().__init__()
        differe = ligne.etat is EtatComparaison.DIFFERENT
        theme.poser(self, comparaison="different" if differe else "autre")
        grille = QGridLayout(self)
        # The bar at the left of a difference is 4 px wide: the text stays in its column.
        grille.setContentsMargins(16 if differe else 20, 8, 20, 8)
        grille.setHorizontalSpacing(12)
        for colonne, part in enumerate((24, 26, 34, 14)):
            grille.setColumnStretch(colonne, part)
        local = ligne.local_affiche or ligne.local
        insi = ligne.insi_affiche or ligne.insi
        grille.addWidget(Etiquette(ligne.libelle, "body", "texte" if differe else "texte2"), 0, 0)
        grille.addWidget(_valeur(local, insi if differe else local), 0, 1)
        grille.addWidget(_valeur(insi, local if differe else insi), 0, 2)
        icone, mot, couleur = _MOTS[ligne.etat]
        etat = QHBoxLayout()
        etat.setSpacing(6)
        etat.addWidget(Icone(icone, couleur, 16))
        etat.addWidget(Etiquette(mot, "body", couleur))
        etat.addStretch(1)
        grille.addLayout(etat, 0, 3)
        self.setAccessibleName(f"{ligne.libelle} : cabinet {local or 'vide'}, "
                               f"{autre.lower()} {insi or 'vide'}, {mot.lower()}")


def _valeur(texte: str, autre: str) -> QLabel:
    etiquette = Etiquette(texte, "trait", "texte" if texte else "texte2")
    if not texte:
        etiquette.setText("vide")
    elif texte != autre:
        etiquette.setTextFormat(Qt.TextFormat.RichText)
        etiquette.setText(mots_differents(texte, autre))
    etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    etiquette.setWordWrap(True)
    return etiquette


class TableComparaison(QWidget):
    """The lines of a comparison.

    Args:
        autre: title of the second column, « Réponse INSi ».
    """

    def __init__(self, lignes: Sequence[LigneComparaison], autre: str,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        colonne = QVBoxLayout(self)
        colonne.setContentsMargins(0, 0, 0, 0)
        colonne.setSpacing(0)
        colonne.addWidget(_entete(("Trait", "Dossier du cabinet", autre, "Comparaison")))
        for ligne in lignes:
            colonne.addWidget(_Rangee(ligne, autre))


def _entete(titres: Sequence[str]) -> QFrame:
    cadre = QFrame()
    theme.poser(cadre, fond="surface2", trait="bas")
    grille = QGridLayout(cadre)
    grille.setContentsMargins(20, 7, 20, 7)
    grille.setHorizontalSpacing(12)
    for colonne, (titre, part) in enumerate(zip(titres, (24, 26, 34, 14), strict=True)):
        grille.setColumnStretch(colonne, part)
        grille.addWidget(Etiquette(titre, "small", "texte2", 500), 0, colonne)
    return cadre
