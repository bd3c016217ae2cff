"""Letters through the real window: filled from the record, written, validated, followed."""

import base64
from typing import TYPE_CHECKING

import pytest
from lxml import etree
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.documents.courrier import depuis_texte
from app.documents.datamatrix import charge_ins
from app.documents.model import Fragment, Intertitre, Liste, patient_document
from app.documents.oids import racine_patients
from app.domain.document import EtatDocument, EtatLigne
from app.usecases import documents, outbox, patients, settings
from tests.documents_outils import (
    datamatrix_pdf,
    erreurs_cda,
    preflight,
    sans_blanc,
    texte_pdf,
)

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Poste, Preuve

    from app.domain.document import FicheDocument
    from app.ui.views.courrier import VueCourriers

NS = {"h": "urn:hl7-org:v3"}
CTRL, MAJ = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier



def courriers(poste: "Poste", nom: str = "ADRUN ZOE") -> "VueCourriers":
    """The tab of a patient whose identity is qualifiée."""
    from app.domain.identity import OID_NIR, StatutIdentite

    patient_id = poste.dossier(nom)
    if poste.statut(patient_id) != "qualifiee":
        from dataclasses import replace

        with poste.ctx.store.ecriture() as u:
            p = u.patients.lire(patient_id)
            u.patients.enregistrer_identite(patient_id, replace(
                p.identite, statut=StatutIdentite.QUALIFIEE, matricule_ins="275126322074974",
                oid=OID_NIR), auteur="test", cause="test", version=p.version)
        poste.assemblage.dossier.ouvrir(patient_id)
    page = poste.application.fenetre.page("dossier")
    page.aller("courriers")  # type: ignore[attr-defined]
    vue: VueCourriers = page.courriers  # type: ignore[attr-defined]
    poste.pilote.attendre(lambda: poste.pilote.bouton("Document vierge"), "les modèles")
    return vue


def dialogue(poste: "Poste", classe: str) -> QWidget:
    """The dialog of a class, as soon as it is there."""
    def trouve() -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets()
                if type(w).__name__ == classe and w.isVisible()]

    poste.pilote.attendre(trouve, classe)
    return trouve()[0]


def menu(poste: "Poste", texte: str) -> None:
    """Choose in the menu that is open."""
    def action() -> object:
        return next((a for w in QApplication.topLevelWidgets()
                     if isinstance(w, QMenu) and w.isVisible() for a in w.actions()
                     if a.text().replace("&", "").startswith(texte)), None)

    poste.pilote.attendre(action, texte)
    trouvee = action()
    for w in QApplication.topLevelWidgets():
        if isinstance(w, QMenu) and w.isVisible():
            w.close()
    trouvee.trigger()  # type: ignore[attr-defined]


def noter_dossier(poste: "Poste", vue: "VueCourriers") -> None:
    """Allergies, treatment, antecedent and measure, typed once in the record."""
    vue.dossier_demande.emit()
    boite = dialogue(poste, "DialogueElements")
    for nature, libelle, detail, date in (
            ("allergie", "Pénicilline", "urticaire", ""), ("allergie", "Latex", "", ""),
            ("antecedent", "Diabète de type 2", "", "01/03/2019"),
            ("traitement", "Metformine 850 mg", "matin et soir", "05/01/2026"),
            ("mesure", "Pression artérielle", "128/80 mmHg", "20/11/2026")):
        boite.nature.setCurrentIndex(boite.nature.findData(nature))  # type: ignore[attr-defined]
        poste.pilote.ecrire(boite.libelle, libelle)  # type: ignore[attr-defined]
        poste.pilote.ecrire(boite.detail, detail)  # type: ignore[attr-defined]
        poste.pilote.ecrire(boite.date, date)  # type: ignore[attr-defined]
        poste.pilote.cliquer("Ajouter")
        poste.pilote.attendre(lambda: not boite.libelle.text(), "ligne ajoutée")  # type: ignore[attr-defined]
    poste.pilote.attendre(lambda: poste.pilote.voit("128/80 mmHg"), "la mesure")
    poste.pilote.capturer("dossier-complete")
    poste.pilote.cliquer("Fermer")


def ajouter_correspondant(poste: "Poste", nom: str, prenom: str, role: str) -> None:
    """Add somebody to the address book, from the header of the letter."""
    poste.pilote.cliquer("Nouveau")
    boite = dialogue(poste, "DialogueCorrespondant")
    boite.role.setCurrentIndex(boite.role.findData(role))  # type: ignore[attr-defined]
    for champ, texte in (("nom", nom), ("prenom", prenom), ("qualite", "Médecin généraliste"),
                         ("identifiant", "10000000099"), ("commune", "LYON"),
                         ("messagerie", f"{prenom}.{nom}@medecin.mssante.fr".lower())):
        poste.pilote.ecrire(boite.champs[champ], texte)  # type: ignore[attr-defined]
    if role == "medecin_traitant":
        poste.pilote.capturer("correspondant")
    poste.pilote.cliquer("Enregistrer")
    poste.pilote.attendre(lambda: not [w for w in QApplication.topLevelWidgets() if type(
        w).__name__ == "DialogueCorrespondant" and w.isVisible()], "correspondant enregistré")


