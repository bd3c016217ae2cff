"""A real small disk for a test: a tmpfs that only the child process sees."""

import os
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.isolement import espace_de_montage, exiger


def _monter(dossier: Path, octets: int) -> None:
    libc = espace_de_montage()
    exiger(libc.mount(b"tmpfs", os.fsencode(dossier), b"tmpfs", 0, f"size={octets}".encode()))


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
