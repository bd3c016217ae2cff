"""The fonts and colours of our documents. Inter is registered once, then shared."""

from functools import cache

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.documents.ressources import DOSSIER

NORMAL, MOYEN, DEMI_GRAS, GRAS = "Inter", "Inter-Medium", "Inter-SemiBold", "Inter-Bold"
ITALIQUE, DEMI_GRAS_ITALIQUE = "Inter-Italic", "Inter-SemiBoldItalic"
_FICHIERS = {NORMAL: "Inter-Regular.ttf", MOYEN: "Inter-Medium.ttf",
             DEMI_GRAS: "Inter-SemiBold.ttf", GRAS: "Inter-Bold.ttf",
             ITALIQUE: "Inter-Italic.ttf", DEMI_GRAS_ITALIQUE: "Inter-SemiBoldItalic.ttf"}

TEXTE: Color = HexColor("#16202C")
TEXTE2: Color = HexColor("#4B5969")
ACCENT: Color = HexColor("#1C5BA6")
NUIT: Color = HexColor("#13233A")
BORDURE: Color = HexColor("#D2D9E2")
FOND: Color = HexColor("#F5F7FA")
FOND_ENTETE: Color = HexColor("#EAF0F7")


@cache
def enregistrer() -> frozenset[int]:
    """Register the fonts; give the code points that they draw. Call it under the render lock."""
    glyphes: frozenset[int] | None = None
    for nom, fichier in _FICHIERS.items():
        police = TTFont(nom, str(DOSSIER / "fonts" / fichier))
        pdfmetrics.registerFont(police)
        connus = frozenset(police.face.charToGlyph)
        glyphes = connus if glyphes is None else glyphes & connus
    for base in (NORMAL, DEMI_GRAS):
        addMapping(base, 0, 0, NORMAL)
        addMapping(base, 1, 0, DEMI_GRAS)
        addMapping(base, 0, 1, ITALIQUE)
        addMapping(base, 1, 1, DEMI_GRAS_ITALIQUE)
    return glyphes or frozenset()


def imprimable(texte: str) -> str:
    """The text with □ for what the fonts can't draw (an embedded font may not lack a glyph)."""
    glyphes = enregistrer()
    if all(ord(c) in glyphes or c == "\n" for c in texte):
        return texte
    return "".join(c if ord(c) in glyphes or c == "\n" else "\u25a1" for c in texte)


def largeur(texte: str, police: str, corps: float) -> float:
    """Width of a text in points."""
    return float(pdfmetrics.stringWidth(texte, police, corps))
