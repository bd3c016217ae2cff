"""Places of birth: values and rules of the Code officiel géographique (`spec/ins.md` §1.7).

The rows come from `resources/cog` through `app.usecases.places`; here nothing is read.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.identity import COG_INCONNU


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

    `successeurs` holds the codes that replace this one today.
    """

    cog: str
    libelle: str
    type: TypeLieu
    du: str = ""
    au: str = ""
    successeurs: tuple[str, ...] = ()

    def valide_le(self, jour: str) -> bool:
        """True when the place bore this name and code on `jour` (AAAA-MM-JJ)."""
        return (not self.du or self.du <= jour) and (not self.au or jour < self.au)


#: The unknown place: it may be chosen, it is never proposed.
LIEU_INCONNU = Lieu(COG_INCONNU, "INCONNU", TypeLieu.INCONNU)


def atteints(depart: str, suivants: Callable[[str], Iterable[str]]) -> set[str]:
    """Every code reached from `depart` by following `suivants`, `depart` left out."""
    vus: set[str] = set()
    pile = [depart]
    while pile:
        for code in suivants(pile.pop()):
            if code not in vus and code != depart:
                vus.add(code)
                pile.append(code)
    return vus


def sont_equivalents(a: str, b: str, equivalents: Callable[[str], Collection[str]]) -> bool:
    """True when both codes name the same place, an event linking them or not needed.

    The unknown place is equivalent to itself only.
    """
    return a == b or (COG_INCONNU not in (a, b) and b in equivalents(a))
