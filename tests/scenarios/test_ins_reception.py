"""Chapter 1 INS: documents received with an INS, and the attestation of a sampling at home."""

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from app.documents.reader import lire
from app.domain.entrant import VerdictEntrant
from app.domain.identity import StatutIdentite
from app.domain.outbox import Destination, EtatOrdre
from app.ui.views.prelevement import DialoguePrelevement
from app.usecases import classement, outbox, prelevement
from tests.scenarios.depots_outils import N1, archive, deposer, exemple
from tests.scenarios.ins_outils import (
    MATRICULE_ADRUN,
    attendre_statut,
    document_controle,
    identite,
    qualifiee,
)

if TYPE_CHECKING:
    from tests.scenarios.conftest import Poste, Preuve

QUALIFIEE = StatutIdentite.QUALIFIEE


@pytest.mark.exigence("SENTINELLE.20",
                      titre="Document reçu avec une INS : patient reconnu, ou alerte")
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


@pytest.mark.exigence("SC.INS.24", titre="Prélèvement à domicile : attestation d’identité")
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
