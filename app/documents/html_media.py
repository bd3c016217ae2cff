"""Images of a narrative, as data URIs whose bytes were recognised (`spec/cda.md` §14.5)."""

import base64
import struct

from lxml import etree

from app.documents.hl7 import C
from app.documents.incorpore import ContenuEndommage, decoder

#: Images of one document, in bytes, all together: beyond, they are named and not shown.
OCTETS_MAX = 24_000_000
#: Width on screen, in pixels.
LARGEUR_MAX = 620

_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg",
               b"GIF87a": "image/gif", b"GIF89a": "image/gif"}


class Medias:
    """The media that the narrative may refer to, by their ID."""

    def __init__(self, racine: etree._Element) -> None:
        self._valeurs: dict[str, etree._Element] = {}
        self._reste = OCTETS_MAX
        for media in racine.iter(C + "observationMedia"):
            valeur = media.find(C + "value")
            if valeur is None:
                continue
            region = next(media.iterancestors(C + "regionOfInterest"), None)
            for porteur in (media, region):
                if porteur is not None and (identifiant := porteur.get("ID")):
                    self._valeurs.setdefault(identifiant, valeur)

    def mime(self, identifiant: str) -> str | None:
        """Announced type of a media; None when nothing has that ID."""
        valeur = self._valeurs.get(identifiant)
        return None if valeur is None else (valeur.get("mediaType") or "").lower()

    def image(self, identifiant: str) -> tuple[str, int] | None:
        """Data URI and width of an image; None when it is no image that can be shown."""
        valeur = self._valeurs.get(identifiant)
        if valeur is None or not (valeur.get("mediaType") or "").lower().startswith("image/"):
            return None
        # Four characters of base64 make three bytes: known before decoding.
        if len(valeur.text or "") > self._reste * 4 // 3 + 4:
            return None
        try:
            octets = decoder(valeur)
        except ContenuEndommage:
            return None
        reconnue = reconnaitre(octets)
        if reconnue is None:
            return None
        self._reste -= len(octets)
        uri = f"data:{reconnue[0]};base64,{base64.b64encode(octets).decode('ascii')}"
        return uri, reconnue[1]


def reconnaitre(octets: bytes) -> tuple[str, int] | None:
    """MIME type and width to show of an image that the screen can draw; None for anything else."""
    mime = next((m for debut, m in _SIGNATURES.items() if octets.startswith(debut)), None)
    if mime is None:
        return None
    return mime, max(1, min(_largeur(octets, mime) or LARGEUR_MAX, LARGEUR_MAX))


def _largeur(octets: bytes, mime: str) -> int | None:
    """Width in pixels, read from the head of the file; None when it can't be found."""
    if mime == "image/png" and len(octets) >= 24:
        return int(struct.unpack(">I", octets[16:20])[0])
    if mime == "image/gif" and len(octets) >= 10:
        return int(struct.unpack("<H", octets[6:8])[0])
    return _largeur_jpeg(octets) if mime == "image/jpeg" else None


def _largeur_jpeg(octets: bytes) -> int | None:
    place = 2
    while place + 9 < len(octets) and octets[place] == 0xFF:
        marque = octets[place + 1]
        if 0xC0 <= marque <= 0xCF and marque not in (0xC4, 0xC8, 0xCC):
            return int(struct.unpack(">H", octets[place + 7:place + 9])[0])
        place += 2 + int(struct.unpack(">H", octets[place + 2:place + 4])[0])
    return None
