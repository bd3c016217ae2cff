"""A client key of TLS that stays elsewhere: a function signs, `ssl` does the rest."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.x509.oid import NameOID

from app.services import tls_carte
from app.services.errors import Invalide, SessionExpiree
from app.services.tls_carte import CleTls

Paire = tuple[x509.Certificate, rsa.RSAPrivateKey]


@pytest.fixture(scope="module")
def cle() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certifier(cn: str, cle: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, cn)])
    maintenant = datetime.now(UTC)
    return (x509.CertificateBuilder().subject_name(nom).issuer_name(nom)
            .public_key(cle.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(maintenant - timedelta(hours=1))
            .not_valid_after(maintenant + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]),
                           critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(cle, hashes.SHA256()))


def pem(certificat: x509.Certificate) -> str:
    return certificat.public_bytes(serialization.Encoding.PEM).decode()


class Serveur:
    """A TLS server that wants a client certificate, and says whose it saw."""

    def __init__(self, dossier: Path, attendu: x509.Certificate, version: ssl.TLSVersion) -> None:
        privee = ec.generate_private_key(ec.SECP256R1())
        self.certificat = certifier("localhost", privee)
        fichier = dossier / "serveur.pem"
        fichier.write_bytes(pem(self.certificat).encode() + privee.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        self.contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.contexte.load_cert_chain(fichier)
        self.contexte.minimum_version = version
        self.contexte.verify_mode = ssl.CERT_REQUIRED
        self.contexte.load_verify_locations(cadata=pem(attendu))
        self.prise = socket.create_server(("127.0.0.1", 0))
        self.vus: list[str] = []

    def servir(self) -> None:
        while True:
            try:
                brute, _ = self.prise.accept()
            except OSError:
                return
            brute.settimeout(5)
            try:
                with self.contexte.wrap_socket(brute, server_side=True) as prise:
                    sujet = prise.getpeercert()["subject"]  # type: ignore[index]
                    self.vus.append(str(dict(p[0] for p in sujet)["commonName"]))
                    prise.sendall(b"vu")
            except OSError:
                brute.close()


@contextmanager
def serveur(dossier: Path, attendu: x509.Certificate,
            version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> Iterator[Serveur]:
    servi = Serveur(dossier, attendu, version)
    fil = threading.Thread(target=servi.servir, daemon=True)
    fil.start()
    yield servi
    servi.prise.shutdown(socket.SHUT_RDWR)
    servi.prise.close()
    fil.join(60)


def appeler(servi: Serveur, contexte: ssl.SSLContext, nom: str = "localhost") -> bytes:
    brute = socket.create_connection(servi.prise.getsockname(), timeout=60)
    with contexte.wrap_socket(brute, server_hostname=nom) as prise:
        return prise.recv(10)


class Carte:
    """Signs as a card does: digests only, PKCS#1 v1.5."""

    def __init__(self, cle: rsa.RSAPrivateKey) -> None:
        self._cle, self.demandes, self.retiree = cle, 0, False

    def signer(self, algorithme: str, condensat: bytes) -> bytes:
        self.demandes += 1
        if self.retiree:
            raise SessionExpiree("la carte est partie")
        return self._cle.sign(condensat, padding.PKCS1v15(),
                              utils.Prehashed(getattr(hashes, algorithme.upper())()))


def test_the_server_sees_the_certificate_and_the_card_signs_each_handshake(
        tmp_path: Path, cle: rsa.RSAPrivateKey) -> None:
    certificat, carte = certifier("899700000081", cle), Carte(cle)
    with serveur(tmp_path, certificat) as servi:
        contexte = ssl.create_default_context(cadata=pem(servi.certificat))
        CleTls(certificat, carte.signer).equiper(contexte)
        assert [appeler(servi, contexte) for _ in range(3)] == [b"vu"] * 3
        assert servi.vus == ["899700000081"] * 3 and carte.demandes == 3


