"""What the program keeps of Markdown when it shows a page of its documentation."""

import re

_LIEN = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def sans_liens(texte: str) -> str:
    """The same text, each link replaced by its words: the other pages aren't on the screen."""
    return _LIEN.sub(r"\1", texte)
