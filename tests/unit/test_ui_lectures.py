"""Appli carte Vitale and scanned INS in the window: what opens, what is asked, what stays."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from ui_outils import Attente

from app.devices.apcv import (
    BeneficiaireApcv,
    ContexteApcv,
    ErreurApcv,
    LectureApcv,
    Mode,
    erreur_apcv,
)
from app.documents.datamatrix import charge_ins, image_png
from app.domain.identity import OID_NIR, Identite, ModeQualification, StatutIdentite, Traits
from app.domain.patient import Patient
from app.ui.controllers.apcv import ApcvController
from app.ui.controllers.identite import IdentiteController
from app.ui.controllers.reception_ins import ReceptionIns
from app.ui.controllers.scans import ScansController
from app.ui.fenetre import Fenetre
from app.ui.views.apcv import DialogueApcv, png
from app.ui.views.elements import Lien
from app.ui.views.insi import DialogueInsi
from app.ui.views.nouveau_patient import DialogueNouveauPatient
from app.ui.views.rapprochement import DialogueRapprochement
from app.ui.workers import Workers
from app.usecases.codes_image import lire_codes
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from tests.identite_outils import ADRUN, AUTRE_MATRICULE, MATRICULE, contexte

LEO = Traits("ADRUN", "LEO", "2016-05-04", "M", "75112", "LEO")
def beneficiaire(traits: Traits = ADRUN, matricule: str = MATRICULE) -> BeneficiaireApcv:
    return BeneficiaireApcv(traits.nom_naissance, traits.premier_prenom,
                            traits.date_naissance.replace("-", ""),
                            ins=Identite(traits, matricule_ins=matricule, oid=OID_NIR))


class Composant:
    """Stands for the component: says what the test wants, remembers what it was told."""

    agree = False

    def __init__(self) -> None:
        self.personnes: tuple[BeneficiaireApcv, ...] = (beneficiaire(),)
        self.refus: ErreurApcv | None = None
        self.duree = timedelta(hours=1)
        self.attente_s = 0.0
        self.recus: list[bytes | None] = []
        self.fermes: list[str] = []

    def ouvrir(self, mode: Mode, qr: bytes | None, professionnel: str) -> LectureApcv:
        self.recus.append(qr)
        time.sleep(self.attente_s)  # short: the component's
        if self.refus is not None:
            raise self.refus
        fin = (datetime.now(UTC) + self.duree).isoformat()
        return LectureApcv(ContexteApcv("ctx-1", fin, "jeton"), self.personnes)

    def fermer(self, contexte: ContexteApcv) -> None:
        self.fermes.append(contexte.id)


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def composant() -> Composant:
    return Composant()


@pytest.fixture
def apcv(fenetre: Fenetre, workers: Workers, ctx: Contexte, composant: Composant) -> ApcvController:
    return ApcvController(fenetre, workers, ctx, IdentiteController(fenetre, workers, ctx),
                          composant)


def ajouter(ctx: Contexte, traits: Traits = ADRUN) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(Identite(traits), auteur="T", cause="C")


def lire(ctx: Contexte, patient_id: int) -> Identite:
    with ctx.store.lecture() as u:
        return u.patients.lire(patient_id).identite


def ouverts(controleur: ApcvController | ReceptionIns) -> list[int]:
    recus: list[int] = []
    controleur.ouvrir.connect(recus.append)
    return recus


def dialogue(apcv: ApcvController) -> DialogueApcv:
    assert apcv.dialogue is not None
    return apcv.dialogue


def vus(vue: QWidget) -> set[str]:
    """Words on screen."""
    return {e.text() for e in vue.findChildren(QLabel) if e.isVisible()}


def scanner(apcv: ApcvController, texte: str = "QR", fin: Qt.Key = Qt.Key.Key_Return) -> None:
    """The wedge types in the focused field, then Enter (or Tab)."""
    champ = dialogue(apcv).code
    champ.setText(texte)
    QTest.keyClick(champ, fin)
    assert champ.text() == "" and apcv.dialogue is not None


# -- Appli carte Vitale ----------------------------------------------------------------------

def test_one_scan_creates_the_file_qualified_and_opens_it(
        apcv: ApcvController, ctx: Contexte, composant: Composant, attendre: Attente) -> None:
    recus = ouverts(apcv)
    apcv.demander()
    scanner(apcv, "QR-OPAQUE:1")
    attendre(lambda: recus)
    assert composant.recus == [b"QR-OPAQUE:1"] and apcv.dialogue is None
    identite = lire(ctx, recus[0])
    assert (identite.statut, identite.mode_qualification) == (StatutIdentite.QUALIFIEE,
                                                              ModeQualification.APCV)
    attendre(lambda: composant.fermes == ["ctx-1"])
    with ctx.store.lecture() as u:
        assert "Appli carte Vitale" in u.patients.historique(recus[0])[-1].cause


def test_several_beneficiaries_are_chosen_by_a_key(apcv: ApcvController, ctx: Contexte,
                                                   composant: Composant, qtbot: QtBot,
                                                   attendre: Attente) -> None:
    composant.personnes = (beneficiaire(), beneficiaire(LEO, AUTRE_MATRICULE))
    connue = ajouter(ctx)
    recus = ouverts(apcv)
    apcv.demander()
    scanner(apcv)
    attendre(lambda: len(dialogue(apcv).boutons) == 2)
    vue = dialogue(apcv)
    attendre(lambda: vus(vue) >= {"Dossier trouvé, identité provisoire", "Nouveau dossier"})
    assert "Lecture valable jusqu’à" in vue._duree.text()
    lien = next(x for x in vue.findChildren(Lien) if x.isVisible())
    qtbot.mouseClick(lien, Qt.MouseButton.LeftButton)
    attendre(lambda: lire(ctx, connue.id).statut is StatutIdentite.QUALIFIEE)
    attendre(lambda: "Identité qualifiée" in vus(vue))
    assert recus == [] and composant.fermes == []
    qtbot.keyClick(vue, Qt.Key.Key_2)
    attendre(lambda: recus)
    assert lire(ctx, recus[0]).traits == LEO


@pytest.mark.parametrize("code", ["QR_EXPIRED", "DECLINED", "NETWORK"])
def test_a_refusal_says_what_to_do_and_waits_for_another_code(
        apcv: ApcvController, composant: Composant, attendre: Attente, code: str) -> None:
    composant.refus = erreur_apcv(code)
    apcv.demander()
    scanner(apcv)
    attendre(lambda: dialogue(apcv).messages.textes)
    assert dialogue(apcv).messages.textes == [composant.refus.message]
    assert dialogue(apcv).code.isVisible() and not dialogue(apcv).occupe
    composant.refus = None
    recus = ouverts(apcv)
    scanner(apcv, fin=Qt.Key.Key_Tab)
    attendre(lambda: recus)


def test_an_expired_reading_can_choose_nobody(apcv: ApcvController, ctx: Contexte,
                                              composant: Composant, attendre: Attente) -> None:
    composant.personnes = (beneficiaire(), beneficiaire(LEO, AUTRE_MATRICULE))
    composant.duree = timedelta(seconds=-1)
    apcv.demander()
    scanner(apcv)
    attendre(lambda: any("expiré" in t for t in dialogue(apcv).messages.textes))
    assert dialogue(apcv).boutons == [] and dialogue(apcv).code.isVisible()
    with ctx.store.lecture() as u:
        assert u.patients.compter() == 0


def test_another_patient_than_the_open_file_is_never_taken_by_itself(
        apcv: ApcvController, ctx: Contexte, attendre: Attente) -> None:
    autre = ajouter(ctx, LEO)
    recus = ouverts(apcv)
    apcv.demander(autre.id)
    scanner(apcv)
    attendre(lambda: any("n’est pas celle" in t for t in dialogue(apcv).messages.textes))
    assert recus == [] and lire(ctx, autre.id).statut is StatutIdentite.PROVISOIRE


def test_the_open_file_is_found_among_the_family(apcv: ApcvController, ctx: Contexte,
                                                 composant: Composant, attendre: Attente) -> None:
    composant.personnes = (beneficiaire(), beneficiaire(LEO, AUTRE_MATRICULE))
    leo = ajouter(ctx, LEO)
    recus = ouverts(apcv)
    apcv.demander(leo.id)
    scanner(apcv)
    attendre(lambda: recus == [leo.id])


def test_a_file_that_differs_is_compared(apcv: ApcvController, ctx: Contexte, fenetre: Fenetre,
                                         attendre: Attente) -> None:
    """Found by its matricule, another name: refused leaves it, accepted qualifies it."""
    from app.domain import statuts

    with ctx.store.ecriture() as u:
        autre = replace(ADRUN, nom_naissance="AUTRE")
        connu = u.patients.ajouter(statuts.recuperer(
            Identite(autre), autre, MATRICULE, OID_NIR, (), "2026-01-01T08:00:00+01:00"),
            auteur="T", cause="C")
    recus = ouverts(apcv)
    apcv.demander()

    def question() -> DialogueInsi | None:
        return next((d for d in fenetre.findChildren(DialogueInsi) if d.isVisible()), None)

    scanner(apcv)
    attendre(question)
    refusee = question()
    assert refusee is not None
    refusee.refuser.click()
    attendre(lambda: question() is None)
    assert lire(ctx, connu.id) == connu.identite and recus == []
    dialogue(apcv).boutons[0].click()
    attendre(question)
    acceptee = question()
    assert acceptee is not None
    acceptee.accepter.click()
    attendre(lambda: recus == [connu.id])
    assert lire(ctx, connu.id).traits.nom_naissance == "ADRUN"


def test_leaving_while_reading_closes_the_context_that_comes(
        apcv: ApcvController, ctx: Contexte, fenetre: Fenetre, composant: Composant,
        attendre: Attente) -> None:
    composant.attente_s = 0.2
    apcv.demander()
    scanner(apcv)
    fenetre.a_garder.emit()  # the lock
    assert apcv.dialogue is None
    attendre(lambda: composant.fermes == ["ctx-1"])
    with ctx.store.lecture() as u:
        assert u.patients.compter() == 0


def test_without_a_component_the_window_says_so(fenetre: Fenetre, workers: Workers,
                                                ctx: Contexte) -> None:
    sans = ApcvController(fenetre, workers, ctx, IdentiteController(fenetre, workers, ctx), None)
    assert not sans.possible
    sans.demander()
    assert sans.dialogue is None


def test_a_pasted_image_is_read(apcv: ApcvController, composant: Composant,
                                attendre: Attente) -> None:
    tableau = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(
        "QR-OPAQUE:2", zxingcpp.BarcodeFormat.QRCode), scale=6)
    image = Image.fromarray(tableau)
    qimage = QImage(image.tobytes(), image.width, image.height, image.width,
                    QImage.Format.Format_Grayscale8).copy()
    recus = ouverts(apcv)
    apcv.demander()
    QApplication.clipboard().setImage(qimage)
    QApplication.sendEvent(dialogue(apcv).code, QKeyEvent(
        QEvent.Type.KeyPress, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))
    attendre(lambda: recus)
    assert composant.recus == [b"QR-OPAQUE:2"]


# -- Codes of an image -----------------------------------------------------------------------

def test_what_is_no_image_or_holds_no_code_is_refused(ctx: Contexte, tmp_path: Path) -> None:
    vide = QImage(40, 40, QImage.Format.Format_RGB32)
    vide.fill(Qt.GlobalColor.white)
    for source, mot in ((b"texte", "image"), (png(vide), "Aucun code"),
                        (tmp_path / "absent.png", "ne peut pas être lu")):
        with pytest.raises(Refus, match=mot):
            lire_codes(ctx, source)


# -- INS datamatrix --------------------------------------------------------------------------

QUALIFIEE = Identite(ADRUN, StatutIdentite.QUALIFIEE, MATRICULE, OID_NIR)
CHARGE = charge_ins(QUALIFIEE)


@pytest.fixture
def reception(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> ReceptionIns:
    return ReceptionIns(fenetre, workers, ctx, IdentiteController(fenetre, workers, ctx))


def visible(fenetre: Fenetre, classe: type) -> object | None:
    return next((d for d in fenetre.findChildren(classe) if d.isVisible()), None)


def test_a_known_patient_is_opened_by_the_scan_alone(reception: ReceptionIns, ctx: Contexte,
                                                     attendre: Attente) -> None:
    connu = ajouter(ctx)
    recus = ouverts(reception)
    reception.code(CHARGE)
    attendre(lambda: recus == [connu.id])


def test_an_unknown_patient_is_created_in_one_more_key(
        reception: ReceptionIns, ctx: Contexte, fenetre: Fenetre, qtbot: QtBot,
        attendre: Attente) -> None:
    """Every field is filled, the place included; the file is provisoire, without matricule."""
    crees: list[int] = []
    reception._identite.ouvrir.connect(crees.append)
    reception.code(CHARGE)
    attendre(lambda: visible(fenetre, DialogueNouveauPatient))
    creation = visible(fenetre, DialogueNouveauPatient)
    assert isinstance(creation, DialogueNouveauPatient)
    assert (creation.nom.text(), creation.prenom.text(), creation.naissance.text(),
            creation.sexe.valeur) == ("ADRUN", "ZOE", "31/12/1975", "F")
    assert creation.lieu.text().startswith("63220")
    qtbot.keyClick(creation, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    attendre(lambda: crees)
    identite = lire(ctx, crees[0])
    assert (identite.statut, identite.matricule_ins, identite.traits) == (
        StatutIdentite.PROVISOIRE, "", ADRUN)


def test_a_file_that_differs_is_compared_before(reception: ReceptionIns, ctx: Contexte,
                                                fenetre: Fenetre, qtbot: QtBot,
                                                attendre: Attente) -> None:
    autre = ajouter(ctx, replace(ADRUN, sexe="M"))
    recus = ouverts(reception)
    reception.code(CHARGE)
    attendre(lambda: visible(fenetre, DialogueRapprochement))
    question = visible(fenetre, DialogueRapprochement)
    assert isinstance(question, DialogueRapprochement) and question.courant.discordant
    qtbot.keyClick(question, Qt.Key.Key_Return)  # a difference must be read
    assert recus == [] and question.isVisible()
    question.ouvrir.click()
    assert recus == [autre.id]


def test_a_scan_during_a_creation_fills_it_or_opens_the_file(
        reception: ReceptionIns, ctx: Contexte, fenetre: Fenetre, attendre: Attente) -> None:
    reception._identite.nouveau_patient()
    creation = visible(fenetre, DialogueNouveauPatient)
    assert isinstance(creation, DialogueNouveauPatient)
    reception.code(CHARGE)
    attendre(lambda: creation.nom.text() == "ADRUN")
    connu = ajouter(ctx)
    recus = ouverts(reception)
    reception.code(CHARGE)
    attendre(lambda: recus == [connu.id])
    assert visible(fenetre, DialogueNouveauPatient) is None


def test_an_image_of_the_datamatrix_is_read(reception: ReceptionIns, ctx: Contexte,
                                            tmp_path: Path, attendre: Attente) -> None:
    connu = ajouter(ctx)
    chemin = tmp_path / "ins.png"
    chemin.write_bytes(image_png(CHARGE))
    recus = ouverts(reception)
    reception.image(str(chemin))
    attendre(lambda: recus == [connu.id])


# -- Where a scan goes -----------------------------------------------------------------------

@pytest.fixture
def scans(fenetre: Fenetre) -> Iterator[ScansController]:
    un = ScansController(fenetre, lambda: False)
    yield un
    application = QApplication.instance()
    assert application is not None
    application.removeEventFilter(un.douchette)


def frapper(cible: QLineEdit, texte: str) -> None:
    """A wedge: one key a millisecond, Enter at the end."""
    instant = round(time.monotonic() * 1000)
    for signe in [*texte, "\r"]:
        touche = Qt.Key.Key_Return if signe == "\r" else Qt.Key(ord(signe.upper()))
        avec = Qt.KeyboardModifier.NoModifier
        if signe == "\x1d":
            touche, avec = Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier
        for genre in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            evenement = QKeyEvent(genre, touche, avec, signe)
            instant += 1
            evenement.setTimestamp(instant)
            QApplication.sendEvent(cible, evenement)
    QApplication.processEvents()


@pytest.fixture
def champ(fenetre: Fenetre) -> QLineEdit:
    champ = QLineEdit(fenetre)
    champ.move(QPoint(0, 0))
    champ.show()
    champ.setFocus()
    return champ


def test_an_ins_is_caught_whatever_has_the_focus(scans: ScansController, champ: QLineEdit,
                                                 qtbot: QtBot) -> None:
    lus: list[str] = []
    scans.ins.connect(lus.append)
    for prefixe in ("", "]d1"):
        frapper(champ, prefixe + CHARGE)
        qtbot.waitUntil(lambda: bool(lus))
        assert lus.pop() == prefixe + CHARGE and champ.text() == ""


def test_what_nobody_awaits_is_given_back(scans: ScansController, champ: QLineEdit,
                                          qtbot: QtBot) -> None:
    frapper(champ, "0103400936773875")
    assert champ.text() == "0103400936773875"  # digits aren't held here
    champ.clear()
    frapper(champ, "IDENTIFIANT-42")
    qtbot.waitUntil(lambda: champ.text() == "IDENTIFIANT-42")


def test_a_person_who_types_a_capital_i_keeps_it(scans: ScansController, champ: QLineEdit,
                                                 qtbot: QtBot) -> None:
    QApplication.sendEvent(champ, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_I,
                                            Qt.KeyboardModifier.ShiftModifier, "I"))
    qtbot.waitUntil(lambda: champ.text() == "I")


def test_a_password_is_never_held(scans: ScansController, champ: QLineEdit) -> None:
    champ.setEchoMode(QLineEdit.EchoMode.Password)
    assert not scans._actif("I")
