"""Sampling at home in the window: what holds it back, what leaves, how few gestures it takes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from ui_outils import Attente

from app.documents.reader import lire
from app.domain import statuts
from app.domain.identity import OID_NIR, Identite, ModeQualification
from app.domain.outbox import EtatOrdre
from app.domain.patient import Patient
from app.domain.prelevement import refus_adresse, refus_identite, refus_preleveur
from app.ui.controllers.prelevement import PrelevementController
from app.ui.fenetre import Fenetre
from app.ui.views.prelevement import DialoguePrelevement
from app.ui.workers import Workers
from app.usecases import outbox, prelevement
from app.usecases.context import Contexte
from tests.identite_outils import ADRUN, MATRICULE, contexte

RECUPEREE = statuts.recuperer(Identite(ADRUN), ADRUN, MATRICULE, OID_NIR, (),
                              "2026-01-01T08:00:00+01:00")
QUALIFIEE = statuts.controler_document(RECUPEREE, "CN")
ADRESSE = "labo@fleurs.mssante.fr"


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Contexte]:
    ctx = contexte(tmp_path)
    yield ctx
    ctx.fermer()


@pytest.fixture
def controleur(fenetre: Fenetre, workers: Workers, ctx: Contexte) -> PrelevementController:
    return PrelevementController(fenetre, workers, ctx)


def ajouter(ctx: Contexte, identite: Identite = QUALIFIEE) -> Patient:
    with ctx.store.ecriture() as u:
        return u.patients.ajouter(identite, auteur="T", cause="C")


def ouvrir(controleur: PrelevementController, attendre: Attente,
           patient: Patient) -> DialoguePrelevement:
    controleur.demander(patient.id)
    attendre(lambda: controleur.dialogue)
    assert controleur.dialogue is not None
    return controleur.dialogue


def vus(vue: DialoguePrelevement) -> str:
    QApplication.processEvents()
    return " ".join(e.text() for e in vue.findChildren(QLabel) if e.isVisible())


@pytest.mark.parametrize(("identite", "mot"), [
    (Identite(ADRUN), "qualifiée"), (RECUPEREE, "qualifiée"),
    (replace(QUALIFIEE, mode_qualification=ModeQualification.PROCEDURE_TRANSITOIRE),
     "procédure transitoire")])
def test_an_identity_without_a_document_seen_is_held_back(
        controleur: PrelevementController, ctx: Contexte, attendre: Attente,
        identite: Identite, mot: str) -> None:
    patient = ajouter(ctx, identite)
    vue = ouvrir(controleur, attendre, patient)
    assert mot in vus(vue) and not vue.attester.isEnabled()
    assert mot in refus_identite(identite)
    remedes: list[tuple[str, int]] = []
    controleur.remede.connect(lambda code, i: remedes.append((code, i)))
    next(b for b in vue.findChildren(QPushButton) if b.text() == "Y remédier").click()
    assert remedes == [("identite", patient.id)] and controleur.dialogue is None


def test_the_second_time_is_two_gestures(controleur: PrelevementController, ctx: Contexte,
                                         attendre: Attente) -> None:
    """The laboratory is remembered: tick all, Ctrl+Entrée; the archive waits in the outbox."""
    patient = ajouter(ctx)
    vue = ouvrir(controleur, attendre, patient)
    vue.labo.setText("Laboratoire des Fleurs")
    vue.adresse.setText(ADRESSE)
    for nom in ("EDTA", "EDTA", "Citrate"):
        next(b for b in vue.findChildren(QPushButton) if b.text() == nom).click()
    assert "EDTA × 2, Citrate × 1" in vus(vue)
    vue.tout.click()
    QTest.keyClick(vue, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    attendre(lambda: "Attestation faite" in vus(vue))
    (ordre,) = outbox.lister_envois(ctx)
    assert ordre.etat is EtatOrdre.RETENU
    nom, octets = prelevement.archive_prete(ctx, ordre.id)
    (lu,) = lire(octets, nom)
    assert lu.patient.matricule_ins == MATRICULE and lu.destinataires[0].telecoms
    vue.reject()
    vue = ouvrir(controleur, attendre, patient)
    assert (vue.labo.text(), vue.adresse.text()) == ("Laboratoire des Fleurs", ADRESSE)
    vue.tout.click()
    QTest.keyClick(vue, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    attendre(lambda: len(outbox.lister_envois(ctx)) == 2)


def test_what_is_missing_is_shown_and_nothing_is_made(controleur: PrelevementController,
                                                      ctx: Contexte, attendre: Attente) -> None:
    vue = ouvrir(controleur, attendre, ajouter(ctx))
    demandes: list[object] = []
    vue.attestation_demandee.connect(demandes.append)
    vue.attester.click()
    assert "Nommez le laboratoire." in vus(vue) and "mssante.fr" in vus(vue)
    vue.labo.setText("L")
    vue.adresse.setText("labo@exemple.fr")
    vue.attester.click()
    assert "se termine par" in vus(vue)
    vue.adresse.setText(ADRESSE)
    vue.heure.setText("25:00")
    vue.attester.click()
    assert "Écrivez l’heure" in vus(vue)
    vue.heure.setText("0h05")
    vue.attester.click()
    assert vue.messages.textes == ["Cochez d’abord ce que vous avez contrôlé."]
    assert demandes == []
    with ctx.store.lecture() as u:
        assert u.documents.lister(1) == []


def test_a_refusal_keeps_what_was_typed(controleur: PrelevementController, ctx: Contexte,
                                        attendre: Attente) -> None:
    patient = ajouter(ctx)
    vue = ouvrir(controleur, attendre, patient)
    vue.labo.setText("Laboratoire des Fleurs")
    vue.adresse.setText(ADRESSE)
    vue.tout.click()
    with ctx.store.ecriture() as u:  # another workstation
        u.patients.enregistrer_identite(patient.id, RECUPEREE, auteur="T", cause="C",
                                        version=patient.version)
    vue.attester.click()
    attendre(lambda: any("qualifiée" in t for t in vue.messages.textes))
    assert vue.labo.text() == "Laboratoire des Fleurs" and vue.attester.isEnabled()
    assert not outbox.lister_envois(ctx)


def test_addresses_and_numbers() -> None:
    for bonne in (ADRESSE, "A.B@ch-x.mssante.fr", " labo@x.MSSANTE.FR "):
        assert refus_adresse(bonne) == ""
    for fausse in ("", "labo@x.fr", "@x.mssante.fr", "a b@x.mssante.fr",
                   "labo@x.mssante.fr;b@y.mssante.fr", "labo@x.mssante.fr.evil.org"):
        assert refus_adresse(fausse)
    assert refus_preleveur("899700000016") == "" and refus_preleveur("0123") and refus_preleveur("")
