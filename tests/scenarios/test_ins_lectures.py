"""Chapter 1 INS: families of the appli carte Vitale, home sampling, documents that arrive."""

import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.documents.reader import lire
from app.domain.entrant import VerdictEntrant
from app.domain.identity import ModeQualification, StatutIdentite
from app.domain.outbox import EtatOrdre
from app.ui.views.a_classer import PageAClasser
from app.ui.views.apcv import DialogueApcv
from app.ui.views.prelevement import DialoguePrelevement
from app.ui.views.rapprochement import DialogueRapprochement
from app.usecases import classement, outbox, patients, prelevement
from app.usecases.errors import Refus
from app.usecases.settings import lire_reglages
from tests.scenarios.ins_outils import (
    MATRICULE_ADRUN,
    attendre_statut,
    id_de,
    identite,
    qualifiee,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

QUALIFIEE = StatutIdentite.QUALIFIEE
LABO, ADRESSE = "Laboratoire des Fleurs", "labo@fleurs.mssante.fr"


def scanner_qr(poste: "Poste", scenario: str, utilisateur: str = "ADRUN") -> DialogueApcv:
    """F4, then the scanner types the patient's code in the field and ends with Enter."""
    pilote = poste.pilote
    pilote.touche(Qt.Key.Key_F4)
    pilote.attendre(lambda: pilote.visibles(DialogueApcv), "dialogue")
    dialogue = pilote.visibles(DialogueApcv)[0]
    qr = httpx.post(f"{poste.bac.controle}/controle/apcv/qr",
                    json={"scenario": scenario, "utilisateur": utilisateur}).json()["qr"]
    QTest.keyClicks(dialogue.code, qr)
    QTest.keyClick(dialogue.code, Qt.Key.Key_Return)
    return dialogue


@pytest.mark.exigence("SC.APCV.01", titre="Appli carte Vitale : contexte, bénéficiaires, refus")
def test_a_family_of_the_appli_carte_vitale(connecte: "Poste", preuve: "Preuve") -> None:
    """The user and two children: one is qualified in place, another opens by a key. The context is
    told, then closed. A refusal, an expired code, a code used twice: each says what to do."""
    poste, pilote = connecte, connecte.pilote
    dialogue = scanner_qr(poste, "enfants")
    pilote.attendre(lambda: len(dialogue.boutons) == 3, "trois bénéficiaires")
    pilote.attendre(lambda: pilote.voit("Lecture valable jusqu’à"), "fin du contexte")
    assert pilote.voit("Dossier trouvé, identité provisoire") and pilote.voit("Nouveau dossier")
    pilote.capturer("apcv-famille")
    contextes = f"{poste.bac.controle}/controle/apcv"
    assert len(httpx.get(contextes).json()["contextes"]) == 1
    pilote.cliquer("Qualifier sans ouvrir")
    adrun = id_de(poste, "ADRUN ZOE")
    pilote.attendre(lambda: identite(poste, adrun).statut is QUALIFIEE, "utilisateur qualifié")
    pilote.attendre(lambda: pilote.voit("Identité qualifiée"), "dit dans la liste")
    enfant = dialogue.boutons[1].text().split("  ")[0]
    pilote.touche(Qt.Key.Key_2)
    pilote.attendre(lambda: patients.chercher(poste.ctx, enfant), "enfant créé")
    attendre_statut(poste, id_de(poste, enfant), QUALIFIEE)
    assert identite(poste, id_de(poste, enfant)).mode_qualification is ModeQualification.APCV
    pilote.attendre(lambda: httpx.get(contextes).json()["contextes"] == [], "contexte fermé")
    pilote.capturer("apcv-enfant-qualifie")
    poste.assemblage.dossier.fermer()
    poste.application.fenetre.aller("tournee")
    for scenario, mot in (("refuse", "refusé"), ("expire", "expiré"), ("demo", "démonstration")):
        dialogue = scanner_qr(poste, scenario)
        pilote.attendre(lambda m=mot, d=dialogue: any(m in t for t in d.messages.textes), mot)
        pilote.capturer(f"apcv-{scenario}")
        assert dialogue.code.isVisible() and dialogue.code.text() == ""
        pilote.touche(Qt.Key.Key_Escape)
    traces = poste.traces("apcv.lecture")
    assert {t.resultat for t in traces} >= {"ok", "DECLINED", "QR_EXPIRED"}
    assert not any("APCV-SBX" in t.detail for t in traces)
    preuve.fichier("traces-apcv.txt", "\n".join(
        f"{t.horodatage} {t.quoi} {t.resultat} {t.detail}" for t in traces).encode())


@pytest.mark.exigence("SC.INS.24", titre="Prélèvement à domicile : contrôles, attestation, archive")
def test_home_sampling(connecte: "Poste", preuve: "Preuve") -> None:
    """An identity that isn't qualified is refused by the checklist. Qualified: CDA, PDF/A and
    IHE_XDM are made, and wait for the laboratory's MSSanté address."""
    poste, pilote = connecte, connecte.pilote
    corse = poste.dossier("CORSE")
    pilote.cliquer("Prélèvement à domicile")
    pilote.attendre(lambda: pilote.visibles(DialoguePrelevement), "contrôles")
    refusee = pilote.visibles(DialoguePrelevement)[0]
    assert not refusee.attester.isEnabled()
    pilote.attendre(lambda: pilote.voit("demande une identité qualifiée"), "pourquoi")
    pilote.capturer("prelevement-refuse")
    pilote.touche(Qt.Key.Key_Escape)
    assert not outbox.lister_envois(poste.ctx) and identite(poste, corse).statut is not QUALIFIEE
    adrun = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN)
    poste.dossier("ADRUN ZOE")
    with poste.ctx.store.ecriture() as u:  # the practice already wrote to this laboratory
        u.reglages.ecrire(prelevement.CLE_LABOS, [{"nom": LABO, "adresse": ADRESSE}])
    with poste.geste("Attester un prélèvement à domicile"):
        pilote.cliquer("Prélèvement à domicile")
        pilote.attendre(lambda: pilote.visibles(DialoguePrelevement), "contrôles")
        dialogue = pilote.visibles(DialoguePrelevement)[0]
        assert dialogue.adresse.text() == ADRESSE
        pilote.cliquer("Tout cocher")
        pilote.capturer("prelevement-pret")
        pilote.cliquer("Attester")
        pilote.attendre(lambda: pilote.voit("Attestation faite"), "attestation")
    pilote.capturer("prelevement-fait")
    (ordre,) = outbox.lister_envois(poste.ctx)
    assert (ordre.patient_id, ordre.etat) == (adrun, EtatOrdre.RETENU)
    nom, archive = prelevement.archive_prete(poste.ctx, ordre.id)
    (lu,) = lire(archive, nom)
    assert (lu.patient.matricule_ins, lu.auteur.identifiant) == (MATRICULE_ADRUN, "899700000016")
    assert lu.pdf is not None and lu.titre is not None and "prélèvement externe" in lu.titre
    assert lu.destinataires[0].telecoms == (f"mailto:{ADRESSE}",)
    assert zipfile.ZipFile(BytesIO(archive)).testzip() is None
    preuve.fichier("IHE_XDM.zip", archive)
    preuve.fichier("attestation.pdf", lu.pdf)
    pilote.cliquer("Voir dans Envois")
    pilote.attendre(lambda: pilote.voit("L’archive pour le laboratoire est prête"), "dans Envois")
    pilote.capturer("prelevement-envois")


