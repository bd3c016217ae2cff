"""The body of a letter in one canonical form: what the editor, the drafts and the tests compare.

The editor can show more shapes than a document means (empty paragraphs between two tables, runs cut
anywhere): `normaliser` gives the one value that they all stand for.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from app.documents.model import (
    Bloc,
    Fragment,
    Intertitre,
    Liste,
    Paragraphe,
    Tableau,
    Texte,
    fragments,
    texte_brut,
)
from app.documents.texte import propre

#: Line and paragraph separators, and the mark that a text editor leaves for an object.
_SEPARATEURS = str.maketrans({"\u2028": "\n", "\u2029": "\n", "\ufffc": ""})
#: Largest table that an editor takes from outside.
COLONNES_MAX, LIGNES_MAX = 20, 500


def normaliser(blocs: Sequence[Bloc]) -> tuple[Bloc, ...]:
    """The canonical form: clean texts, runs of one style merged, nothing empty, square tables.

    The title of a table becomes a heading above it; its widths are left to the rendering.
    """
    sortie: list[Bloc] = []
    for bloc in blocs:
        match bloc:
            case Paragraphe():
                if (texte := normaliser_texte(bloc.texte)) != "":
                    sortie.append(Paragraphe(texte))
            case Intertitre():
                titre = " ".join(_propre(bloc.texte).split("\n")).strip()
                if titre:
                    sortie.append(Intertitre(titre, min(2, max(1, bloc.niveau))))
            case Liste():
                elements = tuple(t for e in bloc.elements if (t := normaliser_texte(e)) != "")
                if elements:
                    sortie.append(Liste(elements, bloc.ordonnee))
            case Tableau():
                sortie += _tableau(bloc)
    return tuple(sortie)


def normaliser_texte(texte: Texte) -> Texte:
    """A text with its runs merged; a blank one is empty."""
    runs: list[Fragment] = []
    for f in fragments(texte):
        f = replace(f, texte=_propre(f.texte))
        if not f.texte:
            continue
        if runs and replace(runs[-1], texte="") == replace(f, texte=""):
            runs[-1] = replace(f, texte=_propre(runs[-1].texte + f.texte))
        else:
            runs.append(f)
    if not "".join(f.texte for f in runs).strip():
        return ""
    if len(runs) == 1 and runs[0] == Fragment(runs[0].texte):
        return runs[0].texte
    return tuple(runs)


def _propre(texte: str) -> str:
    return propre(texte.translate(_SEPARATEURS)).translate(_SEPARATEURS)


def _tableau(tableau: Tableau) -> Iterator[Bloc]:
    colonnes = max((len(rang) for rang in (tableau.entetes, *tableau.lignes)), default=0)
    if not colonnes:
        return
    if titre := " ".join(_propre(tableau.titre).split("\n")).strip():
        yield Intertitre(titre, 2)

    def rang(cellules: Sequence[Texte]) -> tuple[Texte, ...]:
        return tuple(normaliser_texte(c) for c in (*cellules, *[""] * colonnes)[:colonnes])

    entetes = rang(tableau.entetes)
    if not any(c != "" for c in entetes):
        entetes = ()
    lignes = tuple(rang(ligne) for ligne in tableau.lignes)
    if entetes and not lignes:
        lignes = (("",) * colonnes,)
    if entetes or lignes:
        yield Tableau(entetes, lignes)


def transformer(blocs: Sequence[Bloc], texte: Callable[[Texte], Texte],
                titre: Callable[[str], str]) -> tuple[Bloc, ...]:
    """The same blocks, their texts changed by `texte` and their headings by `titre`."""
    sortie: list[Bloc] = []
    for bloc in blocs:
        match bloc:
            case Paragraphe():
                sortie.append(Paragraphe(texte(bloc.texte)))
            case Intertitre():
                sortie.append(replace(bloc, texte=titre(bloc.texte)))
            case Liste():
                sortie.append(replace(bloc, elements=tuple(map(texte, bloc.elements))))
            case Tableau():
                sortie.append(replace(
                    bloc, entetes=tuple(map(texte, bloc.entetes)), titre=titre(bloc.titre),
                    lignes=tuple(tuple(map(texte, ligne)) for ligne in bloc.lignes)))
    return tuple(sortie)


def textes(blocs: Sequence[Bloc]) -> Iterator[str]:
    """Every text of the blocks, in the order of reading, without style."""
    for bloc in blocs:
        match bloc:
            case Paragraphe() | Intertitre():
                yield texte_brut(bloc.texte)
            case Liste():
                yield from map(texte_brut, bloc.elements)
            case Tableau():
                yield bloc.titre
                for rang in (bloc.entetes, *bloc.lignes):
                    yield from map(texte_brut, rang)


def longueur(blocs: Sequence[Bloc]) -> int:
    """Number of characters."""
    return sum(map(len, textes(blocs)))
