"""The official routes: `/connect`, `/disconnect`, `/traces`, `/check/alive` (`spec/psc.md` §4)."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from app.proxy import clock
from app.proxy.config import Client
from app.proxy.context import (
    COOKIE,
    ClientGone,
    Context,
    Stopping,
    context,
    while_connected,
)
from app.proxy.errors import InvalidIdToken, ProxyError, UpstreamDown, UpstreamRefused
from app.proxy.limits import Peer, exposed, read_body, too_many
from app.proxy.sessions import Session, StoreDown
from app.proxy.traces import TraceDown

#: Largest body of `/connect`.
CORPS_MAX = 16384
#: Order in which the problems of a body are told.
CHAMPS = ("nationalId", "bindingMessage", "clientId", "channel")
INCONNU = "User National ID or Software Client ID Not Found."

_VALIDES = {"nationalId": re.compile(r"[0-9A-Za-z/_.-]{1,64}"),
            "bindingMessage": re.compile(r"[0-9]{2}"),
            "clientId": re.compile(r"[!-~]{1,128}"),
            "channel": re.compile(r"CARD|MOBILE")}
#: What PSC says when it doesn't know the professional: Keycloak's words, then the standard's.
_INCONNUS = {("invalid_request", "invalid_user"), ("unknown_user_id", "")}


async def connect(request: Request) -> Response:
    """POST /connect: open a session by CIBA; blocks until the professional answered."""
    ctx = context(request)
    peer = ctx.peer(request.scope)
    corps = _valider(await read_body(request, CORPS_MAX))
    metadata = {c: corps[c] for c in ("nationalId", "clientId")}
    session = await ctx.session(request.scope)
    if session is not None:
        attente = ctx.sends.take(session.id)
        if attente:
            ctx.metrics.count("refused_total", limit="envois")
            raise too_many(attente, "envois")
        autre = corps["nationalId"] if corps["nationalId"] != session.subject else ""
        ctx.traces.connect_replay(session, ip=peer.ip, ports=peer.ports, other_user=autre)
        return Response(status_code=304)
    # Before any trace: whoever has no session can't fill the disk with them.
    limite_login(ctx, peer)
    client = ctx.config.client(corps["clientId"])
    if client is None:
        _echec(ctx, corps, peer, "client_inconnu")
        raise ProxyError(404, INCONNU, metadata=metadata, motif="client_inconnu")
    # Nobody's telephone rings for a session that couldn't be kept or traced.
    await pret(ctx)
    # Providers fold the case of user names: one telephone, one count.
    attente = ctx.solicitations.take(corps["nationalId"].casefold())
    if attente:
        ctx.metrics.count("refused_total", limit="sollicitations")
        raise too_many(attente, "sollicitations")
    lu = asyncio.Event()
    lu.set()
    try:
        ouverte = await while_connected(
            request.receive, lu.wait(), _ouvrir(ctx, client, corps, peer, poste(request)),
            ctx.stop)
    except UpstreamRefused as exc:
        _echec(ctx, corps, peer, exc.error)
        raise _refus(exc, metadata) from exc
    except InvalidIdToken as exc:
        _echec(ctx, corps, peer, f"id_token {exc}")
        raise ProxyError(401, f"401 - invalid_id_token : {exc}", metadata=metadata,
                         motif="id_token") from exc
    except UpstreamDown as exc:
        _echec(ctx, corps, peer, exc.reason)
        request.scope["pleiade.motif"] = f"amont_{exc.reason}"
        return Response(status_code=exc.status)
    except ClientGone:
        _echec(ctx, corps, peer, "abandon")
        raise
    except StoreDown:
        _echec(ctx, corps, peer, "magasin")
        raise
    except (Stopping, asyncio.CancelledError):
        _echec(ctx, corps, peer, "arret")
        raise
    await ouvrir_trace(ctx, ouverte, peer)
    reponse = JSONResponse({"proxy_session_id": ouverte.id,
                            "session_state": ouverte.psc.session_state},
                           headers={"Cache-Control": "no-store"})
    poser_cookie(reponse, ouverte)
    return reponse


async def _ouvrir(ctx: Context, client: Client, corps: dict[str, str], peer: Peer,
                  poste: str) -> Session:
    login = await ctx.psc.ciba(client, corps["nationalId"], corps["bindingMessage"],
                               corps["channel"])
    return await ctx.broker.open(client, corps["clientId"], login, ip=peer.ip, mode="ciba",
                                 all_apis=True, poste=poste)


async def pret(ctx: Context) -> None:
    """Make sure that a session could be kept and traced, before anybody is asked to log in.

    Raises:
        TraceDown, StoreDown.
    """
    if not ctx.traces.ready():
        raise TraceDown("CONNECT")
    if not await ctx.store.ready():
        raise StoreDown("PING")


async def ouvrir_trace(ctx: Context, session: Session, peer: Peer) -> None:
    """Trace an opening; a session that can't be traced ends at once.

    Raises:
        TraceDown.
    """
    try:
        ctx.traces.connect_success(session, ports=peer.ports)
    except TraceDown:
        await ctx.broker.drop(session, "trace_impossible")
        raise


def poste(request: Request) -> str:
    """Digest of the certificate that the workstation showed, or ""."""
    return str(request.scope.get("pleiade.poste", ""))


def _valider(contenu: bytes) -> dict[str, str]:
    """The four fields of the body.

    Raises:
        ProxyError: 400 with all problems at once, `[a, b]`.
    """
    try:
        corps = json.loads(contenu)
    except (ValueError, RecursionError):
        corps = None
    if not isinstance(corps, dict):
        corps = {}
    problemes = []
    for champ in CHAMPS:
        valeur = corps.get(champ)
        if valeur is None or valeur == "":
            problemes.append(f"{champ} is missing")
        elif not isinstance(valeur, str) or not _VALIDES[champ].fullmatch(valeur):
            problemes.append(f"{champ} value {_montrer(valeur)} is invalid")
    if problemes:
        raise ProxyError(400, f"[{', '.join(problemes)}]", motif="corps_invalide", metadata={
            c: corps[c] for c in ("nationalId", "clientId")
            if isinstance(corps.get(c), str) and _VALIDES[c].fullmatch(corps[c])})
    return {champ: corps[champ] for champ in CHAMPS}


def _montrer(valeur: Any) -> str:
    texte = valeur if isinstance(valeur, str) else json.dumps(valeur)
    return re.sub(r"[^ -~]", "?", texte)[:40]


def _echec(ctx: Context, corps: dict[str, str], peer: Peer, motif: str) -> None:
    ctx.traces.connect_failure(national_id=corps["nationalId"], client_id=corps["clientId"],
                               ip=peer.ip, ports=peer.ports, reason=motif)


def _refus(exc: UpstreamRefused, metadata: dict[str, str]) -> ProxyError:
    description = exc.description if exc.error != "unknown_user_id" else ""
    if (exc.error, description) in _INCONNUS:
        return ProxyError(404, INCONNU, metadata=metadata, motif="utilisateur_inconnu")
    return ProxyError(401 if exc.status < 500 else 500, str(exc), metadata=metadata,
                      motif=exc.error)


def limite_login(ctx: Context, peer: Peer) -> None:
    """Count one login attempt of an address.

    Raises:
        ProxyError: 429.
    """
    attente = ctx.logins.take(peer.key)
    if attente:
        ctx.metrics.count("refused_total", limit="identifications")
        raise too_many(attente, "identifications")


def poser_cookie(reponse: Response, session: Session) -> None:
    """Give the session's cookie: unreadable by scripts, over TLS alone, for this site alone."""
    reponse.set_cookie(COOKIE, session.id, path="/", secure=True, httponly=True, samesite="lax")


