"""Mutual TLS whose client key never leaves its chip (`spec/cards.md` §2.5, `spec/dmp.md` §2).

Python's `ssl` reads a client key from a file only. Here the key of a context is an RSA key of
OpenSSL whose signature is computed by a function of ours: PKCS#11, hence the card. Everything else
(handshake, verification of the server, records) stays that of `ssl`: same library, same context.

Ways that were weighed: a loopback stunnel (a second program that holds the PIN, and a port in
clear that any process of the workstation may use); OpenSSL's pkcs11 engine or provider (neither in
Debian 12 with a key loader that `ssl` can reach, nor on Windows); awscrt (PKCS#11 on Unix only);
tlslite-ng (pure Python, verifies no chain). OpenSSL's own `RSA_METHOD` serves Windows and Linux by
one path, and the card keeps one login.

`ssl` doesn't show its SSL_CTX: its address is the first field of the context object, in every
CPython since 3.6. It is used only after what it answers was checked against what `ssl` says.
TLS 1.2 alone: that is what the DMP speaks (`spec/dmp.md` §2), and TLS 1.3 wants RSA-PSS, which a
CPS3 can't compute.
"""

import ctypes
import functools
import ssl
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from app.services.errors import ErreurService, Invalide

#: Name of the digest, its bytes -> RSA PKCS#1 v1.5 signature.
Signature = Callable[[str, bytes], bytes]

#: NID of OpenSSL -> name of the digest.
_CONDENSATS = {672: "sha256", 673: "sha384", 674: "sha512"}
#: What the card may sign, and what the server may sign its key exchange with.
_ALGORITHMES = b"RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA256:ECDSA+SHA384"
_SSL_CTRL_SET_SIGALGS_LIST, _SSL_CTRL_GET_MIN, _SSL_CTRL_GET_MAX = 98, 130, 131
_TLS_1_2, _SSL_VERIFY_PEER = 0x0303, 1
#: CPython versions whose context object begins by its SSL_CTX.
_PYTHONS = ((3, 11), (3, 14))

_Rappel = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_uint,
    ctypes.POINTER(ctypes.c_ubyte), ctypes.POINTER(ctypes.c_uint), ctypes.c_void_p)


class CleTls:
    """The authentication key of a card, for the contexts that `equiper` prepares.

    Args:
        certificat: of the key; its public half is RSA.
        signer: computes a signature in the card; raises an ErreurService when it can't.

    Raises:
        Invalide: not an RSA key.
    """

    def __init__(self, certificat: x509.Certificate, signer: Signature) -> None:
        publique = certificat.public_key()
        if not isinstance(publique, rsa.RSAPublicKey):
            raise Invalide("Le certificat d’authentification de la carte n’a pas de clé RSA.",
                           code="CPS-TLS")
        self._certificat, self._publique, self._signer = certificat, publique, signer
        self._fil = threading.local()

    def equiper(self, contexte: ssl.SSLContext) -> None:
        """Show this certificate from now on; the server stays verified.

        Raises:
            Invalide: this Python can't (its OpenSSL isn't a library of its own).
        """
        contexte.minimum_version = contexte.maximum_version = ssl.TLSVersion.TLSv1_2
        if contexte.verify_mode is not ssl.CERT_REQUIRED or not contexte.check_hostname:
            raise Invalide("La connexion par carte exige un serveur vérifié.", code="CPS-TLS")
        openssl = _openssl()
        natif = _adresse(contexte, openssl)
        der = self._certificat.public_bytes(Encoding.DER)
        cle, adresse = openssl.cle(self._publique.public_numbers())
        try:
            if not (openssl.ctrl(natif, _SSL_CTRL_SET_SIGALGS_LIST, 0, _ALGORITHMES) == 1
                    and openssl.poser_certificat(natif, len(der), der) == 1
                    and openssl.poser_cle(natif, cle) == 1):
                raise _impossible()
            _CLES[adresse] = self
            weakref.finalize(contexte, _CLES.pop, adresse, None)
        finally:
            openssl.liberer(cle)  # the context holds it

    def echec(self) -> ErreurService | None:
        """Why the card didn't sign in this thread's last handshake; told once."""
        erreur: ErreurService | None = getattr(self._fil, "erreur", None)
        self._fil.erreur = None
        return erreur

    def _signature(self, nid: int, condensat: bytes) -> bytes:
        try:
            return self._signer(_CONDENSATS[nid], condensat)
        except ErreurService as erreur:  # OpenSSL only hears yes or no: the caller asks `echec`
            self._fil.erreur = erreur
            return b""


#: Keys of the living contexts, by the address of their RSA structure.
_CLES: dict[int, CleTls] = {}


def _signer(nid: int, lu: Any, taille: int, ecrit: Any, longueur: Any, adresse: int) -> int:
    """`rsa_sign` of the method: 1 and the signature, or 0."""
    cle = _CLES.get(adresse)
    valeur = b"" if cle is None else cle._signature(nid, bytes(lu[:taille]))
    if not valeur or cle is None or len(valeur) != (cle._publique.key_size + 7) // 8:
        return 0
    ctypes.memmove(ecrit, valeur, len(valeur))
    longueur[0] = len(valeur)
    return 1


_RAPPEL = _Rappel(_signer)


