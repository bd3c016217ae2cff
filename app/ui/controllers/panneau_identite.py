"""The Identité panel of the open file: show every trait, store corrections."""

from PySide6.QtCore import QObject, Signal

from app.domain.identity import Traits
from app.domain.patient import Patient
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.identite_complete import DialogueIdentite
from app.ui.workers import Workers
from app.usecases import patients
from app.usecases.context import Contexte


class PanneauIdentite(QObject):
    """Opens the panel over the window."""

    #: (Patient) its traits were corrected.
    corrige = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.dialogue: DialogueIdentite | None = None

    def voir(self, patient: Patient, lieu: str) -> None:
        """Show a patient's identity. `lieu`: « 63220 Mazoires »."""
        if self.dialogue is not None:
            return
        dialogue = DialogueIdentite(patient, lieu, self._fenetre)
        dialogue.lieu_cherche.connect(lambda texte, le: self._workers.submit(
            patients.chercher_lieux, self._ctx, texte, le, queue="recherche",
            on_done=dialogue.proposer_lieux, proprietaire=dialogue))
        dialogue.enregistre.connect(lambda traits: self._corriger(dialogue, patient, traits))
        dialogue.finished.connect(self._ferme)
        self.dialogue = dialogue
        dialogue.open()

    def _ferme(self) -> None:
        self.dialogue = None

    def _corriger(self, dialogue: DialogueIdentite, patient: Patient, traits: Traits) -> None:
        def fait(corrige: Patient) -> None:
            dialogue.accept()
            self.corrige.emit(corrige)

        def echec(erreur: Exception) -> None:
            if not resoudre(erreur, self._fenetre, self._workers, fait=fait, parent=dialogue,
                            proprietaire=dialogue,
                            sinon=lambda e: dialogue.montrer_refus(texte_erreur(e))):
                dialogue.montrer_refus(texte_erreur(erreur))

        self._workers.submit(patients.modifier_traits, self._ctx, patient.id, traits,
                             patient.version, patient.identite.traits, on_done=fait,
                             on_error=echec, proprietaire=dialogue)
