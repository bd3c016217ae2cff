"""What every command writes: JSON or text on standard output, messages on standard error."""

import json
import sys
from typing import Any


def json_sur_sortie(valeur: Any) -> None:
    """Print a value as JSON, in UTF-8 whatever the console, accents kept."""
    _ecrire(json.dumps(valeur, ensure_ascii=False, indent=2))


def texte_sur_sortie(texte: str) -> None:
    """Print a French text."""
    _ecrire(texte)


def message(texte: str) -> None:
    """Tell the user something on standard error."""
    print(texte, file=sys.stderr)


def _ecrire(texte: str) -> None:
    tampon = getattr(sys.stdout, "buffer", None)
    if tampon is None:
        print(texte)
        return
    # A Windows console has its own code page: bytes are imposed.
    sys.stdout.flush()
    tampon.write(texte.encode("utf-8", errors="replace") + b"\n")
    tampon.flush()
