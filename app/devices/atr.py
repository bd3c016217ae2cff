"""Kinds of cards by their answer to reset (`spec/cards.md` §1.1, §2.1)."""

import re
from enum import StrEnum


class Genre(StrEnum):
    """What an ATR announces."""

    VITALE_2 = "vitale_2"
    VITALE_1 = "vitale_1"
    CPS = "cps"
    INCONNUE = "inconnue"


_VITALE_2 = re.compile(r"3B75130000[4-9A-F][0-9A-F]09[EF]A9000")
_VITALE_1 = re.compile(r"3F652500(22|2C|52|A3|A4)09(69|F9|6A)9000")
#: CPS3 and CPS4 share these historical bytes; CPS3 without contact is listed whole.
_CPS = bytes.fromhex("001225006480")
_CPS_SANS_CONTACT = "3B8F80010031B86404B0ECC17394018082900E"


def reconnaitre(atr: bytes) -> Genre:
    """The kind of a card. An unknown ATR may still be a new batch: reading it will tell."""
    hexa = atr.hex().upper()
    if _VITALE_2.fullmatch(hexa):
        return Genre.VITALE_2
    if _VITALE_1.fullmatch(hexa):
        return Genre.VITALE_1
    if _CPS in atr or hexa.startswith(_CPS_SANS_CONTACT[:28]):
        return Genre.CPS
    return Genre.INCONNUE
