"""Frozen values to JSON and back, by their type hints; what doesn't fit is told in French.

Dates are ISO 8601 texts, decimals texts or numbers, bytes base64, enumerations their value. Unknown
keys are refused: a misspelt one must not be lost in silence.
"""

import base64
import binascii
import dataclasses
import types
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


class ValeurInvalide(ValueError):
    """A JSON value doesn't fit. `phrases` are French sentences, one a fault, with where it is."""

    def __init__(self, chemin: str, message: str, *autres: str) -> None:
        premiere = (f"{chemin} : {message}" if chemin else message,) if message else ()
        self.phrases = (*premiere, *autres)
        super().__init__("\n".join(self.phrases))


def en_json(valeur: Any) -> Any:
    """A frozen value as JSON types; fields that hold their default are kept."""
    if dataclasses.is_dataclass(valeur) and not isinstance(valeur, type):
        return {c.name: en_json(getattr(valeur, c.name)) for c in dataclasses.fields(valeur)}
    if isinstance(valeur, Enum):
        return valeur.value
    if isinstance(valeur, datetime):
        return valeur.isoformat()
    if isinstance(valeur, Decimal):
        return f"{valeur:f}"
    if isinstance(valeur, bytes):
        return base64.b64encode(valeur).decode("ascii")
    if isinstance(valeur, tuple | list):
        return [en_json(v) for v in valeur]
    if isinstance(valeur, frozenset | set):
        return sorted(en_json(v) for v in valeur)
    return valeur


@cache
def _champs(classe: Any) -> dict[str, tuple[Any, bool]]:
    """Fields of a dataclass: name -> (type, obligatory)."""
    indices = get_type_hints(classe)
    return {c.name: (indices[c.name], c.default is dataclasses.MISSING
                     and c.default_factory is dataclasses.MISSING)
            for c in dataclasses.fields(classe)}


def depuis_json(classe: type[T], donnees: Any, chemin: str = "") -> T:
    """Build a frozen value from JSON.

    Raises:
        ValeurInvalide: a key is unknown or missing, a value has not its type.
    """
    if not isinstance(donnees, Mapping):
        raise ValeurInvalide(chemin, "un objet est attendu.")
    champs = _champs(cast(Any, classe))
    fautes = [f"{_sous(chemin, str(cle))} : ce champ n’existe pas." for cle in donnees
              if cle not in champs]
    valeurs = {}
    for nom, (genre, obligatoire) in champs.items():
        if nom in donnees:
            try:
                valeurs[nom] = _lire(genre, donnees[nom], _sous(chemin, nom))
            except ValeurInvalide as refus:
                fautes += refus.phrases
        elif obligatoire:
            fautes.append(f"{_sous(chemin, nom)} : ce champ manque.")
    if fautes:
        raise ValeurInvalide("", "", *fautes)
    try:
        return classe(**valeurs)
    except ValueError as erreur:
        raise ValeurInvalide(chemin, str(erreur)) from None


def _sous(chemin: str, nom: str) -> str:
    return f"{chemin}.{nom}" if chemin else nom


def _lire(genre: Any, brut: Any, chemin: str) -> Any:
    origine = get_origin(genre)
    if origine in (Union, types.UnionType):
        return _union(get_args(genre), brut, chemin)
    if origine in (tuple, frozenset):
        if not isinstance(brut, list):
            raise ValeurInvalide(chemin, "une liste est attendue.")
        interne = get_args(genre)[0]
        suite = [_lire(interne, v, f"{chemin}[{n}]") for n, v in enumerate(brut)]
        return tuple(suite) if origine is tuple else frozenset(suite)
    if isinstance(genre, type) and dataclasses.is_dataclass(genre):
        return depuis_json(genre, brut, chemin)
    lecteur = _SIMPLES.get(genre)
    if lecteur is not None:
        return lecteur(brut, chemin)
    if isinstance(genre, type) and issubclass(genre, Enum):
        try:
            return genre(brut)
        except ValueError:
            connues = ", ".join(str(v.value) for v in genre)
            raise ValeurInvalide(chemin, f"valeur inconnue ; attendu : {connues}.") from None
    raise ValeurInvalide(chemin, "ce champ ne peut pas être lu.")


def _union(genres: tuple[Any, ...], brut: Any, chemin: str) -> Any:
    if brut is None:
        if type(None) in genres:
            return None
        raise ValeurInvalide(chemin, "une valeur est attendue.")
    possibles = [g for g in genres if g is not type(None)]
    if len(possibles) == 1:
        return _lire(possibles[0], brut, chemin)
    erreur: ValeurInvalide | None = None
    for genre in possibles:
        try:
            return _lire(genre, brut, chemin)
        except ValeurInvalide as refus:
            erreur = erreur or refus
    raise erreur or ValeurInvalide(chemin, "valeur inattendue.")


def _texte(brut: Any, chemin: str) -> str:
    if not isinstance(brut, str):
        raise ValeurInvalide(chemin, "un texte est attendu.")
    return brut


def _booleen(brut: Any, chemin: str) -> bool:
    if not isinstance(brut, bool):
        raise ValeurInvalide(chemin, "vrai ou faux (true, false) est attendu.")
    return brut


def _entier(brut: Any, chemin: str) -> int:
    if isinstance(brut, bool) or not isinstance(brut, int):
        raise ValeurInvalide(chemin, "un nombre entier est attendu.")
    return brut


def _reel(brut: Any, chemin: str) -> float:
    return float(_decimal(brut, chemin))


def _decimal(brut: Any, chemin: str) -> Decimal:
    if isinstance(brut, bool) or not isinstance(brut, int | float | str):
        raise ValeurInvalide(chemin, "un nombre est attendu.")
    try:
        lu = Decimal(str(brut).replace(",", "."))
    except InvalidOperation:
        raise ValeurInvalide(chemin, "un nombre est attendu.") from None
    if not lu.is_finite() or abs(lu.adjusted()) > 12:
        raise ValeurInvalide(chemin, "ce nombre est impossible.")
    return lu


def _instant(brut: Any, chemin: str) -> datetime:
    try:
        lu = datetime.fromisoformat(_texte(brut, chemin))
    except ValueError:
        raise ValeurInvalide(
            chemin, "une date et une heure sont attendues (2026-03-02T09:30:00+01:00).") from None
    # A local hour without offset is that of this machine.
    return lu if lu.tzinfo else lu.astimezone()


def _octets(brut: Any, chemin: str) -> bytes:
    try:
        return base64.b64decode(_texte(brut, chemin), validate=True)
    except binascii.Error:
        raise ValeurInvalide(chemin, "des octets en base64 sont attendus.") from None


_SIMPLES: dict[Any, Any] = {str: _texte, bool: _booleen, int: _entier, float: _reel,
                            Decimal: _decimal, datetime: _instant, bytes: _octets}
