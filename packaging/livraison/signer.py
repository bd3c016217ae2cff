"""Sign a version, in the format of minisign; make the publisher's key.

    python packaging/livraison/signer.py creer CHEMIN           (once: key, outside the repository)
    python packaging/livraison/signer.py signer LISTE VERSION   (the .sha256 of a version)

The key is an Ed25519 PKCS#8 file encrypted by a password. Its path is in PLEIADE_CLE_SIGNATURE, its
password in PLEIADE_CLE_SIGNATURE_MOT or asked. `signer` refuses a key that the program doesn't
carry (resources/livraison/cles.csv): nobody could check what it signs.
"""

import base64
import getpass
import hashlib
import os
import sys
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

RACINE = Path(__file__).resolve().parents[2]
CLES = RACINE / "resources" / "livraison" / "cles.csv"
MOT_MIN = 15


def mot_de_passe() -> bytes:
    """Password of the key."""
    mot = os.environ.get("PLEIADE_CLE_SIGNATURE_MOT") or getpass.getpass(
        "Mot de passe de la clé de signature : ")
    return mot.encode("utf-8")


def point(cle: Ed25519PrivateKey) -> bytes:
    """The public half."""
    return cle.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def numero(cle: Ed25519PrivateKey) -> bytes:
    """Number of the key: the same key has the same one everywhere."""
    return hashlib.sha256(point(cle)).digest()[:8]


def publique(cle: Ed25519PrivateKey) -> str:
    """The public key as minisign writes it."""
    return base64.b64encode(b"Ed" + numero(cle) + point(cle)).decode("ascii")


def creer(chemin: Path) -> int:
    """Make a key, outside the repository."""
    chemin = chemin.resolve()
    if chemin.is_relative_to(RACINE):
        print("La clé ne se range pas dans le dépôt : donnez un autre dossier.", file=sys.stderr)
        return 1
    mot = mot_de_passe()
    if len(mot) < MOT_MIN:
        print(f"Le mot de passe de la clé a {MOT_MIN} caractères au moins.", file=sys.stderr)
        return 1
    cle = Ed25519PrivateKey.generate()
    descripteur = os.open(chemin, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descripteur, "wb") as sortie:
        sortie.write(cle.private_bytes(Encoding.PEM, PrivateFormat.PKCS8,
                                       BestAvailableEncryption(mot)))
    print(f"Ligne à ajouter à {CLES.relative_to(RACINE)} :\n"
          f"{publique(cle)};{date.today().isoformat()};;")
    return 0


def signer(liste: Path, version: str, cle: Ed25519PrivateKey) -> Path:
    """Write the signature of a list beside it."""
    contenu = liste.read_bytes()
    mention = f"pleiade {version} {date.today().isoformat()}"
    signature = cle.sign(hashlib.blake2b(contenu).digest())
    globale = cle.sign(signature + mention.encode("utf-8"))
    sortie = liste.with_name(liste.name + ".minisig")
    sortie.write_text("\n".join((
        f"untrusted comment: version {version}",
        base64.b64encode(b"ED" + numero(cle) + signature).decode("ascii"),
        f"trusted comment: {mention}", base64.b64encode(globale).decode("ascii"), "")),
        encoding="utf-8")
    return sortie


def main(arguments: list[str]) -> int:
    """One of the two gestures."""
    if len(arguments) == 2 and arguments[0] == "creer":
        return creer(Path(arguments[1]))
    if len(arguments) != 3 or arguments[0] != "signer":
        print(__doc__, file=sys.stderr)
        return 2
    chemin = Path(os.environ["PLEIADE_CLE_SIGNATURE"]).resolve()
    if chemin.is_relative_to(RACINE):
        print("La clé de signature est dans le dépôt : rangez-la ailleurs.", file=sys.stderr)
        return 1
    cle = load_pem_private_key(chemin.read_bytes(), mot_de_passe())
    if not isinstance(cle, Ed25519PrivateKey):
        print("Cette clé n’est pas une clé Ed25519.", file=sys.stderr)
        return 1
    if publique(cle) not in CLES.read_text(encoding="utf-8"):
        print(f"La clé {publique(cle)} n’est pas dans {CLES.relative_to(RACINE)} : les postes "
              "refuseraient cette version.", file=sys.stderr)
        return 1
    print(signer(Path(arguments[1]), arguments[2], cle))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
