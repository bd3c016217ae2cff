"""Connection to the practice's PostgreSQL: always verified by TLS, kept by the workstation.

`serveur.json`, in the user's data folder, says where the server is; the authority's certificate
lies beside it. The password of the base goes to the system's key store. Where there is none, it is
sealed under the key of the practice: the local copy of the vault gives that key to who has a
password, and nothing on the disk says it in clear.
"""

import base64
import json
import logging
import secrets
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote, urlencode

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import URL, Connection, make_url

from app.store import places
from app.store.errors import BaseInjoignable, ConnexionNonSure, ErreurStore
from app.store.files import ecrire_durablement

journal = logging.getLogger("pleiade.store")

SERVICE_TROUSSEAU = "Pleiade serveur du cabinet"
VERIFIE = "verify-full"
_NONCE = 12
#: What PostgreSQL wants before TLS begins (SSLRequest).
_DEMANDE_TLS = bytes((0, 0, 0, 8, 4, 210, 22, 47))
#: Passwords of bases that this process knows and that no key store of the machine keeps.
_connus: dict[str, str] = {}
_CLAIR = ("L’adresse du serveur demande une connexion qui ne vérifie pas son certificat. Pléiade "
          "vérifie toujours (verify-full) : retirez « sslmode » de l’adresse.")


@dataclass(frozen=True, slots=True)
class Serveur:
    """Where the base is. `ca`: file of the authority, PEM; copied by `enregistrer`."""

    hote: str
    base: str
    utilisateur: str
    ca: str
    port: int = 5432

    def url(self, mot_de_passe: str) -> str:
        """Address for `store.engine.ouvrir`."""
        qui = f"{quote(self.utilisateur, safe='')}:{quote(mot_de_passe, safe='')}"
        return (f"postgresql+psycopg://{qui}@{self.hote}:{self.port}/{quote(self.base, safe='')}?"
                + urlencode({"sslrootcert": self.ca}))


def completer(adresse: URL) -> URL:
    """The address with the password that this process knows, when it says none."""
    if adresse.password:
        return adresse
    connu = _connus.get(_nom_url(adresse))
    return adresse if connu is None else adresse.set(password=connu)


def ouvrable(url: str) -> bool:
    """True when the base may be entered now: its password is known, or it wants none."""
    return bool(completer(make_url(url)).password) or not arguments_tls(url)


def arguments_tls(url: str) -> dict[str, Any]:
    """What psycopg must be told so that TLS is always verified; nothing for a local socket.

    :raises ConnexionNonSure: the address asks for less.
    """
    adresse = make_url(url)
    hote = adresse.query.get("host", adresse.host or "")
    hotes = [hote] if isinstance(hote, str) else list(hote)
    if all(h == "" or h.startswith("/") for h in hotes) and "hostaddr" not in adresse.query:
        return {}
    if adresse.query.get("sslmode", VERIFIE) != VERIFIE:
        raise ConnexionNonSure(_CLAIR)
    return {"sslmode": VERIFIE, "ssl_min_protocol_version": "TLSv1.2", "gssencmode": "disable"}


def enregistrer(serveur: Serveur, mot_de_passe: str) -> str:
    """Keep the connection for this workstation; returns its address.

    :raises ErreurStore: the authority's certificate can't be read, or the folder written.
    """
    dossier = places.dossier_donnees()
    try:
        pem = Path(serveur.ca).read_bytes()
        x509.load_pem_x509_certificates(pem)
    except (OSError, ValueError) as erreur:
        raise ErreurStore("Ce fichier n’est pas le certificat d’une autorité (PEM). Demandez à "
                          "l’installateur du serveur le fichier « ca.pem ».") from erreur
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        ecrire_durablement(dossier / "serveur-ca.pem", pem)
        garde = Serveur(serveur.hote, serveur.base, serveur.utilisateur,
                        str(dossier / "serveur-ca.pem"), serveur.port)
        ecrire_durablement(_fichier(), json.dumps(asdict(garde), ensure_ascii=False).encode())
        _garder_secret(garde, mot_de_passe)
    except OSError as erreur:
        raise ErreurStore("La connexion n’a pas pu être gardée sur ce poste : vérifiez les droits "
                          "et le disque.") from erreur
    return garde.url(mot_de_passe)


