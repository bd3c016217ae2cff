"""The patient file: banner, badge, DICA list, Mon espace santé bar, summary."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from ui_outils import TRAITS, dica, episode, habiller, identite, ligne, liste, patient

from app.domain.dica import EtatLigne as EtatDica
from app.domain.dica import RemedeDica
from app.domain.dmp import BandeauMes, CompteurMes
from app.domain.document import EtatLigne
from app.domain.identity import Attribut, StatutIdentite
from app.domain.patient import Contact, Observation
from app.ui.controllers.etat_dossier import avec_verification, seul_consentement_manque
from app.ui.models.synthese import a_faire, nom_court
from app.ui.views.dossier import ONGLETS, PageDossier
from app.ui.views.elements import Bouton, Lien
from app.ui.views.mes import BarreMes
from app.ui.views.onglets import Onglets
from app.ui.views.rail import largeur_rail
from app.ui.views.trait import LONGUEUR_NOM

JUSTIFICATIFS = (("CN", "Carte nationale d’identité"), ("PA", "Passeport"))


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> PageDossier:
    habiller(qapp, "clair")
    page = PageDossier()
    qtbot.addWidget(page)
    page.bandeau.definir_justificatifs(JUSTIFICATIFS)
    page.resize(1282, 720)
    page.show()
    page.ouvrir(patient(), "63220 Mazoires", "50 ans")
    page.definir_dica(dica(), episode(True))
    return page


def test_nothing_open_says_how_to_open(qtbot: QtBot, qapp: QApplication) -> None:
    page = PageDossier()
    qtbot.addWidget(page)
    page.show()
    with qtbot.waitSignal(page.recherche_demandee):
        qtbot.mouseClick(page.chercher, Qt.MouseButton.LeftButton)


def test_banner_names_each_trait_and_groups_the_matricule(page: PageDossier) -> None:
    bandeau = page.bandeau
    assert bandeau.nom.libelle.text() == "Nom de naissance"
    assert bandeau.prenom.libelle.text() == "1er prénom de naissance"
    assert bandeau.naissance.valeur.text() == "31/12/1975"
    assert bandeau.naissance.complement.text() == "(50 ans)"
    assert " ".join(bandeau.matricule.valeur.text().split()) == "2 75 12 63 220 749 74"
    assert bandeau.matricule.complement.text() == "(NIR)"
    assert bandeau.statut.accessibleName() == "Identité qualifiée"


def test_matricule_zone_exists_when_empty(page: PageDossier) -> None:
    page.definir_patient(patient(qui=identite(StatutIdentite.PROVISOIRE)), "", "")
    assert page.bandeau.matricule.isVisible()
    assert page.bandeau.matricule.valeur.text() == "non attribué"


def test_matricule_is_copied_without_spaces(page: PageDossier) -> None:
    trait = page.bandeau.matricule
    trait._menu(trait.valeur.rect().center())
    action = next(a for a in trait.findChildren(QAction) if a.text() == "Copier")
    action.trigger()
    assert QGuiApplication.clipboard().text() == "275126322074974"


def test_long_names_elide_in_the_middle_and_stay_whole_in_the_tooltip(page: PageDossier) -> None:
    nom = "D'ARTAGNAN DE L'HERAULT DE LA TOUR"
    qui = identite(traits=replace(TRAITS, nom_naissance=nom))
    page.definir_patient(patient(qui=qui), "", "")
    montre = page.bandeau.nom.valeur.text()
    assert len(montre) <= LONGUEUR_NOM and "…" in montre
    assert page.bandeau.nom.valeur.toolTip() == nom


@pytest.mark.parametrize(("taille", "largeur"), [(100, 876), (100, 1282), (150, 1836),
                                                 (200, 1198)])
def test_banner_never_cuts_a_value(page: PageDossier, qapp: QApplication, taille: int,
                                   largeur: int) -> None:
    habiller(qapp, "clair", taille)
    page.resize(largeur, 700)
    page.definir_patient(patient(qui=identite(StatutIdentite.QUALIFIEE, Attribut.HOMONYME)),
                         "63220 Mazoires", "50 ans")
    qapp.processEvents()
    bandeau = page.bandeau
    for trait in (bandeau.nom, bandeau.prenom, bandeau.naissance, bandeau.sexe,
                  bandeau.matricule):
        assert trait.isVisible() and trait.width() >= trait.largeur() - 1
        if taille < 200:
            assert trait.mapTo(page, trait.rect().topRight()).x() <= largeur
    assert bandeau.dica.width() >= bandeau.dica.sizeHint().width()
    habiller(qapp, "clair", 100)


def test_badge_then_document_is_two_gestures(page: PageDossier, qtbot: QtBot) -> None:
    page.definir_patient(patient(qui=identite(StatutIdentite.RECUPEREE)), "", "")
    menu = page.bandeau.menu_identite()
    action = next(a for a in menu.actions() if a.data() == "CN")
    with qtbot.waitSignal(page.bandeau.document_controle) as code:
        action.trigger()
    assert code.args == ["CN"]


def test_a_doubtful_identity_blocks_and_says_so(page: PageDossier) -> None:
    qui = identite(StatutIdentite.PROVISOIRE, Attribut.DOUTEUSE)
    page.definir_patient(patient(qui=qui), "", "")
    menu = page.bandeau.menu_identite()
    assert not any(a.isEnabled() for a in menu.actions() if a.data() in ("CN", "PA"))
    assert page._alerte.isVisible()


# -- DICA -----------------------------------------------------------------------------------


def test_f2_opens_the_list_on_its_first_remedy_and_echap_gives_focus_back(
        page: PageDossier, qtbot: QtBot) -> None:
    page.definir_dica(dica(consent=None), episode())
    page.activateWindow()
    page.bandeau.dica.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_F2)
    assert page.dica.isVisible()
    bouton = page.dica.lignes["C"].boutons[RemedeDica.PATIENT_CONSENT]
    assert bouton.hasFocus()
    qtbot.keyClick(bouton, Qt.Key.Key_Escape)
    assert not page.dica.isVisible()
    assert page.bandeau.dica.hasFocus()


def test_consent_is_one_click(page: PageDossier, qtbot: QtBot) -> None:
    page.definir_dica(dica(consent=None), episode())
    page.dica.ouvrir()
    bouton = page.dica.lignes["C"].boutons[RemedeDica.PATIENT_CONSENT]
    with qtbot.waitSignal(page.dica.consentement) as reponse:
        qtbot.mouseClick(bouton, Qt.MouseButton.LeftButton)
    assert reponse.args == [True, None]


def test_the_list_closes_by_itself_when_everything_is_met(page: PageDossier) -> None:
    page.definir_dica(dica(consent=None), episode())
    page.dica.ouvrir()
    page.definir_dica(dica(consent=True), episode(True))
    assert not page.dica.isVisible()
    assert page.bandeau.dica.text() == "DMP consultable"


def test_an_outside_click_closes_the_list(page: PageDossier, qtbot: QtBot) -> None:
    page.definir_dica(dica(consent=None), episode())
    page.dica.ouvrir()
    qtbot.mouseClick(page.synthese.viewport(), Qt.MouseButton.LeftButton)
    assert not page.dica.isVisible()


def test_breaking_the_glass_demands_a_reason(page: PageDossier, qtbot: QtBot) -> None:
    page.definir_dica(dica(consent=None), episode())
    page.dica.ouvrir()
    c = page.dica.lignes["C"]
    qtbot.mouseClick(c.boutons[RemedeDica.BRIS_DE_GLACE], Qt.MouseButton.LeftButton)
    assert c.motif.isVisible() and not c.commencer.isEnabled()
    qtbot.keyClicks(c.motif, "Inconsciente")
    with qtbot.waitSignal(page.dica.bris_de_glace) as motif:
        qtbot.mouseClick(c.commencer, Qt.MouseButton.LeftButton)
    assert motif.args == ["Inconsciente"]
    page.definir_bris_de_glace("Inconsciente")
    assert page._bris.isVisible()
    with qtbot.waitSignal(page.bris_de_glace_arrete):
        qtbot.mouseClick(page._bris_arreter, Qt.MouseButton.LeftButton)


def test_each_answer_of_consent_stays_editable(page: PageDossier, qtbot: QtBot) -> None:
    page.definir_dica(dica(consent=True), episode(True))
    page.dica.ouvrir()
    c = page.dica.lignes["C"]
    qtbot.mouseClick(c.boutons[RemedeDica.MODIFIER_CONSENTEMENT], Qt.MouseButton.LeftButton)
    assert c.consulter.isChecked() and c.alimenter.isChecked()
    with qtbot.waitSignal(page.dica.consentement) as reponse:
        c.alimenter.click()
    assert reponse.args == [None, True]
    with qtbot.waitSignal(page.dica.consentement) as reponse:
        c.consulter.click()
    assert reponse.args == [False, True]


def test_one_primary_button_in_the_list(page: PageDossier) -> None:
    page.definir_dica(dica(consent=None, session=False,
                           qui=identite(StatutIdentite.PROVISOIRE)), episode())
    page.dica.ouvrir()
    principaux = [b for b in page.dica.findChildren(Bouton) if b.property("role") == "principal"]
    assert len(principaux) == 1


def test_the_list_fits_in_a_low_window(page: PageDossier, qapp: QApplication) -> None:
    page.resize(1198, 420)
    page.definir_dica(dica(consent=None, session=False,
                           qui=identite(StatutIdentite.PROVISOIRE)), episode())
    page.dica.ouvrir()
    qapp.processEvents()
    assert page.dica.geometry().bottom() <= page.height()


def test_verification_in_progress_is_said_without_a_third_state() -> None:
    attente = avec_verification(dica(ouvert=False))
    assert not attente.consultable
    assert attente.lignes[0].etat is EtatDica.EN_COURS
    assert attente.manque == "Vérification en cours"
    # Before the patient is informed TD0.2 may not leave: nothing is said to be running.
    avant = dica(ouvert=False, consent=None)
    assert avec_verification(avant) == avant


def test_the_list_opens_by_itself_only_when_consent_alone_is_missing() -> None:
    assert seul_consentement_manque(dica(consent=None))
    assert seul_consentement_manque(dica(consent=None, ouvert=False))
    assert not seul_consentement_manque(dica(consent=None, session=False))
    assert not seul_consentement_manque(dica(consent=False))
    assert not seul_consentement_manque(dica())


# -- Mon espace santé -----------------------------------------------------------------------


@pytest.fixture
def barre(qtbot: QtBot, qapp: QApplication) -> BarreMes:
    habiller(qapp, "clair")
    barre = BarreMes()
    qtbot.addWidget(barre)
    barre.resize(1282, 36)
    barre.show()
    return barre


MES = BandeauMes((CompteurMes("1", "Biologie", 2), CompteurMes("2", "Imagerie", 0)), 2,
                 "2026-10-12T10:00:00+02:00", "2026-09-04", "dmp:1")


def test_counters_show_zero_and_unknown_is_a_sentence(barre: BarreMes, qtbot: QtBot) -> None:
    barre.definir(MES)
    assert [c.compteur.nombre for c in barre.compteurs] == [2, 0]
    assert "2 nouveaux depuis le 12/10/2026" in barre.total.text()
    with qtbot.waitSignal(barre.type_demande) as code:
        qtbot.mouseClick(barre.compteurs[1], Qt.MouseButton.LeftButton)
    assert code.args == ["2"]
    barre.definir(BandeauMes(inconnu="Nouveaux documents : inconnus."))
    assert not barre.compteurs and not barre.ouvrir.isVisible()
    assert barre.phrase.text() == "Nouveaux documents : inconnus."


def test_a_failure_keeps_what_was_known_with_its_date(barre: BarreMes, qtbot: QtBot) -> None:
    barre.definir(MES)
    barre.echouer("Le DMP ne répond pas.")
    assert barre.phrase.text() == "DMP indisponible, données du 12/10 à 10:00"
    assert len(barre.compteurs) == 2
    with qtbot.waitSignal(barre.reessayer):
        qtbot.mouseClick(barre._reessayer, Qt.MouseButton.LeftButton)


def test_progress_shows_after_a_while_and_can_be_cancelled(barre: BarreMes, qtbot: QtBot) -> None:
    barre.interroger()
    assert barre._barre.isHidden()
    qtbot.waitUntil(lambda: not barre._barre.isHidden())
    assert barre._annuler.isHidden()
    barre._avancer()
    with qtbot.waitSignal(barre.annuler):
        qtbot.mouseClick(barre._annuler, Qt.MouseButton.LeftButton)


# -- Summary --------------------------------------------------------------------------------


def textes(parent: QWidget) -> list[str]:
    return [x.accessibleName() or x.text() for x in parent.findChildren(QWidget)
            if hasattr(x, "text") and x.isVisible()]


def test_empty_cards_say_what_to_do(page: PageDossier, qtbot: QtBot, qapp: QApplication) -> None:
    page.synthese.afficher(replace(patient(), contact=Contact()), dica(), BandeauMes(), (), ())
    qapp.processEvents()
    mots = textes(page.synthese)
    assert "Aucune observation." in mots and "Aucun document." in mots
    lien = next(x for x in page.synthese.findChildren(Lien) if x.text() == "Écrire la première")
    with qtbot.waitSignal(page.synthese.observation_demandee):
        qtbot.mouseClick(lien, Qt.MouseButton.LeftButton)


def test_things_to_do_come_with_their_gesture(page: PageDossier, qtbot: QtBot) -> None:
    taches = a_faire(identite(StatutIdentite.RECUPEREE), dica(consent=None), MES,
                     (ligne("local:1", etat=EtatLigne.REFUSE),
                      ligne("brouillon:2", etat=EtatLigne.BROUILLON)), Contact())
    assert [t.geste for t in taches] == ["envois", "qualifier", "dica", "plus_recent", "ouvrir"]
    page.synthese.afficher(patient(), dica(), BandeauMes(), (), (
        ligne("brouillon:2", etat=EtatLigne.BROUILLON),))
    lien = next(x for x in page.synthese.findChildren(Lien) if x.text() == "Reprendre")
    with qtbot.waitSignal(page.synthese.geste) as geste:
        qtbot.mouseClick(lien, Qt.MouseButton.LeftButton)
    assert geste.args == ["ouvrir", "brouillon:2"]


def test_contact_is_edited_in_place_and_never_crosses_patients(page: PageDossier,
                                                               qtbot: QtBot) -> None:
    page.synthese.afficher(patient(), dica(), BandeauMes(), (), ())
    carte = page.synthese.contact
    qtbot.mouseClick(carte.modifier, Qt.MouseButton.LeftButton)
    carte.champs["telephone"].setText("01 02 03 04 05")
    # Another file is opened: the form goes.
    page.ouvrir(patient(6), "", "")
    page.synthese.afficher(patient(6), dica(), BandeauMes(), (), ())
    assert not carte.champs
    carte.editer()
    carte.champs["telephone"].setText("01 02 03 04 06")
    with qtbot.waitSignal(page.synthese.contact_enregistre) as contact:
        qtbot.keyClick(carte.champs["telephone"], Qt.Key.Key_Return)
    assert contact.args is not None and contact.args[0].telephone == "01 02 03 04 06"


def test_cards_are_left_alone_when_nothing_changed(page: PageDossier) -> None:
    notes = (Observation(1, 5, "2026-11-20T08:51:00+01:00", 1, "Camille DÉMO", "Plaie propre."),)
    page.synthese.afficher(patient(), dica(), BandeauMes(), notes, ())
    avant = page.synthese.observation.corps.itemAt(0).widget()
    page.synthese.afficher(patient(), dica(), BandeauMes(), notes, ())
    assert page.synthese.observation.corps.itemAt(0).widget() is avant


# -- Tabs -----------------------------------------------------------------------------------


def test_tabs_are_built_when_first_shown(page: PageDossier, qtbot: QtBot) -> None:
    assert page.construit("synthese") and not page.construit("documents")
    with qtbot.waitSignal(page.onglet_construit) as construit:
        qtbot.keyClick(page, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert construit.args is not None and construit.args[0] == "documents"
    assert page.onglet == "documents"


def test_counters_of_the_tabs(page: PageDossier) -> None:
    page.compter(liste(ligne("dmp:1"), ligne("dmp:2", etat=EtatLigne.A_LIRE),
                       ligne("brouillon:1", etat=EtatLigne.BROUILLON)))
    puce = page.onglets.tabButton(2, page.onglets.ButtonPosition.RightSide)
    assert puce is not None and puce.text() == "1"
    page.compter(liste())
    assert page.onglets.tabButton(2, page.onglets.ButtonPosition.RightSide) is None


@pytest.mark.parametrize(("couleurs", "taille"), [("clair", 200), ("sombre", 100)])
def test_it_paints_in_both_themes_and_sizes(page: PageDossier, qapp: QApplication, couleurs: str,
                                            taille: int) -> None:
    habiller(qapp, couleurs, taille)
    page.synthese.afficher(patient(), dica(), MES, (), (ligne("dmp:1"),))
    page.dica.ouvrir()
    qapp.processEvents()
    assert not page.grab().isNull()
    habiller(qapp, "clair", 100)


@pytest.mark.parametrize("taille", [100, 150, 200])
def test_the_words_of_the_gesture_leave_before_a_tab(page: PageDossier, qapp: QApplication,
                                                     taille: int) -> None:
    """All the tabs of a nurse are whole at 1366 px, whatever the text size."""
    page.prelevement.show()
    for rang in range(page.onglets.count()):
        page.onglets.setTabVisible(rang, True)
    habiller(qapp, "clair", taille)
    page.resize(1366 - largeur_rail(), 700)
    QApplication.processEvents()
    page.compter(liste(ligne("dmp:1"), ligne("brouillon:1", etat=EtatLigne.BROUILLON)))
    QApplication.processEvents()
    dernier = page.onglets.tabRect(page.onglets.count() - 1)
    assert page.onglets.tabRect(0).left() >= 0
    assert dernier.right() <= page.onglets.width()
    assert page.prelevement.accessibleName() == "Prélèvement à domicile"
    habiller(qapp, "clair")


def test_a_title_that_names_its_type_is_not_said_twice() -> None:
    assert nom_court("Lettre de liaison de sortie", "") == "Lettre de liaison de sortie"
    assert nom_court("Compte rendu de biologie", "Compte rendu d’examens biologiques du 12/11") \
        == "Compte rendu d’examens biologiques du 12/11"
    assert nom_court("Courrier", "Bilan") == "Courrier\u00a0: Bilan"


@pytest.mark.parametrize("taille", [100, 150])
def test_no_tab_is_cut_whichever_is_open(qapp, qtbot, taille: int) -> None:
    """The word of the current tab is bold: the last one was cut between two arrows."""
    habiller(qapp, "clair", taille)
    barre = Onglets()
    barre.setExpanding(False)
    for _, libelle in ONGLETS:
        barre.addTab(libelle)
    fond = QWidget()
    qtbot.addWidget(fond)
    rangee = QHBoxLayout(fond)
    rangee.addWidget(barre)
    rangee.addStretch(1)
    fond.resize(2400, 80)
    fond.show()
    for rang in range(barre.count()):
        barre.setCurrentIndex(rang)
        QApplication.processEvents()
        fleches = [b for b in barre.findChildren(QToolButton) if b.isVisible()]
        assert not fleches, ONGLETS[rang]
    habiller(qapp)
