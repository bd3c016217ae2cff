"""Every text of the program that a user may read is typeset as French."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FAUTES = [
    (re.compile(r"[^\s«:;!?=<>|&({\[] (?:[;!?»]|:(?![:=]))"), "espace avant un signe double"),
    (re.compile(r"« "), "espace après un guillemet"),
    (re.compile(r"[A-Za-zÀ-ÿ]'[a-zà-ÿ]{2}"), "apostrophe droite"),
    (re.compile(r"[a-zà-ÿ ]\.\.\.(?!\])"), "trois points"),
]
#: The doubles speak as the services do, the proxy to machines.
A_PART = re.compile(r"^app/(sandbox/|proxy/(?!pages\.py))")
#: Labels of terminologies and services, headings of files: written as their owners write them.
OFFICIELS = re.compile(r"^app/(documents/(cda_|contenus_|gabarits|xdm)|services/dmp_existence|"
                       r"usecases/identites_csv)")
#: What a machine reads: queries, patterns, style sheets, technical logs.
_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE|LIMIT|PRAGMA|AND)\b")
_TECHNIQUE = re.compile(r"(^|\.)(compile|match|search|sub|fullmatch|findall|execute|xpath|"
                        r"setStyleSheet|debug|info|warning|error|exception|removeprefix|rpartition)$")


def _textes(arbre: ast.AST) -> Iterator[tuple[int, str]]:
    """Literals, an f-string as one text, without docstrings and what machines read."""
    for enfant in ast.iter_child_nodes(arbre):
        if isinstance(enfant, ast.Expr) and isinstance(enfant.value, ast.Constant):
            continue
        if isinstance(enfant, ast.JoinedStr):
            texte = "".join(str(p.value) if isinstance(p, ast.Constant) else "x"
                            for p in enfant.values)
            yield enfant.lineno, texte
            for partie in enfant.values:
                if isinstance(partie, ast.FormattedValue):
                    yield from _textes(partie)
            continue
        if isinstance(enfant, ast.Call) and _TECHNIQUE.search(ast.unparse(enfant.func)):
            yield from _textes(enfant.func)
            continue
        if isinstance(enfant, ast.Constant) and isinstance(enfant.value, str):
            yield enfant.lineno, enfant.value
        yield from _textes(enfant)


def test_every_literal_is_typeset(racine: Path) -> None:
    fautes, vus = [], 0
    for fichier in sorted((racine / "app").rglob("*.py")):
        relatif = fichier.relative_to(racine).as_posix()
        if A_PART.match(relatif):
            continue
        for ligne, texte in _textes(ast.parse(fichier.read_text(encoding="utf-8"))):
            vus += 1
            if not _SQL.search(texte) and not OFFICIELS.match(relatif):
                fautes += [f"{relatif}:{ligne}: {faute}: {texte[:80]!r}"
                           for motif, faute in FAUTES if motif.search(texte)]
    assert vus > 5000
    assert not fautes, "\n".join(fautes)
