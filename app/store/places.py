"""Where things lie: the practice's file, its vault, its backups."""

import os
import re
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

#: Environment variable that names another file than the default one.
VARIABLE = "PLEIADE_DOSSIER"
NOM_FICHIER = "cabinet.pleiade"
SUFFIXE_COFFRE = ".coffre.json"


def est_url(emplacement: Path | str) -> bool:
    """True when the place is a PostgreSQL database."""
    return isinstance(emplacement, str) and emplacement.startswith(("postgresql:", "postgresql+"))


def url_lisible(url: str) -> bool:
    """True when the address of a database names a server and a port that may exist."""
    try:
        parties = urlsplit(url)
        return parties.port is None or 0 < parties.port < 65536
    except ValueError:
        return False


def dossier_donnees() -> Path:
    """The user's data folder of the program."""
    from platformdirs import user_data_path

    return user_data_path("Pleiade", appauthor=False)


def emplacement_par_defaut() -> Path | str:
    """The practice's own file: what `PLEIADE_DOSSIER` says (path or URL), else the server that
    this workstation was connected to, else a file in the user's data folder."""
    choisi = os.environ.get(VARIABLE, "")
    if choisi:
        return choisi if est_url(choisi) else Path(choisi)
    if (dossier_donnees() / "serveur.json").exists():
        from app.store.serveur import url_du_poste

        serveur = url_du_poste()
        if serveur is not None:
            return serveur
    return dossier_donnees() / NOM_FICHIER


def _nom_url(url: str) -> str:
    """Stable name of a database, whoever connects: host, port, name; neither user nor password."""
    parties = urlsplit(url)
    adresse = f"{parties.hostname or ''}:{parties.port or ''}{parties.path}?{parties.query}"
    return f"postgresql-{sha256(adresse.encode()).hexdigest()[:16]}"


def chemin_coffre(emplacement: Path | str) -> Path:
    """The vault: beside the file, or in the data folder for a database on a server."""
    if est_url(emplacement):
        return dossier_donnees() / (_nom_url(str(emplacement)) + SUFFIXE_COFFRE)
    chemin = Path(emplacement)
    if chemin.name.endswith(SUFFIXE_COFFRE):
        return chemin
    return chemin.with_name(chemin.stem + SUFFIXE_COFFRE)


#: Date in the name of a backup.
FORME_DATE = "%Y%m%d-%H%M%S"
#: Names that the program gives to backups: scheduled or asked for, and those before an upgrade.
NOM_SAUVEGARDE = re.compile(r"(?:pleiade-([0-9a-f]{8})|cabinet-[a-z-]+)-"
                            r"(\d{8}-\d{6})(?:-\d{3})?\.pleiade")


#: Names of the program's own files: a practice, a backup, the vault and what lies beside them, with
#: their journals and partial writings.
_A_NOUS = re.compile(r"(.+\.(pleiade|coffre\.json|repere\.json|essais\.(json|dernier|verrou))"
                     r"([-.].*)?|serveur(\.json|\.secret|-ca\.pem))", re.IGNORECASE)


def est_du_programme(chemin: Path) -> bool:
    """True when nothing that leaves the file may be written there: it would take a practice, a
    backup or a vault away."""
    return _A_NOUS.fullmatch(chemin.name) is not None


def est_sauvegarde(emplacement: Path) -> bool:
    """True when the name is one that the program gives to a backup."""
    return NOM_SAUVEGARDE.fullmatch(emplacement.name) is not None


def date_sauvegarde(nom: str) -> datetime | None:
    """Local date that the name of a backup tells; None for another file."""
    forme = NOM_SAUVEGARDE.fullmatch(nom)
    try:
        return datetime.strptime(forme[2], FORME_DATE) if forme else None
    except ValueError:
        return None


def dossier_sauvegardes(emplacement: Path | str) -> Path:
    """Automatic backups."""
    if est_url(emplacement):
        return dossier_donnees() / "sauvegardes"
    return Path(emplacement).parent / "sauvegardes"
