"""`/send/<api>/<path>`: strict reading of what a caller asks (`spec/psc.md` §4.3).

A path is forwarded only if nobody could take it for another one: no `..` however written, no
separator in disguise, no empty segment.
"""

import re
import unicodedata
from urllib.parse import unquote_to_bytes

import httpx

from app.proxy.config import Api
from app.proxy.errors import ProxyError

_PREFIXE = b"/send/"
_POURCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def split_path(raw_path: bytes) -> tuple[str, bytes]:
    """Name of the API and the path behind it, still percent-encoded and with its first `/`.

    Raises:
        ProxyError: 404 for a path that could mean another one at the target.
    """
    if raw_path == b"/send":
        return "", b""
    morceaux = raw_path.removeprefix(_PREFIXE).split(b"/")
    dernier = len(morceaux) - 1
    if not raw_path.startswith(_PREFIXE) or not all(
            _segment_sur(morceau, vide=rang == dernier > 0)
            for rang, morceau in enumerate(morceaux)):
        raise ProxyError(404, "Unknown path.", motif="chemin_refuse")
    return morceaux[0].decode("ascii"), b"".join(b"/" + m for m in morceaux[1:])


def target(api: Api, path: bytes, query: bytes) -> httpx.URL:
    """Address at the API; its host is the configuration's, whatever the caller wrote."""
    base = httpx.URL(api.url)
    brut = base.raw_path.rstrip(b"/") + path
    return base.copy_with(raw_path=(brut or b"/") + (b"?" + query if query else b""))


def _segment_sur(segment: bytes, *, vide: bool) -> bool:
    if not segment:
        return vide
    if not segment.isascii() or _POURCENT.search(segment):
        return False
    for _ in range(4):
        if not _sens_unique(segment):
            return False
        decode = unquote_to_bytes(segment)
        if decode == segment:
            return True
        segment = decode
    # Encoded again and again: nobody honest does that.
    return False


def _sens_unique(segment: bytes) -> bool:
    """Neither a separator nor a step up, for a strict reader and for a lax one."""
    try:
        texte = segment.decode("utf-8")
    except UnicodeDecodeError:
        return False
    # A lax reader folds full-width forms (U+FF0E, U+FF0F…) into what they look like.
    for lu in (texte, unicodedata.normalize("NFKC", texte)):
        if any(ord(c) < 0x20 or ord(c) == 0x7F or c in "/\\" for c in lu):
            return False
        nom, *parametres = (p.strip() for p in lu.split(";"))
        if not nom or any(p in (".", "..") for p in (nom, *parametres)):
            return False
    return True
