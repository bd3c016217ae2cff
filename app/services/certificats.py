"""Organisation certificates: reading of a PKCS#12, what a certificate may serve for.

IGC-Santé gives a structure one certificate a use (`spec/ins.md` §4.2, `spec/dmp.md` §2): the
common name tells INSi's, the extended key usage tells authentication, the key usage tells
signature. The OU of the subject is the Struct_idNat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.domain.certificat import CertificatStructure, UsageCertificat
from app.services.errors import ClasseErreur, Indisponible, Invalide, Remede
from app.services.signature import Signataire

#: Largest file accepted: a PKCS#12 with its chain is a few kilobytes.
TAILLE_MAX = 256 * 1024
CN_INSI = ("INSI-AUTO", "INSI-MANU")

Cle = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class CleEtCertificat:
    """A private key and its certificate, the chain after it. Never printed."""

    cle: Cle
    chaine: tuple[x509.Certificate, ...]

    def __repr__(self) -> str:
        return "CleEtCertificat(…)"

    @property
    def certificat(self) -> x509.Certificate:
        """Certificate of the key."""
        return self.chaine[0]

    @property
    def chaine_pem(self) -> bytes:
        """Certificate and chain, PEM."""
        return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in self.chaine)

    @property
    def cle_der(self) -> bytes:
        """PKCS#8 of the key, in clear: for the encrypted file alone."""
        return self.cle.private_bytes(serialization.Encoding.DER,
                                      serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def signataire(self) -> Signataire:
        """The signer of the structure.

        Raises:
            ValueError: not an RSA key.
        """
        if not isinstance(self.cle, rsa.RSAPrivateKey):
            raise ValueError("RSA key expected")
        return Signataire.de_cle(self.cle, self.chaine)


def lire_pkcs12(octets: bytes, mot_de_passe: str) -> CleEtCertificat:
    """Read the file that IGC-Santé delivers.

    Raises:
        Invalide: not a PKCS#12, wrong password, without key, key and certificate unmatched.
    """
    if len(octets) > TAILLE_MAX:
        raise _illisible("Ce fichier est trop gros pour être un certificat.")
    try:
        cle, certificat, autres = pkcs12.load_key_and_certificates(
            octets, mot_de_passe.encode() if mot_de_passe else None)
    except (ValueError, TypeError) as erreur:
        raise _illisible("Ce fichier n’a pas pu être ouvert\u00a0: le mot de passe est faux, ou "
                         "ce n’est pas un certificat au format PKCS#12 (.p12 ou .pfx).") \
            from erreur
    if cle is None or certificat is None:
        raise _illisible("Ce fichier ne contient pas de clé privée\u00a0: demandez le fichier "
                         "complet (.p12) au gestionnaire des certificats.")
    return _verifie(cle, (certificat, *autres))


def relire(cle_der: bytes, chaine_pem: bytes) -> CleEtCertificat:
    """What was kept in the file.

    Raises:
        Invalide: it can't be read.
    """
    try:
        return _verifie(serialization.load_der_private_key(cle_der, None),
                        x509.load_pem_x509_certificates(chaine_pem))
    except (ValueError, TypeError) as erreur:
        raise _illisible("Un certificat de la structure est illisible. Réimportez-le dans "
                         "Réglages, Certificats et cartes.") from erreur


def _verifie(cle: object, chaine: Sequence[x509.Certificate]) -> CleEtCertificat:
    if not isinstance(cle, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise _illisible("La clé de ce certificat n’est ni RSA ni à courbe elliptique.")
    publique = serialization.PublicFormat.SubjectPublicKeyInfo
    forme = (serialization.Encoding.DER, publique)
    if cle.public_key().public_bytes(*forme) != chaine[0].public_key().public_bytes(*forme):
        raise _illisible("La clé et le certificat de ce fichier ne vont pas ensemble.")
    return CleEtCertificat(cle, tuple(chaine))


def decrire(certificat: x509.Certificate) -> CertificatStructure:
    """What the certificate says of itself.

    Raises:
        Invalide: not an organisation certificate for one of our uses.
    """
    cn, ou = _nom(certificat, NameOID.COMMON_NAME), _nom(
        certificat, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if not ou:
        raise _illisible("Ce certificat ne nomme aucune structure\u00a0: ce n’est pas un "
                         "certificat d’organisation de l’IGC-Santé.")
    return CertificatStructure(
        usage=_usage(certificat, cn), cn=cn, structure=ou,
        emetteur=_nom_emetteur(certificat), serie=f"{certificat.serial_number:X}",
        du=certificat.not_valid_before_utc.isoformat(),
        au=certificat.not_valid_after_utc.isoformat(),
        empreinte=certificat.fingerprint(hashes.SHA256()).hex())


def _usage(certificat: x509.Certificate, cn: str) -> UsageCertificat:
    extensions = certificat.extensions
    try:
        etendu = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        etendu = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
    if ExtendedKeyUsageOID.CLIENT_AUTH in etendu:
        return UsageCertificat.INSI if cn in CN_INSI else UsageCertificat.DMP
    try:
        signe = extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        signe = False
    if signe:
        return UsageCertificat.SIGNATURE
    raise _illisible("Ce certificat ne sert ni à se connecter (ORG AUTH_CLI) ni à signer "
                     "(ORG SIGN)\u00a0: ce n’est pas celui qu’il faut.")


def exiger_valable(certificat: x509.Certificate, maintenant: datetime | None = None) -> None:
    """Refuse to work with a certificate out of its time; orders wait.

    Raises:
        Indisponible: expired, or not valid yet (or the clock is wrong).
    """
    instant = maintenant or datetime.now(UTC)
    if not certificat.not_valid_before_utc <= instant <= certificat.not_valid_after_utc:
        raise Indisponible("Le certificat de la structure n’est pas valable aujourd’hui. "
                           "Renouvelez-le dans Réglages, Certificats et cartes.",
                           code="CERTIFICAT", remede=Remede.SIGNALER, classe=ClasseErreur.AUTH)


def _nom(certificat: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    valeurs = certificat.subject.get_attributes_for_oid(oid)
    return str(valeurs[0].value) if valeurs else ""


def _nom_emetteur(certificat: x509.Certificate) -> str:
    valeurs = certificat.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(valeurs[0].value) if valeurs else certificat.issuer.rfc4514_string()


def _illisible(message: str) -> Invalide:
    return Invalide(message, code="CERTIFICAT")
