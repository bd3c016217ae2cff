"""Direct authentication: TLS opened by the authentication key of a CPS (`spec/dmp.md` §2, §4)."""

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.sandbox.appel import Appel
from app.sandbox.certificats import OID_TYPE_CARTE
from app.sandbox.soap import FauteSoap

CLASSE = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"


def porteur(certificat: x509.Certificate) -> str:
    """National id of the holder; "" when the certificate isn't that of a card."""
    try:
        certificat.extensions.get_extension_for_oid(OID_TYPE_CARTE)
    except x509.ExtensionNotFound:
        return ""
    noms = certificat.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(noms[0].value) if noms else ""


def titulaire(appel: Appel) -> str:
    """Holder of the card that opened this connection.

    Raises
    ------
    FauteSoap
        `DMPInvalidCertificate` (no card, wrong certificate of the card, revoked),
        `DMPAccessDenied` (unknown professional).
    """
    certificat = appel.certificat
    lu = "" if certificat is None else porteur(certificat)
    if certificat is None or not lu:
        raise FauteSoap("DMPInvalidCertificate", "Certificat d’authentification CPS attendu")
    try:
        usages = certificat.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    if ExtendedKeyUsageOID.CLIENT_AUTH not in usages:
        raise FauteSoap("DMPInvalidCertificate", "Not a valid authentication certificate")
    if certificat.serial_number in appel.etat.certificats_revoques:
        raise FauteSoap("DMPInvalidCertificate", "Carte révoquée")
    if lu not in appel.etat.psc.professionnels:
        raise FauteSoap("DMPAccessDenied", "Professionnel inconnu")
    return lu
