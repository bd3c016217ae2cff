"""What is pasted from outside becomes blocks of the house: HTML of a browser, a mail, an office.

Nothing of the source is kept but text, bold, italic, underline, headings, lists and tables: no
link, image, style, script or address can come in, nothing is fetched, and what the source hides
from the eye (`display:none`) stays out of the document.
"""

import re
from dataclasses import dataclass, field, replace

from lxml import etree

from app.documents.corps import COLONNES_MAX, LIGNES_MAX, normaliser
from app.documents.model import Bloc, Fragment, Intertitre, Liste, Paragraphe, Tableau, Texte
from app.documents.texte import blocs_depuis_texte

#: Above it, in characters, HTML isn't read: its plain text is pasted.
HTML_MAX = 200_000
_IGNORES = frozenset(
    "head script style title meta link iframe object embed applet svg math audio video canvas "
    "noscript template textarea select button input img map area frame frameset".split())
_BLOCS = frozenset(
    "p div h1 h2 h3 h4 h5 h6 ul ol li table tr td th thead tbody tfoot caption blockquote pre "
    "section article header footer main aside nav address dl dt dd figure figcaption form "
    "fieldset hr center body html".split())
_CACHE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|"
                    r"font-size\s*:\s*0|mso-list\s*:\s*ignore", re.I)
_POIDS = re.compile(r"font-weight\s*:\s*(\w+)", re.I)
_BLANCS = re.compile(r"[ \t\r\n\f]+")


def blocs_depuis_html(source: str) -> tuple[Bloc, ...]:
    """Blocks of a piece of HTML; empty when it holds no text."""
    if not source.strip() or len(source) > HTML_MAX:
        return ()
    analyseur = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True,
                                 recover=True, encoding="utf-8")
    try:
        racine = etree.fromstring(source.encode("utf-8", "ignore"), analyseur)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    if racine is None:
        return ()
    lecteur = _Lecteur()
    lecteur.lire(racine, Fragment(""), False)
    lecteur.finir()
    return normaliser(lecteur.blocs)


def blocs_colles(html: str, texte: str) -> tuple[Bloc, ...]:
    """Blocks of what the clipboard holds: its HTML when there is one, else its text."""
    return blocs_depuis_html(html) or normaliser(blocs_depuis_texte(texte))


