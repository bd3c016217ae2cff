"""Life of sessions and of their tokens: open, renew, close (`spec/psc.md` §3.6, §4.1–4.2)."""

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from app.proxy.clock import Clock
from app.proxy.config import Api, Client, Config
from app.proxy.edc import EdcClient
from app.proxy.errors import InvalidIdToken, UpstreamDown, UpstreamRefused
from app.proxy.metrics import Metrics
from app.proxy.outbound import PSC, Outbound
from app.proxy.psc import Login, PscClient
from app.proxy.sessions import ApiToken, PscTokens, Session, SessionStore, StoreDown
from app.proxy.traces import TraceLog

journal = logging.getLogger("pleiade.proxy.sessions")

#: A token is renewed when less than this is left, or a fifth of its life if that is shorter.
MARGE_S = 60.0
#: The access token given to the mail client has at least this long to live, seconds.
RESTE_MIN_S = 45.0
#: Renewals at once in the background.
RENOUVELLEMENTS = 8
#: Who disconnects waits this long for PSC and the authorization servers; the rest goes on alone.
ADIEUX_S = 5.0
#: A revocation that a server couldn't take is tried again after each of these, seconds.
REPRISES_S = (5.0, 30.0)

T = TypeVar("T")


class SessionEnded(Exception):
    """The session can't go on: its tokens are dead and can't be renewed."""


