"""Sessions shared by several processes, in Redis or Valkey.

Nothing readable is written there: keys are digests of secrets, values are encrypted (AES-256-GCM,
key in a file of its own, bound to the key of the entry). A session is a hash of parts (base, PSC
tokens, tokens of each API) so that two processes renewing different tokens don't undo each other.
Session ids are drawn by the proxy; a dump of the server opens none.
"""

import asyncio
import hashlib
import json
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

PREFIXE = "pleiade:"
FINS = PREFIXE + "fins"
#: An ended session stays this long, for its tokens to be revoked.
GRACE_S = 900
#: A lock is let go after this long if its holder died, seconds.
VERROU_S = 60.0

_MODIFIER = ("if redis.call('EXISTS',KEYS[1])==0 then return 0 end "
             "redis.call('HSET',KEYS[1],unpack(ARGV)) return 1")
_LIBERER = "if redis.call('GET',KEYS[1])==ARGV[1] then return redis.call('DEL',KEYS[1]) end"


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
        return cls(Resp(Address.parse(reglage.magasin), passe), cle, reglage.inactivite_s,
                   reglage.absolue_s, clock)

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
            raise StoreDown(str(exc)[:60]) from exc

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
        champs: list[str | bytes] = []
        for nom, texte in parts.items():
            champs += [nom, self._fermer(f"{cle}:{nom}", texte)]
        await self._c("HSET", cle, *champs)
        session.snapshot = parts
        await self._dater(session, cle)
        titulaire = _cle("h", "\0".join(session.holder))
        ancienne = await self._c("GETSET", titulaire, cle)
        await self._c("EXPIRE", titulaire, int(self._absolute) + GRACE_S)
        if not isinstance(ancienne, bytes) or ancienne.decode() == cle:
            return None
        return await self._retirer(ancienne.decode())

    async def _dater(self, session: Session, cle: str) -> None:
        fin = self._fin(session)
        duree = int(max(fin - self._clock(), 0)) + GRACE_S
        await self._c("SET", f"{cle}:u", repr(session.last_used), "EX", duree)
        await self._c("EXPIRE", cle, duree)
        await self._c("ZADD", FINS, repr(fin), cle)

    async def _lire(self, cle: str) -> Session | None:
        champs, vu = await asyncio.gather(self._c("HGETALL", cle), self._c("GET", f"{cle}:u"))
        if not isinstance(champs, list) or not champs or not isinstance(vu, bytes):
            return None
        noms = [n.decode() for n in champs[::2] if isinstance(n, bytes)]
        parts = {nom: self._ouvrir(f"{cle}:{nom}", octets)
                 for nom, octets in zip(noms, champs[1::2], strict=True)}
        if not isinstance(parts.get("base"), str) or not isinstance(parts.get("psc"), str):
            return None
        valeurs = {nom: json.loads(texte) for nom, texte in parts.items() if texte is not None}
        base = valeurs["base"]
        return Session(
            client=base["client"], asked_client_id=base["asked"], subject=base["subject"],
            psc=PscTokens(**valeurs["psc"]), opened=base["opened"], last_used=float(vu),
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
        champs: list[str | bytes] = []
        for nom, texte in parts.items():
            if session.snapshot.get(nom) != texte:
                champs += [nom, self._fermer(f"{cle}:{nom}", texte)]
        if champs:
            await self._c("EVAL", _MODIFIER, 1, cle, *champs)
        session.snapshot = parts

    async def touch(self, session: Session) -> None:
        """Note an activity."""
        session.last_used = self._clock()
        cle = _cle("s", session.id)
        if await self._c("EXISTS", cle):
            await self._dater(session, cle)

    async def remove(self, session_id: str) -> Session | None:
        """Take a session out; one caller gets it."""
        return await self._retirer(_cle("s", session_id))

    async def _retirer(self, cle: str) -> Session | None:
        session = await self._lire(cle)
        await self._c("ZREM", FINS, cle)
        if await self._c("DEL", cle) != 1:
            return None
        await self._c("DEL", f"{cle}:u")
        return session

    async def expired(self) -> list[Session]:
        """Sessions at their end; each goes to one process only."""
        cles = await self._c("ZRANGEBYSCORE", FINS, "-inf", repr(self._clock()), "LIMIT", 0, 200)
        finies = []
        for cle in cles if isinstance(cles, list) else []:
            if isinstance(cle, bytes):
                session = await self._retirer(cle.decode())
                if session is not None:
                    finies.append(session)
        return finies

    async def live(self) -> list[str]:
        """Ids of the sessions."""
        cles = await self._c("ZRANGE", FINS, 0, -1)
        lues = [await self._lire(c.decode()) for c in (cles if isinstance(cles, list) else [])
                if isinstance(c, bytes)]
        return [s.id for s in lues if s is not None]

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


def _cle(genre: str, secret: str) -> str:
    return f"{PREFIXE}{genre}:{hashlib.sha256(secret.encode()).hexdigest()}"
