"""What every repository needs."""

from typing import Any

from sqlalchemy import Connection, Table, select, update

from app.store.errors import ConflitVersion, Introuvable


class Depot:
    """A repository over the connection of one unit of work."""

    def __init__(self, connexion: Connection) -> None:
        self._c = connexion

    def _modifier(self, table: Table, id: int, version: int | None, **valeurs: Any) -> None:
        """Write a row under optimistic locking; None skips the check.

        :raises ConflitVersion: somebody wrote it since. :raises Introuvable: no such row.
        """
        ordre = update(table).where(table.c.id == id)
        if version is not None:
            ordre = ordre.where(table.c.version == version)
        if self._c.execute(ordre.values(version=table.c.version + 1, **valeurs)).rowcount == 0:
            if self._c.execute(select(table.c.id).where(table.c.id == id)).first() is None:
                raise Introuvable()
            raise ConflitVersion()
