"""Comparison INSi ↔ local: what is equal, what differs, what may be automatic."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.comparison import (
    Comparaison,
    EtatComparaison,
    Gravite,
    comparer,
    comparer_identites,
)
from app.domain.identity import OID_NIA, OID_NIR, Identite, MatriculeHistorique, Traits

LOCAL = Identite(Traits("TCHITCHI", "OLA", "1936-06-21", "F", "99999",
                        prenoms="OLA CATARINA BELLA"))
INSI = Identite(Traits("TCHITCHI", "", "1936-06-21", "F", "63220", prenoms="CATARINA BELLA"),
                matricule_ins="236066322083656", oid=OID_NIR)


def ligne(comparaison: Comparaison, trait: str) -> tuple[EtatComparaison, Gravite]:
    return next((x.etat, x.gravite) for x in comparaison.lignes if x.trait == trait)


def avec(identite: Identite, **traits: str) -> Identite:
    return replace(identite, traits=replace(identite.traits, **traits))


def test_the_screen_of_the_mock() -> None:
    lu = comparer(LOCAL, INSI)
    assert [x.etat for x in lu.lignes] == ["identique", "different", "different", "identique",
                                           "identique", "different", "ajoute"]
    assert not lu.tout_egal and not lu.refus
    assert lu.lignes[1].insi == "CATARINA"
    assert lu.lignes[3].insi_affiche == "21/06/1936"
    assert lu.lignes[6].insi_affiche.endswith("(NIR)")
    assert any("OLA n’est pas en tête" in alerte for alerte in lu.alertes)


def test_all_equal_is_automatic_whatever_the_birthplace_and_the_list() -> None:
    local = avec(LOCAL, premier_prenom="CATARINA", prenoms="CATARINA MARIE")
    lu = comparer(local, INSI)
    assert lu.tout_egal and lu.alertes == ()
    assert ligne(lu, "lieu_naissance") == ("different", "information")
    assert ligne(lu, "prenoms") == ("different", "information")
    assert comparer(avec(local, prenoms=""), INSI).tout_egal


@pytest.mark.parametrize("trait", ["nom_naissance", "premier_prenom", "date_naissance", "sexe"])
def test_any_other_difference_needs_a_person(trait: str) -> None:
    local = avec(LOCAL, premier_prenom="CATARINA")
    lu = comparer(avec(local, **{trait: "X"}), INSI)
    assert not lu.tout_egal
    assert ligne(lu, trait) == ("different", "bloquante")


def test_typed_forms_are_compared_as_insi_writes_them() -> None:
    lu = comparer(avec(LOCAL, nom_naissance="Tchîtchi", premier_prenom="Catarina"), INSI)
    assert ligne(lu, "nom_naissance")[0] == "identique"
    assert ligne(lu, "premier_prenom")[0] == "identique"


def test_another_matricule_or_billing_number_is_never_silent() -> None:
    local = replace(avec(LOCAL, premier_prenom="CATARINA"), matricule_ins="275126322074974",
                    oid=OID_NIR)
    assert not comparer(local, INSI).tout_egal
    nouveau = replace(INSI, historique=(MatriculeHistorique("275126322074974", OID_NIA),))
    assert ligne(comparer(local, nouveau), "matricule_ins") == ("different", "information")
    lu = comparer(avec(LOCAL, premier_prenom="CATARINA"), INSI, numero_secu="275126322074974")
    assert not lu.tout_egal
    assert comparer(avec(LOCAL, premier_prenom="CATARINA"), INSI,
                    numero_secu="236066322083656").tout_egal


def test_lunar_dates_and_wrong_keys_are_told() -> None:
    lunaire = avec(INSI, date_naissance="1936-19-21")
    lu = comparer(avec(LOCAL, premier_prenom="CATARINA", date_naissance="1936-19-21"), lunaire)
    assert not lu.tout_egal and not lu.refus
    assert any("21/19/1936" in alerte for alerte in lu.alertes)
    lu = comparer(LOCAL, replace(INSI, matricule_ins="236066322083699"))
    assert any("clé" in alerte for alerte in lu.alertes)


def test_rules_11_and_12_show_their_reason() -> None:
    for trait, valeur in (("date_naissance", "1936-00-21"), ("prenoms", ""), ("sexe", "")):
        lu = comparer(avec(LOCAL, premier_prenom="CATARINA"), avec(INSI, **{trait: valeur}))
        assert lu.refus and not lu.tout_egal


def test_two_identities_of_any_origin() -> None:
    a = Identite(Traits("PAT-TROIS", "DOMINIQUE", "1979-03-28", "F", "20004", prenoms="DOMINIQUE"))
    b = avec(a, prenoms="DOMINIQUE MARIE-LOUISE", lieu_naissance="2A004")
    lies = {"20004": {"2A004"}, "2A004": {"20004"}}
    lu = comparer_identites(a, b, lambda code: lies.get(code, set()))
    assert lu.tout_egal
    assert {x.trait for x in lu.lignes if x.gravite == "information"} == {"prenoms",
                                                                        "lieu_naissance"}
    assert not comparer_identites(a, b).tout_egal
    assert not comparer_identites(a, avec(a, prenoms="CLAUDE"), lambda c: ()).tout_egal
    assert not comparer_identites(replace(a, matricule_ins="1" * 15, oid=OID_NIR),
                                  replace(a, matricule_ins="1" * 15, oid=OID_NIA)).tout_egal


def test_display_of_places() -> None:
    lu = comparer(LOCAL, INSI, libelle_lieu=lambda code: f"{code} Mazoires")
    assert lu.lignes[5].insi_affiche == "63220 Mazoires"


_NOMS = st.from_regex(r"[A-Z]{2,8}(?:[- '][A-Z]{2,8})?", fullmatch=True)
_IDENTITES = st.builds(
    lambda nom, prenom, autres, annee, sexe, cog, numero: Identite(Traits(
        nom, prenom, f"{annee}-05-17", sexe, cog, prenoms=" ".join((prenom, *autres))),
        matricule_ins=numero, oid=OID_NIR if numero else ""),
    _NOMS, st.from_regex(r"[A-Z]{2,8}", fullmatch=True), st.lists(_NOMS, max_size=2),
    st.integers(1900, 2026), st.sampled_from("MF"), st.sampled_from(["63220", "2A004", "99335"]),
    st.sampled_from(["", "275126322074974"]))


@given(_IDENTITES, st.sampled_from(["nom_naissance", "premier_prenom", "date_naissance", "sexe"]))
def test_an_identity_is_itself_and_any_strict_difference_blocks(identite: Identite,
                                                                trait: str) -> None:
    meme = comparer_identites(identite, identite)
    assert meme.tout_egal and all(x.etat is EtatComparaison.IDENTIQUE for x in meme.lignes)
    change = {"nom_naissance": "ZZZZZZZZZZZ", "premier_prenom": "YYYYYYYYYYY",
              "date_naissance": "1899-01-01",
              "sexe": "M" if identite.traits.sexe == "F" else "F"}[trait]
    autre = avec(identite, **{trait: change})
    for a, b in ((identite, autre), (autre, identite)):  # whichever side it comes from
        lu = comparer_identites(a, b)
        assert not lu.tout_egal
        assert ligne(lu, trait) == (EtatComparaison.DIFFERENT, Gravite.BLOQUANTE)


@given(_IDENTITES, _IDENTITES)
def test_the_comparison_of_two_identities_has_no_side(a: Identite, b: Identite) -> None:
    un, deux = comparer_identites(a, b), comparer_identites(b, a)
    assert un.tout_egal == deux.tout_egal
    assert un.tout_egal == all(x.gravite is Gravite.INFORMATION for x in un.lignes
                               if x.etat is not EtatComparaison.IDENTIQUE)
