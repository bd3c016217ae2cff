"""Situations d'exercice written on a CPS (`spec/cards.md` §2.3).

They are data objects `CPS_ACTIVITY_01_PS` to `16_PS`, readable once the PIN was given. Their value
is BER: a container EE that holds 84 (raison sociale), 85 (Struct_IdNat) and 86 (sector). The DMP
wants the structure written on the card, never one that somebody set (`spec/dmp.md` §4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.devices.events import LectureIncomplete
from app.devices.tlv import lire_tlv

LIBELLE = re.compile(r"CPS_ACTIVITY_(0[1-9]|1[0-6])_PS")
_CONTENEUR, _RAISON, _STRUCTURE, _SECTEUR = 0xEE, 0x84, 0x85, 0x86
_CONSTRUIT = 0x20
_PROFONDEUR, _TAILLE_MAX = 4, 4096


@dataclass(frozen=True, slots=True)
class ExerciceCarte:
    """One of them. `secteur` is a code TRE_R02."""

    structure: str
    raison_sociale: str
    secteur: str


def lire_exercice(valeur: bytes) -> ExerciceCarte | None:
    """Read the value of one data object; None when it names no structure, or is damaged."""
    if len(valeur) > _TAILLE_MAX:
        return None
    try:
        champs = dict(_feuilles(valeur, _PROFONDEUR))
    except LectureIncomplete:
        return None
    if not champs.get(_STRUCTURE):
        return None
    return ExerciceCarte(*(_texte(champs.get(tag, b""))
                           for tag in (_STRUCTURE, _RAISON, _SECTEUR)))


def _feuilles(octets: bytes, profondeur: int) -> Iterator[tuple[int, bytes]]:
    for tag, contenu in lire_tlv(octets):
        if tag & _CONSTRUIT and tag < 0x100 and profondeur:
            yield from _feuilles(contenu, profondeur - 1)
        else:
            yield tag, contenu


def _texte(octets: bytes) -> str:
    try:
        lu = octets.decode("utf-8")
    except UnicodeDecodeError:
        lu = octets.decode("latin-1")
    return "".join(c for c in lu if c.isprintable()).strip()[:200]
