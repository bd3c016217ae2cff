"""The file of the vault: read, prove, sign, write.

A vault is written by who has the key of the file, and signed: Ed25519, the private key sealed under
the key of the file, the public one inside each envelope, where a stranger can't change it.
"""

import contextlib
import hmac
import json
import secrets
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store import envelopes
from app.store.errors import ErreurStore
from app.store.files import ecrire_durablement
from app.store.places import chemin_coffre

FORMAT = "pleiade-coffre"
VERSION = 2
TAILLE_MAX = 1 << 20
_SIGNATAIRE = b"pleiade/signataire"
MODIFIE = ("Le coffre des clés a été modifié hors de Pléiade. Restaurez le fichier "
           "« .coffre.json » depuis une sauvegarde.")

Coffre = dict[str, Any]


class MotDePasseRefuse(ErreurStore):
    """Wrong password, or wrong recovery key."""

    par_defaut = "Mot de passe incorrect."
    #: Seconds before the next try, when the caller counts them.
    attente_s = 0


class CoffreAbime(ErreurStore):
    """The vault is missing, unreadable or forged."""

    par_defaut = ("Le coffre des clés est abîmé. Restaurez le fichier « .coffre.json » depuis "
                  "une sauvegarde.")


def empreinte(cle: bytes) -> str:
    """Mark of a key: tells a wrong key from a damaged file, and says nothing of the key."""
    return hmac.new(cle, b"pleiade/empreinte", sha256).hexdigest()[:32]


def munir(coffre: Coffre, cle: bytes) -> None:
    """Give a vault its signature key, kept under the key of the file."""
    if "signataire" not in coffre:
        coffre["signataire"] = sceller_signataire(Ed25519PrivateKey.generate(), cle)


def sceller_signataire(signataire: Ed25519PrivateKey, cle: bytes) -> str:
    """The signature key under the key of the file, base 64."""
    nonce = secrets.token_bytes(12)
    return envelopes.texte(nonce + AESGCM(cle).encrypt(nonce, signataire.private_bytes_raw(),
                                                       _SIGNATAIRE))


def signataire_de(coffre: Coffre, cle: bytes) -> Ed25519PrivateKey:
    """Signature key of a vault. :raises CoffreAbime: forged."""
    try:
        scelle = envelopes.octets(coffre, "signataire")
        return Ed25519PrivateKey.from_private_bytes(
            AESGCM(cle).decrypt(scelle[:12], scelle[12:], _SIGNATAIRE))
    except (envelopes.EnveloppeAbimee, InvalidTag, ValueError) as erreur:
        raise CoffreAbime(MODIFIE) from erreur


def publique(coffre: Coffre, cle: bytes) -> bytes:
    """What each new envelope keeps to prove the vault."""
    return signataire_de(coffre, cle).public_key().public_bytes_raw()


def _signe(coffre: Coffre) -> bytes:
    """What the signature covers."""
    return json.dumps([FORMAT, *(coffre.get(c) for c in ("marque", "empreinte", "enveloppes"))],
                      sort_keys=True).encode()


def signer(coffre: Coffre, cle: bytes) -> Coffre:
    """The vault as it must be written for this key of the file."""
    signe = coffre | {"version": VERSION, "empreinte": empreinte(cle)}
    return signe | {"sceau": envelopes.texte(signataire_de(coffre, cle).sign(_signe(signe)))}


def sceau_bon(coffre: Coffre, publique: bytes) -> bool:
    """True when the signature is that of `publique`."""
    try:
        Ed25519PublicKey.from_public_bytes(publique).verify(
            envelopes.octets(coffre, "sceau"), _signe(coffre))
    except (InvalidSignature, ValueError):
        return False
    return True


def copie(fichier: Path) -> Path:
    """The second copy, beside the first."""
    return fichier.with_name(fichier.name + ".copie")


def en_octets(coffre: Coffre) -> bytes:
    """What is written."""
    return json.dumps(coffre, indent=1, ensure_ascii=False).encode()


def ecrire(fichier: Path, coffre: Coffre, cle: bytes) -> None:
    """Sign, then write both copies, one after the other. :raises OSError: as it was."""
    contenu = en_octets(signer(coffre, cle))
    ecrire_durablement(fichier, contenu)
    ecrire_durablement(copie(fichier), contenu)


@contextlib.contextmanager
def modifier(chemin: Path | str, cle: bytes) -> Iterator[Coffre]:
    """Change a vault whole, or not at all."""
    fichier = chemin_coffre(chemin)
    coffre = coffre_de(fichier, cle)
    yield coffre
    ecrire(fichier, coffre, cle)


def coffre_de(fichier: Path, cle: bytes) -> Coffre:
    """The vault, after checking that `cle` is its key and that nobody else wrote it: a foreign
    envelope must never be given the next key."""
    coffre = lire(fichier)
    if not hmac.compare_digest(str(coffre["empreinte"]), empreinte(cle)):
        raise MotDePasseRefuse("Cette clé n’est pas celle de ce dossier.")
    if int(coffre["version"]) < VERSION:
        coffre["marque"] = coffre["empreinte"]
        munir(coffre, cle)
    elif not sceau_bon(coffre, publique(coffre, cle)):
        raise CoffreAbime(MODIFIE)
    return coffre


def lire(fichier: Path) -> Coffre:
    """The vault, or its second copy when the first is missing or damaged."""
    erreur: Exception | None = None
    for chemin in (fichier, copie(fichier)):
        try:
            if chemin.stat().st_size > TAILLE_MAX:
                raise ValueError("too large")
            coffre = json.loads(chemin.read_bytes())
            if coffre["format"] != FORMAT or int(coffre["version"]) < 1:
                raise ValueError("not a vault")
            if not (isinstance(coffre["empreinte"], str) and coffre["enveloppes"]
                    and all(isinstance(e, dict) for e in coffre["enveloppes"])
                    and isinstance(coffre.get("suivant", {}), dict)):
                raise ValueError("no envelope")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as defaut:
            erreur = erreur or defaut
            continue
        if int(coffre["version"]) > VERSION:
            raise CoffreAbime("Le coffre des clés vient d’une version plus récente de Pléiade. "
                              "Installez la dernière version du programme.")
        return dict(coffre)
    if isinstance(erreur, FileNotFoundError):
        raise CoffreAbime(f"Le coffre des clés « {fichier.name} » est introuvable.") from erreur
    raise CoffreAbime() from erreur
