"""docs/securite/tests.md says what the tests do."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def attaques(racine: Path) -> ModuleType:
    fiche = importlib.util.spec_from_file_location("attaques", racine / "packaging/attaques.py")
    assert fiche is not None and fiche.loader is not None
    module = importlib.util.module_from_spec(fiche)
    import sys

    sys.modules["attaques"] = module
    fiche.loader.exec_module(module)
    return module


def test_the_page_is_the_one_of_these_tests(attaques: ModuleType) -> None:
    """Stale? `python packaging/attaques.py` writes it again, `make attaques` plays the tests."""
    page = attaques.PAGE.read_text(encoding="utf-8")
    assert page == attaques.rendre(attaques.collecter(), attaques.resultats_de_la_page(page),
                                   attaques.date_de_la_page(page))


def test_every_attack_has_its_boundary_and_its_own_title(attaques: ModuleType) -> None:
    connues = attaques.collecter()
    assert len(connues) > 50
    titres = [a.titre for a in connues]
    assert sorted({t for t in titres if titres.count(t) > 1}) == []
    assert [a.cle for a in connues if a.frontiere == attaques.AUTRES] == []


def test_results_of_a_run_reach_the_page(attaques: ModuleType, tmp_path: Path) -> None:
    """A parametrised test holds when each of its cases holds."""
    a = attaques.Attaque("Titre", "Essayer ceci.", "INSi refuse", "tests/unit/test_proxy_x.py",
                         "test_a")
    fichier = tmp_path / "resultats"
    fichier.write_text("\n".join(json.dumps({"test": f"{a.cle}[{n}]", "resultat": r})
                                 for n, r in enumerate(("passed", "failed", "passed"))))
    page = attaques.rendre([a], attaques.lire_resultats(fichier), "01/12/2026")
    assert "**ÉCHEC**" in page and "- Tenté : essayer ceci." in page
    assert "- Constaté : INSi refuse." in page and "1 essais, 0 réussis" in page
    assert attaques.resultats_de_la_page(page) == {a.cle: "failed"}
    assert attaques.date_de_la_page(page) == "01/12/2026"


def test_a_marker_without_its_sentences_is_told(attaques: ModuleType, tmp_path: Path) -> None:
    dossier = tmp_path / "tests"
    dossier.mkdir()
    (dossier / "test_x.py").write_text("@pytest.mark.attaque('Titre', tente=TENTE)\n"
                                       "def test_a(): ...\n")
    with pytest.raises(ValueError, match="test_a"):
        attaques.collecter(tmp_path)
