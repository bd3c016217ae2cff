"""What happens meanwhile: two workstations, late answers, a wrong clock, an older file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain import statuts
from app.domain.identity import OID_NIR, Attribut, Identite, StatutIdentite, Traits
from app.domain.patient import Patient
from app.domain.verification import EtatVerification
from app.services.errors import Indisponible
from app.services.insi import ReponseInsi
from app.store.engine import ouvrir
from app.store.errors import ConflitVersion
from app.usecases import fusion, gestes_identite, identify, patients, verification
from app.usecases.context import Contexte
from app.usecases.droits_identite import DroitsIdentite, definir_droits
from app.usecases.errors import Refus
from tests.identite_outils import (
    ADRUN,
    AUTRE_MATRICULE,
    MATRICULE,
    InsiFictif,
    ServicesFictifs,
    contexte,
    panne,
    reponse,
)
from tests.store_outils import CLE, semer_0001

VIEUX = (datetime.now(UTC) - timedelta(days=5 * 365)).isoformat(timespec="seconds")


@pytest.fixture
def insi() -> InsiFictif:
    return InsiFictif()


@pytest.fixture
def ctx(tmp_path: Path, insi: InsiFictif) -> Iterator[Contexte]:
    ctx = contexte(tmp_path, insi)
    yield ctx
    ctx.fermer()


@pytest.fixture
def autre(ctx: Contexte, tmp_path: Path, insi: InsiFictif) -> Iterator[Contexte]:
    """A second workstation on the same file."""
    services: Any = ServicesFictifs(insi)
    poste = replace(ctx, store=ouvrir(tmp_path / "cabinet.pleiade", CLE), services=services)
    yield poste
    poste.store.fermer()


def creer(ctx: Contexte, traits: Traits = ADRUN) -> Patient:
    cree = patients.creer_patient(ctx, traits, force=True).patient
    assert cree is not None
    return cree


def qualifie(ctx: Contexte, date_insi: str = VIEUX) -> Patient:
    identite = statuts.controler_document(statuts.recuperer(
        Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), date_insi), "CN")
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="Création")


def lire(ctx: Contexte, patient: Patient) -> Patient:
    with ctx.store.lecture() as u:
        return u.patients.lire(patient.id)


# --- Two workstations ---------------------------------------------------------------------------

def test_the_second_workstation_hears_it_and_nothing_is_lost(ctx: Contexte,
                                                             autre: Contexte) -> None:
    lu = creer(ctx)
    patients.modifier_traits(ctx, lu.id, replace(ADRUN, nom_utilise="MARTIN"), lu.version)
    with pytest.raises(ConflitVersion):
        patients.modifier_traits(autre, lu.id, replace(ADRUN, prenom_utilise="ZO"), lu.version)
    assert lire(autre, lu).identite.traits == replace(ADRUN, nom_utilise="MARTIN")
    # With what was read, the second change joins the first one.
    ensemble = patients.modifier_traits(autre, lu.id, replace(ADRUN, prenom_utilise="ZO"),
                                        lu.version, base=ADRUN)
    assert ensemble.identite.traits == replace(ADRUN, nom_utilise="MARTIN", prenom_utilise="ZO")
    assert len(patients.historique_identite(ctx, lu.id)) == 3


def test_a_locked_trait_edited_on_an_old_screen_is_refused(ctx: Contexte,
                                                           autre: Contexte) -> None:
    """One corrects strict traits with a reason while the other's screen shows the old ones."""
    lu = qualifie(ctx)
    for poste in (ctx, autre):
        definir_droits(poste, poste.compte_id, DroitsIdentite(traits_stricts=True))
    gestes_identite.modifier_traits_stricts(
        ctx, lu.id, replace(ADRUN, nom_naissance="ADRUNE"), lu.version, "Acte vu")
    with pytest.raises(Refus, match="changé entre-temps"):
        gestes_identite.modifier_traits_stricts(
            autre, lu.id, replace(ADRUN, nom_naissance="ADROUN"), lu.version, "Carte vue")
    assert lire(ctx, lu).identite.traits.nom_naissance == "ADRUNE"


