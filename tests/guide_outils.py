"""What the user guide announces, read from its pages: the scenarios count, the guide must agree."""

import re
from functools import cache
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
#: The tables whose columns begin with « Geste » and « Clics », and their rows.
_TABLE = re.compile(r"^\| *Geste *\| *Clics *\|.*\n\|[-| :]+\n((?:\|.*\n?)+)", re.MULTILINE)
_RANGEE = re.compile(r"^\| *([^|]+?) *\| *(\d+) *\|", re.MULTILINE)


#: Pages whose every gesture is counted by a scenario (`Poste.geste`).
COMPTEES = ("identite.md", "connexion.md", "comptes.md")


@cache
def clics_du_guide() -> dict[str, int]:
    """Gesture -> clicks, over the pages that the scenarios count."""
    return {geste: int(nombre) for page in COMPTEES
            for table in _TABLE.findall((GUIDE / page).read_text(encoding="utf-8"))
            for geste, nombre in _RANGEE.findall(table)}