def remplir_champs(vue: "VueCourriers") -> None:
    """F8 then type, until no field waits."""
    while vue.texte.champ_suivant():
        QTest.keyClicks(vue.texte, "fait")


def produit(poste: "Poste", fiche: "FicheDocument") -> tuple[etree._Element, bytes, bytes]:
    """(CDA parsed, its bytes, the PDF kept)."""
    with poste.ctx.store.lecture() as u:
        cda = u.documents.contenu(fiche.cda_sha256)
        pdf = u.documents.contenu(fiche.pdf_sha256)
    return etree.fromstring(cda), cda, pdf


def dernier(poste: "Poste", patient_id: int) -> "FicheDocument":
    """The document validated last."""
    with poste.ctx.store.lecture() as u:
        return max(u.documents.lister(patient_id), key=lambda f: f.id)


@pytest.mark.exigence("SC.DOC.03", "MIN.COU.01", "DOC/va1.09", "MIN.DOC.01", "MIN.DOC.02",
                      "SC.CDA/VISU.04", "SC.CDA/DD.02", "SC.CDA/DD.12")
def test_a_letter_filled_from_the_record(connecte: "Poste", preuve: "Preuve",
                                         shared: "Path", tmp_path: "Path") -> None:
    """Filled, one part changed, one removed, two recipients, validated: the three forms agree."""
    poste, pilote = connecte, connecte.pilote
    vue = courriers(poste)
    patient_id = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
    pilote.capturer("modeles")
    noter_dossier(poste, vue)
    pilote.cliquer("Lettre d’adressage")
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    corps = vue.blocs
    assert corps[corps.index(Intertitre("Allergies")) + 1] == Liste((
        (Fragment("Latex", origine="Allergies"),),
        (Fragment("Pénicilline, urticaire", origine="Allergies"),)))
    texte = vue.texte.toPlainText()
    for attendu in ("Diabète de type 2 (01/03/2019)", "128/80 mmHg",
                    "Metformine 850 mg, matin et soir (depuis le 05/01/2026)"):
        assert attendu in texte
    pilote.attendre(lambda: vue.pages.image(0) is not None, "l’aperçu")
    pilote.capturer("lettre-remplie")

    # One filled part is changed, another one removed with its heading.
    curseur = vue.texte.document().find("urticaire")
    vue.texte.setTextCursor(curseur)
    pilote.ecrire(vue.texte, "choc")
    vue.texte.setTextCursor(vue.texte.document().find("Metformine"))
    QTest.keyClick(vue.texte, Qt.Key.Key_Delete, CTRL | MAJ)
    assert "Metformine" not in vue.texte.toPlainText()
    assert Intertitre("Traitements en cours") not in vue.blocs

    # Recipients: two, from the header.
    pilote.cliquer("En-tête")
    boite = dialogue(poste, "DialogueEntete")
    ajouter_correspondant(poste, "MARTIN", "Paul", "medecin_traitant")
    pilote.attendre(lambda: boite.liste.count() == 1, "carnet")  # type: ignore[attr-defined]
    ajouter_correspondant(poste, "DURAND", "Anne", "prescripteur")
    pilote.attendre(lambda: boite.liste.count() == 2, "carnet")  # type: ignore[attr-defined]
    boite.cadre.setCurrentIndex(boite.cadre.findData("SAD"))  # type: ignore[attr-defined]
    boite.traitant.setCurrentIndex(1)  # type: ignore[attr-defined]
    pilote.capturer("en-tete")
    pilote.cliquer("Appliquer")
    pilote.attendre(lambda: "MARTIN" in " ".join(pilote.textes()), "destinataires")

    # Fields without value are said before anything leaves.
    pilote.cliquer("Valider et envoyer")
    pilote.attendre(lambda: any("sans valeur" in t for t in vue.messages.textes), "les champs")
    pilote.capturer("champs-sans-valeur")
    remplir_champs(vue)
    pilote.cliquer("Valider et envoyer")
    pilote.attendre(lambda: vue.brouillon is None, "document validé")

    fiche = dernier(poste, patient_id)
    arbre, cda, pdf = produit(poste, fiche)
    imprime = sans_blanc(texte_pdf(pdf))
    assert base64.b64decode(arbre.findtext(".//h:nonXMLBody/h:text", namespaces=NS) or "") == pdf
    noms = [n.findtext("h:family", namespaces=NS) for n in arbre.findall(
        "h:informationRecipient//h:name", NS)]
    assert sorted(n or "" for n in noms) == ["DURAND", "MARTIN"]
    for mot in ("MARTIN", "DURAND", "Pénicilline,choc", "Latex", "INSàscanner", "Page1/1",
                fiche.titre):
        assert sans_blanc(mot) in imprime, mot
    assert "Metformine" not in imprime and "[[" not in imprime
    assert arbre.find(".//h:standardIndustryClassCode", NS).get("code") == "SAD"  # type: ignore[union-attr]
    assert arbre.find("h:participant/h:functionCode[@code='PCP']", NS) is not None
    with poste.ctx.store.lecture() as u:
        patient = u.patients.lire(patient_id)
    racine = settings.lire_reglages(poste.ctx).racine_oid
    charge = charge_ins(patient_document(patient, str(patient_id), racine_patients(racine)))
    assert datamatrix_pdf(pdf) == [charge.encode()]
    assert erreurs_cda(shared, cda, qualifiee=True) == []
    preuve.fichier("courrier.xml", cda)
    preuve.fichier("courrier.pdf", pdf)
    (tmp_path / "courrier.pdf").write_bytes(pdf)  # the judge writes beside what it reads
    assert preflight(tmp_path) == {"courrier.pdf": ""}

    # It is in the history, and its sending waits in the queue.
    pilote.attendre(lambda: pilote.voit(fiche.titre), "l’historique")
    assert [o.document_id for o in outbox.lister_envois(poste.ctx)] == [fiche.id]
    pilote.capturer("historique")


