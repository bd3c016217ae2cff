"""HTML made by somebody else's style sheet -> HTML that can only be looked at.

Only the tags and attributes named here come out. Nothing is left that runs, loads, links outside
or sends: no script, form, frame, event, address; CSS keeps plain declarations; images are data
URIs whose bytes were recognised.
"""

import base64
import binascii
import re
from collections.abc import Iterator

from lxml import etree, html

from app.documents.html_media import reconnaitre
from app.documents.html_narratif import echapper

#: Elements kept at most; the rest is cut, and said.
ELEMENTS_MAX = 40_000
_PROFONDEUR_MAX = 60
_BALISES = frozenset(
    "h1 h2 h3 h4 h5 h6 p div span br hr b strong i em u s strike del ins small big sub sup font "
    "center pre code tt blockquote ul ol li dl dt dd table caption thead tbody tfoot tr td th "
    "img a address cite".split())
#: Their content is dropped with them.
_JETES = frozenset("script style head title meta link object embed applet iframe frame frameset "
                   "form input button select textarea svg math video audio canvas template "
                   "noscript xml".split())
_VIDES = frozenset({"br", "hr", "img"})
_ATTRIBUTS = frozenset("class id align valign width height colspan rowspan border cellspacing "
                       "cellpadding bgcolor color face size type start style".split())
_VALEUR = re.compile(r"[\w\s#%.,:;()+*/\"'-]{0,400}")
_NOMBRE_MAX = 4
_COMMENTAIRES = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_CSS_INTERDIT = re.compile(r"url\s*\(|expression|javascript|@import|behavior|binding|\\",
                           re.IGNORECASE)
