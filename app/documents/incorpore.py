"""Bytes carried inside a document: base64, and the PDF they are or are not."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

PDF = "application/pdf"


class ContenuEndommage(ValueError):
    """Embedded bytes that can't be decoded. The text is a French sentence."""


def decoder(element: etree._Element) -> bytes:
    """Bytes of an ED element: base64 when it says so, else its text.

    Raises:
        ContenuEndommage: broken base64, or nothing inside.
    """
    brut = element.text or ""
    if (element.get("representation") or "TXT").strip().upper() != "B64":
        contenu = "".join(str(t) for t in element.itertext()).strip().encode("utf-8")
        if not contenu:
            raise ContenuEndommage("Le contenu incorporé est vide.")
        return contenu
    if not brut.isascii():
        raise ContenuEndommage("Le contenu incorporé est endommagé (base64 invalide).")
    try:
        compact = brut.encode("ascii").translate(None, b" \t\r\n")
        octets = binascii.a2b_base64(compact, strict_mode=True)
    except binascii.Error:
        raise ContenuEndommage("Le contenu incorporé est endommagé (base64 invalide).") from None
    if not octets:
        raise ContenuEndommage("Le contenu incorporé est vide.")
    return octets


def controler_pdf(octets: bytes) -> list[str]:
    """French warnings on a PDF that will be shown; nothing in it is executed.

    Raises:
        ContenuEndommage: these bytes are no PDF.
    """
    if b"%PDF-" not in octets[:1024]:
        raise ContenuEndommage("Le contenu incorporé s’annonce PDF et n’en est pas un.")
    if b"%%EOF" not in octets[-2048:]:
        return ["Le PDF incorporé semble tronqué."]
    return []
