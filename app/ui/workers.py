"""Threads that run the use cases, so that nothing blocks the window (design §6).

One queue per service: a stuck DMP never starves INSi. Results come back on the thread of Qt by a
queued signal; those of a view that died, of a cancelled task or of one past its deadline are
dropped. Heavy pure work goes on to one process (`processus`).
"""

import inspect
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count
from queue import Empty, Queue
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from app.ui.processus import Capture, Processus

journal = logging.getLogger("pleiade.ui")

#: The queue of what lasts minutes and is stopped by quitting (the export of a practice, erasures):
#: a document that is being made never waits behind it.
LONGS = "longs"
#: queue -> number of threads; ten in all, and that of the long works. « disque »: another disk or a
#: share, which may hang for ever; one of its threads copies, the other looks.
FILES: dict[str, int] = {"local": 2, "recherche": 1, "documents": 1, "insi": 1, "dmp": 2, "psc": 1,
                         "disque": 2, LONGS: 1}
#: Queues whose waiting work is finished before quitting: they write to the patient file.
ECRITURES = ("local", "documents")
#: Longest queue; beyond, the newcomer is refused rather than kept for ever.
ATTENTE_MAX = 500

_courante = threading.local()


class DelaiDepasse(Exception):
    """The deadline of a task passed without an answer."""

    message = "La réponse n’est pas venue à temps. Réessayez dans un instant."


class FileSaturee(Exception):
    """Too many tasks wait in one queue."""

    message = "Trop de demandes attendent déjà. Patientez un instant, puis réessayez."


@dataclass(eq=False)
class Tache:
    """A submitted call. `annuler()` makes it silent: neither `on_done` nor `on_error` is called."""

    id: int
    fonction: Callable[..., Any]
    args: tuple[Any, ...]
    kw: dict[str, Any]
    on_done: Callable[[Any], None] | None
    on_error: Callable[[Exception], None] | None
    on_progres: Callable[[Any], None] | None
    proprietaire: QObject | None
    possedee: bool
    file: str = "local"
    _annulee: threading.Event = field(default_factory=threading.Event)
    finie: bool = False
    """True once its answer was delivered or dropped (thread of Qt only)."""

    def annuler(self) -> None:
        """Give up: the function is told through `annule`, its answer will be dropped."""
        self._annulee.set()

    def est_annulee(self) -> bool:
        """True when nobody waits any more; this is what `annule` gives to the function."""
        return self._annulee.is_set() or self.orpheline()

    def orpheline(self) -> bool:
        """True when the view that asked is gone."""
        return self.possedee and (self.proprietaire is None or not isValid(self.proprietaire))


class _Facteur(QObject):
    """Carries answers to the thread of Qt."""

    reponse = Signal(object, object, object)
    progres = Signal(object, object)


@cache
def _parametres(fonction: Callable[..., Any]) -> frozenset[str]:
    try:
        return frozenset(inspect.signature(fonction).parameters)
    except (TypeError, ValueError):  # some builtins have no signature
        return frozenset()


