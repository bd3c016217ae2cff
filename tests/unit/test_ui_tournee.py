"""The tournée: groups, order, figures, keys, panel."""

from datetime import date

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot
from ui_outils import habiller

from app.domain.agenda import EtatPassage, LieuPassage, Passage
from app.domain.identity import Attribut, StatutIdentite
from app.domain.patient import PatientResume
from app.ui.models import tournee
from app.ui.models.passages import Colonne, ModelePassages
from app.ui.views.agenda import evenements
from app.ui.views.panneau_passage import DemandePassage
from app.ui.views.tournee import PageTournee, jour_en_lettres

JOUR = date(2026, 11, 23)


def patient(i: int, nom: str, statut: StatutIdentite = StatutIdentite.QUALIFIEE,
            *attributs: Attribut) -> PatientResume:
    return PatientResume(i, nom, "ZOE", "", "", "1975-12-31", "F", statut, frozenset(attributs))


def passage(i: int, heure: str, etat: EtatPassage = EtatPassage.A_VENIR, *,
            qui: PatientResume | None = None, dmp: int | None = None,
            lieu: LieuPassage = LieuPassage.DOMICILE, duree: int = 15) -> Passage:
    return Passage(i, "2026-11-23", heure, 1, qui or patient(i, f"NOM{chr(64 + i)}"), "Pansement",
                   duree, lieu, etat, dmp, "8 impasse du Moulin")


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> PageTournee:
    habiller(qapp, "clair")
    page = PageTournee()
    page._aujourd_hui = lambda: JOUR
    qtbot.addWidget(page)
    page.resize(1282, 720)
    page.show()
    page.afficher(JOUR, [passage(1, "08:00", EtatPassage.FAIT, dmp=0), passage(2, "08:30", dmp=3),
                         passage(3, "09:00", qui=patient(3, "NOMC", StatutIdentite.PROVISOIRE)),
                         passage(4, "17:00")])
    return page


def ordre(passages: list[Passage], changes: list[tuple[Passage, str]]) -> list[tuple[str, int]]:
    heures = {p.id: p.heure for p in passages} | {p.id: h for p, h in changes}
    return sorted((h, i) for i, h in heures.items())


def test_groups_and_summary_ignore_cancelled_visits() -> None:
    groupes = tournee.grouper([passage(1, "16:00"), passage(2, "07:10", EtatPassage.FAIT),
                               passage(3, "07:05", EtatPassage.ANNULE), passage(4, "14:00")])
    assert [g.code for g in groupes] == ["matin", "apres_midi", "soir"]
    assert [p.id for p in groupes[0].passages] == [3, 2]
    assert groupes[0].resume == "1 passage, 1 fait"


def test_reordering_keeps_the_hours_and_shifts_the_visits() -> None:
    jour = [passage(1, "08:00"), passage(2, "08:30"), passage(3, "09:00"), passage(4, "09:30")]
    assert ordre(jour, tournee.reordonner(jour, 4, 1)) == [
        ("08:00", 1), ("08:30", 4), ("09:00", 2), ("09:30", 3)]
    assert tournee.reordonner(jour, 1, 0) == []
    assert tournee.reordonner(jour, 99, 0) == []
    assert ordre(jour, tournee.reordonner(jour, 1, 50))[-1] == ("09:30", 1)


def test_reordering_leaves_done_visits_where_they_are() -> None:
    jour = [passage(1, "08:00", EtatPassage.FAIT), passage(2, "08:30"), passage(3, "09:00")]
    assert ordre(jour, tournee.reordonner(jour, 3, 0)) == [
        ("08:00", 1), ("08:30", 3), ("09:00", 2)]
    assert tournee.reordonner(jour, 1, 1) == []


def test_equal_hours_move_by_five_minutes() -> None:
    jour = [passage(1, "08:00"), passage(2, "08:00")]
    assert tournee.reordonner(jour, 2, 0) == [(jour[1], "07:55")]
    assert tournee.reordonner(jour, 1, 1) == [(jour[0], "08:05")]


def test_unknown_dmp_counts_are_never_zero() -> None:
    assert tournee.chiffres([passage(1, "08:00")]).nouveaux_dmp is None
    connus = tournee.chiffres([passage(1, "08:00", dmp=0), passage(2, "09:00", dmp=3),
                               passage(3, "10:00")])
    assert (connus.nouveaux_dmp, connus.dossiers_dmp) == (3, 1)