async def disconnect(request: Request) -> Response:
    """DELETE /disconnect: end the session here and at PSC, forget and revoke its tokens."""
    ctx = context(request)
    session = await ctx.require_session(request.scope, "Session ID not found.")
    peer = ctx.peer(request.scope)
    if not await ctx.broker.close(session, ip=peer.ip, ports=peer.ports):
        raise ProxyError(401, "Session ID not found.", motif="sans_session")
    reponse = Response(status_code=200, headers={"Cache-Control": "no-store"})
    reponse.set_cookie(COOKIE, "", path="/", max_age=0, secure=True, httponly=True,
                       samesite="lax")
    return reponse


async def traces(request: Request) -> Response:
    """GET /traces: for the conformity run; closed elsewhere (`[traces] exposer`)."""
    ctx = context(request)
    if not exposed(ctx.config.exposition_traces, ctx.peer(request.scope)):
        raise ProxyError(404, "Not Found.", motif="traces_fermees")
    debut = _instant(request, "start", None)
    fin = _instant(request, "end", datetime.fromisoformat(clock.iso(ctx.clock())))

    def tableau() -> Iterator[str]:
        separateur = "["
        for trace in ctx.traces.read(debut, fin):
            yield separateur + json.dumps(trace, ensure_ascii=False)
            separateur = ","
        yield "]" if separateur == "," else "[]"

    return StreamingResponse(tableau(), media_type="application/json",
                             headers={"Cache-Control": "no-store"})


def _instant(request: Request, nom: str, defaut: datetime | None) -> datetime:
    texte = request.query_params.get(nom)
    if texte is None and defaut is not None:
        return defaut
    if not texte:
        raise ProxyError(400, f"[{nom} is missing]")
    try:
        # An offset's `+` that was not URL-encoded arrives as a space.
        instant = datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", texte))
        if instant.tzinfo is None:
            raise ValueError("offset")
        instant.timestamp()
    except (ValueError, OverflowError) as exc:
        raise ProxyError(400, f"[{nom} value is invalid]") from exc
    return instant


async def alive(request: Request) -> Response:
    """GET /check/alive: the process runs."""
    return PlainTextResponse("OK")
