"""Which scenario proves which requirement, read in the sources of the scenarios.

Read by the syntax tree, never by running them: listing is instant, and needs no test library.
"""

import ast
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Exigence:
    """One line of the requirements: identifier, chapter, feature, profiles."""

    id: str
    chapitre: str = ""
    fonction: str = ""
    profils: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One test of `tests/scenarios` and the requirements that it carries."""

    fichier: Path
    nom: str
    exigences: tuple[str, ...]

    @property
    def noeud(self) -> str:
        """The test as pytest names it."""
        return f"{self.fichier.as_posix()}::{self.nom}"


def lire_exigences(chemin: Path) -> list[Exigence]:
    """Requirements of a CSV with the columns id, chapter, feature, profiles.

    Raises:
        OSError: the file can't be read.
        KeyError: it has no column `id`.
    """
    with chemin.open(encoding="utf-8-sig", newline="") as fichier:
        return [Exigence(x["id"], x.get("chapter") or "", x.get("feature") or "",
                         x.get("profiles") or "") for x in csv.DictReader(fichier)]


def lire_scenarios(dossier: Path, racine: Path) -> list[Scenario]:
    """Scenarios of a folder that carry a requirement; paths relative to `racine`.

    A file that isn't Python is passed over: `fichiers_illisibles` names it.
    """
    trouves: list[Scenario] = []
    for fichier in sorted(dossier.glob("test_*.py")):
        for nom, fonction in _fonctions(_arbre(fichier) or ast.Module([], [])):
            ids = tuple(i for d in fonction.decorator_list for i in _identifiants(d))
            if ids:
                trouves.append(Scenario(fichier.relative_to(racine), nom, ids))
    return trouves


def fichiers_illisibles(dossier: Path, racine: Path) -> list[Path]:
    """Scenario files in which nothing can be read, not even what they prove."""
    return [f.relative_to(racine) for f in sorted(dossier.glob("test_*.py")) if _arbre(f) is None]


def _arbre(fichier: Path) -> ast.Module | None:
    try:
        return ast.parse(fichier.read_text(encoding="utf-8"))
    except (SyntaxError, ValueError, OSError):
        return None


def _fonctions(arbre: ast.Module) -> Iterable[tuple[str, ast.FunctionDef]]:
    """Tests of a file, those of its classes included, as pytest names them."""
    for noeud in arbre.body:
        membres = noeud.body if isinstance(noeud, ast.ClassDef) else [noeud]
        prefixe = f"{noeud.name}::" if isinstance(noeud, ast.ClassDef) else ""
        for membre in membres:
            if isinstance(membre, ast.FunctionDef) and membre.name.startswith("test_"):
                yield prefixe + membre.name, membre


def _identifiants(decorateur: ast.expr) -> Iterable[str]:
    """Identifiers of `@pytest.mark.exigence("ID", …)`; nothing for another decorator."""
    if (isinstance(decorateur, ast.Call) and isinstance(decorateur.func, ast.Attribute)
            and decorateur.func.attr == "exigence"):
        for argument in decorateur.args:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def choisir(motifs: Sequence[str], connues: Iterable[str]) -> tuple[list[str], list[str]]:
    """Identifiers that answer to the patterns (`SC.INS*`), and the patterns that found nothing."""
    tous = list(connues)
    choisies = [i for i in tous if any(fnmatchcase(i, m) for m in motifs)]
    vains = [m for m in motifs if not any(fnmatchcase(i, m) for i in tous)]
    return choisies, vains
