"""Limits: how much one caller, and all of them together, may ask (rate, number, size)."""

import ipaddress
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from app.proxy.clock import Clock
from app.proxy.errors import ProxyError


class Bucket:
    """Token buckets by key. The least recently used keys are forgotten (bounded memory).

    Args:
        rate: tokens per second.
        burst: size of a bucket.
    """

    CLES_MAX = 50_000

    def __init__(self, rate: float, burst: float, clock: Clock) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._clock = clock
        self._seaux: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """Take one token; gives 0, or the seconds to wait when there is none."""
        if self._rate <= 0:
            return 0.0
        maintenant = self._clock()
        reste, vu = self._seaux.pop(key, (self._burst, maintenant))
        reste = min(self._burst, reste + (maintenant - vu) * self._rate)
        attente = 0.0 if reste >= 1.0 else (1.0 - reste) / self._rate
        self._seaux[key] = (reste if attente else reste - 1.0, maintenant)
        if len(self._seaux) > self.CLES_MAX:
            self._seaux.popitem(last=False)
        return attente


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a request comes from, as the traces want it (`spec/psc.md` §4.4)."""

    ip: str
    ports: list[int]
    direct: bool
    """False behind a reverse proxy."""

    @property
    def key(self) -> str:
        """What its attempts are counted by: an IPv6 caller owns a whole /64."""
        adresse = _adresse(self.ip)
        if isinstance(adresse, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((int(adresse), 64), strict=False))
        return self.ip


class Peers:
    """Finds the address of a caller.

    X-Forwarded-For is believed from known proxies alone, and read from its end: what a caller
    wrote there himself comes before what they added.
    """

    def __init__(self, trusted: Sequence[str]) -> None:
        self._reseaux = [ipaddress.ip_network(a, strict=False) for a in trusted]

    def of(self, scope: Scope) -> Peer:
        """The caller of a request."""
        client = scope.get("client")
        voisin, port = (client[0], client[1]) if client else ("", 0)
        ip = voisin = _simple(voisin)
        relais = [v.decode("latin-1") for n, v in scope["headers"] if n == b"x-forwarded-for"]
        autres = any(n in (b"forwarded", b"x-real-ip") for n, _ in scope["headers"])
        mandataire = self.trusted(ip)
        if relais and mandataire:
            for annonce in reversed(",".join(relais).split(",")):
                ip, port = _simple(annonce.strip()), 0
                if not self.trusted(ip):
                    break
            if _adresse(ip) is None:
                # Nobody known wrote that: the address is the proxy's.
                ip = voisin
        return Peer(ip, [port] if port else [], not relais and not autres and not mandataire)

    def trusted(self, ip: str) -> bool:
        """True for a known reverse proxy or balancer."""
        adresse = _adresse(_simple(ip))
        return adresse is not None and any(adresse in r for r in self._reseaux)


def exposed(mode: str, peer: Peer) -> bool:
    """May this caller read a page exposed as `non`, `loopback` or `oui`?"""
    if mode == "loopback":
        adresse = _adresse(peer.ip)
        return peer.direct and adresse is not None and adresse.is_loopback
    return mode == "oui"


def _simple(texte: str) -> str:
    """An address without its zone, IPv4 where IPv6 carries it."""
    adresse = _adresse(texte.partition("%")[0])
    if isinstance(adresse, ipaddress.IPv6Address) and adresse.ipv4_mapped is not None:
        return str(adresse.ipv4_mapped)
    return texte if adresse is None else str(adresse)


def _adresse(texte: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(texte)
    except ValueError:
        return None


def too_many(attente: float, motif: str) -> ProxyError:
    """The refusal of a rate limit."""
    return ProxyError(429, "Too Many Requests.", motif=motif,
                      headers={"Retry-After": str(max(1, round(attente + 0.5)))})


async def read_body(request: Request, limit: int) -> bytes:
    """Whole body of a small request.

    Raises:
        ProxyError: 413 over `limit` bytes.
    """
    contenu = bytearray()
    async for morceau in request.stream():
        contenu += morceau
        if len(contenu) > limit:
            raise ProxyError(413, "Content Too Large.")
    return bytes(contenu)


async def read_json(request: Request, limit: int = 16384) -> dict[str, Any]:
    """The JSON object of a small request.

    Raises:
        ProxyError: 400, or 413 over `limit` bytes.
    """
    try:
        corps = json.loads(await read_body(request, limit))
        # Half a surrogate pair passes for a text and can't be written anywhere.
        json.dumps(corps, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as exc:
        raise ProxyError(400, "[JSON is invalid]") from exc
    if not isinstance(corps, dict):
        raise ProxyError(400, "[JSON object expected]")
    return corps
