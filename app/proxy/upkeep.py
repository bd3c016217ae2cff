"""What the server does by itself: end of sessions, renewals, rotation of files, tidy stop."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

import httpx

from app.proxy.context import Context
from app.proxy.sessions import StoreDown

journal = logging.getLogger("pleiade.proxy.entretien")

#: Seconds between two rounds.
PERIODE_S = 5.0
#: Rounds between two looks at certificates and old traces.
RARE = 6


class Upkeep:
    """Periodic work of one process.

    Args:
        on_tick: further work at each rare round (the server's own certificate).
    """

    def __init__(self, ctx: Context, on_tick: Callable[[], None] | None = None) -> None:
        self._ctx = ctx
        self._on_tick = on_tick
        self._tache: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._tache = asyncio.get_running_loop().create_task(self._tourner())

    async def _tourner(self) -> None:
        tour = 0
        while True:
            await asyncio.sleep(PERIODE_S)
            tour += 1
            try:
                await self._ctx.broker.sweep()
                if tour % RARE == 0:
                    await self._ctx.broker.keep_alive()
                    self.reload()
                    await asyncio.to_thread(self._ctx.traces.purge)
            except (OSError, ValueError, httpx.HTTPError, StoreDown) as exc:
                journal.error("entretien", extra={"cause": type(exc).__name__})

    def reload(self) -> None:
        """Take over changed certificates and keys (also on SIGHUP)."""
        for client in self._ctx.outbound.rotate():
            journal.info("certificat_renouvele", extra={"client": client})
        if self._on_tick is not None:
            self._on_tick()

    async def stop(self) -> None:
        """Stop: no new work, sessions that can't survive are closed, connections too."""
        ctx = self._ctx
        ctx.draining = True
        if self._tache is not None:
            self._tache.cancel()
            with suppress(asyncio.CancelledError):
                await self._tache
        await ctx.broker.aclose(end_sessions=ctx.config.session.magasin == "memoire",
                                delay=ctx.config.limites.arret_s)
        await ctx.outbound.aclose()
        await ctx.store.aclose()
        ctx.traces.close()
