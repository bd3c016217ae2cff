"""Revisions of the file. Alembic is imported only when a file must be made or upgraded."""

import json
import sys
import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from app.store.errors import FichierAbime, FichierTropRecent

#: Revision that this program writes (the head of `migrations/`; a test holds them together).
REVISION = "0010"
#: Setting that says which program last upgraded the file.
CLE_VERSION = "fichier.version_programme"
#: Alembic keeps its context in a module: one thread at a time.
_ALEMBIC = threading.Lock()


def dossier_migrations() -> Path:
    """The migrations: beside the package, or inside the frozen program."""
    base = getattr(sys, "_MEIPASS", None)
    racine = Path(base) if base else Path(__file__).resolve().parents[2]
    return racine / "migrations"


def revision_du_fichier(connexion: Connection) -> str | None:
    """Revision of an open file; None when it is empty.

    :raises FichierAbime: it holds tables, but none of ours.
    """
    tables = inspect(connexion).get_table_names()
    if "alembic_version" in tables:
        return connexion.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if tables:
        raise FichierAbime("Cette base contient des tables qui ne sont pas celles de Pléiade.")
    return None


def version_programme(connexion: Connection) -> str:
    """Version of the program that last upgraded the file, empty when it isn't known."""
    tables = inspect(connexion).get_table_names()
    if "reglage" not in tables:
        return ""
    try:
        valeur = connexion.execute(text("SELECT valeur FROM reglage WHERE cle = :cle"),
                                   {"cle": CLE_VERSION}).scalar()
        return str(json.loads(valeur)) if valeur else ""
    except (DBAPIError, ValueError, TypeError):
        # A newer program may keep its settings otherwise.
        return ""


def verifier_connue(revision: str, version: str = "") -> None:
    """Accept only revisions that this program knows.

    :raises FichierTropRecent: another one, thus of a newer program.
    """
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(dossier_migrations()))
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        if version:
            from app import __version__

            raise FichierTropRecent(
                f"Ce dossier a été enregistré par Pléiade {version}, plus récente que "
                f"ce programme ({__version__}). Installez la dernière version pour l’ouvrir. "
                "Rien n’a été modifié.")
        raise FichierTropRecent()


def mettre_a_niveau(connexion: Connection, revision: str = "") -> None:
    """Bring an open file to a revision (REVISION), in the transaction of `connexion`."""
    from alembic import command
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(dossier_migrations()).replace("%", "%%"))
    configuration.attributes["connection"] = connexion
    with _ALEMBIC:
        command.upgrade(configuration, revision or REVISION)
