"""Crash dumps: none, for the program and for the process that parses documents."""

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from app.ui.processus import Processus

_PR_GET_DUMPABLE = 3


def dumpable() -> int:
    """What the kernel says of this process, and its limit: 0 when no dump can be written."""
    return ctypes.CDLL(None).prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) + max(
        0, resource.getrlimit(resource.RLIMIT_CORE)[1])


@pytest.mark.attaque("Image mémoire d’un plantage",
                     tente="lever toutes les limites du système, puis faire planter le programme",
                     constat="le système n’écrit aucune image mémoire et n’en remet à aucun "
                             "programme")
def test_a_crash_writes_no_image(tmp_path: Path) -> None:
    code = ("from app.protection import proteger_memoire; proteger_memoire(); "
            "from tests.unit.test_protection import dumpable; print(dumpable(), flush=True); "
            "import os; os.abort()")
    lecture, ecriture = os.pipe()
    enfant = os.fork()
    if enfant == 0:
        os.dup2(ecriture, 1)
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-c", code],
                  {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    os.close(ecriture)
    with os.fdopen(lecture) as dit:
        assert dit.read().strip() == "0"
    _, etat = os.waitpid(enfant, 0)
    assert os.WIFSIGNALED(etat) and not os.WCOREDUMP(etat) and list(tmp_path.iterdir()) == []


def test_the_process_that_parses_is_protected_too() -> None:
    processus = Processus()
    try:
        assert processus.executer(dumpable) == 0
    finally:
        processus.fermer()


def test_the_command_line_protects_itself(tmp_path: Path) -> None:
    """Measured from inside, where the command runs: its own module asks the kernel."""
    code = ("import os, sys; sys.argv = ['pleiade', '--version']; os.umask(0)\n"
            "from app.__main__ import main\n"
            "from tests.unit.test_protection import dumpable\n"
            "try: main()\nexcept SystemExit: print(oct(os.umask(0)), dumpable())")
    dit = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                         cwd=Path(__file__).parents[2], timeout=60)
    # No dump, and what is created belongs to the user alone.
    assert dit.stdout.split()[-2:] == ["0o77", "0"], dit.stderr


@pytest.mark.attaque("Clés des connexions TLS écrites dans un fichier",
                     tente="laisser dans l’environnement du poste la variable SSLKEYLOGFILE, qui "
                           "fait écrire par toute connexion de quoi la déchiffrer",
                     constat="la variable est sans effet\u00a0: ni le programme ni les processus "
                             "qu’il lance n’écrivent de clé")
def test_no_variable_makes_tls_keys_a_file(tmp_path: Path) -> None:
    code = ("import os, ssl, sys; sys.argv = ['pleiade', '--version']\n"
            "from app.__main__ import main\n"
            "try: main()\nexcept SystemExit: print(ssl.create_default_context().keylog_filename, "
            "'SSLKEYLOGFILE' in os.environ)")
    dit = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                         cwd=Path(__file__).parents[2], timeout=60,
                         env={**os.environ, "SSLKEYLOGFILE": str(tmp_path / "cles.txt")})
    assert dit.stdout.splitlines()[-1] == "None False", dit
    assert list(tmp_path.iterdir()) == []


@pytest.mark.attaque("Nom d’un patient dans le message d’un plantage",
                     tente="faire échouer, sans que rien ne le rattrape, un geste, un fil et une "
                           "fin d’objet dont l’erreur porte un nom et un matricule",
                     constat="la sortie d’erreur, que le bureau garde dans un fichier, dit le "
                             "genre et le lieu de l’erreur, jamais son texte")
def test_what_nothing_caught_is_written_without_its_text() -> None:
    code = ("import sys, threading; sys.argv = ['pleiade', '--version']\n"
            "from app.__main__ import main\n"
            "try: main()\nexcept SystemExit: pass\n"
            "class Fin:\n    def __del__(self): raise KeyError('ADRUN ZOE')\n"
            "def echouer():\n"
            "    try: {}['ADRUN ZOE']\n"
            "    except KeyError as e: raise ValueError('253017520000058') from e\n"
            "f = threading.Thread(target=echouer); f.start(); f.join()\n"
            "Fin()\nechouer()")
    dit = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                         cwd=Path(__file__).parents[2], timeout=60)
    assert dit.returncode == 1
    assert "ADRUN" not in dit.stderr and "2530175" not in dit.stderr, dit.stderr
    assert dit.stderr.count("builtins.ValueError") == 2 and "in echouer" in dit.stderr
    assert dit.stderr.count("builtins.KeyError") == 3
