"""Who works, on which file, with which services: handed to every use case.

A context lives from unlocking to locking. It holds no row and no token: the proxy client keeps
the session, the store keeps the data. What it remembers dies with it (answers of TD0.2, bris de
glace, bytes of DMP documents opened but not integrated).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from app.domain.agenda import Passage
from app.domain.dmp import EtatDmp
from app.domain.people import Professionnel, Structure
from app.store.engine import Store

if TYPE_CHECKING:
    from app.usecases.services import Services

P = ParamSpec("P")
R = TypeVar("R")

#: Bytes of DMP documents kept in memory, at most (not integrated, never written to disk).
TAILLE_CACHE = 64 * 1024 * 1024


@dataclass
class Memoire:
    """What is remembered while the file is unlocked. Guarded by `verrou`."""

    verrou: threading.Lock = field(default_factory=threading.Lock)
    etats_dmp: dict[int, EtatDmp] = field(default_factory=dict)
    """TD0.2 answers, by patient."""
    pannes_dmp: dict[int, str] = field(default_factory=dict)
    """French sentence of the last TD0.2 failure, by patient."""
    bris_de_glace: dict[int, str] = field(default_factory=dict)
    """Reason of a running bris de glace, by patient."""
    insi_tentes: set[int] = field(default_factory=set)
    """Patients for whom INSi was already called by itself."""
    depuis_dmp: dict[int, str] = field(default_factory=dict)
    """First day of act asked to the DMP (AAAA-MM-JJ, "" = all), by patient."""
    visites_dmp: dict[int, str] = field(default_factory=dict)
    """When the DMP was asked before this opening of the file (ISO, "" = never), by patient."""
    passages_supprimes: dict[int, Passage] = field(default_factory=dict)
    """Visits removed from the agenda here, that may be put back."""
    notes: dict[int, dict[str, str]] = field(default_factory=dict)
    """Pieces of the unfinished note taken over when its file was opened, by patient."""
    habilitation: object = None
    """Rights of the user as last read (`usecases.garde`)."""
    recus: "OrderedDict[str, bytes]" = field(default_factory=OrderedDict)
    """DMP documents opened, by uniqueId."""

    def garder(self, unique_id: str, contenu: bytes) -> None:
        """Keep a received document, dropping the oldest ones above TAILLE_CACHE."""
        with self.verrou:
            self.recus[unique_id] = contenu
            self.recus.move_to_end(unique_id)
            while len(self.recus) > 1 and sum(map(len, self.recus.values())) > TAILLE_CACHE:
                self.recus.popitem(last=False)

    def recu(self, unique_id: str) -> bytes | None:
        """A document kept by `garder`, or None."""
        with self.verrou:
            return self.recus.get(unique_id)


def _directement(fonction: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    return fonction(*args, **kwargs)


@dataclass
class Contexte:
    """The unlocked file and its user.

    `lourd` runs a pure function away from the threads that serve the window: the window sets it
    to its worker process, the command line leaves it direct.
    """

    store: Store
    compte_id: int
    professionnel: Professionnel
    structure: Structure
    services: "Services"
    memoire: Memoire = field(default_factory=Memoire)
    lourd: Callable[..., Any] = _directement

    def __post_init__(self) -> None:
        """From now on the store shows what this account may read (LABEL.04)."""
        from app.usecases.garde import regard

        compte_id = self.compte_id
        self.store.regard_de = lambda u: regard(u, compte_id)

    @property
    def qui(self) -> str:
        """Author as the trail and the histories name it."""
        return f"{self.professionnel.prenom} {self.professionnel.nom}".strip()

    def fermer(self) -> None:
        """Close network and file. Commits are done by then: they are never left open."""
        self.services.fermer()
        self.store.fermer()


def maintenant_local() -> str:
    """Local date-time with offset, ISO, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def maintenant_utc() -> datetime:
    """Aware UTC date-time."""
    return datetime.now(UTC)


def iso_utc(moment: datetime) -> str:
    """UTC ISO form used by the outbox."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
