"""The PKI of the bac à sable, made at the first start (`spec/psc.md` §3.3, `spec/dmp.md` §22).

One certification authority signs the servers' certificate, the organisation certificate of the
proxy (the shape of IGC-Santé's ORG AUTH_CLI: OU = prefix + SIRET), the proxy's own server
certificate and the software signing key of the installation. An expired server certificate and a
server certificate of an unknown authority feed the fault panel.
"""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Cle = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

#: Struct_idNat of the organisation that runs the proxy: `3` + SIRET (`spec/psc.md` §4.4).
STRUCTURE_PROXY = "318751275100020"
STRUCTURE_INCONNUE = "300000000000099"
#: The fictive nursing centre of professionnels.json: `1` + FINESS.
STRUCTURE_CENTRE = "1630009999"
#: Password of the PKCS#12 files of the bac à sable, fictive like the rest.
MOT_DE_PASSE_P12 = "bac-a-sable"
#: Holder of the fictive CPS: national id, surname, given name, profession.
PORTEUR_CPS = ("899700000081", "DIALLO", "MARIAM", "Infirmier")
#: Kind of a card of the CPS family: 0 CPS, 1 CPF, 2 CDE-CPE, 3 CPA (`spec/ins.md` §4.2).
OID_TYPE_CARTE = x509.ObjectIdentifier("1.2.250.1.71.1.2.2")

_VERSION = 4
_TEMOIN = "pki.json"
_CLES_RSA = ("serveur", "proxy-client", "proxy-serveur", "installation", "psc-jwt-1", "psc-jwt-2",
             "edc-jwt", "structure", "structure-signature", "cps", "cps-connexion")


@dataclass(frozen=True, slots=True)
class Pki:
    """Where the files of the PKI lie. Certificates are PEM, keys PKCS#8 PEM without password."""

    dossier: Path

    def certificat(self, nom: str) -> Path:
        """Path of the certificate `nom`."""
        return self.dossier / f"{nom}.pem"

    def cle(self, nom: str) -> Path:
        """Path of the private key `nom`."""
        return self.dossier / f"{nom}.key"

    def charger_certificat(self, nom: str) -> x509.Certificate:
        """Read the certificate `nom`."""
        return x509.load_pem_x509_certificate(self.certificat(nom).read_bytes())

    def pem_cle(self, nom: str) -> bytes:
        """Read the private key `nom`, as PEM."""
        return self.cle(nom).read_bytes()


def ouvrir(dossier: Path) -> Pki:
    """Return the PKI of `dossier`; create it when it is absent, old-fashioned or about to expire.

    Parameters
    ----------
    dossier
        Folder of the PEM files. It is replaced in one move: a crash leaves no half PKI.
    """
    pki = Pki(dossier)
    if not _valable(pki):
        brouillon = dossier.with_name(dossier.name + ".tmp")
        shutil.rmtree(brouillon, ignore_errors=True)
        brouillon.mkdir(parents=True)
        _creer(Pki(brouillon))
        shutil.rmtree(dossier, ignore_errors=True)
        brouillon.rename(dossier)
    return pki


def _valable(pki: Pki) -> bool:
    try:
        temoin = json.loads((pki.dossier / _TEMOIN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    fin = datetime.fromisoformat(temoin.get("fin", "2000-01-01T00:00:00+00:00"))
    return temoin.get("version") == _VERSION and fin > datetime.now(UTC) + timedelta(days=7)


def _nom(cn: str, ou: str = "", o: str = "BAC A SABLE PLEIADE") -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
             x509.NameAttribute(NameOID.ORGANIZATION_NAME, o)]
    if ou:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, ou))
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, cn)])


def _usage(**vrais: bool) -> x509.KeyUsage:
    champs = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment",
                            "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
                            "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(**{**champs, **vrais})


@dataclass(frozen=True, slots=True)
class _Autorite:
    nom: x509.Name
    cle: ec.EllipticCurvePrivateKey
    certificat: x509.Certificate


def _autorite(cn: str, fin: datetime) -> _Autorite:
    cle = ec.generate_private_key(ec.SECP256R1())
    nom = _nom(cn)
    certificat = (_base(nom, nom, cle.public_key(), fin)
                  .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                  .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
                  .add_extension(x509.SubjectKeyIdentifier.from_public_key(cle.public_key()),
                                 critical=False)
                  .sign(cle, hashes.SHA256()))
    return _Autorite(nom, cle, certificat)


def _base(sujet: x509.Name, emetteur: x509.Name, publique: object, fin: datetime,
          debut: datetime | None = None) -> x509.CertificateBuilder:
    return (x509.CertificateBuilder().subject_name(sujet).issuer_name(emetteur)
            .public_key(publique)  # type: ignore[arg-type]
            .serial_number(x509.random_serial_number())
            .not_valid_before(debut or datetime.now(UTC) - timedelta(hours=1))
            .not_valid_after(fin))


