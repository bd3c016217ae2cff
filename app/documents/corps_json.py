"""The blocks of a document as JSON: what people write for the command line, what drafts keep."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from app.documents.model import (
    Bloc,
    Fragment,
    Intertitre,
    Liste,
    Paragraphe,
    Tableau,
    Texte,
)
from app.documents.texte import blocs_depuis_markdown
from app.documents.valeur_json import ValeurInvalide, depuis_json


def lire_corps(brut: Any, texte: Any = None) -> tuple[Bloc, ...]:
    """Blocks of a JSON list, or of a Markdown text.

    Raises:
        ValeurInvalide: both were given, or something else than blocks.
    """
    if texte is not None:
        if not isinstance(texte, str) or brut is not None:
            raise ValeurInvalide("texte", "un texte est attendu, ou bien « corps », pas les deux.")
        return blocs_depuis_markdown(texte)
    if brut is None:
        return ()
    if not isinstance(brut, list):
        raise ValeurInvalide("corps", "une liste est attendue.")
    return tuple(_bloc(b, f"corps[{n}]") for n, b in enumerate(brut))


def _bloc(brut: Any, chemin: str) -> Bloc:
    if isinstance(brut, str):
        return Paragraphe(brut)
    if isinstance(brut, Mapping):
        cles = set(brut)
        if "paragraphe" in brut and cles == {"paragraphe"}:
            return Paragraphe(_texte(brut["paragraphe"], chemin))
        if "intertitre" in brut and cles <= {"intertitre", "niveau"}:
            titre, niveau = brut["intertitre"], brut.get("niveau", 1)
            if isinstance(titre, str) and niveau in (1, 2):
                return Intertitre(titre, niveau)
        if isinstance(brut.get("liste"), list) and cles <= {"liste", "ordonnee"}:
            return Liste(tuple(_texte(e, chemin) for e in brut["liste"]),
                         bool(brut.get("ordonnee")))
        if isinstance(brut.get("tableau"), Mapping) and cles == {"tableau"}:
            return _tableau(brut["tableau"], chemin)
    raise ValeurInvalide(chemin, "un paragraphe, un intertitre, une liste ou un tableau est "
                         "attendu.")


def _tableau(brut: Mapping[str, Any], chemin: str) -> Tableau:
    entetes, lignes = brut.get("entetes", []), brut.get("lignes", [])
    if not (isinstance(entetes, list) and isinstance(lignes, list)
            and all(isinstance(ligne, list) for ligne in lignes)
            and set(brut) <= {"entetes", "lignes", "titre"}
            and isinstance(brut.get("titre", ""), str)):
        raise ValeurInvalide(chemin, "un tableau a des « entetes » et des « lignes ».")
    return Tableau(tuple(_texte(e, chemin) for e in entetes),
                   tuple(tuple(_texte(c, chemin) for c in ligne) for ligne in lignes),
                   titre=brut.get("titre", ""))


def _texte(brut: Any, chemin: str) -> Texte:
    if isinstance(brut, str):
        return brut
    if isinstance(brut, list):
        return tuple(depuis_json(Fragment, f, chemin) if isinstance(f, Mapping)
                     else Fragment(_chaine(f, chemin)) for f in brut)
    return _chaine(brut, chemin)


def _chaine(brut: Any, chemin: str) -> str:
    if not isinstance(brut, str):
        raise ValeurInvalide(chemin, "un texte est attendu.")
    return brut


def corps_en_json(corps: tuple[Bloc, ...]) -> list[dict[str, Any]]:
    """Blocks as the JSON that `lire_corps` reads."""
    sortie: list[dict[str, Any]] = []
    for bloc in corps:
        match bloc:
            case Paragraphe():
                sortie.append({"paragraphe": _en_json(bloc.texte)})
            case Intertitre():
                sortie.append({"intertitre": bloc.texte, "niveau": bloc.niveau})
            case Liste():
                sortie.append({"liste": [_en_json(e) for e in bloc.elements],
                               "ordonnee": bloc.ordonnee})
            case Tableau():
                lignes = [[_en_json(c) for c in ligne] for ligne in bloc.lignes]
                sortie.append({"tableau": {"entetes": [_en_json(c) for c in bloc.entetes],
                                           "lignes": lignes, "titre": bloc.titre}})
    return sortie


def _en_json(texte: Texte) -> Any:
    """A text, or its runs with what differs from a plain one."""
    if isinstance(texte, str):
        return texte
    return [{c.name: getattr(f, c.name) for c in dataclasses.fields(f)
             if getattr(f, c.name) != c.default} for f in texte]
