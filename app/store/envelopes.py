"""Envelopes of the vault: what opens the key of the file (design §5).

An envelope is a pair of X25519 keys. The private one is sealed by AES-256-GCM under what its owner
knows (password through Argon2id, printed recovery key, secret of the system's key store); the key
of the file is sealed for the public one. So the key of the file can be changed for every account
without anybody's password, and who was retired can't follow it. Beside the private key lies the
public key of the vault's own signature: a box that a stranger sealed for the account is refused.
"""

import hmac
import json
import secrets
import unicodedata
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Enveloppe = dict[str, Any]

TAILLE_CLE = 32
MOT_DE_PASSE, SECOURS, TROUSSEAU, PSC = "mot_de_passe", "secours", "trousseau", "psc"
#: Bounds of what a vault may ask: a forged file must not stall the workstation.
MEMOIRE_MAX_KIO, PASSES_MAX, VOIES_MAX = 1 << 20, 16, 8
#: Fields that a change of the file's key replaces; the others are bound by the seal.
_BOITE = ("ephemere", "nonce", "cle")
_FORMAT = "pleiade-coffre"


class EnveloppeAbimee(ValueError):
    """An envelope that no secret can open: forged or damaged."""


def texte(octets: bytes) -> str:
    """Base 64."""
    return b64encode(octets).decode()


def octets(enveloppe: Enveloppe, champ: str) -> bytes:
    """Bytes of a field. :raises EnveloppeAbimee: it holds something else."""
    try:
        return b64decode(enveloppe[champ], validate=True)
    except (KeyError, TypeError, ValueError) as erreur:
        raise EnveloppeAbimee(champ) from erreur


# --- what the owner knows ----------------------------------------------------------------------

def derivee_mot_de_passe(mot_de_passe: str, enveloppe: Enveloppe) -> bytes:
    """Key under the password, by the parameters that the envelope names."""
    try:
        memoire, passes, voies = (int(enveloppe[c]) for c in ("memoire_kio", "passes", "voies"))
    except (KeyError, TypeError, ValueError) as erreur:
        raise EnveloppeAbimee("argon2") from erreur
    if not (8 * voies <= memoire <= MEMOIRE_MAX_KIO and 1 <= passes <= PASSES_MAX
            and 1 <= voies <= VOIES_MAX):
        raise EnveloppeAbimee("argon2")
    # The same password typed on two keyboards may differ by its Unicode form alone.
    propre = unicodedata.normalize("NFKC", mot_de_passe).encode()
    return hash_secret_raw(propre, octets(enveloppe, "sel"), time_cost=passes,
                           memory_cost=memoire, parallelism=voies, hash_len=TAILLE_CLE,
                           type=Type.ID)


def derivee_secours(secret: bytes) -> bytes:
    """160 random bits need no slow derivation, only a key of the right length and purpose."""
    return hmac.new(secret, b"pleiade/secours", sha256).digest()


def derivee_trousseau(secret: bytes) -> bytes:
    """The secret that the system's key store keeps is random too."""
    return hmac.new(secret, b"pleiade/trousseau", sha256).digest()


# --- sealing -----------------------------------------------------------------------------------

def sceller(cle: bytes, champs: Enveloppe, derivee: bytes, signataire: bytes) -> Enveloppe:
    """A new envelope for the key of the file.

    :param champs: what is known of the owner (`type`, `compte`, parameters of the derivation).
    :param derivee: 32 bytes that the owner can make again.
    :param signataire: public key of the vault's signature (32 bytes), kept under `derivee`.
    """
    paire = X25519PrivateKey.generate()
    enveloppe = champs | {"publique": texte(paire.public_key().public_bytes_raw())}
    nonce = secrets.token_bytes(12)
    privee = AESGCM(derivee).encrypt(
        nonce, paire.private_bytes_raw() + signataire, _lie(enveloppe))
    return resceller(cle, enveloppe | {"privee": texte(nonce + privee)})