_DATA = re.compile(r"data:image/[a-z+.-]{2,12};base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_LARGEUR = re.compile(r"\(\s*(min|max)-width\s*:\s*(\d+)", re.IGNORECASE)
#: Width of page for which the rules of `@media` are chosen, in CSS pixels.
LARGEUR_PAGE = 800


def assainir(texte: str | bytes) -> tuple[str, bool]:
    """Clean a page.

    Returns:
        HTML ready for the structured view, and True when it was cut.
    """
    analyseur = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True,
                                remove_pis=True)
    source = texte if texte.strip() else ("<p></p>" if isinstance(texte, str) else b"<p></p>")
    racine = html.document_fromstring(source, parser=analyseur)
    style = "\n".join(regles(str(s.text or "")) for s in racine.iter("style"))
    corps = racine.find("body")
    travail = _Travail()
    contenu = "" if corps is None else travail.interieur(corps, 0)
    return (f'<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"/><style>{style}</style>'
            f"</head><body>{contenu}</body></html>"), travail.coupe


class _Travail:
    """One pass over a tree, with its budget."""

    def __init__(self) -> None:
        self._reste = ELEMENTS_MAX
        self.coupe = False

    def interieur(self, element: etree._Element, profondeur: int) -> str:
        """Text and children of an element."""
        suite = [echapper(element.text or "")]
        for fils in element:
            if isinstance(fils.tag, str):
                suite.append(self._element(fils, profondeur + 1))
            suite.append(echapper(fils.tail or ""))
            if self._reste <= 0:
                self.coupe = True
                break
        return "".join(suite)

    def _element(self, element: etree._Element, profondeur: int) -> str:
        self._reste -= 1
        balise = str(element.tag).lower()
        if balise in _JETES:
            return ""
        if profondeur > _PROFONDEUR_MAX:
            self.coupe = True
            return echapper("".join(str(t) for t in element.itertext())[:2000])
        if balise == "img":
            return _image(element)
        if balise == "a":
            return self._lien(element, profondeur)
        corps = self.interieur(element, profondeur)
        if balise not in _BALISES:
            return corps
        attributs = "".join(_attributs(element))
        return f"<{balise}{attributs}/>" if balise in _VIDES else \
            f"<{balise}{attributs}>{corps}</{balise}>"

    def _lien(self, element: etree._Element, profondeur: int) -> str:
        """Anchors and links inside the page; other addresses become plain text."""
        corps = self.interieur(element, profondeur)
        href = str(element.get("href") or "")
        nom = str(element.get("name") or element.get("id") or "")
        ancre = f'<a name="{echapper(nom[:80])}"></a>' if nom else ""
        if href.startswith("#") and len(href) < 80:
            return f'{ancre}<a href="{echapper(href)}">{corps}</a>'
        return ancre + corps


def _attributs(element: etree._Element) -> Iterator[str]:
    for nom, brut in element.attrib.items():
        cle, valeur = str(nom).lower(), str(brut)
        if cle not in _ATTRIBUTS or _VALEUR.fullmatch(valeur) is None:
            continue
        if cle == "style":
            valeur = declarations(valeur)
        elif cle in ("colspan", "rowspan") and (
                not valeur.isdigit() or len(valeur) > _NOMBRE_MAX or int(valeur) > 40):
            continue
        if valeur:
            yield f' {cle}="{echapper(valeur)}"'


def _image(element: etree._Element) -> str:
    """An image carried in the page, when its bytes are those of an image."""
    donnees = _DATA.fullmatch(str(element.get("src") or "").strip())
    alternative = echapper(str(element.get("alt") or "image")[:100])
    if donnees is None:
        return f"<i>[{alternative}\u00a0: non fournie avec le document]</i>"
    try:
        octets = base64.b64decode(donnees[1], validate=False)
    except (binascii.Error, ValueError):
        return f"<i>[{alternative}\u00a0: illisible]</i>"
    reconnue = reconnaitre(octets)
    if reconnue is None:
        return f"<i>[{alternative}\u00a0: illisible]</i>"
    mime, naturelle = reconnue
    demandee = str(element.get("width") or "")
    largeur = int(demandee) if demandee.isdigit() and len(demandee) <= _NOMBRE_MAX else naturelle
    uri = f"data:{mime};base64,{base64.b64encode(octets).decode('ascii')}"
    return f'<img src="{uri}" width="{max(1, min(largeur, naturelle, LARGEUR_PAGE))}"/>'


def declarations(texte: str) -> str:
    """CSS declarations without anything that loads or runs."""
    propres = [d.strip() for d in _COMMENTAIRES.sub("", texte).split(";")]
    return "; ".join(d for d in propres if ":" in d and not _CSS_INTERDIT.search(d)
                     and "<" not in d and not d.lower().startswith("position"))


def regles(texte: str) -> str:
    """A style sheet: its plain rules, and those of `@media` that suit a page on screen."""
    return "\n".join(_regles(_COMMENTAIRES.sub("", texte)[:200_000], 0))


def _regles(texte: str, niveau: int) -> Iterator[str]:
    place = 0
    while (ouvre := texte.find("{", place)) >= 0:
        selecteur = texte[place:ouvre].rpartition(";")[2].strip()
        ferme = _fin_de_bloc(texte, ouvre)
        corps = texte[ouvre + 1:ferme]
        if selecteur.startswith("@"):
            if niveau == 0 and _convient(selecteur):
                yield from _regles(corps, 1)
        elif "<" not in selecteur and not _CSS_INTERDIT.search(selecteur) \
                and (propres := declarations(corps)) and "{" not in propres:
            yield f"{' '.join(selecteur.split())} {{ {propres} }}"
        place = ferme + 1


def _fin_de_bloc(texte: str, ouvre: int) -> int:
    profondeur = 0
    for place in range(ouvre, len(texte)):
        profondeur += (texte[place] == "{") - (texte[place] == "}")
        if profondeur == 0:
            return place
    return len(texte)


def _convient(media: str) -> bool:
    """True for `@media` rules that a screen as wide as a page would take."""
    if not media.lower().startswith("@media") or "print" in media.lower():
        return False
    return all(int(n) <= LARGEUR_PAGE if genre.lower() == "min" else int(n) >= LARGEUR_PAGE
               for genre, n in _LARGEUR.findall(media))
