"""Codes in an image: zxing-cpp first, a sharpened second try, pylibdmtx last.

`feasibility`: zxing reads 20/20 of the camera frames; a doubled and sharpened frame brings back
what is small or blurred; pylibdmtx only with a time limit, else it takes all the time it is given.
"""

import io
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image, ImageFilter

Gris = npt.NDArray[np.uint8]

#: Pixels of an image at most: a photograph of 50 million is the largest of today's phones.
PIXELS_MAX = 50_000_000
OCTETS_MAX = 40_000_000
_FORMATS_IMAGE = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")
_DMTX_MS = 200
#: On a stream, the costly second try is made on one frame out of so many.
_RATTRAPAGE_TOUS = 3
#: Middle of the frame that the second try enlarges: where the viewfinder asks for the code.
_MILIEU = 640
_verrou_dmtx = threading.Lock()


class ImageIllisible(ValueError):
    """The file isn't an image that can be read. The message is French."""


@dataclass(frozen=True, slots=True)
class CodeBrut:
    """A decoded symbol: payload (GS kept) and AIM identifier (`]d2` GS1, `]d1` plain…)."""

    texte: str
    symbologie: str

    @property
    def complet(self) -> str:
        """Identifier and payload, as a scanner with AIM identifiers sends them."""
        return self.symbologie + self.texte


def ouvrir(octets: bytes) -> Gris:
    """Grey levels of an image file.

    Raises:
        ImageIllisible: too large, of another format, damaged.
    """
    if len(octets) > OCTETS_MAX:
        raise ImageIllisible("Cette image est trop volumineuse.")
    try:
        with Image.open(io.BytesIO(octets), formats=_FORMATS_IMAGE) as image:
            if image.width * image.height > PIXELS_MAX:
                raise ImageIllisible("Cette image est trop grande.")
            fond: Image.Image = image
            if "A" in image.getbands() or "transparency" in image.info:
                rgba = image.convert("RGBA")
                fond = Image.new("RGBA", rgba.size, "white")
                fond.alpha_composite(rgba)
            return np.asarray(fond.convert("L"))
    except ImageIllisible:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as erreur:
        raise ImageIllisible("Ce fichier n’est pas une image lisible.") from erreur


def lire_image(gris: Gris, *, tous: bool = True) -> list[CodeBrut]:
    """Codes of a still image, the most useful first; every means is tried.

    Args:
        gris: two-dimensional grey levels.
        tous: also linear codes and QR (a file); a box needs Data Matrix only.
    """
    formats = [zxingcpp.BarcodeFormat.DataMatrix]
    if tous:
        formats += [zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.Code128,
                    zxingcpp.BarcodeFormat.QRCode]
    for essai in (gris, _nettete(gris), _double(gris)):
        if essai is not None and (codes := _zxing(essai, formats)):
            return codes
    return _dmtx(gris)


class LecteurFlux:
    """Frames of a camera, one after the other: cheap on each, thorough now and then.

    Args:
        qr: look for the QR code of an appli carte Vitale, not for a Data Matrix.
    """

    def __init__(self, *, qr: bool = False) -> None:
        self._numero = 0
        self._formats = [zxingcpp.BarcodeFormat.QRCode if qr
                         else zxingcpp.BarcodeFormat.DataMatrix]

    def image(self, gris: Gris) -> list[CodeBrut]:
        """Codes of a frame; the second try is made on every third frame without code."""
        self._numero += 1
        # Light on dark is looked for at the second try only: it doubles the cost of each frame.
        codes = _zxing(gris, self._formats, inverse=False)
        if not codes and self._numero % _RATTRAPAGE_TOUS == 0:
            doublee = _double(_milieu(gris))
            if doublee is not None:
                codes = _zxing(doublee, self._formats)
        return codes


def _milieu(gris: Gris) -> Gris:
    """The square in the middle of a frame."""
    hauteur, largeur = gris.shape
    y, x = max(0, (hauteur - _MILIEU) // 2), max(0, (largeur - _MILIEU) // 2)
    return gris[y:y + _MILIEU, x:x + _MILIEU]


def _zxing(gris: Gris, formats: list[Any], *, inverse: bool = True) -> list[CodeBrut]:
    lus = zxingcpp.read_barcodes(np.ascontiguousarray(gris), formats=formats, try_invert=inverse)
    codes = [CodeBrut(_texte(bytes(lu.bytes)), _symbologie(lu)) for lu in lus if lu.bytes]
    # A Data Matrix says more than a linear code beside it.
    return sorted(codes, key=lambda c: not c.symbologie.startswith("]d"))


def _symbologie(lu: Any) -> str:
    """AIM identifier; every GS1 Data Matrix, rectangular extension included, is `]d2`."""
    aim = str(lu.symbology_identifier)
    gs1 = lu.content_type == zxingcpp.ContentType.GS1
    return "]d2" if gs1 and aim.startswith("]d") else aim


def _texte(octets: bytes) -> str:
    return octets.decode("latin-1")


def _nettete(gris: Gris) -> Gris:
    # Measured on symbols of 4 to 8 pixels a module blurred by half a module: 44 of 45 come back.
    image = Image.fromarray(gris).filter(ImageFilter.UnsharpMask(radius=3, percent=500,
                                                                 threshold=0))
    return np.asarray(image)


def _double(gris: Gris) -> Gris | None:
    """Twice as large, then sharpened; None when the image is large enough already."""
    hauteur, largeur = gris.shape
    if hauteur * largeur > 4_000_000:
        return None
    image = Image.fromarray(gris).resize((largeur * 2, hauteur * 2), Image.Resampling.BICUBIC)
    return np.asarray(image.filter(ImageFilter.UnsharpMask(radius=3, percent=250, threshold=0)))


def _dmtx(gris: Gris) -> list[CodeBrut]:
    """pylibdmtx with its FNC1 kept as GS, which its default decoding drops."""
    from pylibdmtx import pylibdmtx, wrapper

    hauteur, largeur = gris.shape
    if hauteur * largeur > 4_000_000:
        return []
    creer = wrapper.dmtxDecodeCreate

    def creer_fnc1(*args: Any) -> Any:
        decodeur = creer(*args)
        wrapper.dmtxDecodeSetProp(decodeur, wrapper.DmtxProperty.DmtxPropFnc1, 29)
        return decodeur

    with _verrou_dmtx:
        pylibdmtx.dmtxDecodeCreate = creer_fnc1
        try:
            lus = pylibdmtx.decode(Image.fromarray(gris), max_count=1, timeout=_DMTX_MS, shrink=1)
        finally:
            pylibdmtx.dmtxDecodeCreate = creer
    codes = []
    for lu in lus:
        texte = _texte(lu.data)
        # A leading FNC1 marks a GS1 symbol; it isn't data.
        codes.append(CodeBrut(texte[1:], "]d2") if texte[:1] == "\x1d" else CodeBrut(texte, "]d1"))
    return codes
