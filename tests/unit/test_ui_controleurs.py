"""The patient's controllers over a real file: what is written, what is dropped, what is said."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_outils import MATRICULE, TRAITS, Attente, dica, identite, ligne, liste

from app.domain import statuts
from app.domain.agenda import EtatPassage, LieuPassage
from app.domain.dica import Dica
from app.domain.dmp import BandeauMes, CompteurMes
from app.domain.document import DocumentAffiche, EtatLigne, ListeDocuments
from app.domain.identity import StatutIdentite
from app.domain.outbox import EtatOrdre
from app.domain.patient import Contact
from app.domain.people import Professionnel, Structure
from app.domain.verification import EtatVerification
from app.services.errors import Indisponible
from app.ui.controllers.dossier import DossierController
from app.ui.controllers.tournee import TourneeController
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.dossier import PageDossier
from app.ui.views.panneau_passage import DemandePassage
from app.ui.views.tournee import PageTournee
from app.ui.workers import Workers
from app.usecases import (
    access,
    agenda,
    consult_dmp,
    documents_dmp,
    dossier,
    notes,
    outbox,
    patients,
    verification,
)
from app.usecases.context import Contexte
from app.usecases.documents import documents_du_patient
from app.usecases.reglages_identite import ReglagesIdentite, enregistrer_reglages_identite

MOT_DE_PASSE = "Cabinet-fictif-2026!"


@pytest.fixture
def ctx(tmp_path: Path, derivation_legere: None) -> Iterator[Contexte]:
    cree = access.creer_cabinet(tmp_path / "cabinet.pleiade", access.DemandeCabinet(
        structure=Structure("1B0123456", "Cabinet fictif"),
        professionnel=Professionnel("899700000016", "MOREAU", "Claire"),
        mot_de_passe=MOT_DE_PASSE, profils=("IDE",), module_mss="integree"))
    yield cree.contexte
    cree.contexte.fermer()


def creer(ctx: Contexte, nom: str, statut: StatutIdentite = StatutIdentite.PROVISOIRE) -> int:
    """A patient of a given status."""
    traits = replace(TRAITS, nom_naissance=nom)
    creation = patients.creer_patient(ctx, traits, Contact("1 rue Haute", "63420", "Mazoires"))
    assert creation.patient is not None
    if statut is not StatutIdentite.PROVISOIRE:
        with ctx.store.ecriture() as u:
            u.patients.enregistrer_identite(creation.patient.id, identite(statut, traits=traits),
                                            auteur="test", cause="test", version=1)
    return creation.patient.id


@pytest.fixture
def controleur(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> DossierController:
    controleur = DossierController(fenetre, workers, ctx)
    fenetre.ajouter_page("dossier", "", "Dossier", controleur.construire)
    return controleur


@pytest.fixture
def page(controleur: DossierController) -> PageDossier:
    return controleur.construire()


# -- Opening --------------------------------------------------------------------------------


def test_local_facts_are_shown_without_any_service(controleur: DossierController,
                                                   page: PageDossier, ctx: Contexte,
                                                   attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    assert page.bandeau.matricule.valeur.text() == "non attribué"
    assert "inconnus" in page.mes.phrase.text()
    assert not page.bandeau.dica.consultable


def test_a_late_answer_for_another_patient_is_dropped(
        controleur: DossierController, page: PageDossier, ctx: Contexte, attendre: Attente,
        monkeypatch: pytest.MonkeyPatch) -> None:
    premier = creer(ctx, "PREMIER", StatutIdentite.QUALIFIEE)
    second = creer(ctx, "SECOND")
    commencee, retenue, rendue = threading.Event(), threading.Event(), threading.Event()

    def lent(ctx_: Contexte, patient_id: int, refaire: bool = False) -> Dica:
        if patient_id == premier:
            commencee.set()
            retenue.wait(60)
            rendue.set()
            return dica()
        return dica(consent=None, session=False)

    monkeypatch.setattr(consult_dmp, "verifier_dmp", lent)
    controleur.ouvrir(premier)
    attendre(lambda: page.bandeau.nom.valeur.text() == "PREMIER")
    attendre(commencee.is_set)  # a task cancelled before it starts never answers at all
    controleur.ouvrir(second)
    attendre(lambda: page.bandeau.nom.valeur.text() == "SECOND")
    retenue.set()
    attendre(rendue.is_set)
    QApplication.processEvents()
    QApplication.processEvents()
    assert not page.bandeau.dica.consultable
    assert page.bandeau.nom.valeur.text() == "SECOND"


def test_opening_the_same_file_again_keeps_the_tab(controleur: DossierController,
                                                   page: PageDossier, ctx: Contexte,
                                                   attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    page.aller("observations")
    controleur.ouvrir(patient)
    assert page.onglet == "observations" and controleur.montre(patient)


# -- Consent and DMP ------------------------------------------------------------------------


@pytest.fixture
def connecte(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session exists; the DMP answers with values."""
    from app.domain.session import EtatSession

    monkeypatch.setattr(consult_dmp, "etat_session", lambda ctx: EtatSession(
        True, "Claire MOREAU", "2099-01-01T12:00:00+00:00"))


