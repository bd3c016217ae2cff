"""Files written whole or not at all."""

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path


def synchroniser(chemin: Path) -> None:
    """Wait until the file is on the disk."""
    descripteur = os.open(chemin, os.O_RDWR)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)


def oublier_cache(chemin: Path) -> None:
    """Ask the system to forget its copy in memory: the next reading comes from the disk.

    A stick that was torn out, or that lies, is seen only so. A no-op where it isn't offered.
    """
    if not hasattr(os, "posix_fadvise"):
        return
    descripteur = os.open(chemin, os.O_RDONLY)
    try:
        os.posix_fadvise(descripteur, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descripteur)


def synchroniser_dossier(dossier: Path) -> None:
    """Wait until the names of a folder are on the disk (a no-op where folders can't be opened, or
    flushed: network shares, some sticks)."""
    if os.name == "nt":
        return
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    except OSError as erreur:
        if erreur.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise
    finally:
        os.close(descripteur)


def ecrire_durablement(chemin: Path, contenu: bytes) -> None:
    """Replace a small file atomically; readable by its owner only.

    :raises OSError: nothing changed.
    """
    partiel = chemin.with_name(f"{chemin.name}.{secrets.token_hex(4)}.partiel")
    try:
        descripteur = os.open(partiel, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "wb") as sortie:
            sortie.write(contenu)
            sortie.flush()
            os.fsync(sortie.fileno())
        partiel.replace(chemin)
        synchroniser_dossier(chemin.parent)
    finally:
        with contextlib.suppress(FileNotFoundError):
            partiel.unlink()


def verrouiller(descripteur: int, *, attendre: bool = True) -> None:
    """Take an open file for oneself among the programs of the machine, until it is closed.

    :raises OSError: `attendre` is False and another one has it.
    """
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descripteur, 0, os.SEEK_SET)
        msvcrt.locking(descripteur, msvcrt.LK_LOCK if attendre else msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descripteur, fcntl.LOCK_EX | (0 if attendre else fcntl.LOCK_NB))


@contextlib.contextmanager
def un_seul(verrou: Path) -> Iterator[None]:
    """One gesture at a time among the programs of the machine; `verrou` is removed afterwards.

    A program that was killed leaves the file, not the lock.

    :raises BlockingIOError: the gesture runs elsewhere. :raises OSError: the folder refuses.
    """
    while True:
        descripteur = os.open(verrou, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                verrouiller(descripteur, attendre=False)
            except OSError as erreur:
                raise BlockingIOError("runs elsewhere") from erreur
            try:
                le_meme = os.path.samestat(os.fstat(descripteur), verrou.stat())
            except FileNotFoundError:
                le_meme = False
            if not le_meme:
                continue  # who had it has just removed it: this lock is nobody's
            try:
                yield
            finally:
                with contextlib.suppress(OSError):
                    verrou.unlink()  # Windows removes it only once it is closed
            return
        finally:
            os.close(descripteur)
            if sys.platform == "win32":
                with contextlib.suppress(OSError):
                    verrou.unlink()
