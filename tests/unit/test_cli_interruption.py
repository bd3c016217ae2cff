"""Ctrl+C and a reader who goes away (`| head`): a French line or nothing, never a traceback."""

import importlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app import __main__ as ligne

RACINE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("commande", [*ligne.COMMANDES, None])
def test_ctrl_c_is_a_french_line_and_130(commande: str | None, monkeypatch: pytest.MonkeyPatch,
                                         capsys: pytest.CaptureFixture[str]) -> None:
    def couper(_: object) -> int:
        raise KeyboardInterrupt

    module = importlib.import_module(
        f"app.cli.{ligne.COMMANDES[commande][0] if commande else 'fenetre'}")
    monkeypatch.setattr(module, "run", couper)
    monkeypatch.setattr(module, "declare", lambda _: None, raising=False)
    assert ligne.main([commande] if commande else []) == 130
    sortie = capsys.readouterr()
    assert "Interrompu" in sortie.err
    assert "Traceback" not in sortie.err


def _lancer(*mots: str, **autres: object) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-m", "app", *mots], cwd=RACINE, text=True,
                            stderr=subprocess.PIPE, **autres)  # type: ignore[call-overload,no-any-return]


def test_a_real_process_is_stopped_while_it_works() -> None:
    programme = (
        "import sys, time\n"
        "import app.cli.verifier as commande\n"
        "from app.__main__ import main\n"
        "def run(_):\n"
        "    print('prête', flush=True)\n"
        "    time.sleep(60)\n"
        "commande.run = run\n"
        "sys.argv = ['pleiade', 'verifier']\n"
        "sys.exit(main())\n")
    processus = subprocess.Popen([sys.executable, "-c", programme], cwd=RACINE, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert processus.stdout is not None
    assert processus.stdout.readline().strip() == "prête"
    processus.send_signal(signal.SIGINT)
    _, erreurs = processus.communicate(timeout=60)
    assert processus.returncode == 130
    assert erreurs.strip().startswith("Interrompu.")
    assert "Traceback" not in erreurs


@pytest.mark.parametrize("mots", [("--help",), ("verifier", "--help"), ("ins", "--help"),
                                  ("preuves", "--liste")])
def test_a_reader_who_goes_away_is_not_an_error_on_screen(mots: tuple[str, ...]) -> None:
    lecture, ecriture = os.pipe()
    os.close(lecture)
    processus = _lancer(*mots, stdout=ecriture)
    os.close(ecriture)
    _, erreurs = processus.communicate(timeout=60)
    assert erreurs == ""
    assert processus.returncode == 141


def test_the_window_closes_in_order(tmp_path: Path) -> None:
    programme = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from app.ui import lancer\n"
        "from app.ui.controllers.application import Application\n"
        "demarrer = Application.demarrer\n"
        "def suite(self):\n"
        "    demarrer(self)\n"
        "    QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "    self.fermee.connect(lambda: print('fermée', flush=True))\n"
        "Application.demarrer = suite\n"
        f"options = lancer.OptionsFenetre(emplacement=Path({str(tmp_path / 'c.pleiade')!r}))\n"
        "sys.exit(lancer.lancer(options))\n")
    fini = subprocess.run([sys.executable, "-c", programme], cwd=RACINE, text=True, timeout=120,
                          capture_output=True, check=False, env={
                              **os.environ, "QT_QPA_PLATFORM": "offscreen",
                              "XDG_DATA_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)})
    assert fini.returncode == 130, fini.stderr
    assert fini.stdout.strip() == "fermée"
    assert "Traceback" not in fini.stderr
