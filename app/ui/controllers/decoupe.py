"""Cut a structured view into pieces small enough to be laid out between two frames.

Qt builds a rich text document with the interpreter held: 250 kB of tables stalled the window for
0.6 s, in whatever thread. Pieces of some kilobytes are added one by one instead.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree, html
from PySide6.QtGui import QImage

from app.ui.views.structure import Decoupe

#: Size of a piece, in characters of HTML: about 10 ms of layout.
TAILLE = 5_000
#: Elements nested deeper than this are kept whole.
_PROFONDEUR = 12
_IMAGE = re.compile(r'src="data:image/(?:png|jpeg|gif);base64,([A-Za-z0-9+/=\s]*)"')


def decouper(texte: str) -> Decoupe:
    """Cut the HTML made by `app/documents/html.py`. Its images come apart, already decoded."""
    images: list[QImage] = []

    def sortir(trouve: re.Match[str]) -> str:
        try:
            octets = base64.b64decode(trouve[1], validate=False)
        except (binascii.Error, ValueError):
            octets = b""
        images.append(QImage.fromData(octets))
        return f'src="image:{len(images) - 1}"'

    propre = _IMAGE.sub(sortir, texte)
    racine = html.document_fromstring(propre or "<p></p>",
                                      parser=html.HTMLParser(no_network=True, huge_tree=False))
    style = "\n".join(str(s.text or "") for s in racine.iter("style"))
    corps = racine.find("body")
    morceaux: list[str] = []
    courant = ""
    for piece in _pieces(corps, 0) if corps is not None else ():
        if courant and len(courant) + len(piece) > TAILLE:
            morceaux.append(courant)
            courant = ""
        courant += piece
    if courant:
        morceaux.append(courant)
    return Decoupe(style, tuple(morceaux), tuple(images))


def _texte(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", method="html")


def _pieces(parent: etree._Element, profondeur: int) -> Iterator[str]:
    """Text of the children, the big ones cut further."""
    if parent.text and parent.text.strip():
        yield _echapper(parent.text)
    for enfant in parent:
        if not isinstance(enfant.tag, str):
            continue
        entier = _texte(enfant)
        if len(entier) <= 2 * TAILLE or profondeur >= _PROFONDEUR:
            yield entier
            continue
        if enfant.tag == "table":
            yield from _tables(enfant)
        elif len(enfant):
            yield from _pieces(enfant, profondeur + 1)
        else:
            yield entier
        if enfant.tail and enfant.tail.strip():
            yield _echapper(enfant.tail)


def _tables(table: etree._Element) -> Iterator[str]:
    """A long table as several tables with the same look; its heading stays in the first."""
    lignes = [ligne for ligne in table.iter("tr")
              if next(ligne.iterancestors("table")) is table]
    if len(lignes) < 2:
        yield _texte(table)
        return
    paquet: list[etree._Element] = []
    taille = 0
    for ligne in lignes:
        poids = len(_texte(ligne))
        if paquet and taille + poids > TAILLE:
            yield _table(table, paquet)
            paquet, taille = [], 0
        paquet.append(ligne)
        taille += poids
    yield _table(table, paquet)


def _table(modele: etree._Element, lignes: list[etree._Element]) -> str:
    copie = html.Element("table", {str(c): str(v) for c, v in modele.attrib.items()})
    for ligne in lignes:
        double = deepcopy(ligne)
        double.tail = None
        copie.append(double)
    return _texte(copie)


def _echapper(texte: str) -> str:
    return texte.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
