"""The banner shows what the practice chose, hides what the account may not see (rules 3 and 4)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_outils import TRAITS, habiller, identite, patient

from app.domain.identity import Attribut, StatutIdentite
from app.ui.views.bandeau import FACULTATIFS, OBLIGATOIRES, Bandeau, repartir
from app.ui.views.menu_identite import MenuIdentite, OptionsMenu

QUI = identite(traits=replace(TRAITS, nom_utilise="MARTIN", prenom_utilise="ZOE LOU",
                              prenoms="ZOE LOUISE"))


@pytest.fixture
def bandeau(qtbot: QtBot, qapp: QApplication) -> Bandeau:
    habiller(qapp, "clair")
    bandeau = Bandeau()
    qtbot.addWidget(bandeau)
    bandeau.resize(1282, 90)
    bandeau.show()
    bandeau.afficher(patient(qui=QUI), "63220 Mazoires", "50 ans")
    return bandeau


def montres(bandeau: Bandeau) -> set[str]:
    return {nom for nom, trait in bandeau.traits.items() if trait.isVisible()}


def test_mandatory_traits_stay_whatever_is_chosen(bandeau: Bandeau) -> None:
    for choix in ((), ("oid",), FACULTATIFS, ("nom_naissance",)):
        bandeau.definir_traits(choix)
        assert montres(bandeau) == {*OBLIGATOIRES, *choix}
    bandeau.definir_traits(FACULTATIFS)
    assert [bandeau.traits[t].valeur.text() for t in ("oid", "prenoms", "nom_utilise")] == [
        "1.2.250.1.213.1.4.8", "ZOE LOUISE", "MARTIN"]


@pytest.mark.parametrize(("taille", "largeur"), [(100, 876), (100, 1282), (100, 1836), (200, 1198)])
def test_nothing_is_cut_with_every_trait(bandeau: Bandeau, qapp: QApplication, taille: int,
                                         largeur: int) -> None:
    habiller(qapp, "clair", taille)
    bandeau.resize(largeur, 90)
    bandeau.definir_traits(FACULTATIFS)
    bandeau.resize(largeur, bandeau.sizeHint().height())
    qapp.processEvents()
    for trait in bandeau.traits.values():
        assert trait.isVisible() and trait.width() >= trait.largeur() - 1
        assert trait.mapTo(bandeau, trait.rect().topRight()).x() <= largeur
    assert bandeau.dica.mapTo(bandeau, bandeau.dica.rect().topRight()).x() <= largeur
    habiller(qapp, "clair", 100)


def test_without_the_right_ins_no_matricule_is_shown(bandeau: Bandeau) -> None:
    bandeau.definir_traits(FACULTATIFS)
    bandeau.afficher(patient(qui=QUI), "", "", ins_visible=False)
    for nom in ("matricule_ins", "oid"):
        assert bandeau.traits[nom].valeur.text() == "non visible"
        assert bandeau.traits[nom]._copie == "non visible"


@given(st.lists(st.integers(1, 400), max_size=12), st.integers(50, 1500))
def test_rows_keep_order_and_width(largeurs: list[int], place: int) -> None:
    rangees = repartir(largeurs, place)
    assert [r for rangee in rangees for r in rangee] == list(range(len(largeurs)))
    for rangee in rangees:
        pris = sum(largeurs[r] for r in rangee) + 20 * (len(rangee) - 1)
        assert len(rangee) <= 1 or pris <= place


def actions(qtbot: QtBot, statut: StatutIdentite, *attributs: Attribut,
            **options: bool) -> dict[str, bool]:
    parent = Bandeau()
    qtbot.addWidget(parent)
    menu = MenuIdentite(identite(statut, *attributs), OptionsMenu((("CN", "CNI"),), **options),
                        parent)
    return {a.text().partition("\t")[0]: a.isEnabled() for a in menu.actions() if a.text()}


def test_the_menu_offers_what_this_status_needs(qtbot: QtBot) -> None:
    provisoire = actions(qtbot, StatutIdentite.PROVISOIRE)
    assert provisoire["Appeler INSi maintenant"] and "Vérifier auprès d’INSi" not in provisoire
    recuperee = actions(qtbot, StatutIdentite.RECUPEREE, transitoire=True)
    assert recuperee["Vérifier auprès d’INSi"] and recuperee["CNI"]
    assert recuperee["Qualifier par la procédure transitoire…"]
    assert not any("transitoire" in a for a in actions(qtbot, StatutIdentite.RECUPEREE))
    assert not any("transitoire" in a for a in actions(qtbot, StatutIdentite.QUALIFIEE,
                                                       transitoire=True))


def test_what_is_blocked_says_why(qtbot: QtBot) -> None:
    douteuse = actions(qtbot, StatutIdentite.PROVISOIRE, Attribut.DOUTEUSE)
    assert douteuse["Appel INSi bloqué : identité douteuse"] is False and not douteuse["CNI"]
    sans_droit = actions(qtbot, StatutIdentite.PROVISOIRE, insi_permis=False)
    assert sans_droit["Appeler INSi maintenant : droit non accordé"] is False
