"""Birth dates: typed, lunar, unknown (`spec/ins.md` §1.5)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import dates

AUJOURDHUI = date(2026, 11, 21)
jours = st.dates(date(1850, 1, 1), date(2099, 12, 31))
nes = st.dates(date(1900, 1, 1), AUJOURDHUI)


@pytest.mark.parametrize(("saisi", "attendu"), [
    ("311275", "1975-12-31"), ("31121975", "1975-12-31"), ("31/12/1975", "1975-12-31"),
    ("31-12-75", "1975-12-31"), (" 1/2/1975 ", "1975-02-01"), ("1975-12-31", "1975-12-31"),
    ("31 12 1975", "1975-12-31"), ("010126", "2026-01-01"), ("221126", "1926-11-22"),
    ("290224", "2024-02-29"), ("290225", None), ("320175", None), ("000075", None), ("", None),
    ("1975", None), ("abc", None), ("31/13/1975", None), ("1800-01-01", None),
    ("٣١١٢٧٥", None),
])
def test_typed_dates(saisi: str, attendu: str | None) -> None:
    assert dates.lire_date_saisie(saisi, AUJOURDHUI) == attendu


@given(jours)
def test_every_typed_form_gives_the_same_day(jour: date) -> None:
    for forme in ("%d%m%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"):
        assert dates.lire_date_saisie(jour.strftime(forme)) == jour.isoformat()
    assert dates.lire_date_saisie(dates.formater(jour.isoformat())) == jour.isoformat()
    assert dates.est_calendaire(jour.isoformat())
    assert dates.depuis_carte(jour.strftime("%Y%m%d")) == jour.isoformat()


@given(nes)
def test_two_digit_years_lie_in_the_last_hundred(jour: date) -> None:
    lu = dates.lire_date_saisie(jour.strftime("%d%m%y"), AUJOURDHUI)
    if lu is not None:  # 29/02/00 of 1900 does not exist, that of 2000 does
        assert date.fromisoformat(lu) <= AUJOURDHUI
        assert lu[2:] == jour.isoformat()[2:]


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_nothing(texte: str) -> None:
    lu = dates.lire_date_saisie(texte, AUJOURDHUI)
    assert lu is None or dates.est_calendaire(lu)
    dates.formater(texte)
    dates.depuis_carte(texte)
    assert isinstance(dates.age(texte, AUJOURDHUI), str)


@pytest.mark.parametrize(("iso", "montre"), [
    ("1975-12-31", "31/12/1975"), ("1942-19-01", "01/19/1942"), ("1950-00-00", "00/00/1950"),
    ("", ""), ("n’importe", "n’importe"), ("2026-11-21T08:00:00+01:00", "21/11/2026"),
])
def test_display_keeps_what_was_received(iso: str, montre: str) -> None:
    assert dates.formater(iso) == montre


def test_lunar_and_unknown_parts() -> None:
    assert dates.depuis_carte("19421901") == "1942-19-01"
    assert not dates.est_calendaire("1942-19-01")
    assert not dates.a_partie_inconnue("1942-19-01")
    assert dates.a_partie_inconnue("1950-00-12") and dates.a_partie_inconnue("1950-12-00")
    assert not dates.est_calendaire("1950-02-30")


@pytest.mark.parametrize(("iso", "attendu"), [
    ("1975-12-31", "50 ans"), ("1975-11-21", "51 ans"), ("1975-11-22", "50 ans"),
    ("2026-04-21", "7 mois"), ("2024-11-22", "23 mois"), ("2024-11-21", "2 ans"),
    ("2026-11-01", "20 jours"), ("2026-11-20", "1 jour"), ("2026-11-21", "0 jour"),
    ("2026-11-22", ""), ("1942-19-01", "environ 84 ans"), ("", ""), ("0000-00-00", ""),
])
def test_age(iso: str, attendu: str) -> None:
    assert dates.age(iso, AUJOURDHUI).replace("\u00a0", " ") == attendu


@given(nes, st.integers(1, 400))
def test_age_never_shrinks(ne: date, plus: int) -> None:
    def ans(au: date) -> int:
        texte = dates.age(ne.isoformat(), au)
        nombre = int(texte.split("\u00a0")[0])
        return nombre * {"a": 365, "m": 30, "j": 1}[texte.split("\u00a0")[1][0]]
    assert ans(AUJOURDHUI) <= ans(AUJOURDHUI + timedelta(days=plus))


def test_default_parts_of_the_rniv() -> None:
    assert dates.completer(1970) == "1970-12-31"
    assert dates.completer(1970, mois=5) == "1970-05-01"
    assert dates.completer(1970, jour=9) == "1970-01-09"
    with pytest.raises(ValueError, match="existe pas"):
        dates.completer(1970, 2, 30)
