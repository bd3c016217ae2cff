"""How hard a password is to guess: zxcvbn, taught the words that French people use (IAM.92)."""

import secrets
import unicodedata
from functools import cache
from pathlib import Path

_MOTS = Path(__file__).parents[2] / "resources" / "mots" / "francais.txt"
#: zxcvbn reads no more; what follows only adds.
_LUS = 72


@cache
def _mots() -> list[str]:
    return _MOTS.read_text(encoding="utf-8").split()


def _plat(texte: str) -> str:
    """Without accents: they add nothing for who guesses words."""
    return "".join(c for c in unicodedata.normalize("NFD", texte) if not unicodedata.combining(c))


def preparer() -> None:
    """Load the words: the first keystroke must not wait for them."""
    estimer("preparer")


def estimer(mot_de_passe: str, noms: tuple[str, ...] = ()) -> float:
    """Order of magnitude (power of ten) of the guesses that find a password.

    :param noms: names of the person and of the practice: a guesser tries them first.
    """
    from zxcvbn import zxcvbn

    if not mot_de_passe:
        return 0.0
    connus = [_plat(m).casefold() for nom in noms for m in nom.split() if len(m) >= 3]
    resultat = zxcvbn(_plat(mot_de_passe)[:_LUS], user_inputs=connus + _mots())
    return float(resultat["guesses_log10"])


def provisoire() -> str:
    """A password to read out to a colleague, changed at first use: four words, about 52 bits."""
    mots = [m for m in _mots() if 5 <= len(m) <= 9]
    choisis = [secrets.choice(mots).capitalize() for _ in range(4)]
    return "-".join([*choisis, str(secrets.randbelow(90) + 10)])
