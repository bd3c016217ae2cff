"""Connection to the practice's PostgreSQL: always verified by TLS, kept by the workstation.

`serveur.json`, in the user's data folder, says where the server is; the authority's certificate
lies beside it. The password of the base goes to the system's key store where there is one, else to
a file that this user alone may read (`docs/deploiement/postgresql.md` says what that protects).
"""

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from cryptography import x509
from sqlalchemy import make_url

from app.store import places
from app.store.errors import ConnexionNonSure, ErreurStore
from app.store.files import ecrire_durablement

journal = logging.getLogger("pleiade.store")

SERVICE_TROUSSEAU = "Pleiade serveur du cabinet"
VERIFIE = "verify-full"
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
    """Address of the server with its password; None when this workstation works on a file."""
    serveur = lire()
    return None if serveur is None else serveur.url(_secret(serveur))


def oublier() -> None:
    """Go back to a file: the connection and its password are forgotten."""
    serveur = lire()
    if serveur is not None:
        _oublier_secret(serveur)
    for chemin in (_fichier(), _fichier_secret(), places.dossier_donnees() / "serveur-ca.pem"):
        chemin.unlink(missing_ok=True)


def _fichier() -> Path:
    return places.dossier_donnees() / "serveur.json"


def _fichier_secret() -> Path:
    return places.dossier_donnees() / "serveur.secret"


def _nom(serveur: Serveur) -> str:
    return f"{serveur.utilisateur}@{serveur.hote}:{serveur.port}/{serveur.base}"


def _garder_secret(serveur: Serveur, mot_de_passe: str) -> None:
    """System's key store first; a file readable by this user alone where there is none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE_TROUSSEAU, _nom(serveur), mot_de_passe)
    except (KeyringError, RuntimeError):
        journal.info("aucun trousseau sur ce poste : mot de passe de la base dans un fichier")
    else:
        _fichier_secret().unlink(missing_ok=True)
        return
    ecrire_durablement(_fichier_secret(), mot_de_passe.encode())
    _fichier_secret().chmod(0o600)


def _secret(serveur: Serveur) -> str:
    try:
        return _fichier_secret().read_text(encoding="utf-8")
    except OSError:
        journal.debug("pas de fichier : trousseau du système")
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
