"""Whose document is it: matricule, OID and traits together (SENTINELLE.20, rules 30, 51, 55)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cda_fictifs
import pytest

from app.domain import statuts
from app.domain.dmp import FicheDmp, StatutFiche
from app.domain.entrant import VerdictEntrant
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    OID_NIR_DEMO,
    Identite,
    MatriculeHistorique,
    StatutIdentite,
    Traits,
)
from app.domain.listes_identite import ListeIdentite
from app.domain.patient import Patient
from app.domain.rapprochement import Accord, confronter
from app.services.errors import Indisponible
from app.usecases import (
    classement,
    documents_dmp,
    importation,
    listes_identite,
    rapprochement,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.rapprochement import Issue
from tests.identite_outils import ADRUN, AUTRE_MATRICULE, MATRICULE, InsiFictif, contexte, panne

RECUE = Identite(replace(ADRUN, premier_prenom="ZOE"), matricule_ins=MATRICULE, oid=OID_NIR)
MOMENT = "2026-11-20T08:00:00+01:00"


@pytest.fixture
def insi() -> InsiFictif:
    return InsiFictif()


@pytest.fixture
def ctx(tmp_path: Path, insi: InsiFictif) -> Iterator[Contexte]:
    ctx = contexte(tmp_path, insi)
    yield ctx
    ctx.fermer()


def ajouter(ctx: Contexte, traits: Traits = ADRUN, matricule: str = MATRICULE,
            oid: str = OID_NIR, historique: tuple[MatriculeHistorique, ...] = ()) -> Patient:
    identite = Identite(traits)
    if matricule:
        identite = statuts.controler_document(statuts.recuperer(
            identite, traits, matricule, oid, historique, MOMENT), "CN")
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


def classer(ctx: Contexte, recue: Identite, patient: Patient, **options: object) -> Accord:
    with ctx.store.ecriture() as u:
        return rapprochement.autoriser_classement(u, ctx, recue, patient,
                                                  **options).accord  # type: ignore[arg-type]


def test_the_same_ins_and_traits_preselect_the_patient(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    ajouter(ctx, replace(ADRUN, premier_prenom="LEA", prenoms="LEA"), "")
    trouve = rapprochement.rapprocher(ctx, RECUE)
    assert (trouve.issue, trouve.patient_id) == (Issue.RECONNU, patient.id)
    assert classer(ctx, RECUE, patient) is Accord.RECONNU
    with ctx.store.lecture() as u:
        quoi = [(x.quoi, x.resultat) for x in u.trail.lister()]
    assert ("document.rapprochement", "reconnu") in quoi
    assert ("document.identite", "reconnu") in quoi


@pytest.mark.parametrize(("trait", "valeur"), [
    ("nom_naissance", "ADRUM"), ("premier_prenom", "LEA"), ("date_naissance", "1975-12-30"),
    ("sexe", "M"), ("lieu_naissance", "75112")])
def test_an_altered_trait_is_never_matched_by_itself(ctx: Contexte, trait: str,
                                                     valeur: str) -> None:
    patient = ajouter(ctx)
    autre = replace(RECUE, traits=replace(
        RECUE.traits, prenoms="" if trait == "premier_prenom" else "ZOE", **{trait: valeur}))
    trouve = rapprochement.rapprocher(ctx, autre)
    assert trouve.issue is Issue.DISCORDANT and trouve.patient_id is None
    assert [c.patient.id for c in trouve.candidats] == [patient.id]
    assert [d.trait for d in trouve.candidats[0].confrontation.differences] == [trait]
    assert "même matricule" in trouve.message
    with pytest.raises(Refus) as refus:
        classer(ctx, autre, patient)
    assert refus.value.code == "IDENTITE-DIFFERENTE"
    assert classer(ctx, autre, patient, accepte=True) is Accord.DISCORDANT
    with ctx.store.lecture() as u:
        derniere = next(x for x in u.trail.lister() if x.quoi == "document.identite")
        assert u.patients.lire(patient.id) == patient
    assert (derniere.resultat, derniere.detail) == ("accepte", trait)


def test_another_oid_is_another_matricule(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    trouve = rapprochement.rapprocher(ctx, replace(RECUE, oid=OID_NIR_DEMO))
    assert (trouve.issue, trouve.patient_id) == (Issue.DISCORDANT, None)
    with pytest.raises(Refus, match="OID"):
        classer(ctx, Identite(ADRUN, oid=OID_NIR_DEMO), patient)


def test_another_matricule_is_never_filed(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    autre = replace(RECUE, matricule_ins=AUTRE_MATRICULE)
    assert rapprochement.rapprocher(ctx, autre).issue is Issue.DISCORDANT
    with pytest.raises(Refus) as refus:
        classer(ctx, autre, patient, accepte=True)
    assert refus.value.code == "AUTRE-PERSONNE"


def test_a_former_matricule_is_the_same_person(ctx: Contexte) -> None:
    patient = ajouter(ctx, historique=(MatriculeHistorique(AUTRE_MATRICULE, OID_NIA),))
    ancien = replace(RECUE, matricule_ins=AUTRE_MATRICULE, oid=OID_NIA)
    trouve = rapprochement.rapprocher(ctx, ancien)
    assert (trouve.issue, trouve.patient_id) == (Issue.RECONNU, patient.id)


def test_traits_without_ins_wait_for_a_confirmation(ctx: Contexte) -> None:
    ajouter(ctx, matricule="")
    for recue in (RECUE, Identite(RECUE.traits)):
        trouve = rapprochement.rapprocher(ctx, recue)
        assert (trouve.issue, trouve.patient_id) == (Issue.A_CONFIRMER, None)
        assert trouve.candidats[0].accord is Accord.MEMES_TRAITS


def test_a_former_commune_contradicts_nothing(ctx: Contexte) -> None:
    # The events that link two codes are given by the caller.
    patient = ajouter(ctx, replace(ADRUN, lieu_naissance="14666"))
    equivalents = {"14666"}
    vue = confronter(patient.identite, replace(RECUE, traits=replace(
        RECUE.traits, lieu_naissance="14999")), lambda _c: equivalents | {"14999"})
    assert vue.accord is Accord.RECONNU


def test_two_files_of_one_ins_are_not_chosen_between(ctx: Contexte) -> None:
    ajouter(ctx)
    ajouter(ctx)
    trouve = rapprochement.rapprocher(ctx, RECUE)
    assert (trouve.issue, trouve.patient_id) == (Issue.A_CONFIRMER, None)
    assert len(trouve.candidats) == 2


def test_an_archive_that_contradicts_itself_preselects_nobody(ctx: Contexte) -> None:
    patient = ajouter(ctx)
    trouve = rapprochement.rapprocher(ctx, RECUE, ("Le patient du lot n’est pas le même.",))
    assert (trouve.issue, trouve.patient_id) == (Issue.DISCORDANT, None)
    with pytest.raises(Refus, match="se contredit"):
        classer(ctx, RECUE, patient, incoherences=("Le patient diffère.",))


def test_nobody_and_no_name(ctx: Contexte) -> None:
    ajouter(ctx)
    inconnu = Identite(Traits("BERGER", "LUC", "1950-02-03", "M", "75112"))
    assert rapprochement.rapprocher(ctx, inconnu).issue is Issue.INCONNU
    assert rapprochement.rapprocher(
        ctx, Identite(Traits("", "", "", "", ""))).issue is Issue.SANS_IDENTITE
    meme_nom = replace(inconnu, traits=replace(RECUE.traits, date_naissance="1960-01-01"))
    assert rapprochement.rapprocher(ctx, meme_nom).issue is Issue.DISCORDANT


def test_a_merged_file_leads_to_the_one_kept(ctx: Contexte) -> None:
    from app.usecases import fusion

    garde = ajouter(ctx)
    autre = ajouter(ctx)
    fusion.fusionner(ctx, garde, autre, "Même personne, créée deux fois")
    trouve = rapprochement.rapprocher(ctx, RECUE)
    assert (trouve.issue, trouve.patient_id) == (Issue.RECONNU, garde.id)


def test_an_ins_that_insi_denies_changes_nothing_and_is_on_the_list(ctx: Contexte,
                                                                     insi: InsiFictif) -> None:
    patient = ajouter(ctx, matricule="")
    trouve = rapprochement.rapprocher(ctx, RECUE)
    assert rapprochement.verification_recue_utile(ctx, trouve)
    insi.verification = lambda _i: False
    dit = rapprochement.verifier_ins_recue(ctx, RECUE, patient.id)
    assert dit.confirmee is False and "pas intégré" in dit.message
    with ctx.store.lecture() as u:
        assert u.patients.lire(patient.id).identite == patient.identite
    ko = listes_identite.page(ctx, ListeIdentite.VERIFICATION_KO)
    assert [ligne.patient.id for ligne in ko.lignes] == [patient.id]
    assert "document" in ko.lignes[0].detail


def test_insi_is_asked_only_when_it_teaches_something(ctx: Contexte, insi: InsiFictif) -> None:
    ajouter(ctx)
    assert not rapprochement.verification_recue_utile(ctx, rapprochement.rapprocher(ctx, RECUE))
    assert not rapprochement.verification_recue_utile(
        ctx, rapprochement.rapprocher(ctx, Identite(RECUE.traits)))
    assert rapprochement.verifier_ins_recue(ctx, RECUE).confirmee is True
    assert rapprochement.verifier_ins_recue(
        ctx, replace(RECUE, matricule_ins="123")).confirmee is False
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    with pytest.raises(Indisponible):
        rapprochement.verifier_ins_recue(ctx, RECUE)
    ctx.services.proxy = None
    assert rapprochement.verifier_ins_recue(ctx, RECUE).confirmee is None
    assert insi.appels == ["verification", "verification"]


def deposer(ctx: Contexte) -> int:
    """A CDA of PAT-TROIS with its INS, in « À classer »."""
    bilan = importation.importer(ctx, [("cr.xml", cda_fictifs.cda().encode())], None)
    return bilan.attente[0].entrant_id or 0


PAT = Traits("PAT-TROIS", "DOMINIQUE", "1979-03-28", "F", "51215", "DOMINIQUE MARIE-LOUISE")


def test_a_waiting_document_whose_ins_is_denied_stays_and_says_why(ctx: Contexte,
                                                                   insi: InsiFictif) -> None:
    patient = ajouter(ctx, PAT, matricule="")
    entrant_id = deposer(ctx)
    insi.verification = lambda _i: False
    dit = classement.verifier_ins(ctx, entrant_id, patient.id)
    assert dit.confirmee is False
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.verdict is VerdictEntrant.DIFFERENT
    assert ligne.entrant.motif == dit.message
    ko = listes_identite.page(ctx, ListeIdentite.VERIFICATION_KO)
    assert [x.patient.id for x in ko.lignes] == [patient.id]
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    assert classement.verifier_ins(ctx, entrant_id, patient.id).confirmee is False
    insi.verification = lambda _i: True
    assert classement.verifier_ins(ctx, entrant_id, patient.id).confirmee is True


def test_insi_away_is_said_and_decides_nothing(ctx: Contexte, insi: InsiFictif) -> None:
    patient = ajouter(ctx, PAT, matricule="")
    entrant_id = deposer(ctx)
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    with pytest.raises(Indisponible):
        classement.verifier_ins(ctx, entrant_id, patient.id)
    assert classement.lister(ctx)[0].entrant.verdict is VerdictEntrant.A_COMPARER


def test_a_file_that_comes_from_insi_needs_no_call(ctx: Contexte, insi: InsiFictif) -> None:
    patient = ajouter(ctx, PAT, "279035121518989", OID_NIR_DEMO)
    dit = classement.verifier_ins(ctx, deposer(ctx), patient.id)
    assert (dit.confirmee, dit.message, insi.appels) == (None, "", [])


def test_a_creation_takes_the_traits_of_the_document_not_its_ins(ctx: Contexte) -> None:
    propose = classement.proposer_creation(ctx, deposer(ctx))
    assert propose is not None
    assert propose.traits == replace(PAT, nom_utilise="DURAND", prenom_utilise="DOM")
    assert propose.lieu.startswith("51215 ")
    pdf = importation.importer(ctx, [("scan.pdf", cda_fictifs.PDF)], None)
    assert classement.proposer_creation(ctx, pdf.attente[0].entrant_id or 0) is None


def test_trust_is_never_inherited(ctx: Contexte) -> None:
    """Rule 30: whatever the sender's status, the file is what it was."""
    patient = ajouter(ctx, matricule="")
    recue = replace(RECUE, statut=StatutIdentite.QUALIFIEE)
    classer(ctx, recue, patient)
    with ctx.store.lecture() as u:
        assert u.patients.lire(patient.id).identite.statut is StatutIdentite.PROVISOIRE


