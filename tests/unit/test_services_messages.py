"""What the user reads is French, typeset as French."""

import ast
import re
from pathlib import Path

import pytest

from app.services.noms import nom_service, phrase

FAUTES = [
    (re.compile(r"[A-Za-zÀ-ÿ]'[A-Za-zÀ-ÿ]"), "straight apostrophe"),
    (re.compile(r" [:;!?»%]"), "plain space before a double sign"),
    (re.compile(r"« "), "plain space after a guillemet"),
    (re.compile(r"\.\.\."), "three points"),
]
#: Official labels are written as the services write them.
OFFICIELS = {"Test d'existence de dossier"}


def _messages(fichier: Path) -> list[str]:
    """First argument of every error and every sentence built in a file."""
    trouves = []
    for noeud in ast.walk(ast.parse(fichier.read_text(encoding="utf-8"))):
        if not isinstance(noeud, ast.Call):
            continue
        nom = getattr(noeud.func, "id", getattr(noeud.func, "attr", ""))
        if nom in ("Indisponible", "Refuse", "Rejete", "SessionExpiree", "Invalide", "Annule",
                   "_Regle", "phrase", "append"):
            trouves += [str(c.value) for argument in noeud.args for c in ast.walk(argument)
                        if isinstance(c, ast.Constant) and isinstance(c.value, str)]
    return [m for m in trouves if m not in OFFICIELS]


def test_typography(racine: Path) -> None:
    messages = [(fichier.name, message) for fichier in (racine / "app/services").glob("*.py")
                for message in _messages(fichier)]
    assert len(messages) > 80
    for fichier, message in messages:
        for motif, faute in FAUTES:
            assert not motif.search(message), f"{fichier}: {faute}: {message!r}"


@pytest.mark.parametrize(("debut", "suite", "attendu"), [
    ("Le DMP refuse", "", "Le DMP refuse."), ("Le DMP refuse", "non.", "Le DMP refuse\u00a0: non."),
    ("Refus\u00a0: droits", "x", "Refus\u00a0: droits (x)."), ("Non", "sûr ?", "Non\u00a0: sûr ?")])
def test_sentences(debut: str, suite: str, attendu: str) -> None:
    assert phrase(debut, suite) == attendu


def test_every_service_has_a_name() -> None:
    assert {nom_service(s) for s in ("insi", "dmp", "psc", "proxy", "autre")} == {
        "Le téléservice INSi", "Le DMP", "Pro Santé Connect", "Le Proxy e-santé", "Le service"}
