"""Forms as values: what a structured document asks, whatever draws the fields.

A value of a form is a tree of JSON types; a field's `cle` is its dotted path in that tree, numbers
being ranks of lists (`donnees.resultats.0.resultat`).
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from app.domain.dates import est_calendaire


class GenreChamp(StrEnum):
    """How a field is filled."""

    TEXTE = "texte"
    PARAGRAPHE = "paragraphe"
    DATE = "date"
    DATE_HEURE = "date_heure"
    ENTIER = "entier"
    DECIMAL = "decimal"
    CHOIX = "choix"
    SEGMENT = "segment"
    """A choice among few, all visible: one click."""
    CASE = "case"
    CASES = "cases"
    """Several ticks: a list of codes."""
    LISTE = "liste"
    """Rows of the same fields."""


@dataclass(frozen=True, slots=True)
class ChampForme:
    """A field. `largeur` is in twelfths of the row; `champs` are those of one row of a list.

    `vide` is the value of a new row's field; `unite` is written in the label.
    """

    cle: str
    libelle: str
    genre: GenreChamp = GenreChamp.TEXTE
    obligatoire: bool = False
    choix: tuple[tuple[str, str], ...] = ()
    suggestions: tuple[str, ...] = ()
    aide: str = ""
    unite: str = ""
    largeur: int = 6
    champs: tuple["ChampForme", ...] = ()
    ajouter: str = ""
    vide: Any = None


@dataclass(frozen=True, slots=True)
class Rubrique:
    """A titled group of fields."""

    titre: str
    champs: tuple[ChampForme, ...]
    aide: str = ""


@dataclass(frozen=True, slots=True)
class Forme:
    """The form of one kind of document. `scan`: a scanned code fills part of it."""

    type_cle: str
    titre: str
    rubriques: tuple[Rubrique, ...]
    scan: str = ""

    @property
    def champs(self) -> Iterator[ChampForme]:
        """Every field, rows of lists apart."""
        for rubrique in self.rubriques:
            yield from rubrique.champs


@dataclass(frozen=True, slots=True)
class SaisieForme:
    """A form being filled; autosaved. `id` 0: not kept yet."""

    id: int
    patient_id: int
    auteur_id: int
    type_cle: str
    valeur: dict[str, Any]
    modifie_le: str = ""
    version: int = 1


# --- The tree -----------------------------------------------------------------------------------

def lire_chemin(valeur: Any, chemin: str) -> Any:
    """What stands at a dotted path; None when nothing does."""
    for cle in chemin.split("."):
        if isinstance(valeur, Mapping):
            valeur = valeur.get(cle)
        elif isinstance(valeur, list) and cle.isdigit() and int(cle) < len(valeur):
            valeur = valeur[int(cle)]
        else:
            return None
    return valeur


def ecrire_chemin(valeur: dict[str, Any], chemin: str, contenu: Any) -> dict[str, Any]:
    """A copy of the tree with one leaf changed.

    Raises:
        KeyError: the path goes through a leaf, or a list's rank that doesn't exist.
    """
    copie = deepcopy(valeur)
    *parents, feuille = chemin.split(".")
    noeud: Any = copie
    for cle in parents:
        if isinstance(noeud, list):
            if not cle.isdigit() or int(cle) >= len(noeud):
                raise KeyError(chemin)
            noeud = noeud[int(cle)]
        else:
            noeud = noeud.setdefault(cle, {})
        if not isinstance(noeud, dict | list):
            raise KeyError(chemin)
    if isinstance(noeud, dict):
        noeud[feuille] = contenu
    elif feuille.isdigit() and int(feuille) < len(noeud):
        noeud[int(feuille)] = contenu
    else:
        raise KeyError(chemin)
    return copie


# --- Checks -------------------------------------------------------------------------------------

_NECESSAIRE = "Ce champ est nécessaire."
_FAUTES = {GenreChamp.DATE: "Cette date n’existe pas.", GenreChamp.DATE_HEURE:
           "Cette date ou cette heure n’existe pas.", GenreChamp.ENTIER:
           "Un nombre entier est attendu.", GenreChamp.DECIMAL: "Un nombre est attendu.",
           GenreChamp.CHOIX: "Choisissez dans la liste.", GenreChamp.SEGMENT:
           "Choisissez dans la liste."}


def fautes(forme: Forme, valeur: Mapping[str, Any]) -> dict[str, str]:
    """Field -> what is wrong with what it holds, in the order of the form; rows included."""
    trouvees: dict[str, str] = {}
    for champ in forme.champs:
        _controler(champ, champ.cle, lire_chemin(valeur, champ.cle), trouvees)
    return trouvees


def _controler(champ: ChampForme, chemin: str, contenu: Any, fautes_: dict[str, str]) -> None:
    if champ.genre is GenreChamp.LISTE:
        lignes = contenu if isinstance(contenu, list) else []
        if champ.obligatoire and not lignes:
            fautes_[chemin] = f"Il en faut au moins un. « {champ.ajouter} »."
        for rang, ligne in enumerate(lignes):
            for sous in champ.champs:
                _controler(sous, f"{chemin}.{rang}.{sous.cle}", lire_chemin(ligne, sous.cle),
                           fautes_)
        return
    if contenu in (None, "", [], False):
        if champ.obligatoire:
            fautes_[chemin] = _NECESSAIRE
    elif not _convient(champ, contenu):
        fautes_[chemin] = _FAUTES.get(champ.genre, "Cette valeur n’est pas reconnue.")


def _convient(champ: ChampForme, contenu: Any) -> bool:
    match champ.genre:
        case GenreChamp.DATE:
            return isinstance(contenu, str) and est_calendaire(contenu)
        case GenreChamp.DATE_HEURE:
            jour, _, heure = str(contenu).partition("T")
            h, _, m = heure[:5].partition(":")
            return (est_calendaire(jour) and h.isdigit() and m.isdigit() and int(h) < 24
                    and int(m) < 60)
        case GenreChamp.ENTIER:
            return isinstance(contenu, int) and not isinstance(contenu, bool)
        case GenreChamp.DECIMAL:
            try:
                return Decimal(str(contenu).replace(",", ".")).is_finite()
            except InvalidOperation:
                return False
        case GenreChamp.CHOIX | GenreChamp.SEGMENT:
            return any(contenu == code for code, _ in champ.choix)
        case GenreChamp.CASES:
            connus = {code for code, _ in champ.choix}
            return isinstance(contenu, list) and set(contenu) <= connus
        case GenreChamp.CASE:
            return isinstance(contenu, bool)
        case _:
            return isinstance(contenu, str)
