"""Merge, undo, split: nothing lost, nothing mixed (`spec/ins.md` §2)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import statuts
from app.domain.agenda import EtatPassage
from app.domain.identity import OID_NIR, Attribut, Identite, StatutIdentite, Traits
from app.domain.outbox import Destination, EtatOrdre
from app.domain.patient import Contact, Patient
from app.domain.regroupement import NatureRegroupement
from app.store.errors import ChangementInterdit
from app.usecases import fusion, gestes_identite, patients
from app.usecases.context import Contexte, maintenant_local
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from app.usecases.errors import Refus
from app.usecases.reglages_identite import ReglagesIdentite, enregistrer_reglages_identite
from tests.identite_outils import ADRUN, AUTRE_MATRICULE, MATRICULE, contexte
from tests.store_outils import fiche

QUAND = "2026-11-21T08:00:00+01:00"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


def dossier_actuel(ctx: Contexte, patient_id: int) -> int:
    with ctx.store.lecture() as u:
        return u.regroupements.actuel(patient_id)


def ajouter(ctx: Contexte, traits: Traits = ADRUN, *, matricule: str = "",
            qualifiee: bool = False, contact: Contact | None = None) -> Patient:
    identite = Identite(traits)
    if matricule:
        identite = statuts.recuperer(identite, traits, matricule, OID_NIR, (), QUAND)
    if qualifiee:
        identite = statuts.controler_document(identite, "CN")
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, contact, auteur="T", cause="Création")


def remplir(ctx: Contexte, patient: Patient, cda_id: str = "") -> None:
    with ctx.store.ecriture() as u:
        u.observations.ajouter(patient.id, f"note {patient.id}", auteur_id=ctx.compte_id)
        u.agenda.ajouter("2026-11-21", "08:00", ctx.compte_id, patient.id)
        document = u.documents.ajouter(fiche(patient.id, cda_id or f"1.2.{patient.id}"),
                                       cda=b"<x/>%d" % patient.id, pdf=None)
        u.outbox.ajouter(Destination.DMP, document.id, patient.id, ctx.compte_id, "")
        u.dmp.marquer_vu(patient.id, f"9.{patient.id}")


def bilan(ctx: Contexte, id: int) -> tuple[int, int, int, int]:
    with ctx.store.lecture() as u:
        return (len(u.observations.lister(id)), len(u.documents.lister(id)),
                len(u.agenda.du_patient(id)), len(u.outbox.du_patient(id)))


def test_merge_moves_everything_hides_the_other_and_can_be_undone(ctx: Contexte) -> None:
    a = ajouter(ctx, contact=Contact(telephone="0100000000"))
    b = ajouter(ctx, replace(ADRUN, nom_utilise="MARTIN"), matricule=MATRICULE, qualifiee=True,
                contact=Contact(telephone="0200000000", commune="Mazoires"))
    remplir(ctx, a)
    remplir(ctx, b)
    garde = fusion.fusionner(ctx, a, b, "Même personne, carte vue")
    assert garde.id == a.id
    assert garde.identite.statut is StatutIdentite.QUALIFIEE
    assert garde.identite.matricule_ins == MATRICULE
    assert garde.identite.traits.nom_utilise == "MARTIN"
    assert garde.contact == Contact(telephone="0100000000", commune="Mazoires")
    assert bilan(ctx, a.id) == (2, 2, 2, 2)
    assert bilan(ctx, b.id) == (0, 0, 0, 0)
    assert [p.id for p in patients.chercher(ctx, "adrun")] == [a.id]
    assert [p.id for p in patients.chercher(ctx, MATRICULE)] == [a.id]
    assert patients.ids_patients(ctx) == [a.id]
    assert [p.id for p in patients.semblables(ctx, "ADRUN", "ZOE", ADRUN.date_naissance)] == [a.id]
    assert dossier_actuel(ctx, b.id) == a.id
    assert ctx.store.verifier().bon
    with ctx.store.lecture() as u:
        assert u.dmp.vus(a.id) == {f"9.{a.id}", f"9.{b.id}"}
        assert u.patients.compter() == 1

    with ctx.store.ecriture() as u:  # what comes after stays with the kept file
        u.observations.ajouter(a.id, "après", auteur_id=ctx.compte_id)
    (faite,) = fusion.regroupements(ctx, b.id)
    assert (faite.nature, faite.elements) == (NatureRegroupement.FUSION, 4)
    rendu_a, rendu_b = fusion.defaire_fusion(ctx, faite)
    assert rendu_a.identite == a.identite
    assert rendu_a.contact == a.contact
    assert rendu_b.identite == b.identite
    assert bilan(ctx, a.id) == (2, 1, 1, 1)
    assert bilan(ctx, b.id) == (1, 1, 1, 1)
    assert sorted(p.id for p in patients.chercher(ctx, "adrun")) == [a.id, b.id]
    assert [p.id for p in patients.chercher(ctx, MATRICULE)] == [b.id]
    assert ctx.store.verifier().bon
    with pytest.raises(Refus, match="déjà défaite"):
        fusion.defaire_fusion(ctx, faite)


def test_two_matricules_are_two_persons(ctx: Contexte) -> None:
    a, b = ajouter(ctx, matricule=MATRICULE), ajouter(ctx, matricule=AUTRE_MATRICULE)
    assert "deux personnes" in fusion.comparer_dossiers(ctx, a.id, b.id).refus
    with pytest.raises(Refus, match="deux personnes"):
        fusion.fusionner(ctx, a, b, "essai de fusion")
    assert len(patients.ids_patients(ctx)) == 2


@pytest.mark.parametrize("attribut", [Attribut.DOUTEUSE, Attribut.FICTIVE])
def test_a_doubtful_or_fictive_identity_is_not_merged(ctx: Contexte, attribut: Attribut) -> None:
    a = ajouter(ctx)
    with ctx.store.ecriture() as u:
        b = u.patients.ajouter(statuts.poser_attribut(Identite(ADRUN), attribut), auteur="T",
                               cause="Création")
    with pytest.raises(Refus):
        fusion.fusionner(ctx, a, b, "même personne")


def test_a_file_that_changed_or_sends_is_not_merged(ctx: Contexte) -> None:
    a, b = ajouter(ctx), ajouter(ctx)
    with pytest.raises(Refus, match="motif"):
        fusion.fusionner(ctx, a, b, "ok")
    with ctx.store.ecriture() as u:
        u.patients.enregistrer_contact(b.id, Contact(telephone="01"), version=b.version)
    with pytest.raises(Refus, match="changé"):
        fusion.fusionner(ctx, a, b, "même personne")
    with ctx.store.lecture() as u:
        b = u.patients.lire(b.id)
    remplir(ctx, b)
    with ctx.store.ecriture() as u:
        assert u.outbox.prendre(auteur_id=ctx.compte_id) is not None
    with pytest.raises(Refus, match="en cours d’envoi"):
        fusion.fusionner(ctx, a, b, "même personne")


def test_a_merged_file_takes_no_identity_and_late_rows_are_brought_along(ctx: Contexte) -> None:
    a, b = ajouter(ctx), ajouter(ctx)
    fusion.fusionner(ctx, a, b, "même personne")
    with pytest.raises(ChangementInterdit), ctx.store.ecriture() as u:
        u.patients.enregistrer_identite(b.id, b.identite, auteur="T", cause="tard", version=1)
    with ctx.store.ecriture() as u:  # another workstation had the file open
        u.observations.ajouter(b.id, "tardive", auteur_id=ctx.compte_id)
        assert u.regroupements.rattraper(a.id) == 1
    assert bilan(ctx, a.id)[0] == 1
    fusion.defaire_fusion(ctx, fusion.regroupements(ctx, a.id)[0])
    assert bilan(ctx, b.id)[0] == 1


def test_the_strictest_consent_of_the_two_holds_then_goes_back(ctx: Contexte) -> None:
    a, b = ajouter(ctx), ajouter(ctx)
    with ctx.store.ecriture() as u:
        for patient, oppose in ((a, False), (b, True)):
            episode = u.episodes.ouvrir(patient.id, auteur="T")
            u.episodes.noter(episode.id, informe=True, consentement_consultation=not oppose,
                             opposition_alimentation=oppose, auteur="T", version=1)
    fusion.fusionner(ctx, a, b, "même personne")
    with ctx.store.lecture() as u:
        episode = u.episodes.courant(a.id)
        assert episode is not None and episode.opposition_alimentation
        assert episode.consentement_consultation is False
    fusion.defaire_fusion(ctx, fusion.regroupements(ctx, a.id)[0])
    with ctx.store.lecture() as u:
        ea, eb = u.episodes.courant(a.id), u.episodes.courant(b.id)
        assert ea is not None and eb is not None
        assert (ea.opposition_alimentation, ea.consentement_consultation) == (False, True)
        assert (eb.opposition_alimentation, eb.consentement_consultation) == (True, False)


def test_a_chain_of_merges_is_followed_and_undone_in_order(ctx: Contexte) -> None:
    a, b, c = ajouter(ctx), ajouter(ctx), ajouter(ctx)
    b = fusion.fusionner(ctx, b, c, "même personne")
    a = fusion.fusionner(ctx, a, b, "même personne")
    assert dossier_actuel(ctx, c.id) == a.id
    premiere, derniere = sorted(fusion.regroupements(ctx), key=lambda r: r.id)
    with pytest.raises(Refus, match="dernière fusion"):
        fusion.defaire_fusion(ctx, premiere)
    fusion.defaire_fusion(ctx, derniere)
    fusion.defaire_fusion(ctx, premiere)
    assert len(patients.ids_patients(ctx)) == 3


def test_a_matricule_that_came_by_the_merge_leaves_with_it(ctx: Contexte) -> None:
    a, b = ajouter(ctx), ajouter(ctx, matricule=MATRICULE)
    garde = fusion.fusionner(ctx, a, b, "même personne")
    with ctx.store.ecriture() as u:  # confirmed since: still the other person's matricule
        u.patients.enregistrer_identite(
            garde.id, statuts.verification_ok(garde.identite, maintenant_local()), auteur="T",
            cause="Vérification", version=garde.version)
    rendu, _ = fusion.defaire_fusion(ctx, fusion.regroupements(ctx)[0])
    assert rendu.identite == a.identite


def test_split_moves_what_is_chosen_and_stops_wrong_orders(ctx: Contexte) -> None:
    a = ajouter(ctx, matricule=MATRICULE, qualifiee=True)
    remplir(ctx, a)
    remplir(ctx, a, "1.2.99")
    contenu = fusion.contenu_separable(ctx, a.id)
    faite = fusion.separer(
        ctx, a.id, replace(ADRUN, premier_prenom="ZELIE", prenoms="ZELIE"),
        {"observation": [contenu.observations[0].id], "document": [contenu.documents[0].id]},
        "Deux jumelles dans un dossier", a.version)
    assert faite.annules == 1
    assert bilan(ctx, a.id) == (1, 1, 2, 1)
    assert bilan(ctx, faite.nouveau.id) == (1, 1, 0, 1)
    assert faite.ancien.identite.statut is StatutIdentite.PROVISOIRE
    assert faite.ancien.identite.attributs == {Attribut.DOUTEUSE, Attribut.HOMONYME}
    assert not faite.ancien.identite.matricule_ins
    assert faite.nouveau.identite.statut is StatutIdentite.PROVISOIRE
    with ctx.store.lecture() as u:
        assert u.outbox.du_patient(faite.nouveau.id)[0].etat is EtatOrdre.ANNULE
        assert u.agenda.du_patient(a.id)[0].etat is EtatPassage.A_VENIR
    leve = gestes_identite.lever_doute(ctx, a.id, "Pièces d’identité vues")
    assert leve.identite.attributs == {Attribut.HOMONYME}


def test_split_says_what_was_already_sent(ctx: Contexte) -> None:
    a = ajouter(ctx)
    remplir(ctx, a)
    with ctx.store.ecriture() as u:
        ordre = u.outbox.prendre(auteur_id=ctx.compte_id)
        assert ordre is not None
        u.outbox.terminer(ordre.id, etat=EtatOrdre.ENVOYE)
    faite = fusion.separer(ctx, a.id, replace(ADRUN, premier_prenom="ZELIE"),
                           {"document": [ordre.document_id]}, "Deux jumelles", a.version)
    assert (faite.annules, faite.a_retirer_du_dmp) == (0, ("Compte rendu",))


def test_split_refuses_nothing_and_the_same_traits(ctx: Contexte) -> None:
    a = ajouter(ctx)
    with pytest.raises(Refus, match="revient"):
        fusion.separer(ctx, a.id, ADRUN, {}, "Deux jumelles", a.version)
    with pytest.raises(Refus, match="mêmes traits"):
        fusion.separer(ctx, a.id, ADRUN, {"passage": [1]}, "Deux jumelles", a.version)


# --- Rights and procedures ----------------------------------------------------------------------

def test_locked_traits_need_the_right_a_reason_and_lose_the_insi_proof(ctx: Contexte) -> None:
    a = ajouter(ctx, matricule=MATRICULE, qualifiee=True)
    corrige = replace(ADRUN, nom_naissance="ADRUNE")
    with pytest.raises(Refus, match="droit"):
        gestes_identite.modifier_traits_stricts(ctx, a.id, corrige, a.version, "Erreur de saisie")
    definir_droits(ctx, ctx.compte_id, DroitsIdentite(traits_stricts=True))
    with pytest.raises(Refus, match="motif"):
        gestes_identite.modifier_traits_stricts(ctx, a.id, corrige, a.version, "")
    apres = gestes_identite.modifier_traits_stricts(ctx, a.id, corrige, a.version,
                                                    "Erreur de saisie")
    assert apres.identite.statut is StatutIdentite.VALIDEE
    assert not apres.identite.matricule_ins
    with pytest.raises(Refus, match="changé"):
        gestes_identite.modifier_traits_stricts(ctx, a.id, ADRUN, a.version, "Erreur de saisie")


def test_the_transitory_procedure_is_off_until_switched_on(ctx: Contexte) -> None:
    a = ajouter(ctx, matricule=MATRICULE)
    with pytest.raises(Refus, match="activée"):
        gestes_identite.qualifier_procedure_transitoire(ctx, a.id, "Patient connu de l’équipe")
    enregistrer_reglages_identite(ctx, ReglagesIdentite(procedure_transitoire=True))
    apres = gestes_identite.qualifier_procedure_transitoire(ctx, a.id, "Patient connu")
    assert apres.identite.statut is StatutIdentite.QUALIFIEE
    with pytest.raises(Refus, match="récupérée"):
        gestes_identite.qualifier_procedure_transitoire(ctx, ajouter(ctx).id, "Patient connu")


def test_a_proof_without_value_cannot_be_trusted(ctx: Contexte) -> None:
    with pytest.raises(Refus):
        enregistrer_reglages_identite(ctx, ReglagesIdentite(justificatifs=("CV",)))


def test_look_alikes_are_shown_while_typing_as_at_the_creation(ctx: Contexte) -> None:
    """Two letters apart, or under the used name: seen before the last click, not after."""
    connu = ajouter(ctx, replace(ADRUN, nom_utilise="MARTIN"))
    for nom in ("ADRUN", "ADRUM", "MARTIN"):
        assert [p.id for p in patients.semblables(ctx, nom, "Zoé", "1975-12-31")] == [connu.id]
    assert patients.semblables(ctx, "ADRUN", "ZOE", "1975-12-30") == []
    assert patients.semblables(ctx, "BERNARD", "ZOE", "1975-12-31") == []
