"""Connections towards PSC, the authorization servers and the APIs.

One pool per client (its certificate) and target. The certificate that obtained a token must be
the one that uses it (`cnf`, `spec/psc.md` §3.4): when the files of a certificate change, new pools
are made and the old ones end with the calls they carry.
"""

import asyncio
import hashlib
import json
import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.proxy import tls
from app.proxy.config import Client, Config
from app.proxy.errors import UpstreamDown, UpstreamRefused
from app.proxy.network import Transport

journal = logging.getLogger("pleiade.proxy.sortant")

TransportFactory = Callable[[ssl.SSLContext, httpx.Limits], httpx.AsyncBaseTransport]

#: Largest answer accepted from PSC or an authorization server.
REPONSE_MAX = 1 << 20
#: An idle connection is dropped before the servers do it themselves (5 s is their usual limit):
#: a call sent at the very instant they close could be neither answered nor safely repeated.
VEILLE_S = 4.0
#: After a rotation an old pool is looked at this often, and closed once it carries no call; at
#: the latest after the other, seconds.
SURSIS_S = 30.0
SURSIS_MAX_S = 4 * 3600.0
PSC = "psc"


@dataclass(frozen=True, slots=True)
class Pool:
    """Connections of one client towards one target."""

    http: httpx.AsyncClient
    transport: httpx.AsyncBaseTransport
    certificate: tls.Certificate | None


