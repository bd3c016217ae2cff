"""Marks of former passwords, kept inside the encrypted file so that they don't come back."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.store import vault


def _hacheur() -> PasswordHasher:
    return PasswordHasher(time_cost=vault.PASSES, memory_cost=vault.MEMOIRE_KIO,
                          parallelism=vault.VOIES)


def marquer(mot_de_passe: str) -> str:
    """Salted Argon2id mark of a password."""
    return _hacheur().hash(unicodedata.normalize("NFKC", mot_de_passe))


def deja_employe(mot_de_passe: str, marques: "list[str]") -> bool:
    """True when the password is behind one of the marks."""
    texte = unicodedata.normalize("NFKC", mot_de_passe)
    for marque in marques:
        try:
            if _hacheur().verify(marque, texte):
                return True
        except (Argon2Error, InvalidHashError):
            continue
    return False
