"""Homonyms, duplicates and merges (`spec/ins.md` §2, §3)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.doublons import (
    Ressemblance,
    distance,
    fusion_refusee,
    identite_fusionnee,
    meme_matricule,
    rapprocher,
    rapprocher_traits,
)
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Identite,
    MatriculeHistorique,
    StatutIdentite,
    Traits,
)
from app.domain.patient import PatientResume

TRAITS = Traits("LE GALL", "ANNE-MARIE", "1954-08-23", "F", "56121")
RESUME = PatientResume(1, "LE-GALL", "ANNE MARIE", "", "", "1954-08-23", "F",
                       StatutIdentite.PROVISOIRE)


@pytest.mark.parametrize(("ecart", "nature"), [
    ({}, Ressemblance.MEMES_TRAITS),
    ({"nom_naissance": "LE GAL"}, Ressemblance.HOMONYME),
    ({"nom_naissance": "LE GUALLE"}, Ressemblance.HOMONYME),
    ({"nom_naissance": "LE GOFF"}, None),
    ({"nom_naissance": "MARTIN", "nom_utilise": "LE GALL"}, Ressemblance.HOMONYME),
    ({"premier_prenom": "YVONNE"}, None),
    ({"date_naissance": "1954-08-24"}, None),
    ({"date_naissance": ""}, None),
    ({"sexe": "M"}, None),
    ({"sexe": "I"}, Ressemblance.MEMES_TRAITS),
])
def test_what_looks_alike(ecart: dict[str, str], nature: Ressemblance | None) -> None:
    lu = rapprocher_traits(replace(TRAITS, **ecart), RESUME)
    assert (lu.nature if lu else None) == nature
    assert lu is None or lu.raison.endswith(".")


def test_the_used_name_of_the_other_counts() -> None:
    lu = rapprocher_traits(TRAITS, replace(RESUME, nom_naissance="AUTRE", nom_utilise="LE GALL"))
    assert lu is not None and lu.nature is Ressemblance.HOMONYME


def test_matricules_now_and_in_the_past() -> None:
    a = Identite(TRAITS, matricule_ins="254085612100112", oid=OID_NIR)
    b = Identite(replace(TRAITS, nom_naissance="X"), matricule_ins="254085612100199", oid=OID_NIA)
    assert not meme_matricule(a, b) and fusion_refusee(a, b)
    assert rapprocher(a, b) is None
    lies = replace(a, historique=(MatriculeHistorique("254085612100199", OID_NIA),))
    assert meme_matricule(lies, b) and fusion_refusee(lies, b) == ""
    lu = rapprocher(lies, b)
    assert lu is not None and lu.nature is Ressemblance.MEME_MATRICULE
    assert not meme_matricule(a, replace(a, oid=OID_NIA))  # the OID belongs to the identifier
    assert fusion_refusee(a, Identite(TRAITS)) == ""
    assert not meme_matricule(Identite(TRAITS), Identite(TRAITS))


def test_a_merge_keeps_the_best_proved_identity() -> None:
    qualifiee = Identite(TRAITS, StatutIdentite.QUALIFIEE, "254085612100112", OID_NIR)
    autre = Identite(replace(TRAITS, nom_naissance="LE GAL", nom_utilise="DUPONT",
                             prenom_utilise="ANNIE"))
    for a, b in ((qualifiee, autre), (autre, qualifiee)):
        lu = identite_fusionnee(a, b)
        assert (lu.statut, lu.matricule_ins) == (StatutIdentite.QUALIFIEE, "254085612100112")
        assert lu.traits == replace(TRAITS, nom_utilise="DUPONT", prenom_utilise="ANNIE")


mots = st.text("ABC", max_size=6)


@given(mots, mots)
def test_distance_is_that_of_levenshtein(a: str, b: str) -> None:
    def reference(x: str, y: str) -> int:
        if not x or not y:
            return len(x) + len(y)
        return min(reference(x[1:], y) + 1, reference(x, y[1:]) + 1,
                   reference(x[1:], y[1:]) + (x[0] != y[0]))
    assert distance(a, b) == min(reference(a, b), 3)
    assert distance(a, b) == distance(b, a)
