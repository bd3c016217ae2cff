"""The vault of a practice on a server lies in the base too, so that every workstation opens it.

The local file is a copy: taken from the base before it serves, given back to the base after each
change, under one lock for all workstations. What the row holds is what the file holds: envelopes
that only a password, the recovery key or a key store opens.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from app.store import vault_file
from app.store.connections import moteur_postgresql
from app.store.errors import traduire
from app.store.files import ecrire_durablement
from app.store.places import chemin_coffre
from app.store.tables import T_COFFRE

#: Any number that nobody else takes.
_VERROU = 5063042


@contextmanager
def partage(moteur: Engine, url: str) -> Iterator[None]:
    """Change the vault with the base's own in hand, and give it back; one workstation at a time."""
    with moteur.begin() as connexion:
        connexion.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_VERROU})")
        _prendre(connexion, url)
        yield
        _rendre(connexion, url)


def rafraichir(url: str) -> bool:
    """Take the vault of the base before a password is tried; True when a practice is there.

    :raises ErreurStore: the server can't be reached, or proved.
    """
    moteur = moteur_postgresql(url)
    try:
        with moteur.connect() as connexion:
            return (T_COFFRE.name in inspect(connexion).get_table_names()
                    and _prendre(connexion, url))
    except DBAPIError as erreur:
        raise traduire(erreur) from erreur
    finally:
        moteur.dispose()


def _prendre(connexion: Connection, url: str) -> bool:
    contenu = connexion.execute(select(T_COFFRE.c.contenu).where(T_COFFRE.c.id == 1)).scalar()
    if contenu is None:
        return False
    fichier = chemin_coffre(url)
    octets = contenu.encode()
    if not fichier.exists() or fichier.read_bytes() != octets:
        json.loads(contenu)
        fichier.parent.mkdir(parents=True, exist_ok=True)
        ecrire_durablement(fichier, octets)
        ecrire_durablement(vault_file.copie(fichier), octets)
    return True


def _rendre(connexion: Connection, url: str) -> None:
    fichier = Path(chemin_coffre(url))
    if not fichier.exists():
        return
    contenu = fichier.read_bytes().decode()
    if connexion.execute(update(T_COFFRE).where(T_COFFRE.c.id == 1).values(
            contenu=contenu, version=T_COFFRE.c.version + 1)).rowcount == 0:
        connexion.execute(insert(T_COFFRE).values(id=1, contenu=contenu, version=1))
