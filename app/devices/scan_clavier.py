"""A scanner that types: layouts that disagree, and keys that come too fast for a person.

`spec/cards.md` §5.5. Pure logic: the window's event filter feeds `FrappeScanner` with keys and
times, and asks `retablir` to undo a keyboard layout.
"""

import re
from dataclasses import dataclass, field

from app.devices.scan_gs1 import GS, gtin_valide

#: Keys of a French AZERTY keyboard -> what a scanner set to the US layout meant.
_AZERTY = str.maketrans(
    "&é\"'(-è_çà)=aqzwmAQZWM,;:!ù*^$?./§%µ£¨",
    "1234567890-=qawz;QAWZ:m,./'\\[]M<>?\"|}{")
_CHIFFRES_AZERTY = re.compile(r"[&é\"'(\-è_çà]{2,}")

DELAI_MS = 80
LONGUEUR_MIN = 8
_TOUCHES_GS = frozenset({"]", "$", GS})

#: A digit as a scanner types it: on its own layout, or on AZERTY; brackets of a readable code.
_CHIFFRES_TAPES = frozenset("0123456789&é\"'(-è_çà)" + GS)
_ENTETE_INS = ("I", "Ss", "0à", "1&")
#: GS1 identifiers whose value isn't numeric: lot, serial number (also as typed on AZERTY).
_AI_LIBRES = frozenset({"10", "21", "&à", "é&"})


def peut_etre_un_code(debut: str) -> bool:
    """False as soon as no code that we await may begin so: a person is typing.

    An INS datamatrix begins by IS01, a box by eight digits, or by a lot or a serial number. What
    follows the symbology (`]`, `$` or `^` on AZERTY) may be anything.
    """
    if not debut or debut[0] in "]$^":
        return True
    if debut[0] == "I":
        return all(c in attendus for c, attendus in zip(debut, _ENTETE_INS, strict=False))
    if " " in debut:
        return False
    return debut[:2] in _AI_LIBRES or all(c in _CHIFFRES_TAPES for c in debut[:LONGUEUR_MIN])


def retablir(texte: str) -> str | None:
    """Undo an AZERTY layout, or None when the text doesn't look like it or makes no sense.

    Accepted only when a GTIN or CIP13 with a right check digit comes out, or an INS datamatrix.
    """
    if re.search(r"[0-9]", texte) or not _CHIFFRES_AZERTY.search(texte):
        return None
    traduit = texte.translate(_AZERTY)
    # The header of an INS datamatrix ends with 22 zeros, typed à on that layout.
    if traduit.startswith("IS01"):
        return traduit
    brut = re.sub(r"^\][A-Za-z]\d", "", traduit)
    if not _CHIFFRES_AZERTY.match(texte) and brut == traduit:
        return None
    place = brut.find("01")
    if place == 0 and gtin_valide(brut[2:16]):
        return traduit
    return traduit if gtin_valide(brut[:13]) and len(brut) == 13 else None


@dataclass(slots=True)
class FrappeScanner:
    """Gathers the keys of a wedge scanner; says what to do with each key.

    A person types slower than `delai_ms` between two keys: what comes faster, and ends by Enter
    or Tab after 8 characters, is a scan. The caller holds keys back while `en_cours`.
    """

    delai_ms: int = DELAI_MS
    _texte: str = ""
    _derniere_ms: float = field(default=-1e9)
    _alt: str = ""

    @property
    def en_cours(self) -> str:
        """Keys gathered so far, to give back when they prove to be typed by a person."""
        return self._texte

    def touche(self, texte: str, instant_ms: float, *, controle: bool = False,
               f8: bool = False) -> None:
        """A key: its text, when; Ctrl+] (Ctrl+$ on AZERTY) and F8 stand for a separator."""
        if instant_ms - self._derniere_ms > self.delai_ms:
            self._texte = ""
        self._derniere_ms = instant_ms
        if f8 or (controle and texte in _TOUCHES_GS):
            self._texte += GS
        elif not controle:
            self._texte += texte

    def chiffre_alt(self, chiffre: str, instant_ms: float) -> None:
        """A digit of the numeric pad while Alt is held (« Alt mode » scanners)."""
        self._alt += chiffre
        self._derniere_ms = instant_ms

    def fin_alt(self, instant_ms: float) -> None:
        """Alt was released: the digits are a character code."""
        numero, self._alt = self._alt, ""
        if numero.isdigit() and 0 < int(numero) < 256:
            self.touche(chr(int(numero)), instant_ms)

    def fin(self, instant_ms: float) -> str | None:
        """Enter or Tab: the scan, or None when a person typed."""
        texte, self._texte = self._texte, ""
        rapide = instant_ms - self._derniere_ms <= self.delai_ms
        return texte if rapide and len(texte) >= LONGUEUR_MIN else None
