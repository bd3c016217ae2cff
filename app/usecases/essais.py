"""One try of a secret, counted before it is judged, wherever it is asked (IAM.92)."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from app.domain.mot_de_passe import attente_apres
from app.store import essais, vault
from app.usecases.errors import Refus
from app.usecases.second_facteur import CodeRefuse

journal = logging.getLogger("pleiade.acces")


class TropEssais(Refus):
    """Too many wrong passwords: wait `attente_s` seconds. The recovery key doesn't wait."""

    def __init__(self, attente_s: int) -> None:
        super().__init__(f"Trop d’essais. Patientez {duree(attente_s)}, ou ouvrez par la clé de "
                         "secours.", code="TROP-ESSAIS")
        self.attente_s = attente_s


class DejaPris(Refus):
    """A password that this account had already."""

    def __init__(self) -> None:
        super().__init__("Ce mot de passe a déjà servi. Choisissez-en un autre.",
                         code="MDP-HISTORIQUE")


class PrisAilleurs(DejaPris):
    """A password that another account has: the same words, for it says nothing of the others."""


def duree(secondes: int) -> str:
    """« 45 secondes », « 2 minutes »."""
    if secondes < 60:
        return f"{secondes} seconde{'s' if secondes > 1 else ''}"
    minutes = -(-secondes // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


@contextmanager
def essai_compte(emplacement: Path | str, *, trace: bool = True) -> Iterator[None]:
    """A try made inside an open file: an unattended screen guesses no faster than the door.

    It stays counted when a wrong secret, or somebody else's, is given; else it is given back.

    :param trace: the gesture writes its failures in the trail; else the next opening does.
    :raises TropEssais: the wait isn't over.
    """
    try:
        avant, apres = essais.noter_essai(emplacement, attente_apres)
    except essais.TropTot as tot:
        raise TropEssais(tot.reste_s) from tot
    except OSError as erreur:
        # A full disk must not keep a nurse from changing her password.
        journal.error("essais : %s", erreur.strerror)
        yield
        return
    try:
        yield
    except (vault.MotDePasseRefuse, CodeRefuse, PrisAilleurs):
        if trace:
            _ecrire(essais.tracees, emplacement, apres.dates[-1:])
        raise
    except BaseException:
        _ecrire(essais.rendre, emplacement, avant, apres)
        raise
    _ecrire(essais.rendre, emplacement, avant, apres)


def _ecrire(geste: Callable[..., None], emplacement: Path | str, *valeurs: object) -> None:
    try:
        geste(emplacement, *valeurs)
    except OSError as erreur:
        journal.error("essais : %s", erreur.strerror)


def heure_echec(quand: str) -> str:
    """« 29/11/2026 01:29:33 » local, from the UTC ISO of a failure noted by a closed file."""
    try:
        return datetime.fromisoformat(quand).astimezone().strftime("%d/%m/%Y %H:%M:%S")
    except ValueError:
        return "heure illisible"
