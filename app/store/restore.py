"""Restoring: a backup becomes a patient file again, on this machine or on a fresh one.

The backup is never opened where it lies: it is copied beside the destination, and the copy is
read whole before anything takes its name. What stood at the destination is set aside, not deleted.
"""

import contextlib
import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from app.domain.outbox import EtatOrdre
from app.store import backup, places, vault
from app.store.connections import (
    OPTION_ECRITURE,
    moteur_postgresql,
    moteur_sqlite,
    operation_longue,
    ouvrir_brut,
)
from app.store.engine import VERROU_BASE, ouvrir
from app.store.errors import (
    DisquePlein,
    ErreurSauvegarde,
    ErreurStore,
    FichierAbime,
    FichierOccupe,
    traduire,
)
from app.store.files import ecrire_durablement, synchroniser, synchroniser_dossier, un_seul
from app.store.places import chemin_coffre, est_url
from app.store.tables import T_ORDRE
from app.store.temoin import fichier_repere
from app.store.upgrade import mettre_a_niveau, revision_du_fichier
from app.store.verify import RapportVerification

_ANNEXES = ("", "-wal", "-shm", "-journal")
_FINIS = (EtatOrdre.ENVOYE.value, EtatOrdre.ANNULE.value)
_MORCEAU = 1 << 20
_ATELIER = ".pleiade-restauration-"
#: A folder of work this old (seconds) belongs to a program that was killed.
_PERDU_S = 6 * 3600
#: Room left on the disk after a restoration, at least.
_MARGE = 16 << 20
ABIMEE = ("Cette sauvegarde est abîmée : elle ne peut pas être restaurée. Essayez une sauvegarde "
          "plus ancienne. Rien n’a été modifié.")


@dataclass(frozen=True, slots=True)
class Restauration:
    """What was done: the file, what was set aside (None = nothing), and the full check."""

    emplacement: Path | str
    mis_de_cote: Path | None
    rapport: RapportVerification


def ouvrir_coffre_sauvegarde(sauvegarde: Path, *, cle_secours: str = "",
                             mot_de_passe: str = "") -> bytes:
    """Key of a backup, by the recovery key or by a password of that time.

    :raises ErreurStore: no backup or no vault there, wrong secret.
    """
    _exiger_fichier(sauvegarde)
    if not chemin_coffre(sauvegarde).exists():
        raise vault.CoffreAbime(
            f"Le coffre « {chemin_coffre(sauvegarde).name} » manque à côté de la sauvegarde : "
            "copiez les deux fichiers ensemble.")
    if cle_secours:
        return vault.ouvrir_par_secours(sauvegarde, cle_secours)
    return vault.ouvrir_coffre(sauvegarde, mot_de_passe)


def _exiger_fichier(sauvegarde: Path) -> None:
    try:
        etat = sauvegarde.stat()
    except OSError as erreur:
        raise ErreurSauvegarde(
            f"La sauvegarde « {sauvegarde.name} » est introuvable ou illisible. Vérifiez que le "
            "disque est branché.") from erreur
    if not stat.S_ISREG(etat.st_mode):
        raise ErreurSauvegarde("Ce n’est pas un fichier de sauvegarde.")


def restaurer_fichier(sauvegarde: Path, cle: bytes, vers: Path, *,
                      mettre_de_cote: bool = False) -> Restauration:
    """Restore a backup as an encrypted file.

    :param mettre_de_cote: move an existing practice into a dated folder beside it; without it, an
        existing practice is refused.
    :raises ErreurSauvegarde, FichierAbime, DisquePlein, FichierOccupe: nothing was modified.
    """
    vers = Path(vers).absolute()
    _exiger_fichier(sauvegarde)
    if vers.is_dir():
        raise ErreurSauvegarde(f"«\u00a0{vers.name}\u00a0» est un dossier. Indiquez le fichier à "
                               "créer, par exemple «\u00a0"
                               f"{vers / places.NOM_FICHIER}\u00a0». Rien n’a été modifié.")
    if vers.exists() and not vers.is_file():
        raise ErreurSauvegarde("Ce n’est pas un fichier où un cabinet peut être restauré. Rien n’a "
                               "été modifié.")
    _exiger_place_libre(vers, cle, mettre_de_cote=mettre_de_cote)
    with _atelier(vers.parent, vers.name) as atelier:
        copie = _copier_controlee(sauvegarde, cle, atelier / vers.name)
        rapport = _preparer(copie, cle, sauvegarde.name)
        # Reading took its time: a practice may have been made or opened there meanwhile.
        existant = _exiger_place_libre(vers, cle, mettre_de_cote=mettre_de_cote)
        cote = _mettre_de_cote(vers) if existant else None
        try:
            _poser(copie, vers)
        except OSError:
            if cote is not None:
                _remettre(cote, vers)
            raise
    return Restauration(vers, cote, rapport)


