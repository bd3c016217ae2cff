"""Three gestures from the open file to the validated note: scan, check the site, Ctrl+Entrée."""

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.reader import lire
from app.domain.document import OrigineDocument
from app.domain.outbox import EtatOrdre
from app.domain.vaccination import VaccinationFaite
from app.ui.views.dossier import PageDossier
from app.ui.views.vaccinations import VueVaccinations
from app.usecases import boite_vaccin, carnet_vaccinal, outbox

if TYPE_CHECKING:

    from tests.scenarios.conftest import Poste, Preuve

BOITE = "]d201034009367738751728083110AC37B214TA\x1d21SERIE1"
#: The same, as a scanner set to the US layout types it on a French keyboard.
AZERTY = BOITE[3:].translate(str.maketrans("1234567890AQ", "&é\"'(-è_çàQA"))


def scanner(texte: str, cible: QWidget | None = None, fin: Qt.Key = Qt.Key.Key_Return) -> None:
    """Type as a wedge scanner: all at once, GS as Ctrl+], Enter at the end."""
    genres = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
    instant = round(time.monotonic() * 1000)
    for caractere in [*texte, ""]:
        touche, texte_touche, avec = ord(caractere.upper()) if caractere else int(fin), \
            caractere or "\r", Qt.KeyboardModifier.NoModifier
        if caractere == "\x1d":
            touche, avec = int(Qt.Key.Key_BracketRight), Qt.KeyboardModifier.ControlModifier
        for genre in genres:
            widget = cible or QApplication.focusWidget() or QApplication.activeWindow()
            assert widget is not None
            evenement = QKeyEvent(genre, touche, avec, texte_touche)
            instant += 1  # a scanner keeps its pace, however busy this machine is
            evenement.setTimestamp(instant)
            QApplication.sendEvent(widget, evenement)
    QApplication.processEvents()


def page(poste: "Poste") -> PageDossier:
    """The patient file."""
    vue = poste.application.fenetre.page("dossier")
    assert isinstance(vue, PageDossier)
    return vue


def panneau(poste: "Poste") -> VueVaccinations:
    """The tab."""
    return page(poste).vaccinations


def ouvrir_dossier(poste: "Poste", nom: str = "ADRUN ZOE") -> int:
    """Open a file; the tab is offered."""
    patient_id = poste.dossier(nom)
    poste.pilote.attendre(lambda: _onglet(poste), "onglet Vaccinations")
    poste.application.fenetre.activateWindow()
    page(poste).onglets.setFocus()
    QApplication.processEvents()
    return patient_id


def _onglet(poste: "Poste") -> bool:
    barre = page(poste).onglets
    rangs = [i for i in range(barre.count()) if barre.tabText(i) == "Vaccinations"]
    return bool(rangs) and barre.isTabVisible(rangs[0])


def faites(poste: "Poste", patient_id: int) -> tuple[VaccinationFaite, ...]:
    """History of the file."""
    return carnet_vaccinal.carnet(poste.ctx, patient_id).faites


@pytest.mark.exigence("SC.VACC/NOTE.05", "SC.CDA/DD.23")
def test_scan_to_validated_note(connecte: "Poste", preuve: "Preuve") -> None:
    """Scan from another tab, check the site, Ctrl+Entrée: CDA N3, PDF/A, DMP order sent."""
    from tests.scenarios.test_geste_principal import qualifier

    poste, pilote = connecte, connecte.pilote
    patient_id = ouvrir_dossier(poste)
    qualifier(poste, patient_id)
    pilote.laisser(0.5)
    page(poste).aller("observations")
    texte = page(poste).observations.texte
    texte.setFocus()
    QApplication.processEvents()
    scanner(BOITE, texte)
    pilote.attendre(lambda: pilote.voit("Boîte lue"), "la boîte")
    assert texte.toPlainText() == ""
    vue, form = panneau(poste), panneau(poste).formulaire
    assert page(poste).onglet == "vaccinations" and vue.en_saisie
    assert (form.vaccin.text(), form.lot.text(), form.peremption.text()) == (
        "BOOSTRIXTETRA", "AC37B214TA", "31/08/2028")
    assert form.saisie.produit is not None
    assert (form.saisie.produit.cip13, form.saisie.produit.atc) == ("3400936773875", "J07CA02")
    assert form.lot.marque == "lu" and "CIP" in form.vaccin.marque
    assert form.site.currentText() == "Deltoïde gauche"
    pilote.attendre(lambda: QApplication.focusWidget() is form.site, "le site")
    pilote.capturer("boite-lue")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("Note validée"), "note validée")
    pilote.attendre(lambda: [o.etat for o in outbox.lister_envois(poste.ctx)] == [
        EtatOrdre.ENVOYE], "envoyée au DMP")
    pilote.attendre(lambda: vue.historique.modele.rowCount() == 1, "l’historique")
    pilote.capturer("note-validee")
    (faite,) = faites(poste, patient_id)
    assert faite.origine is OrigineDocument.CABINET and faite.lot == "AC37B214TA"
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lire(faite.document_id or 0)
        cda, pdf = u.documents.contenu(fiche.cda_sha256), u.documents.contenu(fiche.pdf_sha256)
    (lu,) = lire(cda)
    assert (lu.type_code, lu.nature.value, lu.pdf) == ("87273-9", "CDA-N3", pdf)
    preuve.fichier("note.xml", cda)
    preuve.fichier("note.pdf", pdf)
    assert [a["operation"] for a in poste.journal("dmp")].count("TD2.1") == 1