def test_consent_opens_the_dmp_in_one_click(
        controleur: DossierController, page: PageDossier, fenetre: Fenetre, ctx: Contexte,
        attendre: Attente, qtbot: QtBot, connecte: None,
        monkeypatch: pytest.MonkeyPatch) -> None:
    from app.domain.dica import RemedeDica

    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    documents = liste(ligne("dmp:1"))
    mes = BandeauMes((CompteurMes("11502-2", "Biologie", 1),), 1, "", "", "dmp:1")
    appels: list[bool] = []

    def verifier(ctx_: Contexte, patient_id: int, refaire: bool = False) -> Dica:
        with ctx_.store.lecture() as u:
            episode = u.episodes.courant(patient_id)
        oui = episode is not None and episode.consentement_consultation
        return dica(consent=True if oui else None, ouvert=bool(oui))

    def actualiser(ctx_: Contexte, patient_id: int,
                   elargir: bool = False) -> tuple[BandeauMes, ListeDocuments]:
        appels.append(elargir)
        return mes, documents

    monkeypatch.setattr(consult_dmp, "verifier_dmp", verifier)
    monkeypatch.setattr(consult_dmp, "actualiser_dmp", actualiser)
    controleur.ouvrir(patient)
    attendre(page.dica.isVisible)
    assert not appels
    bouton = page.dica.lignes["C"].boutons[RemedeDica.PATIENT_CONSENT]
    qtbot.mouseClick(bouton, Qt.MouseButton.LeftButton)
    attendre(lambda: page.mes.compteurs)
    assert page.bandeau.dica.consultable and not page.dica.isVisible()
    assert appels == [False]
    assert fenetre.texte_flottant == "DMP consultable"
    with ctx.store.lecture() as u:
        episode = u.episodes.courant(patient)
    assert episode is not None and episode.consentement_consultation and episode.informe_par
    # A change of the file asks the DMP for nothing more.
    controleur.actualiser()
    qtbot.wait(150)
    assert appels == [False]


