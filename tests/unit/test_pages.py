"""The pages of the repository: no dead link, none that nothing leads to, no test that is gone."""

from pathlib import Path

import pytest

from tests import pages_outils as pages

TOUTES = [pages.RACINE / "README.md", *sorted((pages.RACINE / "docs").rglob("*.md")),
          *sorted((pages.RACINE / "packaging").rglob("*.md"))]


@pytest.mark.parametrize("page", TOUTES, ids=lambda p: p.relative_to(pages.RACINE).as_posix())
def test_links_lead_somewhere_and_tests_named_exist(page: Path) -> None:
    assert pages.liens_morts(page) == []
    assert pages.tests_absents(page) == []
    for table in pages.tables(page):
        assert {len(rangee) for rangee in table} == {len(table[0])}, table[0]


def test_every_page_is_reached_from_the_first_one() -> None:
    perdues = {p.resolve() for p in TOUTES} - pages.atteintes(pages.RACINE / "README.md")
    assert sorted(p.relative_to(pages.RACINE).as_posix() for p in perdues) == []


def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    """The control of the two others."""
    page = tmp_path / "a.md"
    page.write_text("# Un titre d’ici\n[x](absent.md) [y](#un-titre-dici) [z](#ailleurs) "
                    "[w](https://exemple.fr)\n`test_gone_forever`\n| a | b |\n|---|---|\n| 1 |\n",
                    encoding="utf-8")
    assert pages.liens_morts(page) == ["a.md : absent.md", "a.md : #ailleurs"]
    assert pages.tests_absents(page) == ["test_gone_forever"]
    assert pages.tables(page) == [[["a", "b"], ["1"]]]
    assert pages.atteintes(page) == {page.resolve()}


MENACES = [p for p in sorted((pages.SECURITE / "menaces").glob("*.md")) if p.name != "README.md"]


@pytest.mark.parametrize("page", MENACES, ids=lambda p: p.stem)
def test_each_threat_names_its_measure_and_its_proof(page: Path) -> None:
    """One page a boundary, STRIDE whole, nothing called done without a test that exists."""
    (lignes,) = pages.tables(page)
    assert {ligne[0] for ligne in lignes[1:]} == set("STRIDE")
    for genre, menace, mesure, etat in lignes[1:]:
        assert menace, genre
        assert mesure or "à la charge" in etat, menace
        assert etat.startswith(("fait", "partiel", "organisation", "**à faire", "connu",
                                "à la charge")), (menace, etat)
        assert not etat.startswith("fait") or "`test_" in etat, (menace, etat)


def test_every_boundary_is_in_the_table_of_the_model() -> None:
    modele = (pages.SECURITE / "menaces" / "README.md").read_text(encoding="utf-8")
    assert [p.name for p in MENACES if f"({p.name})" not in modele] == []
    assert len(MENACES) >= 12
