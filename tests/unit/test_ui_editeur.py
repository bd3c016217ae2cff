"""The rich editor: a value goes to the screen and comes back; hostile pastes, keys, spelling."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from test_documents_courriers import tous_blocs
from ui_outils import habiller

from app.documents.champs import ValeurChamp
from app.documents.corps import normaliser
from app.documents.model import Bloc, Fragment, Intertitre, Liste, Paragraphe, Tableau
from app.ui.views.editeur.conversion import ecrire, lire
from app.ui.views.editeur.zone import ZoneTexte


@settings(max_examples=150, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(tous_blocs)
def test_a_value_on_screen_is_the_value(qapp: QApplication, corps: tuple[Bloc, ...]) -> None:
    document = QTextDocument()
    ecrire(document, corps)
    assert lire(document) == normaliser(corps)
    assert not document.isModified() and not document.isUndoAvailable()


@pytest.fixture
def zone(qtbot: QtBot, qapp: QApplication) -> ZoneTexte:
    habiller(qapp)
    zone = ZoneTexte()
    qtbot.addWidget(zone)
    zone.resize(500, 400)
    zone.show()
    zone.setFocus()
    return zone


def taper(zone: ZoneTexte, texte: str) -> None:
    """Type, one key at a time."""
    for signe in texte:
        QTest.keyClick(zone, Qt.Key.Key_Return) if signe == "\n" else QTest.keyClicks(zone, signe)


def touche(zone: ZoneTexte, cle: Qt.Key, *mods: Qt.KeyboardModifier) -> None:
    """Press a key with modifiers."""
    modificateurs = Qt.KeyboardModifier.NoModifier
    for m in mods:
        modificateurs |= m
    QTest.keyClick(zone, cle, modificateurs)


CTRL, MAJ = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def aller(zone: ZoneTexte, mot: str, *, fin: bool = False) -> None:
    """Put the cursor inside (or at the end of) a word of the text."""
    trouve = zone.document().find(mot)
    assert not trouve.isNull(), mot
    curseur = zone.textCursor()
    curseur.setPosition(trouve.selectionEnd() if fin else trouve.selectionStart() + 1)
    zone.setTextCursor(curseur)


# -- Writing by keyboard ------------------------------------------------------------------------


def test_a_letter_is_written_by_keyboard_alone(zone: ZoneTexte) -> None:
    taper(zone, "# Plaie\nPropre, ")
    touche(zone, Qt.Key.Key_B, CTRL)
    taper(zone, "nette")
    touche(zone, Qt.Key.Key_B, CTRL)
    taper(zone, ".\n- un\ndeux\n\nFin")
    touche(zone, Qt.Key.Key_Return, MAJ)
    taper(zone, "ligne\n1. a\nb")
    assert zone.blocs() == (
        Intertitre("Plaie"),
        Paragraphe((Fragment("Propre, "), Fragment("nette", gras=True), Fragment("."))),
        Liste(("un", "deux")), Paragraphe("Fin\nligne"), Liste(("a", "b"), True))


def test_styles_are_switched_and_undone(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("Un paragraphe"), Paragraphe("Deux")))
    touche(zone, Qt.Key.Key_T, CTRL)
    assert zone.blocs()[0] == Intertitre("Un paragraphe") and zone.niveau_style == 1
    touche(zone, Qt.Key.Key_T, CTRL, MAJ)
    assert zone.blocs()[0] == Intertitre("Un paragraphe", 2)
    touche(zone, Qt.Key.Key_N, CTRL, MAJ)
    assert zone.blocs()[0] == Paragraphe("Un paragraphe")
    zone.selectAll()
    touche(zone, Qt.Key.Key_L, CTRL, MAJ)
    assert zone.blocs() == (Liste(("Un paragraphe", "Deux")),)
    touche(zone, Qt.Key.Key_O, CTRL, MAJ)
    assert zone.blocs() == (Liste(("Un paragraphe", "Deux"), True),)
    for _ in range(8):
        touche(zone, Qt.Key.Key_Z, CTRL)
    assert zone.blocs() == (Paragraphe("Un paragraphe"), Paragraphe("Deux"))
    touche(zone, Qt.Key.Key_Z, CTRL, MAJ)
    assert zone.blocs() != (Paragraphe("Un paragraphe"), Paragraphe("Deux"))


def test_backspace_takes_the_shape_before_the_text(zone: ZoneTexte) -> None:
    zone.poser((Intertitre("Titre"), Liste(("élément",))))
    touche(zone, Qt.Key.Key_Backspace)
    assert zone.blocs()[0] == Paragraphe("Titre")
    aller(zone, "élément")
    touche(zone, Qt.Key.Key_Home)
    touche(zone, Qt.Key.Key_Backspace)
    assert zone.blocs() == (Paragraphe("Titre"), Paragraphe("élément"))


def test_a_table_is_filled_and_shaped_by_keyboard(zone: ZoneTexte) -> None:
    taper(zone, "Avant")
    zone.nouveau_tableau(2, 1)
    for cellule in ("Date", "Poids", "1", "70"):
        taper(zone, cellule)
        touche(zone, Qt.Key.Key_Tab)
    taper(zone, "2")
    touche(zone, Qt.Key.Key_Tab)
    taper(zone, "71")
    tableau = Tableau(("Date", "Poids"), (("1", "70"), ("2", "71")))
    assert zone.blocs() == (Paragraphe("Avant"), tableau)
    touche(zone, Qt.Key.Key_Backtab, MAJ)
    for geste, attendu in (
            ("ligne+", 3), ("ligne-", 2), ("colonne+", 2), ("colonne-", 2), ("entete", 3)):
        zone.changer_tableau(geste)
        lu = zone.blocs()[1]
        assert isinstance(lu, Tableau) and len(lu.lignes) == attendu, geste
    zone.changer_tableau("supprimer")
    assert zone.blocs() == (Paragraphe("Avant"),)
    zone.undo()
    assert len(zone.blocs()) == 2


def test_tab_leaves_the_editor_outside_tables(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("x"),))
    touche(zone, Qt.Key.Key_Tab)
    assert zone.blocs() == (Paragraphe("x"),)


# -- Pasting ------------------------------------------------------------------------------------


def coller(zone: ZoneTexte, html: str = "", texte: str = "") -> None:
    """Paste what another program copied."""
    donnees = QMimeData()
    if html:
        donnees.setHtml(html)
    donnees.setText(texte)
    zone.insertFromMimeData(donnees)


def test_a_hostile_paste_leaves_text_only(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("Avant après"),))
    aller(zone, "Avant", fin=True)
    coller(zone, "<p>un<img src='file:///etc/passwd'><script>x</script></p><ul><li>deux</ul>")
    assert zone.blocs() == (Paragraphe("Avant"), Paragraphe("un"), Liste(("deux",)),
                            Paragraphe(" après"))
    assert not zone.document().allFormats()[0].hasProperty(0x8000)
    zone.undo()
    assert zone.blocs() == (Paragraphe("Avant après"),)


def test_a_short_paste_stays_in_the_sentence_and_in_the_cell(zone: ZoneTexte) -> None:
    zone.poser((Tableau(("A",), (("b",),)),))
    aller(zone, "b")
    coller(zone, "<b>gras</b>")
    coller(zone, texte="x\n\ny")
    assert zone.blocs() == (Tableau(("A",), ((
        (Fragment("b"), Fragment("gras", gras=True), Fragment("x\ny")),),)),)


def test_what_was_copied_here_comes_back(zone: ZoneTexte) -> None:
    corps = (Intertitre("Titre"), Paragraphe((Fragment("a "), Fragment("b", gras=True))),
             Liste(("c", "d")), Paragraphe("fin"))
    zone.poser(corps)
    zone.selectAll()
    donnees = zone.createMimeDataFromSelection()
    zone.poser(())
    zone.insertFromMimeData(donnees)
    assert zone.blocs() == corps


@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(tous_blocs, tous_blocs, st.integers(0, 400))
def test_any_insertion_is_undone_whole(qapp: QApplication, corps: tuple[Bloc, ...],
                                       ajout: tuple[Bloc, ...], ou: int) -> None:
    zone = ZoneTexte()
    zone.poser(corps)
    curseur = zone.textCursor()
    curseur.setPosition(min(ou, zone.document().characterCount() - 1))
    zone.setTextCursor(curseur)
    zone.inserer(ajout)
    lu = zone.blocs()
    assert normaliser(lu) == lu
    if normaliser(ajout):
        zone.undo()
    assert zone.blocs() == normaliser(corps)


# -- Parts from the record ----------------------------------------------------------------------


def partie(*textes: str) -> Liste:
    """A list that came from the record."""
    return Liste(tuple((Fragment(t, origine="Allergies"),) for t in textes))


def test_a_filled_part_is_changed_or_removed(zone: ZoneTexte) -> None:
    zone.poser((Intertitre("Allergies"), partie("Iode", "Latex"), Intertitre("Suite"),
                Paragraphe("Texte")))
    aller(zone, "Iode", fin=True)
    assert zone.origine() == "Allergies"
    taper(zone, " et noix")
    liste = zone.blocs()[1]
    assert isinstance(liste, Liste) and liste.elements[0] == (
        Fragment("Iode", origine="Allergies"), Fragment(" et noix"))
    zone.undo()
    aller(zone, "Latex")
    touche(zone, Qt.Key.Key_Delete, CTRL, MAJ)
    assert zone.blocs() == (Intertitre("Suite"), Paragraphe("Texte"))
    zone.undo()
    assert zone.blocs()[1] == partie("Iode", "Latex")


def test_a_filled_word_and_a_filled_table_are_removed(zone: ZoneTexte) -> None:
    def f(texte: str) -> tuple[Fragment, ...]:
        return (Fragment(texte, origine="Dernières mesures"),)

    zone.poser((Paragraphe((Fragment("Je suis "), Fragment("Zoé", origine="Patient"),
                            Fragment(" depuis"))), Intertitre("Mesures"),
                Tableau((f("Poids"),), ((f("70"),),))))
    aller(zone, "Zoé")
    assert zone.retirer_partie() == "Patient"
    aller(zone, "70")
    assert zone.retirer_partie() == "Dernières mesures"
    assert zone.blocs() == (Paragraphe("Je suis  depuis"),)
    assert zone.retirer_partie() == ""


def test_f8_goes_from_field_to_field(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("Pour [[motif]] le [[date]]."), Liste(("[[suite]]",))))
    vus = []
    for _ in range(4):
        touche(zone, Qt.Key.Key_F8)
        vus.append(zone.textCursor().selectedText())
    assert vus == ["[[motif]]", "[[date]]", "[[suite]]", "[[motif]]"]
    taper(zone, "plaie")
    assert zone.blocs()[0] == Paragraphe("Pour plaie le [[date]].")
    touche(zone, Qt.Key.Key_F8, MAJ)
    assert zone.textCursor().selectedText() == "[[suite]]"


def test_fields_are_filled_where_they_stand_when_a_value_comes(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("[[Médecin traitant]] et [[motif]]"), Intertitre("Allergies"),
                Paragraphe("[[allergies]]"), Paragraphe("Fin [[ALLERGIES]]")))
    valeurs = {"Médecin traitant": ValeurChamp("Dr MARTIN"),
               "Allergies": ValeurChamp("Iode, latex", (Liste(("Iode", "Latex")),))}
    assert zone.remplir(valeurs) == 3
    assert zone.blocs() == (
        Paragraphe((Fragment("Dr MARTIN", origine="Médecin traitant"), Fragment(" et [[motif]]"))),
        Intertitre("Allergies"), partie("Iode", "Latex"),
        Paragraphe((Fragment("Fin "), Fragment("Iode, latex", origine="Allergies"))))
    assert zone.remplir(valeurs) == 0


# -- Spelling -----------------------------------------------------------------------------------


def test_a_misspelt_word_is_underlined_then_mended_by_keyboard(zone: ZoneTexte,
                                                               qtbot: QtBot) -> None:
    zone.souligneur._attente.setInterval(0)
    with qtbot.waitSignal(zone.souligneur.verification_demandee) as demande:
        zone.poser((Paragraphe("Une infimière soigne [[motiff]]"),))
    assert demande.args[0] == ("Une", "infimière", "soigne")  # type: ignore[index]
    zone.souligneur.poser_verdicts(demande.args[0], ("infimière",))  # type: ignore[index]
    touche(zone, Qt.Key.Key_F7)
    assert zone.textCursor().selectedText() == "infimière"
    with qtbot.waitSignal(zone.propositions_demandees) as mot:
        menu = zone.menu_contextuel()
    assert mot.args == ["infimière"]
    zone.proposer("infimière", ("infirmière",))
    assert menu.actions()[0].text() == "infirmière"
    menu.actions()[0].trigger()
    assert zone.blocs() == (Paragraphe("Une infirmière soigne [[motiff]]"),)
    assert not zone.faute_suivante()
    menu.deleteLater()


def test_the_word_under_the_hand_is_left_in_peace(zone: ZoneTexte) -> None:
    taper(zone, "un pansmt")
    zone.souligneur.poser_verdicts(("un", "pansmt"), ("pansmt",))

    def soulignes() -> int:
        return sum(len(f.format.underlineColor().name()) > 0 and f.format.fontUnderline() is False
                   and f.format.underlineStyle().value == 6
                   for f in zone.document().firstBlock().layout().formats())

    assert soulignes() == 0
    taper(zone, " ")
    assert soulignes() > 0


def test_spelling_may_be_switched_off(zone: ZoneTexte) -> None:
    zone.poser((Paragraphe("faute"),))
    zone.souligneur.poser_verdicts(("faute",), ("faute",))
    zone.souligneur.activer(False)
    assert not zone.faute_suivante()
    assert zone.textCursor().position() == QTextCursor(zone.document()).position()
