"""Backups: online, encrypted by the key of the file, verified by reopening.

A backup is a patient file: it opens like any other. It is written under another name and takes its
own only when it was read again; a full disk or a torn-out stick leaves the former ones untouched.
"""

import contextlib
import errno
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
from app.store.errors import (
    BaseInjoignable,
    DisquePlein,
    ErreurSauvegarde,
    ErreurStore,
    traduire,
)
from app.store.files import oublier_cache, synchroniser, synchroniser_dossier
from app.store.search.index import remplacer
from app.store.tables import T_PATIENT, T_RANG
from app.store.upgrade import mettre_a_niveau, revision_du_fichier
from app.store.vault import copier_coffre

ENTETE_CLAIR = b"SQLite format 3\x00"
#: Automatic backups kept.
GARDEES = 5
#: Largest file of a disk in FAT32, as sticks often are; SQLite stops at most one page before.
FAT_MAX, _PAGE_MAX = (4 << 30) - 1, 64 << 10
_RIEN = "Le dossier du cabinet n’a pas été modifié, les sauvegardes précédentes sont intactes."
_TROP_GRAND = ("Ce disque n’accepte pas de fichier aussi grand (FAT32 s’arrête à 4\u00a0Go)\u00a0: "
               f"formatez-le en exFAT ou en NTFS, ou choisissez un autre disque. {_RIEN}")
_LECTURE_SEULE = ("Le dossier de sauvegarde refuse l’écriture (disque protégé, ou droits "
                  f"insuffisants)\u00a0: choisissez-en un autre, ou rendez-le modifiable. {_RIEN}")
_DISPARU = ("Le disque ou le partage de sauvegarde a disparu pendant la copie\u00a0: "
            f"rebranchez-le, puis recommencez. {_RIEN}")
#: What the system answers when a disk or a share is no more there.
_PARTI = frozenset(getattr(errno, nom) for nom in (
    "ENOENT", "ENODEV", "ENXIO", "EIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH",
    "ETIMEDOUT", "ENOTDIR") if hasattr(errno, nom))
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
        partiel.touch(mode=0o600)  # the system says why it refuses, SQLite doesn't
        temoin = copier(partiel)
        synchroniser(partiel)
        oublier_cache(partiel)
        controler(partiel, cle, temoin)
        copier_coffre(emplacement, vers.with_name(vers.stem + ".coffre.json"))
        partiel.replace(vers)
        synchroniser_dossier(vers.parent)
    except DBAPIError as erreur:
        raise _sauvegarde_refusee(traduire(erreur), partiel) from erreur
    except OSError as erreur:
        raise _refus_du_systeme(erreur) from erreur
    except (dbapi2.Error, sqlite3.Error) as erreur:
        raise _sauvegarde_refusee(traduire_brut(erreur), partiel) from erreur
    finally:
        _effacer(partiel)


def _au_plafond(partiel: Path) -> bool:
    try:
        return partiel.stat().st_size >= FAT_MAX - _PAGE_MAX
    except OSError:
        return False


def traduire_brut(erreur: BaseException) -> ErreurStore:
    """Translate an error of the driver or of the system."""
    return traduire(DBAPIError("", None, erreur))


def _refus_du_systeme(erreur: OSError) -> ErreurStore:
    """What the disk, the stick or the share answered."""
    if erreur.errno in (errno.ENOSPC, errno.EDQUOT):
        return _sauvegarde_refusee(DisquePlein())
    if erreur.errno == errno.EFBIG:
        return ErreurSauvegarde(_TROP_GRAND)
    if erreur.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ErreurSauvegarde(_LECTURE_SEULE)
    if erreur.errno in _PARTI:
        return ErreurSauvegarde(_DISPARU)
    return _sauvegarde_refusee(traduire_brut(erreur))


def _sauvegarde_refusee(erreur: ErreurStore, partiel: Path | None = None) -> ErreurStore:
    if isinstance(erreur, BaseInjoignable):
        return erreur
    if partiel is not None and not isinstance(erreur, DisquePlein) and _au_plafond(partiel):
        return ErreurSauvegarde(_TROP_GRAND)
    if partiel is not None and not partiel.parent.is_dir():
        return ErreurSauvegarde(_DISPARU)
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
