"""Organisation certificates of the structure and their keys (SC.DMP/CONF.22, INS/va1.14)."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, delete, insert, select, update

from app.domain.certificat import CertificatStructure, UsageCertificat
from app.store.errors import ErreurStore, Introuvable
from app.store.repos.base import Depot
from app.store.tables import T_CERTIFICAT

_CHAMPS = ("usage", "cn", "structure", "emetteur", "serie", "du", "au", "empreinte", "importe_le",
           "importe_par")
_NONCE = 12


class Certificats(Depot):
    """Repository of the organisation certificates.

    Args:
        cle: key of the practice. On PostgreSQL private keys are sealed under it; on SQLite the
            file itself is encrypted.
    """

    def __init__(self, connexion: Connection, cle: bytes | None) -> None:
        super().__init__(connexion)
        self._cle = cle
        self._serveur = connexion.dialect.name == "postgresql"

    def lister(self) -> list[CertificatStructure]:
        """Those kept, by use, without their keys."""
        return [CertificatStructure(**{**dict(ligne), "usage": UsageCertificat(ligne["usage"])})
                for ligne in self._c.execute(
                    select(*(T_CERTIFICAT.c[c] for c in _CHAMPS))
                    .order_by(T_CERTIFICAT.c.usage)).mappings()]

    def enregistrer(self, certificat: CertificatStructure, chaine_pem: bytes,
                    cle_der: bytes) -> None:
        """Keep a certificate; the former one of the same use is forgotten, key included.

        :raises ErreurStore: on a server, without the key of the practice.
        """
        if self._serveur:
            cle_der = self._sceller(cle_der, certificat.usage)
        self.supprimer(certificat.usage)
        valeurs = asdict(certificat)
        self._c.execute(insert(T_CERTIFICAT).values(
            **{**valeurs, "usage": certificat.usage.value}, chaine=chaine_pem, cle=cle_der,
            scelle=self._serveur, version=1))

    def secret(self, usage: UsageCertificat) -> tuple[bytes, bytes]:
        """Chain (PEM) and private key (PKCS#8 DER).

        :raises Introuvable: none for this use. :raises ErreurStore: the key can't be unsealed.
        """
        t = T_CERTIFICAT.c
        ligne = self._c.execute(
            select(t.chaine, t.cle, t.scelle).where(t.usage == usage.value)).first()
        if ligne is None:
            raise Introuvable("Aucun certificat de la structure pour cet usage.")
        cle = self._desceller(ligne.cle, usage) if ligne.scelle else bytes(ligne.cle)
        return bytes(ligne.chaine), cle

    def cles(self) -> dict[UsageCertificat, bytes]:
        """Every private key, in clear: for a change of the key that seals them."""
        return {c.usage: self.secret(c.usage)[1] for c in self.lister()}

    def resceller(self, cles: Mapping[UsageCertificat, bytes]) -> None:
        """Write keys again, sealed on a server."""
        for usage, cle in cles.items():
            self._c.execute(update(T_CERTIFICAT).where(T_CERTIFICAT.c.usage == usage.value).values(
                cle=self._sceller(cle, usage) if self._serveur else cle, scelle=self._serveur))

    def supprimer(self, usage: UsageCertificat) -> None:
        """Forget a certificate and its key; nothing happens without one."""
        self._c.execute(delete(T_CERTIFICAT).where(T_CERTIFICAT.c.usage == usage.value))

    def _aead(self) -> AESGCM:
        if self._cle is None:
            raise ErreurStore("La clé du cabinet est nécessaire pour garder un certificat.")
        return AESGCM(HKDF(SHA256(), 32, None, b"pleiade certificat").derive(self._cle))

    def _sceller(self, clair: bytes, usage: UsageCertificat) -> bytes:
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aead().encrypt(nonce, clair, usage.value.encode())

    def _desceller(self, scelle: bytes, usage: UsageCertificat) -> bytes:
        try:
            return self._aead().decrypt(scelle[:_NONCE], scelle[_NONCE:], usage.value.encode())
        except InvalidTag as erreur:
            raise ErreurStore("La clé de ce certificat est illisible. Réimportez-le dans "
                              "Réglages, Certificats et cartes.") from erreur
