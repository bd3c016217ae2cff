"""The software key of the installation and what it signs (`spec/dmp.md` §4, desktop.md §6).

Enveloped XML-DSig: exclusive C14N, rsa-sha256, sha256; the signature stands right after Issuer,
as the SAML schema wants it.
"""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from app.services.errors import ClasseErreur, Indisponible, Refuse, Remede
from app.services.xml_sur import element

NS_DS = "http://www.w3.org/2000/09/xmldsig#"
NS_SAML = "urn:oasis:names:tc:SAML:2.0:assertion"

#: Names that the SI-DMP writes otherwise than RFC 4514 (`spec/dmp.md` §4, Issuer).
_NOMS_DN = {NameOID.GIVEN_NAME: "GN", NameOID.SURNAME: "SN", NameOID.TITLE: "title"}


class CleSignature(Protocol):
    """A private RSA key that signs, wherever it lies: a file, or the chip of a card."""

    def sign(self, data: bytes, padding: Any, algorithm: Any) -> bytes:
        """RSA PKCS#1 v1.5 with SHA-256 of `data`."""
        ...

    def public_key(self) -> rsa.RSAPublicKey:
        """The public half."""
        ...


class Signataire:
    """A private key and its certificate.

    Args:
        cle_pem: RSA private key, PEM, without password.
        certificat_pem: certificate of the key, PEM; its chain may follow.

    Raises:
        ValueError: unreadable, not RSA, or key and certificate of two different pairs.
    """

    def __init__(self, cle_pem: bytes | str, certificat_pem: bytes | str) -> None:
        cle = serialization.load_pem_private_key(_octets(cle_pem), password=None)
        if not isinstance(cle, rsa.RSAPrivateKey):
            raise ValueError("RSA key expected")
        self._poser(cle, x509.load_pem_x509_certificates(_octets(certificat_pem)))

    @classmethod
    def de_cle(cls, cle: CleSignature, chaine: Sequence[x509.Certificate]) -> "Signataire":
        """A signer whose key stays where it is: in the chip of a CPS, behind PKCS#11.

        Args:
            cle: signs by `sign`, wherever the key lies.
            chaine: its certificate first.

        Raises:
            ValueError: key and certificate of two different pairs.
        """
        signataire = cls.__new__(cls)
        signataire._poser(cle, list(chaine))
        return signataire

    def _poser(self, cle: CleSignature, chaine: list[x509.Certificate]) -> None:
        self.chaine = chaine
        self.certificat = self.chaine[0]
        publique = self.certificat.public_key()
        if not isinstance(publique, rsa.RSAPublicKey) \
                or publique.public_numbers() != cle.public_key().public_numbers():
            raise ValueError("the certificate is not that of the key")
        self._cle = cle
        # signxml keeps state in its signer: one signature at a time.
        self._verrou = threading.Lock()

    @cached_property
    def dn(self) -> str:
        """Subject of the certificate, most specific name first (`CN=…,OU=…,O=…,C=FR`)."""
        return self.certificat.subject.rfc4514_string(_NOMS_DN)

    @cached_property
    def certificat_base64(self) -> str:
        """DER of the certificate in base64, on one line."""
        pem = self.certificat.public_bytes(serialization.Encoding.PEM).decode()
        return "".join(pem.splitlines()[1:-1])

    def verifier_validite(self, maintenant: datetime | None = None) -> None:
        """Refuse to sign with a certificate out of its time.

        Raises:
            Indisponible: work waits until the certificate is renewed (`spec/dmp.md` §16).
        """
        instant = maintenant or datetime.now(UTC)
        if not (self.certificat.not_valid_before_utc <= instant
                <= self.certificat.not_valid_after_utc):
            raise Indisponible("Le certificat de signature de cette installation n’est plus "
                               "valable. Renouvelez-le dans les réglages.", code="CERTIFICAT",
                               remede=Remede.SIGNALER, classe=ClasseErreur.AUTH)

    def signer_octets(self, donnees: bytes) -> bytes:
        """Signature value of some bytes: RSA PKCS#1 v1.5 with SHA-256."""
        self.verifier_validite()
        return self._cle.sign(donnees, padding.PKCS1v15(), hashes.SHA256())

    def signer_assertion(self, assertion: etree._Element) -> etree._Element:
        """Sign a SAML assertion and return the signed one.

        The assertion must have its Issuer; the original is left untouched.

        Raises:
            Indisponible: the certificate is out of its time.
        """
        from signxml.algorithms import (
            CanonicalizationMethod,
            DigestAlgorithm,
            SignatureConstructionMethod,
            SignatureMethod,
        )
        from signxml.signer import XMLSigner

        self.verifier_validite()
        emetteur = assertion.find(f"{{{NS_SAML}}}Issuer")
        if emetteur is None:
            raise ValueError("an assertion without Issuer can't be signed")
        place = element(f"{{{NS_DS}}}Signature", {"ds": NS_DS}, {"Id": "placeholder"})
        emetteur.addnext(place)
        try:
            with self._verrou:
                signee: etree._Element = XMLSigner(
                    method=SignatureConstructionMethod.enveloped,
                    signature_algorithm=SignatureMethod.RSA_SHA256,
                    digest_algorithm=DigestAlgorithm.SHA256,
                    c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
                ).sign(assertion, key=self._cle, cert=[self.certificat],
                       reference_uri="#" + str(assertion.get("ID")))
        finally:
            parent = place.getparent()
            if parent is not None:
                parent.remove(place)
        return signee


def exiger_signataire(signataire: Signataire | None) -> Signataire:
    """The key, or a refusal that says what is missing."""
    if signataire is None:
        raise Refuse("Aucune clé de signature n’est installée sur ce poste\u00a0: les documents ne "
                     "peuvent pas être envoyés au DMP. Indiquez-la dans les réglages.",
                     service="dmp", code="SANS-CLE", remede=Remede.SIGNALER,
                     classe=ClasseErreur.AUTH)
    return signataire


def _octets(pem: bytes | str) -> bytes:
    return pem.encode() if isinstance(pem, str) else pem
