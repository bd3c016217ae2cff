"""Section « Sauvegardes »: state, backup now, settings, reminders (GEN.21.BIS)."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from app.domain.accord import taille_lisible
from app.domain.sauvegarde import EtatSauvegardes, ReglagesSauvegarde, Sauvegarde
from app.ui import theme
from app.ui.controllers import sauvegardes as module
from app.ui.controllers.sauvegardes import SauvegardesController
from app.ui.fenetre import Fenetre
from app.ui.views.reglages import VueReglages
from app.ui.views.sauvegardes import VueSauvegardes
from app.ui.workers import Workers
from app.usecases import backup
from app.usecases.settings import MODULES_MSS, PROFILS
from tests.sauvegarde_outils import creer


def textes(vue: VueSauvegardes) -> str:
    return "\n".join(e.text() for e in vue.findChildren(QLabel))


def test_the_state_is_said(qtbot, qapp) -> None:
    theme.appliquer(qapp, "clair")
    vue = VueSauvegardes()
    qtbot.addWidget(vue)
    vue.montrer_etat(EtatSauvegardes(), ())
    assert "Aucune sauvegarde pour le moment." in textes(vue)
    jour = datetime(2026, 11, 21, 11, 35)
    presentes = [Sauvegarde(Path("x"), jour - timedelta(days=n), 2_300_000, n != 1)
                 for n in range(7)]
    vue.montrer_etat(EtatSauvegardes("2026-11-21T11:35:00+00:00", "x", 2_300_000, "", "Le disque "
                                     "est plein.", "Branchez le disque.", True), presentes)
    dit = textes(vue)
    assert "2,3\u00a0Mo" in dit and "coffre manquant" in dit and "et 2 plus anciennes" in dit
    assert "même disque" in dit and "Le disque est plein." in dit and "Branchez" in dit


def test_sizes_are_readable() -> None:
    assert [taille_lisible(n) for n in (10, 1_500_000, 2_000_000_000)] == [
        "1\u00a0ko", "1,5\u00a0Mo", "2,0\u00a0Go"]


def test_settings_come_back_unchanged(qtbot, qapp) -> None:
    theme.appliquer(qapp, "clair")
    vue = VueSauvegardes()
    qtbot.addWidget(vue)
    for voulus in (ReglagesSauvegarde(), ReglagesSauvegarde(False, 7, "/disque", 3, 0, 1, 9)):
        vue.montrer_reglages(voulus)
        assert vue.reglages() == voulus


def test_the_section_of_the_settings_has_its_own_buttons(qtbot, qapp) -> None:
    theme.appliquer(qapp, "clair")
    vue = VueReglages(PROFILS, MODULES_MSS)
    qtbot.addWidget(vue)
    vue.aller("sauvegardes")
    assert vue.section == "sauvegardes" and vue.bouton.isHidden() is False
    assert vue._pied.isHidden()


@pytest.fixture
def monde(qapp, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    theme.appliquer(qapp, "clair")
    (tmp_path / "poste").mkdir()
    cabinet = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    fenetre, workers, vue = Fenetre("1.2.3"), Workers(), VueSauvegardes()
    qtbot.addWidget(fenetre)
    fenetre.construire()
    controleur = SauvegardesController(fenetre, workers, cabinet.ctx)
    fenetre.ajouter_page("reglages", "settings", "Réglages", lambda: vue)
    fenetre.aller("reglages")
    controleur.brancher(vue)
    qtbot.waitUntil(lambda: "pour le moment" in textes(vue))
    yield controleur, fenetre, vue, cabinet.ctx
    controleur.arreter()
    workers.fermer()
    cabinet.ctx.fermer()
    fenetre.fermer_pour_de_bon()


def test_back_up_now_then_settings_refused_and_kept(monde, qtbot, tmp_path: Path) -> None:
    _, fenetre, vue, ctx = monde
    vue.maintenant.click()
    assert not vue.maintenant.isEnabled()
    qtbot.waitUntil(lambda: vue.maintenant.isEnabled())
    assert "relue et intacte" in textes(vue) and "Sauvegarde faite" in fenetre.texte_flottant
    vue.montrer_reglages(replace(vue.reglages(), dossier=str(tmp_path / "absent")))
    vue.bouton.click()
    qtbot.waitUntil(lambda: "Branchez le disque" in textes(vue))
    (tmp_path / "usb").mkdir()
    vue.montrer_reglages(replace(vue.reglages(), dossier=str(tmp_path / "usb")))
    vue.bouton.click()
    qtbot.waitUntil(lambda: backup.lire_reglages_sauvegarde(ctx).dossier.endswith("usb"))


def test_a_reminder_of_the_scheduler_offers_the_section(monde, qtbot) -> None:
    controleur, fenetre, _, _ = monde
    with qtbot.waitSignal(controleur.section_demandee):
        controleur._change.emit(EtatSauvegardes(rappel="La dernière sauvegarde a 9 jours."))
        assert "9 jours" in fenetre.messages.textes[0]
        lien = next(b for b in fenetre.messages.findChildren(QPushButton)
                    if b.text() == "Voir les sauvegardes")
        lien.click()


def test_a_share_that_hangs_stops_neither_the_work_nor_the_screen(
        monde, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing, flushing, looking into the folder: all hang. Both local threads stayed in there, and
    nothing was kept any more."""
    controleur, _, vue, ctx = monde
    rendu = threading.Event()
    pendus: list[str] = []

    def pendre(nom: str):
        def attendre(*_: object) -> None:
            pendus.append(nom)
            rendu.wait(60)
        return attendre

    monkeypatch.setattr("app.store.backup.synchroniser", pendre("écrire"))
    monkeypatch.setattr("app.usecases.backup.sauvegardes", pendre("regarder"))
    monkeypatch.setattr(module, "REGARD_S", 0.2)
    monkeypatch.setattr(module, "PATIENCE_S", 0.2)
    try:
        vue.maintenant.click()
        controleur._lire()
        qtbot.waitUntil(lambda: {"écrire", "regarder"} <= set(pendus), timeout=20_000)
        qtbot.waitUntil(lambda: "ne répond pas" in textes(vue), timeout=20_000)
        qtbot.waitUntil(lambda: "n’est pas finie" in textes(vue), timeout=20_000)
        faits: list[object] = []
        for texte in ("un", "deux", "trois"):
            controleur._workers.submit(backup.lire_reglages_sauvegarde, ctx,
                                       on_done=lambda lu, t=texte: faits.append(t))
        qtbot.waitUntil(lambda: len(faits) == 3, timeout=20_000)
        assert controleur._workers.fermer()  # closing waits for what is typed, not for the share
    finally:
        rendu.set()
