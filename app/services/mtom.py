"""MTOM / XOP: multipart/related written and read by hand (`spec/dmp.md` §6, desktop.md §6).

Documents travel as bytes: neither the writer nor the reader ever re-serialises them. The reader
is strict where safety is at stake (final boundary, one start part, bounded headers) and tolerant
about what the standard lets vary (quotes, header case, folded headers, transfer encodings).
"""

import binascii
import quopri
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from app.services.errors import Invalide
from app.services.noms import nom_service

NS_XOP = "http://www.w3.org/2004/08/xop/include"
TYPE_SOAP = "application/soap+xml"
RACINE = "root@lgc"

PARTIES_MAX = 500
ENTETES_MAX = 16 * 1024

_PARAMETRE = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')

#: What follows a boundary: "--" for the last one, spaces, then the end of the line.
_COUPE = re.compile(rb"(--)?[ \t]*(?=\r?\n|\Z)")
_FIN_ENTETES = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Partie:
    """One binary part to send. `cid` without angle brackets."""

    cid: str
    contenu: bytes
    type_contenu: str = "text/xml; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class MessageMtom:
    """A multipart answer: the SOAP envelope and the other parts by Content-ID."""

    racine: bytes
    parties: Mapping[str, bytes]
    type_racine: str = ""


def ecrire(racine: bytes, parties: Sequence[Partie], action: str) -> tuple[bytes, str]:
    """Build a multipart/related request.

    Args:
        racine: the SOAP 1.2 envelope, UTF-8, with its `xop:Include`.
        parties: the documents, sent untouched.
        action: wsa:Action, repeated in the content type of the root part.

    Returns:
        The body and its HTTP content type.
    """
    while True:
        frontiere = f"pleiade-{uuid.uuid4().hex}"
        marque = frontiere.encode()
        if marque not in racine and not any(marque in partie.contenu for partie in parties):
            break
    morceaux = [_partie(frontiere, RACINE, racine, "application/xop+xml; charset=UTF-8; "
                        f'type="{TYPE_SOAP}"; action="{action}"')]
    morceaux += [_partie(frontiere, partie.cid, partie.contenu, partie.type_contenu)
                 for partie in parties]
    corps = b"".join(morceaux) + f"--{frontiere}--\r\n".encode()
    return corps, (f'multipart/related; boundary={frontiere}; type="application/xop+xml"; '
                   f'start="<{RACINE}>"; start-info="{TYPE_SOAP}"')


def _partie(frontiere: str, cid: str, contenu: bytes, type_contenu: str) -> bytes:
    entetes = (f"--{frontiere}\r\nContent-Type: {type_contenu}\r\n"
               f"Content-Transfer-Encoding: binary\r\nContent-ID: <{cid}>\r\n\r\n")
    return b"".join((entetes.encode(), contenu, b"\r\n"))


def href(cid: str) -> str:
    """The `xop:Include/@href` of a Content-ID (RFC 2392: URL-encoded, without brackets)."""
    return "cid:" + quote(cid, safe="@")


def cid_de(reference: str) -> str:
    """The Content-ID that an `xop:Include/@href` names, or "" when it isn't a cid."""
    if not reference.lower().startswith("cid:"):
        return ""
    return unquote(reference[4:]).strip().removeprefix("<").removesuffix(">")


def parametres(type_contenu: str) -> tuple[str, dict[str, str]]:
    """Split a content type into its lower-case type and its parameters (lower-case names)."""
    tete, _, _ = type_contenu.partition(";")
    trouves: dict[str, str] = {}
    for nom, entre_guillemets, nu in _PARAMETRE.findall(type_contenu[len(tete):]):
        valeur = re.sub(r"\\(.)", r"\1", entre_guillemets) if entre_guillemets else nu
        trouves.setdefault(nom.lower(), valeur)
    return tete.strip().lower(), trouves


def est_multipart(type_contenu: str) -> bool:
    """True for a multipart/related content type."""
    return parametres(type_contenu)[0] == "multipart/related"


