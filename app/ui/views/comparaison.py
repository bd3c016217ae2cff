"""Two identities side by side, trait by trait: differences are seen at a glance (SC.INS.19)."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

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


#: Shares of the four columns: trait, first value, second value, verdict.
PARTS = (22, 27, 33, 18)


class RangeeComparaison(QFrame):
    """One trait: its name, both values, the verdict. Columns keep their place from row to row,
    whatever the texts: these wrap.

    Args:
        verdict: icon, word, colour token.
        differe: the row is tinted, the words that differ are bold.
        marge: px at both sides.
    """

    def __init__(self, libelle: str, valeurs: tuple[str, str], verdict: tuple[str, str, str], *,
                 differe: bool, parts: Sequence[int] = PARTS, marge: int = 20) -> None:
        super().__init__()
        theme.poser(self, comparaison="different" if differe else "autre")
        grille = grille_comparaison(self, parts)
        # The bar at the left of a difference is 4 px wide: the text stays in its column.
        grille.setContentsMargins(marge - 4 if differe else marge, 8, marge, 8)
        a, b = valeurs
        trait = Etiquette(libelle, "body", "texte" if differe else "texte2")
        trait.setWordWrap(True)
        icone, mot, couleur = verdict
        etat = QWidget()
        rangee = QHBoxLayout(etat)
        rangee.setContentsMargins(0, 0, 0, 0)
        rangee.setSpacing(6)
        rangee.addWidget(Icone(icone, couleur, 16))
        rangee.addWidget(Etiquette(mot, "body", couleur))
        rangee.addStretch(1)
        for colonne, cellule in enumerate((trait, _valeur(a, b if differe else a),
                                           _valeur(b, a if differe else b), etat)):
            _sans_largeur(cellule)
            grille.addWidget(cellule, 0, colonne)


def grille_comparaison(cadre: QWidget, parts: Sequence[int] = PARTS) -> QGridLayout:
    """The four columns."""
    grille = QGridLayout(cadre)
    grille.setHorizontalSpacing(12)
    for colonne, part in enumerate(parts):
        grille.setColumnStretch(colonne, part)
    return grille


def _sans_largeur(cellule: QWidget) -> None:
    """Let the columns' shares alone decide of a width."""
    politique = cellule.sizePolicy()
    politique.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    cellule.setSizePolicy(politique)


def _valeur(texte: str, autre: str) -> QLabel:
    etiquette = Etiquette(texte or "vide", "trait", "texte" if texte else "texte2")
    if texte and texte != autre:
        etiquette.setTextFormat(Qt.TextFormat.RichText)
        etiquette.setText(mots_differents(texte, autre))
    etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    etiquette.setWordWrap(True)
    return etiquette


def _rangee(ligne: LigneComparaison, autre: str) -> RangeeComparaison:
    local, insi = ligne.local_affiche or ligne.local, ligne.insi_affiche or ligne.insi
    verdict = _MOTS[ligne.etat]
    rangee = RangeeComparaison(ligne.libelle, (local, insi), verdict,
                               differe=ligne.etat is EtatComparaison.DIFFERENT)
    rangee.setAccessibleName(f"{ligne.libelle} : cabinet {local or 'vide'}, "
                             f"{autre.lower()} {insi or 'vide'}, {verdict[1].lower()}")
    return rangee


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
            colonne.addWidget(_rangee(ligne, autre))


def _entete(titres: Sequence[str]) -> QFrame:
    cadre = QFrame()
    theme.poser(cadre, fond="surface2", trait="bas")
    grille = grille_comparaison(cadre)
    grille.setContentsMargins(20, 7, 20, 7)
    for colonne, titre in enumerate(titres):
        etiquette = Etiquette(titre, "small", "texte2", 500)
        etiquette.setWordWrap(True)
        _sans_largeur(etiquette)
        grille.addWidget(etiquette, 0, colonne)
    return cadre
