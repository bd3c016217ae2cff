"""The system's key store: Windows Credential Manager, Secret Service, KWallet, macOS keychain.

It keeps a random secret, not the key of the file: without the vault beside the file it opens
nothing. Only stores that the system itself encrypts count: a plain file is never one.
"""

import logging
import secrets
from base64 import b64decode, b64encode
from typing import Any

from app.store.errors import ErreurStore

journal = logging.getLogger("pleiade.trousseau")

SERVICE = "Pleiade"
#: Module of the backend -> what the user knows it by.
_MAGASINS = {
    "keyring.backends.Windows": "le gestionnaire d’identification de Windows",
    "keyring.backends.SecretService": "le trousseau de clés de la session",
    "keyring.backends.libsecret": "le trousseau de clés de la session",
    "keyring.backends.kwallet": "le portefeuille de KDE",
    "keyring.backends.macOS": "le trousseau d’accès de macOS",
}


class TrousseauIndisponible(ErreurStore):
    """No key store here, or it refuses."""

    par_defaut = ("Le trousseau de clés de ce poste ne répond pas, ou n’existe pas. Tapez votre "
                  "mot de passe.")


def _magasin() -> Any:
    """The backend, None when there is none that the system encrypts."""
    import keyring
    from keyring.errors import KeyringError

    try:
        choisi = keyring.get_keyring()
        candidats = getattr(choisi, "backends", None) or [choisi]
        return next((c for c in candidats if type(c).__module__ in _MAGASINS), None)
    except (KeyringError, RuntimeError, OSError) as erreur:
        journal.info("trousseau absent : %s", type(erreur).__name__)
        return None


def nom() -> str:
    """What the user knows the key store by; "" = this workstation has none."""
    magasin = _magasin()
    return _MAGASINS[type(magasin).__module__] if magasin is not None else ""


def _demander(geste: str, *arguments: str) -> Any:
    from keyring.errors import KeyringError

    magasin = _magasin()
    if magasin is None:
        raise TrousseauIndisponible()
    try:
        return getattr(magasin, geste)(SERVICE, *arguments)
    except (KeyringError, RuntimeError, OSError) as erreur:
        journal.warning("trousseau : %s", type(erreur).__name__)
        raise TrousseauIndisponible() from erreur


def garder(entree: str) -> bytes:
    """Make a secret and keep it under `entree`; it is read again before it counts.

    :raises TrousseauIndisponible: nothing was kept.
    """
    secret = secrets.token_bytes(32)
    _demander("set_password", entree, b64encode(secret).decode())
    if lire(entree) != secret:
        raise TrousseauIndisponible()
    return secret


def lire(entree: str) -> bytes | None:
    """The secret of an entry; None when this workstation doesn't keep it."""
    texte = _demander("get_password", entree)
    try:
        return b64decode(texte, validate=True) if texte else None
    except ValueError:
        return None


def oublier(entree: str) -> None:
    """Take an entry away, if it is there. :raises TrousseauIndisponible: the store refuses."""
    if lire(entree) is not None:
        _demander("delete_password", entree)
