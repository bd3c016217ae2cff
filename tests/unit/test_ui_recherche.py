"""Search everywhere: rows, keys, late answers, actions."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.domain.identity import Attribut, StatutIdentite
from app.domain.patient import PatientResume
from app.ui.controllers import recherche as module
from app.ui.controllers.recherche import Action, RechercheController, detail_patient
from app.ui.fenetre import Fenetre
from app.ui.models.recherche import ModeleRecherche, Resultat
from app.ui.workers import Workers

ZOE = PatientResume(1, "ADRUN", "ZOE", "", "", "1975-12-31", "F", StatutIdentite.QUALIFIEE)
PIERRE = PatientResume(2, "D’ARTAGNAN DE L’HERAULT", "PIERRE-ALAIN", "MARTIN", "", "2001-06-17",
                       "M", StatutIdentite.PROVISOIRE, frozenset({Attribut.HOMONYME}))


@pytest.fixture
def monde(qapp, qtbot, monkeypatch):
    """Window, controller and what was opened; the use cases are fakes."""
    def chercher(ctx, texte, limite):
        return [p for p in (ZOE, PIERRE) if p.nom_naissance.startswith(texte.upper())]

    def resumes(ctx, ids):
        return [p for p in (ZOE, PIERRE) if p.id in ids]

    monkeypatch.setattr(module.patients, "chercher", chercher)
    monkeypatch.setattr(module.patients, "resumes", resumes)
    f, w = Fenetre("1"), Workers()
    qtbot.addWidget(f)
    f.construire()
    f.resize(1366, 768)
    f.show()
    f.activateWindow()
    f.barre.verrou.setFocus()
    c = RechercheController(f, w, object())
    c.ouverts, c.nouveaux, c.faits = [], [], []
    c.patient_demande.connect(c.ouverts.append)
    c.nouveau_demande.connect(c.nouveaux.append)
    c.ajouter_action(Action("envois", "Envois", "send", lambda: c.faits.append("envois"),
                            "file dmp"))
    yield f, c
    w.fermer()
    f.fermer_pour_de_bon()


def taper(f: Fenetre, texte: str) -> None:
    QTest.keyClick(f, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(f.barre.recherche.champ, texte)


def titres(f: Fenetre) -> list[str]:
    modele = f.barre.recherche.panneau().modele
    return [str(modele.index(i).data()) for i in range(modele.rowCount())]


def test_ctrl_k_types_arrows_and_enter_open(monde, qtbot) -> None:
    f, c = monde
    taper(f, "d")
    qtbot.waitUntil(lambda: any("PIERRE-ALAIN" in t for t in titres(f)))
    assert f.barre.recherche.champ.hasFocus()
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Down)
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Up)
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Return)
    assert c.ouverts == [2] and not f.barre.recherche.ouvert
    assert f.barre.recherche.champ.text() == ""


def test_enter_before_the_answer_opens_it_when_it_comes(monde, qtbot) -> None:
    f, c = monde
    taper(f, "adr")
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: c.ouverts == [1])


def test_nobody_found_offers_to_create(monde, qtbot) -> None:
    f, c = monde
    taper(f, "zzz")
    qtbot.waitUntil(lambda: any("Aucun patient" in t for t in titres(f)))
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Return)
    assert c.nouveaux == ["zzz"]


def test_a_wrong_matricule_says_so(monde, qtbot) -> None:
    f, _ = monde
    taper(f, "275126322074900")
    qtbot.waitUntil(lambda: any("clé" in t.lower() for t in titres(f)))


def test_actions_are_found_by_their_words(monde, qtbot) -> None:
    f, c = monde
    taper(f, "dmp")
    qtbot.waitUntil(lambda: any("dmp" in t for t in titres(f)))
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Return)
    assert c.faits == ["envois"]


def test_recent_files_come_before_typing(monde, qtbot) -> None:
    f, c = monde
    c.noter_recent(2)
    c.noter_recent(1)
    f.barre.recherche.entrer()
    qtbot.waitUntil(lambda: "Dossiers récents" in titres(f))
    assert titres(f)[1].startswith("ADRUN") and titres(f)[2].startswith("D’ARTAGNAN")


def test_escape_closes_then_leaves(monde, qtbot) -> None:
    f, _ = monde
    taper(f, "adr")
    qtbot.waitUntil(lambda: f.barre.recherche.ouvert)
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Escape)
    assert not f.barre.recherche.ouvert and f.barre.recherche.champ.text() == "adr"
    QTest.keyClick(f.barre.recherche.champ, Qt.Key.Key_Escape)
    assert f.barre.recherche.champ.text() == "" and not f.barre.recherche.champ.hasFocus()


def test_the_field_left_meanwhile_shows_nothing(monde) -> None:
    f, _ = monde
    f.barre.recherche.montrer([Resultat("Patients", "patient:1", "ADRUN ZOE")])
    assert not f.barre.recherche.ouvert


def test_group_heads_and_remarks_cant_be_chosen() -> None:
    modele = ModeleRecherche()
    modele.definir([Resultat("Patients", "", "Aucun"), Resultat("Actions", "a", "Un"),
                    Resultat("Actions", "b", "Deux")])
    assert [modele.choisissable(i) for i in range(5)] == [False, False, False, True, True]
    assert modele.voisine(3, 1) == 4 and modele.voisine(4, 1) == 3 and modele.voisine(3, -1) == 4
    modele.definir([Resultat("Patients", "", "Aucun")])
    assert modele.voisine(-1, 1) == -1


def test_a_line_tells_homonyms_apart() -> None:
    assert detail_patient(PIERRE, date(2026, 11, 23)) \
        == "17/06/2001, 25\u00a0ans, M, utilise MARTIN, homonyme"
