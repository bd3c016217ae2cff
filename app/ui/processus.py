"""One low-priority process for heavy pure work (large XML, PDF, images).

Threads share the interpreter lock with the window: walking 5 MB of XML in one of them stalls it.
A function sent here runs in a process of its own and answers with plain values. This module knows
no Qt, so that the process starts light.
"""

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from app.protection import proteger_memoire, proteger_messages

#: Seconds between two looks at « was it cancelled? » while waiting for an answer.
PAS_S = 0.05
#: How much nicer than the window the process is.
GENTILLESSE = 5


class ProcessusMort(Exception):
    """The worker process ended in the middle of a job (memory, signal). The job may be retried."""

    message = ("Ce travail s’est arrêté avant la fin, faute de mémoire peut-être. "
               "Rien n’a été enregistré. Réessayez.")


class TravailAnnule(Exception):
    """The job was cancelled or took too long; the process was ended."""

    message = "Le travail a été interrompu. Rien n’a été enregistré."


class Capture:
    """Keep the exception of a block instead of letting it go: it is carried to somebody else."""

    erreur: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, genre: type[BaseException] | None, erreur: BaseException | None,
                 trace: TracebackType | None) -> bool:
        if not isinstance(erreur, Exception):
            return False
        self.erreur = erreur
        return True


def _abaisser_priorite() -> None:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), 0x4000)  # BELOW_NORMAL
    else:
        os.nice(GENTILLESSE)


def _transportable(erreur: Exception) -> Exception:
    """The exception itself when it travels, else one that names it."""
    essai = Capture()
    with essai:
        pickle.loads(pickle.dumps(erreur))
    return RuntimeError(type(erreur).__name__) if essai.erreur else erreur


def _mourir_avec_la_fenetre() -> None:
    """End this process with its parent, even killed, even in the middle of a job.

    The end of the pipe isn't enough: another child of the window may hold it open (the parent's
    sentinel too, where it is a pipe), and a long job doesn't look at it. On POSIX the number of the
    parent tells: an orphan gets another one.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def veiller() -> None:
        if sys.platform == "win32":
            parent.join()
        else:
            while os.getppid() == parent.pid:
                parent.join(1)
        os._exit(0)

    threading.Thread(target=veiller, daemon=True, name="pleiade-veille-parent").start()


def _servir(tuyau: Connection) -> None:
    """Life of the process: one job after the other until the window goes away."""
    _mourir_avec_la_fenetre()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    proteger_memoire()
    proteger_messages()
    _abaisser_priorite()
    while True:
        try:
            fonction, args = tuyau.recv()
        except (EOFError, OSError):
            return
        capture, valeur = Capture(), None
        with capture:
            valeur = fonction(*args)
        if capture.erreur is not None:
            tuyau.send((False, _transportable(capture.erreur)))
        else:
            tuyau.send((True, valeur))


class Processus:
    """The process, started at the first job and again after a death. Jobs run one at a time."""

    def __init__(self) -> None:
        self._verrou = threading.Lock()
        self._processus: multiprocessing.process.BaseProcess | None = None
        self._tuyau: Connection | None = None
        self._ferme = False

    def _demarrer(self) -> Connection:
        if self._tuyau is not None and self._processus is not None \
                and self._processus.is_alive():
            return self._tuyau
        self._tuer()
        contexte = multiprocessing.get_context("spawn")
        ici, la_bas = contexte.Pipe()
        processus = contexte.Process(target=_servir, args=(la_bas,), daemon=True,
                                     name="pleiade-travaux")
        processus.start()
        la_bas.close()
        self._processus, self._tuyau = processus, ici
        return ici

    def prechauffer(self) -> None:
        """Start the process now, so that the first job doesn't pay for it."""
        with self._verrou:
            if not self._ferme:
                self._demarrer()

    def executer(self, fonction: Callable[..., Any], *args: Any,
                 annule: Callable[[], bool] = lambda: False) -> Any:
        """Run `fonction(*args)` there and wait. Call it from a worker thread, never from Qt's.

        Args:
            fonction: importable by name (module level), knows no Qt.
            args: plain values.
            annule: asked while waiting; when True the process is ended.

        Raises:
            TravailAnnule, ProcessusMort: no answer came.
            Exception: that of the function, as it was raised there.
        """
        while not self._verrou.acquire(timeout=PAS_S):
            if annule():
                raise TravailAnnule(TravailAnnule.message)
        try:
            if self._ferme or annule():
                raise TravailAnnule(TravailAnnule.message)
            try:
                tuyau = self._demarrer()
                tuyau.send((fonction, args))
                while not tuyau.poll(PAS_S):
                    if annule() or self._ferme:
                        self._tuer()
                        raise TravailAnnule(TravailAnnule.message)
                reussi, valeur = tuyau.recv()
            except (EOFError, BrokenPipeError, ConnectionResetError) as erreur:
                self._tuer()
                raise ProcessusMort(ProcessusMort.message) from erreur
        finally:
            self._verrou.release()
        if not reussi:
            raise valeur
        return valeur

    def _tuer(self) -> None:
        if self._processus is not None:
            self._processus.kill()
            self._processus.join(1)
        if self._tuyau is not None:
            self._tuyau.close()
        self._processus = self._tuyau = None

    @property
    def pid(self) -> int | None:
        """Process id, or None when it isn't running."""
        return None if self._processus is None else self._processus.pid

    def fermer(self) -> None:
        """End the process. A job on its way is given up: it is pure, nothing is lost."""
        self._ferme = True
        limite = time.monotonic() + 1
        while not self._verrou.acquire(timeout=PAS_S):
            if time.monotonic() > limite:
                return
        try:
            self._tuer()
        finally:
            self._verrou.release()
