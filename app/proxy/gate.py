"""The gate every request goes through: limits, protection against browsers, log, metrics."""

import asyncio
import logging
import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.proxy import pages
from app.proxy.context import Context, Stopping
from app.proxy.errors import ProxyError

journal = logging.getLogger("pleiade.proxy.requetes")

_ROUTES = frozenset({"/connect", "/disconnect", "/send", "/traces", "/check/alive",
                     "/check/ready", "/metrics", "/login", "/callback", "/session/nouvelle",
                     "/session/ticket", "/session/etat", "/session/userinfo",
                     "/session/jeton-psc", "/session/part"})


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, ctx: Context) -> None:
        self._app = app
        self._ctx = ctx
        self._en_cours = 0
        self._envois = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ctx = self._ctx
        route = route_name(scope["path"])
        debut = ctx.clock()
        statut = 0

        async def noter(message: Message) -> None:
            nonlocal statut
            if message["type"] == "http.response.start":
                statut = message["status"]
                if "pleiade.api" not in scope:
                    message = {**message, "headers": [
                        *message["headers"], (b"x-content-type-options", b"nosniff")]}
            await send(message)

        self._en_cours += 1
        # Logins wait for people, two minutes at times: they must not hold the calls back.
        envoi = int(route == "/send")
        self._envois += envoi
        ctx.metrics.gauge("in_flight", self._en_cours)
        try:
            refus = self._refus(scope, route)
            if refus is None:
                await self._app(scope, self._avec_delai(receive), noter)
            else:
                await pages.adapted(scope["path"], refus.response())(scope, receive, noter)
        except asyncio.CancelledError:
            if not ctx.draining:
                raise
            # The server stops and can't wait any longer.
            if not statut:
                await pages.adapted(scope["path"], Stopping().response())(scope, receive, noter)
        finally:
            self._en_cours -= 1
            self._envois -= envoi
            ctx.metrics.gauge("in_flight", self._en_cours)
            self._conclure(scope, route, statut, ctx.clock() - debut)

    def _refus(self, scope: Scope, route: str) -> ProxyError | None:
        ctx = self._ctx
        if ctx.draining and not route.startswith("/check"):
            return Stopping()
        if route == "/send" and self._envois > ctx.config.limites.requetes_en_cours:
            ctx.metrics.count("refused_total", limit="requetes_en_cours")
            return ProxyError(503, "Too many requests in progress.",
                              headers={"Retry-After": "1"})
        if route not in pages.NAVIGATEUR:
            # Only browsers send these; none has business here (CSRF, DNS rebinding).
            for nom, valeur in scope["headers"]:
                if nom == b"origin" or (nom == b"sec-fetch-site" and valeur != b"none"):
                    return ProxyError(403, "Not for browsers.")
        return None

    def _avec_delai(self, receive: Receive) -> Receive:
        """Limit the time between two pieces of a body, and the whole time spent waiting for them.

        A byte now and then would hold a connection for days. Time spent on what came, by an API
        that is slow itself, isn't the caller's.
        """
        limites = self._ctx.config.limites
        attendu, recus, lu = 0.0, 0, False

        async def recevoir() -> MutableMapping[str, Any]:
            nonlocal attendu, recus, lu
            if lu:
                return await receive()
            debut = self._ctx.clock()
            reste = limites.corps_delai_s
            if limites.debit_min_octets_s:
                reste += min(0.0, recus / limites.debit_min_octets_s - attendu)
            try:
                async with asyncio.timeout(max(reste, 0.0)):
                    message = await receive()
            except TimeoutError as exc:
                raise ProxyError(408, "Request Timeout.",
                                 headers={"Connection": "close"}) from exc
            attendu += max(self._ctx.clock() - debut, 0.0)
            recus += len(message.get("body", b""))
            lu = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        return recevoir

    def _conclure(self, scope: Scope, route: str, statut: int, duree: float) -> None:
        if scope.get("pleiade.abandon"):
            statut = 499
        self._ctx.metrics.count("requests_total", route=route, method=_methode(scope["method"]),
                                status=str(statut))
        self._ctx.metrics.observe("request_seconds", duree, route=route)
        if route.startswith("/check") and statut == 200:
            return
        journal.info("requete", extra={
            "requete": secrets.token_hex(4), "methode": _methode(scope["method"]),
            "route": route, "api": scope.get("pleiade.api"), "statut": statut,
            "duree_ms": round(duree * 1000, 1), "session": scope.get("pleiade.session"),
            "motif": scope.get("pleiade.motif"), "rejeu": scope.get("pleiade.rejeu"),
            "adresse": self._ctx.peer(scope).ip})


def route_name(path: str) -> str:
    """The route of a path, from a closed list: a caller doesn't choose what is logged."""
    if path == "/send" or path.startswith("/send/"):
        return "/send"
    return path if path in _ROUTES else "autre"


def _methode(methode: str) -> str:
    connues = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    return methode if methode in connues else "autre"
