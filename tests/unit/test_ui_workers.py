"""Threads, queues and the worker process."""

import os
import threading
import time

import pytest
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from app.ui import workers as module
from app.ui.processus import ProcessusMort, TravailAnnule
from app.ui.workers import DelaiDepasse, FileSaturee, Workers


@pytest.fixture
def workers(qapp):
    w = Workers()
    yield w
    w.fermer()


class Refuse(Exception):
    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message, self.code = message, code


def peiner(tours: int) -> int:
    """Pure Python work that keeps the interpreter lock."""
    total = 0
    for i in range(tours):
        total += i * i % 7
    return total


def refuser() -> None:
    raise Refuse("non", code="X1")


def mourir() -> None:
    os._exit(3)


def gentillesse() -> int:
    return os.nice(0)


def dormir(secondes: float) -> None:
    time.sleep(secondes)  # short: what a worker does


def numero() -> int:
    return os.getpid()


def test_the_result_comes_back_on_the_thread_of_qt(workers, qtbot) -> None:
    recus = []
    workers.submit(lambda a, b: (a + b, threading.current_thread()), 2, b=3,
                   on_done=lambda v: recus.append((v, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(recus))
    (valeur, fil), ici = recus[0]
    assert valeur == 5 and fil is not threading.main_thread() and ici is threading.main_thread()


def test_an_error_goes_to_its_handler_else_to_the_window(workers, qtbot) -> None:
    erreurs = []
    workers.submit(refuser, on_error=erreurs.append)
    qtbot.waitUntil(lambda: bool(erreurs))
    assert erreurs[0].message == "non"
    with qtbot.waitSignal(workers.erreur) as signal:
        workers.submit(refuser)
    assert signal.args[0].code == "X1"


def test_a_raw_error_is_written_without_its_text(workers, qtbot, caplog) -> None:
    secret = "-".join(["749", "74"])

    def casser() -> None:
        raise ValueError(secret)
    with qtbot.waitSignal(workers.erreur):
        workers.submit(casser)
    assert "ValueError" in caplog.text and secret not in caplog.text


def test_a_stuck_service_starves_no_other(workers, qtbot) -> None:
    barriere, recus = threading.Event(), []
    for _ in range(10):
        workers.submit(barriere.wait, 30, queue="dmp")
    workers.submit(lambda: "insi", queue="insi", on_done=recus.append)
    workers.submit(lambda: "local", on_done=recus.append)
    qtbot.waitUntil(lambda: len(recus) == 2)
    barriere.set()
    assert sum(n for nom, n in module.FILES.items() if nom != module.LONGS) <= 10
    assert module.FILES[module.LONGS] == 1 and module.LONGS not in module.ECRITURES


def test_the_answer_of_a_dead_view_is_dropped_and_its_task_cancelled(workers, qtbot) -> None:
    barriere, recus = threading.Event(), []
    vue = QObject()
    tache = workers.submit(barriere.wait, 30, on_done=recus.append, on_error=recus.append,
                           proprietaire=vue)
    vue.deleteLater()
    qtbot.waitUntil(tache.est_annulee)
    barriere.set()
    qtbot.waitUntil(lambda: workers.nombre() == 0)
    assert recus == []


def test_cancel_tells_the_function_and_silences_it(workers, qtbot) -> None:
    vus, recus = [], []

    def travail(annule) -> None:
        while not annule():
            time.sleep(0.005)  # short: a pace
        vus.append("annule")

    tache = workers.submit(travail, on_done=recus.append, on_error=recus.append, queue="insi")
    tache.annuler()
    qtbot.waitUntil(lambda: workers.nombre() == 0)
    assert recus == [] and vus in ([], ["annule"])


def test_a_deadline_answers_in_place_of_the_function(workers, qtbot) -> None:
    barriere, recus = threading.Event(), []
    tache = workers.submit(barriere.wait, 30, queue="dmp", delai=0.05,
                           on_done=recus.append, on_error=recus.append)
    qtbot.waitUntil(lambda: bool(recus))
    assert isinstance(recus[0], DelaiDepasse) and tache.est_annulee()
    barriere.set()
    qtbot.waitUntil(lambda: workers.nombre() == 0)
    assert len(recus) == 1


def test_progress_is_heard(workers, qtbot) -> None:
    vus, fini = [], []

    def travail(progres) -> None:
        for i in range(3):
            progres(i)

    workers.submit(travail, on_progres=vus.append, on_done=fini.append)
    qtbot.waitUntil(lambda: bool(fini))
    assert vus == [0, 1, 2]


def test_a_full_queue_refuses(workers, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(module, "ATTENTE_MAX", 2)
    barriere, erreurs = threading.Event(), []
    for _ in range(3):
        workers.submit(barriere.wait, 30, queue="insi", on_error=erreurs.append)
    qtbot.waitUntil(lambda: bool(erreurs))
    barriere.set()
    assert isinstance(erreurs[0], FileSaturee)


def test_quitting_finishes_writes_and_leaves_networks(qapp) -> None:
    w = Workers()
    barriere, ecrits = threading.Event(), []
    reseau = w.submit(barriere.wait, 60, queue="dmp")
    for i in range(20):
        w.submit(lambda n=i: (time.sleep(0.005), ecrits.append(n)))  # short: what is written
    assert w.fermer(60) is True
    assert sorted(ecrits) == list(range(20))
    assert reseau.est_annulee() and not barriere.is_set()
    barriere.set()
    w.submit(ecrits.append, 99)
    assert 99 not in ecrits


def appeler(workers, qtbot, *args):
    """Result or exception of `workers.processus(*args)` called from a thread."""
    recus = []
    workers.submit(workers.processus, *args, on_done=lambda v: recus.append(v),
                   on_error=recus.append)
    qtbot.waitUntil(lambda: bool(recus))
    return recus[0]


def test_heavy_work_runs_in_one_nicer_process(workers, qtbot) -> None:
    premier = appeler(workers, qtbot, numero)
    assert premier != os.getpid() and appeler(workers, qtbot, numero) == premier
    assert appeler(workers, qtbot, peiner, 10) == peiner(10)
    assert appeler(workers, qtbot, gentillesse) > os.nice(0)


def test_its_exceptions_travel_and_its_death_is_said(workers, qtbot) -> None:
    refus = appeler(workers, qtbot, refuser)
    assert isinstance(refus, Refuse) and refus.message == "non" and refus.code == "X1"
    assert isinstance(appeler(workers, qtbot, mourir), ProcessusMort)
    assert appeler(workers, qtbot, peiner, 10) == peiner(10)  # another one was started


def test_cancelling_ends_the_process(workers, qtbot) -> None:
    appeler(workers, qtbot, numero)
    recus = []
    tache = workers.submit(workers.processus, dormir, 60.0, on_error=recus.append)
    qtbot.wait(150)
    tache.annuler()
    qtbot.waitUntil(lambda: workers.nombre() == 0)
    assert recus == []
    with pytest.raises(TravailAnnule):
        workers._processus.executer(dormir, 60.0, annule=lambda: True)


class Battements(QObject):
    """Largest gap between two beats of a 5 ms timer."""

    def __init__(self) -> None:
        super().__init__()
        self.ecarts: list[float] = []
        self._montre = QElapsedTimer()
        self._minuteur = QTimer(self, timerType=Qt.TimerType.PreciseTimer, interval=5)
        self._minuteur.timeout.connect(self._battre)
        self._montre.start()
        self._minuteur.start()

    def _battre(self) -> None:
        self.ecarts.append(self._montre.nsecsElapsed() / 1e6)
        self._montre.restart()


def test_the_window_beats_while_the_process_works(workers, qtbot) -> None:
    """Ratios, not times: the same work stalls the window when it runs inside it."""
    appeler(workers, qtbot, numero)
    dehors: list[float] = []
    for _ in range(10):  # a busy machine may stall the window for its own reasons, but not always
        coeur = Battements()
        appeler(workers, qtbot, peiner, 3_000_000)
        dehors.append(max(coeur.ecarts))
        if dehors[-1] < 30:
            break

    temoin = Battements()
    durees: list[float] = []

    def caler() -> None:  # negative control: the time it took is its own, however busy the machine
        debut = time.perf_counter()
        peiner(3_000_000)
        durees.append((time.perf_counter() - debut) * 1000)

    QTimer.singleShot(20, caler)
    qtbot.waitUntil(lambda: bool(durees))
    qtbot.wait(30)
    dedans = max(temoin.ecarts)

    assert dedans > durees[0] * 0.5, "the meter must see a stall"
    assert min(dehors) < dedans * 0.5
