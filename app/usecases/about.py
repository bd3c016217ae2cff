"""Version and reference data in use, with their dates (MIN.VER.01, SC.INS.01)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app import __version__

#: Each folder of `resources` that holds reference data says what it is in `reference.json`.
RESSOURCES = Path(__file__).parents[2] / "resources"


@dataclass(frozen=True, slots=True)
class Reference:
    """One set of reference data or material. `date` AAAA-MM-JJ or AAAA."""

    nom: str
    version: str
    date: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class APropos:
    """What the À propos screen shows."""

    version: str
    references: tuple[Reference, ...]


@cache
def a_propos() -> APropos:
    """The version of the program and the references that it carries."""
    references = []
    for fichier in sorted(RESSOURCES.glob("*/reference.json")):
        lignes = json.loads(fichier.read_text(encoding="utf-8"))
        references += [Reference(**ligne) for ligne in lignes]
    return APropos(__version__, tuple(sorted(references, key=lambda r: r.nom)))
