"""Frame: rail, bar, pages, messages, floating line, popovers, lock."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.domain.session import EtatService, EtatSession
from app.ui import theme
from app.ui.fenetre import Fenetre
from app.ui.views.barre import duree
from app.ui.views.confirmation import Confirmation
from app.ui.views.session import PanneauSession, VoletServices, VoletSession


class Page(QWidget):
    """A page with a field."""

    def __init__(self) -> None:
        super().__init__()
        self.champ = QLineEdit()
        QVBoxLayout(self).addWidget(self.champ)


@pytest.fixture
def fenetre(qapp: QApplication, qtbot) -> Fenetre:
    theme.appliquer(qapp, "clair")
    f = Fenetre("1.2.3")
    qtbot.addWidget(f)
    f.construire()
    f.construites = []

    def fabrique(nom: str):
        def faire() -> Page:
            f.construites.append(nom)
            return Page()
        return faire

    for nom, icone, titre in (("tournee", "calendar-event", "Tournée\n& agenda"),
                              ("patients", "users", "Patients"), ("envois", "send", "Envois")):
        f.ajouter_page(nom, icone, titre, fabrique(nom))
    f.ajouter_page("dossier", "", "Dossier", fabrique("dossier"), rail="patients")
    f.resize(1366, 768)
    f.show()
    f.activateWindow()
    f.aller("tournee")
    yield f
    f.fermer_pour_de_bon()


def session(heures: float) -> EtatSession:
    fin = datetime.now(UTC) + timedelta(hours=heures, seconds=30)
    return EtatSession(True, "Camille DÉMO", fin.isoformat())


def test_pages_are_built_when_first_shown_and_kept(fenetre) -> None:
    assert fenetre.construites == ["tournee"]
    page = fenetre.aller("patients")
    assert fenetre.aller("tournee") is not page and fenetre.aller("patients") is page
    assert fenetre.construites == ["tournee", "patients"]
    assert fenetre.windowTitle() == "Patients – Pléiade"


def test_a_page_without_entry_lights_its_parent(fenetre) -> None:
    fenetre.aller("dossier")
    assert fenetre.rail.entree("patients").isChecked()
    assert fenetre.rail.entree("dossier") is None


def test_ctrl_digits_go_to_pages(fenetre, qtbot) -> None:
    QTest.keyClick(fenetre, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert fenetre.page_courante == "envois"
    QTest.keyClick(fenetre, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert fenetre.page_courante == "tournee"


def test_counters_hide_at_zero_and_are_spoken(fenetre) -> None:
    entree = fenetre.rail.entree("envois")
    fenetre.compteur("envois", 2, echec=True)
    assert entree.compteur == 2 and entree.accessibleName() == "Envois, 2 à traiter"
    fenetre.compteur("envois", 0)
    assert entree.compteur == 0 and entree.accessibleName() == "Envois"


def test_a_message_offers_its_remedy_then_leaves(fenetre, qtbot) -> None:
    faits = []
    message = fenetre.message("erreur", "Envoi impossible. La note reste au dossier.",
                              "Réessayer", lambda: faits.append(1), code="X-1")
    assert not fenetre.messages.isHidden() and message.remede is not None
    qtbot.mouseClick(message.remede, Qt.MouseButton.LeftButton)
    assert faits == [1] and fenetre.messages.textes == [] and fenetre.messages.isHidden()


def test_messages_dont_pile_up(fenetre) -> None:
    for _ in range(3):
        fenetre.message("alerte", "Le DMP ne répond pas.")
    assert len(fenetre.messages.textes) == 1
    for i in range(6):
        fenetre.message("info", f"Message {i}.")
    assert len(fenetre.messages.textes) == 3


def test_the_floating_line_undoes_with_ctrl_z(fenetre) -> None:
    defaits = []
    fenetre.ligne_flottante("Passage déplacé", lambda: defaits.append(1))
    assert fenetre.texte_flottant == "Passage déplacé"
    QTest.keyClick(fenetre, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert defaits == [1] and fenetre.texte_flottant == ""
    QTest.keyClick(fenetre, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert defaits == [1]


def test_the_bar_says_reader_services_and_session(fenetre) -> None:
    barre = fenetre.barre
    barre.set_lecteur("carte_lue")
    assert barre.lecteur.texte == "Carte Vitale lue"
    barre.set_services((EtatService("INSi"), EtatService("DMP")))
    assert barre.services.texte == "Services\u00a0: tous disponibles"
    barre.set_services((EtatService("INSi"), EtatService("DMP", False)))
    assert barre.services.texte == "DMP indisponible"
    assert barre.services.property("ton") == "alerte"
    barre.set_session(session(3.2))
    assert barre.session.texte == "PSC · 3 h 12"
    barre.set_session(session(0.1))
    assert barre.session.property("ton") == "alerte"
    barre.set_session(session(-1))
    assert barre.session.texte == "Se reconnecter"
    barre.set_session(EtatSession())
    assert barre.session.texte == "Se connecter"
    assert duree(59) == "59 min" and duree(125) == "2 h 05"


def test_words_leave_before_buttons_when_the_text_is_large(fenetre, qapp) -> None:
    fenetre.barre.personne.definir("Pierre-Alain", "D’ARTAGNAN DE L’HERAULT", "Infirmier")
    theme.appliquer(qapp, "clair", 200)
    fenetre.resize(1280, 680)
    qapp.processEvents()
    droite = fenetre.barre.verrou.geometry().right()
    assert droite < fenetre.barre.width()
    assert not fenetre.barre.session.isHidden()
    theme.appliquer(qapp, "clair", 100)


def test_a_popover_closes_with_escape_and_gives_the_focus_back(fenetre, qtbot) -> None:
    volet = VoletSession(fenetre.barre.session)
    volet.panneau.montrer(EtatSession())
    volet.ouvrir()
    assert volet.isAncestorOf(QApplication.focusWidget())
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert volet.isHidden() and QApplication.focusWidget() is fenetre.barre.session
    volet.ouvrir()
    qtbot.mouseClick(fenetre.pages, Qt.MouseButton.LeftButton)
    assert volet.isHidden()


def test_the_session_panel_has_one_state_at_a_time(qtbot) -> None:
    panneau = PanneauSession()
    qtbot.addWidget(panneau)
    for etat, attendu in ((EtatSession(possible=False), "impossible"),
                          (EtatSession(), "deconnecte"), (session(1), "connecte"),
                          (session(-1), "deconnecte")):
        panneau.montrer(etat)
        assert panneau.etat == attendu
    panneau.attendre_ciba("MOBILE", "07")
    textes = [w.text() for w in panneau.findChildren(QWidget) if hasattr(w, "text")]
    assert "07" in textes and any("Encore 2 min 00 s" in t for t in textes)
    with qtbot.waitSignal(panneau.annulation):
        qtbot.mouseClick(panneau.premier, Qt.MouseButton.LeftButton)


def test_a_refusal_leaves_the_keyboard_in_the_panel(fenetre, qtbot) -> None:
    volet = VoletSession(fenetre.barre.session)
    volet.panneau.montrer(EtatSession())
    volet.ouvrir()
    volet.panneau.attendre_ciba("MOBILE", "07")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is volet.panneau.premier)
    volet.panneau.montrer(EtatSession(), "La connexion a été refusée.")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is volet.panneau.premier)
    fenetre.barre.recherche.champ.setFocus()
    volet.panneau.montrer(EtatSession())  # news from elsewhere take the keyboard from nobody
    assert not volet.isAncestorOf(QApplication.focusWidget())


def test_services_list_says_since_when_and_offers_a_try(fenetre, qtbot) -> None:
    volet = VoletServices(fenetre.barre.services)
    volet.montrer((EtatService("INSi"), EtatService("DMP", False, message="Le DMP se tait.")))
    textes = " ".join(w.text() for w in volet.findChildren(QWidget) if hasattr(w, "text"))
    assert "Disponible" in textes and "Indisponible" in textes and "Le DMP se tait." in textes
    bouton = next(b for b in volet.findChildren(QPushButton) if "Essayer" in b.text())
    with qtbot.waitSignal(volet.essai):
        bouton.click()


def test_locking_hides_names_and_gives_back_page_field_and_caret(fenetre) -> None:
    page = fenetre.aller("patients")
    page.champ.setText("ADRUN")
    page.champ.setCursorPosition(2)
    page.champ.setFocus()
    ecran = QWidget()
    fenetre.couvrir(ecran)
    assert fenetre.verrouillee and fenetre.windowTitle() == "Pléiade"
    assert not page.isVisible()
    QTest.keyClick(fenetre, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert fenetre.page_courante == "patients", "shortcuts sleep while locked"
    fenetre.decouvrir()
    assert page.isVisible() and page.champ.hasFocus() and page.champ.cursorPosition() == 2
    assert fenetre.windowTitle() == "Patients – Pléiade"


def test_dialogs_never_show_over_the_lock(fenetre, qapp) -> None:
    avant = Confirmation("ADRUN ZOE ?", "", "Oui", "Non", fenetre)
    avant.open()
    qapp.processEvents()
    fenetre.couvrir(QWidget())
    tardif = Confirmation("ADRUN ZOE, encore ?", "", "Oui", "Non", fenetre)
    tardif.open()
    assert tardif.windowOpacity() == 0
    qapp.processEvents()
    assert avant.isHidden() and tardif.isHidden()
    dessus = [w for w in fenetre.children() if isinstance(w, QWidget) and not w.isWindow()
              and not w.isHidden()]
    assert dessus == [fenetre.centralWidget()], "no veil is left over the lock screen"
    avant.reject()
    fenetre.decouvrir()
    assert tardif.isVisible() and tardif.windowOpacity() == 1 and avant.isHidden()
    tardif.reject()


def test_dialogs_opened_by_the_access_screen_show_over_it(fenetre, qapp) -> None:
    """A file to choose, a printer: without them the recovery key can't be kept (first start)."""
    ecran = QWidget()
    bouton = QPushButton("Enregistrer en PDF", ecran)
    fenetre.couvrir(ecran)
    fichier = QFileDialog(bouton)
    fichier.setOption(QFileDialog.Option.DontUseNativeDialog)
    fichier.open()
    question = QDialog(fichier)  # « remplacer ce fichier ? »
    question.open()
    qapp.processEvents()
    assert fichier.isVisible() and question.isVisible()
    assert fichier.windowOpacity() == question.windowOpacity() == 1
    question.reject()
    fichier.reject()
    fenetre.decouvrir()


def test_closing_asks_the_application_first(fenetre, qtbot) -> None:
    with qtbot.waitSignal(fenetre.fermeture_demandee):
        fenetre.close()
    assert fenetre.isVisible()
