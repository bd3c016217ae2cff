"""Merges and splits of files: never by themselves, always reversible (`spec/ins.md` §2)."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.doublons import fusion_refusee
from app.domain.identity import Attribut, Identite
from app.domain.patient import PatientResume


class NatureRegroupement(StrEnum):
    """What was done to two files."""

    FUSION = "fusion"
    """Two files of one person became one; the other one is kept, out of the lists."""
    SEPARATION = "separation"
    """One file of two persons (collision) became two."""


@dataclass(frozen=True, slots=True)
class Regroupement:
    """A merge or a split. `defait_le` is empty while it holds; `elements` counts what moved."""

    id: int
    nature: NatureRegroupement
    garde: PatientResume
    autre: PatientResume
    horodatage: str
    auteur: str
    motif: str
    elements: int = 0
    defait_le: str = ""
    defait_par: str = ""
    version: int = 1


def fusion_interdite(a: Identite, b: Identite) -> str:
    """French reason why two files must not become one now, or empty.

    Besides two different matricules: a doubt must be lifted first, and a fictive identity is
    nobody's.
    """
    for identite in (a, b):
        if Attribut.FICTIVE in identite.attributs:
            return "Une identité fictive ne se fusionne avec aucune autre."
        if Attribut.DOUTEUSE in identite.attributs:
            return ("L’une des deux identités est douteuse : levez d’abord le doute, document "
                    "d’identité à l’appui.")
    return fusion_refusee(a, b)
