"""Erasure of whole patient files: every row that is about them, bytes and index included.

What is about a patient isn't listed here: it is what the foreign keys lead to, from `patient` on. A
table added tomorrow is erased too, and a test wants each of them to be reached.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Table, delete, except_, func, or_, select, text

from app.domain.entrant import EtatEntrant
from app.store.repos.base import Depot
from app.store.repos.outbox import FINALS
from app.store.search.index import desindexer
from app.store.tables import (
    T_BROUILLON,
    T_CLE,
    T_CONTENU,
    T_DOCUMENT,
    T_ENTRANT,
    T_ORDRE,
    T_PATIENT,
    T_RANG,
    T_REGLAGE,
    T_REGROUPEMENT,
    T_SAISIE,
    Base,
)

#: The index of the search: `desindexer` takes these rows away with their words.
_INDEX = frozenset({T_RANG.name, T_CLE.name})


def portee(ids: Sequence[int]) -> list[tuple[Table, ColumnElement[bool]]]:
    """Each table that holds something of these patients, and which rows; parents first."""
    conditions: dict[str, ColumnElement[bool]] = {T_PATIENT.name: T_PATIENT.c.id.in_(ids)}
    tables = [T_PATIENT]
    for table in Base.metadata.sorted_tables:
        liens = [lien.parent.in_(select(lien.column).where(conditions[lien.column.table.name]))
                 for lien in sorted(table.foreign_keys, key=lambda x: x.parent.name)
                 if lien.column.table.name in conditions]
        if liens and table.name not in _INDEX:
            conditions[table.name] = or_(*liens)
            tables.append(table)
    return [(table, conditions[table.name]) for table in tables]


def tables_effacees() -> list[str]:
    """Names of the tables from which an erasure deletes."""
    return [*(table.name for table, _ in portee([0])), T_CONTENU.name, T_REGLAGE.name,
            *sorted(_INDEX), "recherche_mots"]


class Effacement(Depot):
    """Repository of the erasure."""

    def ensemble(self, patient_id: int) -> list[int]:
        """A file and those merged into it, which live on in it; each once."""
        tous, suite = [patient_id], [patient_id]
        r = T_REGROUPEMENT.c
        while suite:
            suite = [i for i in self._c.execute(select(r.autre_id).where(
                r.nature == "fusion", r.defait_le == "", r.garde_id.in_(suite))).scalars()
                if i not in tous]
            tous += suite
        return tous

    def compter(self, ids: Sequence[int]) -> dict[str, int]:
        """How many rows of each table are about these patients; tables without any are left out."""
        nombres = {table.name: self._compter(table, condition) for table, condition in portee(ids)}
        return {nom: nombre for nom, nombre in nombres.items() if nombre}

    def attaches(self, ids: Sequence[int]) -> list[tuple[int, str, str]]:
        """(other file, nature, when) of the merges and splits that bind these patients to others,
        or to each other: those in force."""
        r = T_REGROUPEMENT.c
        return [(x.autre_id if x.garde_id in ids else x.garde_id, x.nature, x.horodatage)
                for x in self._c.execute(select(T_REGROUPEMENT).where(
                    r.defait_le == "", or_(r.garde_id.in_(ids), r.autre_id.in_(ids))
                ).order_by(r.id))]

    def envois_ouverts(self, ids: Sequence[int]) -> int:
        """How many of their sendings haven't ended."""
        o = T_ORDRE.c
        return self._compter(T_ORDRE, o.patient_id.in_(ids), o.etat.not_in(FINALS))

    def a_classer(self, ids: Sequence[int]) -> int:
        """How many received documents wait to be filed in them."""
        e = T_ENTRANT.c
        return self._compter(T_ENTRANT, e.patient_id.in_(ids), e.etat == EtatEntrant.ATTENTE.value)

    def ecrits_depuis(self, ids: Sequence[int], jour: str) -> int:
        """How many of their drafts and forms were written on that day (AAAA-MM-JJ) or since."""
        return sum(self._compter(t, t.c.patient_id.in_(ids), t.c.modifie_le >= jour)
                   for t in (T_BROUILLON, T_SAISIE))

    def _compter(self, table: Table, *conditions: ColumnElement[bool]) -> int:
        return int(self._c.execute(
            select(func.count()).select_from(table).where(*conditions)).scalar_one())

    def documents(self, ids: Sequence[int]) -> list[int]:
        """Ids of their documents."""
        return list(self._c.execute(select(T_DOCUMENT.c.id).where(
            T_DOCUMENT.c.patient_id.in_(ids)).order_by(T_DOCUMENT.c.id)).scalars())

    def effacer(self, ids: Sequence[int]) -> None:
        """Delete everything of these patients, and the bytes that nothing refers to any more.

        The trail isn't touched: it is nobody's but the practice's, and names patients by number.
        """
        for id in ids:
            desindexer(self._c, id)
        for table, condition in reversed(portee(ids)):
            self._c.execute(delete(table).where(condition))
        self.effacer_contenus_perdus()
        if self._c.dialect.name == "sqlite":
            # The words deleted stay in the segments of the index until these are merged.
            self._c.execute(text("INSERT INTO recherche_mots(recherche_mots) VALUES ('optimize')"))

    def effacer_contenus_perdus(self) -> None:
        """Delete bytes that no row refers to: a document rendered again left its former ones."""
        perdus = except_(select(T_CONTENU.c.sha256),
                         *(select(colonne).where(colonne.is_not(None))
                           for colonne in _vers_contenu()))
        self._c.execute(delete(T_CONTENU).where(T_CONTENU.c.sha256.in_(perdus)))


def _vers_contenu() -> Iterator["ColumnElement[str]"]:
    for table in Base.metadata.sorted_tables:
        yield from (lien.parent for lien in table.foreign_keys
                    if lien.column.table is T_CONTENU)
