"""Files written whole or not at all."""

import contextlib
import os
import secrets
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
    """Wait until the names of a folder are on the disk (a no-op where folders can't be opened)."""
    if os.name == "nt":
        return
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
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
