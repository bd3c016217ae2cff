"""Every dialog of the program, opened: nothing cut, buttons on screen, by keyboard alone, named.

They are found by introspection: a new one without an entry in `dialogues_types.FABRIQUES` fails.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dialogues_types import FABRIQUES, classes, importer_les_vues
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot
from ui_outils import habiller

from app.ui.fenetre import Fenetre
from app.ui.views.dialogue import Dialogue
from tests.lisible import coupes, decrire, internes

TAILLES = [(100, "clair"), (200, "clair"), (100, "sombre"), (200, "sombre")]
#: Dialogs where Entrée alone presses nothing, and why.
SANS_DEFAUT = {
    "DialogueConflit": "two people's words: Ctrl+Entrée keeps the choice, Entrée is an accident",
    "DialogueApcv": "Entrée ends the scan, in the field of the code",
    "DialogueModeles": "a text is being written: Ctrl+S keeps it",
    "DialogueRapprochement": "a trait differs: the user must choose",
    "DialogueProvisoire": "shown once: Entrée pressed twice must not take it away",
    "DialogueSecondFacteur codes": "shown once: Entrée pressed twice must not take them away",
}
#: What Qt says of a widget of which it knows nothing.
SANS_ROLE = {QAccessible.Role.NoRole, QAccessible.Role.Client}
_CONTROLES = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTextEdit, QPlainTextEdit,
              QAbstractItemView)


@pytest.fixture(params=TAILLES, ids=lambda p: f"{p[0]}-{p[1]}")
def fenetre(request: pytest.FixtureRequest, qtbot: QtBot, qapp: QApplication) -> Fenetre:
    """The window of a small laptop, 1366x768."""
    taille, couleurs = request.param
    habiller(qapp, couleurs, taille)
    fenetre = Fenetre("0.0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    fenetre.resize(1366, 768)
    fenetre.show()
    fenetre.activateWindow()
    yield fenetre
    habiller(qapp)


def vivre(tours: int = 4) -> None:
    """Let layouts and deferred deletions settle."""
    for _ in range(tours):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def ouverts(fenetre: Fenetre, fabriques: dict[str, Callable[[QWidget], Dialogue]] | None = None,
            ) -> Iterator[tuple[str, Dialogue]]:
    """Each dialog in turn, shown over the window, then destroyed."""
    for nom, fabrique in (fabriques or FABRIQUES).items():
        dialogue = fabrique(fenetre)
        dialogue.open()
        vivre()
        yield nom, dialogue
        dialogue.done(0)
        vivre(2)


def boutons_du_pied(dialogue: Dialogue) -> list[QPushButton]:
    return [b for b in dialogue.bas.findChildren(QPushButton) if b.isVisible()]


def test_every_dialog_is_known_here(qapp: QApplication, qtbot: QtBot) -> None:
    """One entry at least for each class under `Dialogue`, in the whole window."""
    importer_les_vues()
    habiller(qapp)
    fond = Fenetre("0")
    qtbot.addWidget(fond)
    faits = {type(fabrique(fond)) for fabrique in FABRIQUES.values()}
    absentes = {c for c in classes() if c.__module__.startswith("app.")} - faits
    assert not absentes, f"dialogues sans essai : {sorted(c.__qualname__ for c in absentes)}"


def test_no_dialog_goes_round_the_common_one(racine: Path) -> None:
    """No message box, no bare QDialog: they have neither veil nor docked footer."""
    interdits = {"QMessageBox", "QInputDialog", "QProgressDialog", "QWizard", "QErrorMessage",
                 "QColorDialog", "QFontDialog"}
    fautes = []
    for fichier in (racine / "app" / "ui").rglob("*.py"):
        arbre = ast.parse(fichier.read_text(encoding="utf-8"))
        for n in ast.walk(arbre):
            if isinstance(n, ast.Name) and n.id in interdits:
                fautes.append(f"{fichier.name} : {n.id}")
            bases = [b.id for b in n.bases if isinstance(b, ast.Name)] \
                if isinstance(n, ast.ClassDef) else []
            if "QDialog" in bases and n.name != "Dialogue":
                fautes.append(f"{fichier.name} : {n.name}")
    assert not fautes, fautes


def test_nothing_is_cut_and_the_buttons_stay_on_screen(fenetre: Fenetre) -> None:
    """At 100 and 200 % text, in a window of 1366x768."""
    fautes = []
    for nom, dialogue in ouverts(fenetre):
        cadre = QRect(fenetre.mapToGlobal(QPoint(0, 0)), fenetre.size())
        boite = QRect(dialogue.mapToGlobal(QPoint(0, 0)), dialogue.size())
        if not cadre.contains(boite):
            fautes.append(f"{nom} : sort de la fenêtre, {boite.getRect()} dans {cadre.getRect()}")
        boutons = boutons_du_pied(dialogue)
        if not boutons:
            fautes.append(f"{nom} : aucun bouton au pied")
        for bouton in boutons:
            place = QRect(bouton.mapToGlobal(QPoint(0, 0)), bouton.size())
            if not cadre.contains(place) or not boite.contains(place):
                fautes.append(f"{nom} : {decrire(bouton)} hors de l’écran")
        fautes += [f"{nom} : {faute}" for faute in coupes(dialogue)]
    assert not fautes, "\n".join(fautes)


def test_every_control_has_a_name(claire: Fenetre) -> None:
    """What a screen reader says of each button, field and list: its name, and what it is."""
    fautes = []
    for nom, dialogue in ouverts(claire):
        if dialogue.titre.text() not in dialogue.accessibleName():
            fautes.append(f"{nom} : le dialogue s’appelle « {dialogue.accessibleName()} »")
        for genre in _CONTROLES:
            for w in dialogue.findChildren(genre):
                lu = QAccessible.queryAccessibleInterface(w)
                if not internes(w) and (
                        lu is None or not lu.text(QAccessible.Text.Name).strip()):
                    fautes.append(f"{nom} : {type(w).__name__} sans nom ({w.toolTip()})")
                elif not internes(w) and lu is not None and lu.role() in SANS_ROLE:
                    fautes.append(f"{nom} : {decrire(w)} n’a pas de rôle")
    assert not fautes, "\n".join(fautes)


def attendus(dialogue: Dialogue) -> set[QWidget]:
    """Controls that the keyboard must reach by Tab; one button stands for its exclusive group."""
    trouves = set()
    for w in dialogue.findChildren(QWidget):
        if not (w.isVisible() and w.isEnabled() and not internes(w)
                and w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.focusProxy() is None):
            continue
        groupe = w.group() if isinstance(w, QAbstractButton) else None
        if groupe is not None and groupe.exclusive() and not w.isChecked() \
                and groupe.checkedButton() is not None:
            continue
        trouves.add(w)
    return trouves


def visible_en_entier(dialogue: Dialogue, widget: QWidget) -> bool:
    """True when what has the keyboard is in sight: scrolled to, not under the footer."""
    ligne = min(widget.height(), 2 * widget.fontMetrics().height())
    haut = widget.mapTo(dialogue, QPoint(0, 0))
    coin = QPoint(widget.width() // 2, ligne // 2)
    vue = dialogue.childAt(haut + coin)
    return vue is not None and (vue is widget or widget.isAncestorOf(vue)
                                or vue.isAncestorOf(widget))


@pytest.mark.parametrize("fenetre", [(100, "clair"), (200, "sombre")], indirect=True,
                         ids=("100", "200"))
def test_tab_goes_everywhere_and_escape_closes(fenetre: Fenetre) -> None:
    """The keyboard starts in the dialog, Tab sees every control, Échap closes what is untouched."""
    fautes = []
    for nom, dialogue in ouverts(fenetre):
        depart = dialogue.focusWidget()
        if depart is None or not depart.isVisible():
            fautes.append(f"{nom} : aucun champ n’a le clavier à l’ouverture")
            continue
        champs = [w for w in attendus(dialogue) if not isinstance(w, QPushButton)]
        if champs and depart in boutons_du_pied(dialogue) and nom != "DialogueApcv personnes":
            fautes.append(f"{nom} : le clavier commence au pied, pas dans un champ")
        defaut = [b for b in dialogue.findChildren(QPushButton) if b.isDefault()]
        presse = isinstance(depart, QAbstractButton)
        if not (defaut or presse or dialogue.ENTREE_AVANCE or nom in SANS_DEFAUT):
            fautes.append(f"{nom} : Entrée ne fait rien, ni bouton par défaut ni bouton au clavier")
        vus: set[QWidget] = set()
        attendu = attendus(dialogue)
        for _ in range(2 * len(attendu) + 4):
            actif = dialogue.focusWidget()
            if actif is None:
                break
            if actif in vus and actif is depart:
                break
            vus.add(actif)
            if not visible_en_entier(dialogue, actif):
                fautes.append(f"{nom} : {decrire(actif)} a le clavier hors de la vue")
            QTest.keyClick(actif, Qt.Key.Key_Tab)
            vivre(1)
        fautes += [f"{nom} : Tab n’atteint pas {decrire(w)}" for w in attendu - vus]
        QTest.keyClick(dialogue.focusWidget() or dialogue, Qt.Key.Key_Escape)
        if dialogue.isVisible():
            fautes.append(f"{nom} : Échap ne ferme pas")
    assert not fautes, "\n".join(fautes)


@pytest.fixture
def claire(qtbot: QtBot, qapp: QApplication) -> Fenetre:
    """The window at 100 %, light."""
    habiller(qapp)
    fenetre = Fenetre("0.0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    fenetre.resize(1366, 690)
    fenetre.show()
    return fenetre


def test_escape_says_once_that_words_would_be_lost(claire: Fenetre) -> None:
    """Typed, then Échap: it stays and says so; typed again, it says so again; twice: it closes."""
    dialogue = FABRIQUES["DialogueMotif"](claire)
    dialogue.open()
    vivre()
    QTest.keyClicks(dialogue.texte, "piece vue")
    QTest.keyClick(dialogue.texte, Qt.Key.Key_Escape)
    assert dialogue.isVisible() and dialogue._abandon.isVisible()
    QTest.keyClicks(dialogue.texte, " ce matin")
    QTest.keyClick(dialogue.texte, Qt.Key.Key_Escape)
    assert dialogue.isVisible() and dialogue.texte.text() == "piece vue ce matin"
    QTest.keyClick(dialogue.texte, Qt.Key.Key_Escape)
    assert not dialogue.isVisible()


def test_a_password_or_an_emptied_field_closes_at_once(claire: Fenetre) -> None:
    for nom, champ in (("cles.DialogueMotDePasse", lambda d: d.secret.champ),
                       ("DialogueMotif", lambda d: d.texte)):
        dialogue = FABRIQUES[nom](claire)
        dialogue.open()
        vivre()
        QTest.keyClicks(champ(dialogue), "abc")
        if nom == "DialogueMotif":
            champ(dialogue).clear()
        QTest.keyClick(champ(dialogue), Qt.Key.Key_Escape)
        assert not dialogue.isVisible(), nom
        vivre()


def test_a_reason_is_given_once_by_enter(claire: Fenetre, qtbot: QtBot) -> None:
    """Entrée in the field and the default button are one gesture, not two."""
    dialogue = FABRIQUES["DialogueMotif"](claire)
    dialogue.open()
    recus: list[str] = []
    dialogue.choisi.connect(recus.append)
    QTest.keyClicks(dialogue.texte, "piece vue")
    QTest.keyClick(dialogue.texte, Qt.Key.Key_Return)
    assert recus == ["piece vue"]


def test_a_dialog_over_a_dialog_takes_the_room_of_the_window(claire: Fenetre) -> None:
    """The camera opened over a low dialog is as high as it needs."""
    dessous = FABRIQUES["Confirmation"](claire)
    dessous.open()
    vivre()
    dessus = FABRIQUES["DialogueNouveauPatient"](dessous)
    dessus.open()
    vivre()
    assert dessous.height() < 260 < dessus.height()
    assert not coupes(dessus)
    centre = dessus.mapToGlobal(dessus.rect().center())
    assert abs(centre.x() - claire.mapToGlobal(claire.rect().center()).x()) <= 1
    dessus.done(0)
    dessous.done(0)


def test_a_dialog_follows_what_it_holds(claire: Fenetre) -> None:
    """It grows with a message and comes back without it; it never leaves the window."""
    dialogue = FABRIQUES["DialogueGeste"](claire)
    dialogue.open()
    vivre()
    avant = dialogue.height()
    dialogue.refuser("Le geste n’a pas été fait. " * 40)
    vivre()
    assert dialogue.height() > avant + 60
    assert dialogue.geometry().bottom() <= claire.geometry().bottom()
    dialogue._message.fermer()
    vivre()
    assert dialogue.height() == avant
