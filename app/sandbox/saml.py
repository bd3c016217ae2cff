"""Reading of SAML 2.0 assertions: PS assertion of INSi, VIHF of the DMP."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from app.sandbox.lecture_xml import NS_DS, NS_SAML, Element, enfant, enfants, texte
from app.sandbox.signature_xml import (
    ENVELOPPEE,
    Signature,
    SignatureRefusee,
    verifier,
    verifier_reference,
)

FORMAT_X509 = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"


def dn(nom: x509.Name) -> str:
    """The subject as an Issuer writes it: most specific first, GN and SN by their short names."""
    return nom.rfc4514_string({NameOID.GIVEN_NAME: "GN", NameOID.SURNAME: "SN",
                               NameOID.TITLE: "title"})


@dataclass(frozen=True, slots=True)
class Assertion:
    """An assertion, its attributes by name (values as elements)."""

    element: Element
    id: str
    emission: datetime | None
    emetteur: str
    format_emetteur: str
    name_id: str
    qualificatif: str
    authentifie: datetime | None
    classe: str
    attributs: dict[str, list[Element]]

    def valeur(self, nom: str) -> str:
        """Text of the first value of an attribute, empty when absent."""
        valeurs = self.attributs.get(nom, [])
        return texte(valeurs[0]) if valeurs else ""


def lire_instant(valeur: str) -> datetime | None:
    """An xs:dateTime with its zone, as UTC; None when it can't be read or has no zone."""
    try:
        instant = datetime.fromisoformat(valeur)
    except ValueError:
        return None
    return instant.astimezone(UTC) if instant.tzinfo is not None else None


def lire_assertion(element: Element) -> Assertion:
    """Read one assertion; what is missing is empty."""
    auteur = enfant(element, "AuthnStatement")
    emetteur = enfant(element, "Issuer")
    sujet = enfant(element, "Subject", "NameID")
    attributs = {a.get("Name", ""): enfants(a, "AttributeValue")
                 for a in enfants(enfant(element, "AttributeStatement"), "Attribute")}
    return Assertion(
        element, element.get("ID", ""), lire_instant(element.get("IssueInstant", "")),
        texte(emetteur), "" if emetteur is None else emetteur.get("Format", ""),
        texte(sujet), "" if sujet is None else sujet.get("NameQualifier", ""),
        lire_instant("" if auteur is None else auteur.get("AuthnInstant", "")),
        texte(auteur, "AuthnContext", "AuthnContextClassRef"), attributs)


def assertions(securite: Element | None) -> list[Assertion]:
    """Assertions of a wsse:Security header."""
    return [lire_assertion(e) for e in enfants(securite, "Assertion", NS_SAML)]


def verifier_signature(assertion: Assertion, autorite: x509.Certificate, instant: datetime
                       ) -> Signature | None:
    """Check the enveloped signature; None when the assertion is not signed.

    The signature must follow the Issuer, cover this assertion alone by `#ID`, and use the
    enveloped transform (`spec/dmp.md` §4).

    Raises
    ------
    SignatureRefusee
        The assertion is signed, wrongly.
    """
    signatures = enfants(assertion.element, "Signature", NS_DS)
    if not signatures:
        return None
    signature = signatures[0]
    avant = signature.getprevious()
    if len(signatures) > 1 or avant is None or avant is not enfant(assertion.element, "Issuer"):
        raise SignatureRefusee("the signature must come once, just after Issuer")
    lue = verifier(signature, autorite, instant)
    if not assertion.id or lue.references != ("#" + assertion.id,):
        raise SignatureRefusee("the signature must refer to the assertion, and to it alone")
    reference = enfants(enfant(signature, "SignedInfo"), "Reference")[0]
    transformations = [t.get("Algorithm")
                       for t in enfants(enfant(reference, "Transforms"), "Transform")]
    if ENVELOPPEE not in transformations:
        raise SignatureRefusee("the enveloped-signature transform is missing")
    verifier_reference(reference, assertion.element, signature)
    return lue