class Broker:
    """Opens, renews and closes sessions. One per process."""

    def __init__(self, config: Config, store: SessionStore, psc: PscClient, edc: EdcClient,
                 outbound: Outbound, traces: TraceLog, metrics: Metrics, clock: Clock) -> None:
        self._config = config
        self._store = store
        self._psc = psc
        self._edc = edc
        self._outbound = outbound
        self._traces = traces
        self._metrics = metrics
        self._clock = clock
        self._fond: set[asyncio.Task[Any]] = set()
        self._arret = asyncio.Event()

    # --- opening -------------------------------------------------------------------------

    async def open(self, client: Client, asked: str, login: Login, *, ip: str, mode: str,
                   all_apis: bool, poste: str = "") -> Session:
        """Open the session of a professional who has just authenticated.

        A former session of the same professional on the same client ends: one session per user
        and client (R-P3).

        Args:
            asked: the `clientId` as the LPS wrote it.
            poste: digest of the certificate that the workstation showed, or "".
            all_apis: exchange with every API first, all must succeed (contract of `/connect`).

        Raises:
            UpstreamRefused, UpstreamDown: an exchange failed; nothing is left open.
            StoreDown: the session can't be kept; nothing is left open.
        """
        maintenant = self._clock()
        certificat = self._outbound.pool(client, PSC).certificate
        session = Session(client=client.nom, asked_client_id=asked, subject=login.subject,
                          psc=login.tokens, opened=maintenant, last_used=maintenant, ip=ip,
                          dn=None if certificat is None else certificat.dn, mode=mode,
                          poste=poste)
        echanges: asyncio.Task[None] | None = None
        try:
            if all_apis:
                echanges = self._suivre(self._exchange_all(client, session))
                await asyncio.shield(echanges)
            ancienne = await self._store.open(session)
        except (UpstreamRefused, UpstreamDown, StoreDown, asyncio.CancelledError):
            # Nothing may outlive a failed or abandoned opening.
            self.background(self._undo(client, session, echanges))
            raise
        self._metrics.count("sessions_opened_total", mode=mode)
        if ancienne is not None:
            same_sso = ancienne.psc.session_state == session.psc.session_state
            self.background(self._finish(ancienne, "remplacee", logout=False, same_sso=same_sso))
        if not all_apis:
            self.background(self._warm(session.id))
        return session

    async def _exchange_all(self, client: Client, session: Session) -> None:
        async def echanger(api: Api) -> None:
            session.apis[api.nom] = await self._exchange(client, api, session)

        resultats = await asyncio.gather(*map(echanger, self._config.api.values()),
                                         return_exceptions=True)
        for resultat in resultats:
            if resultat is not None:
                raise resultat

    async def _undo(self, client: Client, session: Session,
                    echanges: asyncio.Task[None] | None = None) -> None:
        if echanges is not None:
            # Tokens on their way when the caller left are tokens too.
            await asyncio.wait({echanges})
        with suppress(StoreDown):
            await self._store.remove(session.id)
        await self._psc.logout(client, session.psc)
        await self._revoke_all(session)

    def abandon(self, client: Client, tokens: PscTokens) -> None:
        """End a login that opens no session."""
        self.background(self._logout(client, tokens))

    async def _logout(self, client: Client, tokens: PscTokens) -> None:
        await self._psc.logout(client, tokens)

    async def _warm(self, session_id: str) -> None:
        """Obtain the API tokens right after a browser login; what fails is tried again at use."""
        for api in self._config.api.values():
            session = await self._store.get(session_id)
            if session is None:
                return
            with suppress(UpstreamRefused, UpstreamDown, SessionEnded):
                await self.api_token(session, api)

    # --- tokens --------------------------------------------------------------------------

    async def psc_token(self, session: Session, *, at_least: float = 10.0) -> PscTokens:
        """PSC tokens whose access token lives `at_least` seconds more.

        Raises:
            SessionEnded: PSC refuses the renewal.
            UpstreamDown.
        """
        if session.psc.access_expires - self._clock() >= at_least:
            return session.psc
        # A caller who leaves takes no new token along: PSC may have put it in the old one's place.
        return await asyncio.shield(self._suivre(self._renew_psc_alone(session, at_least)))

    async def _renew_psc_alone(self, session: Session, at_least: float) -> PscTokens:
        async with self._store.lock(f"psc:{session.id}"):
            courante = await self._store.get(session.id)
            if courante is None:
                raise SessionEnded
            session = courante
            if session.psc.access_expires - self._clock() >= at_least:
                return session.psc
            return await self._renew_psc(session)

    async def _renew_psc(self, session: Session) -> PscTokens:
        client = self._config.clients[session.client]
        psc = session.psc
        if psc.ended or not psc.refresh_token or (
                psc.refresh_expires and psc.refresh_expires <= self._clock()):
            raise SessionEnded
        try:
            nouveaux = await self._psc.refresh(client, psc)
        except UpstreamRefused as exc:
            self._metrics.count("token_operations_total", target=PSC, operation="refresh",
                                result="refused")
            if exc.error not in ("invalid_grant", "invalid_token"):
                raise UpstreamDown(502, exc.error) from exc
            psc.ended = True
            await self._store.save(session)
            journal.info("session_psc_terminee", extra={"session": session.id})
            raise SessionEnded from exc
        self._metrics.count("token_operations_total", target=PSC, operation="refresh", result="ok")
        session.psc = nouveaux
        await self._store.save(session)
        return nouveaux

    async def api_token(self, session: Session, api: Api, *,
                        rejected: str = "") -> ApiToken:
        """A usable token for an API, renewed before it lapses.

        Args:
            rejected: a token the API has just refused; another one is obtained.

        Raises:
            SessionEnded: neither the API nor PSC renews; the session has no use any more.
            UpstreamRefused, UpstreamDown: this API alone can't be served.
        """
        jeton = session.apis.get(api.nom)
        if jeton is not None and self._usable(session, api, jeton, rejected):
            if (await self._still_active(session, api, jeton)):
                return jeton
            rejected = jeton.access_token
        return await asyncio.shield(self._suivre(self._renew_api_alone(session, api, rejected)))

    async def _renew_api_alone(self, session: Session, api: Api, rejected: str) -> ApiToken:
        async with self._store.lock(f"api:{api.nom}:{session.id}"):
            courante = await self._store.get(session.id)
            if courante is None:
                raise SessionEnded
            session = courante
            jeton = session.apis.get(api.nom)
            if jeton is not None and self._usable(session, api, jeton, rejected):
                return jeton
            try:
                jeton = await self._renew_api(session, api, jeton, rejected)
            except (SessionEnded, UpstreamDown, UpstreamRefused):
                # Renewed ahead of time: what is left of the old token still serves.
                if jeton is not None and self._usable(session, api, jeton, rejected, reste=2.0):
                    return jeton
                raise
            session.apis[api.nom] = jeton
            await self._store.save(session)
            if await self._store.get(session.id) is None:
                # The session ended meanwhile: its tokens were revoked before this one existed.
                self.background(self._revoke(session, api, jeton))
                raise SessionEnded
            return jeton

    def _usable(self, session: Session, api: Api, jeton: ApiToken, rejected: str,
                reste: float = MARGE_S) -> bool:
        marge = min(reste, (jeton.expires - jeton.obtained) / 5)
        client = self._config.clients[session.client]
        certificat = self._outbound.pool(client, api.nom).certificate
        empreinte = "" if certificat is None else certificat.digest.hex()
        return (jeton.access_token != rejected and jeton.thumbprint == empreinte
                and jeton.expires - self._clock() > marge)

    async def _still_active(self, session: Session, api: Api, jeton: ApiToken) -> bool:
        client = self._config.clients[session.client]
        try:
            return await self._edc.still_active(client, api, jeton)
        except (UpstreamRefused, UpstreamDown):
            # The server of the tokens is down, the API may not be: it will judge by itself.
            return True

    async def _renew_api(self, session: Session, api: Api, jeton: ApiToken | None,
                         rejected: str) -> ApiToken:
        client = self._config.clients[session.client]
        certificat = self._outbound.pool(client, api.nom).certificate
        meme = jeton is not None and jeton.thumbprint == (
            "" if certificat is None else certificat.digest.hex())
        if (jeton is not None and meme and not rejected and jeton.refresh_token
                and jeton.refresh_expires > self._clock() + 5.0):
            try:
                nouveau = await self._edc.refresh(client, api, jeton, session.subject)
            except UpstreamRefused:
                self._compter(api, "refresh", "refused")
            else:
                self._compter(api, "refresh", "ok")
                return nouveau
        return await self._exchange(client, api, session)

    async def _exchange(self, client: Client, api: Api, session: Session) -> ApiToken:
        """Exchange; a subject token found outdated is refreshed once (§1.8, case 1a)."""
        en_magasin = await self._store.get(session.id) is not None
        tokens = await self.psc_token(session) if en_magasin else session.psc
        try:
            jeton = await self._edc.exchange(client, api, tokens.access_token, session.subject)
        except UpstreamRefused as exc:
            if not en_magasin or exc.error not in ("invalid_grant", "invalid_token"):
                self._compter(api, "exchange", "refused")
                raise
            reste = tokens.access_expires - self._clock()
            tokens = await self.psc_token(session, at_least=reste + 1.0)
            jeton = await self._edc.exchange(client, api, tokens.access_token, session.subject)
        except UpstreamDown:
            self._compter(api, "exchange", "down")
            raise
        self._compter(api, "exchange", "ok")
        return jeton

    def _compter(self, api: Api, operation: str, resultat: str) -> None:
        self._metrics.count("token_operations_total", target=api.nom, operation=operation,
                            result=resultat)

    # --- closing -------------------------------------------------------------------------

    async def close(self, session: Session, *, ip: str, ports: list[int]) -> bool:
        """Disconnect on request: trace, local end, PSC logout, tokens revoked (§4.2).

        Gives False when another request closed it first.
        """
        if await self._store.remove(session.id) is None:
            return False
        self._traces.disconnect(session, ip=ip, ports=ports)
        fin = self.background(self._finish(session, "demande", logout=True, trace=False))
        await asyncio.wait({fin}, timeout=ADIEUX_S)
        return True

    async def drop(self, session: Session, reason: str) -> None:
        """End a session that can't go on."""
        if await self._store.remove(session.id) is not None:
            await self._finish(session, reason, logout=False)

    async def _finish(self, session: Session, reason: str, *, logout: bool, trace: bool = True,
                      same_sso: bool = False) -> None:
        if trace:
            self._traces.disconnect(session, ip=session.ip, ports=[], reason=reason)
        self._metrics.count("sessions_closed_total", reason=reason)
        journal.info("session_fermee", extra={
            "session": session.id, "motif": reason, "sso_conserve": same_sso})
        if logout:
            await self._psc.logout(self._config.clients[session.client], session.psc)
        await self._revoke_all(session)

    async def _revoke(self, session: Session, api: Api, jeton: ApiToken) -> None:
        client = self._config.clients[session.client]
        for attente in REPRISES_S:
            if await self._edc.revoke(client, api, jeton):
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._arret.wait(), attente)
        await self._edc.revoke(client, api, jeton)

    async def _revoke_all(self, session: Session) -> None:
        jetons, session.apis = session.apis, {}
        await asyncio.gather(*(self._revoke(session, self._config.api[nom], jeton)
                               for nom, jeton in jetons.items() if nom in self._config.api))
        session.psc = PscTokens("", 0.0, session_state=session.psc.session_state, ended=True)

    # --- background ----------------------------------------------------------------------

    def background(self, travail: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something the caller needn't wait for; `aclose` waits for it."""
        tache = asyncio.get_running_loop().create_task(travail)
        self._fond.add(tache)
        tache.add_done_callback(self._fini)
        return tache

    def _suivre(self, travail: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run something that must not stop half-way when who waits for it leaves.

        What it raises is theirs; nobody need hear it when they have left.
        """
        tache = asyncio.get_running_loop().create_task(travail)
        self._fond.add(tache)
        tache.add_done_callback(self._fond.discard)
        tache.add_done_callback(_entendre)
        return tache

    def _fini(self, tache: asyncio.Task[Any]) -> None:
        self._fond.discard(tache)
        if not tache.cancelled() and tache.exception() is not None:
            journal.error("travail_de_fond", exc_info=tache.exception())

    async def sweep(self) -> None:
        """End the sessions that are expired."""
        for session in await self._store.expired():
            inactive = self._clock() - session.last_used >= self._config.session.inactivite_s
            self.background(self._finish(session, "inactivite" if inactive else "duree_maximale",
                                         logout=False))

    async def keep_alive(self) -> None:
        """Refresh the PSC tokens that are about to lapse, so that a session lives its time."""
        if not self._config.session.maintien_psc:
            return
        feux = asyncio.Semaphore(RENOUVELLEMENTS)

        async def renouveler(session: Session) -> None:
            async with feux:
                with suppress(SessionEnded, UpstreamDown, InvalidIdToken):
                    reste = session.psc.access_expires - self._clock()
                    await self.psc_token(session, at_least=max(reste, 0.0) + 1.0)

        maintenant = self._clock()
        proches = await self._store.renewable(maintenant + self._config.psc.delai_s + 120.0)
        travaux = [renouveler(s) for s in proches
                   if not s.psc.ended and s.psc.access_expires - maintenant < MARGE_S]
        await asyncio.gather(*travaux)

    async def settle(self) -> None:
        """Wait for the background work under way."""
        while self._fond:
            await asyncio.gather(*self._fond, return_exceptions=True)

    async def aclose(self, *, end_sessions: bool, delay: float) -> None:
        """Stop: sessions that die with the process are closed and their tokens revoked."""
        self._arret.set()
        if end_sessions:
            for numero in await self._store.live():
                session = await self._store.remove(numero)
                if session is not None:
                    self.background(self._finish(session, "arret", logout=False))
        with suppress(TimeoutError):
            async with asyncio.timeout(delay):
                await self.settle()
        for tache in list(self._fond):
            tache.cancel()
        await asyncio.gather(*self._fond, return_exceptions=True)


def _entendre(tache: asyncio.Task[Any]) -> None:
    if not tache.cancelled():
        tache.exception()
