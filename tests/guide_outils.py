"""What the user guide announces, read from its pages: the scenarios count, the guide must agree."""

import re
from functools import cache
from pathlib import Path

GUIDE = Path(__file__).parents[1] / "docs" / "guide"
#: « | Geste | 2 | … » : a gesture and its number of clicks.
_RANGEE = re.compile(r"^\| *([^|]+?) *\| *(\d+) *\|", re.MULTILINE)


@cache
def clics_du_guide() -> dict[str, int]:
    """Gesture -> clicks, over all the pages of the guide."""
    return {geste: int(nombre) for page in sorted(GUIDE.glob("*.md"))
            for geste, nombre in _RANGEE.findall(page.read_text(encoding="utf-8"))}
