"""The table of the shortcuts says all that the code binds; F1 shows it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_outils import habiller

from app.ui.fenetre import Fenetre
from app.ui.raccourcis import RACCOURCIS, dire
from app.ui.views.aide_clavier import DialogueRaccourcis

_LIEURS = {"QKeySequence", "lier", "_raccourci", "ajouter_raccourci"}


def _liees(racine: Path) -> set[str]:
    """Sequences written in the calls that bind a key, and in the tuples that loops bind."""
    trouvees = set()
    for fichier in (racine / "app" / "ui").rglob("*.py"):
        for n in ast.walk(ast.parse(fichier.read_text(encoding="utf-8"))):
            textes = []
            if isinstance(n, ast.Call):
                nom = n.func.attr if isinstance(n.func, ast.Attribute) else getattr(
                    n.func, "id", "")
                textes = n.args if nom in _LIEURS else []
            elif isinstance(n, ast.For) and "QShortcut" in ast.dump(n):
                textes = [c for c in ast.walk(n.iter) if isinstance(c, ast.Constant)]
            trouvees |= {t.value for t in textes if isinstance(t, ast.Constant)
                         and isinstance(t.value, str)
                         and t.value.startswith(("Ctrl+", "Alt+", "F1"))}
    return trouvees


def test_every_bound_key_is_in_the_table(racine: Path) -> None:
    table = {QKeySequence(s) for _, groupe in RACCOURCIS for r in groupe for s in r.sequences}
    liees = {s.replace("Enter", "Return") for s in _liees(racine)}
    assert {"Ctrl+K", "Ctrl+L", "Ctrl+Shift+N", "F1"} <= liees
    assert {s for s in liees if QKeySequence(s) not in table} == set()


def test_keys_are_said_in_french() -> None:
    assert dire("Ctrl+Shift+Tab") == "Ctrl+Maj+Tab" and dire("Ctrl++") == "Ctrl++"
    assert dire("Ctrl+Return") == "Ctrl+Entrée" and dire("Alt+Right") == "Alt+→"


@pytest.fixture
def fenetre(qtbot: QtBot, qapp: QApplication) -> Iterator[Fenetre]:
    """Held until the end: a window that the test alone holds dies before its closed dialogs."""
    habiller(qapp)
    fenetre = Fenetre("0")
    qtbot.addWidget(fenetre)
    fenetre.construire()
    fenetre.resize(1366, 768)
    fenetre.show()
    fenetre.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is fenetre)
    yield fenetre
    fenetre.fermer_pour_de_bon()


def test_f1_shows_the_help_once(fenetre: Fenetre) -> None:
    fenetre.barre.verrou.setFocus()
    QTest.keyClick(fenetre, Qt.Key.Key_F1)
    aides = [w for w in fenetre.findChildren(DialogueRaccourcis) if w.isVisible()]
    assert len(aides) == 1
    QTest.keyClick(aides[0], Qt.Key.Key_Escape)
    assert not aides[0].isVisible()
