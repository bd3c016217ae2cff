"""Two people edit one thing: what agrees by itself, and what somebody must choose.

Three values of each field are known: the one that I read, mine, theirs. Only a field that both of
us changed, differently, is a question; everything else is settled without one; nothing is lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChampConcurrent:
    """One field that both changed. Texts are what the screen shows; `long`: free text."""

    code: str
    libelle: str
    base: str
    mien: str
    leur: str
    long: bool = False

    @property
    def ensemble(self) -> str:
        """What « garder les deux » gives: both texts, what each added to the former one said once
        when both went on from it."""
        suite = self.mien.removeprefix(self.base)
        if self.base and suite != self.mien and self.leur.startswith(self.base) \
                and not self.leur.endswith(suite):
            return f"{self.leur.rstrip()}\n{suite.strip()}"
        return reunir((self.leur, self.mien))


def reunir(textes: Iterable[str]) -> str:
    """Texts one after the other; one that begins as another does isn't said twice."""
    ensemble = ""
    for texte in textes:
        if texte.startswith(ensemble):
            ensemble = texte
        elif not ensemble.startswith(texte):
            ensemble = f"{ensemble.rstrip()}\n\n{texte.lstrip()}"
    return ensemble


@dataclass(frozen=True, slots=True)
class Rapprochement:
    """What comes of both. `fusionnes`: every field, theirs where only they changed it, mine
    elsewhere; `conflits`: codes of the fields that both changed, differently; `repris`: codes of
    the fields that only they changed."""

    fusionnes: Mapping[str, Any]
    conflits: tuple[str, ...]
    repris: tuple[str, ...]


def rapprocher(base: Mapping[str, Any], mien: Mapping[str, Any], leur: Mapping[str, Any]
               ) -> Rapprochement:
    """Three-way comparison, field by field; the three have the same fields."""
    fusionnes: dict[str, Any] = {}
    conflits: list[str] = []
    repris: list[str] = []
    for code in base:
        moi = mien[code] != base[code]
        eux = leur[code] != base[code]
        fusionnes[code] = leur[code] if eux and not moi else mien[code]
        if eux and not moi:
            repris.append(code)
        elif eux and moi and mien[code] != leur[code]:
            conflits.append(code)
    return Rapprochement(fusionnes, tuple(conflits), tuple(repris))


def choisir(rapprochement: Rapprochement, choix: Mapping[str, Any]) -> dict[str, Any]:
    """Every field, with what was chosen for those in conflict.

    :raises KeyError: a conflict without an answer: nobody decides in the user's place.
    """
    return {**rapprochement.fusionnes, **{code: choix[code] for code in rapprochement.conflits}}
