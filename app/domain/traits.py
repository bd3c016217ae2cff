"""What an identity must hold to be created, and which traits are strict (rules 5, 26, 27)."""

import re
from dataclasses import dataclass

from app.domain import dates
from app.domain.identity import Traits
from app.domain.names import LONGUEUR_MAX, est_nom_valide

#: Traits that INSi certifies: locked once retrieved (`spec/ins.md` §1.1).
TRAITS_STRICTS = ("nom_naissance", "premier_prenom", "prenoms", "date_naissance", "sexe",
                  "lieu_naissance")
#: Traits that stay editable (va1.48).
TRAITS_COMPLEMENTAIRES = ("nom_utilise", "prenom_utilise")
#: Optional traits printed unless the practice chose others (rule 32).
IMPRESSION_PAR_DEFAUT = ("prenoms", "lieu_naissance", "nom_utilise", "prenom_utilise")

_COG = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}")


@dataclass(frozen=True, slots=True)
class ProblemeTrait:
    """Why a field refuses its value. `champ` is the name of the field of `Traits`."""

    champ: str
    message: str


def est_cog(code: str) -> bool:
    """True when the text has the form of a COG code: five characters, 2A and 2B allowed."""
    return _COG.fullmatch(code) is not None


def verifier_traits(traits: Traits) -> list[ProblemeTrait]:
    """Reasons why an identity with these traits can't be created; empty when it can.

    The five mandatory fields of rule 5 and nothing else (va1.21, va1.22).
    """
    problemes: list[ProblemeTrait] = []
    _verifier_nom(problemes, "nom_naissance", traits.nom_naissance,
                  "Le nom de naissance est nécessaire.")
    _verifier_nom(problemes, "premier_prenom", traits.premier_prenom,
                  "Le 1er prénom de naissance est nécessaire.")
    if not traits.date_naissance:
        problemes.append(ProblemeTrait("date_naissance", "La date de naissance est nécessaire."))
    elif not dates.est_forme_du_fil(traits.date_naissance):
        problemes.append(ProblemeTrait("date_naissance", "Cette date n’existe pas."))
    if traits.sexe not in {"M", "F", "I"}:
        problemes.append(ProblemeTrait("sexe", "Le sexe est nécessaire."))
    if not traits.lieu_naissance:
        problemes.append(ProblemeTrait(
            "lieu_naissance", "Le lieu de naissance est nécessaire ; il peut être « Inconnu »."))
    elif not est_cog(traits.lieu_naissance):
        problemes.append(ProblemeTrait(
            "lieu_naissance", "Un code de lieu de naissance a 5 caractères."))
    for champ in ("prenoms", *TRAITS_COMPLEMENTAIRES):
        _verifier_nom(problemes, champ, getattr(traits, champ), "")
    return problemes


def _verifier_nom(problemes: list[ProblemeTrait], champ: str, nom: str, si_vide: str) -> None:
    if not nom:
        if si_vide:
            problemes.append(ProblemeTrait(champ, si_vide))
    elif len(nom) > LONGUEUR_MAX:
        problemes.append(ProblemeTrait(champ, f"{LONGUEUR_MAX} caractères au plus."))
    elif not est_nom_valide(nom):
        problemes.append(ProblemeTrait(
            champ, "Lettres capitales sans accent, espace, apostrophe et tiret seulement."))


def stricts_modifies(avant: Traits, apres: Traits) -> tuple[str, ...]:
    """Names of the strict traits that differ."""
    return tuple(t for t in TRAITS_STRICTS if getattr(avant, t) != getattr(apres, t))
