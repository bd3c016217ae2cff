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


def provisoire(noms: tuple[str, ...] = (), longueur_min: int = 0) -> str:
    """A password to read out to a colleague, changed at first use: four words, about 52 bits.

    :param noms: names that it must not hold (« ANNE » is in « année »).
    :param longueur_min: of the policy; words are added until it is reached.
    """
    interdits = [nom.casefold() for nom in noms if nom]
    mots = [m for m in _mots() if 5 <= len(m) <= 9
            and not any(nom in m.casefold() for nom in interdits)]
    choisis: list[str] = []
    while len(choisis) < 4 or sum(len(m) + 1 for m in choisis) + 2 < longueur_min:
        choisis.append(secrets.choice(mots).capitalize())
    return "-".join([*choisis, str(secrets.randbelow(90) + 10)])
