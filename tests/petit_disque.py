"""A real small disk for a test: a tmpfs that only the child process sees."""

import ctypes
import os
import traceback
from collections.abc import Callable
from pathlib import Path

_NEWNS, _NEWUSER = 0x00020000, 0x10000000
_PRIVE = 0x4000 | 0x40000


class MontageRefuse(RuntimeError):
    """The machine lets nobody mount anything, not even in a namespace of its own."""


def _monter(dossier: Path, octets: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(_NEWNS) != 0:
        if libc.unshare(_NEWNS | _NEWUSER) != 0:
            raise MontageRefuse(os.strerror(ctypes.get_errno()))
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
    libc.mount(b"none", b"/", None, _PRIVE, None)
    if libc.mount(b"tmpfs", os.fsencode(dossier), b"tmpfs", 0, f"size={octets}".encode()) != 0:
        raise MontageRefuse(os.strerror(ctypes.get_errno()))


def sur_petit_disque(dossier: Path, octets: int, geste: Callable[[], int]) -> int:
    """Mount a disk of that size over an empty folder, in a child that does the gesture there.

    :return: what the gesture returned.
    """
    dossier.mkdir(exist_ok=True)
    enfant = os.fork()
    if enfant == 0:
        code = 99
        try:
            _monter(dossier, octets)
            code = geste()
        finally:
            if code == 99:
                traceback.print_exc()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1])
