"""The tables of resources/documents agree with themselves and with the rules of the trade."""

import pytest

from app.documents.ressources import source
from app.documents.types import (
    PROFESSIONS,
    classe_du_type,
    code_type,
    format_modele,
    format_par_template,
    jeu,
    profession,
    sigle,
    type_document,
    types_documents,
    types_pour,
)
from app.domain.people import Professionnel


def test_every_kind_is_complete() -> None:
    cles = [t.cle for t in types_documents()]
    assert len(set(cles)) == len(cles) >= 50
    for t in types_documents():
        assert t.libelle and t.classe and t.format_code
        assert 0 < len(t.titre) <= 128
        assert set(t.professions) <= set(PROFESSIONS)


@pytest.mark.parametrize("nom", ["codes", "nomenclatures", "types", "formats"])
def test_every_table_names_its_source(nom: str) -> None:
    assert len(source(f"documents/{nom}.csv")) > 20


@pytest.mark.parametrize("code, classe", [
    ("11506-3", "10"), ("34133-9", "11"), ("87273-9", "52"), ("57833-6", "42"), ("CERT_DECL", "52"),
    ("18776-5", "44"), ("80565-5", "45")])
def test_classes(code: str, classe: str) -> None:
    valeur = classe_du_type(code)
    assert valeur is not None and valeur.code == classe


def test_newest_codes_are_known() -> None:
    bsi = code_type("96163-1")
    assert bsi is not None and bsi.libelle == "Bilan de soins infirmiers"
    assert code_type("inconnu") is None and classe_du_type("inconnu") is None


def test_formats() -> None:
    assert type_document("note-vaccination").format == "VAC-NOTE 2023.01"
    assert type_document("courrier").format == "N1"
    assert format_modele("N1").code.code == "urn:ihe:iti:xds-sd:pdf:2008"
    vac = format_par_template("1.2.250.1.213.1.1.1.46")
    assert vac is not None and vac.code.code == "urn:asip:ci-sis:vac-note:2021"
    assert format_par_template("1.3.6.1.4.1.19376.1.2.20") is None


def test_professions() -> None:
    ipa = Professionnel("8", "A", "B", "60", "SI03")
    assert sigle(ipa) == "IPA" and profession(ipa).code == "G15_60/SI03"
    assert sigle(Professionnel("8", "A", "B", "10")) == ""
    assert "note-vaccination" in [t.cle for t in types_pour(ipa)]
    assert "note-vaccination" not in [
        t.cle for t in types_pour(Professionnel("8", "A", "B", "91"))]
    with pytest.raises(KeyError):
        profession(Professionnel("8", "A", "B", "999"))


def test_value_sets() -> None:
    assert jeu("secteur")["SA07"].libelle == "Cabinet individuel"
    assert jeu("cadre")["SAD"].libelle == "Soins à domicile"
    assert jeu("site_vaccination")["16217701000119102"].libelle == "deltoïde gauche"
