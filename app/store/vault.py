"""The vault: who may have the key of the patient file (design §5, key).

The file is encrypted by a random key of 256 bits that never changes hands: each account has its
own envelope, sealed by AES-256-GCM under a key derived from its password (Argon2id), and a printed
recovery key opens one more. The envelopes are a small JSON beside the file, in two copies.
Stealing both yields nothing without a password; losing a password loses nothing.
"""

import hmac
import json
import secrets
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.store import recovery
from app.store.errors import ErreurStore
from app.store.files import ecrire_durablement
from app.store.places import chemin_coffre as chemin_coffre
from app.store.recovery import CleSecoursMalSaisie as CleSecoursMalSaisie

FORMAT = "pleiade-coffre"
VERSION = 1
TAILLE_CLE = 32
#: Argon2id, above the OWASP minimum (19 MiB, 2 passes, 1 lane): 46 MiB, 2 passes, 1 lane.
MEMOIRE_KIO, PASSES, VOIES = 47104, 2, 1
#: Bounds of what a vault may ask: a forged file must not stall the workstation.
MEMOIRE_MAX_KIO, PASSES_MAX, VOIES_MAX = 1 << 20, 16, 8
TAILLE_MAX = 1 << 20
_MOT_DE_PASSE, _SECOURS = "mot_de_passe", "secours"
#: Kind of the envelopes that Pro Santé Connect opens (`vault_psc`).
PSC = "psc"


class MotDePasseRefuse(ErreurStore):
    """Wrong password, or wrong recovery key."""

    par_defaut = "Mot de passe incorrect."
    #: Seconds before the next try, when the caller counts them.
    attente_s = 0


class CoffreAbime(ErreurStore):
    """The vault is missing, unreadable or forged."""

    par_defaut = ("Le coffre des clés est abîmé. Restaurez le fichier « .coffre.json » depuis "
                  "une sauvegarde.")


@dataclass(frozen=True, slots=True)
class CoffreCree:
    """A new vault. Neither value is ever written, logged or shown by `repr`."""

    cle: bytes = field(repr=False)
    cle_secours: str = field(repr=False)


def creer_coffre(chemin: Path | str, mot_de_passe: str, compte: str) -> CoffreCree:
    """Make the key of a new file and seal it for its first account.

    :param chemin: the patient file, its URL, or the vault itself (see `chemin_coffre`).
    :raises CoffreAbime: a vault exists there; it is never overwritten.
    """
    fichier = chemin_coffre(chemin)
    if fichier.exists() or _copie(fichier).exists():
        raise CoffreAbime("Un coffre existe déjà à cet endroit. Rien n’a été modifié.")
    cle = secrets.token_bytes(TAILLE_CLE)
    secours = recovery.nouvelle()
    coffre = {"format": FORMAT, "version": VERSION, "empreinte": empreinte(cle),
              "enveloppes": [_sceller_mot_de_passe(cle, mot_de_passe, compte),
                             _sceller_secours(cle, secours)]}
    fichier.parent.mkdir(parents=True, exist_ok=True)
    _ecrire(fichier, coffre)
    return CoffreCree(cle, recovery.ecrire(secours))


def ouvrir_coffre(chemin: Path | str, mot_de_passe: str, compte: str | None = None) -> bytes:
    """Key of the file, by a password. Without `compte`, each account is tried.

    :raises MotDePasseRefuse: no envelope opens. :raises CoffreAbime: the vault can't be read.
    """
    return identifier(chemin, mot_de_passe, compte)[0]


def identifier(chemin: Path | str, mot_de_passe: str,
               compte: str | None = None) -> tuple[bytes, str]:
    """Key of the file and the account whose envelope the password opened.

    :raises MotDePasseRefuse, CoffreAbime: as `ouvrir_coffre`.
    """
    for enveloppe in _enveloppes(_lire(chemin_coffre(chemin)), _MOT_DE_PASSE):
        if compte is None or enveloppe.get("compte") == compte:
            cle = _desceller(enveloppe, lambda e: _cle_mot_de_passe(mot_de_passe, e))
            if cle is not None:
                return cle, str(enveloppe.get("compte", ""))
    raise MotDePasseRefuse()


def ouvrir_par_secours(chemin: Path | str, cle_secours: str) -> bytes:
    """Key of the file, by the printed recovery key.

    :raises CleSecoursMalSaisie: a typing fault, with its group.
    :raises MotDePasseRefuse: a well-formed key of another file, or replaced since.
    """
    secret = recovery.lire(cle_secours)
    for enveloppe in _enveloppes(_lire(chemin_coffre(chemin)), _SECOURS):
        cle = _desceller(enveloppe, lambda _: _cle_secours(secret))
        if cle is not None:
            return cle
    raise MotDePasseRefuse("Cette clé de secours n’est pas celle de ce dossier.")


