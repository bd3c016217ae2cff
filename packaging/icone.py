"""Draw `windows/pleiade.ico` from the same figures as `linux/pleiade.svg`.

Usage: .venv/bin/python packaging/icone.py
"""

import re
from pathlib import Path

from PIL import Image, ImageDraw

ICI = Path(__file__).parent
TAILLES = (16, 24, 32, 48, 64, 128, 256)
#: Drawn larger, then reduced: Pillow doesn't smooth edges.
ECHELLE = 8


def dessiner(cote: int) -> Image.Image:
    """The icon at one size; lines are left out where they would blur (below 48)."""
    svg = (ICI / "linux/pleiade.svg").read_text(encoding="utf-8")
    k = cote * ECHELLE / 128
    image = Image.new("RGBA", (cote * ECHELLE, cote * ECHELLE), (0, 0, 0, 0))
    trait = ImageDraw.Draw(image)
    trait.rounded_rectangle((4 * k, 4 * k, 124 * k, 124 * k), 28 * k, fill="#13233a")
    if cote >= 48:
        for chemin in re.findall(r'd="M([^"]+)"', svg):
            nombres = [float(n) * k for n in chemin.split()]
            points = list(zip(nombres[::2], nombres[1::2], strict=True))
            trait.line(points, fill="#3d5f8a", width=round(2.5 * k), joint="curve")
    gros = 1.25 if cote < 48 else 1.0
    for x, y, r in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg):
        cx, cy, rayon = float(x) * k, float(y) * k, float(r) * k * gros
        couleur = "#ffffff" if float(r) >= 10 else "#8fc2ff"
        trait.ellipse((cx - rayon, cy - rayon, cx + rayon, cy + rayon), fill=couleur)
    return image.resize((cote, cote), Image.Resampling.LANCZOS)


def main() -> None:
    """Write the file."""
    images = [dessiner(t) for t in TAILLES]
    images[-1].save(ICI / "windows/pleiade.ico", append_images=images[:-1],
                    sizes=[(t, t) for t in TAILLES])


if __name__ == "__main__":
    main()
