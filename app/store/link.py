"""A connection to PostgreSQL that isn't kept waiting by a server which fell silent.

A frozen server (a virtual machine on pause, a dead disk) keeps its sockets open: its system answers
the probes of TCP, and a statement would wait for ever. Time alone can't tell it from a long
statement: the server is asked over another connection whether it lives.
"""

import logging
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

journal = logging.getLogger("pleiade.store")

#: Seconds without an answer before the server is asked whether it lives; doubled after each answer,
#: up to the longest.
SILENCE_S, SILENCE_MAX_S = 5.0, 60.0
_RV = TypeVar("_RV")


class ConnexionVeillee(psycopg.Connection[Any]):
    """A connection of psycopg whose statements end when the server lives no more."""

    #: How this connection was opened: the same server is asked.
    _acces: dict[str, Any] | None = None

    @classmethod
    def ouvrir(cls, acces: dict[str, Any]) -> "ConnexionVeillee":
        """Connect. `acces`: the arguments of `psycopg.connect`.

        :raises psycopg.OperationalError: no server, or none that answers within `connect_timeout`.
        """
        connexion = cls.connect(**acces)
        connexion._acces = {**acces, "context": None}
        return connexion

    def wait(self, gen: PQGen[_RV], interval: float = 0.1, timeout: float | None = None) -> _RV:
        """Wait for an answer, as long as the server lives.

        :raises psycopg.OperationalError: it doesn't; the connection is closed.
        """
        if timeout is not None or self._acces is None:
            return super().wait(gen, interval, timeout)
        silence = SILENCE_S
        while True:
            try:
                return super().wait(gen, interval, silence)
            except errors._WaitTimeout as erreur:
                if not self._vit(self._acces):
                    journal.info("serveur du cabinet\u00a0: plus aucune réponse")
                    self.pgconn.finish()
                    raise psycopg.OperationalError("connection timeout: silent server") from erreur
                silence = min(2 * silence, SILENCE_MAX_S)

    @staticmethod
    def _vit(acces: dict[str, Any]) -> bool:
        try:
            psycopg.connect(**acces).close()
        except errors.ConnectionTimeout:
            return False
        except psycopg.Error as erreur:
            # It answers, though not to us (too many connections, starting): our statement may end.
            journal.info("serveur du cabinet\u00a0: %s à la question", type(erreur).__name__)
        return True
