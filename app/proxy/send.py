"""`/send/<api>/<path>`: the call goes on to the API with its token (`spec/psc.md` §4.3).

Nothing is kept in memory but one chunk each way, and the beginning of a request, up to
`rejeu_octets`, so that it can be sent again if the API finds its token outdated.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from urllib.parse import unquote_to_bytes

import httpx
from starlette.types import Receive, Scope, Send

from app.proxy.broker import SessionEnded
from app.proxy.config import Api
from app.proxy.context import ClientGone, Context, while_connected
from app.proxy.errors import ProxyError, UpstreamDown, UpstreamRefused
from app.proxy.limits import too_many
from app.proxy.outbound import failure
from app.proxy.sessions import ApiToken, Session

journal = logging.getLogger("pleiade.proxy.envoi")

METHODES = ("GET", "POST", "PUT", "PATCH", "DELETE")

_SAUT = {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
         b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
#: Never forwarded: ours, or about the way and not about the call.
_RETIRES_ALLER = _SAUT | {b"host", b"authorization", b"cookie", b"expect", b"forwarded", b"via",
                          b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
                          b"x-forwarded-port", b"x-real-ip", b"x-pleiade-utilisateur",
                          b"content-length"}
#: A cookie of the API could pass for the session's; the date is the server's.
_RETIRES_RETOUR = _SAUT | {b"set-cookie", b"date", b"server"}


class Body:
    """The body of a request, read once from the caller and replayable while small."""

    def __init__(self, receive: Receive, *, maximum: int, replay: int) -> None:
        self._receive = receive
        self._maximum = maximum
        self._replay = replay
        self._garde = bytearray()
        self._lus = 0
        self.read = asyncio.Event()
        """Set once the whole body came."""

    @property
    def size(self) -> int:
        """Bytes received so far."""
        return self._lus

    @property
    def replayable(self) -> bool:
        """True when the whole body came and was kept."""
        return self.read.is_set() and self._lus == len(self._garde)

    def chunks(self) -> AsyncIterator[bytes]:
        """The body, from its beginning."""
        return self._rejouer() if self.read.is_set() else self._lire()

    async def _rejouer(self) -> AsyncIterator[bytes]:
        yield bytes(self._garde)

    async def _lire(self) -> AsyncIterator[bytes]:
        while not self.read.is_set():
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            morceau = message.get("body", b"")
            self._lus += len(morceau)
            if self._lus > self._maximum:
                raise ProxyError(413, "Content Too Large.", motif="corps_trop_long")
            if self._lus <= self._replay:
                self._garde += morceau
            else:
                self._garde.clear()
            if not message.get("more_body", False):
                self.read.set()
            if morceau:
                yield morceau


class SendEndpoint:
    """ASGI endpoint of `/send`."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        limites = self._ctx.config.limites
        if scope["method"] not in METHODES:
            raise ProxyError(405, "Method Not Allowed.", headers={"Allow": ", ".join(METHODES)})
        session = await self._ctx.require_session(scope)
        attente = self._ctx.sends.take(session.id)
        if attente:
            self._ctx.metrics.count("refused_total", limit="envois")
            raise too_many(attente, "envois")
        api, chemin = self._route(scope)
        scope["pleiade.api"] = api.nom
        scope["pleiade.session"] = session.id
        corps, longueur = _corps(scope, receive, limites.corps_octets, limites.rejeu_octets)
        peer = self._ctx.peer(scope)
        url = _cible(api, chemin, scope["query_string"])
        self._ctx.traces.send(session, ip=peer.ip, ports=peer.ports, api=api.nom,
                              method=scope["method"], path=url.path)
        await self._ctx.store.touch(session)
        lu = asyncio.Event()
        lu.set()
        try:
            await while_connected(
                receive, (lu if corps is None else corps.read).wait(),
                self._servir(scope, send, session, api, url, corps, longueur))
        except ClientGone:
            scope["pleiade.abandon"] = True

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
        entetes = end_to_end(scope["headers"], _RETIRES_ALLER)
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
        await send({"type": "http.response.start", "status": reponse.status_code,
                    "headers": end_to_end(reponse.headers.raw, _RETIRES_RETOUR)})
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


def split_path(raw_path: bytes) -> tuple[str, bytes]:
    """Name of the API and the path behind it, still percent-encoded and with its first `/`.

    Raises:
        ProxyError: 404 for a path that could mean another one at the target (`..`, encoded
            separators, empty segments, control characters).
    """
    morceaux = raw_path.split(b"/")[2:]
    if not morceaux:
        return "", b""
    for rang, morceau in enumerate(morceaux):
        dernier = rang == len(morceaux) - 1
        if not _segment_sur(morceau, vide=dernier and rang > 0):
            raise ProxyError(404, "Unknown path.", motif="chemin_refuse")
    nom = morceaux[0].decode("ascii")
    suite = b"".join(b"/" + m for m in morceaux[1:])
    return nom, suite


def _segment_sur(segment: bytes, *, vide: bool) -> bool:
    if not segment:
        return vide
    if not segment.isascii():
        return False
    for _ in range(4):
        if (any(o < 0x20 or o == 0x7F or o in b"/\\" for o in segment)
                or segment.partition(b";")[0].strip() in (b"", b".", b"..")):
            return False
        decode = unquote_to_bytes(segment)
        if decode == segment:
            return True
        segment = decode
    # Encoded again and again: nobody honest does that.
    return False


def _cible(api: Api, chemin: bytes, requete: bytes) -> httpx.URL:
    base = httpx.URL(api.url)
    brut = base.raw_path.rstrip(b"/") + chemin
    return base.copy_with(raw_path=(brut or b"/") + (b"?" + requete if requete else b""))


def end_to_end(entetes: list[tuple[bytes, bytes]], retires: set[bytes]) -> list[
        tuple[bytes, bytes]]:
    """Headers that travel to the end: not hop-by-hop, not named by `Connection`, not `retires`."""
    nommes = {mot.strip().lower() for nom, valeur in entetes if nom.lower() == b"connection"
              for mot in valeur.split(b",")}
    return [(nom.lower(), valeur) for nom, valeur in entetes
            if nom.lower() not in retires and nom.lower() not in nommes]


def _corps(scope: Scope, receive: Receive, maximum: int,
           rejeu: int) -> tuple[Body | None, bytes | None]:
    longueur = None
    decoupe = False
    for nom, valeur in scope["headers"]:
        if nom == b"content-length":
            longueur = valeur
        elif nom == b"transfer-encoding":
            decoupe = True
    if longueur is not None and not decoupe:
        if not longueur.isdigit():
            raise ProxyError(400, "Bad Content-Length.")
        if int(longueur) > maximum:
            raise ProxyError(413, "Content Too Large.", motif="corps_trop_long")
    if not decoupe and (longueur is None or int(longueur) == 0):
        return None, longueur
    return Body(receive, maximum=maximum, replay=rejeu), None if decoupe else longueur