def changer_mot_de_passe(chemin: Path | str, ancien: str, nouveau: str,
                         compte: str | None = None) -> None:
    """Seal the key again under a new password; the key and the file don't change.

    :raises MotDePasseRefuse: `ancien` is wrong.
    """
    fichier = chemin_coffre(chemin)
    coffre = _lire(fichier)
    for rang, enveloppe in enumerate(coffre["enveloppes"]):
        if (enveloppe.get("type") == _MOT_DE_PASSE
                and (compte is None or enveloppe.get("compte") == compte)):
            cle = _desceller(enveloppe, lambda e: _cle_mot_de_passe(ancien, e))
            if cle is not None:
                coffre["enveloppes"][rang] = _sceller_mot_de_passe(
                    cle, nouveau, str(enveloppe["compte"]))
                _ecrire(fichier, coffre)
                return
    raise MotDePasseRefuse()


def poser_mot_de_passe(chemin: Path | str, cle: bytes, compte: str, mot_de_passe: str) -> None:
    """Give an account its envelope, or replace it (new colleague, forgotten password)."""
    fichier = chemin_coffre(chemin)
    coffre = _coffre_de(fichier, cle)
    coffre["enveloppes"] = [e for e in coffre["enveloppes"] if not _est_de(e, compte)]
    coffre["enveloppes"].append(_sceller_mot_de_passe(cle, mot_de_passe, compte))
    _ecrire(fichier, coffre)


def retirer_compte(chemin: Path | str, cle: bytes, compte: str) -> None:
    """Take an account's envelope away; the last one stays.

    :raises MotDePasseRefuse: it is the last account.
    """
    fichier = chemin_coffre(chemin)
    coffre = _coffre_de(fichier, cle)
    reste = [e for e in coffre["enveloppes"]
             if not (_est_de(e, compte) or (e.get("type") == PSC and e.get("compte") == compte))]
    if not any(e.get("type") == _MOT_DE_PASSE for e in reste):
        raise MotDePasseRefuse("Le dernier compte ne peut pas être retiré.")
    coffre["enveloppes"] = reste
    _ecrire(fichier, coffre)


def renouveler_secours(chemin: Path | str, cle: bytes) -> str:
    """Make a new recovery key; the former one opens nothing any more."""
    fichier = chemin_coffre(chemin)
    coffre = _coffre_de(fichier, cle)
    secours = recovery.nouvelle()
    coffre["enveloppes"] = [e for e in coffre["enveloppes"] if e.get("type") != _SECOURS]
    coffre["enveloppes"].append(_sceller_secours(cle, secours))
    _ecrire(fichier, coffre)
    return recovery.ecrire(secours)


def comptes(chemin: Path | str) -> list[str]:
    """Accounts that have a password."""
    coffre = _lire(chemin_coffre(chemin))
    return [str(e.get("compte", "")) for e in _enveloppes(coffre, _MOT_DE_PASSE)]


def enveloppes(chemin: Path | str, genre: str) -> list[dict[str, Any]]:
    """Envelopes of one kind, as they are written. :raises CoffreAbime: the vault can't be read."""
    return _enveloppes(_lire(chemin_coffre(chemin)), genre)


def remplacer(chemin: Path | str, cle: bytes, genre: str, compte: str,
              enveloppe: dict[str, Any] | None) -> None:
    """Put `enveloppe` in place of the account's own of that kind; None takes it away.

    :raises MotDePasseRefuse: `cle` isn't the key of this vault.
    """
    fichier = chemin_coffre(chemin)
    coffre = _coffre_de(fichier, cle)
    coffre["enveloppes"] = [e for e in coffre["enveloppes"]
                            if (e.get("type"), e.get("compte")) != (genre, compte)]
    if enveloppe is not None:
        coffre["enveloppes"].append(enveloppe)
    _ecrire(fichier, coffre)


def empreinte(cle: bytes) -> str:
    """Mark of a key: tells a wrong key from a damaged file, and says nothing of the key."""
    return hmac.new(cle, b"pleiade/empreinte", sha256).hexdigest()[:32]


def marque(chemin: Path | str) -> str:
    """The public mark of the vault: the same for a practice and its backups.

    :raises CoffreAbime: the vault can't be read.
    """
    return str(_lire(chemin_coffre(chemin))["empreinte"])


def cle_attendue(chemin: Path | str, cle: bytes) -> bool | None:
    """True when `cle` is the one of the vault beside the file; None when there is no vault."""
    try:
        return hmac.compare_digest(str(_lire(chemin_coffre(chemin))["empreinte"]), empreinte(cle))
    except CoffreAbime:
        return None


def copier_coffre(chemin: Path | str, vers: Path) -> bool:
    """Copy the vault beside a backup: a backup without it could not be opened."""
    try:
        coffre = _lire(chemin_coffre(chemin))
    except CoffreAbime:
        return False
    ecrire_durablement(vers, _octets(coffre))
    return True


# --- envelopes ---------------------------------------------------------------------------------

def _est_de(enveloppe: dict[str, Any], compte: str) -> bool:
    return enveloppe.get("type") == _MOT_DE_PASSE and enveloppe.get("compte") == compte


