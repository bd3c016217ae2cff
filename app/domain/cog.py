"""Places of birth: values and rules of the Code officiel géographique (`spec/ins.md` §1.7).

The rows come from `resources/cog` through `app.usecases.places`; here nothing is read.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.identity import COG_INCONNU
from app.domain.names import cle_recherche


class TypeLieu(StrEnum):
    """Kind of a birthplace."""

    COMMUNE = "commune"
    ARRONDISSEMENT = "arrondissement"
    COM = "com"
    """Overseas collectivity, or one of its communes."""
    PAYS = "pays"
    INCONNU = "inconnu"


@dataclass(frozen=True, slots=True)
class Lieu:
    """A place under one name. `du` included, `au` excluded, AAAA-MM-JJ, empty = no bound.

    `successeurs` holds the codes that replace this one today, empty when it still exists;
    `precision` says where the place is, and until when it bore this name.
    """

    cog: str
    libelle: str
    type: TypeLieu
    du: str = ""
    au: str = ""
    successeurs: tuple[str, ...] = ()
    precision: str = ""

    def valide_le(self, jour: str) -> bool:
        """True when the place bore this name and code on `jour` (AAAA-MM-JJ)."""
        return (not self.du or self.du <= jour) and (not self.au or jour < self.au)


#: The unknown place: it may be chosen, it is never proposed.
LIEU_INCONNU = Lieu(COG_INCONNU, "INCONNU", TypeLieu.INCONNU)

_ABREVIATIONS = {"ST": "SAINT", "STE": "SAINTE", "STS": "SAINTS", "STES": "SAINTES"}
_RANG = re.compile(r"0?(\d{1,2})(?:(ER|ERE)|(E|EME|IEME|ND|NDE))")
#: Words that many names hold and that nobody searches for.
MOTS_VIDES = frozenset({"D", "DE", "DES", "DU", "EN", "ET", "L", "LA", "LE", "LES", "SUR", "SOUS",
                        "AUX", "AU"})


def cle_lieu(texte: str) -> str:
    """Search key of a place name: as for names, abbreviations opened, ordinals alike.

    `St-Étienne s/ Loire` → `SAINT ETIENNE S LOIRE`; `Paris 05ème` → `PARIS 5E`.
    """
    return " ".join(_mot(mot) for mot in cle_recherche(texte).split())


def _mot(mot: str) -> str:
    if rang := _RANG.fullmatch(mot):
        return f"{int(rang[1])}{'ER' if rang[2] or int(rang[1]) == 1 else 'E'}"
    return _ABREVIATIONS.get(mot, mot)


class Evenements:
    """Events that carry a place from one code to another, followed in the order of time.

    Two codes are equivalent when one leads to the other. Two communes that merged into a third
    one are not equivalent: they were two places.
    """

    def __init__(self, evenements: Iterable[tuple[str, str, str]],
                 arrondissements: Iterable[tuple[str, str]] = ()) -> None:
        """`evenements`: (code before, code after, date); `arrondissements`: (commune, code)."""
        self._apres: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._avant: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._proches: dict[str, set[str]] = defaultdict(set)
        for avant, apres, jour in evenements:
            self._apres[avant].append((apres, jour))
            self._avant[apres].append((avant, jour))
        for commune, arrondissement in arrondissements:
            self._proches[commune].add(arrondissement)
            self._proches[arrondissement].add(commune)

    def successeurs(self, cog: str, depuis: str = "") -> set[str]:
        """Codes reached from `cog` by events of `depuis` or later."""
        return _suivre(cog, depuis, self._apres, lambda jour, dernier: jour >= dernier)

    def predecesseurs(self, cog: str) -> set[str]:
        """Codes that lead to `cog`."""
        return _suivre(cog, "9999", self._avant, lambda jour, dernier: jour <= dernier)

    def equivalents(self, cog: str) -> frozenset[str]:
        """Codes of the same place at other times, or more or less precise (arrondissements)."""
        return frozenset(self.successeurs(cog) | self.predecesseurs(cog)
                         | self._proches.get(cog, set()))


def _suivre(depart: str, debut: str, liens: dict[str, list[tuple[str, str]]],
            permis: Callable[[str, str], bool]) -> set[str]:
    """Walk the events; a step must not go back in time."""
    meilleurs: dict[str, set[str]] = defaultdict(set)
    pile = [(depart, debut)]
    while pile:
        code, dernier = pile.pop()
        for suivant, jour in liens.get(code, ()):
            if permis(jour, dernier) and jour not in meilleurs[suivant]:
                meilleurs[suivant].add(jour)
                pile.append((suivant, jour))
    return set(meilleurs) - {depart}


def sont_equivalents(a: str, b: str, equivalents: Callable[[str], Collection[str]]) -> bool:
    """True when both codes name the same place. The unknown place equals itself only."""
    return a == b or (COG_INCONNU not in (a, b) and b in equivalents(a))
