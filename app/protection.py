"""What the memory of the process must never become: a file.

A crash dump holds what was on the screen. No dump is written, and no other program of the user may
read the memory. Called first by every command that may open a patient file, and by the processes
that parse documents.
"""

import logging
import os
import sys

journal = logging.getLogger("pleiade.protection")

_PR_SET_DUMPABLE = 4
#: Windows: no dialog, no report with the heap (SetErrorMode, WerSetFlags).
_SANS_DIALOGUE = 0x0001 | 0x0002
_SANS_TAS = 0x0001


def proteger_memoire() -> None:
    """Forbid crash dumps for this process and, where the system can, those it starts.

    What the system refuses is noted, never raised: the program must start.
    """
    try:
        _windows() if sys.platform == "win32" else _unix()
    except (OSError, ValueError, AttributeError, ImportError) as erreur:
        journal.warning("images mémoire : %s", type(erreur).__name__)


def proteger_fichiers() -> None:
    """Whatever this process creates is for its user alone, on systems that have such rights."""
    os.umask(0o077)


#: Makes every TLS library write the keys of its connections to a file.
_JOURNAL_TLS = "SSLKEYLOGFILE"


def proteger_echanges() -> None:
    """No variable left by a debugging session makes this process, or those it starts, write the
    keys of its TLS connections to a file: tokens and care would be readable by who has both."""
    if os.environ.pop(_JOURNAL_TLS, None) is not None:
        journal.warning("la variable %s est sans effet", _JOURNAL_TLS)


def _unix() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        # A dump handed to a program through a pipe ignores the limit: this flag stops it too.
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def _windows() -> None:
    import ctypes

    noyau = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    noyau.SetErrorMode(_SANS_DIALOGUE)
    noyau.WerSetFlags(_SANS_TAS)
