"""A child process that can write in one folder only: what it writes is then all there."""

import ctypes
import os
from pathlib import Path

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_BIND, _REC, _PRIVE = 0x1000, 0x4000, 0x4000 | 0x40000
_MOUNT_SETATTR, _AT_RECURSIVE, _AT_FDCWD, _RDONLY = 442, 0x8000, -100, 0x1


class _Attributs(ctypes.Structure):
    _fields_ = [("mettre", ctypes.c_uint64), ("oter", ctypes.c_uint64),
                ("propagation", ctypes.c_uint64), ("espace", ctypes.c_uint64)]


def espace_de_montage() -> ctypes.CDLL:
    """Give this process its own view of the disks, as root or in a user namespace.

    :raises OSError: the machine refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(_NEWNS) != 0:
        exiger(libc.unshare(_NEWNS | _NEWUSER))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    exiger(libc.mount(b"none", b"/", None, _PRIVE, None))
    return libc


def exiger(resultat: int) -> None:
    """Raise what the system said. :raises OSError: it said no."""
    if resultat != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _droits(libc: ctypes.CDLL, chemin: str, *, ecriture: bool, partout: bool) -> None:
    attributs = _Attributs(0 if ecriture else _RDONLY, _RDONLY if ecriture else 0, 0, 0)
    exiger(libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, os.fsencode(chemin),
                        _AT_RECURSIVE if partout else 0, ctypes.byref(attributs),
                        ctypes.sizeof(attributs)))


def ecrire_seulement_dans(dossier: Path) -> None:
    """Everything else becomes read-only for this process and its children.

    Shared memory (`/dev/shm`) and temporary files (`/tmp`, `/var/tmp`) go to the folder too.
    """
    libc = espace_de_montage()
    exiger(libc.mount(os.fsencode(dossier), os.fsencode(dossier), None, _BIND | _REC, None))
    _droits(libc, "/", ecriture=False, partout=True)
    _droits(libc, str(dossier), ecriture=True, partout=False)
    memoire = dossier / "memoire-partagee"
    memoire.mkdir(exist_ok=True)
    exiger(libc.mount(os.fsencode(memoire), b"/dev/shm", None, _BIND, None))
    os.chdir(dossier)
