"""MTOM/XOP on the server's side: a strict reader, a writer (`spec/dmp.md` §6, §8)."""

import email
import re
import uuid
from dataclasses import dataclass
from email.message import Message as EnTetes
from urllib.parse import quote, unquote

from starlette.responses import Response

from app.sandbox.soap import FauteSoap

_RACINE = "<root.message@dmp.bac-a-sable>"


@dataclass(frozen=True, slots=True)
class Multipart:
    """A package: the envelope and its parts by Content-ID (without brackets)."""

    enveloppe: bytes
    parties: dict[str, bytes]


def est_multipart(content_type: str) -> bool:
    """True for a multipart/related content type."""
    return content_type.lower().startswith("multipart/related")


def _entetes(octets: bytes) -> EnTetes:
    return email.message_from_bytes(octets + b"\r\n\r\n")


def lire(corps: bytes, content_type: str) -> Multipart:
    """Read a package: CRLF, closing boundary, root named by `start`, every part named.

    Raises
    ------
    FauteSoap
        Anything that is not so.
    """
    entete = _entetes(b"Content-Type: " + content_type.encode("latin-1", "replace"))
    frontiere = entete.get_boundary()
    if not frontiere or len(frontiere) > 70:
        raise FauteSoap("", "MTOM : frontière absente")
    if entete.get_param("type") != "application/xop+xml":
        raise FauteSoap("", "MTOM : le type doit être application/xop+xml")
    if entete.get_param("start-info") != "application/soap+xml":
        raise FauteSoap("", "MTOM : start-info doit être application/soap+xml")
    delimiteur = b"\r\n--" + frontiere.encode("latin-1")
    morceaux = (b"\r\n" + corps).split(delimiteur)
    if len(morceaux) < 3 or not re.fullmatch(rb"--\s*", morceaux[-1]):
        raise FauteSoap("", "MTOM : frontière finale absente")
    parties, premiere, types = {}, "", {}
    for morceau in morceaux[1:-1]:
        tete, vide, contenu = morceau.partition(b"\r\n\r\n")
        champs = _entetes(tete.lstrip(b"\r\n"))
        cid = str(champs.get("Content-ID", "")).strip().strip("<>")
        if not vide or not cid or cid in parties:
            raise FauteSoap("", "MTOM : partie sans Content-ID, ou en double")
        if str(champs.get("Content-Transfer-Encoding", "")).lower() not in ("binary", "8bit"):
            raise FauteSoap("", "MTOM : Content-Transfer-Encoding doit être binary")
        parties[cid], types[cid] = contenu, champs
        premiere = premiere or cid
    racine = str(entete.get_param("start") or premiere).strip("<>")
    if racine not in parties:
        raise FauteSoap("", "MTOM : la partie racine est absente")
    if types[racine].get_content_type() != "application/xop+xml" or (
            types[racine].get_param("type") != "application/soap+xml"):
        raise FauteSoap("", "MTOM : type de la partie racine incorrect")
    enveloppe = parties.pop(racine)
    return Multipart(enveloppe, parties)


def reference(href: str) -> str:
    """Content-ID named by an xop:Include href (`cid:` URL, percent-encoded)."""
    return unquote(href.removeprefix("cid:"))


@dataclass(frozen=True, slots=True)
class Partie:
    """One part to send."""

    cid: str
    type_mime: str
    octets: bytes

    @property
    def href(self) -> str:
        """The URL of the part, percent-encoded as the real server does."""
        return "cid:" + quote(self.cid, safe="")


def nouvelle_partie(type_mime: str, octets: bytes) -> Partie:
    """A part with a Content-ID that needs encoding."""
    return Partie(f"http://{uuid.uuid4()}/doc@dmp", type_mime, octets)


def ecrire(enveloppe: bytes, parties: list[Partie], statut: int = 200, *,
           tronque: bool = False) -> Response:
    """Serialise a multipart answer; `tronque` stops in the middle of the last part."""
    frontiere = f"uuid:{uuid.uuid4()}"
    morceaux = [
        f"--{frontiere}\r\nContent-Type: application/xop+xml; charset=utf-8; "
        'type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\n'
        f"Content-ID: {_RACINE}\r\n\r\n".encode(), enveloppe]
    for partie in parties:
        morceaux += [
            f"\r\n--{frontiere}\r\nContent-Type: {partie.type_mime}\r\n"
            "Content-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{partie.cid}>\r\n\r\n".encode(), partie.octets]
    if tronque:
        morceaux[-1] = morceaux[-1][:len(morceaux[-1]) // 2]
    else:
        morceaux.append(f"\r\n--{frontiere}--\r\n".encode())
    return Response(b"".join(morceaux), statut, {
        "Content-Type": f'multipart/related; type="application/xop+xml"; start="{_RACINE}"; '
                        f'start-info="application/soap+xml"; boundary="{frontiere}"'})
