"""The CPS through its PKCS#11 library: who holds it, and its two keys (`spec/cards.md` §2).

Certificates are public: saying who is in the reader asks for no PIN. Signing does; the PIN is given
to the card and forgotten. Everything goes through one lock: a card and its login state are one for
the whole machine.

python-pkcs11 rather than PyKCS11 or ctypes: MIT licence, wheels for Windows and Linux, and errors
that name the cause. It is imported at first use: a workstation without a card must start.
"""

import sys
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.devices.cps_erreurs import (
    CarteBloquee,
    CpsAbsente,
    CpsIllisible,
    CpsRetiree,
    DernierEssai,
    ModuleAbsent,
    PinRefuse,
)
from app.devices.cps_exercices import LIBELLE, ExerciceCarte, lire_exercice

__all__ = ["CarteBloquee", "CarteOuverte", "CleCarte", "CpsAbsente", "CpsIllisible", "CpsRetiree",
           "DernierEssai", "ExerciceCarte", "LecteurCps", "ModuleAbsent", "PinRefuse", "Titulaire",
           "module_par_defaut"]

#: Where the Cryptolib of the ANS installs itself (`spec/cards.md` §2.2); OpenSC reads CPS3 only.
MODULES: dict[str, tuple[str, ...]] = {
    "win32": (r"C:\Windows\System32\cps3_pkcs11_w64.dll",
              r"C:\Windows\SysWOW64\cps3_pkcs11_w32.dll"),
    "darwin": ("/usr/local/lib/libcps3_pkcs11_osx.dylib",),
    "linux": ("/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so",
              "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
}
#: Last byte of CKA_ID: the pair that signs, and the one that opens TLS (`spec/cards.md` §2.3).
ID_SIGNATURE, ID_CONNEXION = 0x10, 0x20
#: DigestInfo of PKCS#1 before each digest: the card pads, it doesn't hash.
_DIGEST_INFO = {"sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
                "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
                "sha512": bytes.fromhex("3051300d060960864801650304020305000440")}
#: Kind of the card, in its certificates (`spec/ins.md` §4.2).
OID_TYPE = x509.ObjectIdentifier("1.2.250.1.71.1.2.2")
PORTEURS = {0: "CPS", 1: "CPF", 2: "CDE-CPE", 3: "CPA"}

#: One card, one conversation.
_VERROU = threading.RLock()


@dataclass(frozen=True, slots=True)
class Titulaire:
    """Who holds the card, by its signature certificate.

    `identifiant` is the national id (`8` + RPPS), `porteur` the kind of the card, `expire_le` UTC
    ISO; `lecteur` the slot's name.
    """

    identifiant: str
    nom: str
    prenom: str
    profession: str
    porteur: str
    expire_le: str
    lecteur: str

    def perime(self, maintenant: datetime) -> bool:
        """True once the certificate is over."""
        return datetime.fromisoformat(self.expire_le) < maintenant


def module_par_defaut() -> str:
    """The first library found at the usual places, "" without one."""
    plateforme = "linux" if sys.platform.startswith("linux") else sys.platform
    return next((c for c in MODULES.get(plateforme, ()) if Path(c).exists()), "")


@dataclass(frozen=True, slots=True)
class _Carte:
    """A card in a reader: its token, and (certificate, CKA_ID) by the last byte of the latter."""

    jeton: Any
    titulaire: Titulaire
    certificats: dict[int, tuple[x509.Certificate, bytes]]

    @property
    def drapeaux(self) -> Any:
        """Flags of the token, of this moment."""
        from pkcs11.exceptions import PKCS11Error

        try:
            return self.jeton.slot.get_token().flags
        except PKCS11Error:
            return self.jeton.flags


class CleCarte:
    """The signature key, in its chip: what `Signataire.de_cle` wants."""

    def __init__(self, carte: "CarteOuverte", publique: rsa.RSAPublicKey) -> None:
        self._carte, self._publique = carte, publique

    def public_key(self) -> rsa.RSAPublicKey:
        """Key of the certificate."""
        return self._publique

    def sign(self, data: bytes, padding: Any = None, algorithm: Any = None) -> bytes:
        """RSA PKCS#1 v1.5 with SHA-256, computed by the card.

        Raises:
            CpsRetiree: the card left, or another program logged it out.
        """
        del padding, algorithm
        return self._carte.signer(data)


class CarteOuverte:
    """A CPS whose PIN was given. `fermer` when it leaves, or the user does.

    `chaine` and `cle` sign documents and assertions; `connexion` is the certificate that opens TLS
    (`signer_connexion`), None on a card without it. `exercices` are those written on the card.
    """

    def __init__(self, session: Any, carte: _Carte) -> None:
        self._session = session
        self.titulaire = carte.titulaire
        certificat, identifiant = carte.certificats[ID_SIGNATURE]
        self.chaine = (certificat,)
        self._signature = _cle_privee(session, identifiant)
        publique = certificat.public_key()
        if not isinstance(publique, rsa.RSAPublicKey):
            raise CpsIllisible
        self.cle = CleCarte(self, publique)
        self.connexion: x509.Certificate | None = None
        if ID_CONNEXION in carte.certificats:
            self.connexion, identifiant = carte.certificats[ID_CONNEXION]
            self._connexion = _cle_privee(session, identifiant)
        self.exercices = _exercices(session)

    def signer(self, donnees: bytes) -> bytes:
        """See `CleCarte.sign`."""
        from pkcs11 import Mechanism

        return self._calculer(self._signature, donnees, Mechanism.SHA256_RSA_PKCS)

    def signer_connexion(self, algorithme: str, condensat: bytes) -> bytes:
        """RSA PKCS#1 v1.5 of a digest by the key that opens TLS.

        Args:
            algorithme: sha256, sha384 or sha512.

        Raises:
            CpsRetiree: as `CleCarte.sign`. CpsIllisible: a card without that key.
        """
        from pkcs11 import Mechanism

        if self.connexion is None:
            raise CpsIllisible
        return self._calculer(self._connexion, _DIGEST_INFO[algorithme] + condensat,
                              Mechanism.RSA_PKCS)

    def _calculer(self, cle: Any, donnees: bytes, mecanisme: Any) -> bytes:
        from pkcs11.exceptions import PKCS11Error

        with _VERROU:
            try:
                return bytes(cle.sign(donnees, mechanism=mecanisme))
            except PKCS11Error as erreur:
                raise CpsRetiree from erreur

    def fermer(self) -> None:
        """Log out and close; a card that left is fine."""
        from pkcs11.exceptions import PKCS11Error

        with _VERROU:
            try:
                self._session.close()
            except PKCS11Error:
                return


class LecteurCps:
    """The cards that a PKCS#11 library sees.

    Args:
        module: file of the library, "" for the usual places.
    """

    def __init__(self, module: str = "") -> None:
        self._module = module

    def titulaires(self) -> list[Titulaire]:
        """Who is in the readers, without any PIN.

        Raises:
            ModuleAbsent.
        """
        with _VERROU:
            return [carte.titulaire for carte in self._cartes()]

    def ouvrir(self, pin: str, identifiant: str = "", *, dernier: bool = False) -> CarteOuverte:
        """Give the PIN to a card.

        Args:
            pin: as typed; kept nowhere.
            identifiant: national id wanted, when several cards are there.
            dernier: try even if a mistake would block the card.

        Raises:
            ModuleAbsent, CpsAbsente, CpsIllisible.
            DernierEssai, CarteBloquee: nothing was tried.
            PinRefuse: wrong, says what is left.
        """
        from pkcs11 import TokenFlag
        from pkcs11 import exceptions as e

        with _VERROU:
            cartes = [c for c in self._cartes() if identifiant in ("", c.titulaire.identifiant)]
            if not cartes:
                raise CpsAbsente
            carte = cartes[0]
            avant = carte.drapeaux
            if TokenFlag.USER_PIN_LOCKED in avant:
                raise CarteBloquee
            if TokenFlag.USER_PIN_FINAL_TRY in avant and not dernier:
                raise DernierEssai
            try:
                session = carte.jeton.open(user_pin=pin)
            except (e.PinIncorrect, e.PinInvalid, e.PinLenRange) as erreur:
                apres = carte.drapeaux
                if TokenFlag.USER_PIN_LOCKED in apres:
                    raise CarteBloquee from erreur
                raise PinRefuse(TokenFlag.USER_PIN_FINAL_TRY in apres) from erreur
            except e.PinLocked as erreur:
                raise CarteBloquee from erreur
            except (e.TokenNotPresent, e.DeviceRemoved) as erreur:
                raise CpsAbsente from erreur
            except e.PKCS11Error as erreur:
                raise CpsIllisible from erreur
            try:
                return CarteOuverte(session, carte)
            except CpsIllisible:
                session.close()
                raise
            except e.PKCS11Error as erreur:
                raise CpsRetiree from erreur

    def _cartes(self) -> list[_Carte]:
        from pkcs11.exceptions import PKCS11Error

        trouvees = []
        for slot in self._bibliotheque().get_slots(token_present=True):
            try:
                jeton = slot.get_token()
                with jeton.open() as session:
                    certificats = _certificats(session)
            except PKCS11Error:
                continue  # no token any more, or not initialised: another slot may hold the card
            if ID_SIGNATURE in certificats:  # else not a CPS
                lecteur = str(slot.slot_description).strip()
                trouvees.append(_Carte(jeton, _titulaire(certificats[ID_SIGNATURE][0], lecteur),
                                       certificats))
        return trouvees

    def _bibliotheque(self) -> Any:
        chemin = self._module or module_par_defaut()
        if not chemin or not Path(chemin).exists():
            raise ModuleAbsent
        import pkcs11
        from pkcs11.exceptions import PKCS11Error

        try:
            return pkcs11.lib(chemin)
        except (PKCS11Error, OSError, RuntimeError) as erreur:
            raise ModuleAbsent from erreur


def _certificats(session: Any) -> dict[int, tuple[x509.Certificate, bytes]]:
    """Certificates of a card, without PIN."""
    from pkcs11 import Attribute, ObjectClass

    trouves: dict[int, tuple[x509.Certificate, bytes]] = {}
    # A search left open forbids signing: each is read to its end, at once.
    for objet in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        identifiant = bytes(objet[Attribute.ID])
        if not identifiant or identifiant[-1] not in (ID_SIGNATURE, ID_CONNEXION):
            continue
        try:
            lu = x509.load_der_x509_certificate(bytes(objet[Attribute.VALUE]))
        except ValueError:
            continue
        trouves.setdefault(identifiant[-1], (lu, identifiant))
    return trouves


def _cle_privee(session: Any, identifiant: bytes) -> Any:
    from pkcs11 import Attribute, ObjectClass

    cles = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                                     Attribute.ID: identifiant}))
    if not cles:
        raise CpsIllisible
    return cles[0]


