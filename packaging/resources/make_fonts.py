"""Build the six Inter faces of `resources/fonts/` from Debian's `fonts-inter` package.

The package ships CFF outlines of every script; reportlab (PDF/A) wants TrueType outlines, and a
smaller cut starts faster. The npm package of Inter was tried first: its cuts lack ≥ ≤ → ✓ and the
thin no-break space.

Usage (needs `fonttools` and the unpacked Debian package):

    apt-get download fonts-inter && dpkg -x fonts-inter_*.deb inter
    python packaging/resources/make_fonts.py inter resources/fonts
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

STYLES = ("Regular", "Medium", "SemiBold", "Bold", "Italic", "SemiBoldItalic")
#: Latin, Greek, punctuation, superscripts, currency, arrows, mathematics, shapes, ticks.
RANGES = [(0x20, 0x24F), (0x2BC, 0x2DD), (0x300, 0x30C), (0x370, 0x3FF), (0x1E00, 0x1EFF),
          (0x2000, 0x206F), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x214F),
          (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0x2610, 0x2612),
          (0x2713, 0x2717)]
#: Largest distance, in font units, between a curve and its quadratic approximation.
TOLERANCE = 1.0


def cut(font: TTFont) -> None:
    """Keep the characters of RANGES and the features that the program uses."""
    options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp", "locl", "tnum"],
                             name_IDs=["*"], notdef_outline=True, glyph_names=False)
    worker = subset.Subsetter(options)
    worker.populate(unicodes=[c for low, high in RANGES for c in range(low, high + 1)])
    worker.subset(font)


def to_truetype(font: TTFont) -> None:
    """Replace CFF outlines by quadratic ones, in place."""
    order = font.getGlyphOrder()
    source = font.getGlyphSet()
    glyphs = {}
    for name in order:
        pen = TTGlyphPen(source)
        source[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, glyphs
    del font["CFF "]
    if "VORG" in font:
        del font["VORG"]
    glyf.compile(font)
    maxp = font["maxp"] = newTable("maxp")
    maxp.tableVersion = 0x00010000
    maxp.numGlyphs = len(order)
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs",
                  "maxInstructionDefs", "maxStackElements", "maxSizeOfInstructions",
                  "maxComponentElements"):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    post = font["post"]
    post.formatType, post.extraNames, post.mapping, post.glyphOrder = 2.0, [], {}, order
    font.sfntVersion = "\x00\x01\x00\x00"


def build(package: Path, target: Path) -> None:
    """Write one `Inter-{style}.ttf` a style, and the licence into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for style in STYLES:
        font = TTFont(package / f"usr/share/fonts/opentype/inter/Inter-{style}.otf")
        cut(font)
        to_truetype(font)
        font["OS/2"].fsType = 0
        font.save(target / f"Inter-{style}.ttf")
    shutil.copy(package / "usr/share/doc/fonts-inter/copyright", target / "LICENSE-OFL.txt")


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
