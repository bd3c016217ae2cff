"""The user guide: its gestures are counted by the scenarios, its pages hold together."""

import re

from tests.conftest import RACINE
from tests.guide_outils import GUIDE, clics_du_guide

POIDS_MAX = 150_000


def test_every_gesture_of_the_guide_is_counted_by_a_scenario() -> None:
    """An announced number that nobody counts is a promise."""
    sources = "\n".join(p.read_text(encoding="utf-8")
                        for p in (RACINE / "tests/scenarios").glob("*.py"))
    comptes = set(re.findall(r'\.geste\(\s*"([^"]+)"', sources))
    assert clics_du_guide().keys() == comptes


def test_links_and_images_exist_and_stay_small() -> None:
    for page in GUIDE.glob("*.md"):
        for cible in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            if "://" not in cible:
                fichier = (page.parent / cible).resolve()
                assert fichier.exists(), f"{page.name} : {cible}"
                assert fichier.suffix != ".png" or fichier.stat().st_size <= POIDS_MAX, cible


def test_every_page_is_in_the_index() -> None:
    index = (GUIDE / "README.md").read_text(encoding="utf-8")
    for page in GUIDE.glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name
