"""`/send/<api>/<path>`: the call goes on to the API with its token (`spec/psc.md` §4.3).

Nothing is kept in memory but one chunk each way, and the beginning of a request, up to
`rejeu_octets`, so that it can be sent again if the API finds its token outdated.
"""

import asyncio
import logging
from collections import Counter

import httpx
from starlette.types import Message, Receive, Scope, Send

from app.proxy.body import Body, incoming
from app.proxy.broker import SessionEnded
from app.proxy.config import Api
from app.proxy.context import ClientGone, Context, while_connected
from app.proxy.errors import ProxyError, UpstreamDown, UpstreamRefused
from app.proxy.headers import towards_api, towards_caller
from app.proxy.limits import too_many
from app.proxy.outbound import failure
from app.proxy.paths import split_path, target
from app.proxy.sessions import ApiToken, Session

journal = logging.getLogger("pleiade.proxy.envoi")

METHODES = ("GET", "POST", "PUT", "PATCH", "DELETE")


class SendEndpoint:
    """ASGI endpoint of `/send`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._en_cours: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["method"] not in METHODES:
            raise ProxyError(405, "Method Not Allowed.", headers={"Allow": ", ".join(METHODES)})
        session = await self._ctx.require_session(scope)
        scope["pleiade.session"] = session.id
        attente = self._ctx.sends.take(session.id)
        if attente:
            self._ctx.metrics.count("refused_total", limit="envois")
            raise too_many(attente, "envois")
        if self._en_cours[session.id] >= self._ctx.config.limites.envois_simultanes:
            # One caller whose calls hang must not take the connections of all others.
            self._ctx.metrics.count("refused_total", limit="envois_simultanes")
            raise too_many(1.0, "envois_simultanes")
        self._en_cours[session.id] += 1
        pris = True

        def rendre() -> None:
            nonlocal pris
            if pris:
                pris = False
                self._en_cours[session.id] -= 1
                if not self._en_cours[session.id]:
                    del self._en_cours[session.id]

        async def envoyer(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                # Whoever has the whole answer may call again at once.
                rendre()
            await send(message)

        try:
            await self._transmettre(scope, receive, envoyer, session)
        except ClientGone:
            scope["pleiade.abandon"] = True
        finally:
            rendre()

    async def _transmettre(self, scope: Scope, receive: Receive, send: Send,
                           session: Session) -> None:
        api, chemin = self._route(scope)
        scope["pleiade.api"] = api.nom
        limites = self._ctx.config.limites
        corps, longueur = incoming(scope, receive, limites.corps_octets, limites.rejeu_octets)
        peer = self._ctx.peer(scope)
        url = target(api, chemin, scope["query_string"])
        self._ctx.traces.send(session, ip=peer.ip, ports=peer.ports, api=api.nom,
                              method=scope["method"],
                              path=url.raw_path.partition(b"?")[0].decode("ascii"))
        await self._ctx.store.touch(session)
        lu = asyncio.Event()
        lu.set()
        await while_connected(
            receive, (lu if corps is None else corps.read).wait(),
            self._servir(scope, send, session, api, url, corps, longueur))

    def _route(self, scope: Scope) -> tuple[Api, bytes]:
        nom, chemin = split_path(scope["raw_path"])
        api = self._ctx.config.api.get(nom)
        if api is None:
            raise ProxyError(404, "Unknown API.", motif="api_inconnue")
        return api, chemin

    async def _servir(self, scope: Scope, send: Send, session: Session, api: Api, url: httpx.URL,
                      corps: Body | None, longueur: bytes | None) -> None:
        jeton = await self._jeton(session, api)
        reponse = await self._appeler(scope, session, api, url, corps, longueur, jeton)
        try:
            if reponse.status_code == 401 and (corps is None or corps.replayable):
                # The API finds the token outdated: another one, once (§1.8, §3.6 R-P6).
                await reponse.aclose()
                scope["pleiade.rejeu"] = True
                self._ctx.metrics.count("retries_total", api=api.nom)
                jeton = await self._jeton(session, api, jeton.access_token)
                reponse = await self._appeler(scope, session, api, url, corps, longueur, jeton)
            await self._rendre(send, reponse, api)
        finally:
            await reponse.aclose()
            if corps is not None:
                self._ctx.metrics.count("bytes_total", corps.size, direction="aller")

    async def _jeton(self, session: Session, api: Api, refuse: str = "") -> ApiToken:
        try:
            return await self._ctx.broker.api_token(session, api, rejected=refuse)
        except SessionEnded as exc:
            await self._ctx.broker.drop(session, "jetons_expires")
            raise ProxyError(401, "No session found.", motif="jetons_expires") from exc
        except UpstreamRefused as exc:
            raise ProxyError(401 if exc.status < 500 else 502, str(exc),
                             motif="echange_refuse") from exc
        except UpstreamDown as exc:
            raise ProxyError(exc.status, "The authorization server of the API can't be reached.",
                             motif=f"serveur_de_jetons_{exc.reason}") from exc

    async def _appeler(self, scope: Scope, session: Session, api: Api, url: httpx.URL,
                       corps: Body | None, longueur: bytes | None,
                       jeton: ApiToken) -> httpx.Response:
        client = self._ctx.config.clients[session.client]
        http = self._ctx.outbound.pool(client, api.nom).http
        entetes = towards_api(scope["headers"])
        entetes.append((b"authorization", b"Bearer " + jeton.access_token.encode("ascii")))
        if longueur is not None:
            entetes.append((b"content-length", longueur))
        # Built by hand: a client of httpx would add its own Accept-Encoding, User-Agent…
        requete = httpx.Request(scope["method"], url, headers=entetes,
                                content=None if corps is None else corps.chunks(),
                                extensions={"timeout": http.timeout.as_dict()})
        if b"user-agent" not in {n for n, _ in entetes}:
            requete.headers["User-Agent"] = "pleiade-proxy"
        debut = self._ctx.clock()
        try:
            reponse = await http.send(requete, stream=True)
        except httpx.TransportError as exc:
            panne = failure(exc)
            self._ctx.metrics.count("upstream_failures_total", api=api.nom, reason=panne.reason)
            raise ProxyError(panne.status, "The API can't be reached.",
                             motif=f"api_{panne.reason}") from exc
        self._ctx.metrics.observe("upstream_seconds", self._ctx.clock() - debut, api=api.nom)
        return reponse

    async def _rendre(self, send: Send, reponse: httpx.Response, api: Api) -> None:
        entetes = towards_caller(reponse.headers.raw, reponse.status_code)
        if entetes is None or not 200 <= reponse.status_code < 600:
            self._ctx.metrics.count("upstream_failures_total", api=api.nom, reason="malformee")
            raise ProxyError(502, "The API gave an answer that isn't one.", motif="api_malformee")
        await send({"type": "http.response.start", "status": reponse.status_code,
                    "headers": entetes})
        rendus = 0
        try:
            async for morceau in reponse.aiter_raw():
                rendus += len(morceau)
                await send({"type": "http.response.body", "body": morceau, "more_body": True})
        except httpx.TransportError as exc:
            # The answer has begun: leaving it unfinished makes the server cut the connection,
            # and the caller sees that it is incomplete.
            panne = failure(exc)
            self._ctx.metrics.count("upstream_failures_total", api=api.nom, reason=panne.reason)
            journal.warning("reponse_interrompue", extra={
                "api": api.nom, "cause": panne.reason, "octets_envoyes": rendus})
            return
        finally:
            self._ctx.metrics.count("bytes_total", rendus, direction="retour")
        await send({"type": "http.response.body", "body": b"", "more_body": False})
