"""The vaccines of the French drug base: CIP13 -> CIS, name, ATC, diseases, routes."""

from dataclasses import dataclass
from functools import cache

from app.documents.ressources import table


@dataclass(frozen=True, slots=True)
class Vaccin:
    """One presentation. `voies` EDQM codes; `maladies` codes of `maladies()`; `atc` may be empty.

    `atc_a_confirmer`: the class isn't from the official file; the user must see it before a note
    carries it.
    """

    cip13: str
    cis: str
    marque: str
    denomination: str
    presentation: str
    voies: tuple[str, ...]
    atc: str
    atc_a_confirmer: bool
    maladies: tuple[str, ...]
    commercialise: bool

    @property
    def atc_libelle(self) -> str:
        """Label of the ATC class, or empty."""
        return libelles_atc().get(self.atc, "")

    @property
    def noms_maladies(self) -> tuple[str, ...]:
        """French names of the diseases."""
        return tuple(maladies().get(m, m) for m in self.maladies)


@cache
def vaccins() -> tuple[Vaccin, ...]:
    """Every presentation, by CIP13."""
    return tuple(Vaccin(
        r["cip13"], r["cis"], r["marque"], r["denomination"], r["presentation"],
        tuple(v for v in r["voies"].split("|") if v), r["atc"], r["atc_a_confirmer"] == "oui",
        tuple(r["maladies"].split("|")), r["commercialise"] == "oui")
        for r in table("vaccins/vaccins.csv"))


@cache
def _par_cip13() -> dict[str, Vaccin]:
    return {v.cip13: v for v in vaccins()}


def vaccin_par_cip13(cip13: str) -> Vaccin | None:
    """The vaccine of a CIP code, or None when it isn't one, or is newer than the table."""
    return _par_cip13().get(cip13)


@cache
def libelles_atc() -> dict[str, str]:
    """Labels of the ATC classes of vaccines."""
    return {r["atc"]: r["libelle"] for r in table("vaccins/atc.csv")}


@cache
def maladies() -> dict[str, str]:
    """Code of a disease -> French name."""
    return {r["code"]: r["libelle"] for r in table("vaccins/maladies.csv")}