def lire() -> Serveur | None:
    """The connection of this workstation, None when it works on a file."""
    try:
        brut = json.loads(_fichier().read_bytes())
        return Serveur(str(brut["hote"]), str(brut["base"]), str(brut["utilisateur"]),
                       str(brut["ca"]), int(brut["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def url_du_poste() -> str | None:
    """Address of the server, with its password where the key store keeps it; None when this
    workstation works on a file."""
    serveur = lire()
    if serveur is None:
        return None
    return serveur.url(_secret(serveur))


def desceller(url: str, cle: bytes) -> bool:
    """Learn the password of the base from what is sealed; True when it was learnt just now."""
    if ouvrable(url):
        return False
    try:
        lu = json.loads(_fichier_secret().read_bytes())
        scelle = base64.b64decode(lu["scelle"])
        clair = _aead(cle).decrypt(scelle[:_NONCE], scelle[_NONCE:], _nom_url(url).encode())
    except (OSError, ValueError, KeyError, TypeError, InvalidTag):
        journal.info("mot de passe de la base\u00a0: rien que cette clé ouvre")
        return False
    _connus[_nom_url(url)] = clair.decode()
    return True


def sceller(url: str, cle: bytes) -> None:
    """Keep the password for the next start, where no key store of the machine does.

    :raises ErreurStore: the folder can't be written.
    """
    nom = _nom_url(url)
    if nom not in _connus or not gardee(url):
        return
    nonce = secrets.token_bytes(_NONCE)
    scelle = nonce + _aead(cle).encrypt(nonce, _connus[nom].encode(), nom.encode())
    try:
        ecrire_durablement(_fichier_secret(), json.dumps(
            {"scelle": base64.b64encode(scelle).decode()}).encode())
        _fichier_secret().chmod(0o600)
    except OSError as erreur:
        raise ErreurStore("La connexion n’a pas pu être gardée sur ce poste\u00a0: vérifiez les "
                          "droits et le disque.") from erreur


def _aead(cle: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, b"pleiade serveur").derive(cle))


@dataclass(frozen=True, slots=True)
class Faits:
    """What the server says of a link: « 15.14 », « TLSv1.3 », milliseconds, connections."""

    version: str
    tls: str
    latence_ms: float
    connexions: int


def faits(connexion: Connection, allers: int) -> Faits:
    """Ask a server about the link of this unit; the latency is the median of `allers` trips."""
    def scalaire(ordre: str) -> Any:
        return connexion.exec_driver_sql(ordre).scalar()

    durees = []
    for _ in range(allers):
        debut = time.perf_counter()
        scalaire("SELECT 1")
        durees.append((time.perf_counter() - debut) * 1000)
    return Faits(
        str(scalaire("SHOW server_version")).split(" ")[0],
        scalaire("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()") or "",
        median(durees),
        int(scalaire("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND application_name = 'pleiade'")))


def certificat(url: str, delai_s: float = 5.0) -> x509.Certificate | None:
    """Certificate that the server shows, verified as for a connection; None over a local socket.

    :raises ErreurStore: it isn't reached, or not proved.
    """
    import socket
    import ssl

    adresse = make_url(url)
    if not arguments_tls(url) or not adresse.host:
        return None
    ca = adresse.query.get("sslrootcert")
    try:
        contexte = ssl.create_default_context(cafile=ca if isinstance(ca, str) else None)
        with socket.create_connection((adresse.host, adresse.port or 5432), delai_s) as prise:
            prise.sendall(_DEMANDE_TLS)
            if prise.recv(1) != b"S":
                raise ConnexionNonSure()
            with contexte.wrap_socket(prise, server_hostname=adresse.host) as chiffree:
                lu = chiffree.getpeercert(binary_form=True)
    except ssl.SSLError as erreur:
        raise ConnexionNonSure() from erreur
    except OSError as erreur:
        raise BaseInjoignable() from erreur
    return None if lu is None else x509.load_der_x509_certificate(lu)


def oublier() -> None:
    """Go back to a file: the connection and its password are forgotten."""
    serveur = lire()
    if serveur is not None:
        _connus.pop(_nom(serveur), None)
        _oublier_secret(serveur)
    for chemin in (_fichier(), _fichier_secret(), places.dossier_donnees() / "serveur-ca.pem"):
        chemin.unlink(missing_ok=True)


def _fichier() -> Path:
    return places.dossier_donnees() / "serveur.json"


def _fichier_secret() -> Path:
    return places.dossier_donnees() / "serveur.secret"


def gardee(url: str) -> bool:
    """True when it is the connection that this workstation keeps."""
    garde = lire()
    return garde is not None and _nom(garde) == _nom_url(url)


def ou_est_le_secret(url: str) -> str:
    """Where the password of the base is kept, in French."""
    if not arguments_tls(url):
        return "aucun mot de passe (liaison locale)"
    if not gardee(url):
        return "dans l’adresse donnée par l’installateur (PLEIADE_DOSSIER)"
    return ("scellé par la clé du cabinet" if _nom_url(url) in _connus
            else "trousseau du système")


def _nom(serveur: Serveur) -> str:
    return f"{serveur.utilisateur}@{serveur.hote}:{serveur.port}/{serveur.base}"


def _nom_url(url: str | URL) -> str:
    adresse = make_url(url)
    return f"{adresse.username}@{adresse.host}:{adresse.port or 5432}/{adresse.database}"


def _garder_secret(serveur: Serveur, mot_de_passe: str) -> None:
    """System's key store; without one, in memory until the practice opens and its key seals it."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE_TROUSSEAU, _nom(serveur), mot_de_passe)
    except (KeyringError, RuntimeError):
        journal.info("aucun trousseau sur ce poste\u00a0: mot de passe de la base à sceller")
        _connus[_nom(serveur)] = mot_de_passe
    else:
        _connus.pop(_nom(serveur), None)
    _fichier_secret().unlink(missing_ok=True)


def _secret(serveur: Serveur) -> str:
    if (connu := _connus.get(_nom(serveur))) is not None:
        return connu
    try:
        brut = _fichier_secret().read_bytes()
    except OSError:
        journal.debug("rien de scellé\u00a0: trousseau du système")
    else:
        if brut[:1] == b"{":
            return ""
        # In clear, by a former version: sealed at the next opening.
        _connus[_nom(serveur)] = brut.decode(errors="replace")
        return _connus[_nom(serveur)]
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE_TROUSSEAU, _nom(serveur)) or ""
    except (KeyringError, RuntimeError):
        return ""


def _oublier_secret(serveur: Serveur) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(SERVICE_TROUSSEAU, _nom(serveur))
    except (KeyringError, RuntimeError):
        journal.debug("rien dans le trousseau du système")
