"""CSV files that leave the practice: whole or absent, private, harmless in a spreadsheet."""

import csv
import errno
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from app.store.errors import DisquePlein, ErreurStore
from app.usecases.errors import Refus

#: What a spreadsheet takes for a formula, in its wide forms too; blanks before don't make it
#: harmless, apostrophes already there must come back.
_FORMULE = re.compile(r"'*(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def refuser_existant(vers: Path) -> Path:
    """The absolute path. :raises Refus: a file is there."""
    vers = Path(vers).absolute()
    if vers.exists():
        raise Refus(f"Le fichier « {vers.name} » existe déjà. Rien n’a été modifié.")
    return vers


def ecrire_table(vers: Path, colonnes: Sequence[str], rangees: Iterable[Sequence[str]]) -> int:
    """Write a new CSV (UTF-8 with mark, semicolons); returns the number of rows.

    :raises Refus: the file exists. :raises ErreurStore: full disk, no right; no file is left.
    """
    vers = refuser_existant(vers)
    partiel = vers.with_name(f"{vers.name}.{secrets.token_hex(4)}.partiel")
    nombre = 0
    try:
        descripteur = os.open(partiel, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descripteur, "w", encoding="utf-8-sig", newline="") as sortie:
            ecrivain = csv.writer(sortie, delimiter=";")
            ecrivain.writerow(colonnes)
            for rangee in rangees:
                ecrivain.writerow([inerte(cellule) for cellule in rangee])
                nombre += 1
            sortie.flush()
            os.fsync(sortie.fileno())
        partiel.rename(vers)
    except OSError as erreur:
        if erreur.errno == errno.ENOSPC:
            raise DisquePlein("Le disque est plein : l’export a été effacé.") from erreur
        raise ErreurStore(f"Le fichier « {vers.name} » ne peut pas être écrit : vérifiez le "
                          "dossier et les droits.") from erreur
    finally:
        partiel.unlink(missing_ok=True)
    return nombre


def inerte(texte: str) -> str:
    """A cell that no spreadsheet runs."""
    return f"'{texte}" if _FORMULE.match(texte) else texte


def sans_apostrophe(texte: str) -> str:
    """What `inerte` was given."""
    return texte[1:] if texte[:1] == "'" and _FORMULE.match(texte[1:]) else texte
