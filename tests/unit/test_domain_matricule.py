"""The matricule: key, form, nature (`spec/ins.md` §1.2, §1.3)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity import OID_NIA, OID_NIR, OID_NIR_DEMO, OID_NIR_TEST
from app.domain.matricule import alertes, cle, formater, nature, nettoyer, verifier

chiffres = st.text("0123456789", min_size=6, max_size=6)
departements = st.one_of(st.text("0123456789", min_size=2, max_size=2),
                         st.sampled_from(["2A", "2B"]))
matricules = st.builds(lambda debut, dep, fin: debut[:5] + dep + fin, chiffres, departements,
                       chiffres)


def test_keys_of_every_official_test_identity(shared: Path) -> None:
    vus = 0
    with (shared / "data" / "ins_test_identities.csv").open(encoding="utf-8") as flux:
        for ligne in csv.DictReader(flux):
            if not ligne["matricule13"]:
                continue
            vus += 1
            assert cle(ligne["matricule13"]) == ligne["cle_calculee"]
            valide = not verifier(ligne["matricule13"] + ligne["cle_publiee"])
            assert valide == (ligne["cle_valide"] == "oui")
    assert vus == 18


@given(matricules)
def test_a_matricule_with_its_key_is_valid(matricule: str) -> None:
    entier = matricule + cle(matricule)
    assert len(entier) == 15
    assert verifier(entier) == []
    assert verifier(formater(entier)) == []
    assert nettoyer(formater(entier)) == entier


@given(matricules, st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(matricule: str, place: int, ecart: int) -> None:
    if not matricule[place].isdigit() or not matricule[5:7].isdigit():
        return
    faux = (matricule[:place] + str((int(matricule[place]) + ecart) % 10) + matricule[place + 1:])
    assert verifier(faux + cle(matricule))


def test_corsica_counts_as_19_and_18() -> None:
    assert cle("297022A020778") == "78"
    assert cle("160012B020777") == "13"


@pytest.mark.parametrize("faux", ["", "123", "2751263220749", "27512632207497X", "2751A6322074974",
                                  "275121A22074974", "٢٧٥١٢٦٣٢٢٠٧٤٩٧٤"])
def test_wrong_forms_are_refused_with_a_reason(faux: str) -> None:
    assert verifier(faux)


@pytest.mark.parametrize("faux", ["", "275126322074", "27512632207499", "2751A63220749"])
def test_no_key_for_what_is_no_matricule(faux: str) -> None:
    with pytest.raises(ValueError, match="13"):
        cle(faux)


def test_unusual_months_are_a_remark_only() -> None:
    bizarre = "2751563220749"
    assert verifier(bizarre + cle(bizarre)) == []
    assert alertes(bizarre + cle(bizarre))
    assert alertes("275126322074974") == []


def test_nature_comes_from_the_oid_only() -> None:
    assert [nature(o) for o in (OID_NIR, OID_NIA, OID_NIR_TEST, OID_NIR_DEMO)] == [
        "NIR", "NIA", "TEST", "DEMO"]
    assert nature("1.2.250.1.213.1.4.13") == ""


def test_display_form() -> None:
    assert formater("275126322074974").replace("\u00a0", " ") == "2 75 12 63 220 749 74"
    assert formater("") == ""
