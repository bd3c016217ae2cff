"""Rarer gestures of the status badge: verify, transitory procedure, history, appli carte Vitale."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from app.domain.justificatifs import libelle_justificatif
from app.domain.patient import Patient
from app.ui.controllers.erreurs import remede_de, texte_erreur
from app.ui.views.bandeau import Bandeau
from app.ui.views.motif import DialogueMotif
from app.ui.workers import Workers
from app.usecases import gestes_identite, verification
from app.usecases.context import Contexte
from app.usecases.verification import ResultatVerification

if TYPE_CHECKING:
    from app.ui.controllers.etat_dossier import EtatDossier


class GestesBandeau(QObject):
    """For the file given by `definir`.

    Signals:
        change: (Patient) the identity was written.
        message: (genre, text, Remede, patient_id).
        historique: (patient_id). apcv: (patient_id).
    """

    change = Signal(object)
    message = Signal(str, str, object, int)
    historique = Signal(int)
    apcv = Signal(int)
    #: (patient_id) edit the locked traits, with the right « traits stricts ».
    traits_stricts = Signal(int)

    def __init__(self, fenetre: QWidget, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._patient: Patient | None = None
        #: True when this workstation reads the appli carte Vitale.
        self.apcv_possible = False

    def brancher(self, bandeau: Bandeau) -> None:
        """Take charge of the banner, just built."""
        bandeau.verification_demandee.connect(self.verifier)
        bandeau.transitoire_demandee.connect(self.procedure_transitoire)
        bandeau.historique_demande.connect(lambda: self._emettre(self.historique))
        bandeau.apcv_demandee.connect(lambda: self._emettre(self.apcv))

    def definir(self, etat: "EtatDossier", bandeau: Bandeau) -> None:
        """The open file, what its practice shows and what its user may do."""
        self._patient = etat.patient
        bandeau.definir_justificatifs(tuple(
            (code, libelle_justificatif(code)) for code in etat.reglages.justificatifs))
        bandeau.definir_traits(etat.reglages.traits_bandeau)
        bandeau.definir_gestes(insi_permis=etat.droits.insi,
                               transitoire=etat.reglages.procedure_transitoire,
                               apcv=self.apcv_possible)

    def _emettre(self, signal: SignalInstance) -> None:
        if self._patient is not None:
            signal.emit(self._patient.id)

    def verifier(self) -> None:
        """Ask INSi to confirm the identity now; what comes is said, good news included."""
        if self._patient is None:
            return
        patient_id = self._patient.id

        def fait(resultat: ResultatVerification) -> None:
            self.change.emit(resultat.patient)
            genre = "succes" if resultat.etat == "confirmee" else "alerte"
            self.message.emit(genre, resultat.message, resultat.remede, patient_id)

        self._workers.submit(
            verification.verifier_identite, self._ctx, patient_id, queue="insi", on_done=fait,
            on_error=lambda erreur: self._dire(erreur, patient_id), proprietaire=self)

    def procedure_transitoire(self) -> None:
        """Qualify a récupérée identity of a known patient, with a reason (SENTINELLE.02)."""
        if self._patient is None:
            return
        patient_id, vue = self._patient.id, self._patient.identite
        traits = vue.traits
        question = DialogueMotif(
            "Qualifier par la procédure transitoire ?",
            f"{traits.nom_naissance} {traits.premier_prenom} est connu de l’équipe et récupéré "
            "auprès d’INSi. Cette qualification est comptée à part.", "Qualifier", self._fenetre)
        question.choisi.connect(lambda motif: self._workers.submit(
            gestes_identite.qualifier_procedure_transitoire, self._ctx, patient_id, motif, vue,
            on_done=self.change.emit, on_error=lambda erreur: self._dire(erreur, patient_id),
            proprietaire=self))
        question.open()

    def _dire(self, erreur: Exception, patient_id: int) -> None:
        self.message.emit("erreur", texte_erreur(erreur), remede_de(erreur), patient_id)
