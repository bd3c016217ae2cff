"""TLS of both sides: the server, and the client certificates presented to PSC and to the APIs.

TLS 1.2 at least, 1.3 when the peer can (`spec/psc.md` §3.4). Peers are always verified.
"""

import base64
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

#: TLS 1.2 suites with forward secrecy and authenticated encryption (TLS 1.3 has its own).
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!eNULL:!MD5:!SHA1"

_NOMS_DN = {"2.5.4.3": "CN", "2.5.4.11": "OU", "2.5.4.10": "O", "2.5.4.6": "C", "2.5.4.7": "L",
            "2.5.4.8": "ST", "2.5.4.5": "serialNumber", "2.5.4.97": "organizationIdentifier",
            "1.2.840.113549.1.9.1": "emailAddress", "2.5.4.4": "SN", "2.5.4.42": "GN",
            "2.5.4.12": "title", "0.9.2342.19200300.100.1.25": "DC"}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the proxy needs to know of its own certificate."""

    dn: str
    """Subject, most specific first: `CN=…, OU=…, O=…, C=FR` (`spec/psc.md` §4.4)."""
    digest: bytes
    """SHA-256 of the DER form."""
    expires: float
    """End of validity, seconds since 1970."""

    def cnf_values(self) -> tuple[str, str]:
        """Both spellings of `cnf.x5t#S256`: RFC 8705's, and the one seen at ANS (§3.4)."""
        rfc = base64.urlsafe_b64encode(self.digest).rstrip(b"=").decode()
        return rfc, base64.b64encode(self.digest.hex().encode()).decode()


def read_certificate(pem: Path) -> Certificate:
    """Read the first certificate of a PEM file.

    Raises:
        OSError, ValueError: absent or not a certificate.
    """
    cert = x509.load_pem_x509_certificate(pem.read_bytes())
    der = cert.public_bytes(Encoding.DER)
    attributs = [a for rdn in cert.subject.rdns for a in rdn]
    dn = ", ".join(f"{_NOMS_DN.get(a.oid.dotted_string, a.oid.dotted_string)}={a.value!s}"
                   for a in reversed(attributs))
    return Certificate(dn, hashlib.sha256(der).digest(), cert.not_valid_after_utc.timestamp())


def server_context(certificate: Path, key: Path, client_ca: Path | None = None,
                   client_crl: Path | None = None) -> ssl.SSLContext:
    """Context of the listening side; with `client_ca` a workstation must show a certificate."""
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.minimum_version = ssl.TLSVersion.TLSv1_2
    contexte.set_ciphers(SUITES)
    contexte.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    contexte.set_alpn_protocols(["http/1.1"])
    contexte.load_cert_chain(certificate, key)
    if client_ca is not None:
        contexte.load_verify_locations(client_ca)
        contexte.verify_mode = ssl.CERT_REQUIRED
        check_revocation(contexte, client_crl)
    return contexte


Numero = tuple[bytes, int]
"""A certificate as a revocation list names it: its authority, its number."""


def number(der: bytes) -> Numero:
    """The number of a certificate, with its authority."""
    cert = x509.load_der_x509_certificate(der)
    return cert.issuer.public_bytes(), cert.serial_number


def revoked(crl: Path) -> set[Numero]:
    """The certificates that the lists of a PEM file revoke.

    Raises:
        OSError, ValueError: absent, or a list that can't be read.
    """
    debut = b"-----BEGIN X509 CRL-----"
    listes = [x509.load_pem_x509_crl(debut + bloc)
              for bloc in crl.read_bytes().split(debut)[1:]]
    return {(liste.issuer.public_bytes(), entree.serial_number)
            for liste in listes for entree in liste}


def check_revocation(contexte: ssl.SSLContext, crl: Path | None) -> None:
    """Refuse revoked peers, by lists read from a PEM file; nothing without a file.

    A peer whose authority has no valid list there is refused too. Lists loaded later add to these.
    """
    if crl is not None:
        contexte.load_verify_locations(crl)
        contexte.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF


def client_context(ca: Path | None, certificate: Path | None = None, key: Path | None = None,
                   password: str | None = None, crl: Path | None = None) -> ssl.SSLContext:
    """Context towards a service: `ca` (or the system's authorities), and our certificate."""
    contexte = ssl.create_default_context(cafile=None if ca is None else str(ca))
    contexte.minimum_version = ssl.TLSVersion.TLSv1_2
    contexte.set_ciphers(SUITES)
    contexte.set_alpn_protocols(["http/1.1"])
    if certificate is not None and key is not None:
        # An empty answer instead of None keeps OpenSSL from asking on the terminal.
        contexte.load_cert_chain(certificate, key, password=password or "")
    check_revocation(contexte, crl)
    return contexte
