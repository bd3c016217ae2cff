"""The proxy's half of the key that opens a patient file by Pro Santé Connect.

A patient file is encrypted on its workstation. To let a professional open it by Pro Santé Connect
alone, the workstation seals the key of the file for her (X25519, an ephemeral key each time); what
opens that seal exists here only, and is given to the session of that professional only, soon after
she authenticated. A stolen laptop holds the seal and lacks the half; this server has the halves and
no file.

    GET  /session/part?sujet=<SubjectNameID>  -> {cle_publique, version}
    POST /session/part  {point, version}      -> {part}

Nothing is stored: every half is derived from one secret, `[bureau] part_cle_fichier` (one key of
64 hexadecimal digits a line; the first seals, the others still open what they sealed).
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.proxy.context import Context, context
from app.proxy.errors import ProxyError
from app.proxy.limits import read_json, too_many
from app.proxy.sessions import Session

_SUJET = re.compile(r"[0-9A-Za-z/_.-]{1,64}")
#: An authentication dated further ahead than this isn't believed, seconds.
AVANCE_S = 30.0


def read_keys(fichier: Path) -> dict[str, bytes]:
    """Keys by version, the current one first.

    Raises:
        OSError, ValueError: absent, or not lines of 64 hexadecimal digits.
    """
    cles = {}
    for ligne in fichier.read_text(encoding="ascii").split():
        cle = bytes.fromhex(ligne)
        if len(cle) != 32:
            raise ValueError("part_cle_fichier : 64 chiffres hexadécimaux par ligne")
        cles[hashlib.sha256(b"pleiade/version\0" + cle).hexdigest()[:12]] = cle
    if not cles:
        raise ValueError("part_cle_fichier : fichier vide")
    return cles


def private_key(cle: bytes, client: str, subject: str) -> X25519PrivateKey:
    """The private key of one professional on one client."""
    graine = hmac.new(cle, f"pleiade/part/1\0{client}\0{subject}".encode(), hashlib.sha256)
    return X25519PrivateKey.from_private_bytes(graine.digest())


async def public(request: Request) -> Response:
    """GET /session/part: the public key for which a workstation seals."""
    ctx = context(request)
    session = await ctx.require_session(request.scope)
    sujet = request.query_params.get("sujet") or session.subject
    if not _SUJET.fullmatch(sujet):
        raise ProxyError(400, "[sujet value is invalid]")
    version, cle = next(iter(_cles(ctx).items()))
    publique = private_key(cle, session.client, sujet).public_key()
    return _reponse({"cle_publique": _b64(publique.public_bytes(Encoding.Raw, PublicFormat.Raw)),
                     "version": version})


async def part(request: Request) -> Response:
    """POST /session/part: the half of the professional of this session, for one seal."""
    ctx = context(request)
    session = await ctx.require_session(request.scope)
    attente = ctx.solicitations.take(f"part:{session.client}:{session.subject}")
    if attente:
        ctx.metrics.count("refused_total", limit="part")
        raise too_many(attente, "part")
    corps = await read_json(request)
    cle = _cles(ctx).get(str(corps.get("version", "")))
    if cle is None:
        raise ProxyError(404, "Unknown version.", motif="version_inconnue")
    if not fresh(ctx, session):
        raise ProxyError(403, "The authentication is too old.", motif="authentification_ancienne")
    try:
        point = X25519PublicKey.from_public_bytes(_octets(corps.get("point")))
        commun = private_key(cle, session.client, session.subject).exchange(point)
    except ValueError as exc:
        raise ProxyError(400, "[point value is invalid]") from exc
    return _reponse({"part": _b64(hmac.new(commun, b"pleiade/part", hashlib.sha256).digest())})


def fresh(ctx: Context, session: Session) -> bool:
    """True when the professional authenticated a moment ago, by her own hand.

    A browser that was still logged in at Pro Santé Connect proves nothing about who sits there:
    `auth_time` of the id_token says when the authentication took place. CIBA is an authentication
    each time.
    """
    quand = session.psc.auth_time or (session.opened if session.mode == "ciba" else 0.0)
    return -AVANCE_S <= ctx.clock() - quand <= ctx.config.bureau.part_fraicheur_s


def _cles(ctx: Context) -> Mapping[str, bytes]:
    fichier = ctx.config.bureau.part_cle_fichier
    if fichier is None:
        raise ProxyError(404, "Not Found.", motif="part_fermee")
    try:
        return read_keys(fichier)
    except (OSError, ValueError) as exc:
        raise ProxyError(503, "The key can't be read.", motif="part_cle") from exc


def _octets(texte: object) -> bytes:
    if not isinstance(texte, str) or len(texte) > 64:
        raise ValueError("point")
    return urlsafe_b64decode(texte + "=" * (-len(texte) % 4))


def _b64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _reponse(valeurs: dict[str, str]) -> Response:
    return JSONResponse(valeurs, headers={"Cache-Control": "no-store"})