def test_an_answer_is_accepted_for_the_identity_that_was_compared(ctx: Contexte, autre: Contexte,
                                                                  insi: InsiFictif) -> None:
    patient = creer(ctx, replace(ADRUN, lieu_naissance="75112", sexe="F", prenoms=""))
    insi.recherche = lambda *_: reponse(replace(ADRUN, nom_naissance="ADRUM"))
    resultat = identify.qualifier_insi(ctx, patient.id)
    assert resultat.etat == "a_comparer" and resultat.reponse is not None
    patients.modifier_traits(autre, patient.id, replace(
        ADRUN, nom_naissance="TOUTAUTRE", date_naissance="1980-01-01"), patient.version)
    with pytest.raises(Refus, match="pendant la comparaison"):
        identify.accepter_insi(ctx, patient.id, resultat.reponse,
                               vue=resultat.patient and resultat.patient.identite)
    apres = lire(ctx, patient).identite
    assert (apres.statut, apres.matricule_ins) == (StatutIdentite.PROVISOIRE, "")
    assert apres.traits.nom_naissance == "TOUTAUTRE"


def test_insi_that_answers_before_the_click_refuses_no_document(ctx: Contexte,
                                                               autre: Contexte) -> None:
    """The nurse looked at a provisoire identity; INSi's answer came in between. A colleague's
    correction still stops her."""
    patient = creer(ctx, replace(ADRUN, prenoms=""))
    vue = patient.identite
    identify.accepter_insi(autre, patient.id, reponse(ADRUN, MATRICULE, OID_NIR))
    fait = identify.controler_document(ctx, patient.id, "CN", vue)
    assert fait.identite.statut is StatutIdentite.QUALIFIEE
    autre_patient = creer(ctx, replace(ADRUN, nom_naissance="BERGERAC"))
    vue = autre_patient.identite
    identify.marquer(autre, autre_patient.id, Attribut.DOUTEUSE, True)
    with pytest.raises(Refus) as refus:
        identify.controler_document(ctx, autre_patient.id, "CN", vue)
    assert refus.value.code == "CONFLIT"


def test_one_line_of_the_queue_is_worked_once(ctx: Contexte, autre: Contexte,
                                              insi: InsiFictif) -> None:
    """Both take the same verification: one outcome is written, the other hears the conflict."""
    patient = qualifie(ctx)
    verification.programmer_dues(ctx)
    bilans = []

    def pendant(_identite: Identite) -> bool:
        insi.verification = lambda _i: False
        bilans.append(verification.traiter_file(autre))
        return False

    insi.verification = pendant
    bilans.append(verification.traiter_file(ctx))
    assert sum(b.ko + b.recuperees for b in bilans) == 1
    assert lire(ctx, patient).identite.statut is StatutIdentite.PROVISOIRE
    statuts_lus = [x.identite.statut for x in patients.historique_identite(ctx, patient.id)]
    assert statuts_lus.count(StatutIdentite.PROVISOIRE) == 1  # downgraded once


# --- Late answers -------------------------------------------------------------------------------

def pendant_l_appel(insi: InsiFictif, geste: Any, recue: ReponseInsi) -> None:
    """Do something between the question and the answer."""
    def rechercher(*_: Any) -> ReponseInsi:
        geste()
        return recue

    insi.recherche = rechercher


def test_marked_doubtful_while_insi_was_answering(ctx: Contexte, insi: InsiFictif) -> None:
    patient = creer(ctx)
    pendant_l_appel(insi, lambda: identify.marquer(ctx, patient.id, Attribut.DOUTEUSE, True),
                    reponse())
    resultat = identify.qualifier_insi(ctx, patient.id)
    assert resultat.etat == "impossible" and "pendant l’appel" in resultat.message
    assert lire(ctx, patient).identite.matricule_ins == ""
    with ctx.store.lecture() as u:  # the call was made: it is in the trail
        assert [x.resultat for x in u.trail.lister() if x.quoi == "insi.appel"] == ["00"]


