"""The worker process never outlives the window, however the window ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

_FENETRE = """
import os, sys, threading, time
from app.ui.processus import Processus
if __name__ == "__main__":
    processus = Processus()
    processus.prechauffer()
    processus.executer(os.getpid)
    # A child that holds every descriptor of the window, as a browser or a printer helper may.
    autre = os.fork()
    if autre == 0:
        time.sleep(600)
        os._exit(0)
    if sys.argv[1] == "occupe":
        threading.Thread(target=processus.executer, args=(time.sleep, 600), daemon=True).start()
        time.sleep(0.3)
    print(processus.pid, autre, flush=True)
    time.sleep(600)
"""


def _vit(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize("etat", ["oisif", "occupe"])
def test_a_killed_window_takes_its_worker_with_it(tmp_path: Path, etat: str) -> None:
    programme = tmp_path / "fenetre.py"
    programme.write_text(_FENETRE)
    racine = str(Path(__file__).resolve().parents[2])
    fenetre = subprocess.Popen([sys.executable, str(programme), etat], stdout=subprocess.PIPE,
                               text=True, env={**os.environ, "PYTHONPATH": racine})
    assert fenetre.stdout is not None
    travail, autre = (int(x) for x in fenetre.stdout.readline().split())
    try:
        assert _vit(travail)
        fenetre.kill()
        fenetre.wait(60)
        limite = time.monotonic() + 60
        while _vit(travail) and time.monotonic() < limite:
            time.sleep(0.05)  # short: a pace
        assert not _vit(travail)
    finally:
        os.kill(autre, 9)
        if _vit(travail):
            os.kill(travail, 9)
        fenetre.stdout.close()
