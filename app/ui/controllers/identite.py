"""Identity gestures of the window: INSi, comparison, document checked, new patient."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.domain import dates
from app.domain.identity import Attribut, Beneficiaire, Identite, Traits
from app.domain.justificatifs import libelle_justificatif
from app.domain.patient import Patient
from app.domain.statuts import AVEC_INSI
from app.domain.verification import EtatVerification
from app.ui.views.confirmation import Confirmation
from app.ui.views.insi import DialogueInsi
from app.ui.views.nouveau_patient import DialogueNouveauPatient
from app.ui.workers import Tache, Workers
from app.usecases import identify, patients, verification
from app.usecases.context import Contexte
from app.usecases.identify import ResultatInsi
from app.usecases.verification import ResultatVerification

_EXPLICATIONS = {True: "Réponse 00 : une identité trouvée par la carte Vitale.",
                 False: "Réponse 00 : une identité trouvée par les traits."}


def saisie_en_cours() -> bool:
    """True while the user types in a field that holds unsaved text: dialogs then wait."""
    courant = QApplication.focusWidget()
    if isinstance(courant, QLineEdit):
        return courant.isModified() and bool(courant.text())
    if isinstance(courant, QTextEdit | QPlainTextEdit):
        return courant.document().isModified()
    return False


class IdentiteController(QObject):
    """Runs the use cases of identity and shows what needs an answer.

    Signals:
        change: (Patient) the identity changed; the open file refreshes.
        en_cours: (patient_id, bool) an INSi call runs for this patient.
        ouvrir: (patient_id) open this file.
        message: (genre, text, Remede, patient_id) something to say above the file.
        a_comparer: (ResultatInsi) a comparison waits for the end of a typing.
    """

    change = Signal(object)
    en_cours = Signal(int, bool)
    ouvrir = Signal(int)
    message = Signal(str, str, object, int)
    a_comparer = Signal(object)
    #: (text, function that undoes it).
    annulable = Signal(str, object)
    #: From the creation dialog: read an appli carte Vitale, or the image of a datamatrix.
    apcv_demandee = Signal()
    image_demandee = Signal()

    def __init__(self, fenetre: QWidget, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._appels: dict[int, Tache] = {}
        self._par_carte: dict[int, bool] = {}
        self._nouveau: DialogueNouveauPatient | None = None
        self._dialogue: DialogueInsi | None = None
        #: True when this workstation reads the appli carte Vitale.
        self.apcv_possible = False

    # -- INSi -------------------------------------------------------------------------------

    def qualifier(self, patient_id: int, beneficiaire: Beneficiaire | None = None, *,
                  auto: bool = False) -> None:
        """Call INSi; at most one call at a time and, by itself, one for each file and session.

        Args:
            auto: called by an event, not by the user: silent when nothing can be done.
        """
        if patient_id in self._appels:
            return
        if auto and beneficiaire is None:
            with self._ctx.memoire.verrou:
                if patient_id in self._ctx.memoire.insi_tentes:
                    return
                self._ctx.memoire.insi_tentes.add(patient_id)
        self.en_cours.emit(patient_id, True)
        self._par_carte[patient_id] = beneficiaire is not None and bool(beneficiaire.nir)
        self._appels[patient_id] = self._workers.submit(
            identify.qualifier_insi, self._ctx, patient_id, beneficiaire, queue="insi",
            on_done=lambda resultat: self._recu(patient_id, resultat, auto),
            on_error=lambda erreur: self._echec(patient_id, erreur), proprietaire=self)

    def a_l_ouverture(self, patient: Patient) -> None:
        """What an opened file asks by itself: the identity that is missing, or its confirmation
        when it is due (SC.INS.12, .13, .15)."""
        if patient.identite.statut in AVEC_INSI:
            self.verifier(patient.id)
        else:
            self.qualifier(patient.id, auto=True)

    def verifier(self, patient_id: int) -> None:
        """Make the verification that waits for this file, if one does; silent unless INSi no
        longer confirms the identity."""
        if patient_id in self._appels:
            return
        self._appels[patient_id] = self._workers.submit(
            verification.verifier_attendue, self._ctx, patient_id, queue="insi",
            on_done=lambda resultat: self._verifie(patient_id, resultat),
            on_error=lambda erreur: self._echec(patient_id, erreur), proprietaire=self)

    def _verifie(self, patient_id: int, resultat: ResultatVerification | None) -> None:
        self._appels.pop(patient_id, None)
        if resultat is None:
            return
        self.change.emit(resultat.patient)
        if resultat.etat is not EtatVerification.CONFIRMEE:
            self.message.emit("alerte", resultat.message, resultat.remede, patient_id)
        if resultat.insi is not None and resultat.insi.etat == "a_comparer":
            self._proposer(resultat.insi)

    def abandonner(self, patient_id: int) -> None:
        """Stop waiting for INSi."""
        tache = self._appels.pop(patient_id, None)
        if tache is not None:
            tache.annuler()
            self.en_cours.emit(patient_id, False)

    def _recu(self, patient_id: int, resultat: ResultatInsi, auto: bool) -> None:
        self._appels.pop(patient_id, None)
        self.en_cours.emit(patient_id, False)
        if resultat.etat == "impossible" and not resultat.code:
            # No call was made (nobody is connected…): the cause may still be asked for once.
            self._oublier_essai(patient_id)
        if resultat.etat == "applique" and resultat.patient is not None:
            self.change.emit(resultat.patient)
        elif resultat.etat == "a_comparer":
            self._proposer(resultat)
        elif resultat.message and not (auto and resultat.etat == "impossible"
                                       and not resultat.code):
            self.message.emit("alerte", resultat.message, resultat.remede, patient_id)

    def _proposer(self, resultat: ResultatInsi) -> None:
        """Compare now, or when the user has ended typing."""
        if saisie_en_cours() or self._dialogue is not None:
            self.a_comparer.emit(resultat)
        else:
            self.comparer(resultat)

    def _echec(self, patient_id: int, erreur: Exception) -> None:
        self._appels.pop(patient_id, None)
        self.en_cours.emit(patient_id, False)
        self._oublier_essai(patient_id)
        self._dire(erreur, patient_id)

    def _oublier_essai(self, patient_id: int) -> None:
        with self._ctx.memoire.verrou:
            self._ctx.memoire.insi_tentes.discard(patient_id)

    def _dire(self, erreur: Exception, patient_id: int = 0) -> None:
        texte = getattr(erreur, "message", "") or "L’action n’a pas abouti. Réessayez."
        self.message.emit("erreur", texte, getattr(erreur, "remede", ""), patient_id)

    def comparer(self, resultat: ResultatInsi) -> None:
        """Show the comparison: accept or refuse, one click."""
        patient, reponse = resultat.patient, resultat.reponse
        if patient is None or resultat.comparaison is None or reponse is None \
                or resultat.statut_propose is None or reponse.identite is None:
            return
        prenoms = reponse.identite.traits.prenoms.split()
        premier = patient.identite.traits.premier_prenom
        propose = prenoms[0] if prenoms and prenoms[0] != premier else ""
        dialogue = DialogueInsi(
            resultat.comparaison, patient.identite.statut, resultat.statut_propose,
            _EXPLICATIONS[self._par_carte.get(patient.id, False)], propose, self._fenetre)
        dialogue.accepte.connect(lambda prenom: self._ecrire(
            identify.accepter_insi, patient.id, reponse, prenom or None, patient.identite))
        dialogue.refuse.connect(lambda: self._workers.submit(
            identify.refuser_insi, self._ctx, patient.id, reponse))
        dialogue.douteuse.connect(lambda: self.marquer(patient.id, Attribut.DOUTEUSE, True))
        dialogue.finished.connect(self._dialogue_ferme)
        self._dialogue = dialogue
        dialogue.open()

    def _dialogue_ferme(self) -> None:
        self._dialogue = None

    # -- Writing ----------------------------------------------------------------------------

    def _ecrire(self, geste: object, patient_id: int, *args: object) -> None:
        assert callable(geste)
        self._workers.submit(geste, self._ctx, patient_id, *args, on_done=self.change.emit,
                             on_error=lambda erreur: self._dire(erreur, patient_id),
                             proprietaire=self)

    def proposer_document(self, patient: Patient, code: str, automatique: bool) -> None:
        """A document was chosen: it validates at once, or after a second gesture (va1.33)."""
        if automatique:
            self.controler_document(patient.id, code, patient.identite)
            return
        traits = patient.identite.traits
        question = Confirmation(
            "Valider cette identité ?",
            f"{libelle_justificatif(code)} : le document présenté porte-t-il les mêmes traits, "
            f"{traits.nom_naissance} {traits.premier_prenom}, "
            f"{dates.formater(traits.date_naissance)} ?", "Valider l’identité", "Annuler",
            self._fenetre)
        question.accepted.connect(
            lambda: self.controler_document(patient.id, code, patient.identite))
        question.open()

    def controler_document(self, patient_id: int, code: str,
                           vue: Identite | None = None) -> None:
        """The user checked a document; a call to INSi follows when it is missing."""
        def fait(patient: Patient) -> None:
            self.change.emit(patient)
            self.qualifier(patient.id, auto=True)

        self._workers.submit(identify.controler_document, self._ctx, patient_id, code, vue,
                             on_done=fait, proprietaire=self,
                             on_error=lambda erreur: self._dire(erreur, patient_id))

    def marquer(self, patient_id: int, attribut: Attribut, present: bool) -> None:
        """Set or remove homonyme, douteuse, fictive; what took the matricule away is undoable."""
        def fait(marquage: tuple[Identite, Patient]) -> None:
            avant, patient = marquage
            self.change.emit(patient)
            if avant.statut is not patient.identite.statut:
                self.annulable.emit(
                    f"Identité {attribut.value} : statut et matricule retirés",
                    lambda: self._annuler_marquage(patient, avant))

        self._workers.submit(identify.marquer_annulable, self._ctx, patient_id, attribut, present,
                             on_done=fait, proprietaire=self,
                             on_error=lambda erreur: self._dire(erreur, patient_id))

    def _annuler_marquage(self, patient: Patient, avant: Identite) -> None:
        self._workers.submit(identify.annuler_marquage, self._ctx, patient, avant,
                             on_done=self.change.emit, proprietaire=self,
                             on_error=lambda erreur: self._dire(erreur, patient.id))

    # -- New patient ------------------------------------------------------------------------

    def nouveau_patient(self, proposition: Traits | None = None, explication: str = "",
                        lieu: str = "") -> None:
        """Open the creation dialog, filled with what a card, a scan or a search gave.

        A dialog already open is filled with the proposition. `lieu`: « 63220 Mazoires ».
        """
        if self._nouveau is not None:
            if proposition is not None:
                self._nouveau.remplir(proposition, lieu)
                self._nouveau.expliquer(explication)
            self._nouveau.raise_()
            return
        dialogue = DialogueNouveauPatient(proposition, self._fenetre, explication, lieu)
        dialogue.proposer_sources(apcv=self.apcv_possible)
        dialogue.apcv_demandee.connect(self.fermer_nouveau)
        dialogue.apcv_demandee.connect(self.apcv_demandee)
        dialogue.image_demandee.connect(self.image_demandee)
        dialogue.lieu_cherche.connect(lambda texte, le: self._workers.submit(
            patients.chercher_lieux, self._ctx, texte, le, queue="recherche",
            on_done=dialogue.proposer_lieux, proprietaire=dialogue))
        dialogue.semblables_cherches.connect(lambda nom, prenom, naissance: self._workers.submit(
            patients.semblables, self._ctx, nom, prenom, naissance, queue="recherche",
            on_done=dialogue.montrer_semblables, proprietaire=dialogue))
        dialogue.cree.connect(lambda traits, force: self._creer(dialogue, traits, force))
        dialogue.ouvrir.connect(self.ouvrir.emit)
        dialogue.finished.connect(self._nouveau_ferme)
        self._nouveau = dialogue
        dialogue.open()

    def fermer_nouveau(self) -> None:
        """The person was found otherwise: nothing is created."""
        if self._nouveau is not None:
            self._nouveau.reject()

    def _nouveau_ferme(self) -> None:
        self._nouveau = None

    def _creer(self, dialogue: DialogueNouveauPatient, traits: Traits, force: bool) -> None:
        def fait(creation: patients.CreationPatient) -> None:
            if creation.patient is None:
                dialogue.montrer_semblables(creation.doublons)
                dialogue.montrer_refus("Un dossier semblable existe. Ouvrez-le, ou créez quand "
                                       "même si c’est une autre personne.")
                return
            dialogue.accept()
            self.ouvrir.emit(creation.patient.id)

        self._workers.submit(
            patients.creer_patient, self._ctx, traits, force=force, on_done=fait,
            on_error=lambda erreur: dialogue.montrer_refus(
                getattr(erreur, "message", "Le dossier n’est pas créé. Réessayez.")),
            proprietaire=dialogue)
