"""Backups: online, encrypted by the key of the file, verified by reopening.

A backup is a patient file: it opens like any other. It is written under another name and takes its
own only when it was read again; a full disk or a torn-out stick leaves the former ones untouched.
"""

import contextlib
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from app.domain.identity import Traits
from app.store.coding import CHAMPS_TRAITS
from app.store.connections import (
    CACHE_PRINCIPAL_KIO,
    OPTION_ECRITURE,
    moteur_sqlite,
    operation_longue,
    ouvrir_brut,
)
from app.store.errors import DisquePlein, ErreurSauvegarde, ErreurStore, traduire
from app.store.files import oublier_cache, synchroniser, synchroniser_dossier
from app.store.search.index import remplacer
from app.store.tables import T_PATIENT, T_RANG
from app.store.upgrade import mettre_a_niveau, revision_du_fichier
from app.store.vault import copier_coffre

ENTETE_CLAIR = b"SQLite format 3\x00"
#: Automatic backups kept.
GARDEES = 5
_ANNEXES = ("-wal", "-shm", "-journal")
#: Made again from the patients, or by the migrations.
DERIVEES = ("recherche_mots", "recherche_cle", "recherche_rang", "alembic_version", "coffre")


def est_en_clair(chemin: Path) -> bool:
    """True when the file is a database that anybody can read."""
    with chemin.open("rb") as fichier:
        return fichier.read(len(ENTETE_CLAIR)) == ENTETE_CLAIR


def nom_automatique(dossier: Path, motif: str) -> Path:
    """Name of an automatic backup: reason, then local time."""
    horodatage = datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:-3]
    return dossier / f"cabinet-{motif}-{horodatage}.pleiade"


def elaguer(dossier: Path, motif: str) -> None:
    """Keep the newest automatic backups of a reason, with their vaults."""
    for chemin in sorted(dossier.glob(f"cabinet-{motif}-*.pleiade"))[:-GARDEES]:
        chemin.unlink()
        chemin.with_name(chemin.stem + ".coffre.json").unlink(missing_ok=True)


def sauvegarder_sqlite(source: Path, cle: bytes, vers: Path) -> None:
    """Copy an open file, while others read and write it, then read the copy again.

    :raises ErreurSauvegarde, DisquePlein: nothing is left at `vers` that wasn't there.
    """
    def copier(partiel: Path) -> str:
        origine = ouvrir_brut(source, cle)
        try:
            copie = ouvrir_brut(partiel, cle, creer=True)
            try:
                # Straight into the file: through a log it would need twice the room. It is under
                # its provisional name, flushed and read again before it counts.
                copie.execute("PRAGMA journal_mode = OFF")
                origine.backup(copie)
                copie.execute("PRAGMA journal_mode = WAL")
                copie.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                return _temoin(copie)
            finally:
                copie.close()
        finally:
            origine.close()

    _ecrire(vers, cle, copier, source)


def sauvegarder_postgresql(source: Engine, url: str, cle: bytes, vers: Path) -> None:
    """Copy a database into an encrypted file of the same revision, then read it again.

    :raises ErreurSauvegarde, DisquePlein: nothing is left at `vers` that wasn't there.
    """
    def copier(partiel: Path) -> str:
        partiel.touch(mode=0o600)
        moteur = moteur_sqlite(partiel, cle, references=False)
        try:
            _copier_tables(source, moteur)
        finally:
            moteur.dispose()
        copie = ouvrir_brut(partiel, cle)
        try:
            return _temoin(copie)
        finally:
            copie.close()

    _ecrire(vers, cle, copier, url)


def _copier_tables(source: Engine, destination: Engine) -> None:
    with source.connect() as lue:
        revision = revision_du_fichier(lue)
    if revision is None:
        raise ErreurSauvegarde("La base est vide : il n’y a rien à sauvegarder.")
    with (source.connect().execution_options(isolation_level="REPEATABLE READ") as lue,
          lue.begin(), destination.connect().execution_options(
              **{OPTION_ECRITURE: True}) as ecrite, ecrite.begin()):
        operation_longue(lue)
        mettre_a_niveau(ecrite, revision)
        schema = MetaData()
        schema.reflect(lue)
        for nom in (t.name for t in schema.sorted_tables if t.name not in DERIVEES):
            de = schema.tables[nom]
            vers = Table(nom, MetaData(), autoload_with=ecrite)
            for lot in lue.execution_options(yield_per=1000).execute(select(de)).partitions():
                lignes = [dict(ligne._mapping) for ligne in lot]
                if nom == "trail_tete":
                    ecrite.execute(update(vers).values(**lignes[0]))
                else:
                    ecrite.execute(insert(vers), lignes)
            comptees = [c.execute(select(func.count()).select_from(t)).scalar_one()
                        for c, t in ((lue, de), (ecrite, vers))]
            if comptees[0] != comptees[1]:
                raise ErreurSauvegarde("La sauvegarde est incomplète : elle a été effacée.")
        indexer_comme(lue, ecrite)