def _exiger_place_libre(vers: Path, cle: bytes, *, mettre_de_cote: bool) -> bool:
    """True when a practice stands there, which may be set aside.

    :raises ErreurSauvegarde: it may not. :raises FichierOccupe: it is open.
    """
    if not (vers.exists() or chemin_coffre(vers).exists()):
        return False
    if not mettre_de_cote:
        raise ErreurSauvegarde(
            f"Un cabinet existe déjà à cet endroit («\u00a0{vers.name}\u00a0»). Rien n’a été "
            "modifié. Choisissez un autre fichier, ou demandez de mettre l’ancien de côté.")
    _exiger_libre(vers, cle)
    return True


@contextmanager
def _atelier(dossier: Path, pour: str) -> Iterator[Path]:
    """A private folder on the destination's disk, removed whatever happens.

    :param pour: what is restored: one restoration of it at a time.
    """
    atelier = dossier / f"{_ATELIER}{secrets.token_hex(4)}"
    try:
        dossier.mkdir(parents=True, exist_ok=True, mode=0o700)
        with un_seul(dossier / f".{pour}.restauration"):
            _balayer(dossier)
            atelier.mkdir(mode=0o700)
            yield atelier
    except BlockingIOError as erreur:
        raise FichierOccupe("Une restauration est déjà en cours à cet endroit. Attendez qu’elle "
                            "finisse. Rien n’a été modifié.") from erreur
    except OSError as erreur:
        if erreur.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise DisquePlein("Le disque est plein : la restauration s’est arrêtée. Rien n’a été "
                              "modifié.") from erreur
        raise ErreurSauvegarde("La restauration s’est arrêtée : un disque ne répond plus ou "
                               "refuse l’écriture. Rien n’a été modifié.") from erreur
    finally:
        shutil.rmtree(atelier, ignore_errors=True)


def _balayer(dossier: Path) -> None:
    """Remove what a killed restoration left behind."""
    for reste in dossier.glob(f"{_ATELIER}*"):
        with contextlib.suppress(OSError):
            if time.time() - reste.stat().st_mtime > _PERDU_S:
                shutil.rmtree(reste)


def _copier_controlee(sauvegarde: Path, cle: bytes, copie: Path) -> Path:
    """Copy bytes and vault, then read the copy whole."""
    # What is copied is what it had when it was measured: a growing file can't fill the disk.
    tailles = {"": sauvegarde.stat().st_size}
    if not tailles[""]:
        raise FichierAbime(ABIMEE)  # SQLite takes an empty file for an empty database
    log = sauvegarde.with_name(sauvegarde.name + "-wal")
    if not places.est_sauvegarde(sauvegarde) and log.is_file() and log.stat().st_size:
        # A practice that was set aside as it was: its last lines are in its log.
        tailles["-wal"] = log.stat().st_size
    if shutil.disk_usage(copie.parent).free < sum(tailles.values()) + _MARGE:
        raise OSError(errno.ENOSPC, "no room")
    if backup.est_en_clair(sauvegarde):
        raise FichierAbime("Ce fichier n’est pas chiffré\u00a0: ce n’est pas une sauvegarde de "
                           "Pléiade. Rien n’a été modifié.")
    for suffixe, taille in tailles.items():
        _copier(sauvegarde.with_name(sauvegarde.name + suffixe),
                copie.with_name(copie.name + suffixe), taille)
    if not vault.copier_coffre(sauvegarde, chemin_coffre(copie)):
        raise vault.CoffreAbime()
    controler_copie(copie, cle)
    return copie


