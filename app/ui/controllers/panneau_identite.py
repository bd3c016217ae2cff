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
from app.usecases.droits_identite import DroitsIdentite


def _ecrire(ctx: Contexte, patient: Patient, traits: Traits, numero: str) -> Patient:
    """Store what was changed: the billing number first, it can be refused."""
    ecrit = patient
    if numero != patient.numero_secu:
        ecrit = patients.enregistrer_numero_secu(ctx, patient.id, numero, patient.version)
    if traits == patient.identite.traits:
        return ecrit
    return patients.modifier_traits(ctx, patient.id, traits, ecrit.version,
                                    patient.identite.traits)


class PanneauIdentite(QObject):
    """Opens the panel over the window."""

    #: (Patient) its traits were corrected.
    corrige = Signal(object)
    #: (patient id) edit the locked traits.
    stricts_demandes = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.dialogue: DialogueIdentite | None = None

    def voir(self, patient: Patient, lieu: str, droits: DroitsIdentite) -> None:
        """Show a patient's identity. `lieu`: « 63220 Mazoires »; `droits`: the user's."""
        if self.dialogue is not None:
            return
        dialogue = DialogueIdentite(patient, lieu, self._fenetre, ins_visible=droits.ins,
                                    traits_stricts=droits.traits_stricts)
        dialogue.stricts_demandes.connect(dialogue.reject)
        dialogue.stricts_demandes.connect(lambda: self.stricts_demandes.emit(patient.id))
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

        self._workers.submit(_ecrire, self._ctx, patient, traits, dialogue.numero, on_done=fait,
                             on_error=echec, proprietaire=dialogue)
