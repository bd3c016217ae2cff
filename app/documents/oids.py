"""Object identifiers of what we produce (`spec/cda.md` §14, producer OID plan).

An installation owns one root. Under it: documents `.1.n`, sets of versions `.2.n`, the domain of
our patient ids `.3`, submission sets `.4.n`, care episodes `.5.n`. The DMP
refuses ids above 64 characters and ids that carry an extension, so a document id is one bare OID.
"""

import re
from enum import IntEnum
from uuid import uuid4

LONGUEUR_MAX = 64
#: Below this number of random digits two installations could collide; the root is then too long.
CHIFFRES_MIN = 26
RACINE_BAC_A_SABLE = "1.2.250.1.999.1.1"
"""Root for the bac à sable and the tests; never of a real installation."""

_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


class CategorieOid(IntEnum):
    """Second-level arc of the plan."""

    DOCUMENT = 1
    ENSEMBLE = 2
    PATIENTS = 3
    LOT = 4
    EPISODE = 5


def est_oid(texte: str) -> bool:
    """Tell whether `texte` is an OID that the DMP takes: digits and dots, 64 characters at most."""
    return len(texte) <= LONGUEUR_MAX and _OID.fullmatch(texte) is not None


def nouvel_oid(racine: str, categorie: CategorieOid | int) -> str:
    """Give a new OID under `racine`, unique without any counter shared between workstations.

    The last arc is the integer of a random UUID, cut to what 64 characters leave.

    Raises:
        ValueError: `racine` isn't an OID, or leaves fewer than 26 digits.
    """
    if not est_oid(racine):
        raise ValueError(f"not an OID: {racine!r}")
    tete = f"{racine}.{int(categorie)}."
    place = LONGUEUR_MAX - len(tete)
    if place < CHIFFRES_MIN:
        raise ValueError(f"the root leaves {place} digits only: {racine}")
    # UUID integers begin with random bits; the cut keeps the low end, which is random too.
    entier = uuid4().int % (10 ** min(place, 39))
    return f"{tete}{entier or 1}"


def racine_patients(racine: str) -> str:
    """OID of the domain of our patient ids, for `PatientDocument.ipp_root`."""
    return f"{racine}.{int(CategorieOid.PATIENTS)}"


def oid_episode(racine: str, numero: int) -> str:
    """OID of a care episode of the file (`encompassingEncounter/id`)."""
    return f"{racine}.{int(CategorieOid.EPISODE)}.{numero}"
