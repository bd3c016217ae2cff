"""Pages of a PDF as images, from several threads."""

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from documents_valeurs import document
from PIL import Image

from app.documents.model import Paragraphe
from app.documents.pages import (
    PIXELS_MAX,
    PdfIllisible,
    nombre_pages,
    page_png,
    page_rgba,
    tailles_pages,
    texte_page,
)
from app.documents.pdfa import rendre_pdf


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return rendre_pdf(document(corps=(Paragraphe("Bonjour. " * 1500),)))


def test_pages(pdf: bytes) -> None:
    nombre = nombre_pages(pdf)
    assert nombre >= 2
    assert len(tailles_pages(pdf)) == nombre
    image = Image.open(io.BytesIO(page_png(pdf, 1, 600)))
    assert image.width == 600 and 845 <= image.height <= 852
    brute = page_rgba(pdf, 0, 300)
    assert len(brute.rgba) == brute.largeur * brute.hauteur * 4
    assert brute.rgba[:4] == b"\xff\xff\xff\xff"
    assert "Page 2/" in texte_page(pdf, 1).replace("\u00a0", " ")


def test_size_is_bounded(pdf: bytes) -> None:
    assert page_rgba(pdf, 0, 10**9).hauteur <= PIXELS_MAX + 1


def test_no_such_page(pdf: bytes) -> None:
    with pytest.raises(IndexError):
        page_png(pdf, 99, 100)


@pytest.mark.parametrize("octets", [b"", b"%PDF-1.4", b"rien"])
def test_what_is_no_pdf(octets: bytes) -> None:
    with pytest.raises(PdfIllisible):
        nombre_pages(octets)


def test_threads_may_draw_at_once(pdf: bytes) -> None:
    with ThreadPoolExecutor(4) as groupe:
        assert len(set(groupe.map(lambda _: page_png(pdf, 0, 200), range(12)))) == 1
