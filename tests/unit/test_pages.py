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
