"""A fresh workstation brings the practice back from a backup, by the window (GEN.21.BIS)."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.ui import theme
from app.ui.controllers.application import Application, OptionsFenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.restauration import MOT_DE_PASSE, DialogueRestauration
from app.ui.views.sauvegardes import VueSauvegardes
from app.usecases import access, backup
from tests.sauvegarde_outils import MOT, Cabinet, creer


@pytest.fixture
def monde(qapp: QApplication, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "poste").mkdir()
    (tmp_path / "usb").mkdir()
    cabinet: Cabinet = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    faite = backup.sauvegarder(cabinet.ctx, tmp_path / "usb").chemin
    cabinet.ctx.fermer()
    neuf = tmp_path / "neuf" / "cabinet.pleiade"
    a = Application(OptionsFenetre(emplacement=neuf, demonstration=True), qapp)
    qtbot.addWidget(a.fenetre)
    a.demarrer()
    yield a, cabinet, faite, neuf
    a.fermer()
    theme.appliquer(qapp, "clair", 100)


def _dialogue(a: Application) -> DialogueRestauration:
    assert a._premier is not None
    a._premier.vue.restaurer.click()
    return a.fenetre.findChild(DialogueRestauration)


def _textes(d: QWidget) -> str:
    return "\n".join(e.text() for e in d.findChildren(QLabel))


def test_the_recovery_key_brings_the_practice_to_its_lock_screen(monde, qtbot) -> None:
    a, cabinet, faite, neuf = monde
    d = _dialogue(a)
    d.restaurer.click()
    assert "Choisissez la sauvegarde" in _textes(d)
    d.fichier.champ.setText(str(faite))
    d.secret.champ.setText(cabinet.cle_secours.replace("-", " ").lower())
    with qtbot.waitSignal(a._premier.restaure):
        d.restaurer.click()
        assert not d.restaurer.isEnabled()
        d.reject()  # not while it runs
        assert d.isVisible()
    assert neuf.exists() and a.acces.ecran is not None
    with qtbot.waitSignal(a.acces.ouvert):
        a.acces.ouvrir(MOT)


def test_a_refusal_is_said_and_the_first_start_goes_on(monde, qtbot) -> None:
    a, _, faite, neuf = monde
    d = _dialogue(a)
    d.moyen.choisir(MOT_DE_PASSE)
    d.fichier.champ.setText(str(faite))
    d.secret.champ.setText("Pas le bon mot 9")
    d.restaurer.click()
    qtbot.waitUntil(lambda: "incorrect" in _textes(d))
    assert d.restaurer.isEnabled() and not neuf.exists()
    d.reject()
    assert a._premier is not None and a._premier.vue.rang == 0


def test_the_settings_go_back_to_a_backup_and_forth(
        qapp: QApplication, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state of today is set aside, and comes back by the same dialog."""
    (tmp_path / "poste").mkdir()
    (tmp_path / "usb").mkdir()
    cabinet: Cabinet = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    faite = backup.sauvegarder(cabinet.ctx, tmp_path / "usb").chemin
    with cabinet.ctx.store.ecriture() as u:
        u.reglages.ecrire("essai", "aujourd’hui")
    la_derniere = backup.sauvegarder(cabinet.ctx).chemin
    cabinet.ctx.fermer()
    a = Application(OptionsFenetre(emplacement=cabinet.fichier), qapp)
    a.demarrer()
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir(MOT)
    assert a.assemblage is not None
    a.assemblage.reglages.ouvrir("sauvegardes")
    vue = a.fenetre.findChild(VueSauvegardes)
    vue.restaurer.click()
    question = a.fenetre.findChild(Confirmation)
    assert "gardé entier" in _textes(question)
    question.accept()
    qtbot.waitUntil(lambda: a.ctx is None and a.acces.ecran is not None)

    def restaurer(source: Path) -> None:
        # That of the present lock screen: the former one goes a little later.
        qtbot.waitUntil(lambda: a.acces.ecran.findChild(DialogueRestauration) is not None)
        d = a.acces.ecran.findChild(DialogueRestauration)
        d.moyen.choisir(MOT_DE_PASSE)
        # The settings know the last backup of their own folder: choosing begins there.
        assert (d.fichier.champ.text() == str(la_derniere)) is (source == faite)
        d.fichier.champ.setText(str(source))
        assert ("aujourd’hui" in _textes(d)) is (source == faite)
        d.secret.champ.setText(MOT)
        ecran = a.acces.ecran
        d.restaurer.click()
        qtbot.waitUntil(lambda: a.acces.ecran is not ecran)

    def essai() -> object:
        ctx = access.deverrouiller(cabinet.fichier, MOT)
        with ctx.store.lecture() as u:
            lu, retours = u.reglages.lire("essai"), [
                x.qui for x in u.trail.lister() if x.quoi == "sauvegarde.retour"]
        ctx.fermer()
        return lu, retours

    restaurer(faite)
    assert essai() == (None, [])
    cote = next((tmp_path / "poste").glob("cabinet-mis-de-cote-*"))
    a.acces.restaurer()
    restaurer(cote / "cabinet.pleiade")
    assert essai() == ("aujourd’hui", [cabinet.ctx.qui])
    a.fermer()
    theme.appliquer(qapp, "clair", 100)
