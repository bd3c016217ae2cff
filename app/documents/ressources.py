"""Reading of our own resource files: tables, fonts. The documents floor reads nothing else."""

import csv
from functools import cache
from pathlib import Path

DOSSIER = Path(__file__).parents[2] / "resources"


@cache
def table(nom: str) -> tuple[dict[str, str], ...]:
    """Rows of a `;` table of `resources/`; lines that begin with # give its source."""
    with (DOSSIER / nom).open(encoding="utf-8", newline="") as flux:
        lignes = (ligne for ligne in flux if not ligne.startswith("#"))
        return tuple(csv.DictReader(lignes, delimiter=";"))


def source(nom: str) -> str:
    """What the first line of a table says of its origin, or nothing."""
    with (DOSSIER / nom).open(encoding="utf-8") as flux:
        premiere = flux.readline()
    return premiere.removeprefix("#").strip() if premiere.startswith("#") else ""
