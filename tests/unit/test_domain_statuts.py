"""The status machine: each transition of `spec/ins.md` §2, and no other."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from app.domain import statuts
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Attribut,
    Identite,
    MatriculeHistorique,
    ModeQualification,
    StatutIdentite,
    Traits,
)
from app.domain.justificatifs import HAUTE_CONFIANCE, JUSTIFICATIFS
from app.domain.statuts import TransitionInterdite
from app.domain.traits import TRAITS_STRICTS

P, R, V, Q = (StatutIdentite.PROVISOIRE, StatutIdentite.RECUPEREE, StatutIdentite.VALIDEE,
              StatutIdentite.QUALIFIEE)
TRAITS = Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220", nom_utilise="MARTIN")
INSI = Traits("ADRUN", "", "1975-12-31", "F", "63220", prenoms="ZOE")
MATRICULE = "275126322074974"
QUAND = "2026-11-21T08:00:00+01:00"


def recuperer(identite: Identite, **autres: str) -> Identite:
    return statuts.recuperer(identite, replace(INSI, **autres), MATRICULE, OID_NIR, (), QUAND)


def dans(statut: StatutIdentite) -> Identite:
    """An identity brought to a status by the machine itself."""
    identite = Identite(TRAITS)
    if statut in (V, Q):
        identite = statuts.controler_document(identite, "CN")
    if statut in (R, Q):
        identite = recuperer(identite)
    assert identite.statut is statut
    return identite


@pytest.mark.parametrize(("avant", "apres"), [(P, R), (R, R), (V, Q), (Q, Q)])
def test_recuperation(avant: StatutIdentite, apres: StatutIdentite) -> None:
    lu = recuperer(dans(avant))
    assert (lu.statut, lu.matricule_ins, lu.oid, lu.date_insi) == (apres, MATRICULE, OID_NIR, QUAND)
    assert lu.traits == replace(TRAITS, prenoms="ZOE")


def test_recuperation_never_writes_first_given_name_nor_complements() -> None:
    lu = recuperer(dans(P), prenoms="CATARINA BELLA", nom_naissance="TCHITCHI",
                   nom_utilise="AUTRE", premier_prenom="CATARINA")
    assert lu.traits.premier_prenom == "ZOE"
    assert lu.traits.nom_utilise == "MARTIN"
    assert lu.traits.nom_naissance == "TCHITCHI"


def test_an_unknown_birthplace_code_is_kept_and_a_missing_one_changes_nothing() -> None:
    assert recuperer(dans(P), lieu_naissance="85756").traits.lieu_naissance == "85756"
    assert recuperer(dans(P), lieu_naissance="").traits.lieu_naissance == "63220"


@pytest.mark.parametrize("manque", [
    {"date_naissance": "1975-00-31"}, {"date_naissance": "1975-12-00"}, {"date_naissance": ""},
    {"nom_naissance": ""}, {"prenoms": ""}, {"sexe": ""}, {"sexe": "I"},
])
def test_rules_11_and_12_forbid_retrieval(manque: dict[str, str]) -> None:
    with pytest.raises(TransitionInterdite, match="INSi"):
        recuperer(dans(P), **manque)


def test_no_retrieval_without_a_matricule_of_an_ins() -> None:
    for matricule, oid in ((MATRICULE, "1.2.250.1.213.1.4.2"), ("", OID_NIR), ("2751", OID_NIR)):
        with pytest.raises(TransitionInterdite):
            statuts.recuperer(dans(P), INSI, matricule, oid, (), QUAND)


def test_a_wrong_key_from_insi_does_not_block() -> None:
    assert statuts.recuperer(dans(P), INSI, "181036322045660", OID_NIR, (), QUAND).statut is R


@pytest.mark.parametrize(("avant", "apres"), [(P, V), (R, Q), (V, V), (Q, Q)])
def test_document(avant: StatutIdentite, apres: StatutIdentite) -> None:
    lu = statuts.controler_document(dans(avant), "PA")
    assert (lu.statut, lu.justificatif) == (apres, "PA")
    assert lu.mode_qualification is ModeQualification.DOCUMENT


FAIBLES = [j.code for j in JUSTIFICATIFS if not j.haute_confiance]


@pytest.mark.parametrize("code", [*FAIBLES, "", "X"])
def test_weak_documents_validate_nothing(code: str) -> None:
    with pytest.raises(TransitionInterdite, match="suffit pas"):
        statuts.controler_document(dans(P), code)


def test_a_practice_may_trust_another_list() -> None:
    assert statuts.controler_document(dans(P), "PC", haute_confiance={"PC"}).statut is V
    with pytest.raises(TransitionInterdite):
        statuts.controler_document(dans(P), "CN", haute_confiance={"PA"})


@pytest.mark.parametrize("avant", [P, R, V, Q])
def test_apcv_qualifies_at_once(avant: StatutIdentite) -> None:
    lu = statuts.qualifier_apcv(dans(avant), INSI, MATRICULE, OID_NIR, (), QUAND)
    assert lu.statut is Q and lu.mode_qualification is ModeQualification.APCV
    assert lu.matricule_transmissible


@pytest.mark.parametrize(("avant", "permis"), [(P, False), (R, True), (V, False), (Q, False)])
def test_procedure_transitoire(avant: StatutIdentite, permis: bool) -> None:
    if permis:
        lu = statuts.qualifier_procedure_transitoire(dans(avant), active=True)
        assert lu.statut is Q
        assert lu.mode_qualification is ModeQualification.PROCEDURE_TRANSITOIRE
    else:
        with pytest.raises(TransitionInterdite):
            statuts.qualifier_procedure_transitoire(dans(avant), active=True)
    with pytest.raises(TransitionInterdite, match="activée"):
        statuts.qualifier_procedure_transitoire(dans(avant), active=False)


@pytest.mark.parametrize("trait", TRAITS_STRICTS)
@pytest.mark.parametrize(("avant", "apres"), [(P, P), (R, P), (V, V), (Q, V)])
def test_strict_trait_edited_by_super_user(trait: str, avant: StatutIdentite,
                                           apres: StatutIdentite) -> None:
    identite = dans(avant)
    neufs = replace(identite.traits, **{trait: "X"})
    lu = statuts.modifier_traits(identite, neufs, super_utilisateur=True)
    assert lu.statut is apres and lu.traits == neufs
    assert (lu.matricule_ins, lu.oid) == ("", "")


@pytest.mark.parametrize("trait", TRAITS_STRICTS)
@pytest.mark.parametrize("avant", [P, R, V, Q])
def test_strict_trait_edited_by_anyone(trait: str, avant: StatutIdentite) -> None:
    identite = dans(avant)
    neufs = replace(identite.traits, **{trait: "X"})
    if statuts.traits_verrouilles(identite):
        with pytest.raises(TransitionInterdite, match="habilitée"):
            statuts.modifier_traits(identite, neufs)
    else:
        assert statuts.modifier_traits(identite, neufs) == replace(identite, traits=neufs)


@pytest.mark.parametrize("avant", [P, R, V, Q])
def test_complementary_traits_stay_editable(avant: StatutIdentite) -> None:
    identite = dans(avant)
    neufs = replace(identite.traits, nom_utilise="DURAND", prenom_utilise="LISE")
    assert statuts.modifier_traits(identite, neufs) == replace(identite, traits=neufs)


def test_the_transitory_procedure_leaves_no_proof_when_insi_is_lost() -> None:
    identite = statuts.qualifier_procedure_transitoire(dans(R), active=True)
    lu = statuts.modifier_traits(identite, replace(identite.traits, sexe="M"),
                                 super_utilisateur=True)
    assert lu.statut is P


@pytest.mark.parametrize("avant", [P, R, V, Q])
@pytest.mark.parametrize("attribut", [Attribut.DOUTEUSE, Attribut.FICTIVE])
def test_blocking_attributes(avant: StatutIdentite, attribut: Attribut) -> None:
    lu = statuts.poser_attribut(dans(avant), attribut)
    assert (lu.statut, lu.matricule_ins, lu.oid, lu.justificatif) == (P, "", "", "")
    assert statuts.appel_insi_possible(lu) and statuts.appel_insi_possible(lu, par_carte=True)
    for interdit in (recuperer, lambda i: statuts.controler_document(i, "CN")):
        with pytest.raises(TransitionInterdite):
            interdit(lu)
    assert statuts.retirer_attribut(lu, attribut).statut is P


@pytest.mark.parametrize("avant", [P, R, V, Q])
def test_homonyme_changes_nothing_else(avant: StatutIdentite) -> None:
    identite = dans(avant)
    lu = statuts.poser_attribut(identite, Attribut.HOMONYME)
    assert lu == replace(identite, attributs=frozenset({Attribut.HOMONYME}))
    assert statuts.retirer_attribut(lu, Attribut.HOMONYME) == identite


@pytest.mark.parametrize("avant", [P, R, V, Q])
def test_verification(avant: StatutIdentite) -> None:
    identite = dans(avant)
    if avant in (P, V):
        for f in (statuts.verification_ko, lambda i: statuts.verification_ok(i, QUAND)):
            with pytest.raises(TransitionInterdite):
                f(identite)
        return
    assert statuts.verification_ok(identite, "2027-01-01T00:00:00+01:00") == replace(
        identite, date_insi="2027-01-01T00:00:00+01:00")
    ko = statuts.verification_ko(identite)
    assert (ko.statut, ko.matricule_ins, ko.oid, ko.historique) == (P, "", "", ())
    assert ko.justificatif == identite.justificatif  # offered again, never applied by itself
    assert recuperer(ko).statut is R


def test_insi_needs_traits_and_a_civil_sex() -> None:
    assert statuts.appel_insi_possible(Identite(TRAITS)) == ""
    assert statuts.appel_insi_possible(Identite(replace(TRAITS, sexe="I")))
    assert statuts.appel_insi_possible(Identite(replace(TRAITS, sexe="I")), par_carte=True) == ""
    assert statuts.appel_insi_possible(Identite(replace(TRAITS, date_naissance="")))


def test_when_a_verification_is_due() -> None:
    maintenant = datetime(2026, 11, 21, 8, tzinfo=UTC)
    identite = dans(Q)
    assert not statuts.verification_due(identite, maintenant, evenement=True)
    assert statuts.verification_due(identite, maintenant + timedelta(days=1462))
    assert not statuts.verification_due(identite, maintenant + timedelta(days=1460))
    assert statuts.verification_due(replace(identite, oid=OID_NIA), maintenant, evenement=True)
    assert not statuts.verification_due(replace(identite, oid=OID_NIA), maintenant)
    assert statuts.verification_due(replace(identite, date_insi=""), maintenant)
    assert statuts.verification_due(replace(identite, date_insi="2031-01-01T00:00:00"), maintenant)
    assert not statuts.verification_due(dans(P), maintenant, evenement=True)


textes = st.sampled_from(["", "A", "DUPONT", "1975-12-31", "1975-00-00", "1942-19-01", "F", "M",
                          "I", "63220", "ZOE MARIE"])
traits = st.builds(Traits, textes, textes, textes, textes, textes, textes, textes, textes)
matricules = st.sampled_from(["", MATRICULE, "181036322045660", "123"])
oids = st.sampled_from(["", OID_NIR, OID_NIA, "1.2.250.1.213.1.4.2"])
historiques = st.lists(st.just(MatriculeHistorique(MATRICULE, OID_NIR)), max_size=2)


class MachineIdentite(RuleBasedStateMachine):
    """Any sequence of gestures, refused ones included, keeps the rules."""

    identites = Bundle("identites")

    def __init__(self) -> None:
        super().__init__()
        self.identite = Identite(TRAITS)
        self.document_vu = False
        self.insi_vue = False

    def essayer(self, apres: Identite, *, document: bool | None = None,
                insi: bool | None = None) -> None:
        self.identite = apres
        self.document_vu = self.document_vu if document is None else document
        self.insi_vue = self.insi_vue if insi is None else insi

    @rule(traits=traits, matricule=matricules, oid=oids, historique=historiques)
    def recuperation(self, traits: Traits, matricule: str, oid: str,
                     historique: list[MatriculeHistorique]) -> None:
        try:
            apres = statuts.recuperer(self.identite, traits, matricule, oid, historique, QUAND)
        except TransitionInterdite:
            return
        self.essayer(apres, insi=True)

    @rule(traits=traits, matricule=matricules, oid=oids)
    def apcv(self, traits: Traits, matricule: str, oid: str) -> None:
        try:
            apres = statuts.qualifier_apcv(self.identite, traits, matricule, oid, (), QUAND)
        except TransitionInterdite:
            return
        self.essayer(apres, document=True, insi=True)

    @rule(code=st.sampled_from([j.code for j in JUSTIFICATIFS] + [""]))
    def document(self, code: str) -> None:
        try:
            apres = statuts.controler_document(self.identite, code)
        except TransitionInterdite:
            return
        assert code in HAUTE_CONFIANCE
        self.essayer(apres, document=True)

    @rule(active=st.booleans())
    def procedure(self, active: bool) -> None:
        try:
            apres = statuts.qualifier_procedure_transitoire(self.identite, active=active)
        except TransitionInterdite:
            return
        assert active and self.insi_vue
        self.essayer(apres, document=True)

    @rule(traits=traits, super_utilisateur=st.booleans())
    def modification(self, traits: Traits, super_utilisateur: bool) -> None:
        avant = self.identite
        try:
            apres = statuts.modifier_traits(avant, traits, super_utilisateur=super_utilisateur)
        except TransitionInterdite:
            assert avant.statut in (R, Q) and not super_utilisateur
            return
        perdue = apres.statut is not avant.statut
        self.essayer(apres, insi=False if perdue else None,
                     document=False if perdue and apres.statut is P else None)

    @rule(attribut=st.sampled_from(list(Attribut)))
    def attribut(self, attribut: Attribut) -> None:
        bloque = attribut in statuts.BLOQUANTS
        self.essayer(statuts.poser_attribut(self.identite, attribut),
                     document=False if bloque else None, insi=False if bloque else None)

    @rule(attribut=st.sampled_from(list(Attribut)))
    def retrait(self, attribut: Attribut) -> None:
        self.essayer(statuts.retirer_attribut(self.identite, attribut))

    @rule()
    def ko(self) -> None:
        try:
            apres = statuts.verification_ko(self.identite)
        except TransitionInterdite:
            return
        self.essayer(apres, document=False, insi=False)

    @precondition(lambda self: self.identite.statut in (R, Q))
    @rule()
    def ok(self) -> None:
        self.essayer(statuts.verification_ok(self.identite, QUAND))

    @invariant()
    def legal(self) -> None:
        identite = self.identite
        attendu = {(False, False): P, (False, True): R, (True, False): V, (True, True): Q}
        assert identite.statut is attendu[self.document_vu, self.insi_vue]
        if identite.statut in (P, V):
            assert not identite.matricule_ins and not identite.oid
        else:
            assert re.fullmatch(r"\d{6}[0-9AB]\d{8}", identite.matricule_ins)
        if identite.attributs & statuts.BLOQUANTS:
            assert identite.statut is P
        assert identite.matricule_transmissible == (identite.statut is Q)
        if identite.statut is Q:
            assert identite.mode_qualification is not ModeQualification.AUCUN


MachineIdentite.TestCase.settings = settings(max_examples=150, stateful_step_count=25,
                                             deadline=None)
TestMachineIdentite = MachineIdentite.TestCase
