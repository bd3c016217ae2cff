"""No test may be at the mercy of the machine's speed: what waits, waits long, and for something."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
#: Shortest limit (seconds) given to what must come: a loaded machine stalls for seconds.
PATIENCE_S = 20
#: Comment that lets a line through, with its reason.
EXEMPTE = "# short: "
#: Names that a limit has, as keyword, and methods that take it first.
LIMITES = {"timeout", "delai", "delai_s"}
ATTENTES = {"wait", "join", "wait_for", "result"}
#: Not ours to wait for: limits handed to the program under test, to see them reached.
PROGRAMME = {"appeler", "envoyer", "lecture", "submit", "post", "appareil", "telephone", "aclose"}


def _fichiers() -> list[Path]:
    return sorted(f for f in TESTS.rglob("*.py") if "bench" not in f.parts)


def _nom(appel: ast.Call) -> str:
    return appel.func.attr if isinstance(appel.func, ast.Attribute) else getattr(
        appel.func, "id", "")


def _secondes(noeud: ast.expr) -> float | None:
    return float(noeud.value) if isinstance(noeud, ast.Constant) and isinstance(
        noeud.value, int | float) and not isinstance(noeud.value, bool) else None


def _limites(appel: ast.Call) -> Iterator[float]:
    """Seconds that a call waits at most, where they are written."""
    nom = _nom(appel)
    if nom in PROGRAMME:
        return
    recu = ast.unparse(appel.func.value) if isinstance(appel.func, ast.Attribute) else ""
    if recu.endswith("qtbot"):  # milliseconds, and a pause rather than a limit
        return
    if nom in ATTENTES and appel.args:
        yield from [s for s in [_secondes(appel.args[-1])] if s is not None]
    yield from [s for m in appel.keywords if m.arg in LIMITES
                for s in [_secondes(m.value)] if s is not None]


def _chronometre(noeud: ast.Assert) -> bool:
    """An assertion on the time that something took."""
    return any(isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub) and isinstance(
        n.left, ast.Call) and _nom(n.left) in ("monotonic", "perf_counter")
        for n in ast.walk(noeud.test))


def _fautes(fichier: Path) -> Iterator[tuple[int, str]]:
    texte = fichier.read_text(encoding="utf-8")
    unitaire = fichier.parent.name == "unit"
    for noeud in ast.walk(ast.parse(texte)):
        if isinstance(noeud, ast.Assert) and _chronometre(noeud):
            yield noeud.lineno, "asserts the time that something took"
        if not isinstance(noeud, ast.Call):
            continue
        if unitaire and ast.unparse(noeud.func) == "time.sleep":
            yield noeud.lineno, "sleeps: wait for a condition, or move the clock"
        for secondes in _limites(noeud):
            if secondes < PATIENCE_S:
                yield noeud.lineno, f"gives up after {secondes:g} s"


def test_nothing_depends_on_the_machine_s_speed() -> None:
    fautes = []
    for fichier in _fichiers():
        lignes = fichier.read_text(encoding="utf-8").splitlines()
        fautes += [f"{fichier.relative_to(TESTS)}:{n} {quoi}" for n, quoi in _fautes(fichier)
                   if EXEMPTE not in lignes[n - 1]]
    assert fautes == []