@dataclass
class _Lecteur:
    """Walks the tree and gathers blocks; `courant` is the text of the block being read."""

    blocs: list[Bloc] = field(default_factory=list)
    courant: list[Fragment] = field(default_factory=list)
    titre: int = 0
    elements: list[Texte] | None = None
    ordonnee: bool = False

    def lire(self, noeud: etree._Element, style: Fragment, pre: bool) -> None:
        nom = noeud.tag.lower() if isinstance(noeud.tag, str) else ""
        attribut = noeud.get("style") or ""
        if not nom or nom in _IGNORES or _CACHE.search(attribut) or noeud.get("hidden") is not None:
            return
        style, pre = _style(nom, attribut, style), pre or nom == "pre"
        if nom == "br":
            self.courant.append(replace(style, texte="\n"))
        elif nom == "table":
            self.finir()
            self._tableau(noeud, style)
        elif nom in ("ul", "ol"):
            self._liste(noeud, style, nom == "ol", pre)
        elif nom == "li" or "mso-list" in attribut.lower():
            self._element(noeud, style, pre)
        elif nom in _BLOCS:
            self._couper()
            avant, self.titre = self.titre, (1 if nom in ("h1", "h2") else 2) if re.fullmatch(
                "h[1-6]", nom) else self.titre
            self._enfants(noeud, style, pre)
            self._couper()
            self.titre = avant
        else:
            self._enfants(noeud, style, pre)

    def _enfants(self, noeud: etree._Element, style: Fragment, pre: bool) -> None:
        self._texte(noeud.text, style, pre)
        for enfant in noeud:
            self.lire(enfant, style, pre)
            self._texte(enfant.tail, style, pre)

    def _texte(self, texte: str | None, style: Fragment, pre: bool) -> None:
        if not texte:
            return
        if not pre:
            texte = _BLANCS.sub(" ", texte)
            fin = self.courant[-1].texte[-1:] if self.courant else "\n"
            if fin in (" ", "\n"):
                texte = texte.lstrip(" ")
        if texte:
            self.courant.append(replace(style, texte=texte))

    def _couper(self) -> None:
        """A block ends: inside a list item it is a line, elsewhere a paragraph or a heading."""
        texte = _sans_bords(self.courant)
        if self.elements is not None:
            if texte and self.courant[-1].texte != "\n":
                self.courant.append(Fragment("\n"))
            return
        self.courant = []
        if texte and self.titre:
            self.blocs.append(Intertitre("".join(f.texte for f in texte), self.titre))
        elif texte:
            self.blocs.append(Paragraphe(texte))

    def finir(self) -> None:
        """End the list and the block being read."""
        self._finir_liste()
        self._couper()

    def _finir_liste(self) -> None:
        if self.elements is not None:
            self._finir_element()
            elements, self.elements = self.elements, None
            self.blocs.append(Liste(tuple(elements), self.ordonnee))

    def _finir_element(self) -> None:
        if self.elements is not None and (texte := _sans_bords(self.courant)):
            self.elements.append(texte)
        self.courant = []

    def _liste(self, noeud: etree._Element, style: Fragment, ordonnee: bool, pre: bool) -> None:
        """A list; one inside another gives its items to it (our lists have one level)."""
        dedans = self.elements is not None
        if dedans:
            self._finir_element()
        else:
            self.finir()
            self.elements, self.ordonnee = [], ordonnee
        self._enfants(noeud, style, pre)
        if dedans:
            self._finir_element()
        else:
            self._finir_liste()

    def _element(self, noeud: etree._Element, style: Fragment, pre: bool) -> None:
        seul = self.elements is None
        if seul:
            self._couper()
            self.elements, self.ordonnee = [], False
        self._finir_element()
        self._enfants(noeud, style, pre)
        self._finir_element()
        if seul:
            elements, self.elements = self.elements or [], None
            dernier = self.blocs[-1] if self.blocs else None
            if isinstance(dernier, Liste) and not dernier.ordonnee:
                self.blocs[-1] = Liste((*dernier.elements, *elements))
            else:
                self.blocs.append(Liste(tuple(elements)))

    def _tableau(self, table: etree._Element, style: Fragment) -> None:
        rangs: list[tuple[bool, list[Texte]]] = []
        for rang in table.iter("tr"):
            if next(rang.iterancestors("table"), None) is not table or len(rangs) >= LIGNES_MAX:
                continue
            cellules = [c for c in rang if c.tag in ("td", "th")][:COLONNES_MAX]
            textes: list[Texte] = []
            for cellule in cellules:
                dedans = _Lecteur()
                dedans._enfants(cellule, _style(cellule.tag, cellule.get("style") or "", style),
                                False)
                dedans.finir()
                textes.append(_en_lignes(dedans.blocs))
            if textes:
                rangs.append((all(c.tag == "th" for c in cellules), textes))
        if not rangs:
            return
        if len(rangs) == 1 and len(rangs[0][1]) == 1:  # a frame drawn with a table
            self.blocs.append(Paragraphe(rangs[0][1][0]))
            return
        entetes = tuple(rangs[0][1]) if rangs[0][0] and len(rangs) > 1 else ()
        self.blocs.append(Tableau(entetes, tuple(
            tuple(r) for _, r in (rangs[1:] if entetes else rangs))))


def _style(nom: str, attribut: str, style: Fragment) -> Fragment:
    gras, italique, souligne = style.gras, style.italique, style.souligne
    gras = gras or nom in ("b", "strong")
    italique = italique or nom in ("i", "em", "cite", "dfn", "var")
    souligne = souligne or nom in ("u", "ins")
    if attribut:
        if poids := _POIDS.search(attribut):
            valeur = poids[1].lower()
            gras = valeur in ("bold", "bolder") or (valeur.isdigit() and int(valeur[:4]) >= 600)
        if re.search(r"font-style\s*:\s*(italic|oblique)", attribut, re.I):
            italique = True
        if nom != "a" and re.search(r"text-decoration[^;]*underline", attribut, re.I):
            souligne = True
    return Fragment("", gras, italique, souligne)


def _sans_bords(runs: list[Fragment]) -> tuple[Fragment, ...]:
    """The runs without blanks at both ends."""
    reste = [f for f in runs if f.texte]
    while reste and not reste[0].texte.strip():
        reste.pop(0)
    while reste and not reste[-1].texte.strip():
        reste.pop()
    if reste:
        reste[0] = replace(reste[0], texte=reste[0].texte.lstrip())
        reste[-1] = replace(reste[-1], texte=reste[-1].texte.rstrip())
    return tuple(reste)


def _en_lignes(blocs: list[Bloc]) -> Texte:
    """Blocks of a cell as the lines of one text."""
    runs: list[Fragment] = []
    for bloc in blocs:
        lignes: list[Texte] = []
        match bloc:
            case Paragraphe() | Intertitre():
                lignes = [bloc.texte]
            case Liste():
                lignes = list(bloc.elements)
            case Tableau():
                lignes = [c for rang in (bloc.entetes, *bloc.lignes) for c in rang]
        for ligne in lignes:
            if runs:
                runs.append(Fragment("\n"))
            runs += [Fragment(ligne)] if isinstance(ligne, str) else list(ligne)
    return tuple(runs)
