"""Chapter 1 INS: documents received with an INS, and the attestation of a sampling at home."""

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from app.documents.reader import lire
from app.domain.entrant import VerdictEntrant
from app.domain.identity import StatutIdentite
from app.domain.listes_identite import ListeIdentite
from app.domain.outbox import Destination, EtatOrdre
from app.ui.views.a_classer import PageAClasser
from app.ui.views.nouveau_patient import DialogueNouveauPatient
from app.ui.views.prelevement import DialoguePrelevement
from app.usecases import classement, listes_identite, outbox, patients, prelevement
from app.usecases.documents import documents_du_patient
from tests.scenarios.depots_outils import N1, archive, deposer, exemple
from tests.scenarios.ins_outils import (
    MATRICULE_ADRUN,
    attendre_statut,
    document_controle,
    id_de,
    identite,
    qualifiee,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

QUALIFIEE = StatutIdentite.QUALIFIEE


@pytest.mark.exigence("SENTINELLE.20",
                      titre="Document reçu avec une INS : patient reconnu, ou alerte")
def test_a_received_ins_finds_its_patient(connecte: "Poste", preuve: "Preuve",
                                          tmp_path: Path) -> None:
    """An IHE_XDM whose INS and traits are those of a file: preselected, one click files it. The
    same matricule with another trait: alert, nothing preselected, nothing filed."""
    poste, pilote = connecte, connecte.pilote
    patient_id = poste.dossier("PAT-TROIS")
    attendre_statut(poste, patient_id, StatutIdentite.RECUPEREE)
    document_controle(poste)
    attendre_statut(poste, patient_id, QUALIFIEE)
    avant = identite(poste, patient_id)
    poste.application.fenetre.aller("a_classer")
    pilote.attendre(lambda: pilote.voit("Rien à classer"), "vide")
    bon = archive(exemple(N1))
    mauvais = archive(exemple(N1).replace(b'<birthTime value="19790328"/>',
                                          b'<birthTime value="19790327"/>').replace(
        b"1.2.250.1.213.1.1.1.1", b"1.2.250.1.213.1.1.1.2"))
    preuve.fichier("recu-conforme.zip", bon)
    preuve.fichier("recu-trait-modifie.zip", mauvais)
    vue = poste.application.fenetre.page("a_classer")
    for nom, octets, verdict in (("trait-modifie", mauvais, VerdictEntrant.DIFFERENT),
                                 ("conforme", bon, VerdictEntrant.EXACT)):
        chemin = tmp_path / f"{nom}.zip"
        chemin.write_bytes(octets)
        deposer(poste.application.fenetre, [chemin])
        pilote.attendre(lambda: classement.nombre(poste.ctx) == 1, "arrivé")
        pilote.attendre(lambda: vue._detail is not None, "détail")  # type: ignore[attr-defined]
        (ligne,) = classement.lister(poste.ctx)
        assert ligne.entrant.verdict is verdict, ligne.entrant.motif
        pilote.laisser(0.3)
        pilote.capturer(f"recu-{nom}")
        if verdict is VerdictEntrant.DIFFERENT:
            assert ligne.propose is None or not classement.detailler(
                poste.ctx, ligne.entrant.id).propositions[0].sure
            classement.ecarter(poste.ctx, ligne.entrant.id, "Date de naissance différente")
            poste.application.fenetre.aller("tournee")
            poste.application.fenetre.aller("a_classer")
            pilote.attendre(lambda: pilote.voit("Rien à classer"), "écarté")
        else:
            assert ligne.propose is not None and ligne.propose.id == patient_id
            with poste.geste("Classer un document reconnu"):
                pilote.cliquer("Classer au dossier de PAT-TROIS DOMINIQUE")
            pilote.attendre(lambda: classement.nombre(poste.ctx) == 0, "classé")
    apres = identite(poste, patient_id)
    assert (apres.traits, apres.matricule_ins, apres.statut) == (
        avant.traits, avant.matricule_ins, QUALIFIEE)
    poste.dossier("PAT-TROIS")
    pilote.capturer("classe-au-dossier")


@pytest.mark.exigence("SENTINELLE.20",
                      titre="INS reçue que INSi ne confirme pas ; patient inconnu créé")
def test_a_received_ins_that_insi_denies(connecte: "Poste", preuve: "Preuve",
                                         tmp_path: Path) -> None:
    """INSi answers KO for the INS of a document: nothing is filed, nothing changes, the work list
    has it. Unknown patient: the creation is filled with the traits of the document, without its
    INS."""
    poste, pilote = connecte, connecte.pilote
    patient_id = patients.chercher(poste.ctx, "PAT-TROIS")[0].id
    avant = identite(poste, patient_id)
    assert not avant.matricule_ins
    fenetre = poste.application.fenetre
    fenetre.aller("a_classer")
    vue = fenetre.page("a_classer")
    assert isinstance(vue, PageAClasser)
    faux = exemple(N1).replace(b"279035121518989", b"279035121518890")
    chemin = tmp_path / "ins-inconnue.zip"
    chemin.write_bytes(archive(faux))
    preuve.fichier(chemin.name, chemin.read_bytes())
    deposer(fenetre, [chemin])
    pilote.attendre(lambda: pilote.voit("Classer au dossier"), "proposé")
    pilote.cliquer("Classer au dossier de PAT-TROIS DOMINIQUE")
    pilote.attendre(lambda: pilote.voit("INSi ne confirme pas"), "refus")
    pilote.laisser(0.4)
    pilote.capturer("ins-non-confirmee")
    assert classement.nombre(poste.ctx) == 1 and identite(poste, patient_id) == avant
    assert documents_du_patient(poste.ctx, patient_id).lignes == ()
    ko = listes_identite.page(poste.ctx, ListeIdentite.VERIFICATION_KO)
    assert [ligne.patient.id for ligne in ko.lignes] == [patient_id]
    (ligne,) = classement.lister(poste.ctx)
    classement.ecarter(poste.ctx, ligne.entrant.id, "INS refusée, expéditeur prévenu")
    fenetre.aller("tournee")
    fenetre.aller("a_classer")
    pilote.attendre(lambda: pilote.voit("Rien à classer"), "écarté")
    inconnu = re.sub(rb"PAT-TROIS", b"BERGERAC", exemple(N1)).replace(b"19790328", b"19610509")
    chemin = tmp_path / "inconnu.zip"
    chemin.write_bytes(archive(inconnu.replace(b"1.2.250.1.213.1.1.1.1",
                                               b"1.2.250.1.213.1.1.1.9")))
    deposer(fenetre, [chemin])
    pilote.attendre(lambda: classement.nombre(poste.ctx) == 1, "arrivé")
    pilote.attendre(lambda: vue.entrant_id and vue._detail is not None, "détail")
    pilote.cliquer("Nouveau patient")
    pilote.attendre(lambda: pilote.visibles(DialogueNouveauPatient), "création")
    dialogue = pilote.visibles(DialogueNouveauPatient)[0]
    pilote.attendre(lambda: dialogue.nom.text() == "BERGERAC", "rempli")
    assert dialogue.naissance.text() == "09/05/1961" and dialogue.prenom.text() == "DOMINIQUE"
    pilote.laisser(0.5)
    pilote.capturer("creation-remplie")
    pilote.cliquer("Créer le dossier")
    pilote.attendre(lambda: patients.chercher(poste.ctx, "BERGERAC"), "créé")
    cree = identite(poste, id_de(poste, "BERGERAC"))
    assert cree.traits.lieu_naissance == "51215" and not cree.matricule_ins
    pilote.attendre(lambda: fenetre.page_courante == "dossier", "dossier ouvert")
    fenetre.aller("a_classer")
    pilote.attendre(lambda: pilote.bouton("Classer au dossier de BERGERAC"), "proposé")
    pilote.laisser(0.3)
    pilote.capturer("inconnu-propose-apres-creation")


@pytest.mark.exigence("SC.INS.24", titre="Prélèvement à domicile : attestation d’identité")
def test_home_sampling(connecte: "Poste", preuve: "Preuve") -> None:
    """Refused for an identity that isn't qualified; then checklist, summary, attestation: CDA,
    PDF/A with the datamatrix and IHE_XDM, waiting in the outbox for the laboratory's address."""
    poste, pilote = connecte, connecte.pilote
    poste.panne("insi", "*", "code", "01")
    poste.dossier("CORSE")
    pilote.attendre(lambda: pilote.bouton("Prélèvement à domicile"), "geste offert")
    pilote.touche(Qt.Key.Key_F7)
    pilote.attendre(lambda: pilote.visibles(DialoguePrelevement), "dialogue")
    vue = pilote.visibles(DialoguePrelevement)[0]
    assert not vue.attester.isEnabled()
    assert pilote.voit("L’attestation demande une identité qualifiée")
    pilote.capturer("identite-non-qualifiee")
    pilote.touche(Qt.Key.Key_Escape)
    pilote.attendre(lambda: not pilote.visibles(DialoguePrelevement), "fermé")
    poste.reparer()
    adrun = qualifiee(poste, "ADRUN ZOE", MATRICULE_ADRUN)
    poste.dossier("ADRUN ZOE")
    attendre_statut(poste, adrun, QUALIFIEE)
    with poste.geste("Attester un prélèvement à domicile"):
        pilote.cliquer("Prélèvement à domicile")
        pilote.attendre(lambda: pilote.visibles(DialoguePrelevement), "dialogue")
        pilote.remplir("Laboratoire", "Laboratoire des Volcans")
        pilote.remplir("Adresse MSSanté du laboratoire", "labo@volcans.medical.mssante.fr")
        pilote.cliquer("Tout cocher")
        pilote.capturer("controles-et-resume")
        pilote.cliquer("Attester et préparer l’envoi")
    pilote.attendre(lambda: [o for o in outbox.lister_envois(poste.ctx)
                             if o.destination is Destination.MSSANTE], "ordre MSSanté")
    (ordre,) = [o for o in outbox.lister_envois(poste.ctx)
                if o.destination is Destination.MSSANTE]
    assert ordre.etat is EtatOrdre.RETENU
    pilote.laisser(0.4)
    pilote.capturer("attestation-faite")
    nom, octets = prelevement.archive_prete(poste.ctx, ordre.id)
    preuve.fichier(nom, octets)
    with poste.ctx.store.lecture() as u:
        fiche = u.documents.lire(ordre.document_id)
        cda, pdf = (u.documents.contenu(x) for x in (fiche.cda_sha256, fiche.pdf_sha256))
        garde = u.archives.lire(ordre.id)
    preuve.fichier("attestation.pdf", pdf)
    preuve.fichier("attestation.xml", cda)
    assert garde.adresse == "labo@volcans.medical.mssante.fr"
    (lu, *_) = lire(cda)
    assert lu.patient.matricule_ins == MATRICULE_ADRUN and b"899700000016" in cda
    with zipfile.ZipFile(io.BytesIO(octets)) as z:
        assert any(n.startswith("IHE_XDM/SUBSET01/") and n.endswith("METADATA.XML")
                   for n in z.namelist())
