"""Our own routes, beside the official contract: login by the browser, userinfo, PSC access token.

    POST /session/nouvelle  {clientId, retour, fraiche}  -> {code, url, expires_in}
    GET  /login?app=<code>                          -> 302 to PSC          (browser)
    GET  /callback?code&state&iss | error           -> 303 to <retour>     (browser)
    POST /session/ticket    {code, ticket}          -> the session and its cookie
    GET  /session/etat                              -> state and remaining times
    GET  /session/userinfo                          -> claims of the professional
    GET  /session/jeton-psc                         -> {access_token, expires_in}

The browser never sees the session: `retour` (the loopback address of the software) receives a
ticket, good once, for a minute, and only together with the code that the software kept. They are
closed by `[bureau] actif = false` for the conformity run (`spec/psc.md` §2, §4).
"""

import hashlib
import hmac
import logging
import re
import secrets
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.proxy import clock, pages
from app.proxy.broker import SessionEnded
from app.proxy.config import Client
from app.proxy.context import Context, context
from app.proxy.contract import INCONNU, limite_login, ouvrir_trace, poser_cookie, poste, pret
from app.proxy.errors import InvalidIdToken, ProxyError, UpstreamDown, UpstreamRefused
from app.proxy.limits import Peer, read_json, too_many
from app.proxy.psc import AuthorizationRequest, Login
from app.proxy.sessions import PscTokens, Session, StoreDown

journal = logging.getLogger("pleiade.proxy.bureau")

COOKIE_NAVIGATEUR = "__Host-pleiade_connexion"
_RETOUR = re.compile(r"http://127\.0\.0\.1:([1-9][0-9]{0,4})/psc/done(?:/[A-Za-z0-9_-]{1,64})?")
_ERREUR = re.compile(r"[a-z_]{1,40}")
_PERDU = "Cette identification n’est plus valable."


async def nouvelle(request: Request) -> Response:
    """POST /session/nouvelle: the software announces a login in the browser."""
    ctx = context(request)
    limite_login(ctx, ctx.peer(request.scope))
    corps = await read_json(request)
    demande, retour = corps.get("clientId"), corps.get("retour")
    client = ctx.config.client(demande) if isinstance(demande, str) else None
    if client is None:
        raise ProxyError(404, INCONNU, motif="client_inconnu")
    trouve = _RETOUR.fullmatch(retour) if isinstance(retour, str) else None
    if trouve is None or int(trouve[1]) > 65535:
        raise ProxyError(400, "[retour value is invalid]", motif="retour_refuse")
    await pret(ctx)
    code = secrets.token_urlsafe(32)
    attente = ctx.config.bureau.attente_s
    fiche = {"client": client.nom, "asked": demande, "retour": retour,
             "fraiche": corps.get("fraiche") is True}
    await ctx.store.put(_cle("login", code), fiche, attente)
    return _reponse({"code": code, "url": f"{ctx.public_url}/login?{urlencode({'app': code})}",
                     "expires_in": int(attente)})