def _copier(source: Path, copie: Path, reste: int) -> None:
    with (source.open("rb") as lu,
          os.fdopen(os.open(copie, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as cible):
        while reste and (morceau := lu.read(min(_MORCEAU, reste))):
            cible.write(morceau)
            reste -= len(morceau)
        cible.flush()
        os.fsync(cible.fileno())


def controler_copie(copie: Path, cle: bytes) -> None:
    """Every page authentic, every tree whole.

    :raises FichierAbime: it can't be restored.
    """
    from sqlcipher3 import dbapi2

    try:
        backup.controler(copie, cle)
    except (ErreurSauvegarde, dbapi2.Error) as erreur:
        raise FichierAbime(ABIMEE) from erreur


def _preparer(copie: Path, cle: bytes, nom: str) -> RapportVerification:
    """Make the copy fit to work: orders that may have left since are asked about before sending.

    An older revision is kept: the first opening upgrades it, after its usual backup.
    """
    store = ouvrir(copie, cle, creer=False, mettre_a_niveau=False)
    try:
        rapport = store.verifier()
        with store.ecriture() as u:
            # Orders of the backup may have been sent after it was made: the outbox asks the DMP
            # before sending an uncertain one, so that nothing leaves twice.
            u.connexion.execute(update(T_ORDRE).where(T_ORDRE.c.etat.not_in(_FINIS))
                                .values(incertain=True))
            u.trail.ecrire(qui="Pléiade", quoi="sauvegarde.restauration", resultat="ok",
                           detail=nom[:120])
    finally:
        store.fermer()
    # Closing the last connection empties and removes the write-ahead log.
    for suffixe in _ANNEXES[1:]:
        if copie.with_name(copie.name + suffixe).exists():
            raise ErreurSauvegarde()
    synchroniser(copie)
    return rapport


def _exiger_libre(vers: Path, cle: bytes) -> None:
    """Refuse while a program works on the file that would be set aside.

    Leaving the write-ahead log needs the file for oneself alone, and makes it whole in one file.
    With another key nothing can be asked: the log, if any, is moved along.

    :raises FichierOccupe: it is open elsewhere.
    """
    from sqlcipher3 import dbapi2

    if not vers.exists() or not vers.stat().st_size:
        return
    try:
        connexion = ouvrir_brut(vers, cle)
    except dbapi2.Error:
        return  # another key, or damaged: precisely why one restores
    try:
        connexion.execute("PRAGMA busy_timeout = 500")
        connexion.execute("PRAGMA journal_mode = DELETE")
    except dbapi2.OperationalError as erreur:
        if "locked" in str(erreur):
            raise FichierOccupe("Ce cabinet est ouvert : fermez Pléiade avant de restaurer. Rien "
                                "n’a été modifié.") from erreur
    except dbapi2.DatabaseError:
        return
    finally:
        connexion.close()


def _compagnons(vers: Path) -> list[Path]:
    coffre = chemin_coffre(vers)
    # What the workstation remembers of the trail goes with its practice.
    return [*(vers.with_name(vers.name + s) for s in _ANNEXES), coffre,
            coffre.with_name(coffre.name + ".copie"), fichier_repere(vers)]


def _mettre_de_cote(vers: Path) -> Path:
    """Move a practice, its log and its vault into a dated folder beside it."""
    heure = datetime.now().strftime("%Y%m%d-%H%M%S")
    cote = vers.parent / f"{vers.stem}-mis-de-cote-{heure}-{secrets.token_hex(2)}"
    cote.mkdir(mode=0o700)
    try:
        for fichier in _compagnons(vers):
            with contextlib.suppress(FileNotFoundError):
                fichier.rename(cote / fichier.name)
    except OSError:
        _remettre(cote, vers)
        raise
    synchroniser_dossier(cote)
    return cote


def _remettre(cote: Path, vers: Path) -> None:
    """Undo `_mettre_de_cote`."""
    for fichier in cote.iterdir():
        fichier.rename(vers.with_name(fichier.name))
    cote.rmdir()


def _poser(copie: Path, vers: Path) -> None:
    """Give the checked copy its name, after its vault.

    Killed in between, a vault without its file is left: the program says that the file is missing,
    and makes no new practice over it.
    """
    try:
        _poser_coffre(chemin_coffre(copie).read_bytes(), chemin_coffre(vers))
        copie.rename(vers)
    except OSError:
        for fichier in _compagnons(vers):
            fichier.unlink(missing_ok=True)
        raise
    synchroniser_dossier(vers.parent)


def _poser_coffre(contenu: bytes, coffre: Path) -> None:
    coffre.parent.mkdir(parents=True, exist_ok=True)
    ecrire_durablement(coffre, contenu)
    ecrire_durablement(coffre.with_name(coffre.name + ".copie"), contenu)


# --- PostgreSQL --------------------------------------------------------------------------------

def restaurer_postgresql(sauvegarde: Path, cle: bytes, url: str, dossier: Path, *,
                         mettre_de_cote: bool = False) -> Restauration:
    """Restore a backup into an empty database of a server, in one transaction.

    :param dossier: local folder for the checked copy, removed afterwards.
    :param mettre_de_cote: set an existing vault aside; a database that holds tables is always
        refused: a new one costs nothing, and the old one stays whole.
    :raises ErreurStore: nothing was modified.
    """
    if not est_url(url):
        raise ErreurStore("L’adresse de la base n’est pas celle d’un serveur PostgreSQL.")
    coffre = chemin_coffre(url)
    if coffre.exists() and not mettre_de_cote:
        raise ErreurSauvegarde("Le coffre d’un cabinet existe déjà pour cette base. Rien n’a été "
                               "modifié. Demandez de le mettre de côté, ou changez de base.")
    cote: Path | None = None
    with _atelier(dossier, coffre.name) as atelier:
        copie = _copier_controlee(sauvegarde, cle, atelier / "copie.pleiade")
        _preparer(copie, cle, sauvegarde.name)
        if coffre.exists():
            cote = _mettre_de_cote(coffre)
        try:
            _poser_coffre(chemin_coffre(copie).read_bytes(), coffre)
            _verser(copie, cle, url)
        except BaseException:
            for fichier in _compagnons(coffre):
                fichier.unlink(missing_ok=True)
            if cote is not None:
                _remettre(cote, coffre)
            raise
    store = ouvrir(url, cle, creer=False, mettre_a_niveau=False)
    try:
        return Restauration(url, cote, store.verifier())
    finally:
        store.fermer()


def _verser(copie: Path, cle: bytes, url: str) -> None:
    """Pour the tables of the copy into an empty database."""
    source, destination = moteur_sqlite(copie, cle), moteur_postgresql(url)
    try:
        with (source.connect() as lue, lue.begin(), destination.connect() as ecrite,
              ecrite.begin()):
            operation_longue(ecrite)
            # Held until the end of the transaction: creating and upgrading wait for it too.
            if not ecrite.execute(select(func.pg_try_advisory_xact_lock(VERROU_BASE))).scalar():
                raise FichierOccupe("Un autre poste restaure ou prépare cette base en ce moment. "
                                    "Rien n’a été modifié. Attendez qu’il finisse.")
            if inspect(ecrite).get_table_names():
                raise ErreurSauvegarde("Cette base n’est pas vide. Rien n’a été modifié : créez "
                                       "une base neuve et restaurez-y la sauvegarde.")
            mettre_a_niveau(ecrite, revision_du_fichier(lue) or "")
            ecrite.execution_options(**{OPTION_ECRITURE: True})
            schema = MetaData()
            schema.reflect(ecrite)
            for table in schema.sorted_tables:
                if table.name in backup.DERIVEES:
                    continue
                de = Table(table.name, MetaData(), autoload_with=lue)
                for lot in lue.execution_options(yield_per=1000).execute(select(de)).partitions():
                    lignes = [dict(ligne._mapping) for ligne in lot]
                    if table.name == "trail_tete":
                        ecrite.execute(update(table).values(**lignes[0]))
                    else:
                        ecrite.execute(insert(table), lignes)
                comptees = [c.execute(select(func.count()).select_from(t)).scalar_one()
                            for c, t in ((lue, de), (ecrite, table))]
                if comptees[0] != comptees[1]:
                    raise ErreurSauvegarde("La restauration est incomplète : elle a été annulée.")
                _avancer_compteur(ecrite, table)
            backup.indexer_comme(lue, ecrite)
    except DBAPIError as erreur:
        raise traduire(erreur) from erreur
    finally:
        source.dispose()
        destination.dispose()


def _avancer_compteur(ecrite: Connection, table: Table) -> None:
    """The next id follows the last restored one."""
    if "id" not in table.c:
        return
    nom = ecrite.execute(text("SELECT pg_get_serial_sequence(:t, 'id')"),
                         {"t": table.name}).scalar()
    if nom:
        dernier = ecrite.execute(select(func.max(table.c.id))).scalar() or 0
        ecrite.execute(text("SELECT setval(CAST(:s AS regclass), :n, false)"),
                       {"s": nom, "n": dernier + 1})
