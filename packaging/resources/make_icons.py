"""Copy the Tabler icons that the window uses into `resources/icons/`.

The list of `resources/icons/liste.txt` says which: one name a line, `name` for the outline set and
`name-filled` for the filled one. The few images that a Qt style sheet needs (arrows, ticks) can't
be tinted when they are drawn: they are written once per theme in `clair/` and `sombre/`.

Usage, with the npm package `@tabler/icons` unpacked:

    python packaging/resources/make_icons.py package resources/icons
"""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.ui.jetons import CLAIR, SOMBRE

#: File written -> (icon, colour token) for the style sheet.
FEUILLE = {
    "bas.svg": ("chevron-down", "texte2"),
    "bas-inactif.svg": ("chevron-down", "texte_off"),
    "haut.svg": ("chevron-up", "texte2"),
    "gauche.svg": ("chevron-left", "texte2"),
    "droite.svg": ("chevron-right", "texte2"),
    "coche.svg": ("check", "sur_accent"),
    "coche-inactive.svg": ("check", "texte_off"),
    "tiret.svg": ("minus", "sur_accent"),
    "point.svg": ("circle-filled", "sur_accent"),
}


def source(paquet: Path, nom: str) -> str:
    """Text of one icon."""
    if nom.endswith("-filled"):
        return (paquet / "icons/filled" / f"{nom.removesuffix('-filled')}.svg").read_text("utf-8")
    return (paquet / "icons/outline" / f"{nom}.svg").read_text("utf-8")


def main(paquet: Path, vers: Path) -> None:
    """Write the icons of the list, those of the style sheet and the licence."""
    noms = (vers / "liste.txt").read_text("utf-8").split()
    for ancien in vers.glob("*.svg"):
        ancien.unlink()
    for nom in noms:
        texte = source(paquet, nom).replace('stroke-width="2"', 'stroke-width="1.75"')
        (vers / f"{nom}.svg").write_text(texte.strip() + "\n", "utf-8")
    for theme, jetons in (("clair", CLAIR), ("sombre", SOMBRE)):
        (vers / theme).mkdir(exist_ok=True)
        for fichier, (nom, jeton) in FEUILLE.items():
            largeur = "3" if nom in ("check", "minus") else "2"
            texte = source(paquet, nom).replace("currentColor", jetons[jeton])
            if nom == "circle-filled":  # a dot in the middle of its square
                texte = texte.replace('viewBox="0 0 24 24"', 'viewBox="-14 -14 52 52"')
            texte = texte.replace('stroke-width="2"', f'stroke-width="{largeur}"')
            (vers / theme / fichier).write_text(texte.strip() + "\n", "utf-8")
    shutil.copy(paquet / "LICENSE", vers / "LICENSE-MIT.txt")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