def indexer_comme(lue: Connection, ecrite: Connection) -> None:
    """Index in the copy the patients that the source shows, whatever its revision."""
    montres = set(lue.execute(select(T_RANG.c.patient_id)).scalars())
    colonnes = [T_PATIENT.c[champ] for champ in CHAMPS_TRAITS]
    remplacer(ecrite, ((id, Traits(*champs)) for id, *champs in ecrite.execute(
        select(T_PATIENT.c.id, *colonnes)) if id in montres))


def _temoin(connexion: object) -> str:
    """What must be found again in the copy: head of the trail, number of patients."""
    tete = connexion.execute(  # type: ignore[attr-defined]
        "SELECT numero, empreinte, (SELECT count(*) FROM patient) FROM trail_tete").fetchone()
    return repr(tete)


def _ecrire(vers: Path, cle: bytes, copier: Callable[[Path], str],
            emplacement: Path | str) -> None:
    """Write the copy under another name, read it again from the disk, then give it its name.

    Its vault is there first: at no instant does a backup exist that nobody could open.
    """
    from sqlcipher3 import dbapi2

    partiel = vers.with_name(vers.name + ".partiel")
    try:
        vers.parent.mkdir(parents=True, exist_ok=True)
        _effacer(partiel)
        temoin = copier(partiel)
        synchroniser(partiel)
        oublier_cache(partiel)
        controler(partiel, cle, temoin)
        copier_coffre(emplacement, vers.with_name(vers.stem + ".coffre.json"))
        partiel.replace(vers)
        synchroniser_dossier(vers.parent)
    except DBAPIError as erreur:
        raise _sauvegarde_refusee(traduire(erreur)) from erreur
    except (dbapi2.Error, sqlite3.Error, OSError) as erreur:
        raise _sauvegarde_refusee(traduire_brut(erreur)) from erreur
    finally:
        _effacer(partiel)


def traduire_brut(erreur: BaseException) -> ErreurStore:
    """Translate an error of the driver or of the system."""
    return traduire(DBAPIError("", None, erreur))


def _sauvegarde_refusee(erreur: ErreurStore) -> ErreurStore:
    if isinstance(erreur, DisquePlein):
        return DisquePlein("Le disque de sauvegarde est plein. La sauvegarde incomplète a été "
                           "effacée, le dossier n’a pas été modifié.")
    return ErreurSauvegarde()


def controler(chemin: Path, cle: bytes, temoin: str | None = None) -> None:
    """Reopen a backup and read it whole.

    :raises ErreurSauvegarde: it is in clear, damaged, or not the copy expected.
    """
    if est_en_clair(chemin):
        raise ErreurSauvegarde("La sauvegarde n’est pas chiffrée : elle a été effacée.")
    connexion = ouvrir_brut(chemin, cle, cache_kio=CACHE_PRINCIPAL_KIO)
    try:
        # Each page is authentic and each tree whole; comparing every index with its table would
        # judge the source, not the copy, and takes minutes on a million patients.
        pages = connexion.execute("PRAGMA cipher_integrity_check").fetchall()
        structure = connexion.execute("PRAGMA quick_check").fetchall()
        if pages or [tuple(ligne) for ligne in structure] != [("ok",)]:
            raise ErreurSauvegarde("La sauvegarde est abîmée : elle a été effacée.")
        if temoin is not None and _temoin(connexion) != temoin:
            raise ErreurSauvegarde("La sauvegarde est incomplète : elle a été effacée.")
    finally:
        connexion.close()


def _effacer(chemin: Path) -> None:
    for suffixe in ("", *_ANNEXES):
        with contextlib.suppress(OSError):
            chemin.with_name(chemin.name + suffixe).unlink()
