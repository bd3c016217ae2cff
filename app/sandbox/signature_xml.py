"""Verification of XML signatures: VIHF, PS assertion, XAdES of a lot (`spec/dmp.md` §4, §6).

Written apart from any signer of the house: canonicalisation by lxml, the rest by hand, so that a
wrong signature of ours is seen.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from app.sandbox.lecture_xml import NS_DS, Element, enfant, enfants, texte

_C14N = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True)}
_CONDENSATS = {"http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
               "http://www.w3.org/2001/04/xmlenc#sha256": "sha256"}
_SIGNATURES: dict[str, tuple[str, hashes.HashAlgorithm]] = {
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": ("rsa-sha1", hashes.SHA1()),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": ("rsa-sha256", hashes.SHA256())}
ENVELOPPEE = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"


class SignatureRefusee(ValueError):
    """The signature can't be accepted; the message (English, for the journal) says why."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a right signature tells."""

    certificat: x509.Certificate
    algorithme: str
    references: tuple[str, ...]


def canonique(element: Element, algorithme: str) -> bytes:
    """Canonical bytes of a subtree.

    The subtree is first written apart with the namespaces in scope: inclusive canonicalisation
    needs them, and lxml forgets those of the ancestors.
    """
    if algorithme not in _C14N:
        raise SignatureRefusee(f"unknown canonicalization {algorithme}")
    exclusive, commentaires = _C14N[algorithme]
    return etree.tostring(_isole(element), method="c14n", exclusive=exclusive,
                          with_comments=commentaires)


def _isole(element: Element) -> Element:
    analyseur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(etree.tostring(element, with_tail=False), analyseur)


def condensat(octets: bytes, algorithme: str) -> str:
    """Base64 digest, SHA-1 and SHA-256 only."""
    if algorithme not in _CONDENSATS:
        raise SignatureRefusee(f"unknown digest {algorithme}")
    return base64.b64encode(hashlib.new(_CONDENSATS[algorithme], octets,
                                        usedforsecurity=False).digest()).decode()


def verifier(signature: Element, autorite: x509.Certificate, instant: datetime) -> Signature:
    """Check SignedInfo's value and the certificate; references are the caller's.

    Raises
    ------
    SignatureRefusee
        Unknown algorithm, wrong value, certificate unknown, out of date, or not made to sign.
    """
    infos = enfant(signature, "SignedInfo")
    if infos is None:
        raise SignatureRefusee("SignedInfo is missing")
    certificat = _certificat(signature)
    controler_certificat(certificat, autorite, instant)
    methode = enfant(infos, "SignatureMethod")
    uri = "" if methode is None else methode.get("Algorithm", "")
    if uri not in _SIGNATURES:
        raise SignatureRefusee(f"unknown signature method {uri}")
    nom, hachage = _SIGNATURES[uri]
    c14n = enfant(infos, "CanonicalizationMethod")
    octets = canonique(infos, "" if c14n is None else c14n.get("Algorithm", ""))
    cle = certificat.public_key()
    if not isinstance(cle, rsa.RSAPublicKey):
        raise SignatureRefusee("the key is not RSA")
    try:
        cle.verify(_base64(texte(signature, "SignatureValue")), octets, padding.PKCS1v15(),
                   hachage)
    except InvalidSignature as e:
        raise SignatureRefusee("SignatureValue does not match SignedInfo") from e
    references = tuple(r.get("URI", "") for r in enfants(infos, "Reference"))
    return Signature(certificat, nom, references)


def controler_certificat(certificat: x509.Certificate, autorite: x509.Certificate,
                         instant: datetime) -> None:
    """A software signing certificate of our PKI, in its dates.

    An authentication certificate is refused: mixing the two is a known mistake
    (`DMPInvalidCertificate`, `spec/dmp.md` §2).
    """
    try:
        certificat.verify_directly_issued_by(autorite)
    except (ValueError, TypeError, InvalidSignature) as e:
        raise SignatureRefusee("the certificate is not of a known authority") from e
    if not certificat.not_valid_before_utc <= instant <= certificat.not_valid_after_utc:
        raise SignatureRefusee("the certificate is out of its dates")
    try:
        usage = certificat.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound as e:
        raise SignatureRefusee("the certificate has no key usage") from e
    if not usage.content_commitment:
        raise SignatureRefusee("not a signature certificate (authentication certificate?)")


def verifier_reference(reference: Element, cible: Element, enveloppant: Element | None = None
                       ) -> None:
    """Check the digest of one Reference over `cible`.

    Parameters
    ----------
    enveloppant
        The ds:Signature that an enveloped-signature transform takes out of `cible`.
    """
    transformations = [t.get("Algorithm", "")
                       for t in enfants(enfant(reference, "Transforms"), "Transform")]
    c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    for algorithme in transformations:
        if algorithme == ENVELOPPEE:
            if enveloppant is None:
                raise SignatureRefusee("enveloped-signature is not expected here")
            cible = _sans(cible, enveloppant)
        else:
            c14n = algorithme
    methode = enfant(reference, "DigestMethod")
    calcule = condensat(canonique(cible, c14n),
                        "" if methode is None else methode.get("Algorithm", ""))
    if calcule != "".join(texte(reference, "DigestValue").split()):
        raise SignatureRefusee(f"digest mismatch for {reference.get('URI', '')}")


def _sans(cible: Element, signature: Element) -> Element:
    copie = _isole(cible)
    position = list(cible.iter(f"{{{NS_DS}}}Signature")).index(signature)
    retiree = list(copie.iter(f"{{{NS_DS}}}Signature"))[position]
    parent = retiree.getparent()
    if parent is not None:
        precedent, suite = retiree.getprevious(), retiree.tail or ""
        if precedent is not None:
            precedent.tail = (precedent.tail or "") + suite
        else:
            parent.text = (parent.text or "") + suite
        parent.remove(retiree)
    return copie


def _certificat(signature: Element) -> x509.Certificate:
    donnees = texte(signature, "KeyInfo", "X509Data", "X509Certificate")
    if not donnees:
        raise SignatureRefusee("X509Certificate is missing")
    try:
        return x509.load_der_x509_certificate(_base64(donnees))
    except ValueError as e:
        raise SignatureRefusee("X509Certificate can't be read") from e


def _base64(valeur: str) -> bytes:
    try:
        return base64.b64decode("".join(valeur.split()), validate=True)
    except binascii.Error as e:
        raise SignatureRefusee("not base64") from e
