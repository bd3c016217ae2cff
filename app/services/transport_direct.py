"""The way out without the proxy: TLS, mutual when there is an organisation certificate.

For INSi by structure certificate or CPS (`spec/ins.md` §4.2), the DMP fed by structure certificate
and the DMP by CPS, whose key stays in the card (`spec/dmp.md` §2). TLS is always verified.
"""

import os
import secrets
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization

from app.services.certificats import CleEtCertificat
from app.services.errors import Indisponible, Invalide
from app.services.http_annulable import HttpAnnulable
from app.services.meteo import Meteo
from app.services.tls_carte import CleTls
from app.services.transport import Annulation, Reponse

CERTIFICAT_STRUCTURE = "certificat_structure"
CPS_ASSERTION = "cps_assertion"
CPS_DIRECTE = "cps_directe"


@dataclass(frozen=True, slots=True)
class _Cible:
    http: HttpAnnulable
    racine: str


class TransportDirect:
    """Sends straight to the services.

    Args:
        adresses: base address of each service, https.
        strategie: `certificat_structure`, `cps_assertion` or `cps_directe`.
        contexte: TLS settings (`contexte_tls`).
        meteo: states of the services.
        carte: the key in a card that `contexte` shows, if any.

    Raises:
        Invalide: an address isn't https.
    """

    def __init__(self, adresses: Mapping[str, str], strategie: str, contexte: ssl.SSLContext, *,
                 meteo: Meteo | None = None, carte: CleTls | None = None) -> None:
        self.strategie = strategie
        self._carte = carte
        self.meteo = meteo or Meteo()
        self._cibles: dict[str, _Cible] = {}
        for api, adresse in adresses.items():
            parties = urlsplit(adresse)
            if parties.scheme != "https" or not parties.hostname or parties.username:
                raise Invalide("L’adresse d’un service national commence par https://. "
                               "Corrigez-la dans Réglages, Certificats et cartes.", service=api,
                               code="ADRESSE")
            origine = f"https://{parties.netloc}"
            self._cibles[api] = _Cible(HttpAnnulable(origine, contexte, api),
                                       parties.path.rstrip("/"))

    def envoyer(self, api: str, chemin: str, corps: bytes, content_type: str, *, delai: float,
                annule: Annulation | None = None) -> Reponse:
        """See `Transport`. The User-Agent is the only other header."""
        cible = self._cibles.get(api)
        if cible is None:
            raise Invalide("Ce service n’a pas d’adresse pour ce mode de connexion.", service=api,
                           code="ADRESSE")
        if self._carte is not None:
            self._carte.echec()  # of a former call
        try:
            return cible.http.appeler("POST", cible.racine + chemin, delai=delai, corps=corps,
                                      entetes={"Content-Type": content_type}, annule=annule,
                                      service=api)
        except Indisponible as erreur:
            # The handshake failed because the card didn't sign: that is what must be said.
            cause = None if self._carte is None else self._carte.echec()
            if cause is None:
                raise
            raise cause from erreur

    def fermer(self) -> None:
        """Close every connection."""
        for cible in self._cibles.values():
            cible.http.fermer()


def contexte_tls(ca_pem: str | Path | None, client: CleEtCertificat | None = None
                 ) -> ssl.SSLContext:
    """TLS settings: server verified, TLS 1.2 at least, our certificate shown if there is one.

    `ssl` reads a private key from a file only: it is written there under a password drawn for
    this one reading, and the file is gone when the function returns.

    Args:
        ca_pem: certificate of the authority of the services; the machine's own by default.
        client: organisation certificate.

    Raises:
        Invalide: the file of the authority can't be read, or OpenSSL refuses the certificate.
    """
    try:
        contexte = ssl.create_default_context(cafile=None if ca_pem is None else str(ca_pem))
    except OSError as erreur:
        raise Invalide("Le certificat de l’autorité des services nationaux est illisible.",
                       code="TLS") from erreur
    contexte.minimum_version = ssl.TLSVersion.TLSv1_2
    if client is not None:
        _charger(contexte, client)
    return contexte


def _charger(contexte: ssl.SSLContext, client: CleEtCertificat) -> None:
    secret = secrets.token_hex(32)
    cle = client.cle.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(secret.encode()))
    descripteur, nom = tempfile.mkstemp(prefix="pleiade-", suffix=".pem")  # 0600
    try:
        with os.fdopen(descripteur, "wb") as fichier:
            fichier.write(client.chaine_pem + cle)
        contexte.load_cert_chain(nom, password=secret)
    except ssl.SSLError as erreur:
        raise Invalide("Le certificat de la structure est refusé par ce poste. Réimportez-le "
                       "dans Réglages, Certificats et cartes.", code="TLS") from erreur
    finally:
        Path(nom).unlink()
