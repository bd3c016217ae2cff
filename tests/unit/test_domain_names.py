"""Names: what INSi accepts comes out, whatever goes in (`spec/ins.md` §1.4)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import (
    candidats_prenom,
    cle_comparaison,
    cle_recherche,
    est_nom_valide,
    normaliser_nom,
    premier_prenom_coherent,
)


@pytest.mark.parametrize(("saisi", "attendu"), [
    ("Dupont", "DUPONT"),
    ("  dupont   martin ", "DUPONT MARTIN"),
    ("D’ÆION", "D'AEION"),
    ("CŒUR", "COEUR"),
    ("Ñandú-Çelik", "NANDU-CELIK"),
    ("Łódź Øre Ðorđe Þór Straße", "LODZ ORE DORDE THOR STRASSE"),
    ("LE--GALL", "LE--GALL"),
    ("LE---GALL", "LE--GALL"),
    ("Le – Gall", "LE-GALL"),
    ("d’ Artagnan de l’Hérault", "D'ARTAGNAN DE L'HERAULT"),
    ("-DUPONT-", "DUPONT"),
    ("Jean\u00a0Paul", "JEAN PAUL"),
    ("ﬁlipe", "FILIPE"),
])
def test_a_typed_name_takes_the_form_of_insi(saisi: str, attendu: str) -> None:
    assert normaliser_nom(saisi)[0] == attendu


@pytest.mark.parametrize("saisi", ["Dupont", "éloïse", "D'ALEMBERT", "LE--GALL", "Marie-Louise"])
def test_capitals_and_accents_need_no_warning(saisi: str) -> None:
    assert normaliser_nom(saisi)[1] == []


@pytest.mark.parametrize("saisi", ["J3AN", "M. DUPONT", "CŒUR", "", "Иван", "A, B", "A - B"])
def test_every_other_change_is_said(saisi: str) -> None:
    assert normaliser_nom(saisi)[1]


def test_a_name_of_54_letters_is_kept_whole() -> None:
    nom = "A" * 54
    assert normaliser_nom(nom) == (nom, [])


@given(st.text(max_size=150))
def test_what_comes_out_may_be_sent_or_is_empty(texte: str) -> None:
    nom, avertissements = normaliser_nom(texte)
    assert nom == "" or est_nom_valide(nom)
    assert nom or avertissements
    if nom:
        assert normaliser_nom(nom) == (nom, [])


@given(st.text(max_size=80))
def test_a_search_key_is_stable_and_has_single_spaces(texte: str) -> None:
    cle = cle_recherche(texte)
    assert cle_recherche(cle) == cle
    assert "  " not in cle and cle == cle.strip()


@pytest.mark.parametrize("saisi", ["D-UPONT", "DÛPONT", "D'UPONT", "d--upont", "D’Upont"])
def test_the_comparison_ignores_what_rule_17_says(saisi: str) -> None:
    assert cle_comparaison(saisi) == "DUPONT"


def test_search_keys() -> None:
    assert cle_recherche("Cœur d’Æion-Straße") == "COEUR D AEION STRASSE"


def test_the_first_given_name_stands_at_the_head_of_the_list() -> None:
    assert premier_prenom_coherent("MARIE", "MARIE LOUISE")
    assert premier_prenom_coherent("MARIE LOUISE", "MARIE LOUISE")
    assert not premier_prenom_coherent("MARIE", "MARIE-LOUISE")
    assert not premier_prenom_coherent("", "MARIE")


@pytest.mark.parametrize(("premier", "prenoms", "attendus"), [
    ("OLA", "OLA CATARINA BELLA", ["OLA", "CATARINA", "BELLA", "OLA CATARINA BELLA"]),
    ("PIERRE", "PIERRE PAUL JACQUES", ["PIERRE", "PAUL", "JACQUES", "PIERRE PAUL JACQUES"]),
    ("ZOE", "", ["ZOE"]),
    ("ZOE", "ZOE", ["ZOE"]),
])
def test_given_names_are_tried_in_the_order_of_the_test_book(
        premier: str, prenoms: str, attendus: list[str]) -> None:
    assert candidats_prenom(premier, prenoms) == attendus


def test_every_official_test_name_is_already_in_form(shared: Path) -> None:
    with (shared / "data" / "ins_test_identities.csv").open(encoding="utf-8") as flux:
        for ligne in csv.DictReader(flux):
            for nom in (ligne["nom_naissance"], ligne["premier_prenom"],
                        ligne["liste_prenoms_insi"]):
                assert not nom or normaliser_nom(nom) == (nom, [])
            saisis = ligne["prenoms_saisis"]
            if "/" in saisis:  # the person whose name is typed with ligatures
                prenom, nom = saisis.split(" / ")
                assert normaliser_nom(nom)[0] == ligne["nom_naissance"]
                assert normaliser_nom(prenom)[0] == ligne["premier_prenom"]
