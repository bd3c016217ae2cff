"""Sampling at home: feeds the dialog, makes the attestation, says where its archive waits."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.documents.model import Destinataire
from app.domain import dates
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.prelevement import ChoixPrescription, DialoguePrelevement, SaisiePrelevement
from app.ui.workers import Workers
from app.usecases import prelevement, sorties
from app.usecases.context import Contexte
from app.usecases.prelevement import Attestation, DemandeAttestation, Echantillon, Preparation


def _enregistrer(ctx: Contexte, ordre_id: int, chemin: str) -> None:
    sorties.ecrire_fichier(Path(chemin), prelevement.remettre_archive(ctx, ordre_id))


class PrelevementController(QObject):
    """One sampling at a time.

    Signals:
        nouvel_ordre: the outbox has one more order, the file one more document.
        document: (document id) show it.
        remede: (code, patient id) « identite » or « preleveur ».
    """

    nouvel_ordre = Signal()
    document = Signal(int)
    remede = Signal(str, int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.dialogue: DialoguePrelevement | None = None

    def demander(self, patient_id: int) -> None:
        """Open the dialog for a patient."""
        if self.dialogue is None:
            self._workers.submit(prelevement.preparation, self._ctx, patient_id,
                                 on_done=self._ouvrir, proprietaire=self,
                                 on_error=self._echec)

    def _echec(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    def _ouvrir(self, p: Preparation) -> None:
        if self.dialogue is not None:
            return
        traits = p.patient.identite.traits
        dialogue = DialoguePrelevement(
            f"{traits.nom_naissance} {traits.premier_prenom}, "
            f"{dates.formater(traits.date_naissance)}", p.points,
            [ChoixPrescription(x.document_id, f"{x.titre}, {dates.formater(x.date)}",
                               x.structuree) for x in p.prescriptions],
            [(labo.structure, labo.messagerie) for labo in p.laboratoires], self._fenetre)
        dialogue.attestation_demandee.connect(
            lambda saisie: self._attester(dialogue, p.patient.id, saisie))
        dialogue.remede.connect(lambda code: self._remedier(code, p.patient.id))
        dialogue.finished.connect(self._ferme)
        self.dialogue = dialogue
        dialogue.open()

    def _ferme(self) -> None:
        self.dialogue = None

    def _remedier(self, code: str, patient_id: int) -> None:
        if self.dialogue is not None:
            self.dialogue.reject()
        self.remede.emit(code, patient_id)

    def _attester(self, dialogue: DialoguePrelevement, patient_id: int,
                  saisie: SaisiePrelevement) -> None:
        def faite(attestation: Attestation) -> None:
            self.nouvel_ordre.emit()
            if self.dialogue is dialogue:
                self._montrer(dialogue, saisie.laboratoire, attestation)
            else:
                self._fenetre.ligne_flottante("Attestation faite : son archive attend dans Envois")

        def echec(erreur: Exception) -> None:
            if self.dialogue is dialogue:
                dialogue.refuser(texte_erreur(erreur))
            else:
                montrer_erreur(self._fenetre, erreur)

        # Not tied to the dialog: an attestation that was asked is made and told.
        self._workers.submit(
            prelevement.attester, self._ctx, DemandeAttestation(
                patient_id, Destinataire(structure=saisie.laboratoire, messagerie=saisie.adresse),
                saisie.preleve_le, saisie.coches,
                tuple(Echantillon(nom, n) for nom, n in saisie.echantillons),
                document_prescription=saisie.prescription),
            queue="documents", on_done=faite, on_error=echec)

    def _montrer(self, dialogue: DialoguePrelevement, laboratoire: str, faite: Attestation) -> None:
        def voir() -> None:
            dialogue.accept()
            self.document.emit(faite.document.id)

        def envois() -> None:
            dialogue.accept()
            self._fenetre.aller("envois")

        dialogue.document_demande.connect(voir)
        dialogue.envois_demandes.connect(envois)
        dialogue.archive_demandee.connect(lambda: self._enregistrer(faite.ordre.id))
        dialogue.faite(laboratoire)

    def _enregistrer(self, ordre_id: int) -> None:
        chemin, _ = QFileDialog.getSaveFileName(self._fenetre, "Enregistrer l’archive",
                                                "IHE_XDM.ZIP", "Archives (*.zip *.ZIP)")
        if chemin:
            self._workers.submit(
                _enregistrer, self._ctx, ordre_id, chemin, proprietaire=self,
                on_done=lambda _: self._fenetre.ligne_flottante("Archive enregistrée"),
                on_error=self._non_enregistree)

    def _non_enregistree(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