def test_a_dead_dmp_leaves_the_file_usable(
        controleur: DossierController, page: PageDossier, ctx: Contexte, attendre: Attente,
        qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    pannes = [True]

    def actualiser(ctx_: Contexte, patient_id: int,
                   elargir: bool = False) -> tuple[BandeauMes, ListeDocuments]:
        if pannes:
            pannes.pop()
            raise Indisponible("Le DMP ne répond pas.")
        return BandeauMes(total=0, depuis="2026-11-23"), liste(ligne("dmp:1"))

    monkeypatch.setattr(consult_dmp, "verifier_dmp", lambda *a, refaire=False: dica())
    monkeypatch.setattr(consult_dmp, "actualiser_dmp", actualiser)
    controleur.ouvrir(patient)
    page.aller("documents")
    attendre(lambda: page.documents.messages.textes)
    assert "restent là" in page.documents.messages.textes[0]
    qtbot.mouseClick(page.mes._reessayer, Qt.MouseButton.LeftButton)
    attendre(lambda: page.documents.modele.rowCount() == 1)


def test_opening_the_newest_document_is_one_click(
        controleur: DossierController, page: PageDossier, ctx: Contexte, attendre: Attente,
        qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    une = ligne("dmp:1")
    monkeypatch.setattr(consult_dmp, "verifier_dmp", lambda *a, refaire=False: dica())
    monkeypatch.setattr(consult_dmp, "actualiser_dmp", lambda *a: (
        BandeauMes((), 1, "2026-11-23", "", "dmp:1"), liste(une)))
    monkeypatch.setattr(documents_dmp, "ouvrir_document", lambda *a: DocumentAffiche(
        une, "Bilan", "LABO", True, None, "<p>INR 2,6</p>"))
    controleur.ouvrir(patient)
    attendre(page.mes.ouvrir.isVisible)
    qtbot.mouseClick(page.mes.ouvrir, Qt.MouseButton.LeftButton)
    assert page.onglet == "documents"
    v = page.documents.visionneuse
    attendre(lambda: v.document is not None)
    attendre(lambda: "INR 2,6" in v.structure.navigateur.toPlainText())


def test_leaving_a_file_ends_its_bris_de_glace(controleur: DossierController, page: PageDossier,
                                              ctx: Contexte, attendre: Attente) -> None:
    premier, second = creer(ctx, "PREMIER"), creer(ctx, "SECOND")
    controleur.ouvrir(premier)
    attendre(lambda: page.bandeau.nom.valeur.text() == "PREMIER")
    page.dica.bris_de_glace.emit("Patiente inconsciente")
    attendre(page._bris.isVisible)
    controleur.ouvrir(second)
    attendre(lambda: not ctx.memoire.bris_de_glace)
    attendre(lambda: page.bandeau.nom.valeur.text() == "SECOND")
    assert not page._bris.isVisible()


# -- Identity -------------------------------------------------------------------------------


def test_document_checked_changes_the_badge(controleur: DossierController, page: PageDossier,
                                            ctx: Contexte, attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.RECUPEREE)
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.statut.statut is StatutIdentite.RECUPEREE)
    menu = page.bandeau.menu_identite()
    next(a for a in menu.actions() if a.data() == "CN").trigger()
    attendre(lambda: page.bandeau.statut.statut is StatutIdentite.QUALIFIEE)


def test_the_menu_offers_the_documents_that_the_practice_trusts(
        controleur: DossierController, page: PageDossier, ctx: Contexte, fenetre: Fenetre,
        attendre: Attente) -> None:
    """Configurable list, and a second gesture when validation isn't automatic (va1.26, va1.33)."""
    enregistrer_reglages_identite(ctx, ReglagesIdentite(validation_automatique=False,
                                                        justificatifs=("PA",)))
    patient = creer(ctx, "ADRUN", StatutIdentite.RECUPEREE)
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.statut.statut is StatutIdentite.RECUPEREE)
    menu = page.bandeau.menu_identite()
    assert [a.data() for a in menu.actions() if a.data()] == ["PA"]
    for accepter in (False, True):
        next(a for a in menu.actions() if a.data() == "PA").trigger()
        question = fenetre.findChildren(Confirmation)[-1]
        (question.accept if accepter else question.reject)()
        if not accepter:
            with ctx.store.lecture() as u:
                assert u.patients.lire(patient).identite.statut is StatutIdentite.RECUPEREE
    attendre(lambda: page.bandeau.statut.statut is StatutIdentite.QUALIFIEE)


