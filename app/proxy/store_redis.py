"""Sessions shared by several processes, in Redis or Valkey.

Nothing readable is written there: keys are digests of secrets, values are encrypted (AES-256-GCM,
key in a file of its own, bound to the key of the entry). A session is a hash of parts (base, PSC
tokens, tokens of each API) so that two processes renewing different tokens don't undo each other.
Session ids are drawn by the proxy; a dump of the server opens none.
"""

import asyncio
import hashlib
import json
import logging
import math
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.proxy.clock import Clock
from app.proxy.config import Sessions
from app.proxy.resp import Address, Resp, RespError, Value
from app.proxy.sessions import ApiToken, PscTokens, Session, StoreDown

journal = logging.getLogger("pleiade.proxy.magasin")

PREFIXE = "pleiade:"
FINS = PREFIXE + "fins"
#: When the PSC tokens of each session can't be renewed any more.
ECHEANCES = PREFIXE + "psc"
#: An ended session stays this long, for its tokens to be revoked.
GRACE_S = 900
#: A lock is let go after this long if its holder died, seconds.
VERROU_S = 60.0

# One script is one gesture: a process that dies half-way leaves nothing half-written.
#: Keys: session, its last use, ends, PSC deadlines, holder. Arguments: last use, end, life, life
#: of the holder, PSC deadline, then fields and values. Gives the former session of the holder.
_OUVRIR = """
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], KEYS[1])
if ARGV[5] ~= '' then redis.call('ZADD', KEYS[4], ARGV[5], KEYS[1]) end
local ancienne = redis.call('GET', KEYS[5])
redis.call('SET', KEYS[5], KEYS[1], 'EX', ARGV[4])
return ancienne
"""
#: Keys: session, PSC deadlines. Arguments: PSC deadline, then fields and values.
_MODIFIER = """
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
if ARGV[1] == '' then redis.call('ZREM', KEYS[2], KEYS[1])
else redis.call('ZADD', KEYS[2], ARGV[1], KEYS[1]) end
return 1
"""
#: Keys: session, its last use, ends. Arguments: last use, end, life.
_TOUCHER = """
if redis.call('EXPIRE', KEYS[1], ARGV[3]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[2], KEYS[1])
return 1
"""
_LIBERER = "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end"


class StoreRefused(StoreDown):
    """The server answers, and refuses the command (an entry of another kind, a full memory)."""