def lie(enveloppe: dict[str, Any]) -> bytes:
    """What the seal binds: every field of the envelope but the sealed ones."""
    liees = {c: v for c, v in enveloppe.items() if c not in ("nonce", "cle")}
    return json.dumps([FORMAT, VERSION, liees], sort_keys=True).encode()


def _sceller(cle: bytes, enveloppe: dict[str, Any], cle_enveloppe: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(12)
    scellee = AESGCM(cle_enveloppe).encrypt(nonce, cle, lie(enveloppe))
    return enveloppe | {"nonce": b64encode(nonce).decode(), "cle": b64encode(scellee).decode()}


def _sceller_mot_de_passe(cle: bytes, mot_de_passe: str, compte: str) -> dict[str, Any]:
    enveloppe: dict[str, Any] = {
        "type": _MOT_DE_PASSE, "compte": compte, "memoire_kio": MEMOIRE_KIO, "passes": PASSES,
        "voies": VOIES, "sel": b64encode(secrets.token_bytes(16)).decode()}
    return _sceller(cle, enveloppe, _cle_mot_de_passe(mot_de_passe, enveloppe))


def _sceller_secours(cle: bytes, secret: bytes) -> dict[str, Any]:
    return _sceller(cle, {"type": _SECOURS}, _cle_secours(secret))


def _cle_mot_de_passe(mot_de_passe: str, enveloppe: dict[str, Any]) -> bytes:
    memoire, passes, voies = (int(enveloppe[c]) for c in ("memoire_kio", "passes", "voies"))
    if not (8 * voies <= memoire <= MEMOIRE_MAX_KIO and 1 <= passes <= PASSES_MAX
            and 1 <= voies <= VOIES_MAX):
        raise CoffreAbime()
    # The same password typed on two keyboards may differ by its Unicode form alone.
    texte = unicodedata.normalize("NFKC", mot_de_passe).encode()
    return hash_secret_raw(texte, b64decode(enveloppe["sel"], validate=True), time_cost=passes,
                           memory_cost=memoire, parallelism=voies, hash_len=TAILLE_CLE,
                           type=Type.ID)


def _cle_secours(secret: bytes) -> bytes:
    """160 random bits need no slow derivation, only a key of the right length and purpose."""
    return hmac.new(secret, b"pleiade/secours", sha256).digest()


def _desceller(enveloppe: dict[str, Any],
               deriver: Callable[[dict[str, Any]], bytes]) -> bytes | None:
    try:
        cle = AESGCM(deriver(enveloppe)).decrypt(
            b64decode(enveloppe["nonce"], validate=True),
            b64decode(enveloppe["cle"], validate=True), lie(enveloppe))
    except InvalidTag:
        return None
    except (KeyError, TypeError, ValueError) as erreur:
        raise CoffreAbime() from erreur
    if len(cle) != TAILLE_CLE:
        raise CoffreAbime()
    return cle


# --- file --------------------------------------------------------------------------------------

def _copie(fichier: Path) -> Path:
    return fichier.with_name(fichier.name + ".copie")


def _octets(coffre: dict[str, Any]) -> bytes:
    return json.dumps(coffre, indent=1, ensure_ascii=False).encode()


def _ecrire(fichier: Path, coffre: dict[str, Any]) -> None:
    ecrire_durablement(fichier, _octets(coffre))
    ecrire_durablement(_copie(fichier), _octets(coffre))


def _enveloppes(coffre: dict[str, Any], genre: str) -> list[dict[str, Any]]:
    return [e for e in coffre["enveloppes"] if e.get("type") == genre]


def _coffre_de(fichier: Path, cle: bytes) -> dict[str, Any]:
    """The vault, after checking that `cle` is its key: a foreign key must never be sealed in."""
    coffre = _lire(fichier)
    if not hmac.compare_digest(str(coffre["empreinte"]), empreinte(cle)):
        raise MotDePasseRefuse("Cette clé n’est pas celle de ce dossier.")
    return coffre


def _lire(fichier: Path) -> dict[str, Any]:
    """The vault, or its second copy when the first is missing or damaged."""
    erreur: Exception | None = None
    for chemin in (fichier, _copie(fichier)):
        try:
            if chemin.stat().st_size > TAILLE_MAX:
                raise ValueError("too large")
            coffre = json.loads(chemin.read_bytes())
            if coffre["format"] != FORMAT or int(coffre["version"]) < 1:
                raise ValueError("not a vault")
            if not (isinstance(coffre["empreinte"], str) and coffre["enveloppes"]
                    and all(isinstance(e, dict) for e in coffre["enveloppes"])):
                raise ValueError("no envelope")
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as defaut:
            erreur = erreur or defaut
            continue
        if int(coffre["version"]) > VERSION:
            raise CoffreAbime("Le coffre des clés vient d’une version plus récente de Pléiade. "
                              "Installez la dernière version du programme.")
        return dict(coffre)
    if isinstance(erreur, FileNotFoundError):
        raise CoffreAbime(f"Le coffre des clés « {fichier.name} » est introuvable.") from erreur
    raise CoffreAbime() from erreur