class _OpenSsl:
    """The few functions needed of the OpenSSL that `ssl` itself uses."""

    def __init__(self, libssl: ctypes.CDLL, libcrypto: ctypes.CDLL) -> None:
        p, entier, texte = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p

        def prendre(lib: ctypes.CDLL, nom: str, rend: Any, *arguments: Any) -> Any:
            fonction = getattr(lib, nom)
            fonction.restype, fonction.argtypes = rend, arguments
            return fonction

        self.version = prendre(libcrypto, "OpenSSL_version_num", ctypes.c_ulong)
        self.ctrl = prendre(libssl, "SSL_CTX_ctrl", ctypes.c_long, p, entier, ctypes.c_long, texte)
        self.verification = prendre(libssl, "SSL_CTX_get_verify_mode", entier, p)
        self.poser_certificat = prendre(libssl, "SSL_CTX_use_certificate_ASN1", entier, p, entier,
                                        texte)
        self.poser_cle = prendre(libssl, "SSL_CTX_use_PrivateKey", entier, p, p)
        self.liberer = prendre(libcrypto, "EVP_PKEY_free", None, p)
        self._rsa_libre = prendre(libcrypto, "RSA_free", None, p)
        self._rsa = prendre(libcrypto, "RSA_new", p)
        self._rsa_methode = prendre(libcrypto, "RSA_set_method", entier, p, p)
        self._rsa_cle = prendre(libcrypto, "RSA_set0_key", entier, p, p, p, p)
        self._nombre = prendre(libcrypto, "BN_bin2bn", p, texte, entier, p)
        self._pkey = prendre(libcrypto, "EVP_PKEY_new", p)
        self._pkey_rsa = prendre(libcrypto, "EVP_PKEY_set1_RSA", entier, p, p)
        # Lives as long as the program: keys refer to it.
        self._methode = prendre(libcrypto, "RSA_meth_new", p, texte, entier)(b"pleiade-cps", 0)
        if prendre(libcrypto, "RSA_meth_set_sign", entier, p, _Rappel)(
                self._methode, _RAPPEL) != 1:
            raise _impossible()

    def cle(self, publique: rsa.RSAPublicNumbers) -> tuple[int, int]:
        """A key that signs by `_signer`: its EVP_PKEY (ours to free), address of its RSA."""
        structure, enveloppe = self._rsa(), self._pkey()
        try:
            if not (structure and enveloppe
                    and self._rsa_methode(structure, self._methode) == 1
                    and self._rsa_cle(structure, self._entier(publique.n),
                                      self._entier(publique.e), None) == 1
                    and self._pkey_rsa(enveloppe, structure) == 1):
                raise _impossible()
        finally:
            self._rsa_libre(structure)  # the EVP_PKEY holds it
        return int(enveloppe), int(structure)

    def _entier(self, valeur: int) -> int:
        octets = valeur.to_bytes((valeur.bit_length() + 7) // 8, "big")
        return int(self._nombre(octets, len(octets), None))


@functools.cache
def _openssl() -> _OpenSsl:
    """OpenSSL as `ssl` uses it: never another copy.

    Raises:
        Invalide: `ssl` holds its OpenSSL inside itself, or isn't CPython's.
    """
    import _ssl

    if sys.implementation.name != "cpython" or not (
            _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]):
        raise _impossible()
    try:
        if sys.platform == "win32":
            libs = [_chargee(nom) for nom in ("libssl-3.dll", "libcrypto-3.dll")]
        else:
            # A symbol asked of a library is looked for in those that it was linked with.
            libs = [ctypes.CDLL(_ssl.__file__)] * 2
        trouve = _OpenSsl(*libs)
    except (OSError, AttributeError) as erreur:
        raise _impossible() from erreur
    if trouve.version() != ssl.OPENSSL_VERSION_NUMBER:
        raise _impossible()
    return trouve


def _chargee(nom: str) -> ctypes.CDLL:
    """A library that this Windows process has already loaded. :raises OSError: it hasn't."""
    poignee = ctypes.CDLL("kernel32").GetModuleHandleW
    poignee.restype, poignee.argtypes = ctypes.c_void_p, [ctypes.c_wchar_p]
    adresse = poignee(nom)
    if not adresse:
        raise OSError(nom)
    return ctypes.CDLL(nom, handle=adresse)


def _adresse(contexte: ssl.SSLContext, openssl: _OpenSsl) -> int:
    """The SSL_CTX of a context, once it answers as `ssl` does.

    Raises:
        Invalide: it doesn't.
    """
    adresse = ctypes.c_void_p.from_address(id(contexte) + object.__basicsize__).value
    if not adresse or (openssl.ctrl(adresse, _SSL_CTRL_GET_MIN, 0, None),
                       openssl.ctrl(adresse, _SSL_CTRL_GET_MAX, 0, None)) != (_TLS_1_2, _TLS_1_2):
        raise _impossible()
    if not openssl.verification(adresse) & _SSL_VERIFY_PEER:
        raise _impossible()
    return adresse


def _impossible() -> Invalide:
    return Invalide("Ce poste ne peut pas ouvrir de connexion avec la clé de la carte. Employez "
                    "Pro Santé Connect.", code="CPS-TLS")