class RedisStore:
    """See `sessions.SessionStore`.

    Args:
        resp: connection.
        key: 32 bytes of the encryption.
        idle, absolute: as `MemoryStore`.
    """

    def __init__(self, resp: Resp, key: bytes, idle: float, absolute: float,
                 clock: Clock) -> None:
        self._resp = resp
        self._chiffre = AESGCM(key)
        self._idle = idle
        self._absolute = absolute
        self._clock = clock

    @classmethod
    def depuis(cls, reglage: Sessions, clock: Clock) -> "RedisStore":
        """The store that a configuration describes.

        Raises:
            OSError, ValueError: key or password can't be read.
        """
        assert reglage.magasin_cle_fichier is not None
        cle = bytes.fromhex(reglage.magasin_cle_fichier.read_text(encoding="ascii").strip())
        if len(cle) != 32:
            raise ValueError("magasin_cle_fichier : 64 chiffres hexadécimaux attendus")
        mot = reglage.magasin_mot_de_passe_fichier
        passe = "" if mot is None else mot.read_text(encoding="utf-8").strip()
        resp = Resp(Address.parse(reglage.magasin), passe, reglage.magasin_ca)
        return cls(resp, cle, reglage.inactivite_s, reglage.absolue_s, clock)

    # --- encryption ----------------------------------------------------------------------

    def _fermer(self, cle: str, valeur: Any) -> bytes:
        nonce = secrets.token_bytes(12)
        clair = json.dumps(valeur, separators=(",", ":")).encode()
        return nonce + self._chiffre.encrypt(nonce, clair, cle.encode())

    def _ouvrir(self, cle: str, octets: Value) -> Any:
        """Decrypted value, or None when absent, of another key, or tampered with."""
        if not isinstance(octets, bytes) or len(octets) < 28:
            return None
        try:
            return json.loads(self._chiffre.decrypt(octets[:12], octets[12:], cle.encode()))
        except (InvalidTag, ValueError):
            return None

    async def _c(self, *words: str | bytes | int | float) -> Value:
        try:
            return await self._resp.command(*words)
        except RespError as exc:
            raise StoreRefused(str(exc)[:60]) from exc

    # --- sessions ------------------------------------------------------------------------

    def _parts(self, session: Session) -> dict[str, str]:
        base = {"client": session.client, "asked": session.asked_client_id, "id": session.id,
                "subject": session.subject, "opened": session.opened, "ip": session.ip,
                "dn": session.dn, "mode": session.mode, "poste": session.poste}
        valeurs: dict[str, Any] = {"base": base, "psc": asdict(session.psc)}
        valeurs |= {f"api:{nom}": asdict(jeton) for nom, jeton in session.apis.items()}
        return {nom: json.dumps(v, sort_keys=True) for nom, v in valeurs.items()}

    def _fin(self, session: Session) -> float:
        return min(session.last_used + self._idle, session.opened + self._absolute)

    async def open(self, session: Session) -> Session | None:
        """Keep a session, and take the former one of its holder out."""
        cle = _cle("s", session.id)
        parts = self._parts(session)
        ancienne = await self._c(
            "EVAL", _OUVRIR, 5, cle, f"{cle}:u", FINS, ECHEANCES,
            _cle("h", "\0".join(session.holder)), *self._dates(session),
            int(self._absolute) + GRACE_S, _echeance(session), *self._champs(cle, parts))
        session.snapshot = parts
        if not isinstance(ancienne, bytes) or ancienne == cle.encode():
            return None
        return await self._retirer(ancienne.decode("ascii", "replace"))

    def _champs(self, cle: str, parts: dict[str, str]) -> list[str | bytes]:
        champs: list[str | bytes] = []
        for nom, texte in parts.items():
            champs += [nom, self._fermer(f"{cle}:{nom}", texte)]
        return champs

    def _dates(self, session: Session) -> tuple[str, str, int]:
        """Last use, end, and how long the entries are kept."""
        fin = self._fin(session)
        return (repr(session.last_used), repr(fin),
                int(max(fin - self._clock(), 0)) + GRACE_S)

    async def _lire(self, cle: str) -> Session | None:
        champs, vu = await asyncio.gather(self._c("HGETALL", cle), self._c("GET", f"{cle}:u"))
        if not isinstance(champs, list) or not champs or not isinstance(vu, bytes):
            return None
        try:
            return self._rebatir(cle, champs, float(vu))
        except (ValueError, KeyError, TypeError):
            # Somebody else wrote there: it is no session.
            return None

    def _rebatir(self, cle: str, champs: list[Value], vu: float) -> Session:
        """The session that these entries hold.

        Raises:
            ValueError, KeyError, TypeError: they hold none.
        """
        if not math.isfinite(vu):
            raise ValueError("u")
        noms = [n.decode() for n in champs[::2] if isinstance(n, bytes)]
        parts = {nom: self._ouvrir(f"{cle}:{nom}", octets)
                 for nom, octets in zip(noms, champs[1::2], strict=True)}
        valeurs = {nom: json.loads(texte) for nom, texte in parts.items() if texte is not None}
        base = valeurs["base"]
        return Session(
            client=base["client"], asked_client_id=base["asked"], subject=base["subject"],
            psc=PscTokens(**valeurs["psc"]), opened=base["opened"],
            # Written in the clear: it can't lie in the future.
            last_used=min(vu, self._clock()),
            id=base["id"], ip=base["ip"], dn=base["dn"], mode=base["mode"],
            poste=base.get("poste", ""),
            apis={nom[4:]: ApiToken(**v) for nom, v in valeurs.items() if nom[:4] == "api:"},
            snapshot={nom: texte for nom, texte in parts.items() if texte is not None})

    async def get(self, session_id: str) -> Session | None:
        """A live session."""
        session = await self._lire(_cle("s", session_id))
        if session is None or self._clock() >= self._fin(session):
            return None
        return session

    async def save(self, session: Session) -> None:
        """Write the parts that changed since the session was read."""
        cle = _cle("s", session.id)
        parts = self._parts(session)
        changees = {nom: texte for nom, texte in parts.items()
                    if session.snapshot.get(nom) != texte}
        if changees:
            await self._c("EVAL", _MODIFIER, 2, cle, ECHEANCES, _echeance(session),
                          *self._champs(cle, changees))
        session.snapshot = parts

    async def touch(self, session: Session) -> None:
        """Note an activity."""
        session.last_used = self._clock()
        cle = _cle("s", session.id)
        await self._c("EVAL", _TOUCHER, 3, cle, f"{cle}:u", FINS, *self._dates(session))

    async def remove(self, session_id: str) -> Session | None:
        """Take a session out; one caller gets it."""
        return await self._retirer(_cle("s", session_id))

    async def _retirer(self, cle: str) -> Session | None:
        session = await self._lire(cle)
        await self._c("ZREM", FINS, cle)
        await self._c("ZREM", ECHEANCES, cle)
        if await self._c("DEL", cle) != 1:
            return None
        await self._c("DEL", f"{cle}:u")
        return session

    async def expired(self) -> list[Session]:
        """Sessions at their end; each goes to one process only."""
        cles = await self._c("ZRANGEBYSCORE", FINS, "-inf", repr(self._clock()), "LIMIT", 0, 200)
        finies = []
        for cle in _cles(cles):
            try:
                session = await self._retirer(cle)
            except StoreRefused:
                # No session of ours: what somebody put there must not hold the others up.
                journal.warning("magasin_abime")
                continue
            if session is not None:
                finies.append(session)
        return finies

    async def live(self) -> list[str]:
        """Ids of the sessions."""
        return [s.id for s in await self._lues(await self._c("ZRANGE", FINS, 0, -1))]

    async def renewable(self, before: float) -> list[Session]:
        """Sessions whose PSC tokens can't be renewed after `before`."""
        return await self._lues(await self._c("ZRANGEBYSCORE", ECHEANCES, "-inf", repr(before),
                                              "LIMIT", 0, 1000))

    async def _lues(self, cles: Value) -> list[Session]:
        sessions = []
        for cle in _cles(cles):
            try:
                session = await self._lire(cle)
            except StoreRefused:
                continue
            if session is not None:
                sessions.append(session)
            elif await self._c("EXISTS", cle) == 0:
                await self._c("ZREM", ECHEANCES, cle)
        return sessions

    async def count(self) -> int:
        """Number of sessions."""
        nombre = await self._c("ZCARD", FINS)
        return nombre if isinstance(nombre, int) else 0

    # --- locks and pending things --------------------------------------------------------

    @asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """One holder among all processes."""
        cle, jeton = _cle("l", name), secrets.token_hex(16)
        fin = self._clock() + VERROU_S
        attente = 0.005
        while await self._c("SET", cle, jeton, "NX", "PX", int(VERROU_S * 1000)) is None:
            if self._clock() > fin:
                raise StoreDown("verrou")
            await asyncio.sleep(attente)
            attente = min(attente * 1.5, 0.1)
        try:
            yield
        finally:
            await self._c("EVAL", _LIBERER, 1, cle, jeton)

    async def put(self, key: str, value: dict[str, Any], ttl: float) -> None:
        """Keep a pending thing."""
        cle = _cle("p", key)
        await self._c("SET", cle, self._fermer(cle, value), "PX", int(ttl * 1000))

    async def take(self, key: str) -> dict[str, Any] | None:
        """Take it out, once."""
        cle = _cle("p", key)
        valeur = self._ouvrir(cle, await self._c("GETDEL", cle))
        return valeur if isinstance(valeur, dict) else None

    async def ready(self) -> bool:
        """True when the server answers."""
        try:
            return await self._c("PING") == b"PONG"
        except StoreDown:
            return False

    async def aclose(self) -> None:
        """Close the connection; sessions stay for the other processes."""
        await self._resp.aclose()


def _echeance(session: Session) -> str:
    psc = session.psc
    return "" if psc.ended or not psc.refresh_expires else repr(psc.refresh_expires)


def _cles(valeur: Value) -> list[str]:
    """Names of sessions in an answer; anything else that is there is left out."""
    debut = f"{PREFIXE}s:".encode()
    return [c.decode("ascii", "replace") for c in (valeur if isinstance(valeur, list) else [])
            if isinstance(c, bytes) and c.startswith(debut)]


def _cle(genre: str, secret: str) -> str:
    return f"{PREFIXE}{genre}:{hashlib.sha256(secret.encode()).hexdigest()}"