def archive_recue(poste: "Poste", dossier: Path, numero: int, modifier: dict[str, str]) -> Path:
    """An IHE_XDM as a colleague would send it: another document id, traits altered or not."""
    patient_id = id_de(poste, "ADRUN ZOE")
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lister(patient_id)[0]
        cda = u.documents.contenu(fiche.cda_sha256).decode()
    cda = cda.replace(fiche.cda_id, f"{fiche.cda_id}.{numero}")
    cda = cda.replace(fiche.set_id, f"{fiche.set_id}.{numero}")
    for avant, apres in modifier.items():
        entete, patient, suite = re.split(r"(<(?:\w+:)?recordTarget.*?</(?:\w+:)?recordTarget>)",
                                          cda, maxsplit=1, flags=re.S)
        assert avant in patient, avant
        cda = entete + patient.replace(avant, apres) + suite
    chemin = dossier / f"recu-{numero}.zip"
    chemin.write_bytes(prelevement._archiver([cda.encode()], lire_reglages(poste.ctx)))
    return chemin


@pytest.mark.exigence("SENTINELLE.20", titre="Document reçu : rapproché sur l’INS et les traits")
def test_a_received_document_finds_its_patient(connecte: "Poste", preuve: "Preuve",
                                               tmp_path: Path) -> None:
    """An IHE_XDM with a qualified INS preselects the right patient; a trait altered, the matricule
    the same: no match by itself, an alert that names the trait; it isn't filed silently."""
    poste, pilote = connecte, connecte.pilote
    adrun = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN)
    with poste.ctx.store.ecriture() as u:
        u.reglages.ecrire(prelevement.CLE_LABOS, [{"nom": LABO, "adresse": ADRESSE}])
    poste.dossier("ADRUN ZOE")
    pilote.cliquer("Prélèvement à domicile")
    pilote.cliquer("Tout cocher")
    pilote.cliquer("Attester")
    pilote.attendre(lambda: pilote.voit("Attestation faite"), "un document à recevoir")
    juste = archive_recue(poste, tmp_path, 1, {})
    altere = archive_recue(poste, tmp_path, 2, {"19751231": "19751230"})
    preuve.fichier("recu-juste.zip", juste.read_bytes())
    preuve.fichier("recu-altere.zip", altere.read_bytes())
    pilote.touche(Qt.Key.Key_Escape)
    poste.application.fenetre.aller("a_classer")
    poste.assemblage.entrees.importation.importer([str(juste), str(altere)])
    pilote.attendre(lambda: len(classement.lister(poste.ctx)) == 2, "deux documents à classer")
    lignes = {x.entrant.verdict: x.entrant.id for x in classement.lister(poste.ctx)}
    assert set(lignes) == {VerdictEntrant.EXACT, VerdictEntrant.DIFFERENT}
    vue = poste.application.fenetre.page("a_classer")
    assert isinstance(vue, PageAClasser)

    def montrer(verdict: VerdictEntrant) -> None:
        vue.liste.aller([x.entrant.id for x in classement.lister(poste.ctx)].index(
            lignes[verdict]))

    pilote.attendre(lambda: vue.modele.rowCount() == 2, "la liste")
    montrer(VerdictEntrant.EXACT)
    pilote.attendre(lambda: pilote.voit("Matricule et traits identiques"), "patient présélectionné")
    pilote.capturer("recu-patient-preselectionne")
    detail = classement.detailler(poste.ctx, lignes[VerdictEntrant.EXACT])
    assert [p.patient.id for p in detail.propositions if p.sure] == [adrun]
    douteux = classement.detailler(poste.ctx, lignes[VerdictEntrant.DIFFERENT])
    assert not any(p.sure for p in douteux.propositions)
    with pytest.raises(Refus) as refus:
        classement.classer(poste.ctx, lignes[VerdictEntrant.DIFFERENT], adrun)
    assert refus.value.code == "IDENTITE-DIFFERENTE" and "date de naissance" in refus.value.message
    montrer(VerdictEntrant.DIFFERENT)
    pilote.attendre(lambda: pilote.voit("Différent : date de naissance"), "le trait qui diffère")
    pilote.capturer("recu-trait-altere")
    pilote.cliquer("Classer au dossier")
    pilote.attendre(lambda: pilote.visibles(DialogueRapprochement), "les deux identités")
    pilote.attendre(lambda: pilote.voit("30/12/1975") and pilote.voit("31/12/1975"), "côte à côte")
    pilote.capturer("recu-comparaison")
    pilote.touche(Qt.Key.Key_Return)  # a difference must be read: Entrée alone does nothing
    pilote.touche(Qt.Key.Key_Escape)
    pilote.laisser(0.3)
    assert len(classement.lister(poste.ctx)) == 2
