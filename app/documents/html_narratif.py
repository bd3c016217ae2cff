"""The narrative of a CDA section as HTML: escaped by construction (`spec/cda.md` §14.5).

Only the tags written here ever come out, every text and attribute value goes through `echapper`,
no address of the document becomes a link, and nothing is loaded from anywhere.
"""

import html
import re
from collections.abc import Callable

from lxml import etree

from app.documents.hl7 import C
from app.documents.html_media import Medias

#: Elements rendered at most, and depth: beyond, the text is kept and the shape given up.
ELEMENTS_MAX = 40_000
PROFONDEUR_MAX = 40
_PORTEE_MAX = 40
#: Width of an image inside a table, in pixels.
LARGEUR_CELLULE = 420

_INVISIBLES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_STYLES = {"bold": ("b",), "italics": ("i",), "underline": ("u",), "emphasis": ("i",),
           "bolditalics": ("b", "i"), "strikethrough": ("s",)}
_REVISIONS = {"insert": ("u",), "delete": ("s",)}
_PUCES = {"disc": "disc", "circle": "circle", "square": "square"}
_NUMEROS = {"arabic": "1", "littleroman": "i", "bigroman": "I", "littlealpha": "a",
            "bigalpha": "A"}
_ALIGNEMENTS = frozenset({"left", "right", "center"})


def echapper(texte: str) -> str:
    """Text for HTML; control and direction-changing characters are dropped."""
    return html.escape(_INVISIBLES.sub("", texte), quote=True)


