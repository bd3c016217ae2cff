"""Spelling in French: Hunspell over the dictionary of Dicollecte and the words of care.

Runs in the worker process: the dictionary is loaded at the first question (0.16 s, 23 MB), and a
suggestion takes a third of a second that the window must not feel.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from app.documents.ressources import DOSSIER

#: A word as it is checked: letters, with apostrophes and hyphens inside.
MOT = re.compile(r"[^\W\d_]+(?:[-’'‑][^\W\d_]+)*")
#: Suggestions given at most.
PROPOSITIONS = 6
#: Words checked in one call.
LOT_MAX = 2_000
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)[’'](?=.)", re.I)


@cache
def _hunspell() -> Any:
    from hunspell import Hunspell  # 0.1 s that only this process pays

    return Hunspell("fr", hunspell_data_dir=str(DOSSIER / "orthographe"))


@cache
def _soins() -> frozenset[str]:
    texte = (DOSSIER / "orthographe/soins.txt").read_text("utf-8")
    return frozenset(texte.split()) | {m.lower() for m in texte.split()}


def mots_inconnus(mots: Iterable[str], personnels: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The words that neither the dictionary nor the practice knows.

    Args:
        mots: words as they stand in the text.
        personnels: words of the practice, in lower case.
    """
    return tuple(m for m in list(dict.fromkeys(mots))[:LOT_MAX] if not _connu(m, personnels))


def _connu(mot: str, personnels: frozenset[str]) -> bool:
    mot = mot.replace("‑", "-")
    if len(mot) < 2 or any(c.isdigit() for c in mot):
        return True
    # A name in capitals isn't judged: birth names, acronyms and products of a list are many.
    if mot.isupper():
        return True
    formes = [mot]
    if court := _ELISION.sub("", mot):
        formes.append(court)
    return any(f in _soins() or f.lower() in personnels or f.lower() in _soins()
               or _hunspell().spell(f) for f in formes) or _composes(mot, personnels)


def _composes(mot: str, personnels: frozenset[str]) -> bool:
    """A compound whose parts are all known (« bien-portant », « cervico-brachial » are many)."""
    parties = [p for p in mot.split("-") if p]
    return len(parties) > 1 and all(len(p) > 1 and _connu(p, personnels) for p in parties)


def propositions(mot: str) -> tuple[str, ...]:
    """What the word could be, nearest first, with its elision and a typographic apostrophe."""
    elision = _ELISION.match(mot)
    tete = elision[0] if elision else ""
    reste = mot[len(tete):]
    proches = _hunspell().suggest(reste)
    soins = [m for m in _soins() if abs(len(m) - len(reste)) <= 1 and _voisins(m, reste)]
    vus: dict[str, None] = {}
    for autre in [*sorted(soins), *proches]:
        if reste[:1].isupper() and autre[:1].islower():
            autre = autre[:1].upper() + autre[1:]
        vus.setdefault((tete + autre).replace("'", "’"))
    return tuple(vus)[:PROPOSITIONS]


def _voisins(a: str, b: str) -> bool:
    """True when one edit (change, insertion, removal, swap) parts two words, case apart."""
    a, b = a.lower(), b.lower()
    if a == b:
        return True
    tete = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y),
                min(len(a), len(b)))
    ra, rb = a[tete:], b[tete:]
    return (ra[1:] == rb[1:] or ra[1:] == rb or ra == rb[1:]
            or (len(ra) > 1 and len(rb) > 1 and ra[0] == rb[1] and ra[1] == rb[0]
                and ra[2:] == rb[2:]))
