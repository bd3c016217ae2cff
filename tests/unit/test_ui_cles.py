"""Section « Clés » of the settings, its dialogs, and the lock screen's one click."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.cles import EtatCles
from app.store import trousseau, vault
from app.ui import theme
from app.ui.controllers.acces import Acces
from app.ui.controllers.cles import ClesController
from app.ui.fenetre import Fenetre
from app.ui.views.cles import DialogueMotDePasse, DialogueSecours, VueCles
from app.ui.views.confirmation import Confirmation
from app.ui.views.verrou import Verrou
from app.ui.workers import Workers
from app.usecases import cles
from tests.sauvegarde_outils import MOT, creer


def textes(vue: QWidget) -> str:
    return "\n".join(e.text() for e in vue.findChildren(QLabel) if not e.isHidden())


@pytest.fixture
def monde(qapp, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    theme.appliquer(qapp, "clair")
    garde: dict[str, bytes] = {}
    monkeypatch.setattr(trousseau, "nom", lambda: "le trousseau d’essai")
    monkeypatch.setattr(trousseau, "garder", lambda e: garde.setdefault(e, e.encode()))
    monkeypatch.setattr(trousseau, "lire", garde.get)
    monkeypatch.setattr(trousseau, "oublier", garde.pop)
    (tmp_path / "poste").mkdir()
    cabinet = creer(tmp_path / "poste" / "cabinet.pleiade", monkeypatch)
    fenetre, workers, vue = Fenetre("1.2.3"), Workers(), VueCles()
    qtbot.addWidget(fenetre)
    fenetre.construire()
    controleur = ClesController(fenetre, workers, cabinet.ctx)
    fenetre.ajouter_page("reglages", "settings", "Réglages", lambda: vue)
    fenetre.aller("reglages")
    controleur.brancher(vue)
    fenetre.show()
    qtbot.waitUntil(lambda: "création" in textes(vue))
    yield fenetre, vue, cabinet
    workers.fermer()
    cabinet.ctx.fermer()
    fenetre.fermer_pour_de_bon()


def test_who_may_not_change_keys_is_told_so(qtbot, qapp) -> None:
    theme.appliquer(qapp, "clair")
    vue = VueCles()
    qtbot.addWidget(vue)
    vue.montrer(EtatCles(cle_le="2026-11-21T11:35:00+00:00"))
    assert vue.cle.bouton.isHidden() and vue.secours.bouton.isHidden()
    assert vue.ici.bouton.isHidden()
    dit = textes(vue)
    assert "administrateur" in dit and "21/11/2026 à 11:35" in dit
    assert "n’a pas de trousseau" in dit
    vue.montrer(EtatCles(serveur=True, gestionnaire=True))
    assert "chiffre les sauvegardes" in textes(vue) and not vue.cle.bouton.isHidden()


def test_the_key_changes_after_a_question(monde, qtbot) -> None:
    fenetre, vue, cabinet = monde
    avant = vault.ouvrir_coffre(cabinet.fichier, MOT)
    vue.cle.bouton.click()
    fenetre.findChild(Confirmation).confirmer.click()
    assert "en cours" in textes(vue) and not vue.secours.bouton.isEnabled()
    qtbot.waitUntil(lambda: "Changée le" in vue.cle.etat.text())
    assert vault.ouvrir_coffre(cabinet.fichier, MOT) != avant
    assert "Clé du dossier changée" in fenetre.texte_flottant


def test_a_refusal_is_shown_and_the_buttons_come_back(monde, qtbot) -> None:
    from app.usecases import backup

    fenetre, vue, _ = monde
    with backup.seule():
        vue.cle.bouton.click()
        fenetre.findChild(Confirmation).confirmer.click()
        qtbot.waitUntil(lambda: "Patientez un instant" in textes(vue))
    assert vue.cle.bouton.isEnabled()


def test_the_recovery_key_is_replaced_once_a_group_is_copied(monde, qtbot) -> None:
    fenetre, vue, cabinet = monde
    vue.secours.bouton.click()
    qtbot.waitUntil(lambda: fenetre.findChild(DialogueSecours) is not None)
    dialogue = fenetre.findChild(DialogueSecours)
    groupes = list(dialogue.etape._groupes)
    assert not dialogue.remplacer.isEnabled()
    dialogue.reject()  # kept: the former one still opens
    assert vault.ouvrir_par_secours(cabinet.fichier, cabinet.cle_secours)
    vue.secours.bouton.click()
    qtbot.waitUntil(lambda: any(d.isVisible() for d in fenetre.findChildren(DialogueSecours)))
    dialogue = next(d for d in fenetre.findChildren(DialogueSecours) if d.isVisible())
    assert dialogue.etape._groupes != groupes
    nouvelle = "-".join(dialogue.etape._groupes)
    dialogue.etape._saisie.setText(dialogue.etape._groupes[dialogue.etape._rang - 1])
    dialogue.remplacer.click()
    qtbot.waitUntil(lambda: "Changée le" in vue.secours.etat.text())
    assert vault.ouvrir_par_secours(cabinet.fichier, nouvelle)


def test_the_workstation_opens_with_one_click(monde, qtbot) -> None:
    fenetre, vue, cabinet = monde
    vue.ici.bouton.click()
    dialogue = fenetre.findChild(DialogueMotDePasse)
    dialogue.secret.champ.setText("pas le bon mot 9")
    dialogue.confirmer.click()
    qtbot.waitUntil(lambda: "incorrect" in textes(dialogue))
    dialogue.secret.champ.setText(MOT)
    dialogue.confirmer.click()
    qtbot.waitUntil(lambda: "trousseau d’essai" in vue.ici.etat.text())

    accueil, workers = Fenetre("1.2.3"), Workers()
    qtbot.addWidget(accueil)
    acces = Acces(accueil, workers, cabinet.fichier)
    acces.demander()
    accueil.show()
    verrou = accueil.findChild(Verrou)
    qtbot.waitUntil(lambda: not verrou._poste.isHidden())
    with qtbot.waitSignal(acces.ouvert) as ouverts:
        verrou._poste.click()
    ouverts.args[0].fermer()
    # A session that ended in this program doesn't open again by itself (IE.38, IE.58).
    acces.demander()
    qtbot.wait(300)
    assert accueil.findChildren(Verrou)[-1]._poste.isHidden()
    with qtbot.assertNotEmitted(acces.ouvert, wait=300):
        acces.ouvrir_par_poste()
    workers.fermer()
    accueil.fermer_pour_de_bon()

    vue.ici.bouton.click()
    qtbot.waitUntil(lambda: "demandé" in vue.ici.etat.text())
    assert cles.cle_du_trousseau(cabinet.fichier) is None


def test_a_practice_that_never_asked_offers_nothing(monde, qtbot) -> None:
    _, _, cabinet = monde
    accueil, workers = Fenetre("1.2.3"), Workers()
    qtbot.addWidget(accueil)
    acces = Acces(accueil, workers, cabinet.fichier)
    acces.demander()
    assert workers.fermer()
    assert accueil.findChild(Verrou)._poste.isHidden()
    accueil.fermer_pour_de_bon()