def resceller(cle: bytes, enveloppe: Enveloppe) -> Enveloppe:
    """The same envelope, holding another key of the file. Nobody's secret is needed.

    :raises EnveloppeAbimee: no public key: an envelope of the first form.
    """
    publique = octets(enveloppe, "publique")
    ephemere = X25519PrivateKey.generate()
    try:
        commun = ephemere.exchange(X25519PublicKey.from_public_bytes(publique))
    except ValueError as erreur:
        raise EnveloppeAbimee("publique") from erreur
    ouverte = ephemere.public_key().public_bytes_raw()
    nonce = secrets.token_bytes(12)
    scellee = AESGCM(_cle_boite(commun, ouverte, publique)).encrypt(nonce, cle, _lie(enveloppe))
    return enveloppe | {"ephemere": texte(ouverte), "nonce": texte(nonce), "cle": texte(scellee)}


def ouvrir(enveloppe: Enveloppe, derivee: bytes) -> "Ouverte | None":
    """What the owner's secret gives; None when `derivee` isn't the owner's.

    :raises EnveloppeAbimee: it can't be read.
    """
    if est_ancienne(enveloppe):
        cle = _ouvrir(derivee, octets(enveloppe, "nonce"), octets(enveloppe, "cle"),
                      _lie_premiere_forme(enveloppe), TAILLE_CLE)
        return None if cle is None else Ouverte(b"", b"", cle)
    scellee = octets(enveloppe, "privee")
    deux = _ouvrir(derivee, scellee[:12], scellee[12:], _lie(enveloppe), 2 * TAILLE_CLE)
    return None if deux is None else Ouverte(deux[:TAILLE_CLE], deux[TAILLE_CLE:], b"")


@dataclass(frozen=True, slots=True)
class Ouverte:
    """`signataire` proves the vault; `cle_de` gives the key of the file once it is proven."""

    privee: bytes = field(repr=False)
    signataire: bytes
    directe: bytes = field(repr=False)

    def cle_de(self, enveloppe: Enveloppe) -> bytes:
        """Key of the file. :raises EnveloppeAbimee: the box can't be opened."""
        if self.directe:
            return self.directe
        ephemere, publique = octets(enveloppe, "ephemere"), octets(enveloppe, "publique")
        try:
            commun = X25519PrivateKey.from_private_bytes(self.privee).exchange(
                X25519PublicKey.from_public_bytes(ephemere))
        except ValueError as erreur:
            raise EnveloppeAbimee("ephemere") from erreur
        cle = _ouvrir(_cle_boite(commun, ephemere, publique), octets(enveloppe, "nonce"),
                      octets(enveloppe, "cle"), _lie(enveloppe), TAILLE_CLE)
        if cle is None:
            raise EnveloppeAbimee("cle")
        return cle


def est_ancienne(enveloppe: Enveloppe) -> bool:
    """True for the first form: the key under the secret itself, without a pair of keys."""
    return "publique" not in enveloppe


def _cle_boite(commun: bytes, ephemere: bytes, publique: bytes) -> bytes:
    return HKDF(SHA256(), TAILLE_CLE, salt=ephemere + publique,
                info=b"pleiade/boite").derive(commun)


def _ouvrir(cle: bytes, nonce: bytes, scelle: bytes, lie: bytes, taille: int) -> bytes | None:
    try:
        clair = AESGCM(cle).decrypt(nonce, scelle, lie)
    except InvalidTag:
        return None
    except ValueError as erreur:
        raise EnveloppeAbimee("nonce") from erreur
    if len(clair) != taille:
        raise EnveloppeAbimee("cle")
    return clair


def _lie(enveloppe: Enveloppe) -> bytes:
    """What both seals bind: every field but the sealed ones."""
    lie = {c: v for c, v in enveloppe.items() if c not in (*_BOITE, "privee")}
    return json.dumps([_FORMAT, 2, lie], sort_keys=True).encode()


def _lie_premiere_forme(enveloppe: Enveloppe) -> bytes:
    lie = {c: v for c, v in enveloppe.items() if c not in ("nonce", "cle")}
    return json.dumps([_FORMAT, 1, lie], sort_keys=True).encode()
