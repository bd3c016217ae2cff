"""Birthplaces: found by what people type, at the date of birth (`spec/ins.md` §1.7)."""

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cog import Evenements, Lieu, TypeLieu, cle_lieu, sont_equivalents
from app.usecases import places


def premier(texte: str, le: str | None = None) -> Lieu:
    return places.chercher(texte, le)[0]


@pytest.mark.parametrize(("texte", "cog"), [
    ("Mazoires", "63220"), ("mazoi", "63220"), ("St-Étienne", "42218"), ("st etienne", "42218"),
    ("SAINT ETIENNE", "42218"), ("Le Havre", "76351"), ("havre", "76351"), ("Paris", "75056"),
    ("paris 15", "75115"), ("Paris 15ème", "75115"), ("PARIS 15E ARRONDISSEMENT", "75115"),
    ("paris 05", "75105"), ("Lyon 3", "69383"), ("marseille 1er", "13201"),
    ("Ste-Menehould", "51507"), ("Sts Geosmes", "52449"), ("Châlons-sur-Marne", "51108"),
    ("Saint-Denis 93", "93066"), ("saint denis 974", "97411"), ("Montreuil-sous-Bois", "93048"),
    ("Montreuil sur Rien", "28267"),
    ("MARSEILE", "13055"), ("Y", "80829"), ("dompremy", "51215"), ("63220", "63220"),
    ("2a004", "2A004"), ("20004", "20004"), ("algérie", "99352"), ("Angleterre", "99132"),
    ("URSS", "99123"), ("Tchécoslovaquie", "99115"), ("RDA", "99141"), ("hollande", "99135"),
    ("Papeete", "98735"), ("papeete polynesie", "98735"), ("Nouméa", "98818"),
    ("l'abergement de varey", "01002"), ("OEuilly", "02565"), ("Œuilly", "02565"),
])
def test_found_by_what_people_type(texte: str, cog: str) -> None:
    assert premier(texte).cog == cog


@pytest.mark.parametrize(("texte", "le", "cog", "libelle"), [
    ("Argenteuil", "1960-05-05", "78018", "Argenteuil"),
    ("Argenteuil", "1968-01-01", "95018", "Argenteuil"),
    ("Argenteuil", "1967-12-31", "78018", "Argenteuil"),
    ("Ajaccio", "1960-01-01", "20004", "Ajaccio"),
    ("Ajaccio", "1976-01-01", "2A004", "Ajaccio"),
    ("Annecy-le-Vieux", "1970-01-01", "74011", "Annecy-le-Vieux"),
    ("Annecy-le-Vieux", "2020-01-01", "74010", "Annecy"),
    ("Évry-Courcouronnes", "1980-01-01", "91228", "Évry"),
    ("Châlons-en-Champagne", "1980-01-01", "51108", "Châlons-sur-Marne"),
    ("Saint-Barthélemy 971", "2000-01-01", "97123", "Saint-Barthélemy"),
    ("mazoires", "1936-06-21", "63220", "Mazoires"),
    ("Portugal", "1942-19-01", "99139", "Portugal"),
])
def test_at_the_date_of_birth(texte: str, le: str, cog: str, libelle: str) -> None:
    lieu = premier(texte, le)
    assert (lieu.cog, lieu.libelle) == (cog, libelle)
    assert lieu.valide_le(le)


def test_successors() -> None:
    assert premier("Annecy-le-Vieux").successeurs == ("74010",)
    assert premier("Freigné").successeurs == ("44180",)  # two steps on the same day
    assert premier("Argenteuil", "1960-01-01").successeurs == ("95018",)
    assert premier("Annecy").successeurs == ()


def test_where_and_until_when() -> None:
    assert premier("Argenteuil", "1960-01-01").precision == (
        "Seine-et-Oise (78), jusqu’au 31/12/1967, aujourd’hui Argenteuil (95018)")
    assert premier("mazoires").precision == "Puy-de-Dôme (63)"
    assert premier("Papeete").precision == "Polynésie française"


@pytest.mark.parametrize(("a", "b"), [
    ("20004", "2A004"), ("78018", "95018"), ("74011", "74010"), ("49144", "44180"),
    ("75115", "75056"), ("99115", "99116"), ("99141", "99109"), ("97123", "97701"),
])
def test_codes_linked_by_events_are_equivalent(a: str, b: str) -> None:
    assert b in places.equivalents(a) and a in places.equivalents(b)


