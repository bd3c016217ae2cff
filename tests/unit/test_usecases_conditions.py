"""Terms of use and the notice on the DMP; the rule that ties accounts to identities."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.rattachement import Rattachement, national, rapprocher
from app.usecases import conditions
from app.usecases.conditions import Conditions
from tests.sauvegarde_outils import Cabinet, creer

RPPS = st.from_regex(r"8[0-9]{11}", fullmatch=True)


@pytest.fixture
def cabinet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cabinet]:
    cree = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    yield cree
    cree.ctx.fermer()


def test_the_terms_have_their_paragraph_on_psc() -> None:
    lues = conditions.conditions()
    psc = dict(lues.sections)["Pro Santé Connect"]
    for mot in ("carte CPS", "e-CPS", "eidas1", "identifiant national", "Se déconnecter"):
        assert mot in psc
    assert date.fromisoformat(lues.date)


def test_changed_terms_are_said_once(cabinet: Cabinet, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = cabinet.ctx
    assert not conditions.conditions_changees(ctx)  # the first opening says nothing
    assert not conditions.conditions_changees(ctx)
    monkeypatch.setattr(conditions, "conditions", lambda: Conditions("2.0", "2027-01-01", ()))
    assert conditions.conditions_changees(ctx)
    assert not conditions.conditions_changees(ctx)


def test_the_notice_comes_back(cabinet: Cabinet) -> None:
    ctx = cabinet.ctx
    jour = date(2026, 11, 29)
    assert conditions.avis_du(ctx, jour)
    conditions.avis_compris(ctx, jour)
    assert not conditions.avis_du(ctx, date(2027, 5, 27))
    assert conditions.avis_du(ctx, date(2027, 5, 28))
    assert conditions.avis_du(ctx, date(2026, 11, 1))  # a clock set back doesn't silence it


@given(RPPS, RPPS)
def test_an_account_that_names_somebody_is_never_tied_to_another(compte: str, sujet: str) -> None:
    attendu = Rattachement.RECONNU if compte == sujet else Rattachement.AUTRE
    assert rapprocher(compte, "", sujet) is attendu
    # A tie outranks the identifier.
    assert rapprocher(sujet, compte, sujet) is attendu


@given(st.sampled_from(["", "interne-0a1b2c3d4e5f", "0930000017", "line"]), RPPS)
def test_an_account_that_names_nobody_asks(compte: str, sujet: str) -> None:
    assert rapprocher(compte, "", sujet) is Rattachement.A_CONFIRMER
    assert rapprocher(compte, sujet, sujet) is Rattachement.RECONNU
    assert not national(compte) and national(sujet)