@pytest.mark.exigence("DOC/va1.05", "MIN.RGPD.01")
def test_the_rgpd_text_of_the_settings_is_at_the_foot(connecte: "Poste",
                                                      preuve: "Preuve") -> None:
    """Change the text in the settings: the next PDF shows it at the bottom of its page."""
    poste, pilote = connecte, connecte.pilote
    fenetre = poste.application.fenetre
    fenetre.aller("reglages")
    pilote.attendre(lambda: pilote.bouton("Documents"), "les réglages")
    pilote.cliquer("Documents")
    vue_reglages = fenetre.page("reglages")
    zone = vue_reglages.documents.texte  # type: ignore[attr-defined]
    zone.clear()
    pilote.ecrire(zone, "Vos droits : écrivez au cabinet fictif, dpo@exemple.fr.")
    pilote.capturer("reglage-rgpd")
    pilote.cliquer("Enregistrer les réglages")
    pilote.attendre(lambda: not vue_reglages.modifie, "réglages enregistrés")  # type: ignore[attr-defined]
    vue = courriers(poste)
    patient_id = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
    pilote.cliquer("Document vierge")
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    pilote.ecrire(vue.texte, "Texte du courrier.")
    pilote.attendre(lambda: vue.pages.image(0) is not None, "l’aperçu")
    pilote.laisser(0.8)
    pilote.capturer("apercu-avec-mention")
    pilote.cliquer("Valider et retenir")
    pilote.attendre(lambda: vue.brouillon is None, "document validé")
    _, _, pdf = produit(poste, dernier(poste, patient_id))
    preuve.fichier("courrier.pdf", pdf)
    texte = texte_pdf(pdf)
    mention = texte.index("Vos droits")
    assert mention > texte.index("Validé électroniquement")
    assert "dpo@exemple.fr" in texte


