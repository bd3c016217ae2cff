"""Patients: ids first, lines by pages, search while typing."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.identity import Attribut, StatutIdentite
from app.domain.patient import PatientResume
from app.ui import theme
from app.ui.controllers import patients as module
from app.ui.controllers.patients import PatientsController
from app.ui.fenetre import Fenetre
from app.ui.models.patients import PAGE, Colonne, ModelePatients
from app.ui.views.patients import VuePatients, milliers
from app.ui.workers import Workers


def resume(i: int, nom: str = "") -> PatientResume:
    return PatientResume(i, nom or f"NOM{i}", "ZOE", "", "", "1975-12-31", "F",
                         StatutIdentite.QUALIFIEE)


def test_only_seen_pages_are_asked_and_once() -> None:
    modele, demandes = ModelePatients(), []
    modele.page_demandee.connect(lambda g, premiere, ids: demandes.append((g, premiere, len(ids))))
    modele.definir_ids(range(1, 1001))
    assert modele.rowCount() == 1000 and demandes == []
    for ligne in (0, 5, PAGE - 1, 2 * PAGE + 3):
        modele.index(ligne, 0).data()
    assert [(p, n) for _, p, n in demandes] == [(0, PAGE), (2 * PAGE, PAGE)]
    modele.recevoir(demandes[0][0], 0, [resume(i) for i in range(1, PAGE + 1)])
    assert modele.index(4, Colonne.NOM).data() == "NOM5 ZOE"
    assert modele.id_de(999) == 1000 and modele.ligne_de(1000) == 999


def test_lines_of_an_older_list_are_dropped() -> None:
    modele = ModelePatients()
    modele.definir_ids([1, 2, 3])
    modele.definir_ids([3, 2, 1])
    modele.recevoir(1, 0, [resume(1), resume(2), resume(3)])
    assert modele.patient(0) is None
    modele.recevoir(2, 0, [resume(1), resume(2), resume(3)])
    assert modele.patient(0).id == 3


def test_dates_ages_and_status_have_their_words() -> None:
    modele = ModelePatients()
    modele.definir([PatientResume(1, "TCHITCHI", "OLA", "", "", "1936-06-00", "F",
                                  StatutIdentite.RECUPEREE, frozenset({Attribut.DOUTEUSE}))],
                   date(2026, 11, 23))
    ligne = [modele.index(0, c).data() for c in range(modele.columnCount())]
    assert ligne[Colonne.NAISSANCE] == "00/06/1936"
    assert ligne[Colonne.STATUT] == "Récupérée, Douteuse"
    assert modele.index(0, Colonne.STATUT).data(Qt.ItemDataRole.AccessibleTextRole) \
        == "Identité récupérée"


def test_thousands_have_a_thin_space() -> None:
    assert milliers(4596) == "4\u202f596" and milliers(12) == "12"


@pytest.fixture
def monde(qapp, qtbot, monkeypatch):
    theme.appliquer(qapp, "clair")
    tous = [resume(i) for i in range(1, 301)] + [resume(301, "ADRUN")]
    questions = []

    def chercher(ctx, texte, limite):
        questions.append(texte)
        return [p for p in tous if p.nom_naissance.startswith(texte.upper())][:limite]

    monkeypatch.setattr(module.patients, "chercher", chercher)
    monkeypatch.setattr(module.patients, "ids_patients", lambda ctx: [p.id for p in tous])
    monkeypatch.setattr(module.patients, "resumes",
                        lambda ctx, ids: [p for p in tous if p.id in set(ids)])
    f, w = Fenetre("1"), Workers()
    qtbot.addWidget(f)
    f.construire()
    c = PatientsController(f, w, object())
    f.ajouter_page("patients", "users", "Patients", c.construire)
    f.resize(1366, 768)
    f.show()
    f.activateWindow()
    vue = f.aller("patients")
    qtbot.waitUntil(lambda: vue.modele.rowCount() == 301)
    yield vue, c, questions
    w.fermer()
    f.fermer_pour_de_bon()


def test_the_page_opens_on_the_list_with_the_keyboard_in_the_field(monde, qtbot) -> None:
    vue, _, _ = monde
    assert vue.champ.hasFocus() and "301 patients" in vue._compte.text()
    qtbot.waitUntil(lambda: vue.modele.patient(0) is not None)


def test_typing_searches_once_and_enter_opens_the_first(monde, qtbot) -> None:
    vue, c, questions = monde
    ouverts = []
    c.patient_demande.connect(ouverts.append)
    QTest.keyClicks(vue.champ, "adr")
    qtbot.waitUntil(lambda: vue.modele.rowCount() == 1)
    assert questions == ["adr"], "one question for a fast typing"
    QTest.keyClick(vue.champ, Qt.Key.Key_Return)
    assert ouverts == [301]
    vue.champ.clear()
    qtbot.waitUntil(lambda: vue.modele.rowCount() == 301)


def test_down_goes_to_the_list_and_enter_opens_the_line(monde, qtbot) -> None:
    vue, c, _ = monde
    ouverts = []
    c.patient_demande.connect(ouverts.append)
    QTest.keyClick(vue.champ, Qt.Key.Key_Down)
    assert vue.table.hasFocus()
    QTest.keyClick(vue.table, Qt.Key.Key_Down)
    QTest.keyClick(vue.table, Qt.Key.Key_Return)
    assert ouverts == [2]


def test_nobody_found_proposes_to_create_with_what_was_typed(monde, qtbot) -> None:
    vue, c, _ = monde
    QTest.keyClicks(vue.champ, "zzz")
    qtbot.waitUntil(lambda: vue._pile.currentIndex() == 1)
    assert "zzz" in vue._titre_vide.text()
    with qtbot.waitSignal(c.nouveau_demande) as signal:
        vue._creer.click()
    assert signal.args == ["zzz"]


@pytest.mark.parametrize(("taille", "largeur"), [(100, 1366), (100, 1280), (200, 1280)])
def test_date_and_status_never_leave(qapp, qtbot, taille, largeur) -> None:
    theme.appliquer(qapp, "clair", taille)
    vue = VuePatients()
    qtbot.addWidget(vue)
    vue.resize(largeur - 84, 640)
    vue.show()
    vue.montrer_resultats([resume(1, "D’ARTAGNAN DE L’HERAULT")], 50)
    qapp.processEvents()
    assert not vue.table.isColumnHidden(Colonne.NAISSANCE)
    assert not vue.table.isColumnHidden(Colonne.STATUT)
    somme = sum(vue.table.columnWidth(c) for c in range(vue.modele.columnCount())
                if not vue.table.isColumnHidden(c))
    assert somme <= vue.table.viewport().width()
    mesure = vue.fontMetrics().horizontalAdvance("31/12/1975")
    assert vue.table.columnWidth(Colonne.NAISSANCE) > mesure
    theme.appliquer(qapp, "clair", 100)