@pytest.mark.parametrize(("a", "b"), [
    ("74011", "74093"),  # both merged into Annecy: two places all the same
    ("75115", "75116"), ("63220", "63113"), ("99116", "99117"), ("99101", "99102"),
    ("99999", "63220"), ("85756", "85191"),
])
def test_other_codes_are_not(a: str, b: str) -> None:
    assert b not in places.equivalents(a)
    assert not sont_equivalents(a, b, places.equivalents)
    assert sont_equivalents(a, a, places.equivalents)


def test_the_unknown_place_is_given_only_to_who_asks() -> None:
    assert places.chercher("inconnu") == [places.lieu("99999")]
    assert places.chercher("99999")[0].type is TypeLieu.INCONNU
    for texte in ("i", "in", "inconn", "9", "99", "999", "x", "lieu"):
        assert all(x.cog != "99999" for x in places.chercher(texte))


def test_codes_of_insi_that_we_do_not_know() -> None:
    assert places.lieu("85756") is None and places.chercher("85756") == []
    assert places.libelle_complet("85756") == "85756 (code absent du référentiel)"
    assert places.libelle_complet("63220") == "63220 Mazoires"
    assert places.libelle_complet("99999") == "99999 Inconnu"
    assert places.libelle_complet("") == ""


def test_every_present_and_past_name_is_found(shared: Path) -> None:
    with (shared / "data/cog/communes_depuis_1943_derive.csv").open(encoding="utf-8") as flux:
        lignes = [r for r in csv.DictReader(flux) if r["DATE_FIN"] != r["DATE_DEBUT"]]
    for r in lignes[::97]:
        assert any(x.cog == r["COM"] for x in places.chercher(r["LIBELLE"], limite=60)), r
        lieu = places.lieu(r["COM"], r["DATE_DEBUT"])
        assert lieu is not None and lieu.libelle == r["LIBELLE"]


def test_places_of_every_official_test_identity(shared: Path) -> None:
    with (shared / "data/ins_test_identities.csv").open(encoding="utf-8") as flux:
        for r in csv.DictReader(flux):
            lieu = places.lieu(r["cog"], r["date_naissance"]) if r["cog"] else None
            # Two official codes name no commune: they must be accepted all the same.
            assert (lieu is None) == (r["cog"] in ("", "85756", "2A020")), r


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.one_of(st.none(), st.dates().map(str)))
def test_any_text_gives_places_or_nothing(texte: str, le: str | None) -> None:
    lieux = places.chercher(texte, le)
    assert len(lieux) <= 20
    assert len({(x.cog, x.libelle, x.du) for x in lieux}) == len(lieux)


def test_the_reference_says_its_source() -> None:
    assert "Insee" in places.reference() and "2026" in places.reference()


@pytest.mark.parametrize(("texte", "cle"), [
    ("St-Étienne-du-Bois", "SAINT ETIENNE DU BOIS"), ("Paris 05ème", "PARIS 5E"),
    ("Paris 1ère", "PARIS 1ER"), ("Lyon 2nd", "LYON 2E"), ("", ""), ("stade", "STADE"),
])
def test_search_keys(texte: str, cle: str) -> None:
    assert cle_lieu(texte) == cle


codes = st.sampled_from("ABCDEF")
liens = st.lists(st.tuples(codes, codes, st.sampled_from(["1950", "1960", "1970"])), max_size=15)


@given(liens)
def test_equivalence_is_symmetric_and_ends_whatever_the_events(
        evenements: list[tuple[str, str, str]]) -> None:
    graphe = Evenements(evenements)
    for a in "ABCDEF":
        for b in graphe.equivalents(a):
            assert a in graphe.equivalents(b) and a != b


def test_events_are_followed_in_the_order_of_time() -> None:
    graphe = Evenements([("A", "B", "1990"), ("B", "C", "1960")])
    assert graphe.successeurs("A") == {"B"}  # B of 1990 is not the B that became C in 1960
    graphe = Evenements([("A", "B", "1960"), ("B", "C", "1960"), ("C", "D", "1970")])
    assert graphe.successeurs("A") == {"B", "C", "D"}
    assert graphe.successeurs("A", "1965") == set()


def test_an_old_place_says_what_it_became() -> None:
    (ancienne,) = [x for x in places.chercher("annecy le vieux") if x.cog == "74011"]
    assert ancienne.precision == ("Haute-Savoie (74), jusqu’au 31/12/2016, "
                                  "aujourd’hui Annecy (74010)")
    assert "aujourd’hui" not in places.chercher("mazoires")[0].precision