@pytest.mark.exigence("MIN.COU.01")
def test_a_version_then_a_deletion(connecte: "Poste") -> None:
    """The next version replaces the former; a deletion keeps the trace and may be undone."""
    poste, pilote = connecte, connecte.pilote
    vue = courriers(poste)
    patient_id = patients.chercher(poste.ctx, "ADRUN ZOE")[0].id
    pilote.cliquer("Document vierge")
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    vue.feuille.titre.setText("Compte rendu du jour")
    pilote.ecrire(vue.texte, "Première version.")
    pilote.cliquer("Valider et envoyer")
    pilote.attendre(lambda: pilote.bouton("Actions sur « Compte rendu du jour »"), "historique")
    une = dernier(poste, patient_id)
    pilote.cliquer("Actions sur « Compte rendu du jour »")
    menu(poste, "Écrire la version suivante")
    pilote.attendre(lambda: vue.brouillon is not None, "la version suivante")
    assert pilote.voit("nouvelle version")
    vue.texte.moveCursor(vue.texte.textCursor().MoveOperation.End)
    pilote.ecrire(vue.texte, " Corrigée.")
    pilote.capturer("version-suivante")
    pilote.cliquer("Valider et envoyer")
    pilote.attendre(lambda: dernier(poste, patient_id).id != une.id, "version 2")
    deux = dernier(poste, patient_id)
    arbre, _, pdf = produit(poste, deux)
    assert deux.set_id == une.set_id and deux.version_number == 2
    assert arbre.find("h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id",
                      NS).get("root") == une.cda_id  # type: ignore[union-attr]
    assert "Première version. Corrigée." in texte_pdf(pdf)
    pilote.attendre(lambda: pilote.voit("version 2"), "historique")
    pilote.cliquer("Actions sur « Compte rendu du jour »")
    menu(poste, "Supprimer")
    pilote.attendre(lambda: poste.application.fenetre.texte_flottant.startswith(
        "Document supprimé"), "suppression")
    pilote.capturer("suppression")
    etats = {x.document_id: x.etat for x in documents.documents_du_patient(
        poste.ctx, patient_id).lignes}
    assert etats[deux.id] is EtatLigne.SUPPRIME
    poste.application.fenetre._flottante._defaire()
    pilote.attendre(lambda: dernier(poste, patient_id).etat is EtatDocument.VALIDE, "rétabli")


@pytest.mark.exigence("MIN.COU.01")
def test_the_practice_changes_its_templates(connecte: "Poste") -> None:
    """Copy a template, change it, use it; then give ours back."""
    poste, pilote = connecte, connecte.pilote
    vue = courriers(poste)
    pilote.cliquer("Modèles")
    boite = dialogue(poste, "DialogueModeles")
    pilote.attendre(lambda: boite.liste.count() > 5, "modèles")  # type: ignore[attr-defined]
    boite.liste.setCurrentRow(next(  # type: ignore[attr-defined]
        n for n in range(boite.liste.count())  # type: ignore[attr-defined]
        if boite.liste.item(n).text().startswith("Compte rendu de plaie")))  # type: ignore[attr-defined]
    pilote.capturer("modele")
    pilote.cliquer("Dupliquer")
    pilote.attendre(lambda: boite.nom.text().endswith("(copie)"), "copie")  # type: ignore[attr-defined]
    boite.nom.setText("Plaie de Mme Martin")  # type: ignore[attr-defined]
    boite.texte.selectAll()  # type: ignore[attr-defined]
    pilote.ecrire(boite.texte, "Plaie de [[Patient]] : [[constat]].")  # type: ignore[attr-defined]
    pilote.cliquer("Enregistrer le modèle")
    pilote.attendre(lambda: pilote.voit("Modèle enregistré."), "enregistré")
    pilote.capturer("modele-enregistre")
    pilote.cliquer("Fermer")
    pilote.cliquer("Plaie de Mme Martin")
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    assert vue.texte.toPlainText() == "Plaie de ZOE ADRUN : [[constat]]."
    brouillon = vue.brouillon
    assert brouillon is not None and depuis_texte(brouillon.texte).entete.type_cle == (
        "compte-rendu-plaie")


@pytest.mark.exigence("MIN.COU.01")
def test_spelling_by_keyboard(connecte: "Poste") -> None:
    """A misspelt word is underlined; F7, the Menu key and Entrée mend it; a word is taught."""
    poste, pilote = connecte, connecte.pilote
    vue = courriers(poste)
    pilote.cliquer("Document vierge")
    pilote.attendre(lambda: vue.brouillon is not None, "la lettre")
    pilote.ecrire(vue.texte, "Une infimière refait le pansement hydrocellulaire à Mazoires. ")
    souligneur = vue.texte.souligneur
    pilote.attendre(lambda: souligneur.est_faute("infimière"), "le dictionnaire")
    assert not souligneur.est_faute("hydrocellulaire")
    pilote.capturer("faute-soulignee")
    QTest.keyClick(vue.texte, Qt.Key.Key_F7)
    assert vue.texte.textCursor().selectedText() == "infimière"
    boite = vue.texte.menu_contextuel()
    boite.popup(vue.texte.mapToGlobal(vue.texte.cursorRect().bottomRight()))
    pilote.attendre(lambda: boite.actions()[0].text() == "infirmière", "les propositions")
    pilote.capturer("propositions")
    QTest.keyClick(boite, Qt.Key.Key_Return)
    assert "Une infirmière refait" in vue.texte.toPlainText()
    pilote.attendre(lambda: souligneur.est_faute("Mazoires"), "mot inconnu")
    vue.texte.mot_ajoute.emit("Mazoires")
    pilote.attendre(lambda: souligneur._connus.get("Mazoires") is False, "mot appris")