def test_a_dmp_document_of_somebody_else_is_not_filed_silently(ctx: Contexte) -> None:
    """Refused with the reason; filed when the user, who saw the difference, accepts it."""
    patient = ajouter(ctx)
    fiche = FicheDmp("1.2.250.1.999.1.1.1.7", "urn:uuid:1", "", "CR", "11506-3", "CR", "", "",
                     "text/xml", "2026-04-01", "2026-04-01", "", "", "", "", "",
                     StatutFiche.APPROVED)
    with ctx.store.ecriture() as u:
        u.dmp.enregistrer_liste(patient.id, [fiche], MOMENT)
    autre = cda_fictifs.PATIENT.replace("279035121518989", MATRICULE).replace("4.10", "4.8")
    ctx.memoire.garder(fiche.unique_id, cda_fictifs.cda(patient=autre).encode())
    cles = [f"dmp:{fiche.unique_id}"]
    refuse = documents_dmp.integrer(ctx, patient.id, cles)
    assert refuse.integres == 0 and "nom de naissance" in refuse.refus[0][1]
    assert documents_dmp.integrer(ctx, patient.id, cles, accepte=True).integres == 1


def numerote(n: int) -> bytes:
    """Another document of the same patient."""
    return cda_fictifs.cda(set_id="").replace("999.1.1.1.7", f"999.1.1.1.{70 + n}").encode()