def _exercices(session: Any) -> tuple[ExerciceCarte, ...]:
    """Situations d'exercice, in the order of the card; what can't be read is left out."""
    from pkcs11 import Attribute, ObjectClass

    objets = {str(o[Attribute.LABEL]).strip("\0 "): bytes(o[Attribute.VALUE])
              for o in list(session.get_objects({Attribute.CLASS: ObjectClass.DATA}))}
    lus = (lire_exercice(objets[nom]) for nom in sorted(objets) if LIBELLE.fullmatch(nom))
    return tuple(dict.fromkeys(lu for lu in lus if lu is not None))


def _titulaire(certificat: x509.Certificate, lecteur: str) -> Titulaire:
    """Names of the subject: CN, SN and GN are one multi-valued RDN, read attribute by attribute."""
    def nom(oid: x509.ObjectIdentifier) -> str:
        valeurs = certificat.subject.get_attributes_for_oid(oid)
        return str(valeurs[0].value) if valeurs else ""

    try:
        brut = certificat.extensions.get_extension_for_oid(OID_TYPE).value
        genre = brut.value[-1] if isinstance(brut, x509.UnrecognizedExtension) else -1
    except (x509.ExtensionNotFound, IndexError):
        genre = -1
    return Titulaire(
        identifiant=nom(NameOID.COMMON_NAME), nom=nom(NameOID.SURNAME),
        prenom=nom(NameOID.GIVEN_NAME), profession=nom(NameOID.TITLE),
        porteur=PORTEURS.get(genre, "CPX"), expire_le=certificat.not_valid_after_utc.isoformat(),
        lecteur=lecteur)
