"""An ICC profile of sRGB, version 2.1, composed here: PDF/A-1 refuses version 4 (ISO 19005-1).

Nine tags, one tone curve of 1,024 points shared by the three channels; 2.5 kB, no foreign licence.
"""

import struct
from functools import cache

_POINTS = 1024
_BLANC_D50 = (0.9642, 1.0, 0.8249)
#: Colorants of sRGB adapted to D50.
_COLORANTS = {b"rXYZ": (0.43607, 0.22249, 0.01392), b"gXYZ": (0.38515, 0.71687, 0.09708),
              b"bXYZ": (0.14307, 0.06061, 0.71410)}


def _s15(valeur: float) -> bytes:
    """s15Fixed16Number."""
    return struct.pack(">i", round(valeur * 65536))


def _xyz(valeurs: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(_s15(v) for v in valeurs)


def _lineaire(v: float) -> float:
    """Transfer function of IEC 61966-2-1."""
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def _courbe() -> bytes:
    points = (round(_lineaire(i / (_POINTS - 1)) * 65535) for i in range(_POINTS))
    return b"curv" + bytes(4) + struct.pack(f">I{_POINTS}H", _POINTS, *points)


def _description(texte: bytes) -> bytes:
    """textDescriptionType of version 2: ASCII, then empty Unicode and ScriptCode parts."""
    return (b"desc" + bytes(4) + struct.pack(">I", len(texte) + 1) + texte + b"\0"
            + bytes(4 + 4 + 2 + 1 + 67))


@cache
def profil_srgb() -> bytes:
    """Bytes of the profile."""
    donnees = {b"desc": _description(b"sRGB IEC61966-2.1"),
               b"cprt": b"text" + bytes(4) + b"Public domain\0", b"wtpt": _xyz(_BLANC_D50),
               **{nom: _xyz(v) for nom, v in _COLORANTS.items()}, b"rTRC": _courbe()}
    table, corps = b"", b""
    debut = 128 + 4 + 12 * 9
    places: dict[bytes, tuple[int, int]] = {}
    for nom, valeur in donnees.items():
        places[nom] = (debut + len(corps), len(valeur))
        corps += valeur + bytes(-len(valeur) % 4)
    places[b"gTRC"] = places[b"bTRC"] = places[b"rTRC"]
    for nom, (place, longueur) in places.items():
        table += nom + struct.pack(">II", place, longueur)
    taille = debut + len(corps)
    entete = (struct.pack(">I", taille) + bytes(4) + bytes((2, 0x10, 0, 0)) + b"mntrRGB XYZ "
              + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(4) + bytes(4) + bytes(8)
              + bytes(8) + bytes(4) + b"".join(_s15(v) for v in _BLANC_D50))
    entete += bytes(128 - len(entete))
    return entete + struct.pack(">I", len(places)) + table + corps
