"""Steps of the first start: what is measured is what is shown."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_outils import habiller

from app.ui.views.etapes import EtapeMotDePasse
from app.ui.views.premier_demarrage import PremierDemarrage
from app.ui.views.secret import ChampSecret

LONG = ["15 caractères au moins", "une minuscule", "une majuscule", "un chiffre",
        "un signe (ponctuation ou espace)"]


@pytest.mark.parametrize("largeur", [1366, 1920])
def test_the_password_fields_are_whole_under_a_long_advice(qtbot: QtBot, qapp: QApplication,
                                                           largeur: int) -> None:
    habiller(qapp, "clair")
    page = PremierDemarrage((EtapeMotDePasse(lambda texte: LONG),))
    qtbot.addWidget(page)
    page.resize(largeur, 768)
    page.show()
    QApplication.processEvents()
    champs = page.findChildren(ChampSecret)
    assert len(champs) == 2
    for champ in champs:
        assert champ.geometry().bottom() <= champ.parentWidget().height()
