"""What the memory of the process must never become: a file.

A crash dump holds what was on the screen. No dump is written, and no other program of the user may
read the memory. Called first by every command that may open a patient file, and by the processes
that parse documents.
"""

import logging
import os
import sys
import threading
import traceback
from types import TracebackType

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


def proteger_messages() -> None:
    """What nothing caught is written by its kind and its place, never by its text.

    The standard error of a window is a file of the session on most desktops, and the text of an
    exception may be a patient's name.
    """
    sys.excepthook = _dire_sans_texte
    sys.unraisablehook = lambda x: _dire_sans_texte(x.exc_type, x.exc_value, x.exc_traceback)
    threading.excepthook = lambda x: _dire_sans_texte(x.exc_type, x.exc_value, x.exc_traceback)


def _dire_sans_texte(genre: type[BaseException], erreur: BaseException | None,
                     lieu: TracebackType | None) -> None:
    if issubclass(genre, KeyboardInterrupt):
        sys.__excepthook__(genre, genre(), None)
        return
    lignes: list[str] = []
    vues: set[int] = set()
    while True:
        lignes += [f"{genre.__module__}.{genre.__qualname__}\n",
                   *traceback.format_tb(lieu, limit=-40)]
        suite = None if erreur is None else erreur.__cause__ or erreur.__context__
        if suite is None or id(suite) in vues:
            break
        vues.add(id(suite))
        genre, erreur, lieu = type(suite), suite, suite.__traceback__
    if sys.stderr is not None:  # a program of Windows without a console has none
        sys.stderr.write("Erreur inattendue. Son texte n’est pas écrit\u00a0: il pourrait nommer "
                         f"un patient.\n{''.join(lignes)}")


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
