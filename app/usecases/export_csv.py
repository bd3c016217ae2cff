"""Files that leave the practice: whole or absent, private, their tables safe in a spreadsheet."""

import csv
import errno
import io
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.domain.accord import taille_lisible
from app.domain.tableur import inerte
from app.store.errors import DisquePlein, ErreurStore
from app.store.places import est_du_programme
from app.usecases.errors import Refus


def refuser_le_programme(vers: Path) -> Path:
    """The absolute path. :raises Refus: a practice, a backup or a vault bears such a name."""
    vers = Path(vers).absolute()
    if est_du_programme(vers):
        raise Refus(f"«\u00a0{vers.name}\u00a0» est le nom d’un fichier de Pléiade (dossier, "
                    "sauvegarde ou coffre). Choisissez un autre nom. Rien n’a été modifié.")
    return vers


def refuser_existant(vers: Path) -> Path:
    """The absolute path. :raises Refus: a file is there, or the name is one of the program's."""
    vers = refuser_le_programme(vers)
    if vers.exists():
        raise Refus(f"Le fichier «\u00a0{vers.name}\u00a0» existe déjà. Rien n’a été modifié.")
    return vers


def exiger_place(vers: Path, octets: int) -> None:
    """Refuse before writing what obviously has no room.

    :param octets: an upper bound. :raises Refus: less is free; nothing was written.
    """
    try:
        libre = shutil.disk_usage(vers.parent).free
    except OSError as erreur:
        raise Refus(f"Le dossier «\u00a0{vers.parent.name}\u00a0» n’est pas accessible. "
                    "Choisissez-en un autre\u00a0; rien n’a été écrit.") from erreur
    if libre < octets:
        raise Refus(f"Il faut jusqu’à {taille_lisible(octets)}, et ce disque n’a plus que "
                    f"{taille_lisible(libre)}. Choisissez-en un autre\u00a0; rien n’a été écrit.",
                    code="PLACE")


@contextmanager
def fichier_de_sortie(vers: Path, *, remplacer: bool = False) -> Iterator[BinaryIO]:
    """A file that its user alone may read; it takes its name once it is whole on the disk.

    :param remplacer: the file that is there was seen and is given up (a dialog asked).
    :raises Refus: the file exists. :raises ErreurStore: full disk, no right; no file is left.
    """
    vers = refuser_le_programme(vers) if remplacer else refuser_existant(vers)
    partiel = vers.with_name(f"{vers.name}.{secrets.token_hex(4)}.partiel")
    try:
        descripteur = os.open(partiel, os.O_RDWR | os.O_CREAT | os.O_EXCL
                              | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descripteur, "w+b") as sortie:
            yield sortie
            sortie.flush()
            os.fsync(sortie.fileno())
        partiel.replace(vers)
    except OSError as erreur:
        if erreur.errno == errno.ENOSPC:
            raise DisquePlein("Le disque est plein\u00a0: l’export a été effacé.") from erreur
        raise ErreurStore(f"Le fichier «\u00a0{vers.name}\u00a0» ne peut pas être écrit\u00a0: "
                          "vérifiez le dossier et les droits.") from erreur
    finally:
        partiel.unlink(missing_ok=True)


def ecrire_table(vers: Path, colonnes: Sequence[str], rangees: Iterable[Sequence[str]]) -> int:
    """Write a new CSV (UTF-8 with mark, semicolons); returns the number of rows.

    :raises Refus: the file exists. :raises ErreurStore: full disk, no right; no file is left.
    """
    nombre = 0
    with fichier_de_sortie(vers) as brut:
        sortie = io.TextIOWrapper(brut, encoding="utf-8-sig", newline="")
        ecrivain = csv.writer(sortie, delimiter=";")
        ecrivain.writerow(colonnes)
        for rangee in rangees:
            ecrivain.writerow([inerte(cellule) for cellule in rangee])
            nombre += 1
        sortie.flush()
        sortie.detach()
    return nombre