def test_corrected_while_insi_was_answering(ctx: Contexte, insi: InsiFictif) -> None:
    """The answer is about the old name: it is compared with the new one, never applied alone."""
    patient = creer(ctx)
    pendant_l_appel(insi, lambda: patients.modifier_traits(
        ctx, patient.id, replace(ADRUN, nom_naissance="BERNARD"), patient.version), reponse())
    assert identify.qualifier_insi(ctx, patient.id).etat == "a_comparer"
    assert lire(ctx, patient).identite.statut is StatutIdentite.PROVISOIRE


def test_merged_while_insi_was_answering(ctx: Contexte, insi: InsiFictif) -> None:
    """The answer goes to the file that was kept."""
    garde, autre_dossier = creer(ctx), creer(ctx)
    pendant_l_appel(insi, lambda: fusion.fusionner(
        ctx, lire(ctx, garde), lire(ctx, autre_dossier), "Même personne"), reponse())
    resultat = identify.qualifier_insi(ctx, autre_dossier.id)
    assert resultat.patient is not None and resultat.patient.id == garde.id
    assert lire(ctx, autre_dossier).identite.matricule_ins == ""


def test_an_answer_about_another_person_never_applies_itself(ctx: Contexte,
                                                             insi: InsiFictif) -> None:
    patient = creer(ctx)
    autre_personne = Traits("CORSE", "ANTHONY", "1980-03-02", "M", "2B020", prenoms="ANTHONY")
    insi.recherche = lambda *_: reponse(autre_personne, AUTRE_MATRICULE)
    resultat = identify.qualifier_insi(ctx, patient.id)
    assert resultat.etat == "a_comparer"
    assert lire(ctx, patient).identite == patient.identite


# --- A clock that was wrong ---------------------------------------------------------------------

@pytest.mark.parametrize("annees", [-3, 3])
def test_dates_written_under_a_wrong_clock_are_asked_again(ctx: Contexte, annees: int) -> None:
    """Ahead: an answer « of the future » proves nothing. Behind: it is simply old enough or not."""
    ecrite = datetime.now(UTC) + timedelta(days=365 * annees)
    qualifie(ctx, ecrite.isoformat(timespec="seconds"))
    assert verification.programmer_dues(ctx) == (1 if annees > 0 else 0)


def test_a_wait_written_under_a_clock_that_ran_ahead_ends_at_once(ctx: Contexte,
                                                                  insi: InsiFictif) -> None:
    """The service was down one day when the clock said next year: nobody waits a year."""
    qualifie(ctx)
    verification.programmer_dues(ctx)
    insi.verification = panne(Indisponible("INSi ne répond pas.", service="insi"))
    verification.traiter_file(ctx)
    with ctx.store.ecriture() as u:
        (ligne,) = u.verifications.en_attente(1)
        assert u.verifications.suivante() is None  # a normal wait holds
        u.verifications.reporter(ligne.id, datetime.now(UTC) + timedelta(days=400), message="",
                                 version=ligne.version)
    ctx.services.etats.rearmer()
    insi.verification = lambda _i: True
    assert verification.traiter_file(ctx).confirmees == 1


# --- A file of an earlier version ---------------------------------------------------------------

#: Identities of every kind, as the second revision kept them.
_IDENTITES_0002 = (
    ("qualifiee", "275126322074974", "1.2.250.1.213.1.4.8", "document", "CN", ""),
    ("recuperee", "180032B02040123", "1.2.250.1.213.1.4.8", "", "", "homonyme"),
    ("validee", "", "", "document", "PA", ""),
    ("provisoire", "", "", "", "", "douteuse"),
)