@pytest.mark.exigence("SC.VACC/SCHEMA.01")
def test_the_official_schedule_is_one_click_away(poste: "Poste",
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """The link opens the browser on the address of the settings."""
    poste.ouvrir()
    ouvrir_dossier(poste)
    ouvertes: list[str] = []

    def noter(url: QUrl) -> bool:
        ouvertes.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", noter)
    page(poste).aller("vaccinations")
    poste.pilote.attendre(lambda: panneau(poste).situation.lien.toolTip(), "le calendrier")
    assert "Aide à la décision" in panneau(poste).situation.aide.text()
    poste.pilote.cliquer("Calendrier du ministère")
    assert ouvertes[-1].startswith("https://sante.gouv.fr/")
    with poste.ctx.store.ecriture() as u:
        u.reglages.ecrire(carnet_vaccinal.CLE_LIEN, "https://exemple.test/calendrier")
    poste.assemblage.dossier.fermer()
    ouvrir_dossier(poste)
    page(poste).aller("vaccinations")
    poste.pilote.attendre(lambda: panneau(poste).situation.lien.toolTip().endswith("calendrier")
                          and "exemple" in panneau(poste).situation.lien.toolTip(), "l’adresse")
    poste.pilote.cliquer("Calendrier du ministère")
    assert ouvertes[-1] == "https://exemple.test/calendrier"
    poste.pilote.capturer("calendrier")


@pytest.mark.exigence("SC.VACC/NOTE.05")
def test_every_bad_box_says_why_and_leaves_a_manual_way(poste: "Poste") -> None:
    """Expired, unknown, ambiguous, recalled, not a box: message and way out."""
    poste.ouvrir()
    pilote = poste.pilote
    patient_id = ouvrir_dossier(poste)
    scanner(BOITE.replace("17280831", "17240831"))
    pilote.attendre(lambda: pilote.voit("Périmé depuis le 31/08/2024"), "périmé")
    pilote.capturer("perime")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("dites pourquoi"), "bloqué")
    assert faites(poste, patient_id) == ()
    pilote.cliquer("Vacciner quand même")
    form = panneau(poste).formulaire
    pilote.ecrire(form.motif, "Seule dose disponible")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("Note validée"), "validée avec son motif")
    assert len(faites(poste, patient_id)) == 1

    scanner("0103400932857241" "17280131" "10L-1")
    pilote.attendre(lambda: pilote.voit("pas dans la table"), "inconnu")
    pilote.attendre(lambda: QApplication.focusWidget() is form.vaccin, "choix du vaccin")
    assert form.lot.text() == "L-1"
    pilote.capturer("inconnu")

    scanner("0103400936773875" "17280831" "10AB21CD21EF")
    pilote.attendre(lambda: pilote.voit("ambigu"), "ambigu")
    assert form.lot.text() == ""
    pilote.capturer("ambigu")
    pilote.cliquer("AB21CD")
    assert form.lot.text() == "AB21CD"

    boite_vaccin.noter_rappel(poste.ctx, "3400936773875", "AC37B214TA")
    scanner(BOITE)
    pilote.attendre(lambda: pilote.voit("rappel"), "rappelé")
    pilote.capturer("rappele")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.laisser(0.3)
    assert len(faites(poste, patient_id)) == 1

    scanner("99887766-INCONNU")
    pilote.attendre(lambda: pilote.voit("ne porte pas de code produit"), "sans produit")
    pilote.cliquer("Saisir sans boîte")
    pilote.ecrire(form.vaccin, "PRIORIX")
    assert form.vaccin.text() == "PRIORIX"


def test_a_person_who_types_digits_keeps_them(poste: "Poste") -> None:
    """Slow keys, short bursts and the search field keep what is typed."""
    poste.ouvrir()
    ouvrir_dossier(poste)
    page(poste).aller("observations")
    texte = page(poste).observations.texte
    texte.setFocus()
    for chiffre in "120 80 le 21":
        QTest.keyClicks(texte, chiffre)
        poste.pilote.laisser(0.1)
    poste.pilote.attendre(lambda: texte.toPlainText() == "120 80 le 21", "frappes")
    QTest.keyClicks(texte, "0612")  # fast, but no scan: given back in order
    poste.pilote.attendre(lambda: texte.toPlainText() == "120 80 le 210612", "rendus")
    recherche = poste.application.fenetre.barre.recherche
    recherche.entrer()
    poste.pilote.laisser(0.1)
    cible = QApplication.focusWidget()
    assert cible is not None
    QTest.keyClicks(cible, "12345678")
    poste.pilote.laisser(0.2)
    assert page(poste).onglet == "observations"


@pytest.mark.exigence("SC.VACC/NOTE.05")
def test_a_scanner_on_another_keyboard_layout_is_understood(poste: "Poste") -> None:
    """A US scanner on a French keyboard: fields filled, the lot to be checked."""
    poste.ouvrir()
    ouvrir_dossier(poste)
    scanner(AZERTY)
    poste.pilote.attendre(lambda: poste.pilote.voit("clavier français"), "clavier")
    form = panneau(poste).formulaire
    assert (form.vaccin.text(), form.lot.text()) == ("BOOSTRIXTETRA", "AC37B214TA")


def test_other_professions_have_no_such_tab(poste: "Poste") -> None:
    """A physiotherapist never sees the tab; a scan is theirs to type."""
    poste.ouvrir()
    with poste.ctx.store.ecriture() as u:
        u.reglages.ecrire("profils", ["MK"])
    poste.dossier("ADRUN ZOE")
    poste.pilote.laisser(0.4)
    assert not _onglet(poste)
    page(poste).aller("observations")
    texte = page(poste).observations.texte
    texte.setFocus()
    QTest.keyClicks(texte, "0103400936773875")
    assert texte.toPlainText() == "0103400936773875"
