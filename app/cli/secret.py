"""Secrets on the command line: a file, the environment, or a question; never an argument.

An argument would be seen by every program of the machine and kept by the shell's history.
"""

import argparse
import getpass
import os
import sys
from pathlib import Path

from app.cli.sortie import message

VARIABLE_MOT_DE_PASSE = "PLEIADE_MOT_DE_PASSE"
VARIABLE_CLE_SECOURS = "PLEIADE_CLE_SECOURS"
VARIABLE_CODE = "PLEIADE_CODE"
#: Bytes of the file of a secret, at most.
_TAILLE_MAX = 4096


def declarer(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a file holding the password."""
    parser.add_argument("--mot-de-passe-fichier", metavar="F", type=Path,
                        help="lit le mot de passe dans ce fichier (sinon, variable "
                             f"{VARIABLE_MOT_DE_PASSE}, sinon question)")


def lire(fichier: Path | None, variable: str, question: str) -> str | None:
    """The secret, or None after having said on standard error what is missing."""
    if fichier is not None:
        try:
            with fichier.open("rb") as ouvert:
                brut = ouvert.read(_TAILLE_MAX + 1)  # a device has no end
            if len(brut) > _TAILLE_MAX:
                raise ValueError("too large")
            # Windows' notepad writes a mark before the text.
            return brut.decode("utf-8-sig").rstrip("\r\n")
        except (OSError, ValueError):
            message(f"Le fichier « {fichier} » ne peut pas être lu.")
            return None
    if variable in os.environ:
        return os.environ[variable]
    if sys.stdin.isatty():
        return getpass.getpass(f"{question} : ", stream=sys.stderr)
    message(f"{question} : donnez un fichier, ou la variable {variable}.")
    return None


def mot_de_passe(args: argparse.Namespace) -> str | None:
    """The password of the practice."""
    return lire(args.mot_de_passe_fichier, VARIABLE_MOT_DE_PASSE, "Mot de passe")


def code() -> str | None:
    """The code of the second factor, when the account has one."""
    return lire(None, VARIABLE_CODE, "Code du second facteur")