def _signer(ca: _Autorite, sujet: x509.Name, cle: Cle, fin: datetime, *, usage: x509.KeyUsage,
            eku: list[x509.ObjectIdentifier] | None = None, loopback: bool = False,
            debut: datetime | None = None) -> x509.Certificate:
    constructeur = (
        _base(sujet, ca.nom, cle.public_key(), fin, debut)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(cle.public_key()),
                       critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.cle.public_key()),
                       critical=False))
    if eku:
        constructeur = constructeur.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
    if loopback:
        constructeur = constructeur.add_extension(x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1")),
             x509.IPAddress(ip_address("::1"))]), critical=False)
    return constructeur.sign(ca.cle, hashes.SHA256())


def _creer(pki: Pki) -> None:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as fils:
        rsas = dict(zip(_CLES_RSA, fils.map(
            lambda _: rsa.generate_private_key(public_exponent=65537, key_size=2048), _CLES_RSA),
            strict=True))
    maintenant = datetime.now(UTC)
    fin = maintenant + timedelta(days=730)
    ca = _autorite("AC BAC A SABLE PLEIADE", fin)
    inconnue = _autorite("AC INCONNUE", fin)
    _ecrire_certificat(pki, "ca", ca.certificat)
    _ecrire_certificat(pki, "ca-inconnue", inconnue.certificat)

    tls = _usage(digital_signature=True, key_encipherment=True)
    serveur, client = [ExtendedKeyUsageOID.SERVER_AUTH], [ExtendedKeyUsageOID.CLIENT_AUTH]
    nom_serveur = _nom("localhost")
    hier = maintenant - timedelta(days=1)
    cabinet = "CABINET DE DEMONSTRATION"
    tiers = ec.generate_private_key(ec.SECP256R1())
    certificats: dict[str, tuple[x509.Certificate, Cle]] = {
        "serveur": (_signer(ca, nom_serveur, rsas["serveur"], fin, usage=tls, eku=serveur,
                            loopback=True), rsas["serveur"]),
        "serveur-expire": (_signer(ca, nom_serveur, rsas["serveur"], hier, usage=tls, eku=serveur,
                                   loopback=True, debut=hier - timedelta(days=30)),
                           rsas["serveur"]),
        "serveur-inconnu": (_signer(inconnue, nom_serveur, rsas["serveur"], fin, usage=tls,
                                    eku=serveur, loopback=True), rsas["serveur"]),
        "proxy-serveur": (_signer(ca, nom_serveur, rsas["proxy-serveur"], fin, usage=tls,
                                  eku=serveur, loopback=True), rsas["proxy-serveur"]),
        "proxy-client": (_signer(ca, _nom("pleiade-proxy", STRUCTURE_PROXY, cabinet),
                                 rsas["proxy-client"], fin, usage=tls, eku=client),
                         rsas["proxy-client"]),
        # Same authority, another organisation: right certificate, wrong holder.
        "autre-client": (_signer(ca, _nom("autre-client", STRUCTURE_INCONNUE, "AUTRE STRUCTURE"),
                                 tiers, fin, usage=tls, eku=client), tiers),
        # INSi in organisation certificate mode: the CN must be INSI-AUTO or INSI-MANU.
        "insi-auto": (_signer(ca, _nom("INSI-AUTO", STRUCTURE_PROXY, cabinet), tiers, fin,
                              usage=tls, eku=client), tiers),
        # ORG_SIGN shape: signs (contentCommitment), never authenticates.
        "installation": (_signer(ca, _nom("PLEIADE INSTALLATION 0001", STRUCTURE_PROXY, cabinet),
                                 rsas["installation"], fin,
                                 usage=_usage(digital_signature=True, content_commitment=True)),
                         rsas["installation"]),
    }
    certificats |= _structure(ca, rsas, fin, hier)
    certificats |= _cps(ca, rsas["cps"], rsas["cps-connexion"], fin)
    for nom, (certificat, cle) in certificats.items():
        _ecrire_certificat(pki, nom, certificat)
        _ecrire_cle(pki, nom, cle)
        if nom.startswith(("structure-", "autre-structure-")):
            _ecrire_pkcs12(pki, nom, certificat, cle, ca.certificat)
    for nom in ("psc-jwt-1", "psc-jwt-2", "edc-jwt"):
        _ecrire_cle(pki, nom, rsas[nom])
    (pki.dossier / _TEMOIN).write_text(
        json.dumps({"version": _VERSION, "fin": fin.isoformat()}), encoding="utf-8")


