"""Pages of the identitovigilance: what they show, what they ask for, without a service."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain import statuts
from app.domain.identity import OID_NIR, Identite, Traits
from app.domain.listes_identite import ListeIdentite
from app.domain.patient import Patient
from app.ui import theme
from app.ui.controllers.fusion import FusionController
from app.ui.controllers.historique_identite import HistoriqueIdentiteController
from app.ui.controllers.import_identites import ImportController
from app.ui.controllers.listes_identite import ListesIdentiteController
from app.ui.controllers.reglages_identite import ReglagesIdentiteController
from app.ui.controllers.tableau_ins import TableauInsController
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.motif import DialogueMotif
from app.ui.views.separation import DialogueSeparation, DialogueTraits
from app.ui.workers import Workers
from app.usecases import fusion, patients, verification
from app.usecases.context import Contexte
from app.usecases.dossier import ouvrir_dossier
from app.usecases.droits_identite import DroitsIdentite, definir_droits, droits
from app.usecases.gestes_identite import signaler_collision
from app.usecases.reglages_identite import (
    ReglagesIdentite,
    enregistrer_reglages_identite,
    lire_reglages_identite,
)
from tests.identite_outils import ADRUN, AUTRE_MATRICULE, MATRICULE, InsiFictif, contexte


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path, InsiFictif(verification=lambda _i: False))
    yield ctx
    ctx.fermer()


@pytest.fixture
def fenetre(qtbot: QtBot, qapp: QApplication) -> Fenetre:
    theme.charger_polices()
    theme.appliquer(qapp, "clair")
    fenetre = Fenetre("0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    fenetre.resize(1366, 690)
    return fenetre


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers()
    yield workers
    workers.fermer()


def ajouter(ctx: Contexte, nom: str = "ADRUN", matricule: str = "") -> Patient:
    traits: Traits = replace(ADRUN, nom_naissance=nom)
    identite = Identite(traits)
    if matricule:
        identite = statuts.recuperer(identite, traits, matricule, OID_NIR, (),
                                     "2026-01-01T08:00:00+01:00")
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


def attendre(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition)


# --- Work lists ---------------------------------------------------------------------------------

def test_lists_show_counts_lines_and_their_gestures(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    verification.verifier_identite(ctx, patient.id)
    autre = ajouter(ctx, "ADRUM")
    c = ListesIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("identites", "fingerprint", "Identités", c.construire)
    fenetre.show()
    vue = fenetre.aller("identites")
    attendre(qtbot, lambda: vue.modele.rowCount() == 1)  # type: ignore[attr-defined]
    assert c._vue is not None
    vue = c._vue
    assert vue.courante() is not None and vue.courante().patient.id == patient.id
    assert "KO" in vue._choix[ListeIdentite.VERIFICATION_KO].accessibleName()
    with qtbot.waitSignal(c.patient_demande) as ouvert:
        qtbot.keyClick(vue.table, Qt.Key.Key_Return)
    assert ouvert.args == [patient.id]

    vue._choix[ListeIdentite.DOUBLONS].click()
    attendre(qtbot, lambda: "comparer" in vue.boutons and vue.boutons["comparer"].isEnabled())
    with qtbot.waitSignal(c.comparaison_demandee) as paire:
        vue.boutons["comparer"].click()
    assert paire.args == [patient.id, autre.id]
    vue.boutons["homonymes"].click()
    attendre(qtbot, lambda: vue.modele.rowCount() == 0)
    assert not vue.boutons["comparer"].isEnabled()

    vue._choix[ListeIdentite.VERIFICATION_KO].click()
    attendre(qtbot, lambda: "traiter_ko" in vue.boutons and vue.boutons["traiter_ko"].isEnabled())
    vue.boutons["traiter_ko"].click()
    attendre(qtbot, lambda: vue.modele.rowCount() == 0)


def test_a_verification_runs_from_the_list_and_says_its_outcome(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    verification.demander_verification(ctx, patient.id)
    c = ListesIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("identites", "fingerprint", "Identités", c.construire)
    fenetre.show()
    fenetre.aller("identites")
    assert c._vue is not None
    vue = c._vue
    vue._demander(ListeIdentite.A_VERIFIER)
    attendre(qtbot, lambda: vue.modele.rowCount() == 1)
    vue.boutons["verifier_tous"].click()
    attendre(qtbot, lambda: "1 KO à traiter" in fenetre.texte_flottant)
    attendre(qtbot, lambda: vue.modele.rowCount() == 0)


def test_opening_a_file_queues_what_is_due_and_the_background_verifies_it(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    with ctx.store.ecriture() as u:
        vieille = replace(patient.identite, date_insi="2019-01-01T08:00:00+01:00")
        u.patients.enregistrer_identite(patient.id, vieille, auteur="T", cause="C",
                                        version=patient.version)
    proxy, ctx.services.proxy = ctx.services.proxy, None  # opening needs no session
    ouvrir_dossier(ctx, patient.id)
    ctx.services.proxy = proxy
    assert verification.compter_file(ctx) == 1
    c = ListesIdentiteController(fenetre, workers, ctx)
    fenetre.show()
    c.verifier_en_fond()
    attendre(qtbot, lambda: bool(fenetre.messages.textes))
    assert "ne confirme plus 1 identité." in fenetre.messages.textes[0]
    assert verification.compter_file(ctx) == 0


def test_lifting_a_doubt_asks_why(qtbot: QtBot, fenetre: Fenetre, workers: Workers,
                                  ctx: Contexte) -> None:
    patient = ajouter(ctx)
    signaler_collision(ctx, patient.id, "Deux personnes")
    c = ListesIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("identites", "fingerprint", "Identités", c.construire)
    fenetre.show()
    fenetre.aller("identites")
    assert c._vue is not None
    vue = c._vue
    vue._demander(ListeIdentite.DOUTEUSES)
    attendre(qtbot, lambda: vue.modele.rowCount() == 1)
    vue.boutons["lever_doute"].click()
    (question,) = fenetre.findChildren(DialogueMotif)
    question.valider.click()
    assert "motif" in question._champ.faute.text()
    question.texte.setText("Carte d’identité vue")
    question.valider.click()
    attendre(qtbot, lambda: vue.modele.rowCount() == 0)


# --- Merge --------------------------------------------------------------------------------------

@pytest.fixture
def page_fusion(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> FusionController:
    c = FusionController(fenetre, workers, ctx)
    fenetre.ajouter_page("fusion", "", "Fusion", c.construire)
    fenetre.show()
    return c


def test_two_files_are_compared_merged_and_separated_again(
        qtbot: QtBot, fenetre: Fenetre, ctx: Contexte, page_fusion: FusionController) -> None:
    a, b = ajouter(ctx, matricule=MATRICULE), ajouter(ctx, "ADRUM")
    page_fusion.comparer(a.id, b.id)
    vue = page_fusion._vue
    assert vue is not None
    attendre(qtbot, lambda: vue._a is not None)
    assert "récupérée" in vue._resultat.text()
    vue.fusionner.click()
    assert vue._champ.faute.text()  # no reason, no merge
    vue._groupe.button(1).setChecked(True)
    vue.motif.setText("Même personne, carte vue")
    vue.fusionner.click()
    (question,) = fenetre.findChildren(Confirmation)
    with qtbot.waitSignal(page_fusion.change):
        question.confirmer.click()
    assert patients.ids_patients(ctx) == [b.id]
    attendre(qtbot, lambda: vue._pile.currentIndex() == 0 and vue._journal.count() > 2)
    (fait,) = fusion.regroupements(ctx)
    vue.defaire_demande.emit(fait)
    question = fenetre.findChildren(Confirmation)[-1]
    with qtbot.waitSignal(page_fusion.change):
        question.confirmer.click()
    assert len(patients.ids_patients(ctx)) == 2


def test_two_persons_cannot_be_merged_from_the_page(
        qtbot: QtBot, ctx: Contexte, page_fusion: FusionController) -> None:
    a, b = ajouter(ctx, matricule=MATRICULE), ajouter(ctx, matricule=AUTRE_MATRICULE)
    page_fusion.comparer(a.id, b.id)
    vue = page_fusion._vue
    assert vue is not None
    attendre(qtbot, lambda: vue._a is not None)
    assert not vue.fusionner.isVisibleTo(vue)
    assert "deux personnes" in vue._resultat.text()
    with qtbot.waitSignal(page_fusion.change):
        vue.homonymes.click()


# --- Dashboard, history, import -----------------------------------------------------------------

def test_the_dashboard_counts_filters_and_exports(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte, tmp_path: Path) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    c = TableauInsController(fenetre, workers, ctx)
    fenetre.ajouter_page("tableau_ins", "calendar", "Indicateurs", c.construire)
    fenetre.show()
    fenetre.aller("tableau_ins")
    vue = c._vue
    assert vue is not None
    attendre(qtbot, lambda: vue._tableau is not None)
    assert vue._pile.currentIndex() == 1 and not vue.exporter.isEnabled()
    with ctx.store.ecriture() as u:
        u.observations.ajouter(patient.id, "vue", auteur_id=ctx.compte_id)
    vue._tableau = None
    vue.periode.setCurrentIndex(0)
    vue.demander()
    attendre(qtbot, lambda: vue._tableau is not None)
    assert vue._tableau is not None and vue._tableau.mois[-1].recuperees == 1
    assert vue._pile.currentIndex() == 0
    c.enregistrer(vue._tableau, str(tmp_path / "t.csv"))
    attendre(qtbot, lambda: "t.csv" in fenetre.texte_flottant)
    assert "Identités récupérées;1;100,0" in (tmp_path / "t.csv").read_text("utf-8-sig")
    c.enregistrer(vue._tableau, str(tmp_path / "absent" / "t.csv"))
    attendre(qtbot, lambda: bool(fenetre.messages.textes))
    assert "pas pu être enregistré" in fenetre.messages.textes[0]


def test_the_history_tells_each_step_and_hides_matricules_without_the_right(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    patient = ajouter(ctx)
    with ctx.store.ecriture() as u:
        recuperee = statuts.recuperer(patient.identite, ADRUN, MATRICULE, OID_NIR, (),
                                      "2026-01-01T08:00:00+01:00")
        u.patients.enregistrer_identite(patient.id, recuperee, auteur="T", cause="INSi",
                                        version=patient.version)
    verification.verifier_identite(ctx, patient.id)
    c = HistoriqueIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("historique_identite", "", "Historique", c.construire)
    fenetre.show()
    c.ouvrir(patient.id)
    vue = c._vue
    assert vue is not None
    attendre(qtbot, lambda: len(vue._etapes) == 3)
    ko, insi, creation = vue._etapes
    assert ko.degrade and "Matricule INS retiré." in ko.changements
    assert "2\u00a075" in insi.changements[-1] and creation.statut_avant is None
    vue.statuts_seuls.setChecked(True)
    assert vue._carte.titre.text() == "3 étapes"
    definir_droits(ctx, ctx.compte_id, DroitsIdentite(ins=False))
    vue._etapes = ()
    c.ouvrir(patient.id)
    attendre(qtbot, lambda: len(vue._etapes) == 3)
    assert "2\u00a075" not in " ".join(vue._etapes[1].changements)
    with qtbot.waitSignal(c.patient_demande) as retour:
        vue.retour_demande.emit()
    assert retour.args == [patient.id]


def test_an_import_is_tried_shown_then_written(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte, tmp_path: Path) -> None:
    ajouter(ctx)
    fichier = tmp_path / "patients.csv"
    fichier.write_text("nom;prénom;naissance;sexe;cog\nADRUM;ZOE;31/12/1975;F;63220\n"
                       "PETIT;LEO;01/02/2000;M;63220\n;X;01/02/2000;M;63220\n")
    c = ImportController(fenetre, workers, ctx)
    fenetre.ajouter_page("import_identites", "", "Import", c.construire)
    fenetre.show()
    fenetre.aller("import_identites")
    vue = c._vue
    assert vue is not None
    c.essayer(str(tmp_path / "absent.csv"))
    attendre(qtbot, lambda: bool(fenetre.messages.textes))
    c.essayer(str(fichier))
    attendre(qtbot, lambda: vue.modele.rowCount() == 3)
    assert len(patients.ids_patients(ctx)) == 1
    vue.segment.bouton("refuser").click()
    assert vue.modele.rowCount() == 1
    assert vue._resume.text().startswith("1 dossier")
    vue.doublons.setChecked(True)
    assert vue.importer.text() == "Importer 2 identités"
    with qtbot.waitSignal(c.change):
        vue.importer.click()
    assert len(patients.ids_patients(ctx)) == 3
    assert vue._grand.text() == "2 dossiers créés"
    c.exporter("fhir", str(tmp_path / "sortie.json"))
    attendre(qtbot, lambda: (tmp_path / "sortie.json").exists())


@pytest.fixture
def page_historique(fenetre: Fenetre, workers: Workers,
                    ctx: Contexte) -> HistoriqueIdentiteController:
    c = HistoriqueIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("historique_identite", "", "Historique", c.construire)
    fenetre.show()
    return c


def ouvrir_historique(qtbot: QtBot, c: HistoriqueIdentiteController, patient: Patient) -> None:
    c._lecture = None
    c.ouvrir(patient.id)
    attendre(qtbot, lambda: c._lecture is not None)


def test_rare_gestures_appear_with_their_rights(
        qtbot: QtBot, ctx: Contexte, page_historique: HistoriqueIdentiteController) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    ouvrir_historique(qtbot, page_historique, patient)
    vue = page_historique._vue
    assert vue is not None

    def visibles() -> set[str]:
        return {code for code, b in vue.boutons.items() if b.isVisibleTo(vue)}

    assert visibles() == {"separer", "verifier", "collision"}
    definir_droits(ctx, ctx.compte_id, DroitsIdentite(traits_stricts=True, insi=False))
    enregistrer_reglages_identite(ctx, ReglagesIdentite(procedure_transitoire=True))
    ouvrir_historique(qtbot, page_historique, patient)
    assert visibles() == {"separer", "collision", "transitoire", "traits_stricts"}


def test_locked_traits_are_changed_with_a_reason(
        qtbot: QtBot, fenetre: Fenetre, ctx: Contexte,
        page_historique: HistoriqueIdentiteController) -> None:
    patient = ajouter(ctx, matricule=MATRICULE)
    definir_droits(ctx, ctx.compte_id, DroitsIdentite(traits_stricts=True))
    ouvrir_historique(qtbot, page_historique, patient)
    page_historique._geste("traits_stricts")
    (dialogue,) = fenetre.findChildren(DialogueTraits)
    assert dialogue.lieu.text() == "63220 Mazoires"
    dialogue.nom.setText("ADRUNE")
    dialogue.creer.click()
    assert "motif" in dialogue._champ_motif.faute.text()
    assert dialogue.motif is not None
    dialogue.motif.setText("Erreur de saisie")
    with qtbot.waitSignal(page_historique.change):
        dialogue.creer.click()
    with ctx.store.lecture() as u:
        identite = u.patients.lire(patient.id).identite
    assert (identite.traits.nom_naissance, identite.matricule_ins) == ("ADRUNE", "")
    assert identite.traits.lieu_naissance == "63220"


def test_a_collision_is_split_in_two_dialogs(
        qtbot: QtBot, fenetre: Fenetre, ctx: Contexte,
        page_historique: HistoriqueIdentiteController) -> None:
    patient = ajouter(ctx)
    with ctx.store.ecriture() as u:
        note = u.observations.ajouter(patient.id, "Pansement & soin", auteur_id=ctx.compte_id)
    ouvrir_historique(qtbot, page_historique, patient)
    page_historique._geste("separer")
    (dialogue,) = fenetre.findChildren(DialogueTraits)
    dialogue.prenom.setText("LEA")
    dialogue.prenoms.setText("LEA")
    dialogue.creer.click()
    (choix,) = fenetre.findChildren(DialogueSeparation)
    choix.cocher("observation", note.id)
    choix.separer.click()
    assert choix._champ.faute.text()
    choix.motif.setText("Deux jumelles")
    with qtbot.waitSignal(page_historique.change):
        choix.separer.click()
    with ctx.store.lecture() as u:
        assert [o.id for o in u.observations.lister(patient.id + 1)] == [note.id]
        assert u.patients.lire(patient.id + 1).identite.traits.premier_prenom == "LEA"


def test_settings_switch_the_transitory_procedure_and_give_rights(
        qtbot: QtBot, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
    c = ReglagesIdentiteController(fenetre, workers, ctx)
    fenetre.ajouter_page("reglages_identite", "", "Identités", c.construire)
    fenetre.show()
    fenetre.aller("reglages_identite")
    vue = c._vue
    assert vue is not None
    attendre(qtbot, lambda: bool(vue._comptes))
    assert not vue.enregistrer.isEnabled()
    assert vue.choix().droits == {ctx.compte_id: frozenset({"ins", "insi"})}
    vue.transitoire.setChecked(True)
    vue._justificatifs["IE"].setChecked(False)
    vue._comptes[ctx.compte_id]["traits_stricts"].setChecked(True)
    vue.enregistrer.click()
    attendre(qtbot, lambda: "enregistrés" in fenetre.texte_flottant)
    reglages = lire_reglages_identite(ctx)
    assert reglages.procedure_transitoire and "IE" not in reglages.justificatifs
    assert droits(ctx) == DroitsIdentite(traits_stricts=True)
    for case in vue._justificatifs.values():
        case.setChecked(False)
    vue.enregistrer.click()
    attendre(qtbot, lambda: bool(fenetre.messages.textes))
    assert lire_reglages_identite(ctx) == reglages