def test_a_document_dropped_in_a_file_without_insi_is_asked_about(ctx: Contexte,
                                                                  insi: InsiFictif) -> None:
    """Rules 51 and 55: what INSi denies enters no file, wherever it was dropped."""
    patient = ajouter(ctx, PAT, matricule="")
    fichier = [("cr.xml", cda_fictifs.cda().encode())]
    insi.verification = lambda _i: False
    refuse = importation.importer(ctx, fichier, patient.id)
    assert not refuse.classes and refuse.attente[0].raison == rapprochement.MESSAGE_KO_RECUE
    (ligne,) = classement.lister(ctx)
    assert ligne.entrant.verdict is VerdictEntrant.DIFFERENT
    insi.verification = lambda _i: True
    autre = importation.importer(ctx, [("2.xml", numerote(2))], patient.id)
    assert autre.classes[0].sans_insi == "" and insi.appels == ["verification"] * 2


def test_insi_away_holds_up_no_lot(ctx: Contexte, insi: InsiFictif) -> None:
    """Asked once, said with each document, and the documents are in the file all the same."""
    patient = ajouter(ctx, PAT, matricule="")
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    bilan = importation.importer(
        ctx, [(f"{n}.xml", numerote(n)) for n in range(3)], patient.id)
    assert [c.sans_insi for c in bilan.classes] == [
        "L’INS de ce document n’a pas été vérifiée. INSi ne répond pas."] * 3
    assert insi.appels == ["verification"]


def test_a_patient_created_since_is_proposed(ctx: Contexte) -> None:
    """« Nouveau patient » from the document itself: the line knows him when one comes back."""
    entrant_id = deposer(ctx)
    assert classement.lister(ctx)[0].entrant.verdict is VerdictEntrant.INCONNU
    patient = ajouter(ctx, PAT, matricule="")
    ligne = classement.detailler(ctx, entrant_id).ligne
    assert ligne.propose is not None and ligne.propose.id == patient.id
    assert ligne.entrant.verdict is VerdictEntrant.A_COMPARER
    assert classement.lister(ctx)[0] == ligne


def test_a_denied_ins_isn_t_washed_by_a_new_search(ctx: Contexte, insi: InsiFictif) -> None:
    patient = ajouter(ctx, PAT, matricule="")
    entrant_id = deposer(ctx)
    insi.verification = lambda _i: False
    classement.verifier_ins(ctx, entrant_id, patient.id)
    avant = classement.lister(ctx)
    assert classement.detailler(ctx, entrant_id).ligne == avant[0]
