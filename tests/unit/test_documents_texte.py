"""Cleaning of text, French dates, blocks from what people typed."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from app.documents.model import Fragment, Intertitre, Liste, Paragraphe, Tableau, texte_brut
from app.documents.texte import (
    blocs_depuis_markdown,
    blocs_depuis_texte,
    date_heure,
    date_longue,
    propre,
)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_clean_text_always_fits_in_xml(texte: str) -> None:
    element = etree.Element("a", b=propre(texte).replace("\n", " "))
    element.text = propre(texte)
    assert etree.fromstring(etree.tostring(element)).text in (propre(texte), None)


def test_clean_text_drops_what_hides_or_breaks() -> None:
    assert propre("a\u202eb\x00c\ufeff\r\nd\te\u0301") == "abc\nd é"


def test_dates() -> None:
    moment = datetime(2026, 3, 1, 9, 5, tzinfo=timezone(timedelta(hours=1)))
    assert date_longue(moment) == "1er\u00a0mars\u00a02026"
    assert date_heure(moment) == "01/03/2026 à\u00a009:05"


def test_plain_text_keeps_lines_and_lists() -> None:
    blocs = blocs_depuis_texte("Bonjour,\nmerci * de *\n\nSoins :\n- un\n- deux\nfin\n\n1. a\n2. b")
    assert blocs == (Paragraphe("Bonjour,\nmerci * de *"), Paragraphe("Soins :"),
                     Liste(("un", "deux")), Paragraphe("fin"), Liste(("a", "b"), True))


def test_empty_text_has_no_block() -> None:
    assert blocs_depuis_texte(" \n\n ") == ()


def test_markdown_of_the_editor() -> None:
    blocs = blocs_depuis_markdown(
        "# Titre *vif*\n\nUn **gras** et _penché_,\nsuite\\\nligne a_b_c 2\\*3\n\n- un\n  suite\n"
        "- **deux**\n\n| A | B |\n|---|---|\n| 1 | 2 |\n| 3 |")
    assert blocs[0] == Intertitre("Titre vif", 1)
    paragraphe = blocs[1]
    assert isinstance(paragraphe, Paragraphe)
    assert paragraphe.texte[1] == Fragment("gras", gras=True)
    assert paragraphe.texte[3] == Fragment("penché", italique=True)
    assert texte_brut(paragraphe.texte) == "Un gras et penché, suite\nligne a_b_c 2*3"
    assert blocs[2] == Liste(("un suite", (Fragment("deux", gras=True),)))
    assert blocs[3] == Tableau(("A", "B"), (("1", "2"), ("3", "")))


@pytest.mark.parametrize("lire", [blocs_depuis_texte, blocs_depuis_markdown])
@settings(max_examples=60, deadline=None)
@given(texte=st.text(st.sampled_from("ab*_#|-1. \n\\"), max_size=60))
def test_nothing_typed_breaks_it(lire: object, texte: str) -> None:
    assert isinstance(lire(texte), tuple)  # type: ignore[operator]