class Narratif:
    """Renders narratives of one document; footnotes are numbered through it."""

    def __init__(self, medias: Medias, cibles: frozenset[str] = frozenset()) -> None:
        """`cibles` holds the IDs that links inside the document point to."""
        self._medias = medias
        self._cibles = cibles
        self._reste = ELEMENTS_MAX
        self._notes: list[tuple[int, str]] = []
        self._numeros: dict[str, int] = {}
        self._dernier = 0
        self._faire: dict[str, Callable[[etree._Element, int], str]] = {
            "paragraph": self._paragraphe, "content": self._contenu, "list": self._liste,
            "table": self._tableau, "br": lambda e, p: "<br/>", "sub": self._indice,
            "sup": self._indice, "renderMultiMedia": self._media, "linkHtml": self._lien,
            "footnote": self._note, "footnoteRef": self._appel, "caption": self._legende,
        }

    @property
    def interrompu(self) -> bool:
        """True when the document was too large to be shown whole."""
        return self._reste <= 0

    def section(self, texte: etree._Element) -> str:
        """HTML of a section's `text`, its footnotes at the end."""
        corps = self._interieur(texte, 0)
        notes, self._notes = self._notes, []
        for numero, contenu in notes:
            corps += f'<p class="note">[{numero}] {contenu}</p>'
        return corps

    def _element(self, element: etree._Element, profondeur: int) -> str:
        self._reste -= 1
        if self._reste <= 0:
            return ""
        if profondeur > PROFONDEUR_MAX:
            return echapper("".join(str(t) for t in element.itertext()))
        nom = element.tag
        faire = self._faire.get(nom.removeprefix(C)) if nom.startswith(C) else None
        corps = (faire or self._interieur)(element, profondeur)
        identifiant = element.get("ID")
        if identifiant and identifiant in self._cibles:
            corps = f'<a name="{echapper(identifiant)}"></a>{corps}'
        return corps

    def _interieur(self, element: etree._Element, profondeur: int) -> str:
        """Text and children of an element."""
        suite = [echapper(element.text or "")]
        for fils in element:
            suite.append(self._element(fils, profondeur + 1))
            if fils.tail:
                suite.append(echapper(fils.tail))
            if self._reste <= 0:
                break
        return "".join(suite)

    @staticmethod
    def _styler(element: etree._Element, corps: str) -> str:
        balises = [b for code in (element.get("styleCode") or "").split()[:10]
                   for b in _STYLES.get(code.lower(), ())]
        balises += _REVISIONS.get((element.get("revised") or "").lower(), ())
        for balise in dict.fromkeys(balises):
            corps = f"<{balise}>{corps}</{balise}>"
        return corps

    def _paragraphe(self, element: etree._Element, profondeur: int) -> str:
        return f"<p>{self._styler(element, self._interieur(element, profondeur))}</p>"

    def _contenu(self, element: etree._Element, profondeur: int) -> str:
        return self._styler(element, self._interieur(element, profondeur))

    def _legende(self, element: etree._Element, profondeur: int) -> str:
        return f"<p><b>{self._styler(element, self._interieur(element, profondeur))}</b></p>"

    def _indice(self, element: etree._Element, profondeur: int) -> str:
        balise = "sub" if element.tag == C + "sub" else "sup"
        return f"<{balise}>{self._interieur(element, profondeur)}</{balise}>"

    def _liste(self, element: etree._Element, profondeur: int) -> str:
        codes = {c.lower() for c in (element.get("styleCode") or "").split()[:10]}
        ordonnee = (element.get("listType") or "").lower() == "ordered"
        formes = _NUMEROS if ordonnee else _PUCES
        forme = next((f' type="{formes[c]}"' for c in codes if c in formes), "")
        balise = "ol" if ordonnee else "ul"
        avant, items = "", []
        for fils in element:
            if fils.tag == C + "caption":
                avant += self._element(fils, profondeur + 1)
            else:
                self._reste -= 1
                corps = self._styler(fils, self._interieur(fils, profondeur + 1))
                items.append(f"<li>{corps}</li>")
            if self._reste <= 0:
                break
        return f"{avant}<{balise}{forme}>{''.join(items)}</{balise}>"

    def _tableau(self, element: etree._Element, profondeur: int) -> str:
        avant, groupes = "", {"thead": "", "tbody": "", "tfoot": ""}
        for fils in element:
            nom = fils.tag.removeprefix(C)
            if nom == "caption":
                avant += self._element(fils, profondeur + 1)
            elif nom in groupes:
                groupes[nom] += "".join(
                    self._ligne(ligne, profondeur + 2, nom == "thead")
                    for ligne in fils.iterchildren(C + "tr"))
            elif nom == "tr":
                groupes["tbody"] += self._ligne(fils, profondeur + 1, False)
        # The order of the screen: head, body, foot, wherever the document writes the foot.
        lignes = groupes["thead"] + groupes["tbody"] + groupes["tfoot"]
        return (f'{avant}<table class="t" border="1" cellspacing="0" cellpadding="4" width="99%">'
                f"{lignes}</table>") if lignes else avant

    def _ligne(self, ligne: etree._Element, profondeur: int, tete: bool) -> str:
        self._reste -= 1
        if self._reste <= 0:
            return ""
        cellules = []
        for cellule in ligne:
            balise = "th" if tete or cellule.tag == C + "th" else "td"
            attributs = "".join(f' {nom}="{portee}"' for nom in ("colspan", "rowspan")
                                if (portee := _portee(cellule.get(nom))) > 1)
            align = (cellule.get("align") or ligne.get("align") or "").lower()
            if align in _ALIGNEMENTS:
                attributs += f' align="{align}"'
            corps = self._styler(cellule, self._interieur(cellule, profondeur + 1))
            self._reste -= 1
            cellules.append(f"<{balise}{attributs}>{corps}</{balise}>")
            if self._reste <= 0:
                break
        return f"<tr>{''.join(cellules)}</tr>"

    def _media(self, element: etree._Element, profondeur: int) -> str:
        legende = self._interieur(element, profondeur)
        suite = []
        for identifiant in (element.get("referencedObject") or "").split()[:20]:
            mime = self._medias.mime(identifiant)
            image = self._medias.image(identifiant)
            if image:
                # A cell shares the width of the page with its neighbours.
                dans_table = next(element.iterancestors(C + "table"), None) is not None
                largeur = min(image[1], LARGEUR_CELLULE) if dans_table else image[1]
                suite.append(f'<br/><img src="{image[0]}" width="{largeur}"/><br/>')
            elif mime == "application/pdf":
                suite.append("<i>[Document PDF joint]</i>")
            elif mime is not None:
                suite.append(f"<i>[Contenu joint non affichable\u00a0: {echapper(mime[:60])}]</i>")
            else:
                suite.append("<i>[Contenu joint absent]</i>")
        return "<br/>".join(suite) + legende

    def _lien(self, element: etree._Element, profondeur: int) -> str:
        """Inner links work; an outer address is written, never made a link."""
        corps = self._interieur(element, profondeur)
        href = (element.get("href") or "").strip()
        if href.startswith("#") and href[1:] in self._cibles:
            return f'<a href="#{echapper(href[1:])}">{corps or echapper(href[1:])}</a>'
        if href and not href.startswith("#"):
            adresse = echapper(" ".join(href.split())[:300])
            return f"{corps} <i>[{adresse}]</i>" if corps.strip() else f"<i>[{adresse}]</i>"
        return corps

    def _numero(self, identifiant: str | None) -> int:
        if identifiant and identifiant in self._numeros:
            return self._numeros[identifiant]
        self._dernier += 1
        if identifiant:
            self._numeros[identifiant] = self._dernier
        return self._dernier

    def _note(self, element: etree._Element, profondeur: int) -> str:
        numero = self._numero(element.get("ID"))
        self._notes.append((numero, self._interieur(element, profondeur)))
        return f"<sup>[{numero}]</sup>"

    def _appel(self, element: etree._Element, profondeur: int) -> str:
        return f"<sup>[{self._numero(element.get('IDREF'))}]</sup>"


def _portee(valeur: str | None) -> int:
    """A colspan or rowspan kept within reason."""
    texte = (valeur or "").strip()
    return min(int(texte), _PORTEE_MAX) if texte.isascii() and texte.isdigit() else 1
