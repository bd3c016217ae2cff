"""The printed recovery key: 160 random bits in eight groups of five characters.

Each group is four characters of Crockford's base 32 (no I, L, O, U) and a check character: one
wrong or two swapped neighbouring characters are always seen, two swapped groups too, and the group
is named, so that a person reading paper finds the fault.
"""

import secrets

from app.store.errors import ErreurStore

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPES = 8
UTILES = 4
#: 160 bits.
TAILLE_OCTETS = GROUPES * UTILES * 5 // 8
_VALEURS = {c: i for i, c in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
#: Distinct, none is 0 or 1 (the weight of the check character itself).
_POIDS = (2, 4, 8, 16)
_TIRETS = str.maketrans(dict.fromkeys("-‐‑‒–—−_.·\u00a0\u202f\t\r\n", " "))


class CleSecoursMalSaisie(ErreurStore):
    """The text isn't a recovery key; `groupe` (from 1) holds the fault, 0 when it isn't known."""

    par_defaut = f"Une clé de secours a {GROUPES} groupes de {UTILES + 1} caractères."

    def __init__(self, message: str = "", groupe: int = 0) -> None:
        super().__init__(message)
        self.groupe = groupe


def _fois(a: int, b: int) -> int:
    """Product in the field of 32 elements (x^5 + x^2 + 1)."""
    produit = 0
    while b:
        if b & 1:
            produit ^= a
        a <<= 1
        if a & 32:
            a ^= 0b100101
        b >>= 1
    return produit


def _controle(valeurs: list[int], rang: int) -> int:
    controle = _fois(rang + 1, 29)
    for poids, valeur in zip(_POIDS, valeurs, strict=True):
        controle ^= _fois(poids, valeur)
    return controle


def nouvelle() -> bytes:
    """Random bytes of a new recovery key."""
    return secrets.token_bytes(TAILLE_OCTETS)


def ecrire(secret: bytes) -> str:
    """Printable form, groups separated by hyphens."""
    nombre = int.from_bytes(secret, "big")
    symboles = [(nombre >> (5 * i)) & 31 for i in reversed(range(GROUPES * UTILES))]
    groupes = []
    for rang in range(GROUPES):
        valeurs = symboles[rang * UTILES:(rang + 1) * UTILES]
        groupes.append("".join(ALPHABET[v] for v in (*valeurs, _controle(valeurs, rang))))
    return "-".join(groupes)


def lire(texte: str) -> bytes:
    """Bytes of a typed key: case, spaces and hyphens don't matter; O is 0, I and L are 1.

    :raises CleSecoursMalSaisie: a group is wrong, missing or too many.
    """
    symboles = "".join(texte.translate(_TIRETS).split()).upper()
    taille = UTILES + 1
    for i, c in enumerate(symboles):
        if c not in _VALEURS:
            raise CleSecoursMalSaisie(
                f"Le groupe {i // taille + 1} contient un caractère impossible : « {c} ».",
                i // taille + 1)
    nombre = 0
    for rang in range(min(GROUPES, len(symboles) // taille)):
        *valeurs, controle = (_VALEURS[c] for c in symboles[rang * taille:(rang + 1) * taille])
        if _controle(valeurs, rang) != controle:
            raise CleSecoursMalSaisie(
                f"Le groupe {rang + 1} comporte une faute de frappe.", rang + 1)
        for valeur in valeurs:
            nombre = nombre << 5 | valeur
    if len(symboles) != GROUPES * taille:
        raise CleSecoursMalSaisie()
    return nombre.to_bytes(TAILLE_OCTETS, "big")
