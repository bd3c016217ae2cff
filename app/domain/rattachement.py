"""Whose account is a Pro Santé Connect identity? (SC.PSC.02, `spec/psc.md` §2)

The key is SubjectNameID, never `sub`. An account that already holds the RPPS is recognised without
a word; another one is tied after its owner has logged in to both, one after the other.
"""

import re
from enum import Enum

#: `8` + RPPS: an identifier that names one person for good.
_RPPS = re.compile(r"8[0-9]{11}")


class Rattachement(Enum):
    """What an account and an identity are to each other."""

    RECONNU = "reconnu"
    """The same person: already tied, or the account holds the RPPS."""
    A_CONFIRMER = "a_confirmer"
    """The account names nobody else: its user may tie it."""
    AUTRE = "autre"
    """Somebody else's."""


def rapprocher(identifiant: str, lie: str, sujet: str) -> Rattachement:
    """Compare.

    :param identifiant: of the account. :param lie: SubjectNameID that it is tied to, or "".
    :param sujet: SubjectNameID of Pro Santé Connect.
    """
    if lie:
        return Rattachement.RECONNU if lie == sujet else Rattachement.AUTRE
    if identifiant == sujet:
        return Rattachement.RECONNU
    return Rattachement.AUTRE if _RPPS.fullmatch(identifiant) else Rattachement.A_CONFIRMER


def national(identifiant: str) -> bool:
    """True for an identifier by which Pro Santé Connect may know the professional."""
    return bool(_RPPS.fullmatch(identifiant))
