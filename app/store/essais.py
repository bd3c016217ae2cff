"""Wrong passwords in a row, beside the vault: they outlive a restart (IAM.92).

The file holds no secret. Removing it gives nothing that copying the vault wouldn't give: against a
stolen vault the defence is Argon2id and the length of the password.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from app.store.files import ecrire_durablement, verrouiller
from app.store.places import SUFFIXE_COFFRE, chemin_coffre

#: Failures remembered for the trail.
GARDES = 50
#: Seconds during which failures stay counted, whoever got in meanwhile; how many are kept.
JOUR_S, RECENTS = 86_400.0, 200
_TAILLE_MAX = 1 << 16
_VERROU = threading.Lock()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Essais:
    """`rates` in a row; the wait runs from `pose_le` (UTC seconds) and `mono` (since the start of
    the machine); `dates`: UTC ISO of the failures not yet in the trail; `recents`: UTC seconds of
    those of the last day, which a success doesn't erase."""

    rates: int = 0
    attente_s: int = 0
    pose_le: float = 0.0
    mono: float = 0.0
    dates: tuple[str, ...] = ()
    recents: tuple[float, ...] = ()


def _fichier(emplacement: Path | str) -> Path:
    coffre = chemin_coffre(emplacement)
    return coffre.with_name(coffre.name.removesuffix(SUFFIXE_COFFRE) + ".essais.json")


