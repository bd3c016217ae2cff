"""Lives of one program that are killed: its modules are loaded once, each life is a fork of it.

Run by `Lignee` as `lignee.py MODULE ARGUMENTS…`; each line that comes in is one life, with more
arguments. A life tells its number, then what it has to say; its end is told after it.
"""

import importlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

VIE, MORT = "VIE ", "MORT\n"


class Lignee:
    """A program that lives many times.

    Args:
        module: beside this file; its `main` works until it is killed.
        arguments: of each life.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        self._processus = subprocess.Popen(
            [sys.executable, __file__, module, *arguments], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def vivre(self, *options: str, lignes: int | None = None, attente_s: float = 0) -> list[str]:
        """One life, killed `attente_s` seconds after it said that many lines (counted, so that a
        slow machine does as much as a fast one); without a number it is left to its end.

        Gives everything it said.
        """
        entree, sortie = self._processus.stdin, self._processus.stdout
        assert entree is not None and sortie is not None
        entree.write(" ".join(options) + "\n")
        entree.flush()
        numero = sortie.readline()
        assert numero.startswith(VIE), numero
        dites: list[str] = []
        while True:
            if lignes == len(dites):
                time.sleep(attente_s)
                os.kill(int(numero.removeprefix(VIE)), signal.SIGKILL)
                lignes = None
            ligne = sortie.readline()
            assert ligne, "the program itself ended"
            if ligne == MORT:
                return dites
            dites.append(ligne.rstrip("\n"))

    def fermer(self) -> None:
        """No more lives."""
        assert self._processus.stdin is not None and self._processus.stdout is not None
        self._processus.stdin.close()
        self._processus.wait(60)
        self._processus.stdout.close()


def _dire(texte: str) -> None:
    sys.stdout.write(texte)
    sys.stdout.flush()


def _engendrer() -> None:
    module, *arguments = sys.argv[1:]
    vie = importlib.import_module(module)
    for ligne in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _dire(f"{VIE}{os.getpid()}\n")
            sys.argv[1:] = [*arguments, *ligne.split()]
            vie.main()
            os._exit(0)
        os.waitpid(pid, 0)
        _dire(MORT)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    _engendrer()
