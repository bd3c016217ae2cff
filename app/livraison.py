"""Is a downloaded version the publisher's? Checked before anything of it is opened.

A version comes as its files, the list of their SHA-256, and the signature of that list, in the
format of minisign (Ed25519 over BLAKE2b-512): anybody may check it with `minisign -V` too. The
publisher's public keys are in `resources/livraison/cles.csv`, each with the days of its life, so
that a key is replaced without a gap and a lost one is refused.
"""

import base64
import binascii
import csv
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app import __version__

CLES = Path(__file__).parents[1] / "resources" / "livraison" / "cles.csv"
#: Trusted comment of a signature: program, version, day of the signature.
_MENTION = re.compile(r"pleiade (\d+(?:\.\d+){1,3}) (\d{4}-\d\d-\d\d)")
_TEXTE_MAX = 64 * 1024
_BLOC = 1 << 20


class LivraisonRefusee(Exception):
    """It must not be installed; `message` is a whole French sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class ClePublique:
    """A key of the publisher and the days on which it signs (AAAA-MM-JJ, "" = no bound)."""

    numero: bytes
    point: bytes
    depuis: str = ""
    jusqu_au: str = ""

    @property
    def nom(self) -> str:
        """Its number as minisign writes it."""
        return self.numero[::-1].hex().upper()


@dataclass(frozen=True, slots=True)
class Livraison:
    """A version that was checked. `plus_recente`: newer than the program that checks."""

    fichier: str
    version: str
    signee_le: str
    cle: str
    plus_recente: bool


def lire_cle(texte: str, depuis: str = "", jusqu_au: str = "") -> ClePublique:
    """A public key as minisign writes it (base64, its comment line left out or not).

    :raises LivraisonRefusee: it isn't one.
    """
    brut = _base64(texte.strip().splitlines()[-1] if texte.strip() else "")
    if len(brut) != 42 or brut[:2] != b"Ed":
        raise LivraisonRefusee("Cette clé publique n’a pas la forme attendue.")
    return ClePublique(brut[2:10], brut[10:], depuis, jusqu_au)


def cles_connues(fichier: Path = CLES) -> list[ClePublique]:
    """Keys of the publisher that this program carries."""
    lignes = [x for x in fichier.read_text(encoding="utf-8").splitlines()
              if not x.startswith("#")]
    return [lire_cle(x["cle"], x["depuis"], x["jusqu_au"])
            for x in csv.DictReader(lignes, delimiter=";")]


def verifier(fichier: Path, cles: Sequence[ClePublique], *, ancienne: bool = False,
             version_ici: str = __version__, aujourdhui: date | None = None) -> Livraison:
    """Check one file of a version: signature of the list, key, dates, digest, version.

    The list (`*.sha256`) and its signature (`*.sha256.minisig`) lie beside the file.

    :param ancienne: accept a version older than the one that is installed.
    :param aujourdhui: of the machine by default.
    :raises LivraisonRefusee: what is wrong; nothing of the file was opened.
    """
    if not cles:
        raise LivraisonRefusee("Ce programme ne connaît encore aucune clé de l’éditeur\u00a0: "
                               "donnez la sienne, obtenue par une autre voie.")
    liste = _liste(fichier)
    contenu = _lire(liste)
    numero, signee, mention, globale = _signature(liste.with_name(liste.name + ".minisig"))
    cle = next((c for c in cles if c.numero == numero), None)
    if cle is None:
        raise LivraisonRefusee("Cette version est signée par une clé inconnue. Ne l’installez "
                               "pas\u00a0: téléchargez-la de nouveau sur le site de l’éditeur.")
    publique = Ed25519PublicKey.from_public_bytes(cle.point)
    try:
        publique.verify(signee, hashlib.blake2b(contenu).digest())
        publique.verify(globale, signee + mention.encode("utf-8"))
    except InvalidSignature:
        raise LivraisonRefusee("La signature ne correspond pas\u00a0: ce qui a été téléchargé a "
                               "été modifié. Ne l’installez pas.") from None
    version, jour = _mention(mention, cle, aujourdhui or date.today())
    _verifier_empreinte(fichier, contenu)
    recente = _rang(version) > _rang(version_ici)
    if not ancienne and _rang(version) < _rang(version_ici):
        raise LivraisonRefusee(f"La version {version} est plus ancienne que celle de ce poste "
                               f"({version_ici}). Elle est bien de l’éditeur, mais ses défauts "
                               "corrigés reviendraient.")
    return Livraison(fichier.name, version, jour, cle.nom, recente)


def _liste(fichier: Path) -> Path:
    """The list beside a file: `pleiade-1.2.sha256` for `pleiade-1.2.zip`."""
    if not fichier.is_file():
        raise LivraisonRefusee("Ce fichier n’existe pas.")
    listes = [x for x in fichier.parent.glob("*.sha256") if fichier.name.startswith(x.stem + ".")]
    if listes:
        return max(listes, key=lambda x: len(x.name))
    raise LivraisonRefusee("La liste des empreintes (.sha256) n’est pas à côté du fichier\u00a0: "
                           "téléchargez aussi ce qui l’accompagne.")


def _lire(fichier: Path) -> bytes:
    try:
        with fichier.open("rb") as flux:
            octets = flux.read(_TEXTE_MAX + 1)
    except OSError:
        raise LivraisonRefusee(f"«\u00a0{fichier.name}\u00a0» n’est pas à côté du "
                               "fichier\u00a0: téléchargez aussi ce qui l’accompagne.") from None
    if len(octets) > _TEXTE_MAX:
        raise LivraisonRefusee(f"«\u00a0{fichier.name}\u00a0» est trop grand pour ce qu’il dit "
                               "être.")
    return octets


def _signature(fichier: Path) -> tuple[bytes, bytes, str, bytes]:
    """(number of the key, signature, trusted comment, signature of both)."""
    faux = LivraisonRefusee("La signature n’a pas la forme attendue. Téléchargez-la de nouveau.")
    try:
        lignes = _lire(fichier).decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise faux from None
    if (len(lignes) != 4 or not lignes[0].startswith("untrusted comment: ")
            or not lignes[2].startswith("trusted comment: ")):
        raise faux
    brut, globale = _base64(lignes[1]), _base64(lignes[3])
    if len(brut) != 74 or brut[:2] != b"ED" or len(globale) != 64:
        raise faux
    return brut[2:10], brut[10:], lignes[2].removeprefix("trusted comment: "), globale


def _base64(texte: str) -> bytes:
    try:
        return base64.b64decode(texte, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _mention(mention: str, cle: ClePublique, aujourdhui: date) -> tuple[str, str]:
    """(version, day), once the comment was authenticated.

    The day is what the signer wrote: who holds a stolen key writes any. A key that was bounded
    serves no more, whatever day its signature claims.
    """
    lue = _MENTION.fullmatch(mention)
    if lue is None:
        raise LivraisonRefusee("Ce qui est signé n’est pas une version de Pléiade.")
    version, jour = lue[1], lue[2]
    try:
        date.fromisoformat(jour)
    except ValueError:
        raise LivraisonRefusee("La date de la signature n’existe pas.") from None
    if (cle.depuis and jour < cle.depuis) or (
            cle.jusqu_au and max(jour, aujourdhui.isoformat()) > cle.jusqu_au):
        raise LivraisonRefusee("Cette version est signée par une clé de l’éditeur hors de ses "
                               "dates. Ne l’installez pas.")
    return version, jour


def _verifier_empreinte(fichier: Path, liste: bytes) -> None:
    empreintes = {nom: valeur for valeur, nom in
                  re.findall(r"^([0-9a-f]{64}) [ *](\S+)$", liste.decode("utf-8", "replace"),
                             re.MULTILINE)}
    attendue = empreintes.get(fichier.name)
    if attendue is None:
        raise LivraisonRefusee("Ce fichier ne fait pas partie de la version signée.")
    calcul = hashlib.sha256()
    try:
        with fichier.open("rb") as flux:
            while bloc := flux.read(_BLOC):
                calcul.update(bloc)
    except OSError:
        raise LivraisonRefusee("Ce fichier ne peut pas être lu.") from None
    if calcul.hexdigest() != attendue:
        raise LivraisonRefusee("Ce fichier n’est pas celui de l’éditeur\u00a0: il a été modifié "
                               "ou mal téléchargé. Ne l’installez pas.")


def _rang(version: str) -> tuple[int, ...]:
    """Order of versions: 1.10 after 1.9, 1.0 as 1.0.0."""
    nombres = [int(x) for x in re.findall(r"\d+", version)[:4]]
    return tuple(nombres + [0] * (4 - len(nombres)))
