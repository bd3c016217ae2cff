"""Images kept as documents: recognised by their bytes, shown and printed as pages."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

#: Pixels of one page at most (an A4 sheet at 1,200 dpi), and pages of a TIFF.
PIXELS_MAX = 140_000_000
PAGES_MAX = 200
#: Pages are written at most this large: beyond, neither a screen nor a printer shows more.
_COTE_MAX = 4_000
_RESOLUTION = 150.0
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff", "GIF": "image/gif",
            "BMP": "image/bmp", "WEBP": "image/webp"}


class ImageIllisible(ValueError):
    """These bytes are no image that can be shown. The message is French."""


def mime_image(contenu: bytes) -> str | None:
    """MIME type of an image that is read, by its first bytes; None for anything else."""
    for debut, mime in ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
                        (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"),
                        (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif")):
        if contenu.startswith(debut):
            return mime
    return None


def pages_pdf(contenu: bytes) -> bytes:
    """The pages of an image as a PDF to look at and print; the original is kept apart.

    Raises:
        ImageIllisible: damaged, too large, or no image.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(contenu), formats=list(_FORMATS)) as image:
                pages = [_page(image, n) for n in range(min(getattr(image, "n_frames", 1),
                                                            PAGES_MAX))]
        sortie = io.BytesIO()
        pages[0].save(sortie, "PDF", save_all=True, append_images=pages[1:],
                      resolution=_RESOLUTION, quality=90)
    except (UnidentifiedImageError, Image.DecompressionBombError,
            Image.DecompressionBombWarning):
        raise ImageIllisible("Cette image est trop grande, ou d’un format inconnu.") from None
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, IndexError, TypeError,
            OverflowError, ZeroDivisionError, KeyError, AttributeError):
        # Pillow's decoders answer damage with many kinds of errors.
        raise ImageIllisible("Cette image est abîmée.") from None
    return sortie.getvalue()


def _page(image: Image.Image, numero: int) -> Image.Image:
    if numero:
        image.seek(numero)
    if image.width * image.height > PIXELS_MAX:
        raise Image.DecompressionBombError
    droite = ImageOps.exif_transpose(image)
    if droite.mode in ("RGBA", "LA", "PA") or "transparency" in droite.info:
        fond = Image.new("RGB", droite.size, "white")
        avec = droite.convert("RGBA")
        fond.paste(avec, mask=avec.getchannel("A"))
        droite = fond
    elif droite.mode not in ("RGB", "L", "1"):
        droite = droite.convert("RGB")
    else:
        droite = droite.copy()
    if max(droite.size) > _COTE_MAX:
        droite.thumbnail((_COTE_MAX, _COTE_MAX))
    return droite