def test_many_cards_and_threads_at_once(tmp_path: Path, cle: rsa.RSAPrivateKey) -> None:
    certificat, carte = certifier("899700000081", cle), Carte(cle)
    with serveur(tmp_path, certificat) as servi:
        def un() -> None:
            contexte = ssl.create_default_context(cadata=pem(servi.certificat))
            CleTls(certificat, carte.signer).equiper(contexte)
            for _ in range(5):
                assert appeler(servi, contexte) == b"vu"

        fils = [threading.Thread(target=un) for _ in range(6)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join(120)
        assert len(servi.vus) == carte.demandes == 30
    assert not tls_carte._CLES  # nothing remains of a context that is gone


def test_a_card_that_cannot_sign_says_why(tmp_path: Path, cle: rsa.RSAPrivateKey) -> None:
    certificat, carte = certifier("899700000081", cle), Carte(cle)
    with serveur(tmp_path, certificat) as servi:
        contexte = ssl.create_default_context(cadata=pem(servi.certificat))
        tls = CleTls(certificat, carte.signer)
        tls.equiper(contexte)
        carte.retiree = True
        with pytest.raises(OSError):
            appeler(servi, contexte)
        assert str(tls.echec()) == "la carte est partie"
        assert tls.echec() is None and servi.vus == []
        carte.retiree = False
        assert appeler(servi, contexte) == b"vu" and tls.echec() is None


def test_the_server_stays_verified(tmp_path: Path, cle: rsa.RSAPrivateKey) -> None:
    certificat, carte = certifier("899700000081", cle), Carte(cle)
    with serveur(tmp_path, certificat) as servi:
        autre = certifier("localhost", ec.generate_private_key(ec.SECP256R1()))
        contexte = ssl.create_default_context(cadata=pem(autre))
        CleTls(certificat, carte.signer).equiper(contexte)
        with pytest.raises(ssl.SSLCertVerificationError):
            appeler(servi, contexte)
        contexte = ssl.create_default_context(cadata=pem(servi.certificat))
        CleTls(certificat, carte.signer).equiper(contexte)
        with pytest.raises(ssl.SSLCertVerificationError):
            appeler(servi, contexte, "ailleurs.test")
    assert carte.demandes == 0  # a server that isn't the right one gets no signature
    libre = ssl.create_default_context()
    libre.check_hostname = False
    libre.verify_mode = ssl.CERT_NONE
    with pytest.raises(Invalide, match="serveur vérifié"):
        CleTls(certificat, carte.signer).equiper(libre)


def test_a_server_that_wants_tls_1_3_is_refused_cleanly(tmp_path: Path, cle: rsa.RSAPrivateKey
                                                        ) -> None:
    certificat, carte = certifier("899700000081", cle), Carte(cle)
    with serveur(tmp_path, certificat, ssl.TLSVersion.TLSv1_3) as servi:
        contexte = ssl.create_default_context(cadata=pem(servi.certificat))
        CleTls(certificat, carte.signer).equiper(contexte)
        with pytest.raises(ssl.SSLError):
            appeler(servi, contexte)
    assert carte.demandes == 0


def test_wrong_signature_or_key(tmp_path: Path, cle: rsa.RSAPrivateKey) -> None:
    certificat = certifier("899700000081", cle)
    autre = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with serveur(tmp_path, certificat) as servi:
        for signer in (Carte(autre).signer, lambda _a, _c: b"court", lambda _a, _c: b""):
            contexte = ssl.create_default_context(cadata=pem(servi.certificat))
            CleTls(certificat, signer).equiper(contexte)
            with pytest.raises(OSError):
                appeler(servi, contexte)
        assert servi.vus == []
    courbe = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(Invalide, match="RSA"):
        CleTls(certifier("899700000081", courbe), Carte(cle).signer)


def test_another_python_refuses_instead_of_guessing(monkeypatch: pytest.MonkeyPatch,
                                                    cle: rsa.RSAPrivateKey) -> None:
    tls_carte._openssl.cache_clear()
    monkeypatch.setattr(tls_carte, "_PYTHONS", ((3, 1), (3, 2)))
    with pytest.raises(Invalide, match="Pro Santé Connect"):
        CleTls(certifier("x", cle), Carte(cle).signer).equiper(ssl.create_default_context())
    tls_carte._openssl.cache_clear()
