"""Sessions of the proxy and where they are kept.

A session belongs to one professional on one client (`spec/psc.md` §3.6 R-P3, R-P7). Tokens live
in it and nowhere else. The store is an interface: memory for one process, Redis for several
(`store_redis`). Methods are asynchronous for the second's sake.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.proxy.clock import Clock


class StoreDown(Exception):
    """The session store doesn't answer."""


@dataclass(slots=True)
class PscTokens:
    """Tokens of Pro Santé Connect. Instants are seconds since 1970."""

    access_token: str
    access_expires: float
    refresh_token: str = ""
    refresh_expires: float = 0.0
    id_token: str = ""
    session_state: str = ""
    ended: bool = False
    """PSC refused a refresh: the login is over there (30 min idle, 4 h, logout elsewhere)."""
    auth_time: float = 0.0
    """When the professional authenticated, as the id_token says; 0 when it doesn't."""


@dataclass(slots=True)
class ApiToken:
    """Token of one API, obtained by exchange and bound to our certificate."""

    access_token: str
    expires: float
    obtained: float
    refresh_token: str = ""
    refresh_expires: float = 0.0
    thumbprint: str = ""
    """Hexadecimal SHA-256 of the certificate it is bound to, empty without mTLS."""
    checked: float = 0.0
    """Last introspection of an opaque token."""


@dataclass(slots=True)
class Session:
    """An open session. `id` is the value of the cookie `proxy_session_id`: a secret."""

    client: str
    """Name of the client in the configuration."""
    asked_client_id: str
    """`clientId` as the LPS named it: goes into the traces."""
    subject: str
    """SubjectNameID of the professional."""
    psc: PscTokens
    opened: float
    last_used: float
    id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    apis: dict[str, ApiToken] = field(default_factory=dict)
    ip: str = ""
    dn: str | None = None
    mode: str = "ciba"
    """How the professional logged in: `ciba` or `navigateur`."""
    poste: str = ""
    """Hexadecimal SHA-256 of the certificate of the workstation that opened it, if it showed one:
    no other may use it."""
    snapshot: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    """What a shared store holds of it, to write only what changed."""

    @property
    def holder(self) -> tuple[str, str]:
        """User and client: the key of the rule « one session »."""
        return self.client, self.subject


class SessionStore(Protocol):
    """Where sessions and pending logins live."""

    async def open(self, session: Session) -> Session | None:
        """Keep a session; gives the former one of the same holder, taken out of the store."""

    async def get(self, session_id: str) -> Session | None:
        """A live session, or None (unknown, idle for too long, too old)."""

    async def save(self, session: Session) -> None:
        """Write back changed tokens; without effect if the session was closed meanwhile."""

    async def touch(self, session: Session) -> None:
        """Note an activity of the user."""

    async def remove(self, session_id: str) -> Session | None:
        """Take a session out (live or expired); None if somebody else did."""

    async def expired(self) -> list[Session]:
        """Take out and give the sessions that came to their end."""

    async def live(self) -> list[str]:
        """Ids of the sessions kept."""

    async def renewable(self, before: float) -> list[Session]:
        """Sessions whose PSC tokens can't be renewed any more after `before`."""

    async def count(self) -> int:
        """Number of sessions kept."""

    def lock(self, name: str) -> AbstractAsyncContextManager[None]:
        """One holder at a time, for the renewal of the tokens of a session."""

    async def put(self, key: str, value: dict[str, Any], ttl: float) -> None:
        """Keep a small pending thing (a login on its way) for `ttl` seconds."""

    async def take(self, key: str) -> dict[str, Any] | None:
        """Take it out: only one caller gets it."""

    async def ready(self) -> bool:
        """True when the store answers."""

    async def aclose(self) -> None:
        """Let go of connections."""


class MemoryStore:
    """Sessions of one process, lost with it.

    Args:
        idle: seconds without activity after which a session ends.
        absolute: seconds after which it ends anyway.
        clock: seconds since 1970.
    """

    #: Pending logins kept at most; the oldest go first.
    ATTENTES_MAX = 10_000

    def __init__(self, idle: float, absolute: float, clock: Clock) -> None:
        self._idle = idle
        self._absolute = absolute
        self._clock = clock
        self._sessions: dict[str, Session] = {}
        self._titulaires: dict[tuple[str, str], str] = {}
        self._verrous: dict[str, tuple[asyncio.Lock, int]] = {}
        self._attentes: dict[str, tuple[float, dict[str, Any]]] = {}

    def _vivante(self, session: Session, maintenant: float) -> bool:
        return (maintenant - session.last_used < self._idle
                and maintenant - session.opened < self._absolute)

    async def open(self, session: Session) -> Session | None:
        ancienne = None
        ancien_id = self._titulaires.get(session.holder)
        if ancien_id is not None:
            ancienne = self._sessions.pop(ancien_id, None)
        self._sessions[session.id] = session
        self._titulaires[session.holder] = session.id
        return ancienne

    async def get(self, session_id: str) -> Session | None:
        session = self._sessions.get(session_id)
        if session is None or not self._vivante(session, self._clock()):
            return None
        return session

    async def save(self, session: Session) -> None:
        """Nothing to do: the object in memory is the session."""

    async def touch(self, session: Session) -> None:
        session.last_used = self._clock()

    async def remove(self, session_id: str) -> Session | None:
        session = self._sessions.pop(session_id, None)
        if session is not None and self._titulaires.get(session.holder) == session_id:
            del self._titulaires[session.holder]
        return session

    async def expired(self) -> list[Session]:
        maintenant = self._clock()
        finies = [s.id for s in self._sessions.values() if not self._vivante(s, maintenant)]
        for cle in [c for c, (fin, _) in self._attentes.items() if fin <= maintenant]:
            del self._attentes[cle]
        return [s for i in finies if (s := await self.remove(i)) is not None]

    async def live(self) -> list[str]:
        return list(self._sessions)

    async def renewable(self, before: float) -> list[Session]:
        return [s for s in self._sessions.values()
                if not s.psc.ended and 0 < s.psc.refresh_expires <= before]

    async def count(self) -> int:
        return len(self._sessions)

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        verrou, attentes = self._verrous.get(name, (asyncio.Lock(), 0))
        self._verrous[name] = (verrou, attentes + 1)
        try:
            async with verrou:
                yield
        finally:
            verrou, attentes = self._verrous[name]
            if attentes == 1:
                del self._verrous[name]
            else:
                self._verrous[name] = (verrou, attentes - 1)

    async def put(self, key: str, value: dict[str, Any], ttl: float) -> None:
        while len(self._attentes) >= self.ATTENTES_MAX:
            del self._attentes[next(iter(self._attentes))]
        self._attentes[key] = (self._clock() + ttl, value)

    async def take(self, key: str) -> dict[str, Any] | None:
        fin, valeur = self._attentes.pop(key, (0.0, None))
        return valeur if fin > self._clock() else None

    async def ready(self) -> bool:
        return True

    async def aclose(self) -> None:
        self._sessions.clear()
        self._titulaires.clear()
        self._attentes.clear()
