"""Revocation lists of the authority of a test."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from proxy_doubles import charger


def revoquer(dossier: Path, fichier: str, *noms: str, jours: int = 30) -> Path:
    """Write the revocation list of the authority."""
    ca, cle = charger(dossier / "ca.pem", dossier / "ca.key")
    maintenant = datetime.now(UTC)
    liste = (x509.CertificateRevocationListBuilder().issuer_name(ca.subject)
             .last_update(maintenant - timedelta(days=40))
             .next_update(maintenant + timedelta(days=jours)))
    for nom in noms:
        cert = x509.load_pem_x509_certificate((dossier / f"{nom}.pem").read_bytes())
        liste = liste.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(cert.serial_number)
            .revocation_date(maintenant - timedelta(days=1)).build())
    chemin = dossier / fichier
    chemin.write_bytes(liste.sign(cle, hashes.SHA256()).public_bytes(
        serialization.Encoding.PEM))
    return chemin
