"""A CPS in software: SoftHSM2 holding the two certificates that the bac à sable made for it."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from app.sandbox.certificats import Pki

PIN = "1234"
#: As written on the card of Mariam DIALLO: sector, Struct_IdNat, raison sociale.
CENTRE = ("SA05", "1630009999", "CENTRE DE SANTÉ INFIRMIER DES ESSAIS")


def exercice(secteur: str, structure: str, raison: str) -> bytes:
    """Value of CPS_ACTIVITY_nn_PS (`spec/cards.md` §2.3)."""
    def tlv(tag: int, valeur: bytes) -> bytes:
        return bytes([tag, len(valeur)]) + valeur

    return tlv(0xEE, tlv(0x80, b"\x01") + tlv(0x84, raison.encode("latin-1"))
               + tlv(0x85, structure.encode()) + tlv(0x86, secteur.encode()))


def bibliotheque() -> str:
    """The PKCS#11 library of SoftHSM2."""
    for chemin in ("/usr/lib/softhsm/libsofthsm2.so",
                   "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"):
        if Path(chemin).exists():
            return chemin
    raise RuntimeError("SoftHSM2 is not installed: run `make setup`")


def creer(dossier: Path, pki: Pki, noms: tuple[str, str] = ("cps-signature",
                                                            "cps-authentification"),
          exercices: Sequence[tuple[str, str, str]] = (CENTRE,)) -> str:
    """Put a card into a token of this process' own; gives the library.

    Ids end as a CPS3's do: 0x10 signs, 0x20 authenticates (`spec/cards.md` §2.3). SoftHSM2 reads
    its configuration when it is initialised: a new card takes the place of the former one.
    """
    import pkcs11
    from pkcs11 import Attribute, ObjectClass
    from pkcs11.util.rsa import decode_rsa_private_key

    jetons = dossier / "jetons"
    jetons.mkdir(parents=True, exist_ok=True)
    conf = dossier / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {jetons}\nobjectstore.backend = file\n"
                    "log.level = ERROR\nslots.removable = true\n")
    os.environ["SOFTHSM2_CONF"] = str(conf)
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "CPS", "--pin", PIN,
                    "--so-pin", "12345678"], check=True, capture_output=True)
    lib = pkcs11.lib(bibliotheque())
    lib.reinitialize()
    jeton = lib.get_token(token_label="CPS")
    with jeton.open(rw=True, user_pin=PIN) as session:
        for nom, fin in zip(noms, (0x10, 0x20), strict=True):
            identifiant = bytes([0xA0, fin])
            cle = serialization.load_pem_private_key(pki.pem_cle(nom), None).private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL,
                serialization.NoEncryption())
            session.create_object({
                **decode_rsa_private_key(cle), Attribute.ID: identifiant, Attribute.LABEL: nom,
                Attribute.TOKEN: True, Attribute.PRIVATE: True, Attribute.SENSITIVE: True,
                Attribute.SIGN: True})
            certificat = pki.charger_certificat(nom)
            session.create_object({
                Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: 0,
                Attribute.ID: identifiant, Attribute.LABEL: nom, Attribute.TOKEN: True,
                Attribute.PRIVATE: False, Attribute.SUBJECT: certificat.subject.public_bytes(),
                Attribute.VALUE: certificat.public_bytes(serialization.Encoding.DER)})
        for rang, un in enumerate(exercices, 1):
            session.create_object({
                Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: f"CPS_ACTIVITY_{rang:02d}_PS",
                Attribute.TOKEN: True, Attribute.PRIVATE: True,
                Attribute.VALUE: exercice(*un)})
    return bibliotheque()

