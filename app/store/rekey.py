"""Changing the key of the file (design §5): every page is encrypted again, in one transaction.

Steps, each of which may be the last one before the machine stops:
1. the file is taken for oneself alone, out of its write-ahead log;
2. the vault is written with both keys (`vault.annoncer`);
3. SQLCipher encrypts each page again; its rollback journal holds the former pages;
4. the key that opens the file is looked for, and the vault keeps that one (`vault.trancher`).
Between 2 and 4 the next opening does step 4.
"""

import secrets
import shutil
from pathlib import Path

from app.store import vault
from app.store.backup import controler
from app.store.connections import ouvrir_brut
from app.store.errors import DisquePlein, ErreurStore, FichierAbime, FichierOccupe

#: Room left on the disk beside the journal, at least.
_MARGE = 16 << 20
_RATE = "La clé n’a pas été changée. Rien n’a été perdu : l’ancienne clé reste valable."


def changer(fichier: Path, ancienne: bytes) -> bytes:
    """Encrypt a file again; returns its new key. Nobody else has it open in this process.

    :raises FichierOccupe: another program works on it.
    :raises ErreurStore: the former key is still the one; nothing was lost.
    """
    from sqlcipher3 import dbapi2

    if shutil.disk_usage(fichier.parent).free < fichier.stat().st_size + _MARGE:
        raise DisquePlein(f"Le disque est plein : il manque de la place. {_RATE}")
    nouvelle = secrets.token_bytes(vault.TAILLE_CLE)
    cause: BaseException | None = None
    try:
        connexion = ouvrir_brut(fichier, ancienne)
        try:
            _prendre(connexion)
            vault.annoncer(fichier, ancienne, nouvelle)
            connexion.execute(f"PRAGMA rekey = \"x'{nouvelle.hex()}'\"")
        finally:
            connexion.close()
    except (dbapi2.Error, OSError) as erreur:
        cause = erreur
    gagne = vault.trancher(fichier, ancienne, nouvelle)
    if gagne != nouvelle:
        # SQLCipher doesn't say why a rekey was rolled back.
        raise ErreurStore(f"Le disque est plein, ou refuse l’écriture. {_RATE}") from cause
    _relire(fichier, nouvelle)
    return nouvelle


def changer_coffre(emplacement: Path | str, ancienne: bytes) -> bytes:
    """New key for a practice on a server: it encrypts the backups and signs the vault."""
    nouvelle = secrets.token_bytes(vault.TAILLE_CLE)
    vault.annoncer(emplacement, ancienne, nouvelle)
    return vault.trancher(emplacement, ancienne, nouvelle)


def _prendre(connexion: object) -> None:
    """Nobody else may read or write until the connection is closed.

    :raises FichierOccupe: another connection has the file.
    """
    from sqlcipher3 import dbapi2

    demander = connexion.execute  # type: ignore[attr-defined]
    try:
        demander("PRAGMA busy_timeout = 500")
        demander("PRAGMA locking_mode = EXCLUSIVE")
        mode = demander("PRAGMA journal_mode = DELETE").fetchone()[0]
        demander("BEGIN EXCLUSIVE")
        demander("COMMIT")
    except dbapi2.OperationalError as erreur:
        if "locked" not in str(erreur):
            raise
        mode = "wal"
    if mode != "delete":
        raise FichierOccupe("Le dossier est ouvert ailleurs, ou une sauvegarde est en cours : "
                            "fermez les autres fenêtres de Pléiade et recommencez. La clé n’a pas "
                            "été changée.")


def _relire(fichier: Path, cle: bytes) -> None:
    """Every page under the new key. :raises FichierAbime: what the disk wrote isn't what it read.
    """
    try:
        controler(fichier, cle)
    except ErreurStore as erreur:
        raise FichierAbime("Le disque a mal écrit le dossier pendant le changement de clé. "
                           "Restaurez la sauvegarde faite juste avant.") from erreur
