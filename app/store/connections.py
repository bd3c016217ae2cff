"""Engines of both databases. The only place that holds the key of the file in a connection.

The key is given by `PRAGMA key` in raw form on each new connection: it stands in no URL, no log, no
`repr` and no error (statement parameters are hidden from messages).
"""

import itertools
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from app.store.errors import FichierOccupe
from app.store.serveur import arguments_tls, completer

#: Page cache of the first connections, and of those opened when these are busy. The pool hands
#: out the last one used, so that one warm cache serves nearly all calls.
CACHE_PRINCIPAL_KIO, CACHE_SECONDAIRE_KIO = 65536, 8192
CONNEXIONS_PRINCIPALES = 2
#: Wait for another writer, in seconds.
ATTENTE_S = 10
#: A server that vanished without a word (power, cable) is noticed after about this long: seconds of
#: silence, seconds between two probes, probes.
_SILENCE_S, _SONDE_S, _SONDES = 5, 2, 3
#: Wait for the server when a connection is opened, in seconds.
CONNEXION_S = 5
#: On the side of the server: what it cuts of a workstation that asks too much, keeps a unit open or
#: sleeps (a laptop's lid), so that its locks are free again. `operation_longue` asks for more.
_COTE_SERVEUR = {"lock_timeout": f"{ATTENTE_S}s", "statement_timeout": "2min",
                 "idle_in_transaction_session_timeout": "2min", "tcp_keepalives_idle": "30",
                 "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3"}
#: What a migration, a backup or a check of the whole base may take.
_LONGUE = ("SET LOCAL statement_timeout = 0; "
           "SET LOCAL idle_in_transaction_session_timeout = '2h'")
#: Execution option of a connection that will write.
OPTION_ECRITURE = "pleiade_ecriture"


def ouvrir_brut(chemin: Path, cle: bytes | None, *, cache_kio: int = CACHE_SECONDAIRE_KIO,
                creer: bool = False, references: bool = True) -> Any:
    """Open one SQLCipher connection, in autocommit, with its settings.

    :param cle: 32 bytes; None opens a file in clear (measurements only).
    :param references: hold foreign keys; migrations that rebuild a table check them at the end.
    :raises sqlcipher3.dbapi2.DatabaseError: wrong key, damaged file, no file.
    """
    from sqlcipher3 import dbapi2

    adresse = chemin.absolute().as_uri() + ("?mode=rwc" if creer else "?mode=rw")
    connexion = dbapi2.connect(adresse, uri=True, check_same_thread=False, timeout=ATTENTE_S,
                               isolation_level=None, cached_statements=256)
    try:
        connexion.execute("PRAGMA cipher_log_level = NONE")
        if cle is not None:
            connexion.execute(f"PRAGMA key = \"x'{cle.hex()}'\"")
        connexion.execute(f"PRAGMA foreign_keys = {'ON' if references else 'OFF'}")
        connexion.execute("PRAGMA journal_mode = WAL")
        connexion.execute("PRAGMA synchronous = FULL")
        connexion.execute("PRAGMA temp_store = MEMORY")
        # What is deleted or replaced is overwritten, not only given up: who has the key later finds
        # nothing of an erased file in the free pages.
        connexion.execute("PRAGMA secure_delete = ON")
        connexion.execute("PRAGMA trusted_schema = OFF")
        connexion.execute(f"PRAGMA cache_size = -{cache_kio}")
    except BaseException:
        connexion.close()
        raise
    return connexion


def ouvre(chemin: Path, cle: bytes) -> bool:
    """True when the key reads the file. What a killed writer left is rolled back under it.

    :raises FichierOccupe: another program holds the file for itself.
    """
    from sqlcipher3 import dbapi2

    try:
        connexion = ouvrir_brut(chemin, cle)
        try:
            connexion.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            connexion.close()
    except dbapi2.OperationalError as erreur:
        if "locked" in str(erreur):
            raise FichierOccupe() from erreur
        return False
    except dbapi2.Error:
        return False
    return True


def moteur_sqlite(chemin: Path, cle: bytes | None, *, references: bool = True) -> Engine:
    """Engine over one file; a unit of work that writes begins with BEGIN IMMEDIATE."""
    from sqlcipher3 import dbapi2

    rang = itertools.count()

    def creer() -> Any:
        principale = next(rang) < CONNEXIONS_PRINCIPALES
        return ouvrir_brut(chemin, cle, references=references, cache_kio=(
            CACHE_PRINCIPAL_KIO if principale else CACHE_SECONDAIRE_KIO))

    moteur = create_engine("sqlite://", module=dbapi2, creator=creer, poolclass=QueuePool,
                           pool_size=8, max_overflow=8, pool_use_lifo=True, hide_parameters=True)

    def commencer(connexion: Connection) -> None:
        # Taking the write lock first: a read that turns into a write can't be retried.
        ecrit = connexion.get_execution_options().get(OPTION_ECRITURE)
        connexion.exec_driver_sql("BEGIN IMMEDIATE" if ecrit else "BEGIN")

    event.listen(moteur, "begin", commencer)
    return moteur


def arguments_postgresql(url: str) -> tuple[str, dict[str, Any]]:
    """Address for SQLAlchemy, and what psycopg must be told besides.

    :raises ConnexionNonSure: the address asks for TLS without verification.
    """
    adresse = url
    for ancien in ("postgresql://", "postgresql+psycopg2://"):
        adresse = adresse.replace(ancien, "postgresql+psycopg://", 1)
    adresse = completer(make_url(adresse)).render_as_string(hide_password=False)
    return adresse, {"connect_timeout": CONNEXION_S, "application_name": "pleiade",
                     "keepalives_idle": _SILENCE_S, "keepalives_interval": _SONDE_S,
                     "keepalives_count": _SONDES, "tcp_user_timeout": ATTENTE_S * 1000,
                     "options": " ".join(f"-c {nom}={valeur}" for nom, valeur
                                         in _COTE_SERVEUR.items()), **arguments_tls(adresse)}


def moteur_postgresql(url: str) -> Engine:
    """Engine over a server; readers see one instant for the whole unit (REPEATABLE READ).

    :raises ConnexionNonSure: the address asks for TLS without verification.
    """
    from app.store.link import ConnexionVeillee

    adresse, arguments = arguments_postgresql(url)
    moteur = create_engine(adresse, pool_size=8, max_overflow=8, pool_use_lifo=True,
                           pool_pre_ping=True, hide_parameters=True, connect_args=arguments)
    event.listen(moteur, "do_connect",
                 lambda _dialecte, _fiche, _args, acces: ConnexionVeillee.ouvrir(acces))
    return moteur


def operation_longue(connexion: Connection) -> None:
    """Let the transaction of `connexion` take its time (migration, backup, whole check).

    A server that falls silent is noticed all the same. Nothing on SQLite.
    """
    if connexion.dialect.name == "postgresql":
        connexion.exec_driver_sql(_LONGUE)


def connexion_postgresql(url: str) -> Any:
    """One connection of psycopg, outside any pool, in autocommit."""
    from app.store.link import ConnexionVeillee

    adresse, arguments = arguments_postgresql(url)
    lue = make_url(adresse).translate_connect_args(username="user", database="dbname")
    return ConnexionVeillee.ouvrir(
        {**lue, **make_url(adresse).query, **arguments, "autocommit": True})