def _structure(ca: _Autorite, rsas: dict[str, rsa.RSAPrivateKey], fin: datetime, hier: datetime
               ) -> dict[str, tuple[x509.Certificate, Cle]]:
    """The organisation certificates of the fictive centre, one a use, and wrong ones."""
    tls, sceau = (_usage(digital_signature=True, key_encipherment=True),
                  _usage(digital_signature=True, content_commitment=True))
    client = [ExtendedKeyUsageOID.CLIENT_AUTH]
    centre, autre = "CENTRE DE SANTE INFIRMIER DES ESSAIS", "AUTRE STRUCTURE"
    connexion, signature = rsas["structure"], rsas["structure-signature"]

    def faire(cn: str, ou: str, o: str, cle: rsa.RSAPrivateKey, fin_: datetime,
              debut: datetime | None = None) -> tuple[x509.Certificate, Cle]:
        signe = cle is signature
        return (_signer(ca, _nom(cn, ou, o), cle, fin_, usage=sceau if signe else tls,
                        eku=None if signe else client, debut=debut), cle)

    return {
        "structure-insi": faire("INSI-MANU", STRUCTURE_CENTRE, centre, connexion, fin),
        "structure-dmp": faire("CSI-ESSAIS-CLI", STRUCTURE_CENTRE, centre, connexion, fin),
        "structure-signature": faire("CSI-ESSAIS-SIGN", STRUCTURE_CENTRE, centre, signature, fin),
        "structure-expiree": faire("INSI-MANU", STRUCTURE_CENTRE, centre, connexion, hier,
                                   hier - timedelta(days=30)),
        "structure-bientot": faire("INSI-AUTO", STRUCTURE_CENTRE, centre, connexion,
                                   hier + timedelta(days=11)),
        "autre-structure-insi": faire("INSI-MANU", STRUCTURE_INCONNUE, autre, connexion, fin),
        "autre-structure-signature": faire("AUTRE-SIGN", STRUCTURE_INCONNUE, autre, signature,
                                           fin)}


def _cps(ca: _Autorite, signature: rsa.RSAPrivateKey, connexion: rsa.RSAPrivateKey, fin: datetime
         ) -> dict[str, tuple[x509.Certificate, Cle]]:
    """The two certificates of a fictive CPS (`spec/cards.md` §2.3, §2.4): CN, SN and GN are one
    multi-valued RDN; the signature one has contentCommitment, the other clientAuth."""
    identifiant, nom, prenom, profession = PORTEUR_CPS
    sujet = x509.Name([
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.TITLE, profession)]),
        x509.RelativeDistinguishedName([x509.NameAttribute(NameOID.COMMON_NAME, identifiant),
                                        x509.NameAttribute(NameOID.SURNAME, nom),
                                        x509.NameAttribute(NameOID.GIVEN_NAME, prenom)])])
    type_carte = x509.UnrecognizedExtension(OID_TYPE_CARTE, b"\x02\x01\x00")

    def faire(cle: rsa.RSAPrivateKey, usage: x509.KeyUsage,
              eku: list[x509.ObjectIdentifier]) -> tuple[x509.Certificate, Cle]:
        base = _base(sujet, ca.nom, cle.public_key(), fin)
        for extension, critique in (
                (x509.BasicConstraints(ca=False, path_length=None), True), (usage, True),
                (type_carte, False),
                (x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.cle.public_key()), False)):
            base = base.add_extension(extension, critical=critique)
        if eku:
            base = base.add_extension(x509.ExtendedKeyUsage(eku), critical=False)
        return base.sign(ca.cle, hashes.SHA256()), cle

    return {"cps-signature": faire(signature, _usage(content_commitment=True), []),
            "cps-authentification": faire(connexion, _usage(digital_signature=True),
                                          [ExtendedKeyUsageOID.CLIENT_AUTH])}


def _ecrire_pkcs12(pki: Pki, nom: str, certificat: x509.Certificate, cle: Cle,
                   autorite: x509.Certificate) -> None:
    """The file that a structure would receive."""
    chemin = pki.dossier / f"{nom}.p12"
    chemin.touch(mode=0o600)
    chemin.write_bytes(pkcs12.serialize_key_and_certificates(
        nom.encode(), cle, certificat, [autorite],
        serialization.BestAvailableEncryption(MOT_DE_PASSE_P12.encode())))


def _ecrire_certificat(pki: Pki, nom: str, certificat: x509.Certificate) -> None:
    pki.certificat(nom).write_bytes(certificat.public_bytes(serialization.Encoding.PEM))


def _ecrire_cle(pki: Pki, nom: str, cle: Cle) -> None:
    chemin = pki.cle(nom)
    chemin.touch(mode=0o600)
    chemin.write_bytes(cle.private_bytes(serialization.Encoding.PEM,
                                         serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
