"""Pages of a PDF as images, by PDFium. PDFium isn't thread-safe: one lock for the process."""

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2
from PIL import Image

_verrou = threading.Lock()
#: A page is never drawn wider or higher than this, whatever the file says of its size.
PIXELS_MAX = 8000


class PdfIllisible(ValueError):
    """The bytes aren't a PDF that can be shown. The message is French."""


@dataclass(frozen=True, slots=True)
class ImagePage:
    """A drawn page: RGBA rows without padding."""

    largeur: int
    hauteur: int
    rgba: bytes


@contextmanager
def _ouvert(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _verrou:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as erreur:
            raise PdfIllisible("Ce PDF est illisible ou protégé par un mot de passe.") from erreur
        try:
            yield document
        except pypdfium2.PdfiumError as erreur:
            raise PdfIllisible("Ce PDF est abîmé : ses pages ne peuvent pas être "
                               "montrées.") from erreur
        finally:
            document.close()


def nombre_pages(pdf: bytes) -> int:
    """Number of pages. Raises PdfIllisible."""
    with _ouvert(pdf) as document:
        return len(document)


def tailles_pages(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page, in points. Raises PdfIllisible."""
    with _ouvert(pdf) as document:
        return [document.get_page_size(n) for n in range(len(document))]


def page_rgba(pdf: bytes, numero: int, largeur_px: int) -> ImagePage:
    """Draw a page (0 is the first), `largeur_px` wide.

    Raises:
        PdfIllisible: not a readable PDF.
        IndexError: no such page.
    """
    image = _dessiner(pdf, numero, largeur_px).convert("RGBA")
    return ImagePage(image.width, image.height, image.tobytes())


#: PDFs that this process was shown last, by their digest: pages are asked for one by one, and
#: sending the whole file for each costs more than drawing it.
_RETENUS: OrderedDict[str, bytes] = OrderedDict()
_RETENUS_MAX, _RETENUS_OCTETS = 4, 64_000_000


def empreinte(pdf: bytes) -> str:
    """Digest under which a PDF is retained."""
    return hashlib.blake2b(pdf, digest_size=16).hexdigest()


def retenir(pdf: bytes) -> str:
    """Keep a PDF for the pages that will be asked for; gives its digest."""
    cle = empreinte(pdf)
    with _verrou:
        _RETENUS[cle] = pdf
        _RETENUS.move_to_end(cle)
        while len(_RETENUS) > 1 and (len(_RETENUS) > _RETENUS_MAX or sum(
                map(len, _RETENUS.values())) > _RETENUS_OCTETS):
            _RETENUS.popitem(last=False)
    return cle


def page_retenue(cle: str, numero: int, largeur_px: int) -> ImagePage | None:
    """A page of a retained PDF; None when it isn't there (another process, or long ago).

    Raises:
        PdfIllisible, IndexError: as `page_rgba`.
    """
    with _verrou:
        pdf = _RETENUS.get(cle)
    return None if pdf is None else page_rgba(pdf, numero, largeur_px)


def page_a_retenir(pdf: bytes, numero: int, largeur_px: int) -> ImagePage:
    """A page, its PDF being retained for the next ones. Raises PdfIllisible, IndexError."""
    retenir(pdf)
    return page_rgba(pdf, numero, largeur_px)


def page_png(pdf: bytes, numero: int, largeur_px: int) -> bytes:
    """The same as PNG bytes."""
    sortie = io.BytesIO()
    _dessiner(pdf, numero, largeur_px).save(sortie, "PNG", compress_level=1)
    return sortie.getvalue()


def texte_page(pdf: bytes, numero: int) -> str:
    """Text of a page, in the order of the file. Raises PdfIllisible, IndexError."""
    with _ouvert(pdf) as document:
        _verifier(document, numero)
        page = document[numero]
        lu: str = page.get_textpage().get_text_range()
        return lu


@dataclass(frozen=True, slots=True)
class Trouve:
    """A place where a text was found: page from 0, rectangle in points from the top left."""

    page: int
    x: float
    y: float
    largeur: float
    hauteur: float


def chercher(pdf: bytes, mot: str, maximum: int = 500) -> list[Trouve]:
    """Where a text stands, whatever its case. Empty for a PDF made of images.

    Raises:
        PdfIllisible: not a readable PDF.
    """
    trouves: list[Trouve] = []
    if not mot.strip():
        return trouves
    with _ouvert(pdf) as document:
        for n in range(len(document)):
            try:
                page = document[n]
                texte = page.get_textpage()
                haut = page.get_height()
                recherche = texte.search(mot, match_case=False)
                while (place := recherche.get_next()) is not None:
                    for rang in range(texte.count_rects(*place)):
                        gauche, bas, droite, dessus = texte.get_rect(rang)
                        trouves.append(Trouve(n, gauche, haut - dessus, droite - gauche,
                                              dessus - bas))
                    if len(trouves) >= maximum:
                        return trouves
            except pypdfium2.PdfiumError as erreur:
                raise PdfIllisible("Le texte de cette page du PDF est illisible.") from erreur
    return trouves


def _verifier(document: pypdfium2.PdfDocument, numero: int) -> None:
    if not 0 <= numero < len(document):
        raise IndexError(f"no page {numero}")


def _dessiner(pdf: bytes, numero: int, largeur_px: int) -> Image.Image:
    with _ouvert(pdf) as document:
        _verifier(document, numero)
        try:
            page = document[numero]
            largeur, hauteur = page.get_size()
            if largeur <= 0 or hauteur <= 0:
                raise PdfIllisible("Cette page du PDF n’a pas de taille.")
            voulue = min(max(1, largeur_px), PIXELS_MAX)
            echelle = min(voulue / largeur, PIXELS_MAX / hauteur)
            image: Image.Image = page.render(scale=echelle, rev_byteorder=True).to_pil()
            # The bitmap belongs to PDFium: copy before the document is closed.
            return image.copy()
        except pypdfium2.PdfiumError as erreur:
            raise PdfIllisible("Cette page du PDF est illisible.") from erreur
