"""Cells for spreadsheets: what somebody typed must never be run."""

import re

#: What a spreadsheet takes for a formula, in its wide forms too; blanks before don't make it
#: harmless, apostrophes already there must come back.
_FORMULE = re.compile(r"'*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def inerte(texte: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{texte}" if _FORMULE.match(texte) else texte


def sans_apostrophe(texte: str) -> str:
    """What `inerte` was given."""
    return texte[1:] if texte[:1] == "'" and _FORMULE.match(texte[1:]) else texte
