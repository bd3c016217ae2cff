"""Periodic verification: when, what a KO does, and a queue that survives a service that is down."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain import statuts
from app.domain.identity import (
    OID_NIA,
    OID_NIR,
    Identite,
    MatriculeHistorique,
    StatutIdentite,
    Traits,
)
from app.domain.patient import Patient
from app.domain.verification import CauseVerification, EtatVerification
from app.services.errors import Annule, Indisponible, Rejete
from app.usecases import verification
from app.usecases.context import Contexte
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from app.usecases.errors import Refus
from tests.identite_outils import (
    ADRUN,
    AUTRE_MATRICULE,
    MATRICULE,
    InsiFictif,
    contexte,
    panne,
    reponse,
)

MAINTENANT = datetime.now(UTC)
VIEUX = (MAINTENANT - timedelta(days=4 * 365 + 2)).isoformat(timespec="seconds")
RECENT = (MAINTENANT - timedelta(days=30)).isoformat(timespec="seconds")


@pytest.fixture
def insi() -> InsiFictif:
    return InsiFictif()


@pytest.fixture
def ctx(tmp_path: Path, insi: InsiFictif) -> Iterator[Contexte]:
    ctx = contexte(tmp_path, insi)
    yield ctx
    ctx.fermer()


def qualifie(ctx: Contexte, date_insi: str = VIEUX, oid: str = OID_NIR,
             traits: Traits = ADRUN, matricule: str = MATRICULE) -> Patient:
    identite = statuts.recuperer(Identite(traits), traits, matricule, oid, (), date_insi)
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(statuts.controler_document(identite, "CN"), auteur="T",
                                  cause="Création")


def relire(ctx: Contexte, patient: Patient) -> Patient:
    with ctx.store.lecture() as u:
        return u.patients.lire(patient.id)


def test_due_after_four_years_or_with_a_wrong_clock(ctx: Contexte) -> None:
    qualifie(ctx, VIEUX)
    qualifie(ctx, RECENT, matricule=AUTRE_MATRICULE)
    qualifie(ctx, (MAINTENANT + timedelta(days=400)).isoformat(timespec="seconds"))
    assert verification.programmer_dues(ctx) == 2
    assert verification.programmer_dues(ctx) == 0  # one call for one cause


def test_nia_of_the_round_is_verified_at_each_event(ctx: Contexte) -> None:
    nia = qualifie(ctx, RECENT, OID_NIA)
    with ctx.store.ecriture() as u:
        u.agenda.ajouter(datetime.now().astimezone().date().isoformat(), "08:00", ctx.compte_id,
                         nia.id)
    assert verification.programmer_dues(ctx) == 1
    assert verification.evenement(ctx, nia.id)
    assert not verification.evenement(ctx, qualifie(ctx, RECENT).id)
    assert verification.compter_file(ctx) == 1


def test_ok_refreshes_the_date_only(ctx: Contexte) -> None:
    patient = qualifie(ctx)
    resultat = verification.verifier_identite(ctx, patient.id)
    assert resultat.etat is EtatVerification.CONFIRMEE
    apres = relire(ctx, patient).identite
    assert apres.date_insi > VIEUX
    assert replace(apres, date_insi="") == replace(patient.identite, date_insi="")
    assert verification.compter_file(ctx) == 0


def test_ko_takes_the_matricule_away_and_stays_on_the_list(ctx: Contexte,
                                                           insi: InsiFictif) -> None:
    insi.verification = lambda _i: False
    patient = qualifie(ctx)
    resultat = verification.verifier_identite(ctx, patient.id)
    apres = relire(ctx, patient).identite
    assert resultat.etat is EtatVerification.KO
    assert insi.appels == ["verification", "traits"]
    assert (apres.statut, apres.matricule_ins, apres.oid) == (StatutIdentite.PROVISOIRE, "", "")
    assert resultat.document == apres.justificatif == "CN"
    with ctx.store.lecture() as u:
        assert [v.patient_id for v in u.verifications.ko()] == [patient.id]
    verification.traiter_ko(ctx, patient.id)
    with ctx.store.lecture() as u:
        assert u.verifications.ko() == []


def test_nia_that_became_nir_is_retrieved_with_its_history(ctx: Contexte,
                                                          insi: InsiFictif) -> None:
    insi.verification = lambda _i: False
    insi.recherche = lambda *_a: reponse(
        ADRUN, MATRICULE, OID_NIR, (MatriculeHistorique(AUTRE_MATRICULE, OID_NIA),))
    patient = qualifie(ctx, RECENT, OID_NIA, matricule=AUTRE_MATRICULE)
    resultat = verification.verifier_identite(ctx, patient.id)
    apres = relire(ctx, patient).identite
    assert resultat.etat is EtatVerification.RECUPEREE
    assert (apres.statut, apres.matricule_ins) == (StatutIdentite.RECUPEREE, MATRICULE)
    assert apres.historique[0].matricule_ins == AUTRE_MATRICULE
    with ctx.store.lecture() as u:
        assert u.verifications.ko() == []
        assert u.patients.par_matricule(AUTRE_MATRICULE) == [patient.id]


def test_ko_then_a_failed_retrieval_keeps_the_ko(ctx: Contexte, insi: InsiFictif) -> None:
    insi.verification = lambda _i: False
    insi.recherche = panne(Indisponible("INSi ne répond pas.", service="insi"))
    patient = qualifie(ctx)
    assert verification.verifier_identite(ctx, patient.id).etat is EtatVerification.KO
    assert not relire(ctx, patient).identite.matricule_ins


def test_a_late_answer_about_another_identity_changes_nothing(ctx: Contexte,
                                                              insi: InsiFictif) -> None:
    patient = qualifie(ctx)

    def lente(_identite: Identite) -> bool:
        with ctx.store.ecriture() as u:  # meanwhile, another workstation
            actuel = u.patients.lire(patient.id)
            u.patients.enregistrer_identite(
                patient.id, statuts.recuperer(actuel.identite, ADRUN, AUTRE_MATRICULE, OID_NIR, (),
                                              RECENT), auteur="U", cause="INSi",
                version=actuel.version)
        return False

    insi.verification = lente
    resultat = verification.verifier_identite(ctx, patient.id)
    assert resultat.etat is EtatVerification.ABANDONNEE
    assert relire(ctx, patient).identite.matricule_ins == AUTRE_MATRICULE
    assert relire(ctx, patient).identite.statut is StatutIdentite.QUALIFIEE


def test_a_technical_error_never_downgrades(ctx: Contexte, insi: InsiFictif) -> None:
    insi.verification = panne(Rejete("Traits refusés.", service="insi", code="insi_102"))
    patient = qualifie(ctx)
    with pytest.raises(Rejete):
        verification.verifier_identite(ctx, patient.id)
    bilan = verification.traiter_file(ctx)
    assert relire(ctx, patient).identite == patient.identite
    assert (bilan.restantes, bilan.ko) == (1, 0)
    with ctx.store.lecture() as u:
        assert u.verifications.suivante() is None  # not before tomorrow
        assert u.verifications.suivante(MAINTENANT + timedelta(days=2)) is not None


def test_a_thousand_wait_for_a_service_that_is_down_and_cost_one_call(
        ctx: Contexte, insi: InsiFictif) -> None:
    with ctx.store.ecriture() as u:
        base = statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), VIEUX)
        for n in range(1000):
            lettres = chr(65 + n // 100) + chr(65 + n // 10 % 10) + chr(65 + n % 10)
            u.patients.ajouter(replace(base, traits=replace(ADRUN, nom_naissance="N" + lettres)),
                               auteur="T", cause="Création")
    assert verification.programmer_dues(ctx) == 1000
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    bilan = verification.traiter_file(ctx)
    assert (bilan.restantes, len(insi.appels), bilan.arret) == (1000, 1, "INSi ne répond pas.")
    insi.verification = lambda _i: True
    vus: list[tuple[int, int]] = []
    bilan = verification.traiter_file(ctx, progres=vus.append)
    assert (bilan.confirmees, bilan.restantes) == (50, 950)
    assert vus[-1] == (50, 50)
    appels = len(insi.appels)
    assert verification.traiter_file(ctx, annule=lambda: True).restantes == 950
    assert len(insi.appels) == appels
    assert verification.abandonner_file(ctx) == 950


def test_an_open_breaker_costs_no_call(ctx: Contexte, insi: InsiFictif) -> None:
    verification.demander_verification(ctx, qualifie(ctx).id)
    for _ in range(3):
        ctx.services.etats.noter("insi", Indisponible("INSi ne répond pas.", service="insi"))
    assert verification.traiter_file(ctx).arret == "INSi ne répond pas."
    assert insi.appels == []


def test_the_queue_waits_for_the_login_and_for_the_right(ctx: Contexte, insi: InsiFictif) -> None:
    patient = qualifie(ctx)
    verification.demander_verification(ctx, patient.id)
    definir_droits(ctx, ctx.compte_id, DroitsIdentite(insi=False))
    assert "droit" in verification.traiter_file(ctx).arret
    definir_droits(ctx, ctx.compte_id, DroitsIdentite())
    assert ctx.services.proxy is not None
    type(ctx.services.proxy).session = None
    try:
        assert "Pro Santé Connect" in verification.traiter_file(ctx).arret
        with pytest.raises(Refus, match="Pro Santé Connect"):
            verification.verifier_identite(ctx, patient.id)
    finally:
        type(ctx.services.proxy).session = object()
    assert insi.appels == []
    assert verification.traiter_file(ctx).confirmees == 1


def test_cancelling_inside_a_call_keeps_the_place(ctx: Contexte, insi: InsiFictif) -> None:
    insi.verification = panne(Annule("Abandonné.", service="insi"))
    verification.demander_verification(ctx, qualifie(ctx).id)
    assert verification.traiter_file(ctx).restantes == 1
    with ctx.store.lecture() as u:
        ligne = u.verifications.suivante()
        assert ligne is not None and ligne.cause is CauseVerification.MANUELLE


def test_what_is_not_from_insi_has_nothing_to_verify(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="Création")
    for geste in (verification.verifier_identite, verification.demander_verification):
        with pytest.raises(Refus, match="rien à vérifier"):
            geste(ctx, patient.id)


# --- The verification of the file that opens ----------------------------------------------------

def test_the_file_that_opens_is_verified_before_the_others(ctx: Contexte,
                                                           insi: InsiFictif) -> None:
    premier, ouvert = qualifie(ctx), qualifie(ctx, traits=replace(ADRUN, nom_naissance="DEUX"))
    assert verification.verifier_attendue(ctx, ouvert.id) is None  # nothing waits yet
    verification.programmer_dues(ctx)
    resultat = verification.verifier_attendue(ctx, ouvert.id)
    assert resultat is not None and resultat.etat is EtatVerification.CONFIRMEE
    assert verification.compter_file(ctx) == 1 and relire(ctx, premier).version == premier.version
    assert insi.appels == ["verification"]


def test_opening_while_the_service_is_down_costs_one_call_then_none(ctx: Contexte,
                                                                    insi: InsiFictif) -> None:
    patient = qualifie(ctx)
    verification.programmer_dues(ctx)
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    for _ in range(3):  # opened, closed, opened again
        assert verification.verifier_attendue(ctx, patient.id) is None
    assert insi.appels == ["verification"]
    assert relire(ctx, patient).identite == patient.identite
    assert verification.compter_file(ctx) == 1


@pytest.mark.parametrize("cas", ["deconnecte", "sans_droit", "disjoncteur"])
def test_opening_without_what_a_call_needs_stays_silent(ctx: Contexte, insi: InsiFictif,
                                                        cas: str) -> None:
    patient = qualifie(ctx)
    verification.programmer_dues(ctx)
    if cas == "deconnecte":
        ctx.services.proxy = None
    elif cas == "sans_droit":
        definir_droits(ctx, ctx.compte_id, DroitsIdentite(insi=False))
    else:
        for _ in range(3):
            ctx.services.etats.noter("insi", Indisponible("INSi ne répond pas.", service="insi"))
    assert verification.verifier_attendue(ctx, patient.id) is None
    assert insi.appels == [] and verification.compter_file(ctx) == 1
