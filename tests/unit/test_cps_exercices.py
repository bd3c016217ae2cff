"""Situations d'exercice of a CPS: what the card may hold, and what it may not do to us."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.devices.cps_exercices import LIBELLE, ExerciceCarte, lire_exercice
from tests.carte_cps import exercice

CENTRE = ExerciceCarte("1630009999", "CENTRE DE SANTÉ", "SA05")


def test_the_container_and_its_three_fields() -> None:
    assert lire_exercice(exercice("SA05", "1630009999", "CENTRE DE SANTÉ")) == CENTRE


def test_the_container_may_lie_in_another() -> None:
    lu = exercice("SA05", "1630009999", "CENTRE DE SANTÉ")
    assert lire_exercice(bytes([0x30, len(lu)]) + lu) == CENTRE


def test_utf8_too() -> None:
    valeur = exercice("SA05", "1630009999", "CENTRE DE SANTÉ").replace(
        "É".encode("latin-1"), b"E")
    assert lire_exercice(valeur) == ExerciceCarte("1630009999", "CENTRE DE SANTE", "SA05")
    utf8 = "CENTRE DE SANTÉ".encode()
    corps = bytes([0x84, len(utf8)]) + utf8 + b"\x85\x0a1630009999\x86\x04SA05"
    assert lire_exercice(bytes([0xEE, len(corps)]) + corps) == CENTRE


@pytest.mark.parametrize("valeur", [b"", b"\0" * 20, b"\xee\x80", b"\xee\x05\x85\x09abc",
                                    b"\xee\x02\x85\x00", exercice("SA05", "", "SANS STRUCTURE"),
                                    exercice("SA05", "1", "X")[:-3], b"\xee\x7f" * 3000])
def test_what_names_no_structure_is_left_out(valeur: bytes) -> None:
    assert lire_exercice(valeur) is None


@given(st.binary(max_size=300))
def test_nothing_else_than_a_value_or_none(valeur: bytes) -> None:
    lu = lire_exercice(valeur)
    assert lu is None or (lu.structure and all(
        c.isprintable() for c in lu.structure + lu.raison_sociale + lu.secteur))


def test_sixteen_labels() -> None:
    assert [n for n in range(0, 99) if LIBELLE.fullmatch(f"CPS_ACTIVITY_{n:02d}_PS")] \
        == list(range(1, 17))
