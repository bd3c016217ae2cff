"""Which traits are strict, which stay editable, which are printed (rules 26, 27, 32)."""

import re

from app.domain.identity import Traits

#: Traits that INSi certifies: locked once retrieved (`spec/ins.md` §1.1).
TRAITS_STRICTS = ("nom_naissance", "premier_prenom", "prenoms", "date_naissance", "sexe",
                  "lieu_naissance")
#: Traits that stay editable (va1.48).
TRAITS_COMPLEMENTAIRES = ("nom_utilise", "prenom_utilise")
#: Optional traits printed unless the practice chose others (rule 32).
IMPRESSION_PAR_DEFAUT = ("prenoms", "lieu_naissance", "nom_utilise", "prenom_utilise")

_COG = re.compile(r"(?:[0-9]{2}|2A|2B)[0-9]{3}")


def est_cog(code: str) -> bool:
    """True when the text has the form of a COG code: five characters, 2A and 2B allowed."""
    return _COG.fullmatch(code) is not None


def stricts_modifies(avant: Traits, apres: Traits) -> tuple[str, ...]:
    """Names of the strict traits that differ."""
    return tuple(t for t in TRAITS_STRICTS if getattr(avant, t) != getattr(apres, t))