def test_opening_a_file_verifies_it_when_it_is_due(
        controleur: DossierController, page: PageDossier, ctx: Contexte, attendre: Attente,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """KO: said above the file that is open; the other files stay silent."""
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    demandes: list[int] = []

    def verifier(ctx_: Contexte, patient_id: int, annule: object = None
                 ) -> verification.ResultatVerification:
        demandes.append(patient_id)
        with ctx_.store.ecriture() as u:
            lu = u.patients.lire(patient_id)
            apres = u.patients.enregistrer_identite(
                patient_id, statuts.verification_ko(lu.identite), auteur="t", cause="KO",
                version=lu.version)
        return verification.ResultatVerification(EtatVerification.KO, apres,
                                                 verification.MESSAGE_KO)

    monkeypatch.setattr(verification, "verifier_attendue", verifier)
    controleur.ouvrir(patient)
    attendre(lambda: demandes == [patient])
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    attendre(lambda: page.bandeau.statut.statut is StatutIdentite.PROVISOIRE)
    attendre(lambda: any("ne confirme plus" in t for t in page.messages.textes))


def test_identity_panel_corrects_a_provisional_identity(
        controleur: DossierController, page: PageDossier, ctx: Contexte,
        attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    page.bandeau.identite_demandee.emit()
    assert controleur.qui.panneau is not None
    dialogue = controleur.qui.panneau.dialogue
    assert dialogue is not None
    dialogue.nom.setText("ADRUNE")
    dialogue.prenom_utilise.setText("Zou")
    dialogue._creer()
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUNE")
    with ctx.store.lecture() as u:
        traits = u.patients.lire(patient).identite.traits
    assert (traits.prenom_utilise, traits.date_naissance, traits.lieu_naissance) == (
        "ZOU", "1975-12-31", "63220")


def test_locked_traits_keep_their_value(controleur: DossierController, page: PageDossier,
                                        ctx: Contexte, attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    page.bandeau.identite_demandee.emit()
    assert controleur.qui.panneau is not None
    dialogue = controleur.qui.panneau.dialogue
    assert dialogue is not None and dialogue.nom.isReadOnly()
    dialogue.nom.setText("AUTRE")
    dialogue.nom_utilise.setText("Dupont")
    dialogue._creer()
    attendre(lambda: controleur.qui.panneau is not None and controleur.qui.panneau.dialogue is None)
    with ctx.store.lecture() as u:
        qui = u.patients.lire(patient).identite
    assert (qui.traits.nom_naissance, qui.traits.nom_utilise) == ("ADRUN", "DUPONT")
    assert qui.matricule_ins == MATRICULE


# -- Notes ----------------------------------------------------------------------------------


def test_a_note_is_stored_and_its_draft_forgotten(
        controleur: DossierController, page: PageDossier, ctx: Contexte, attendre: Attente,
        qtbot: QtBot) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: controleur.onglets.observations._patient_id == patient)
    page.aller("observations")
    vue = page.observations
    qtbot.keyClicks(vue.texte, "Plaie propre.")
    vue.garder_maintenant()
    attendre(lambda: notes.brouillon_note(ctx, patient) == "Plaie propre.")
    page.activateWindow()
    vue.ecrire()
    qtbot.keyClick(vue.texte, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    attendre(lambda: vue.modele.rowCount() == 1)
    attendre(lambda: notes.brouillon_note(ctx, patient) == "")
    assert not vue.texte.toPlainText()
    assert dossier.ouvrir_dossier(ctx, patient).observations[0].texte == "Plaie propre."
    note = vue.modele.observations[0]
    vue.corriger(note)
    vue.texte.setPlainText("Plaie propre, bords nets.")
    vue.enregistrer()
    attendre(lambda: vue.modele.observations[0].texte == "Plaie propre, bords nets.")


def test_a_draft_note_waits_for_its_patient(controleur: DossierController, page: PageDossier,
                                            ctx: Contexte, attendre: Attente,
                                            qtbot: QtBot) -> None:
    premier, second = creer(ctx, "PREMIER"), creer(ctx, "SECOND")
    controleur.ouvrir(premier)
    attendre(lambda: controleur.onglets.observations._patient_id == premier)
    page.aller("observations")
    qtbot.keyClicks(page.observations.texte, "A revoir lundi")
    controleur.ouvrir(second)
    attendre(lambda: controleur.onglets.observations._patient_id == second)
    assert page.observations.texte.toPlainText() == ""
    controleur.ouvrir(premier)
    attendre(lambda: page.observations.texte.toPlainText() == "A revoir lundi")
    assert page.observations.etat.text() == "Brouillon repris"


# -- Letters --------------------------------------------------------------------------------


def test_a_letter_is_kept_previewed_validated_and_its_sending_undone(
        controleur: DossierController, page: PageDossier, fenetre: Fenetre, ctx: Contexte,
        attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    controleur.ouvrir(patient)
    attendre(lambda: page.bandeau.nom.valeur.text() == "ADRUN")
    page.aller("courriers")
    vue = page.courriers
    vue.nouveau_demande.emit("11506-3")
    attendre(lambda: vue.brouillon is not None)
    vue.texte.setPlainText("# Plaie\nPropre.")
    vue._garder()
    attendre(lambda: "Brouillon gardé" in vue.pied.etat.text())
    attendre(lambda: vue.pages.nombre >= 1)
    attendre(lambda: vue.pages.image(0) is not None)
    assert "avec l’INS" in vue.pied.canal.text()
    vue.pied.envoyer.click()
    attendre(lambda: "Document validé" in fenetre.texte_flottant)
    assert vue.brouillon is None
    documents = documents_du_patient(ctx, patient).lignes
    assert [d.etat for d in documents] == [EtatLigne.PROGRAMME]
    fenetre._flottante._defaire()
    attendre(lambda: outbox.lister_envois(ctx)[0].etat is EtatOrdre.ANNULE)


def test_a_held_letter_waits(controleur: DossierController, page: PageDossier, fenetre: Fenetre,
                             ctx: Contexte, attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN", StatutIdentite.QUALIFIEE)
    controleur.ouvrir(patient)
    attendre(lambda: controleur.courant.etat is not None)
    page.aller("courriers")
    page.courriers.nouveau_demande.emit("11506-3")
    attendre(lambda: page.courriers.brouillon is not None)
    page.courriers.texte.setPlainText("Texte")
    page.courriers.pied.retenir.click()
    attendre(lambda: fenetre.texte_flottant.endswith("retenu."))
    assert outbox.lister_envois(ctx)[0].etat is EtatOrdre.RETENU


def test_the_title_follows_the_type_until_it_is_written(
        controleur: DossierController, page: PageDossier, ctx: Contexte,
        attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: controleur.courant.etat is not None)
    page.aller("courriers")
    vue = page.courriers
    vue.nouveau_demande.emit("11506-3")
    attendre(lambda: vue.brouillon is not None)
    vue.feuille.type.setCurrentIndex(vue.feuille.type.findData("adressage"))
    assert vue.feuille.titre.text() == vue.feuille.type.currentText()
    vue.feuille.titre.setText("Mon titre")
    vue.feuille.type.setCurrentIndex(vue.feuille.type.findData("fiche-suivi-soins"))
    assert vue.feuille.titre.text() == "Mon titre"
    assert "attendra la qualification" in vue.pied.canal.text()


def test_an_abandoned_draft_comes_back_with_undo(
        controleur: DossierController, page: PageDossier, fenetre: Fenetre, ctx: Contexte,
        attendre: Attente) -> None:
    patient = creer(ctx, "ADRUN")
    controleur.ouvrir(patient)
    attendre(lambda: controleur.courant.etat is not None)
    page.aller("courriers")
    page.courriers.nouveau_demande.emit("11506-3")
    attendre(lambda: page.courriers.brouillon is not None)
    page.courriers._abandonner()
    attendre(lambda: fenetre.texte_flottant == "Brouillon abandonné")
    assert not documents_du_patient(ctx, patient).lignes
    fenetre._flottante._defaire()
    attendre(lambda: len(documents_du_patient(ctx, patient).lignes) == 1)


# -- Tournée --------------------------------------------------------------------------------


@pytest.fixture
def jour(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> tuple[TourneeController,
                                                                     PageTournee]:
    tournee = TourneeController(fenetre, workers, ctx)
    fenetre.ajouter_page("tournee", "calendar-event", "Tournée", tournee.construire)
    page = fenetre.aller("tournee")
    assert isinstance(page, PageTournee)
    return tournee, page


def test_the_day_is_written_as_it_is_worked(
        jour: tuple[TourneeController, PageTournee], fenetre: Fenetre, ctx: Contexte,
        attendre: Attente, qtbot: QtBot) -> None:
    _, page = jour
    premier, second = creer(ctx, "PREMIER"), creer(ctx, "SECOND")
    aujourd_hui = date.today().isoformat()
    agenda.ajouter_passage(ctx, aujourd_hui, "08:00", premier, "Injection")
    page.jour_demande.emit(aujourd_hui)
    attendre(lambda: page.modele.rowCount() == 1)
    resume = patients.chercher(ctx, "SECOND")[0]
    page.ajout_demande.emit(DemandePassage(resume, "08:30", "Pansement", 20,
                                           LieuPassage.DOMICILE))
    attendre(lambda: page.modele.rowCount() == 2)
    courant = page.table.passage_courant()
    assert courant is not None and courant.patient is not None
    assert courant.patient.id == second and "à 08:30" in fenetre.texte_flottant
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    attendre(lambda: [p.patient.id for p in agenda.tournee(ctx, aujourd_hui) if p.patient] == [
        second, premier])
    attendre(lambda: page.modele.passage(0) is not None
             and page.modele.passage(0).patient.id == second)  # type: ignore[union-attr]
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    attendre(lambda: agenda.tournee(ctx, aujourd_hui)[0].etat is EtatPassage.FAIT)
    attendre(lambda: page.modele.passage(0).etat is EtatPassage.FAIT)  # type: ignore[union-attr]
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    attendre(lambda: len(agenda.tournee(ctx, aujourd_hui)) == 1)
    attendre(lambda: "supprimé" in fenetre.texte_flottant)
    fenetre._flottante._defaire()
    attendre(lambda: len(agenda.tournee(ctx, aujourd_hui)) == 2)


def test_next_patient_of_the_tournee_is_one_key(
        jour: tuple[TourneeController, PageTournee], controleur: DossierController,
        fenetre: Fenetre, ctx: Contexte, attendre: Attente) -> None:
    premier, second = creer(ctx, "PREMIER"), creer(ctx, "SECOND")
    aujourd_hui = date.today().isoformat()
    for heure, patient in (("08:00", premier), ("08:30", second), ("17:00", premier)):
        agenda.ajouter_passage(ctx, aujourd_hui, heure, patient)
    controleur.ouvrir(premier)
    page = controleur.construire()
    attendre(lambda: page.bandeau.nom.valeur.text() == "PREMIER")
    page.voisin_demande.emit(1)
    attendre(lambda: page.bandeau.nom.valeur.text() == "SECOND")
    page.voisin_demande.emit(1)
    attendre(lambda: page.bandeau.nom.valeur.text() == "PREMIER")
    page.voisin_demande.emit(-1)
    attendre(lambda: fenetre.texte_flottant == "Début de la tournée")