def lire(emplacement: Path | str) -> Essais:
    """The failures; none when the file is missing or unreadable."""
    fichier = _fichier(emplacement)
    try:
        if fichier.stat().st_size > _TAILLE_MAX:
            return Essais()
        brut = json.loads(fichier.read_bytes())
        return Essais(max(0, int(brut["rates"])), max(0, int(brut["attente_s"])),
                      float(brut["pose_le"]), float(brut["mono"]),
                      tuple(str(d)[:32] for d in brut["dates"][-GARDES:]),
                      tuple(float(r) for r in brut.get("recents", ())[-RECENTS:]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return Essais()


def _ecrire(emplacement: Path | str, essais: Essais) -> None:
    contenu = {"rates": essais.rates, "attente_s": essais.attente_s, "pose_le": essais.pose_le,
               "mono": essais.mono, "dates": list(essais.dates),
               "recents": list(essais.recents)}
    ecrire_durablement(_fichier(emplacement), json.dumps(contenu).encode())


class TropTot(Exception):
    """The wait isn't over: `reste_s` seconds are left."""

    def __init__(self, reste_s: int) -> None:
        super().__init__(reste_s)
        self.reste_s = reste_s


@contextmanager
def _seul(emplacement: Path | str) -> Iterator[None]:
    """One reader and writer of the count at a time, among the threads and programs of the machine.

    Where the folder can't be written the threads of this program alone wait for one another.
    """
    with _VERROU:
        try:
            fichier = _fichier(emplacement).with_suffix(".verrou").open("a+b")
        except OSError:
            yield
            return
        with fichier:
            verrouiller(fichier.fileno())
            yield  # closing the file ends the lock


def reste_s(emplacement: Path | str) -> int:
    """Seconds to wait before the next try.

    Within one run of the machine its own counter decides: changing the clock gains nothing. After
    a restart the clock does; set back, the wait begins again, once, never for years.
    """
    with _seul(emplacement):
        return _reste(emplacement)


def _reste(emplacement: Path | str) -> int:
    essais = lire(emplacement)
    if not essais.attente_s:
        return 0
    mono, mur = time.monotonic(), time.time()
    ecoule = mono - essais.mono if mono >= essais.mono else mur - essais.pose_le
    if ecoule < 0:
        _ecrire(emplacement, replace(essais, pose_le=mur, mono=mono))
        ecoule = 0
    return max(0, int(essais.attente_s - ecoule + 0.999))


def noter_essai(emplacement: Path | str,
                attente: Callable[[int, int], int]) -> tuple[Essais, Essais]:
    """Count a failure before the password is even tried: killing the program gains no try.

    :param attente: seconds to wait after so many failures in a row, and in a day.
    :return: what was there before, and now.

    The look at the wait and the count are one step: tries made at once don't pass together.

    :raises TropTot: the wait isn't over. :raises OSError: it can't be written.
    """
    with _seul(emplacement):
        reste = _reste(emplacement)
        if reste:
            raise TropTot(reste)
        avant = lire(emplacement)
        rates = avant.rates + 1
        date, mur = datetime.now(UTC).isoformat(timespec="seconds"), time.time()
        recents = (*_du_jour(avant.recents, mur), mur)[-RECENTS:]
        essais = Essais(rates, attente(rates, len(recents)), mur, time.monotonic(),
                        (*avant.dates, date)[-GARDES:], recents)
        _ecrire(emplacement, essais)
        return avant, essais


def _du_jour(recents: tuple[float, ...], mur: float) -> tuple[float, ...]:
    """Those of the last day; a time to come (the clock was set back) is still one of them."""
    return tuple(r for r in recents if mur - r < JOUR_S)


def rendre(emplacement: Path | str, avant: Essais, apres: Essais, *,
           tracees: bool = False) -> None:
    """Give one try back: the secret wasn't wrong, or couldn't be judged.

    Failures of others that came meanwhile stay counted.

    :param avant, apres: as `noter_essai` gave them. :param tracees: the failures before this try
        are in the trail now.
    """
    with _seul(emplacement):
        actuel = lire(emplacement)
        if not apres.rates:  # it couldn't be counted
            return
        faites = avant.dates if tracees else ()
        if actuel == apres:
            _poser(emplacement, replace(avant, dates=_sans(avant.dates, faites)))
            return
        _poser(emplacement, replace(
            actuel, rates=max(0, actuel.rates - 1),
            dates=_sans(actuel.dates, (*faites, *apres.dates[-1:])),
            recents=_sans(actuel.recents, apres.recents[-1:])))


def tracees(emplacement: Path | str, dates: tuple[str, ...]) -> None:
    """These failures stay counted, and are in the trail now."""
    with _seul(emplacement):
        actuel = lire(emplacement)
        _poser(emplacement, replace(actuel, dates=_sans(actuel.dates, dates)))


def _sans(valeurs: tuple[T, ...], otees: tuple[T, ...]) -> tuple[T, ...]:
    """Without each of `otees`, once."""
    restent = list(valeurs)
    for valeur in otees:
        if valeur in restent:
            restent.remove(valeur)
    return tuple(restent)


def reussir(emplacement: Path | str) -> None:
    """A good secret: no failure in a row any more; those of the day stay known."""
    with _seul(emplacement):
        _poser(emplacement, Essais(recents=_du_jour(lire(emplacement).recents[:-1], time.time())))


def effacer(emplacement: Path | str) -> None:
    """Forget every failure (recovery key, administrator)."""
    with _seul(emplacement):
        _poser(emplacement, Essais())


def _poser(emplacement: Path | str, essais: Essais) -> None:
    if essais == Essais():
        _fichier(emplacement).unlink(missing_ok=True)
    else:
        _ecrire(emplacement, essais)


# --- who was here ------------------------------------------------------------------------------

def dernier_compte(emplacement: Path | str) -> str:
    """Envelope that opened last on this workstation, tried first next time; "" when not known."""
    try:
        return _fichier(emplacement).with_suffix(".dernier").read_text("utf-8")[:256]
    except (OSError, UnicodeDecodeError):
        return ""


def noter_compte(emplacement: Path | str, compte: str) -> None:
    """Remember it. The name is already in the vault: nothing new is said. :raises OSError: disk."""
    if compte != dernier_compte(emplacement):
        ecrire_durablement(_fichier(emplacement).with_suffix(".dernier"), compte.encode())
