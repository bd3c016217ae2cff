"""What the pages of `docs/` promise, read so that tests can hold it: links, tables, tests named."""

import ast
import re
from functools import cache
from pathlib import Path

RACINE = Path(__file__).parents[1]
SECURITE = RACINE / "docs" / "securite"
_LIEN = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TEST = re.compile(r"`(test_\w+)`")
_TITRE = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def liens(page: Path) -> list[Path]:
    """Files and folders that a page leads to; addresses of the web are left out."""
    cibles = [c for c in _LIEN.findall(page.read_text(encoding="utf-8")) if "://" not in c]
    return [(page.parent / c.split("#")[0]).resolve() if c.split("#")[0] else page
            for c in cibles]


def liens_morts(page: Path) -> list[str]:
    """Links of a page that lead nowhere: no file, or no such heading in it."""
    morts = []
    for cible in _LIEN.findall(page.read_text(encoding="utf-8")):
        if "://" in cible:
            continue
        chemin, _, ancre = cible.partition("#")
        fichier = (page.parent / chemin).resolve() if chemin else page
        if not fichier.exists() or (ancre and ancre not in _ancres(fichier)):
            morts.append(f"{page.name} : {cible}")
    return morts


def _ancres(page: Path) -> set[str]:
    """Headings as the forges name them."""
    return {re.sub(r"[^\w -]", "", t.lower()).strip().replace(" ", "-")
            for t in _TITRE.findall(page.read_text(encoding="utf-8"))}


def atteintes(depart: Path) -> set[Path]:
    """Pages that one reaches from another by following links."""
    vues: set[Path] = set()
    attendues = [depart.resolve()]
    while attendues:
        page = attendues.pop()
        page = page / "README.md" if page.is_dir() else page
        if page in vues or page.suffix != ".md" or not page.is_file():
            continue
        vues.add(page)
        attendues += liens(page)
    return vues


@cache
def tests_connus() -> frozenset[str]:
    """Names of the test files, and of the tests that they hold."""
    noms: set[str] = set()
    for fichier in (RACINE / "tests").rglob("test_*.py"):
        noms.add(fichier.stem)
        arbre = ast.parse(fichier.read_text(encoding="utf-8"))
        noms |= {n.name for n in ast.walk(arbre)
                 if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(noms)


def tests_absents(page: Path) -> list[str]:
    """Tests that a page gives as a proof and that don't exist."""
    return sorted(set(_TEST.findall(page.read_text(encoding="utf-8"))) - tests_connus())


def tables(page: Path) -> list[list[list[str]]]:
    """Tables of a page: their rows, headings first, each as its cells."""
    trouvees: list[list[list[str]]] = []
    ouverte = False
    for ligne in page.read_text(encoding="utf-8").splitlines():
        if not ligne.startswith("|"):
            ouverte = False
            continue
        cellules = [c.strip() for c in ligne.strip().strip("|").split("|")]
        if all(re.fullmatch(r":?-+:?", c) for c in cellules):
            continue
        if not ouverte:
            trouvees.append([])
            ouverte = True
        trouvees[-1].append(cellules)
    return trouvees
