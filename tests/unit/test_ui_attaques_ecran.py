"""A passer-by at a locked or unattended screen: what she may still see, hear or do."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QCompleter,
    QDialog,
    QLineEdit,
    QMenu,
    QToolTip,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.domain.people import Professionnel
from app.domain.roles import Acces
from app.ui import theme
from app.ui.controllers.application import Application, OptionsFenetre
from app.ui.fenetre import Fenetre
from app.ui.views.messages import MessageEnLigne
from app.usecases import access, comptes
from app.usecases.context import Contexte
from app.usecases.garde import oublier
from tests.comptes_outils import au_jour
from tests.sauvegarde_outils import creer

NOM, MOT_PAUL = "ADRUN ZOE", "Quatre mots sans rapport 7"


@pytest.fixture
def fenetre(qapp: QApplication, qtbot: QtBot) -> Iterator[Fenetre]:
    theme.appliquer(qapp, "clair")
    f = Fenetre("1")
    qtbot.addWidget(f)
    f.resize(1366, 768)
    f.construire()
    page = QWidget()
    colonne = QVBoxLayout(page)
    page.champ, page.liste = QLineEdit(NOM), QComboBox()  # type: ignore[attr-defined]
    page.liste.addItems([NOM, "AUTRE"])  # type: ignore[attr-defined]
    for widget in (page.champ, page.liste):  # type: ignore[attr-defined]
        colonne.addWidget(widget)
    f.ajouter_page("patients", "users", "Patients", page)
    f.ajouter_page("dossier", "", f"Dossier de {NOM}", QWidget(), rail="patients")
    f.show()
    f.activateWindow()
    f.aller("patients")
    yield f
    f.fermer_pour_de_bon()


def _visibles(fenetre: Fenetre) -> list[QWidget]:
    return [w for w in QApplication.topLevelWidgets() if w is not fenetre and w.isVisible()
            and w.windowOpacity() > 0]


@pytest.mark.attaque("Ce qui reste par-dessus le verrou",
                     tente="verrouiller avec un menu, une liste déroulante, une liste de "
                           "complétion, une infobulle ou une fenêtre sans parente ouverts",
                     constat="seul l’écran de verrouillage est visible")
@pytest.mark.parametrize("genre", ["menu", "liste", "completion", "infobulle", "orpheline"])
def test_nothing_is_left_over_the_lock(fenetre: Fenetre, qtbot: QtBot, genre: str) -> None:
    page = fenetre.page("patients")
    autre: QWidget | None = None
    if genre == "menu":
        autre = menu = QMenu()
        menu.addAction(NOM)
        menu.popup(fenetre.mapToGlobal(QPoint(50, 50)))
    elif genre == "liste":
        page.liste.showPopup()  # type: ignore[attr-defined]
    elif genre == "completion":
        complete = QCompleter([NOM, f"{NOM} bis"], page)
        page.champ.setCompleter(complete)  # type: ignore[attr-defined]
        complete.setCompletionPrefix("ADR")
        complete.complete()
    elif genre == "infobulle":
        QToolTip.showText(fenetre.mapToGlobal(QPoint(50, 50)), NOM, page)
    else:
        autre = orpheline = QDialog()
        orpheline.setWindowTitle(NOM)
        orpheline.show()
    qtbot.waitUntil(lambda: bool(_visibles(fenetre)))
    fenetre.couvrir(QWidget())
    qtbot.waitUntil(lambda: _visibles(fenetre) == [])
    assert autre is None or not autre.isVisible()
    fenetre.decouvrir()
    assert page.champ.text() == NOM  # type: ignore[attr-defined]


@pytest.mark.attaque("Nom d’un patient dans la barre des tâches d’un poste verrouillé",
                     tente="une réponse tardive change de page, ouvre un dossier ou une fenêtre "
                           "derrière le verrou",
                     constat="le titre reste « Pléiade » ; rien ne paraît ; tout revient au retour")
def test_a_late_answer_says_nothing_in_the_title(fenetre: Fenetre, qtbot: QtBot) -> None:
    fenetre.couvrir(QWidget())
    fenetre.aller("dossier")
    tardive = QDialog()
    tardive.setWindowTitle(NOM)
    tardive.show()
    qtbot.waitUntil(lambda: _visibles(fenetre) == [])
    assert fenetre.windowTitle() == "Pléiade"
    fenetre.decouvrir()
    assert fenetre.windowTitle() == f"Dossier de {NOM} – Pléiade"
    tardive.close()


@pytest.mark.attaque("Écouter un poste verrouillé",
                     tente="un message qui nomme un patient arrive derrière le verrou, avec un "
                           "lecteur d’écran en marche",
                     constat="il n’est pas annoncé à voix haute ; ceux du verrou le sont")
def test_nothing_is_read_aloud_behind_the_lock(fenetre: Fenetre, qtbot: QtBot,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    dits: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility",
                        lambda e: dits.append(e.object().accessibleName()))
    fenetre.message("info", f"Avant {NOM}.")
    qtbot.waitUntil(lambda: dits == [f"Avant {NOM}."])
    ecran = QWidget()
    colonne = QVBoxLayout(ecran)
    fenetre.couvrir(ecran)
    fenetre.message("erreur", f"L’envoi de {NOM} a été refusé.")
    fenetre.ligne_flottante(f"Envoyé : {NOM}")
    colonne.addWidget(MessageEnLigne("erreur", "Mot de passe incorrect."))
    qtbot.waitUntil(lambda: len(dits) > 1)
    qtbot.wait(20)
    assert dits == [f"Avant {NOM}.", "Mot de passe incorrect."]
    fenetre.decouvrir()
    qtbot.waitUntil(lambda: dits[2:] == [f"L’envoi de {NOM} a été refusé."])




@pytest.fixture
def ouverte(qapp: QApplication, qtbot: QtBot, tmp_path: Path,
            monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Application, Contexte]]:
    """The program, open for a replacement nurse; and an administrator elsewhere."""
    cabinet = creer(tmp_path / "cabinet.pleiade", monkeypatch)
    jour = date.today().isoformat()
    mot = comptes.inviter(cabinet.ctx, Professionnel("899700000024", "REMPLACANT", "PAUL", "60"),
                          Acces(("remplacant",), jour, jour)).mot_de_passe
    access.renouveler_mot_de_passe(cabinet.fichier, mot, MOT_PAUL).fermer()

    class SansLecteur:
        agree = True

        def demarrer(self, rappel: object = None) -> None: ...

        def arreter(self) -> None: ...

    a = Application(OptionsFenetre(cabinet.fichier, demonstration=True,
                                   lecteur=SansLecteur()), qapp)  # type: ignore[arg-type]
    a.demarrer()
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir(MOT_PAUL)
    yield a, cabinet.ctx
    a.fermer()
    cabinet.ctx.fermer()


def _ferme(a: Application, phrase: str) -> bool:
    ecran = a.acces.ecran
    return a.ctx is None and ecran is not None and ecran._message is not None \
        and phrase in ecran._message.texte


@pytest.mark.attaque("Fenêtre laissée ouverte après la fin d’un remplacement",
                     tente="garder le dossier d’un patient à l’écran quand minuit passe",
                     constat="la session se termine d’elle-même, l’écran dit pourquoi, rien du "
                             "dossier ne reste affiché")
def test_a_replacement_s_window_closes_at_midnight(
        ouverte: tuple[Application, Contexte], qtbot: QtBot,
        monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = ouverte
    assert a.gardien is not None and a.gardien._minuteur.interval() <= 30_000
    a.assemblage.dossier.ouvrir(1)
    qtbot.waitUntil(lambda: a.fenetre.page_courante == "dossier")
    a.gardien.verifier()
    qtbot.wait(100)
    assert a.ctx is not None, "the last day is whole"
    au_jour(monkeypatch, (date.today() + timedelta(days=1)).isoformat())
    oublier()
    a.gardien._minuteur.timeout.emit()
    qtbot.waitUntil(lambda: _ferme(a, "La période de ce compte est terminée"))
    assert a.fenetre.verrouillee and a.fenetre.windowTitle() == "Pléiade"


@pytest.mark.attaque("Droits retirés pendant que la fenêtre est ouverte",
                     tente="garder à l’écran d’un soignant devenu secrétaire ce qu’il lisait, ou "
                           "revenir d’un verrou après avoir été retiré du cabinet",
                     constat="la session se termine ; un droit gagné, lui, ne ferme rien")
def test_a_demoted_account_s_window_closes(ouverte: tuple[Application, Contexte],
                                           qtbot: QtBot) -> None:
    a, admin = ouverte
    assert a.ctx is not None
    paul = a.ctx.compte_id
    jour = date.today().isoformat()
    comptes.changer_acces(admin, paul, Acces(("remplacant", "titulaire"), jour, jour))
    a._revoir_droits()
    qtbot.waitUntil(lambda: any("nouveaux droits" in t for t in a.fenetre.messages.textes))
    comptes.changer_acces(admin, paul, Acces(("secretaire",)))
    a._revoir_droits()
    qtbot.waitUntil(lambda: _ferme(a, "Vos droits dans le cabinet ont changé"))
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir(MOT_PAUL)
    a.verrouiller()
    comptes.retirer_compte(admin, paul)
    a._repris(True)  # Pro Santé Connect says who she is, not that she still works here
    qtbot.waitUntil(lambda: _ferme(a, "Ce compte a été retiré du cabinet"))
