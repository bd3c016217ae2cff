"""Envelopes of the vault that Pro Santé Connect opens.

The key of the patient file is sealed for a professional by an ephemeral X25519 key and the public
key that the Proxy e-santé gives for her; the half that opens it stays at the proxy, which gives it
to her session alone (`docs/proxy.md`, `/session/part`). Nothing on this workstation opens such an
envelope: a stolen disk yields nothing. Names and national identifiers are in clear, as on the
door of the practice: they let the first screen say whom to ask.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.store import vault
from app.store.vault import CoffreAbime, MotDePasseRefuse

GENRE = vault.PSC


@dataclass(frozen=True, slots=True)
class AccesPsc:
    """One envelope, without what it seals.

    `compte`: the account, as in the envelopes of passwords. `sujet`: its SubjectNameID.
    `proxy_url`, `proxy_ca`: where to ask. `point`, `version`: what the proxy needs.
    """

    compte: str
    sujet: str
    nom: str
    proxy_url: str
    proxy_ca: str
    point: str = ""
    version: str = ""


def lister(chemin: Path | str) -> list[AccesPsc]:
    """Envelopes of the vault, oldest first. :raises CoffreAbime: it can't be read."""
    return [_acces(e) for e in vault.enveloppes(chemin, GENRE)]


def _acces(enveloppe: dict[str, Any]) -> AccesPsc:
    return AccesPsc(**{c: str(enveloppe.get(c, "")) for c in AccesPsc.__slots__})


def sceller(chemin: Path | str, cle: bytes, acces: AccesPsc, cle_publique: str) -> AccesPsc:
    """Seal the key of the file for a professional, in place of her former envelope.

    :param cle_publique: as the proxy gives it (base64url).
    :returns: the envelope, its `point` filled.
    :raises MotDePasseRefuse: `cle` isn't the key of this vault. :raises CoffreAbime: `cle_publique`
        is none.
    """
    ephemere = X25519PrivateKey.generate()
    try:
        commun = ephemere.exchange(X25519PublicKey.from_public_bytes(_octets(cle_publique)))
    except ValueError as erreur:
        raise CoffreAbime("Le Proxy e-santé a donné une clé inutilisable.") from erreur
    part = hmac.new(commun, b"pleiade/part", sha256).digest()
    point = ephemere.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    pose = replace(acces, point=urlsafe_b64encode(point).rstrip(b"=").decode())
    vault.remplacer(chemin, cle, {"type": GENRE, **asdict(pose)}, _cle(part))
    return pose


def ouvrir(chemin: Path | str, acces: AccesPsc, part: str) -> bytes:
    """Key of the file, by the half that the proxy gave.

    :raises MotDePasseRefuse: the half doesn't open it, or the envelope is gone.
    :raises CoffreAbime: the envelope is damaged.
    """
    try:
        derivee = _cle(_octets(part))
    except ValueError as erreur:
        raise CoffreAbime() from erreur
    ouverte = vault.ouvrir_par(chemin, GENRE, derivee, lambda e: _acces(e) == acces)
    if ouverte is None:
        raise MotDePasseRefuse("Pro Santé Connect n’ouvre plus ce dossier sur ce poste. Ouvrez-le "
                               "avec votre mot de passe, puis connectez-vous.")
    return ouverte[0]


def retirer(chemin: Path | str, cle: bytes, compte: str) -> None:
    """Take the envelope of an account away."""
    vault.retirer(chemin, cle, {"type": GENRE, "compte": compte})


def _cle(part: bytes) -> bytes:
    return hmac.new(part, b"pleiade/psc", sha256).digest()


def _octets(texte: str) -> bytes:
    octets = urlsafe_b64decode(texte + "=" * (-len(texte) % 4))
    if len(octets) != 32:
        raise ValueError("32 octets attendus")
    return octets
