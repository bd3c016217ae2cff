"""Structured documents by a form: a rapid test and a prescription, from the file to the DMP."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.reader import lire
from app.domain.document import EtatDocument
from app.domain.outbox import EtatOrdre
from app.ui.views.documents_structures import VueFormulaires
from app.ui.views.forme_champs import SaisieCase, SaisieSegment, SaisieTexte
from app.usecases import outbox
from tests.documents_outils import erreurs_cda
from tests.scenarios.test_geste_principal import qualifier
from tests.scenarios.test_vaccination import ouvrir_dossier, page, scanner

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

#: UDI of a throat test, as its box says it.
TEST = "010361234567890217281231" + "10B987654"


def ouvrir_forme(poste: "Poste", titre: str) -> VueFormulaires:
    """The tab, with a new form open."""
    page(poste).aller("formulaires")
    poste.pilote.attendre(lambda: poste.pilote.voit("Remplir un formulaire"), "les formulaires")
    poste.pilote.cliquer(titre)
    vue = page(poste).formulaires
    poste.pilote.attendre(lambda: vue.en_saisie, "le formulaire")
    poste.pilote.attendre(lambda: _actif(poste, vue), "le premier champ a le focus")
    return vue


def _actif(poste: "Poste", vue: VueFormulaires) -> bool:
    """The focus is in the form, once the menus that were open have given the window back."""
    poste.application.fenetre.activateWindow()
    foyer = QApplication.focusWidget()
    return foyer is not None and vue.isAncestorOf(foyer)


def remplir(vue: VueFormulaires, chemin: str, texte: str) -> None:
    """Type in a field, as a person does."""
    champ = vue.forme.champ(chemin) if vue.forme else None
    assert isinstance(champ, SaisieTexte), chemin
    champ.ligne.setFocus()
    champ.ligne.setText(texte)
    champ.ligne.textEdited.emit(texte)
    champ.ligne.editingFinished.emit()


def choisir(vue: VueFormulaires, chemin: str, code: str) -> QWidget:
    """Click one of the visible choices."""
    champ = vue.forme.champ(chemin) if vue.forme else None
    assert isinstance(champ, SaisieSegment), chemin
    champ.segment.bouton(code).click()
    return champ


def envoye(poste: "Poste", preuve: "Preuve", patient_id: int, type_code: str) -> bytes:
    """The document is kept, its order was sent; returns its CDA, left as evidence."""
    poste.pilote.attendre(lambda: [o.etat for o in outbox.lister_envois(poste.ctx)] == [
        EtatOrdre.ENVOYE], "envoyé au DMP")
    with poste.ctx.store.lecture() as u:
        (fiche,) = [f for f in u.documents.lister(patient_id) if f.type_code == type_code]
        cda, pdf = u.documents.contenu(fiche.cda_sha256), u.documents.contenu(fiche.pdf_sha256)
        assert u.saisies.lister(patient_id, poste.ctx.compte_id) == []
    assert fiche.etat is EtatDocument.VALIDE
    preuve.fichier("document.xml", cda)
    preuve.fichier("document.pdf", pdf)
    return cda


@pytest.mark.exigence("TROD.02")
def test_a_rapid_test_by_a_scan_one_click_and_a_key(connecte: "Poste", preuve: "Preuve",
                                       shared: Path) -> None:
    """Scan the box, click the result, tick the consent, Ctrl+Entrée: N3 valid, listed, sent."""
    poste, pilote = connecte, connecte.pilote
    patient_id = ouvrir_dossier(poste)
    qualifier(poste, patient_id)
    pilote.laisser(0.3)
    vue = ouvrir_forme(poste, "TROD Angine")
    pilote.capturer("trod-vide")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("champs sont à compléter"), "ce qui manque")
    pilote.capturer("trod-manques")
    scanner(TEST)
    pilote.attendre(lambda: pilote.voit("Boîte du test lue"), "la boîte")
    remplir(vue, "donnees.dispositif.fabricant", "Laboratoire Exemple")
    remplir(vue, "donnees.dispositif.reference", "8029")
    choisir(vue, "donnees.resultats.0.resultat", "10828004")
    consentement = vue.forme.champ("donnees.consentement") if vue.forme else None
    assert isinstance(consentement, SaisieCase)
    consentement.case.click()
    pilote.attendre(lambda: bool(vue.pages._tailles), "l’aperçu")
    pilote.laisser(0.8)
    pilote.capturer("trod-rempli")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("Document validé"), "document validé")
    cda = envoye(poste, preuve, patient_id, "96173-0")
    assert erreurs_cda(shared, cda, qualifiee=True) == []
    (lu,) = lire(cda)
    assert lu.nature.value == "CDA-N3" and b"(01)03612345678902" in cda and b"B987654" in cda
    # A mistake is corrected by the next version, which replaces the first in the DMP.
    pilote.cliquer("Corriger")
    pilote.attendre(lambda: vue.en_saisie, "la correction")
    choisir(vue, "donnees.resultats.0.resultat", "260385009")
    pilote.attendre(lambda: _actif(poste, vue), "le clavier")
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: len(outbox.lister_envois(poste.ctx)) == 2 and all(
        o.etat is EtatOrdre.ENVOYE for o in outbox.lister_envois(poste.ctx)), "remplacée au DMP")
    with poste.ctx.store.lecture() as u:
        fiches = {f.version_number: f for f in u.documents.lister(patient_id)
                  if f.type_code == "96173-0"}
        seconde = u.documents.contenu(fiches[2].cda_sha256)
    assert (fiches[1].etat, fiches[2].etat) == (EtatDocument.REMPLACE, EtatDocument.VALIDE)
    assert erreurs_cda(shared, seconde, qualifiee=True) == []
    preuve.fichier("correction.xml", seconde)
    page(poste).aller("documents")
    pilote.attendre(lambda: pilote.voit("Documents"), "la liste")
    pilote.laisser(0.5)
    pilote.capturer("liste")


@pytest.mark.exigence("LGC.MDV.03")
def test_a_prescription_of_products(connecte: "Poste", preuve: "Preuve",
                                       shared: Path) -> None:
    """Two devices, validated: N3 valid with the PDF of the same content."""
    poste, pilote = connecte, connecte.pilote
    patient_id = ouvrir_dossier(poste)
    qualifier(poste, patient_id)
    pilote.laisser(0.3)
    vue = ouvrir_forme(poste, "Prescription de produits de santé")
    pilote.cliquer("Ajouter un dispositif")
    remplir(vue, "donnees.dispositifs.0.denomination", "Pansements hydrocolloïdes")
    remplir(vue, "donnees.dispositifs.0.quantite", "3")
    remplir(vue, "donnees.dispositifs.0.fin", "31/12/2026")
    pilote.cliquer("Ajouter un dispositif")
    remplir(vue, "donnees.dispositifs.1.denomination", "Compresses stériles")
    remplir(vue, "donnees.dispositifs.1.fin", "31/12/2026")
    pilote.attendre(lambda: bool(vue.pages._tailles), "l’aperçu")
    pilote.laisser(0.8)
    pilote.capturer("prescription-remplie")
    # A tab left and found again: what was filled is kept.
    page(poste).aller("synthese")
    pilote.laisser(0.3)
    page(poste).aller("formulaires")
    pilote.touche(Qt.Key.Key_Escape)
    pilote.attendre(lambda: pilote.voit("Reprendre : Prescription"), "le formulaire gardé")
    foyer = QApplication.focusWidget()
    assert foyer is not None and vue.isAncestorOf(foyer), "le clavier reste dans le dossier"
    pilote.capturer("a-reprendre")
    pilote.cliquer("Reprendre : Prescription de produits de santé")
    pilote.attendre(lambda: vue.en_saisie, "le formulaire")
    QApplication.processEvents()
    pilote.touche(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    pilote.attendre(lambda: pilote.voit("Document validé"), "document validé")
    cda = envoye(poste, preuve, patient_id, "57833-6")
    assert erreurs_cda(shared, cda, qualifiee=True) == []
    (lu,) = lire(cda)
    assert lu.nature.value == "CDA-N3" and lu.pdf is not None
    for nom in ("Pansements hydrocolloïdes", "Compresses stériles"):
        assert nom.encode() in cda