def lire(corps: bytes, type_contenu: str, *, service: str = "") -> MessageMtom:
    """Split a multipart/related answer.

    Args:
        corps: the body of the HTTP answer.
        type_contenu: its Content-Type, with the boundary.
        service: short name of the service, for the errors.

    Raises:
        Invalide: no boundary, truncated body (no final boundary), broken part.
    """
    genre, params = parametres(type_contenu)
    frontiere = params.get("boundary", "")
    if genre != "multipart/related" or not 0 < len(frontiere) <= 200:
        raise _illisible(service, "sans séparateur")
    parties: dict[str, bytes] = {}
    racine: bytes | None = None
    type_racine = ""
    depart = params.get("start", "").strip().removeprefix("<").removesuffix(">")
    for numero, (entetes, contenu) in enumerate(_decouper(corps, frontiere, service)):
        if numero >= PARTIES_MAX:
            raise _illisible(service, "avec trop de parties")
        contenu = _decoder(contenu, entetes, service)
        cid = unquote(entetes.get("content-id", "").strip().removeprefix("<").removesuffix(">"))
        if racine is None and (cid == unquote(depart) if depart else numero == 0):
            racine, type_racine = contenu, entetes.get("content-type", "")
        elif cid:
            if cid in parties:
                raise _illisible(service, "avec deux parties de même nom")
            parties[cid] = contenu
    if racine is None:
        raise _illisible(service, "sans enveloppe")
    return MessageMtom(racine, parties, type_racine)


def _decouper(corps: bytes, frontiere: str, service: str) -> list[tuple[dict[str, str], bytes]]:
    """Cut the body at its boundaries; the final one must be there.

    `bytes.find` rather than a regular expression: a body of several MB is walked in a moment.
    """
    marque = b"--" + frontiere.encode("latin-1", "replace")
    parties: list[tuple[dict[str, str], bytes]] = []
    debut: int | None = None
    position = corps.find(marque)
    while position >= 0:
        coupe = _COUPE.match(corps, position + len(marque))
        if coupe is not None and (position == 0 or corps[position - 1:position] == b"\n"):
            if debut is not None:
                fin = position - (2 if corps[position - 2:position] == b"\r\n" else 1)
                parties.append(_entetes(corps[debut:max(debut, fin)], service))
            if coupe.group(1):
                return parties
            debut = coupe.end()
        position = corps.find(marque, position + len(marque))
    raise _illisible(service, "incomplète")


def _entetes(brut: bytes, service: str) -> tuple[dict[str, str], bytes]:
    """Separate the headers of a part from its content."""
    # The line end of the boundary line opens the block: an empty header block is then "\r\n\r\n".
    fin = _FIN_ENTETES.search(brut, 0, ENTETES_MAX)
    if fin is None:
        raise _illisible(service, "avec une partie sans en-têtes")
    lignes = re.sub(rb"\r?\n[ \t]+", b" ", brut[:fin.start()]).decode("latin-1").splitlines()
    entetes: dict[str, str] = {}
    for ligne in lignes:
        nom, deux_points, valeur = ligne.partition(":")
        if deux_points:
            entetes.setdefault(nom.strip().lower(), valeur.strip())
    return entetes, brut[fin.end():]


def _decoder(contenu: bytes, entetes: Mapping[str, str], service: str) -> bytes:
    """Undo the transfer encoding; binary, 8bit and 7bit are the bytes themselves."""
    codage = entetes.get("content-transfer-encoding", "binary").strip().lower()
    if codage in ("binary", "8bit", "7bit"):
        return contenu
    if codage == "quoted-printable":
        return quopri.decodestring(contenu)
    if codage == "base64":
        try:
            return binascii.a2b_base64(b"".join(contenu.split()), strict_mode=True)
        except binascii.Error as erreur:
            raise _illisible(service, "avec une partie mal codée") from erreur
    raise _illisible(service, "avec un codage inconnu")


def _illisible(service: str, pourquoi: str) -> Invalide:
    return Invalide(f"{nom_service(service)} a renvoyé une réponse en plusieurs parties "
                    f"{pourquoi}.", service=service)