def test_identities_of_the_previous_version_are_kept_whole(tmp_path: Path) -> None:
    """Statuses, matricules, proofs, attributes, queue: all there after the upgrade, and usable."""
    from app.store.connections import moteur_sqlite, ouvrir_brut
    from app.store.upgrade import mettre_a_niveau

    chemin = tmp_path / "cabinet.pleiade"
    ouvrir_brut(chemin, CLE, creer=True).close()
    moteur = moteur_sqlite(chemin, CLE, references=False)
    semer_0001(moteur)
    with moteur.begin() as connexion:
        mettre_a_niveau(connexion, "0002")
        colonnes = [c[1] for c in connexion.exec_driver_sql("PRAGMA table_info(patient)")]
        modele = dict(zip(colonnes, connexion.exec_driver_sql(
            "SELECT * FROM patient WHERE id = 1").one(), strict=True))
        for rang, (statut, numero, oid, mode, document, attributs) in enumerate(
                _IDENTITES_0002, 2):
            ligne = modele | {
                "id": rang, "nom_naissance": f"NOM{'ABCD'[rang - 2]}", "statut": statut,
                "matricule_ins": numero, "oid": oid, "mode_qualification": mode,
                "justificatif": document, "attributs": attributs,
                "date_insi": VIEUX if numero else ""}
            connexion.exec_driver_sql(
                f"INSERT INTO patient ({', '.join(ligne)}) VALUES "
                f"({', '.join('?' * len(ligne))})", tuple(ligne.values()))
            connexion.exec_driver_sql("INSERT INTO recherche_rang VALUES (?, ?, ?)", (
                4096 * rang, rang, f"NOM{'ABCD'[rang - 2]} MARIE 1975-03-12"))
        connexion.exec_driver_sql(
            "INSERT INTO verification_ins (patient_id, cause, etat, demandee_le, essais, "
            "prochain_essai, message, terminee_le, version) VALUES (2, 'quatre_ans', 'attente', "
            "'2026-01-05T09:00:00+01:00', 0, '', '', '', 1)")
    moteur.dispose()
    store = ouvrir(chemin, CLE)
    with store.lecture() as u:
        lues = [u.patients.lire(i).identite for i in range(2, 6)]
        (attente,) = u.verifications.en_attente(5)
    store.fermer()
    assert [(i.statut.value, i.matricule_ins, i.oid, i.mode_qualification.value, i.justificatif,
             sorted(a.value for a in i.attributs)) for i in lues] == [
        (s, m, o, mode, d, attributs.split())
        for s, m, o, mode, d, attributs in _IDENTITES_0002]
    assert (attente.patient_id, attente.etat) == (2, EtatVerification.ATTENTE)


@pytest.mark.attaque("Identité qualifiée par une annulation forgée",
                     tente="marquer douteuse une identité provisoire, puis « annuler » ce "
                           "marquage en présentant une identité qualifiée et un matricule",
                     constat="refusé\u00a0: seule l’identité que le dossier tenait juste avant "
                             "revient\u00a0; rien n’est qualifié sans INSi ni document")
def test_undoing_a_mark_qualifies_nobody(ctx: Contexte) -> None:
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(Identite(ADRUN), auteur="T", cause="C")
    forgee = statuts.controler_document(statuts.recuperer(
        Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"), "CN")
    avant, marque = identify.marquer_annulable(ctx, patient.id, Attribut.DOUTEUSE, True)
    with pytest.raises(Refus, match="avant le marquage"):
        identify.annuler_marquage(ctx, marque, forgee)
    with ctx.store.lecture() as u:
        lu = u.patients.lire(patient.id)
        assert lu == marque and not lu.identite.matricule_ins
    assert identify.annuler_marquage(ctx, marque, avant).identite == Identite(ADRUN)


def test_a_doubt_set_by_mistake_is_undone_whole(ctx: Contexte) -> None:
    qualifiee = statuts.controler_document(statuts.recuperer(
        Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"), "CN")
    with ctx.store.ecriture() as u:
        patient = u.patients.ajouter(qualifiee, auteur="T", cause="C")
    for attribut in (Attribut.DOUTEUSE, Attribut.FICTIVE):
        avant, marque = identify.marquer_annulable(ctx, patient.id, attribut, True)
        assert not marque.identite.matricule_ins
        assert identify.annuler_marquage(ctx, marque, avant).identite == patient.identite
        with pytest.raises(ConflitVersion):
            identify.annuler_marquage(ctx, marque, avant)
    with ctx.store.lecture() as u:
        assert [t.resultat for t in u.trail.lister()
                if t.quoi == "identite.attribut_annule"] == ["qualifiee", "qualifiee"]