class Workers(QObject):
    """The threads and the process of one window. Use it from the thread of Qt."""

    #: An error that nobody handles: (exception). The window shows it as a message.
    erreur = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numeros = count(1)
        self._files: dict[str, Queue[Tache | None]] = {}
        self._fils: dict[str, list[threading.Thread]] = {}
        self._taches: dict[int, Tache] = {}
        self._processus = Processus()
        self._facteur = _Facteur()
        self._facteur.reponse.connect(self._livrer)
        self._facteur.progres.connect(self._avancer)
        self._ferme = False

    # -- Submitting -------------------------------------------------------------------------

    def submit(self, fonction: Callable[..., Any], *args: Any,
               on_done: Callable[[Any], None] | None = None,
               on_error: Callable[[Exception], None] | None = None,
               on_progres: Callable[[Any], None] | None = None,
               queue: str = "local", delai: float | None = None,
               proprietaire: QObject | None = None, **kw: Any) -> Tache:
        """Run `fonction(*args, **kw)` in a thread of `queue`.

        Args:
            on_done: called on the thread of Qt with the result.
            on_error: called with the exception; by default `erreur` is emitted.
            on_progres: called with what the function gives to its parameter `progres`.
            queue: one of FILES.
            delai: seconds from now; then `on_error(DelaiDepasse)` and the answer is dropped.
            proprietaire: the answer is dropped, and the task cancelled, when this object dies.

        `annule=` and `progres=` are passed to the function when it takes them.
        """
        tache = Tache(next(self._numeros), fonction, args, kw, on_done, on_error, on_progres,
                      proprietaire, proprietaire is not None, queue)
        if self._ferme:
            tache.annuler()
            return tache
        if len(self._taches) >= ATTENTE_MAX or self._file(queue).qsize() >= ATTENTE_MAX:
            QTimer.singleShot(0, lambda: self._echouer(tache, FileSaturee(FileSaturee.message)))
            return tache
        self._taches[tache.id] = tache
        if delai is not None:
            QTimer.singleShot(round(delai * 1000), self, lambda: self._expirer(tache))
        self._file(queue).put(tache)
        return tache

    def processus(self, fonction: Callable[..., Any], *args: Any, **kw: Any) -> Any:
        """Run a heavy pure function in the worker process and wait. For worker threads only.

        The task that calls it may be cancelled meanwhile: the process is then ended.
        """
        tache: Tache | None = getattr(_courante, "tache", None)
        return self._processus.executer(partial(fonction, **kw) if kw else fonction, *args,
                                        annule=tache.est_annulee if tache else lambda: False)

    def prechauffer(self) -> None:
        """Start the worker process from a thread, once the window is on screen."""
        self.submit(self._processus.prechauffer)

    # -- In the threads ---------------------------------------------------------------------

    def _file(self, nom: str) -> Queue[Tache | None]:
        if nom not in self._files:
            self._files[nom] = Queue()
            self._fils[nom] = [
                threading.Thread(target=self._boucle, args=(self._files[nom],), daemon=True,
                                 name=f"pleiade-{nom}-{i}") for i in range(FILES[nom])]
            for fil in self._fils[nom]:
                fil.start()
        return self._files[nom]

    def _boucle(self, file: Queue[Tache | None]) -> None:
        while True:
            tache = file.get()
            if tache is None:
                return
            capture, valeur = Capture(), None
            if not tache.est_annulee():
                _courante.tache = tache
                with capture:
                    valeur = tache.fonction(*tache.args, **tache.kw, **self._outils(tache))
                _courante.tache = None
            if isValid(self._facteur):
                self._facteur.reponse.emit(tache, valeur, capture.erreur)
            tache = valeur = capture = None  # type: ignore[assignment]  # keep nothing alive

    def _outils(self, tache: Tache) -> dict[str, Any]:
        outils: dict[str, Any] = {}
        connus = _parametres(tache.fonction) - tache.kw.keys()
        if "annule" in connus:
            outils["annule"] = tache.est_annulee
        if "progres" in connus:
            outils["progres"] = lambda valeur: self._facteur.progres.emit(tache, valeur)
        return outils

    # -- Back on the thread of Qt -----------------------------------------------------------

    def _vivante(self, tache: Tache) -> bool:
        return not (tache.finie or tache.est_annulee())

    def _livrer(self, tache: Tache, valeur: object, erreur: Exception | None) -> None:
        self._taches.pop(tache.id, None)
        if not self._vivante(tache):
            if erreur is not None and not tache.est_annulee():
                _journaliser(erreur)
            tache.finie = True
        elif erreur is not None:
            self._echouer(tache, erreur)
        else:
            tache.finie = True
            if tache.on_done is not None:
                tache.on_done(valeur)

    def _echouer(self, tache: Tache, erreur: Exception) -> None:
        tache.finie = True
        _journaliser(erreur)
        if tache.on_error is not None:
            tache.on_error(erreur)
        else:
            self.erreur.emit(erreur)

    def _expirer(self, tache: Tache) -> None:
        if self._vivante(tache):
            self._echouer(tache, DelaiDepasse(DelaiDepasse.message))
            tache.annuler()

    def _avancer(self, tache: Tache, valeur: object) -> None:
        if tache.on_progres is not None and self._vivante(tache):
            tache.on_progres(valeur)

    # -- Ending -----------------------------------------------------------------------------

    def nombre(self) -> int:
        """Tasks waiting or running."""
        return len(self._taches)

    def fermer(self, delai_s: float = 10.0) -> bool:
        """Stop. Waits for the work that writes to the patient file, not for networks.

        Returns:
            False when a write didn't end within `delai_s` (a dead disk).
        """
        self._ferme = True
        for nom, file in self._files.items():
            if nom not in ECRITURES:
                _vider(file)
            for _ in self._fils[nom]:
                file.put(None)
        for tache in self._taches.values():
            if tache.file not in ECRITURES:
                tache.annuler()
        limite = time.monotonic() + delai_s
        fini = True
        for nom in ECRITURES:
            for fil in self._fils.get(nom, ()):
                fil.join(max(0.0, limite - time.monotonic()))
                fini = fini and not fil.is_alive()
        self._processus.fermer()
        return fini


def _vider(file: Queue[Tache | None]) -> None:
    while True:
        try:
            file.get_nowait()
        except Empty:
            return


def _journaliser(erreur: Exception) -> None:
    """Write where an unexpected error happened, never its text: it may hold a patient's data."""
    if hasattr(erreur, "message"):
        journal.info("%s", type(erreur).__name__)
    else:
        lieu = "".join(traceback.format_tb(erreur.__traceback__))
        journal.error("%s\n%s", type(erreur).__name__, lieu)