def test_a_patient_seen_twice_counts_once() -> None:
    qui = patient(1, "NOM", StatutIdentite.RECUPEREE)
    chiffres = tournee.chiffres([passage(1, "08:00", qui=qui, dmp=2),
                                 passage(2, "17:00", qui=qui, dmp=2)])
    assert (chiffres.nouveaux_dmp, chiffres.a_qualifier, chiffres.a_faire) == (2, 1, 2)


@pytest.mark.parametrize(("texte", "heure"), [
    ("850", "08:50"), ("8h50", "08:50"), ("08:50", "08:50"), ("8", "08:00"), ("1730", "17:30"),
    ("25:00", None), ("8:70", None), ("", None), ("midi", None), ("1:2:3", None), ("12345", None)])
def test_typed_hours(texte: str, heure: str | None) -> None:
    assert tournee.lire_heure(texte) == heure


def test_the_gravest_mention_wins() -> None:
    douteuse = passage(1, "08:00", qui=patient(1, "N", StatutIdentite.PROVISOIRE,
                                               Attribut.DOUTEUSE, Attribut.HOMONYME))
    vue = tournee.mention(douteuse)
    assert vue is not None and vue.texte == "Douteuse"
    assert tournee.mention(passage(1, "08:00")) is None


def test_agenda_groups_home_visits_and_sets_overlaps_side_by_side() -> None:
    blocs = evenements([passage(1, "08:00"), passage(2, "08:30"),
                        passage(3, "14:00", lieu=LieuPassage.CABINET, duree=30),
                        passage(4, "14:15", lieu=LieuPassage.CABINET),
                        passage(5, "15:00", lieu=LieuPassage.CABINET),
                        passage(6, "15:30", EtatPassage.ANNULE, lieu=LieuPassage.CABINET)])
    assert (blocs[0].titre, blocs[0].detail) == ("Tournée du matin", "2 passages")
    assert [(b.voie, b.voies) for b in blocs[1:]] == [(0, 2), (1, 2), (0, 1)]


def test_a_visit_that_ends_after_midnight_draws_no_hour_25(page: PageTournee) -> None:
    page.afficher(JOUR, [passage(1, "23:30", duree=120)])
    assert page.agenda._grille.fin == 24 * 60


def test_french_date() -> None:
    assert jour_en_lettres(JOUR) == "Lundi 23 novembre 2026"
    assert jour_en_lettres(date(2026, 12, 1)) == "Mardi 1er décembre 2026"


def test_first_visit_to_do_is_current_and_keys_act_on_it(page: PageTournee, qtbot: QtBot) -> None:
    courant = page.table.passage_courant()
    assert courant is not None and courant.id == 2
    page.table.setFocus()
    with qtbot.waitSignal(page.dossier_demande) as dossier:
        qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert dossier.args == [2]
    with qtbot.waitSignal(page.etat_demande) as etat:
        qtbot.keyClick(page.table, Qt.Key.Key_Space)
    assert etat.args is not None and etat.args[1] is EtatPassage.FAIT
    with qtbot.waitSignal(page.heures_demandees) as heures:
        qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert heures.args is not None
    assert {(p.id, h) for p, h in heures.args[0]} == {(2, "09:00"), (3, "08:30")}
    with qtbot.waitSignal(page.suppression_demande):
        qtbot.keyClick(page.table, Qt.Key.Key_Delete)


def test_arrows_jump_over_group_rows(page: PageTournee, qtbot: QtBot) -> None:
    page.table.setFocus()
    page.selectionner(3)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    courant = page.table.passage_courant()
    assert courant is not None and courant.id == 4
    qtbot.keyClick(page.table, Qt.Key.Key_Up)
    courant = page.table.passage_courant()
    assert courant is not None and courant.id == 3


def test_the_moved_visit_stays_current_after_the_reload(page: PageTournee, qtbot: QtBot) -> None:
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    page.afficher(JOUR, [passage(3, "08:30"), passage(2, "09:00")])
    courant = page.table.passage_courant()
    assert courant is not None and courant.id == 2


def test_editing_the_hour_in_place(page: PageTournee, qtbot: QtBot) -> None:
    index = page.modele.index(page.table.ligne_courante(), Colonne.HEURE)
    with qtbot.waitSignal(page.heures_demandees) as heures:
        assert page.modele.setData(index, "915", Qt.ItemDataRole.EditRole)
    assert heures.args is not None and heures.args[0][0][1] == "09:15"
    assert not page.modele.setData(index, "demain", Qt.ItemDataRole.EditRole)


