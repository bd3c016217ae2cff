"""The CPS through its PKCS#11 library: who holds it, and its signature key (`spec/cards.md` §2).

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

from app.devices.events import ErreurCarte

#: Where the Cryptolib of the ANS installs itself (`spec/cards.md` §2.2); OpenSC reads CPS3 only.
MODULES: dict[str, tuple[str, ...]] = {
    "win32": (r"C:\Windows\System32\cps3_pkcs11_w64.dll",
              r"C:\Windows\SysWOW64\cps3_pkcs11_w32.dll"),
    "darwin": ("/usr/local/lib/libcps3_pkcs11_osx.dylib",),
    "linux": ("/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so",
              "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so"),
}
#: Last byte of CKA_ID: the pair that signs, not the one that opens TLS (`spec/cards.md` §2.3).
ID_SIGNATURE = 0x10
#: Kind of the card, in its certificates (`spec/ins.md` §4.2).
OID_TYPE = x509.ObjectIdentifier("1.2.250.1.71.1.2.2")
PORTEURS = {0: "CPS", 1: "CPF", 2: "CDE-CPE", 3: "CPA"}

#: One card, one conversation.
_VERROU = threading.RLock()


class ModuleAbsent(ErreurCarte):
    """No PKCS#11 library."""

    code = "cps_module"
    message = ("Le composant de lecture des cartes CPS (Cryptolib de l’ANS) n’est pas installé sur "
               "ce poste. Installez-le, ou indiquez son fichier dans Réglages, Certificats et "
               "cartes.")


class CpsAbsente(ErreurCarte):
    """No CPS in any reader, or it left."""

    code = "cps_absente"
    message = "Aucune carte CPS dans le lecteur. Insérez la vôtre, puis recommencez."


class CpsRetiree(ErreurCarte):
    """The card left after its PIN was given."""

    code = "cps_retiree"
    message = ("La carte CPS a été retirée. Réinsérez-la, puis saisissez de nouveau son code. Rien "
               "n’a été envoyé.")


class PinRefuse(ErreurCarte):
    """Wrong PIN; `dernier`: one more mistake blocks the card."""

    code = "cps_pin"
    message = "Code de la carte incorrect. Vérifiez-le avant de recommencer."

    def __init__(self, dernier: bool = False) -> None:
        self.dernier = dernier
        super().__init__("Code de la carte incorrect. Il ne reste qu’un essai : une erreur de plus "
                         "bloquera la carte." if dernier else "")


class CarteBloquee(ErreurCarte):
    """Three wrong PINs."""

    code = "cps_bloquee"
    message = ("Cette carte CPS est bloquée après plusieurs codes faux. Débloquez-la avec son code "
               "de secours dans l’outil CPS de l’ANS.")


class CpsIllisible(ErreurCarte):
    """The library answers something that isn't a CPS."""

    code = "cps_illisible"
    message = "La carte du lecteur n’a pas pu être lue comme une carte CPS."


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
    """A CPS whose PIN was given. `fermer` when it leaves, or the user does."""

    def __init__(self, session: Any, titulaire: Titulaire, chaine: tuple[x509.Certificate, ...],
                 identifiant_cle: bytes) -> None:
        from pkcs11 import Attribute, ObjectClass

        self._session = session
        # A search left open forbids signing: it is read to its end, once.
        cles = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                                         Attribute.ID: identifiant_cle}))
        if not cles:
            raise CpsIllisible
        self._cle_privee = cles[0]
        self.titulaire = titulaire
        self.chaine = chaine
        publique = chaine[0].public_key()
        if not isinstance(publique, rsa.RSAPublicKey):
            raise CpsIllisible
        self.cle = CleCarte(self, publique)

    def signer(self, donnees: bytes) -> bytes:
        """See `CleCarte.sign`."""
        from pkcs11 import Mechanism
        from pkcs11.exceptions import PKCS11Error

        with _VERROU:
            try:
                return bytes(self._cle_privee.sign(donnees,
                                                   mechanism=Mechanism.SHA256_RSA_PKCS))
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
            return [titulaire for _, titulaire, _, _ in self._jetons()]

    def ouvrir(self, pin: str, identifiant: str = "") -> CarteOuverte:
        """Give the PIN to a card.

        Args:
            pin: as typed; kept nowhere.
            identifiant: national id wanted, when several cards are there.

        Raises:
            ModuleAbsent, CpsAbsente, PinRefuse, CarteBloquee, CpsIllisible.
        """
        from pkcs11 import TokenFlag
        from pkcs11 import exceptions as e

        with _VERROU:
            cartes = [c for c in self._jetons() if identifiant in ("", c[1].identifiant)]
            if not cartes:
                raise CpsAbsente
            jeton, titulaire, chaine, cle = cartes[0]
            if TokenFlag.USER_PIN_LOCKED in jeton.flags:
                raise CarteBloquee
            try:
                session = jeton.open(user_pin=pin)
            except (e.PinIncorrect, e.PinInvalid, e.PinLenRange) as erreur:
                apres = self._jeton(jeton)
                if TokenFlag.USER_PIN_LOCKED in apres.flags:
                    raise CarteBloquee from erreur
                raise PinRefuse(TokenFlag.USER_PIN_FINAL_TRY in apres.flags) from erreur
            except e.PinLocked as erreur:
                raise CarteBloquee from erreur
            except (e.TokenNotPresent, e.DeviceRemoved) as erreur:
                raise CpsAbsente from erreur
            except e.PKCS11Error as erreur:
                raise CpsIllisible from erreur
            return CarteOuverte(session, titulaire, chaine, cle)

    @staticmethod
    def _jeton(jeton: Any) -> Any:
        """The token read again: its flags are of the moment."""
        from pkcs11.exceptions import PKCS11Error

        try:
            return jeton.slot.get_token()
        except PKCS11Error:
            return jeton

    def _jetons(self) -> list[tuple[Any, Titulaire, tuple[x509.Certificate, ...], bytes]]:
        from pkcs11.exceptions import PKCS11Error

        trouves = []
        for slot in self._bibliotheque().get_slots(token_present=True):
            try:
                jeton = slot.get_token()
                with jeton.open() as session:
                    lu = _lire(session, str(slot.slot_description).strip())
            except PKCS11Error:
                continue  # no token any more, or not initialised: another slot may hold the card
            if lu is not None:
                trouves.append((jeton, *lu))
        return trouves

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


def _lire(session: Any, lecteur: str
          ) -> tuple[Titulaire, tuple[x509.Certificate, ...], bytes] | None:
    """Signature certificate of a card; None when it has none (not a CPS)."""
    from pkcs11 import Attribute, ObjectClass

    for objet in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        cle = bytes(objet[Attribute.ID])
        if not cle or cle[-1] != ID_SIGNATURE:
            continue
        try:
            certificat = x509.load_der_x509_certificate(bytes(objet[Attribute.VALUE]))
        except ValueError:
            continue
        return _titulaire(certificat, lecteur), (certificat,), cle
    return None


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
