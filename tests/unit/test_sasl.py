"""SASL of the mail: the exact bytes of `spec/mssante.md` §2.1, and what must not pass."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.errors import Invalide
from app.services.sasl import OAUTHBEARER, XOAUTH2, choisir, preparer, statut_refus

BAL, JETON = "claire.moreau@bac.mssante.fr", "eyJh.eyJz.c2ln"


def test_xoauth2() -> None:
    sasl = preparer(XOAUTH2, BAL, JETON)
    assert sasl.initiale == b"user=" + BAL.encode() + b"\x01auth=Bearer " + JETON.encode() \
        + b"\x01\x01"
    # Client IMAP without SASL-IR: "+" -> the bytes; after a failure: an empty line.
    repondre = sasl.repondeur()
    assert [repondre(b""), repondre(b'{"status":"401"}'), repondre(b"")] == [
        sasl.initiale, b"", b""]


def test_oauthbearer() -> None:
    sasl = preparer(OAUTHBEARER, BAL, JETON, "mail.bac.mssante.fr", 143)
    assert sasl.initiale == (f"n,a={BAL},\x01host=mail.bac.mssante.fr\x01port=143\x01"
                             f"auth=Bearer {JETON}\x01\x01").encode()
    assert base64.b64encode(sasl.apres_echec) == b"AQ=="
    assert preparer(OAUTHBEARER, "a,b=c@d.fr", JETON).initiale.startswith(
        b"n,a=a=2Cb=3Dc@d.fr,\x01")


def test_the_token_is_in_no_representation() -> None:
    for mecanisme in (XOAUTH2, OAUTHBEARER):
        assert JETON not in repr(preparer(mecanisme, BAL, JETON))


@pytest.mark.parametrize(("bal", "jeton"), [
    ("", JETON), (BAL, ""), ("a@b\x01auth=Bearer volé", JETON), ("a@b\r\nA1 LOGOUT", JETON),
    (BAL, "jeton\x01\x01"), ("a b@c", JETON), ("é@c.fr", JETON), (BAL, "jeton\n")])
def test_what_would_break_out_of_its_field_is_refused(bal: str, jeton: str) -> None:
    for mecanisme in (XOAUTH2, OAUTHBEARER):
        with pytest.raises(Invalide):
            preparer(mecanisme, bal, jeton)
    with pytest.raises(Invalide):
        preparer(OAUTHBEARER, BAL, JETON, "h\x01auth=x")


@given(st.text(), st.text())
def test_three_separators_whatever_is_given(bal: str, jeton: str) -> None:
    try:
        sasl = preparer(XOAUTH2, bal, jeton)
    except Invalide:
        return
    assert sasl.initiale.count(b"\x01") == 3 and sasl.initiale.endswith(b"\x01\x01")


def test_the_rule_before_the_fallback() -> None:
    assert choisir(("IMAP4rev1", "AUTH=PLAIN", "AUTH=OAUTHBEARER", "AUTH=XOAUTH2")) == XOAUTH2
    assert choisir(("oauthbearer",)) == OAUTHBEARER
    for autres in ((), ("AUTH=PLAIN", "LOGIN")):
        with pytest.raises(Invalide, match="Pro Santé"):
            choisir(autres)
    with pytest.raises(Invalide):
        preparer("PLAIN", BAL, JETON)


@pytest.mark.parametrize(("defi", "statut"), [
    (b'{"status":"401","schemes":"bearer"}', "401"), (b'{"status":"invalid_token"}',
                                                      "invalid_token"),
    (b"", ""), (b"\xff\xfe", ""), (b"[1]", ""), (b'{"status":4}', ""),
    (b'{"status":"a\\u0001b"}', "")])
def test_the_status_of_a_refusal(defi: bytes, statut: str) -> None:
    assert statut_refus(defi) == statut
