"""What a unit of work changed, told to the other workstations (LISTEN/NOTIFY).

Each unit that writes on PostgreSQL notes which tables it touched and, where the statement says it,
whose patient; its last order before the commit is one NOTIFY, which the server delivers only if the
commit succeeds. Nothing of the patient file travels: names of tables and ids.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.sql.dml import Delete, Insert, Update, UpdateBase

from app.store.connections import connexion_postgresql

journal = logging.getLogger("pleiade.store")

CANAL = "pleiade_changements"
#: Written by nearly every gesture, or by the index: no page lives on them.
MUETTES = frozenset({"trail", "trail_tete", "trail_ancre", "brouillon", "contenu", "dmp_vu",
                     "coffre", "recherche_rang", "recherche_cle", "recherche_mots",
                     "patient_matricule"})
#: More patients than this in one unit (an import): only the tables are told.
PATIENTS_MAX = 60
#: Seconds between two tries to hear again, first and longest.
REPRISE_S, REPRISE_MAX_S = 0.25, 3.0
#: Who closes the window doesn't wait for a server that is away.
ARRET_S = 0.6
#: The listener looks at its own end this often.
PAS_S = 0.25
#: Silent links die unnoticed in some routers: the server is asked something this often.
PULS_S = 10.0


@dataclass(frozen=True, slots=True)
class Changements:
    """What another workstation wrote. `patients` None: any may have changed.

    `tout`: the link was cut, anything may have changed meanwhile.
    """

    tables: frozenset[str] = frozenset()
    patients: frozenset[int] | None = None
    tout: bool = False


class _Releve:
    """Tables and patients of one unit."""

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.patients: set[int] = set()
        self.inconnus = False

    def noter(self, ordre: UpdateBase, parametres: list[Mapping[str, Any]],
              cle: Any) -> None:
        """Note one INSERT, UPDATE or DELETE."""
        nom = str(getattr(ordre.table, "name", ""))
        if nom in MUETTES:
            return
        self.tables.add(nom)
        lus: set[int] = set()
        for valeurs in parametres[:PATIENTS_MAX + 1]:
            if nom == "patient":
                id = valeurs.get("id_1", cle if isinstance(ordre, Insert) else None)
            else:
                id = valeurs.get("patient_id", valeurs.get("patient_id_1"))
            if isinstance(id, int):
                lus.add(id)
        if not lus:
            self.inconnus = True
        self.patients |= lus

    def message(self, poste: str) -> str:
        """The payload: far below the 8,000 bytes of a NOTIFY."""
        connus = not self.inconnus and len(self.patients) <= PATIENTS_MAX
        return json.dumps({"p": poste, "t": sorted(self.tables),
                           "i": sorted(self.patients) if connus else None},
                          separators=(",", ":"))


@contextmanager
def releve(connexion: Connection, poste: str) -> Iterator[None]:
    """Tell the others what the unit wrote, at its end; nothing on SQLite."""
    if connexion.dialect.name != "postgresql":
        yield
        return
    note = _Releve()

    def apres(_connexion: Any, ordre: Any, _multiples: Any, _parametres: Any, _options: Any,
              resultat: Any) -> None:
        if isinstance(ordre, Insert | Update | Delete):
            cle = resultat.inserted_primary_key if (
                isinstance(ordre, Insert) and not resultat.context.executemany) else None
            note.noter(ordre, resultat.context.compiled_parameters, cle[0] if cle else None)

    event.listen(connexion, "after_execute", apres)
    try:
        yield
        if note.tables:
            connexion.exec_driver_sql("SELECT pg_notify(%s, %s)", (CANAL, note.message(poste)))
    finally:
        event.remove(connexion, "after_execute", apres)


class Ecoute:
    """One connection that listens, in a thread; it comes back by itself when the server does.

    Args:
        url: address of the base.
        poste: who we are: our own changes are not told.
        rappel: told of each change, and of `tout` after a cut.
        lien: told that the server doesn't answer any more (False), then that it is back (True).
    """

    def __init__(self, url: str, poste: str, rappel: Callable[[Changements], None],
                 lien: Callable[[bool], None] | None = None) -> None:
        self._url, self._poste, self._rappel, self._lien = url, poste, rappel, lien
        self._fin = threading.Event()
        self.branchee = threading.Event()
        """Set while the link is up."""
        self._fil = threading.Thread(target=self._vivre, name="changements", daemon=True)
        self._fil.start()

    def arreter(self) -> None:
        """Stop; no call comes after. A connection being tried is left to end by itself."""
        self._fin.set()
        self._fil.join(ARRET_S)

    def _vivre(self) -> None:
        import psycopg

        premiere, pause = True, REPRISE_S
        while not self._fin.is_set():
            try:
                with connexion_postgresql(self._url) as connexion:
                    connexion.execute(f"LISTEN {CANAL}")
                    self.branchee.set()
                    pause = REPRISE_S
                    if not premiere:
                        self._dire_lien(True)
                        self._dire(Changements(tout=True))
                    premiere = False
                    self._entendre(connexion)
            except (psycopg.Error, OSError) as erreur:
                journal.info("écoute des autres postes interrompue : %s", type(erreur).__name__)
            if self.branchee.is_set() or premiere:
                self._dire_lien(False)
            self.branchee.clear()
            premiere = False
            self._fin.wait(pause)
            pause = min(pause * 2, REPRISE_MAX_S)

    def _entendre(self, connexion: Any) -> None:
        dernier = time.monotonic()
        while not self._fin.is_set():
            for recu in connexion.notifies(timeout=PAS_S, stop_after=1):
                dernier = time.monotonic()
                self._lire(recu.payload)
            if time.monotonic() - dernier > PULS_S:
                connexion.execute("SELECT 1")
                dernier = time.monotonic()

    def _lire(self, charge: str) -> None:
        try:
            lu = json.loads(charge)
            poste, tables, ids = lu["p"], frozenset(map(str, lu["t"])), lu["i"]
            patients = None if ids is None else frozenset(int(i) for i in ids)
        except (ValueError, KeyError, TypeError):
            journal.warning("changement illisible sur le canal du cabinet")
            return
        if poste != self._poste:
            self._dire(Changements(tables, patients))

    def _dire_lien(self, present: bool) -> None:
        if self._lien is not None and not self._fin.is_set():
            self._lien(present)

    def _dire(self, changements: Changements) -> None:
        if not self._fin.is_set():
            self._rappel(changements)
