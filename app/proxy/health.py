"""Readiness and metrics."""

import time

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.proxy.context import Context, context
from app.proxy.errors import ProxyError, UpstreamDown
from app.proxy.limits import exposed


async def ready(request: Request) -> Response:
    """GET /check/ready: 200 when the server can do its work, else 503; says which part is down.

    Unlike `/check/alive`, looks at what the server depends on: the session store, room for the
    traces, the discovery document of PSC (a copy is enough) and the validity of the certificates,
    the clients' and its own.
    """
    ctx = context(request)
    etats = {"arret": not ctx.draining, "magasin": await ctx.store.ready(),
             "traces": ctx.traces.ready(),
             "psc": await _psc(ctx),
             "certificats": all(c.expires > time.time() for _, c in ctx.certificates())}
    return JSONResponse({nom: "ok" if bon else "ko" for nom, bon in etats.items()},
                        status_code=200 if all(etats.values()) else 503,
                        headers={"Cache-Control": "no-store"})


async def _psc(ctx: Context) -> bool:
    client = next(iter(ctx.config.clients.values()))
    try:
        await ctx.psc.metadata(client)
    except UpstreamDown:
        return False
    return True


async def metrics(request: Request) -> Response:
    """GET /metrics: Prometheus text; who may read it is set by `[metriques] exposer`."""
    ctx = context(request)
    if not exposed(ctx.config.metriques.exposer, ctx.peer(request.scope)):
        raise ProxyError(404, "Not Found.", motif="metriques_fermees")
    ctx.metrics.gauge("sessions", await ctx.store.count())
    for client, certificat in ctx.certificates():
        ctx.metrics.gauge("certificate_expiry_seconds", certificat.expires, client=client)
    return PlainTextResponse(ctx.metrics.render(),
                             media_type="text/plain; version=0.0.4; charset=utf-8")
