"""Version and reference data in use, with their dates (MIN.VER.01, SC.INS.01)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app import __version__
from app.domain.markdown import sans_liens
from app.usecases.errors import Refus

#: Each folder of `resources` that holds reference data says what it is in `reference.json`.
RESSOURCES = Path(__file__).parents[2] / "resources"
DOCUMENTATION = Path(__file__).parents[2] / "docs"
#: Pages that the program shows, by name: their file in `docs/`.
PAGES = {"lecteurs": "lecteurs-datamatrix.md", "donnees": "securite/rgpd.md",
         "vulnerabilites": "securite/vulnerabilites.md"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One set of reference data or material. `date` AAAA-MM-JJ or AAAA."""

    nom: str
    version: str
    date: str
    source: str
    licence: str


@dataclass(frozen=True, slots=True)
class APropos:
    """What the À propos screen shows."""

    version: str
    references: tuple[Reference, ...]


@cache
def a_propos() -> APropos:
    """The version of the program and the references that it carries."""
    references = []
    for fichier in sorted(RESSOURCES.glob("*/reference.json")):
        lignes = json.loads(fichier.read_text(encoding="utf-8"))
        references += [Reference(**ligne) for ligne in lignes]
    return APropos(__version__, tuple(sorted(references, key=lambda r: r.nom)))


@cache
def page_documentation(nom: str) -> str:
    """Markdown of a page of the documentation, by its name in `PAGES`.

    :raises Refus: the page isn't in the installed program.
    """
    try:
        return sans_liens((DOCUMENTATION / PAGES[nom]).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as erreur:
        raise Refus("Cette page de la documentation n’est pas sur ce poste : réparez "
                    "l’installation de Pléiade.") from erreur
