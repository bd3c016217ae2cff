"""The Proxy e-santé as an ASGI application."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.proxy import clock as horloge
from app.proxy import contract, desktop, health, pages, part
from app.proxy.broker import Broker
from app.proxy.clock import Clock
from app.proxy.config import Config
from app.proxy.context import ClientGone, Context
from app.proxy.edc import EdcClient
from app.proxy.errors import ProxyError, descriptor
from app.proxy.gate import Gate
from app.proxy.limits import Bucket, Peers
from app.proxy.metrics import Metrics
from app.proxy.outbound import Outbound, TransportFactory
from app.proxy.psc import PscClient
from app.proxy.send import SendEndpoint
from app.proxy.sessions import MemoryStore, SessionStore, StoreDown
from app.proxy.traces import TraceDown, TraceLog
from app.proxy.upkeep import Upkeep

journal = logging.getLogger("pleiade.proxy")


class Application:
    """The ASGI application; `context` gives access to its parts."""

    def __init__(self, asgi: ASGIApp, context: Context) -> None:
        self._asgi = asgi
        self.context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        await self._asgi(scope, receive, send)


def creer(config: Config, *, transport: TransportFactory | None = None,
          clock: Clock = horloge.now, store: SessionStore | None = None,
          on_tick: Callable[[], None] | None = None) -> Application:
    """Build the application.

    Args:
        config: checked configuration.
        transport: makes the outgoing transports (tests put doubles here).
        clock: seconds since 1970.
        store: sessions; by default the one the configuration names.
        on_tick: called at each round of upkeep (the server renews its own certificate).

    Raises:
        OSError, ValueError: a certificate, key or authority can't be read.
    """
    if config.bureau.part_cle_fichier is not None:
        part.read_keys(config.bureau.part_cle_fichier)
    outbound = Outbound(config, transport)
    psc = PscClient(config, outbound, clock)
    metrics = Metrics()
    traces = TraceLog(config.traces.fichier, clear_ids=config.exposition_traces != "non",
                      keep_days=config.traces.conservation_jours,
                      max_bytes=config.traces.taille_max_mo << 20, now=clock)
    magasin = store or _magasin(config, clock)
    broker = Broker(config, magasin, psc, EdcClient(outbound, clock), outbound, traces, metrics,
                    clock)
    psc.orphan = broker.abandon
    limites = config.limites
    ctx = Context(
        config=config, clock=clock, store=magasin, outbound=outbound, psc=psc, broker=broker,
        traces=traces, metrics=metrics, peers=Peers(config.proxy.mandataires),
        logins=Bucket(limites.identifications_par_minute / 60,
                      limites.identifications_par_minute, clock),
        solicitations=Bucket(limites.sollicitations_par_minute / 60,
                             limites.sollicitations_par_minute, clock),
        sends=Bucket(limites.envois_par_seconde, 4 * limites.envois_par_seconde, clock),
        public_url=config.proxy.url_publique.rstrip("/"))
    upkeep = Upkeep(ctx, on_tick)

    @asynccontextmanager
    async def vie(_: Starlette) -> AsyncIterator[None]:
        upkeep.start()
        try:
            yield
        finally:
            await upkeep.stop()

    starlette = Starlette(routes=_routes(ctx), lifespan=vie, exception_handlers={
        ProxyError: _refus, HTTPException: _http, ClientGone: _parti, StoreDown: _sans_magasin,
        TraceDown: _sans_trace, Exception: _imprevu})
    starlette.router.redirect_slashes = False
    starlette.state.context = ctx
    return Application(Gate(starlette, ctx), ctx)


def _magasin(config: Config, clock: Clock) -> SessionStore:
    if config.session.magasin == "memoire":
        return MemoryStore(config.session.inactivite_s, config.session.absolue_s, clock)
    from app.proxy.store_redis import RedisStore
    return RedisStore.depuis(config.session, clock)


def _routes(ctx: Context) -> list[Route]:
    routes = [
        _route("/connect", contract.connect, "POST"),
        _route("/disconnect", contract.disconnect, "DELETE"),
        _route("/traces", contract.traces, "GET"),
        _route("/check/alive", contract.alive, "GET"),
        _route("/check/ready", health.ready, "GET"),
        _route("/metrics", health.metrics, "GET"),
        Route("/send", SendEndpoint(ctx)),
        Route("/send/{chemin:path}", SendEndpoint(ctx)),
    ]
    if ctx.config.bureau.actif:
        routes += [
            _route("/session/nouvelle", desktop.nouvelle, "POST"),
            _route("/login", desktop.login, "GET"),
            _route("/callback", desktop.callback, "GET"),
            _route("/session/ticket", desktop.ticket, "POST"),
            _route("/session/etat", desktop.etat, "GET"),
            _route("/session/userinfo", desktop.userinfo, "GET"),
            _route("/session/jeton-psc", desktop.jeton_psc, "GET"),
            _route("/session/part", part.public, "GET"),
            _route("/session/part", part.part, "POST"),
        ]
    return routes


def _route(path: str, endpoint: Callable[..., Any], method: str) -> Route:
    route = Route(path, endpoint, methods=[method])
    # Starlette adds HEAD to GET by itself; the contract has no HEAD.
    route.methods = {method}
    return route


async def _refus(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ProxyError)
    request.scope["pleiade.motif"] = exc.motif
    return pages.adapted(request.url.path, exc.response())


async def _http(_: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    return descriptor(exc.status_code, f"{exc.detail}.", headers=exc.headers)


async def _parti(request: Request, _: Exception) -> Response:
    request.scope["pleiade.abandon"] = True
    return Response(status_code=499)


async def _sans_magasin(request: Request, exc: Exception) -> Response:
    journal.error("magasin_injoignable", extra={"cause": str(exc)})
    request.scope["pleiade.motif"] = "magasin"
    return pages.adapted(request.url.path, descriptor(
        503, "The session store can't be reached.", headers={"Retry-After": "2"}))


async def _sans_trace(request: Request, _: Exception) -> Response:
    request.scope["pleiade.motif"] = "trace_impossible"
    return descriptor(503, "The call can't be traced.", headers={"Retry-After": "30"})


async def _imprevu(request: Request, exc: Exception) -> Response:
    journal.error("imprevu", extra={"cause": type(exc).__name__})
    return pages.adapted(request.url.path, descriptor(500, "Internal Server Error."))