def test_the_key_that_ends_the_hour_opens_no_file(page: PageTournee, qtbot: QtBot) -> None:
    """F2, the hour, Entrée: the visit moves, the day stays on screen."""
    page.activateWindow()
    page.table.setFocus()
    ouverts: list[int] = []
    page.dossier_demande.connect(ouverts.append)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    champ = page.table.viewport().findChild(QLineEdit)
    assert champ is not None
    champ.selectAll()
    qtbot.keyClicks(champ, "06:35")
    with qtbot.waitSignal(page.heures_demandees) as heures:
        qtbot.keyClick(champ, Qt.Key.Key_Return)
    assert heures.args is not None and heures.args[0][0][1] == "06:35"
    assert ouverts == []


def test_drop_moves_a_visit(qtbot: QtBot) -> None:
    modele = ModelePassages()
    modele.definir([passage(1, "08:00"), passage(2, "08:30"), passage(3, "17:00")], JOUR)
    # Rows: 1, 2, group, 3.
    donnees: QMimeData = modele.mimeData([modele.index(0, 0)])
    recus: list[tuple[int, int]] = []
    modele.deplacement.connect(lambda i, r: recus.append((i, r)))
    modele.dropMimeData(donnees, Qt.DropAction.MoveAction, 4, 0, modele.index(-1, -1))
    modele.dropMimeData(donnees, Qt.DropAction.MoveAction, 2, 0, modele.index(-1, -1))
    assert recus == [(1, 2), (1, 1)]


def test_figures_filter_and_unfilter(page: PageTournee, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.pied.bouton("dmp"), Qt.MouseButton.LeftButton)
    assert [p.id for g in page.modele.groupes for p in g.passages] == [2]
    qtbot.mouseClick(page.pied.bouton("dmp"), Qt.MouseButton.LeftButton)
    assert page.modele.rowCount() == 5


def test_day_navigation(page: PageTournee, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.jour_demande) as jour:
        qtbot.mouseClick(page.tete.suivant, Qt.MouseButton.LeftButton)
    assert jour.args == ["2026-11-24"]
    assert not page.tete.retour.isEnabled()


def test_empty_day_says_what_to_do(page: PageTournee) -> None:
    page.afficher(date(2026, 11, 24), [])
    assert page.pile.currentIndex() == 1
    assert page.tete.retour.isEnabled()


def test_panel_searches_chooses_and_adds(page: PageTournee, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.tete.ajouter, Qt.MouseButton.LeftButton)
    panneau = page.panneau
    with qtbot.waitSignal(page.recherche_patient) as recherche:
        qtbot.keyClicks(panneau.patient, "nes")
    assert recherche.args == ["nes"]
    page.proposer_patients("autre", [patient(9, "AUTRE")])
    assert not panneau.liste.isVisible()
    page.proposer_patients("nes", [patient(5, "NESSI"), patient(6, "NESSIE")])
    qtbot.keyClick(panneau.patient, Qt.Key.Key_Down)
    qtbot.keyClick(panneau.patient, Qt.Key.Key_Return)
    panneau.heure.setText("850")
    panneau.soins.setText("Injection")
    with qtbot.waitSignal(page.ajout_demande) as ajout:
        qtbot.keyClick(panneau.soins, Qt.Key.Key_Return)
    assert ajout.args == [DemandePassage(patient(6, "NESSIE"), "08:50", "Injection", 15,
                                         LieuPassage.DOMICILE)]


def test_panel_explains_what_is_missing(page: PageTournee, qtbot: QtBot) -> None:
    page.ouvrir_panneau()
    ajouts: list[object] = []
    page.ajout_demande.connect(ajouts.append)
    qtbot.mouseClick(page.panneau.valider, Qt.MouseButton.LeftButton)
    assert not ajouts
    assert "patient" in page.panneau._champ_patient.faute.text()
    qtbot.keyClick(page.panneau, Qt.Key.Key_Escape)
    assert page.cote.currentIndex() == 0


@pytest.mark.parametrize(("couleurs", "taille"), [("clair", 200), ("sombre", 100)])
def test_it_paints_at_every_size(page: PageTournee, qapp: QApplication, taille: int,
                                 couleurs: str) -> None:
    habiller(qapp, couleurs, taille)
    page.resize(1198, 620)
    qapp.processEvents()
    assert not page.grab().isNull()
    # The hour, the patient and the state are always there.
    for colonne in (Colonne.HEURE, Colonne.PATIENT, Colonne.ETAT):
        assert page.table.columnWidth(colonne) > 40
    habiller(qapp, "clair", 100)