async def login(request: Request) -> Response:
    """GET /login?app=code: send the browser to PSC; good once."""
    ctx = context(request)
    code = request.query_params.get("app", "")
    fiche = await ctx.store.take(_cle("login", code))
    if fiche is None:
        limite_login(ctx, ctx.peer(request.scope))
        return pages.perdu()
    client = ctx.config.clients[fiche["client"]]
    redirection = client.redirect_uri or f"{ctx.public_url}/callback"
    try:
        demande = await ctx.psc.authorization(client, redirection,
                                              again=fiche.get("fraiche") is True)
    except UpstreamDown as exc:
        journal.warning("psc_injoignable", extra={"cause": exc.reason})
        return pages.indisponible()
    navigateur = request.cookies.get(COOKIE_NAVIGATEUR, "")
    if not 20 <= len(navigateur) <= 128:
        navigateur = secrets.token_urlsafe(32)
    await ctx.store.put(_cle("state", demande.state), {
        **fiche, "code": _hache(code), "navigateur": _hache(navigateur), "nonce": demande.nonce,
        "verifier": demande.verifier, "redirect_uri": demande.redirect_uri,
    }, ctx.config.bureau.attente_s)
    reponse = RedirectResponse(demande.url, status_code=302, headers={
        "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    reponse.set_cookie(COOKIE_NAVIGATEUR, navigateur, path="/", secure=True, httponly=True,
                       samesite="lax", max_age=int(ctx.config.bureau.attente_s))
    return reponse


async def callback(request: Request) -> Response:
    """GET /callback: PSC sends the browser back with a code, or an error."""
    ctx = context(request)
    peer = ctx.peer(request.scope)
    q = request.query_params
    fiche = await ctx.store.take(_cle("state", q.get("state", "")))
    navigateur = _hache(request.cookies.get(COOKIE_NAVIGATEUR, ""))
    if fiche is None or not hmac.compare_digest(fiche["navigateur"], navigateur):
        limite_login(ctx, peer)
        return pages.perdu()
    client = ctx.config.clients[fiche["client"]]
    try:
        identite = await _identifier(ctx, client, fiche, q)
    except UpstreamRefused as exc:
        return _echec(ctx, fiche, peer, exc.error)
    except InvalidIdToken as exc:
        return _echec(ctx, fiche, peer, f"id_token {exc}", "identite_refusee")
    except UpstreamDown as exc:
        return _echec(ctx, fiche, peer, exc.reason, "psc_indisponible")
    ticket = secrets.token_urlsafe(32)
    try:
        await ctx.store.put(_cle("ticket", ticket), {
            "client": fiche["client"], "asked": fiche["asked"], "code": fiche["code"],
            "subject": identite.subject, "tokens": asdict(identite.tokens)},
            ctx.config.bureau.ticket_s)
    except StoreDown:
        ctx.broker.abandon(client, identite.tokens)
        return _echec(ctx, fiche, peer, "magasin", "temporarily_unavailable")
    return pages.retour(f"{fiche['retour']}?{urlencode({'ticket': ticket})}", True)


async def _identifier(ctx: Context, client: Client, fiche: dict[str, Any], q: Any) -> Login:
    """Check the answer of PSC and redeem its code (§1.3; RFC 9207 for `iss`)."""
    metadata = await ctx.psc.metadata(client)
    iss = q.get("iss")
    if (iss is not None or metadata.iss_in_redirect) and iss != metadata.issuer:
        raise InvalidIdToken("iss")
    erreur = q.get("error")
    if erreur is not None:
        raise UpstreamRefused(400, erreur if _ERREUR.fullmatch(erreur) else "error")
    code = q.get("code", "")
    if not code or len(code) > 2048:
        raise UpstreamRefused(400, "invalid_request")
    demande = AuthorizationRequest("", "", fiche["nonce"], fiche["verifier"],
                                   fiche["redirect_uri"])
    return await ctx.psc.redeem(client, demande, code)


def _echec(ctx: Context, fiche: dict[str, Any], peer: Peer, motif: str,
           erreur: str = "") -> Response:
    ctx.traces.connect_failure(national_id="", client_id=fiche["asked"], ip=peer.ip,
                               ports=peer.ports, reason=motif)
    mot = erreur or (motif if _ERREUR.fullmatch(motif) else "error")
    return pages.retour(f"{fiche['retour']}?{urlencode({'erreur': mot})}", False)


async def ticket(request: Request) -> Response:
    """POST /session/ticket: the software swaps the ticket for its session."""
    ctx = context(request)
    peer = ctx.peer(request.scope)
    corps = await read_json(request)
    code, recu = corps.get("code"), corps.get("ticket")
    if not isinstance(code, str) or not isinstance(recu, str):
        raise ProxyError(400, "[code, ticket are missing]")
    fiche = await ctx.store.take(_cle("ticket", recu))
    if fiche is None or not hmac.compare_digest(fiche["code"], _hache(code)):
        if fiche is not None:
            # The ticket is gone: so is the login it stood for.
            ctx.broker.abandon(ctx.config.clients[fiche["client"]], PscTokens(**fiche["tokens"]))
        limite_login(ctx, peer)
        raise ProxyError(401, _PERDU, motif="ticket_refuse")
    ancienne = await ctx.session(request.scope)
    if ancienne is not None:
        # Somebody else takes over this workstation: the session that was there ends.
        await ctx.broker.drop(ancienne, "changement_utilisateur")
    session = await ctx.broker.open(
        ctx.config.clients[fiche["client"]], fiche["asked"],
        Login(PscTokens(**fiche["tokens"]), fiche["subject"]), ip=peer.ip, mode="navigateur",
        all_apis=False, poste=poste(request))
    await ouvrir_trace(ctx, session, peer)
    reponse = _reponse({"proxy_session_id": session.id, **_etat(ctx, session)})
    poser_cookie(reponse, session)
    return reponse


async def etat(request: Request) -> Response:
    """GET /session/etat: how long the session still lives. Doesn't count as an activity."""
    ctx = context(request)
    return _reponse(_etat(ctx, await ctx.require_session(request.scope)))


def _etat(ctx: Context, session: Session) -> dict[str, Any]:
    reglage = ctx.config.session
    fin_absolue = session.opened + reglage.absolue_s
    fin = min(fin_absolue, session.last_used + reglage.inactivite_s)
    return {"session_state": session.psc.session_state, "subject_name_id": session.subject,
            "client_id": session.asked_client_id, "mode": session.mode,
            "ouverte_le": clock.iso(session.opened), "expire_le": clock.iso(fin),
            "expire_absolue_le": clock.iso(fin_absolue),
            "expires_in": max(0, int(fin - ctx.clock())), "psc_active": not session.psc.ended,
            "apis": sorted(ctx.config.api)}


async def userinfo(request: Request) -> Response:
    """GET /session/userinfo: what PSC says of the professional (§1.6)."""
    ctx = context(request)
    session = await ctx.require_session(request.scope)
    _mesurer(ctx, session)
    tokens = await _jetons(ctx, session, 10.0)
    client = ctx.config.clients[session.client]
    try:
        claims = await ctx.psc.userinfo(client, tokens)
    except UpstreamRefused as exc:
        raise ProxyError(401, "Pro Santé Connect a fermé la session.",
                         motif="session_psc") from exc
    except InvalidIdToken as exc:
        raise ProxyError(502, "Réponse de Pro Santé Connect refusée.", motif="userinfo") from exc
    except UpstreamDown as exc:
        raise ProxyError(exc.status, "Pro Santé Connect ne répond pas.",
                         motif=exc.reason) from exc
    if claims.get("SubjectNameID", session.subject) != session.subject:
        raise ProxyError(502, "Réponse de Pro Santé Connect refusée.", motif="autre_utilisateur")
    return _reponse(claims)


async def jeton_psc(request: Request) -> Response:
    """GET /session/jeton-psc: a fresh PSC access token, for the mail server (XOAUTH2) alone."""
    ctx = context(request)
    session = await ctx.require_session(request.scope)
    _mesurer(ctx, session)
    tokens = await _jetons(ctx, session, 45.0)
    await ctx.store.touch(session)
    return _reponse({"access_token": tokens.access_token,
                     "expires_in": max(0, int(tokens.access_expires - ctx.clock()))})


def _mesurer(ctx: Context, session: Session) -> None:
    """Count one call that goes on to PSC."""
    attente = ctx.sends.take(f"psc:{session.id}")
    if attente:
        ctx.metrics.count("refused_total", limit="envois")
        raise too_many(attente, "envois")


async def _jetons(ctx: Context, session: Session, reste: float) -> PscTokens:
    try:
        return await ctx.broker.psc_token(session, at_least=reste)
    except SessionEnded as exc:
        raise ProxyError(401, "Pro Santé Connect a fermé la session.",
                         motif="session_psc") from exc
    except UpstreamDown as exc:
        raise ProxyError(exc.status, "Pro Santé Connect ne répond pas.",
                         motif=exc.reason) from exc


def _reponse(valeurs: dict[str, Any]) -> Response:
    return JSONResponse(valeurs, headers={"Cache-Control": "no-store"})


def _hache(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _cle(genre: str, secret: str) -> str:
    """Pending things are found by a digest: a dump of the store gives no usable code."""
    return f"{genre}:{_hache(secret)}"
