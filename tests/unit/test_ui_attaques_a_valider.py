"""« À valider » : what is signed is what is in front of the eyes, whatever arrives meanwhile."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.domain.preparations import (
    EtatPreparation,
    GenrePreparation,
    LignePreparation,
    Preparation,
)
from app.ui import theme
from app.ui.views.a_valider import PageAValider

A4 = (595.0, 842.0)


def ligne(id: int, patient: str, version: int = 1, identite: int = 1) -> LignePreparation:
    return LignePreparation(
        Preparation(id, GenrePreparation.COURRIER, id, id, 1, 2, "Lettre",
                    EtatPreparation.A_VALIDER, change_le="2026-11-21T09:00:00+01:00"),
        patient, "Lina PETIT", "Mariam DIALLO", source_version=version, patient_version=identite)


@pytest.fixture
def page(qapp: QApplication, qtbot: QtBot) -> PageAValider:
    theme.appliquer(qapp, "clair")
    page = PageAValider()
    qtbot.addWidget(page)
    page.resize(1366, 768)
    page.show()
    return page


def montrer(page: PageAValider) -> None:
    """The PDF of the current line, and the image of its first page."""
    page.montrer_apercu([A4])
    page.poser_page(0, 100, QImage(10, 10, QImage.Format.Format_RGB32))


@pytest.mark.attaque("Signer un document préparé que l’on n’a pas sous les yeux",
                     tente="valider avant que l’aperçu soit là, à l’instant où la liste se relit "
                           "après une réécriture ou une identité changée, ou deux fois de suite "
                           "alors que l’écran montre encore le document précédent",
                     constat="rien n’est demandé\u00a0: on ne signe que le document affiché, tel "
                             "qu’il est affiché\u00a0; celui d’un autre patient quitte l’écran "
                             "aussitôt")
def test_nothing_is_signed_that_is_not_on_screen(page: PageAValider, qtbot: QtBot) -> None:
    demandes: list[int] = []
    page.validation_demandee.connect(lambda x, _: demandes.append(x.preparation.id))

    def essayer() -> list[int]:
        demandes.clear()
        qtbot.keyClick(page.liste, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        page.valider.click()
        page.retenir.click()
        return demandes

    def afficher(*lignes: LignePreparation) -> None:
        page.afficher(lignes, (), valide=True, prepare=False)

    deux = (ligne(1, "ADRUN ZOE"), ligne(2, "AUTRE PAUL"))
    afficher(*deux)
    assert essayer() == []
    page.montrer_apercu([A4])
    assert essayer() == []  # no page is drawn yet
    page.poser_page(0, 100, QImage(10, 10, QImage.Format.Format_RGB32))
    assert page.valider.isEnabled()
    # Read again: the delegate wrote, then the patient's name changed.
    for autre in (ligne(1, "ADRUN ZOE", version=2), ligne(1, "ADRUN ANA", version=2, identite=2)):
        with qtbot.waitSignal(page.apercu_demande):
            afficher(autre, deux[1])
        assert essayer() == []
        montrer(page)
        assert page.valider.isEnabled()
    # Another patient's: the former document leaves the screen at once.
    with qtbot.waitSignal(page.apercu_demande):
        page.liste.setCurrentIndex(page.liste.model().index(1, 0))
    assert page.apercu.pages.nombre == 0 and essayer() == []
    montrer(page)
    assert essayer() == [2]  # once: the gesture runs, its buttons wait
    assert not page.retenir.isEnabled()


def test_what_could_not_be_shown_is_tried_again(page: PageAValider, qtbot: QtBot) -> None:
    seule = (ligne(1, "ADRUN ZOE"),)
    page.afficher(seule, (), valide=True, prepare=False)
    page.apercu_impossible("Le cabinet n’a pas de nom.")
    with qtbot.waitSignal(page.apercu_demande):
        page.afficher((replace(seule[0], par="Lina P."),), (), valide=True, prepare=False)
    assert not page.valider.isEnabled()
    montrer(page)
    assert page.valider.isEnabled()
