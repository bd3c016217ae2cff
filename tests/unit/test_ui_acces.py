"""Unlocking, lock, first start: on fakes for the refusals, on a real file for the whole."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.domain.people import Professionnel, Structure
from app.ui import theme
from app.ui.controllers import acces as module
from app.ui.controllers import acces_taches, erreurs_acces
from app.ui.controllers.acces import Acces
from app.ui.controllers.application import Application, OptionsFenetre
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.formulaires import FormulaireCabinet, FormulaireProfessionnel
from app.ui.workers import Workers
from app.usecases.access import DemandeCabinet, creer_cabinet

MOT = "Phrase-solide-2026"
CABINET = Structure("499700000016007", "Cabinet infirmier du Moulin", commune="Mazoires")
CAMILLE = Professionnel("899700000016", "DÉMO", "Camille")


class MotDePasseRefuse(Exception):
    message = "Mot de passe incorrect."


@pytest.fixture
def porte(qapp: QApplication, qtbot, monkeypatch):
    """A lock screen that knows one password and one key."""
    def ouvrir(emplacement, secret):
        if secret != "bon":
            raise MotDePasseRefuse
        return "ctx", "reglages"

    monkeypatch.setattr(module, "deverrouiller", ouvrir)
    monkeypatch.setattr(module, "deverrouiller_par_secours", ouvrir)
    monkeypatch.setattr(module, "verifier", lambda e, s, c=None: ouvrir(e, s) and None)
    theme.appliquer(qapp, "clair")
    f, w = Fenetre("1"), Workers()
    qtbot.addWidget(f)
    f.resize(1366, 768)
    a = Acces(f, w, Path("cabinet.pleiade"))
    a.demander()
    f.show()
    f.activateWindow()
    yield f, a
    w.fermer()
    f.fermer_pour_de_bon()


def message(a: Acces) -> str:
    assert a.ecran is not None
    return a.ecran._message.texte if a.ecran._message else ""


def test_enter_opens_with_the_password(porte, qtbot) -> None:
    _f, a = porte
    champ = QApplication.focusWidget()
    QTest.keyClicks(champ, "bon")
    with qtbot.waitSignal(a.ouvert) as signal:
        QTest.keyClick(champ, Qt.Key.Key_Return)
    assert signal.args == ["ctx", "reglages"]


def test_wrong_passwords_count_down_then_wait(porte, qtbot, monkeypatch) -> None:
    _f, a = porte
    textes = []
    for i in range(module.ESSAIS):
        a.ecran._secret.champ.setText("faux")
        a.ecran._valider()
        qtbot.waitUntil(lambda n=i: a._rates == (n + 1) % module.ESSAIS)
        textes.append(message(a))
    assert "Il reste 4 essais" in textes[0] and "Il reste 1 essai " in textes[3]
    assert "dans une minute" in textes[4]
    assert not a.ecran._ouvrir.isEnabled() and "Encore" in a.ecran._ouvrir.text()
    a.ouvrir("bon")
    assert "Patientez" in message(a)


def test_the_wrong_password_stays_selected_and_focused(porte, qtbot) -> None:
    _f, a = porte
    a.ecran._secret.champ.setText("faux")
    a.ecran._valider()
    qtbot.waitUntil(lambda: "incorrect" in message(a))
    assert a.ecran._secret.champ.hasFocus() and a.ecran._secret.champ.selectedText() == "faux"


def test_the_recovery_key_has_its_own_field(porte, qtbot) -> None:
    _f, a = porte
    qtbot.mouseClick(a.ecran._bascule, Qt.MouseButton.LeftButton)
    QTest.keyClicks(a.ecran._cle.champ, "bon")
    with qtbot.waitSignal(a.ouvert):
        QTest.keyClick(a.ecran._cle.champ, Qt.Key.Key_Return)


def test_an_unexpected_fault_is_said_in_french(porte, qtbot, monkeypatch) -> None:
    _f, a = porte

    def casser(e, s):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "deverrouiller", casser)
    a.ouvrir("bon")
    qtbot.waitUntil(lambda: bool(message(a)))
    assert message(a) == erreurs_acces.DEFAUT


def test_fields_of_the_first_start_are_checked(qtbot) -> None:
    cabinet, pro = FormulaireCabinet(), FormulaireProfessionnel()
    qtbot.addWidget(cabinet)
    qtbot.addWidget(pro)
    assert set(cabinet.fautes()) == {"raison_sociale", "identifiant"}
    assert set(pro.fautes()) == {"prenom", "nom", "rpps"}
    cabinet.montrer(CABINET)
    pro.montrer(CAMILLE)
    assert cabinet.valeur() == CABINET and pro.valeur() == CAMILLE
    assert cabinet.controler() and pro.controler()
    cabinet.montrer(Structure("1750712184", "Centre", "SA05", code_postal="75", courriel="a@b"))
    assert set(cabinet.fautes()) == {"code_postal", "courriel"}
    cabinet.montrer(Structure("12A0000123", "Centre de Corse"))
    assert cabinet.fautes() == {}


# -- On a real file -------------------------------------------------------------------------


@pytest.fixture
def lancee(qapp: QApplication, qtbot):
    """Makes applications and closes them."""
    ouvertes: list[Application] = []

    class SansLecteur:
        agree = True

        def demarrer(self, rappel=None) -> None:
            self.rappel = rappel

        def arreter(self) -> None:
            self.rappel = None

    def faire(emplacement: Path, lecteur: object = None) -> Application:
        a = Application(OptionsFenetre(emplacement, demonstration=True,
                                       lecteur=lecteur or SansLecteur()), qapp)
        ouvertes.append(a)
        a.demarrer()
        a.fenetre.activateWindow()
        return a

    yield faire
    for a in ouvertes:
        a.fermer()


@pytest.fixture
def cabinet(tmp_path: Path) -> Path:
    emplacement = tmp_path / "cabinet.pleiade"
    creer_cabinet(emplacement, DemandeCabinet(CABINET, CAMILLE, MOT)).contexte.fermer()
    return emplacement


def deverrouiller(a: Application, qtbot) -> None:
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir(MOT)


def test_a_reader_that_opens_after_the_session_ended_is_stopped(lancee, cabinet, qtbot) -> None:
    """PC/SC was slow to answer: the reader lived on, and spoke to a window that was gone."""
    demande, repond = threading.Event(), threading.Event()

    class Lent:
        agree = True
        vit = False

        def demarrer(self, rappel=None) -> None:
            demande.set()
            repond.wait(60)
            self.vit = True

        def arreter(self) -> None:
            self.vit = False

    lecteur = Lent()
    a = lancee(cabinet, lecteur)
    deverrouiller(a, qtbot)
    qtbot.waitUntil(demande.is_set)
    a.terminer_session()
    assert not lecteur.vit
    repond.set()
    qtbot.waitUntil(lambda: a.workers.nombre() == 0)
    assert not lecteur.vit


def test_unlocking_shows_the_day_with_what_is_built_only(lancee, cabinet, qtbot) -> None:
    a = lancee(cabinet)
    assert a.fenetre.verrouillee
    deverrouiller(a, qtbot)
    assert not a.fenetre.verrouillee and a.fenetre.page_courante == "tournee"
    assert a.fenetre.rail.noms() == ["tournee", "patients", "identites", "a_classer", "envois",
                                        "reglages", "a_valider"]
    validation = a.fenetre.rail.entree("a_valider")
    assert validation is not None and validation.isHidden()  # nobody prepares for anybody
    assert [n for n in ("patients", "envois", "reglages", "dossier")
            if a.fenetre.construite(n)] == []
    assert a.ctx.lourd == a.workers.processus
    for nom in a.fenetre.rail.noms():
        a.fenetre.aller(nom)
        qtbot.wait(50)
    assert a.fenetre.messages.textes == []


def test_a_long_page_is_built_while_nobody_works(lancee, cabinet, qtbot) -> None:
    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    a.inactivite.reprendre()
    a._au_repos()
    assert not a.fenetre.construite("a_classer"), "somebody is typing: it waits"
    a.inactivite.vieillir(60)
    a._au_repos()
    assert a.fenetre.construite("a_classer") and a.fenetre.page_courante == "tournee"


def test_lock_covers_keeps_the_card_and_gives_the_place_back(lancee, cabinet, qtbot) -> None:
    from app.devices.events import EvenementLecteur

    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    a.fenetre.aller("patients")
    page = a.fenetre.page("patients")
    page.champ.setText("adr")
    page.champ.setFocus()
    qtbot.waitUntil(lambda: a._lecteur is not None)
    QTest.keyClick(a.fenetre, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert a.fenetre.verrouillee and a.fenetre.windowTitle() == "Pléiade"
    recus = []
    a.assemblage.reception.lecteur.connect(recus.append)
    a._evenement.emit(EvenementLecteur("aucune_carte", message="Insérez la carte."))
    assert recus == []
    a.acces.ecran._secret.champ.setText("mauvais")
    a.acces.ecran._valider()
    qtbot.waitUntil(lambda: "incorrect" in message(a.acces))
    a.acces.ecran._secret.champ.setText(MOT)
    with qtbot.waitSignal(a.acces.repris):
        a.acces.ecran._valider()
    assert page.champ.hasFocus() and page.champ.text() == "adr"
    assert [e.etat for e in recus] == ["aucune_carte"]


def test_idle_locks_by_itself(lancee, cabinet, qtbot) -> None:
    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    a.inactivite.veiller()
    assert not a.fenetre.verrouillee
    a.inactivite.vieillir(10 * 60)
    a.inactivite.veiller()
    assert a.fenetre.verrouillee and a.ctx is not None


def test_first_start_creates_a_file_that_opens(lancee, tmp_path, qtbot, monkeypatch) -> None:
    emplacement = tmp_path / "neuf" / "cabinet.pleiade"
    a = lancee(emplacement)
    vue = a._premier.vue
    assert vue.rang == 0
    vue.continuer.click()
    assert vue.rang == 0, "two mandatory fields are empty"
    vue._etapes[0].formulaire.montrer(CABINET)
    vue.continuer.click()
    vue._etapes[1].formulaire.montrer(CAMILLE)
    vue.continuer.click()
    mot = vue._etapes[2]
    mot._un.champ.setText("court")
    mot._deux.champ.setText("court")
    vue.continuer.click()
    assert vue.rang == 2 and not acces_taches.fichier_existe(emplacement)
    mot._un.champ.setText(MOT)
    mot._deux.champ.setText(MOT)
    vue.continuer.click()
    qtbot.waitUntil(lambda: vue.rang == 3)
    assert acces_taches.fichier_existe(emplacement) and mot._un.texte() == ""

    cle = vue._etapes[3]
    groupes = list(cle._groupes)
    assert not vue.continuer.isEnabled() and vue.precedent.isHidden()
    feuille = tmp_path / "cle.pdf"
    monkeypatch.setattr("app.ui.controllers.feuille_cle.QFileDialog.getSaveFileName",
                        lambda *_: (str(feuille), ""))
    cle.bouton_enregistrer.click()
    qtbot.waitUntil(feuille.exists)
    qtbot.waitUntil(lambda: not cle._fait.isHidden())
    assert feuille.read_bytes().startswith(b"%PDF") and feuille.stat().st_mode & 0o77 == 0

    a.fermer()
    question = next(w for w in a.fenetre.findChildren(Confirmation))
    assert question.sage.hasFocus() or question.isVisible()
    question.reject()
    cle._saisie.setText("XXXX" if groupes[cle._rang - 1] != "XXXX" else "YYYY")
    assert not vue.continuer.isEnabled()
    cle._saisie.setText(groupes[cle._rang - 1].lower())
    vue.continuer.click()
    assert vue.rang == 4 and cle._groupes == [] and vue.precedent.isHidden()
    with qtbot.waitSignal(a.pret):
        vue.bouton_plus_tard.click()
    a.fermer()

    encore = lancee(emplacement)
    with qtbot.waitSignal(encore.pret):
        encore.acces.ouvrir_par_secours("-".join(groupes))


def test_closing_waits_for_writes(lancee, cabinet, qtbot) -> None:
    from app.domain.identity import Traits
    from app.usecases import patients

    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    a.workers.submit(patients.creer_patient, a.ctx,
                     Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220"))
    with qtbot.waitSignal(a.fermee):
        a.fenetre.close()
    b = lancee(cabinet)
    deverrouiller(b, qtbot)
    assert [p.nom_naissance for p in patients.chercher(b.ctx, "adrun")] == ["ADRUN"]


def test_keys_and_mouse_keep_the_window_open(lancee, cabinet, qtbot) -> None:
    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    a.inactivite.vieillir(31 * 60)
    QTest.keyClick(a.fenetre.windowHandle(), Qt.Key.Key_Shift)
    a.inactivite.veiller()
    assert not a.fenetre.verrouillee


def test_two_hours_end_the_session_and_a_moving_mouse_doesn_t_keep_it(
        lancee, cabinet, qtbot) -> None:
    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    ancienne, ctx = a.fenetre, a.ctx
    a.inactivite.vieillir(11 * 60)
    a.inactivite.veiller()
    QTest.mouseMove(a.fenetre.windowHandle())
    QTest.keyClick(a.fenetre.windowHandle(), Qt.Key.Key_Shift)
    assert a.inactivite.inactif_s() > 600
    a.inactivite.vieillir(109 * 60)
    a.inactivite.veiller()
    assert a.ctx is None and a.fenetre is not ancienne and a.fenetre.verrouillee
    qtbot.waitUntil(lambda: ctx.store._ferme)
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir(MOT)
    assert a.fenetre.page_courante == "tournee" and a.ctx is not ctx
    a.fenetre.aller("patients")
    assert a.fenetre.messages.textes == []


def test_another_account_takes_the_workstation(lancee, cabinet, qtbot) -> None:
    from app.domain.roles import Acces as Roles
    from app.usecases import access, comptes

    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    mot = comptes.inviter(a.ctx, Professionnel("", "ACCUEIL", "Sam", ""),
                          Roles(("secretaire",))).mot_de_passe
    access.renouveler_mot_de_passe(cabinet, mot, "Agenda du lundi, 8h").fermer()
    a.verrouiller()
    a.acces.ecran._secret.champ.setText("Agenda du lundi, 8h")
    a.acces.ecran._valider()
    qtbot.waitUntil(lambda: "autre compte" in message(a.acces))
    qtbot.mouseClick(a.acces.ecran._autre, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(a.pret):
        a.acces.ouvrir("Agenda du lundi, 8h")
    assert a.ctx.qui == "Sam ACCUEIL"
    page = a.fenetre.aller("dossier")
    visibles = [page.onglets.tabText(i) for i in range(page.onglets.count())
                if page.onglets.isTabVisible(i)]
    assert visibles == ["Synthèse", "Documents"]
    a.fenetre.aller("journal")
    assert a.fenetre.page_courante == "dossier"
    assert any("journal des accès" in t for t in a.fenetre.messages.textes)


def test_the_card_s_removal_locks_when_it_is_asked(lancee, cabinet, qtbot) -> None:
    from dataclasses import replace

    from app.devices.events import EvenementLecteur

    a = lancee(cabinet)
    deverrouiller(a, qtbot)
    qtbot.waitUntil(lambda: a._lecteur is not None)
    for demande in (False, True):
        a.inactivite.regler(replace(a.inactivite.reglages, retrait_carte=demande))
        a._evenement.emit(EvenementLecteur("illisible", "L1", code="carte_cps"))
        a._evenement.emit(EvenementLecteur("aucune_carte", "L2"))
        assert not a.fenetre.verrouillee  # another reader
        a._evenement.emit(EvenementLecteur("aucune_carte", "L1"))
        assert a.fenetre.verrouillee is demande


def test_what_a_widget_copies_by_itself_leaves_too(qtbot, qapp, monkeypatch) -> None:
    from PySide6.QtCore import QMimeData
    from PySide6.QtWidgets import QLabel, QLineEdit, QTableWidget, QTableWidgetItem, QTextEdit

    from app.ui.presse_papiers import PressePapiers

    presse, copies = PressePapiers(), []
    monkeypatch.setattr(presse, "possede", lambda: True)  # offscreen, Qt never says so
    presse.copie.connect(copies.append)
    fenetre = QWidget()
    qtbot.addWidget(fenetre)
    colonne = QVBoxLayout(fenetre)
    etiquette, champ, texte = QLabel("ADRUN JEANNE"), QLineEdit("ADRUN"), QTextEdit("<b>lettre</b>")
    etiquette.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    champ.setAccessibleName("Nom de naissance")
    table = QTableWidget(1, 1)
    table.setItem(0, 0, QTableWidgetItem("2 76 05"))
    for vue in (etiquette, champ, texte, table):
        colonne.addWidget(vue)
    fenetre.show()
    fenetre.activateWindow()
    qtbot.waitExposed(fenetre)

    def copier(vue: QWidget) -> str:
        vue.setFocus()
        qtbot.waitUntil(vue.hasFocus)
        qtbot.keyClick(vue, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        formats = qapp.clipboard().mimeData().formats()
        assert "x-kde-passwordManagerHint" in formats
        assert any("ExcludeClipboardContentFromMonitorProcessing" in f for f in formats)
        return str(qapp.clipboard().text())

    table.setCurrentCell(0, 0)
    assert copier(table) == "2 76 05"
    etiquette.setSelection(0, 5)
    assert copier(etiquette) == "ADRUN"
    champ.selectAll()
    assert copier(champ) == "ADRUN"
    assert copies == ["texte affiché", "texte affiché", "champ «\u00a0Nom de naissance\u00a0»"]
    assert presse._minuteur.isActive()
    # One's own words, cut to be pasted elsewhere, stay until the lock, with their bold.
    texte.selectAll()
    assert copier(texte) == "lettre" and "text/html" in qapp.clipboard().mimeData().formats()
    assert len(copies) == 3 and not presse._minuteur.isActive()
    presse.effacer()
    assert qapp.clipboard().text() == ""
    # Another program's copy is left alone.
    monkeypatch.setattr(presse, "possede", lambda: False)
    autre = QMimeData()
    autre.setText("d’ailleurs")
    qapp.clipboard().setMimeData(autre)
    presse.effacer()
    assert qapp.clipboard().text() == "d’ailleurs" and len(copies) == 3


def test_a_copy_leaves_the_clipboard(qtbot, qapp) -> None:
    from app.ui.presse_papiers import PressePapiers

    presse = PressePapiers()
    presse.copier("1 76 05 …", "matricule")
    assert qapp.clipboard().text() == "1 76 05 …"
    presse.effacer()
    assert qapp.clipboard().text() == ""
    presse.copier("2 76 05 …", "matricule")
    qapp.clipboard().setText("autre chose")
    presse.effacer()  # what came since isn't ours
    assert qapp.clipboard().text() == "autre chose"
    presse.delai_s = 0
    presse.copier("3 76 05 …", "matricule")
    qtbot.waitUntil(lambda: qapp.clipboard().text() == "")
