"""The gate every request goes through: limits, protection against browsers, log, metrics."""

import asyncio
import logging
import secrets
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.proxy.context import Context
from app.proxy.errors import ProxyError

journal = logging.getLogger("pleiade.proxy.requetes")

#: Routes a browser may open; everything else is for programs.
_NAVIGATEUR = ("/login", "/callback")
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
                await refus.response()(scope, receive, noter)
        finally:
            self._en_cours -= 1
            self._envois -= envoi
            ctx.metrics.gauge("in_flight", self._en_cours)
            self._conclure(scope, route, statut, ctx.clock() - debut)

    def _refus(self, scope: Scope, route: str) -> ProxyError | None:
        ctx = self._ctx
        if ctx.draining and not route.startswith("/check"):
            return ProxyError(503, "The server is stopping.",
                              headers={"Retry-After": "5", "Connection": "close"})
        if route == "/send" and self._envois > ctx.config.limites.requetes_en_cours:
            ctx.metrics.count("refused_total", limit="requetes_en_cours")
            return ProxyError(503, "Too many requests in progress.",
                              headers={"Retry-After": "1"})
        if route not in _NAVIGATEUR:
            # Only browsers send these; none has business here (CSRF, DNS rebinding).
            for nom, valeur in scope["headers"]:
                if nom == b"origin" or (nom == b"sec-fetch-site" and valeur != b"none"):
                    return ProxyError(403, "Not for browsers.")
        return None

    def _avec_delai(self, receive: Receive) -> Receive:
        """Limit the time between two pieces of a body (slow senders)."""
        delai = self._ctx.config.limites.corps_delai_s
        lu = False

        async def recevoir() -> MutableMapping[str, Any]:
            nonlocal lu
            if lu:
                return await receive()
            try:
                async with asyncio.timeout(delai):
                    message = await receive()
            except TimeoutError as exc:
                raise ProxyError(408, "Request Timeout.",
                                 headers={"Connection": "close"}) from exc
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
