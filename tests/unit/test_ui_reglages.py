"""Réglages and À propos: one form per section, checked, shown at once, stored when asked."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.domain.people import Professionnel, Structure
from app.ui import theme
from app.ui.controllers import reglages as module
from app.ui.controllers.reglages import ReglagesController
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases.errors import Refus
from app.usecases.settings import Reglages

DEPART = Reglages(Structure("499700000016007", "Cabinet du Moulin", commune="Mazoires"),
                  Professionnel("899700000016", "DÉMO", "Camille"), delai_envoi_min=7)


@pytest.fixture
def monde(qapp, qtbot, monkeypatch):
    theme.appliquer(qapp, "clair")
    etat = {"reglages": DEPART, "refus": ""}

    def enregistrer(ctx, reglages, base=None):
        if etat["refus"]:
            raise Refus(etat["refus"])
        etat["reglages"] = reglages
        return reglages

    monkeypatch.setattr(module.settings, "lire_reglages", lambda ctx: etat["reglages"])
    monkeypatch.setattr(module.settings, "enregistrer_reglages", enregistrer)
    f, w = Fenetre("1.2.3"), Workers()
    qtbot.addWidget(f)
    f.construire()
    c = ReglagesController(f, w, object())
    f.ajouter_page("autre", "users", "Autre", lambda: QLabel("autre"))
    f.ajouter_page("reglages", "settings", "Réglages", c.construire, en_bas=True)
    f.resize(1366, 768)
    f.show()
    f.activateWindow()
    vue = f.aller("reglages")
    qtbot.waitUntil(lambda: vue._rempli)
    yield f, c, vue, etat
    w.fermer()
    f.fermer_pour_de_bon()
    theme.appliquer(qapp, "clair", 100)


def test_what_is_shown_comes_back_unchanged(monde) -> None:
    _, _, vue, _ = monde
    assert replace(DEPART, **vue.valeurs()) == DEPART
    assert not vue.modifie


def test_exactly_one_messaging_module(monde) -> None:
    _, _, vue, _ = monde
    boutons = vue.profils._modules
    boutons["facilitee"].click()
    assert vue.profils.module() == "facilitee"
    assert sum(b.isChecked() for b in boutons.values()) == 1
    assert vue.modifie


def test_no_profile_is_refused_on_its_own_section(monde, qtbot) -> None:
    _, _, vue, etat = monde
    vue.aller("cabinet")
    for case in vue.profils._cases.values():
        case.setChecked(False)
    vue._demander()
    assert vue.section == "profils" and etat["reglages"] is DEPART


def test_ctrl_s_stores_and_says_so(monde, qtbot) -> None:
    f, c, vue, etat = monde
    vue.cabinet.champs["commune"].saisie.setText("Testville")
    vue.cabinet.modifie.emit()
    with qtbot.waitSignal(c.change):
        QTest.keyClick(vue, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert etat["reglages"].structure.commune == "Testville"
    assert f.texte_flottant == "Réglages enregistrés" and not vue.modifie


def test_a_refusal_stays_beside_the_button(monde, qtbot) -> None:
    _, _, vue, etat = monde
    etat["refus"] = "L’adresse du Proxy e-santé est injoignable."
    vue.bouton.click()
    qtbot.waitUntil(lambda: vue._message is not None)
    assert vue._message.texte == etat["refus"] and vue.bouton.isEnabled()


def test_theme_and_text_size_are_shown_at_once(monde) -> None:
    _, _, vue, _ = monde
    vue._theme.bouton("sombre").click()
    vue._taille.bouton("150").click()
    assert theme.est_sombre() and theme.echelle() == 1.5
    assert vue.valeurs()["theme"] == "sombre" and vue.valeurs()["taille_texte"] == 150


def test_key_and_certificate_go_together(monde) -> None:
    _, _, vue, _ = monde
    vue.services.montrer({"proxy_url": "http://proxy", "cle_installation": "cle.pem"})
    assert set(vue.services.fautes()) == {"proxy_url", "certificat_installation"}


def test_leaving_with_changes_says_where_they_are(monde, qtbot) -> None:
    f, _, vue, _ = monde
    vue._noter()
    f.aller("autre")
    assert any("ne sont pas enregistrés" in t for t in f.messages.textes)


def test_the_version_is_two_clicks_away_with_dated_references(monde, qtbot) -> None:
    f, _, vue, _ = monde
    qtbot.waitUntil(lambda: bool(vue.a_propos.version.text()))
    f.aller("autre")
    f.rail._version.click()
    assert f.page_courante == "reglages" and vue.section == "a_propos"
    textes = " ".join(w.text() for w in vue.a_propos.findChildren(QLabel))
    assert "Police Inter" in textes and "SIL Open Font License" in textes and "2022" in textes
    assert not vue._pied.isVisible()


def test_every_section_stands_in_one_group(monde, qtbot) -> None:
    """No section is lost when one is added, and the titles show while there is room."""
    from app.ui.views.reglages import GROUPES

    _, _, vue, _ = monde
    rangees = [nom for _, noms in GROUPES for nom in noms]
    assert sorted(rangees) == sorted({*vue._noms, *vue._renvois})
    titres = [tete.text() for tete, _, _ in vue._groupes if not tete.isHidden()]
    assert titres == [titre for titre, _ in GROUPES]
    vue.cacher({"services", "centre"})
    assert "Services et cartes" not in [t.text() for t, _, _ in vue._groupes if not t.isHidden()]