class Shared(httpx.AsyncBaseTransport):
    """A transport lent to a short-lived client, which must not close it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)


class Outbound:
    """All outgoing pools, by client and target (`psc` or the name of an API)."""

    def __init__(self, config: Config, transport: TransportFactory | None = None) -> None:
        self._config = config
        self._fabrique: TransportFactory = transport or Transport
        self._pools: dict[tuple[str, str], Pool] = {}
        self._empreintes: dict[str, str] = {}
        self._sursis: set[asyncio.Task[None]] = set()
        for client in config.clients.values():
            self._empreintes[client.nom] = _empreinte(client, config)
            self._pools.update(self._construire(client))

    def pool(self, client: Client, target: str) -> Pool:
        """The pool of a client towards a target."""
        return self._pools[client.nom, target]

    def certificates(self) -> Iterator[tuple[str, tls.Certificate]]:
        """Client certificates in use, with the name of their client."""
        for client in self._config.clients.values():
            certificat = self._pools[client.nom, PSC].certificate
            if certificat is not None:
                yield client.nom, certificat

    def rotate(self) -> list[str]:
        """Take over changed certificates and keys; gives the names of the renewed clients.

        A file that can't be used yet (half a rotation) leaves the old pools in place.
        """
        renouveles = []
        for client in self._config.clients.values():
            try:
                empreinte = _empreinte(client, self._config)
                if empreinte == self._empreintes[client.nom]:
                    continue
                nouveaux = self._construire(client)
            except (OSError, ValueError) as exc:
                journal.warning("rotation_impossible",
                                extra={"client": client.nom, "cause": type(exc).__name__})
                continue
            anciens = [self._pools[cle] for cle in nouveaux]
            self._pools.update(nouveaux)
            self._empreintes[client.nom] = empreinte
            tache = asyncio.get_running_loop().create_task(_fermer_plus_tard(anciens))
            self._sursis.add(tache)
            tache.add_done_callback(self._sursis.discard)
            renouveles.append(client.nom)
        return renouveles

    async def aclose(self) -> None:
        """Close every connection."""
        for tache in list(self._sursis):
            tache.cancel()
        await asyncio.gather(*self._sursis, return_exceptions=True)
        for pool in self._pools.values():
            await pool.http.aclose()

    def _construire(self, client: Client) -> dict[tuple[str, str], Pool]:
        certificat = None if client.certificat is None else tls.read_certificate(client.certificat)
        limites = httpx.Limits(max_connections=self._config.limites.connexions_api,
                               max_keepalive_connections=self._config.limites.connexions_api,
                               keepalive_expiry=VEILLE_S)
        contextes: dict[tuple[Path | None, Path | None], ssl.SSLContext] = {}
        pools = {}
        psc = self._config.psc
        cibles = [(PSC, psc.ca, psc.crl, psc.delai_s)]
        # An authority of its own has lists of its own.
        cibles += [(a.nom, a.ca or psc.ca, a.crl or (None if a.ca else psc.crl), a.delai_s)
                   for a in self._config.api.values()]
        for nom, ca, crl, delai in cibles:
            if (ca, crl) not in contextes:
                contextes[ca, crl] = tls.client_context(ca, client.certificat, client.cle,
                                                        client.mot_de_passe(), crl)
            transport = self._fabrique(contextes[ca, crl], limites)
            http = httpx.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False,
                timeout=httpx.Timeout(delai, connect=5.0, pool=10.0),
                headers={"User-Agent": "pleiade-proxy"})
            pools[client.nom, nom] = Pool(http, transport, certificat)
        return pools


async def _fermer_plus_tard(pools: list[Pool]) -> None:
    try:
        for _ in range(int(SURSIS_MAX_S / SURSIS_S)):
            await asyncio.sleep(SURSIS_S)
            if not any(isinstance(p.transport, Transport) and p.transport.busy() for p in pools):
                break
    finally:
        for pool in pools:
            await pool.http.aclose()


def _empreinte(client: Client, config: Config) -> str:
    resume = hashlib.sha256()
    autorites = [config.psc.ca, config.psc.crl,
                 *(f for a in config.api.values() for f in (a.ca, a.crl))]
    for fichier in (client.certificat, client.cle, client.cle_mot_de_passe_fichier, *autorites):
        if fichier is not None:
            resume.update(hashlib.sha256(fichier.read_bytes()).digest())
    return resume.hexdigest()


def failure(exc: httpx.TransportError) -> UpstreamDown:
    """Translate a transport error into what the caller gets (`spec/psc.md` §4.3)."""
    if isinstance(exc, httpx.PoolTimeout):
        return UpstreamDown(503, "saturation")
    if isinstance(exc, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout):
        return UpstreamDown(504, "delai")
    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return UpstreamDown(500, "tls")
        cause = cause.__cause__ or cause.__context__
    if isinstance(exc, httpx.ConnectError):
        return UpstreamDown(503, "injoignable")
    return UpstreamDown(502, "coupure")


async def fetch(http: httpx.AsyncClient, method: str, url: str, *,
                form: Mapping[str, str] | None = None,
                headers: Mapping[str, str] | None = None,
                basic: tuple[str, str] | None = None,
                delay: float | None = None) -> httpx.Response:
    """One bounded call; the whole answer is read.

    Args:
        delay: wait for an answer, seconds; by default that of `http`.

    Raises:
        UpstreamDown: transport error, 502, 503, 504, or an answer over 1 MiB.
    """
    attente = http.timeout
    if delay is not None:
        attente = httpx.Timeout(delay, connect=attente.connect, pool=attente.pool)
    requete = http.build_request(method, url, data=None if form is None else dict(form),
                                 timeout=attente,
                                 headers={"Accept": "application/json", **(headers or {})})
    try:
        # Each reading has its delay; a few drops at a time would add up for ever.
        async with asyncio.timeout(2 * (attente.read or 60.0)):
            reponse = await http.send(requete, stream=True,
                                      auth=None if basic is None else httpx.BasicAuth(*basic))
            try:
                contenu = bytearray()
                async for morceau in reponse.aiter_bytes():
                    contenu += morceau
                    if len(contenu) > REPONSE_MAX:
                        raise UpstreamDown(502, "reponse_trop_longue")
            finally:
                await reponse.aclose()
    except TimeoutError as exc:
        raise UpstreamDown(504, "delai") from exc
    except httpx.TransportError as exc:
        raise failure(exc) from exc
    except httpx.DecodingError as exc:
        raise UpstreamDown(502, "reponse_illisible") from exc
    if reponse.status_code in (502, 503, 504):
        raise UpstreamDown(reponse.status_code, "amont")
    entetes = [(n, v) for n, v in reponse.headers.raw
               if n.lower() not in (b"content-encoding", b"content-length",
                                    b"transfer-encoding")]
    return httpx.Response(reponse.status_code, headers=entetes, content=bytes(contenu),
                          request=requete)


async def post_form(http: httpx.AsyncClient, url: str, form: Mapping[str, str], *,
                    basic: tuple[str, str] | None = None,
                    delay: float | None = None) -> dict[str, Any]:
    """POST a form to an OAuth endpoint and give the JSON object of the answer.

    Raises:
        UpstreamRefused: any other status than 2xx.
        UpstreamDown: no usable answer.
    """
    reponse = await fetch(http, "POST", url, form=form, basic=basic, delay=delay)
    corps = json_object(reponse)
    if not reponse.is_success:
        corps = corps or {}
        raise UpstreamRefused(reponse.status_code, str(corps.get("error", "error")),
                              str(corps.get("error_description", "")))
    if corps is None:
        raise UpstreamDown(502, "reponse_illisible")
    return corps


def json_object(reponse: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer, or None if it holds something else."""
    try:
        valeur = json.loads(reponse.content)
    except ValueError:
        return None
    return valeur if isinstance(valeur, dict) else None
