"""The index of words on both engines: which ranks hold all the words of a query, in order.

SQLite: FTS5 without content, addressed by rank: the answer is sorted by construction and stops at
the limit, however common the words. PostgreSQL: its twin, a tsvector under GIN.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from sqlalchemy import Connection, text

#: Rank, words.
Ligne = tuple[int, Sequence[str]]
#: What must be there: every element, each by one of its choices, each choice by all of its words
#: (as beginnings of words of the row).
Formes = Sequence[Sequence[Sequence[str]]]
RANG_MIN, RANG_MAX = 0, 1 << 62


class Mots(Protocol):
    """Index of words."""

    def ajouter(self, lignes: Iterable[Ligne]) -> None:
        """Add rows."""

    def retirer(self, rangs: Sequence[int]) -> None:
        """Take rows away."""

    def vider(self) -> None:
        """Take every row away."""

    def chercher(self, formes: Formes, limite: int, apres: int = RANG_MIN,
                 jusqua: int = RANG_MAX) -> list[int]:
        """Ranks in ]apres, jusqua[ that satisfy `formes`, smallest first."""


class MotsSqlite:
    """FTS5."""

    def __init__(self, connexion: Connection) -> None:
        self._c = connexion

    def ajouter(self, lignes: Iterable[Ligne]) -> None:
        """Add rows."""
        valeurs = [(rang, " ".join(mots)) for rang, mots in lignes]
        if valeurs:
            self._c.exec_driver_sql(
                "INSERT INTO recherche_mots(rowid, mots) VALUES (?, ?)", valeurs)

    def retirer(self, rangs: Sequence[int]) -> None:
        """Take rows away."""
        if rangs:
            self._c.exec_driver_sql("DELETE FROM recherche_mots WHERE rowid = ?",
                                    [(rang,) for rang in rangs])

    def vider(self) -> None:
        """Take every row away."""
        self._c.exec_driver_sql(
            "INSERT INTO recherche_mots(recherche_mots) VALUES ('delete-all')")

    def chercher(self, formes: Formes, limite: int, apres: int = RANG_MIN,
                 jusqua: int = RANG_MAX) -> list[int]:
        """Ranks in ]apres, jusqua[ that satisfy `formes`, smallest first."""
        requete = " AND ".join(
            "(" + " OR ".join(
                "(" + " AND ".join(f'"{mot}"*' for mot in suite) + ")" for suite in choix) + ")"
            for choix in formes)
        lignes = self._c.exec_driver_sql(
            "SELECT rowid FROM recherche_mots WHERE recherche_mots MATCH ? AND rowid > ? "
            "AND rowid < ? ORDER BY rowid LIMIT ?",
            (requete, apres, jusqua, limite))
        return [ligne[0] for ligne in lignes]


class MotsPostgresql:
    """tsvector."""

    def __init__(self, connexion: Connection) -> None:
        self._c = connexion

    def ajouter(self, lignes: Iterable[Ligne]) -> None:
        """Add rows."""
        valeurs = [{"rang": rang, "mots": list(mots)} for rang, mots in lignes]
        if valeurs:
            self._c.execute(text("INSERT INTO recherche_mots(rang, mots) "
                                 "VALUES (:rang, array_to_tsvector(cast(:mots AS text[])))"),
                            valeurs)

    def retirer(self, rangs: Sequence[int]) -> None:
        """Take rows away."""
        if rangs:
            self._c.execute(text("DELETE FROM recherche_mots WHERE rang = ANY(:rangs)"),
                            {"rangs": list(rangs)})

    def vider(self) -> None:
        """Take every row away."""
        self._c.execute(text("DELETE FROM recherche_mots"))

    def chercher(self, formes: Formes, limite: int, apres: int = RANG_MIN,
                 jusqua: int = RANG_MAX) -> list[int]:
        """Ranks in ]apres, jusqua[ that satisfy `formes`, smallest first."""
        requete = " & ".join(
            "(" + " | ".join(
                "(" + " & ".join(f"'{mot}':*" for mot in suite) + ")" for suite in choix) + ")"
            for choix in formes)
        lignes = self._c.execute(
            text("SELECT rang FROM recherche_mots WHERE mots @@ cast(:requete AS tsquery) "
                 "AND rang > :apres AND rang < :jusqua ORDER BY rang LIMIT :limite"),
            {"requete": requete, "apres": apres, "jusqua": jusqua, "limite": limite})
        return [ligne[0] for ligne in lignes]


def index_mots(connexion: Connection) -> Mots:
    """Index of the engine in use."""
    if connexion.dialect.name == "postgresql":
        return MotsPostgresql(connexion)
    return MotsSqlite(connexion)
