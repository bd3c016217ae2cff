"""Card in: find or create the file, open it, qualify the identity; never interrupt typing."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.devices.events import EvenementLecteur
from app.domain import dates
from app.domain.identity import Beneficiaire
from app.ui.controllers.identite import IdentiteController
from app.ui.views.choix_beneficiaire import DialogueChoix
from app.ui.workers import Workers
from app.usecases import identify
from app.usecases.context import Contexte
from app.usecases.identify import Identification, ResultatInsi

#: State of the reader -> kind of message shown once; the others only change the bar.
_MESSAGES = {"illisible": "alerte"}


class ReceptionController(QObject):
    """Feeds on the events of the card reader.

    Args:
        ouvrir: opens a patient's file; called with its id before INSi answers.

    Signals:
        lecteur: (EvenementLecteur) for the bar.
        message: (genre, text, Remede) about the card.
    """

    lecteur = Signal(object)
    message = Signal(str, str, object)
    #: Internal: brings the event of the observer's thread to the thread of Qt.
    _recu = Signal(object)

    def __init__(self, fenetre: QWidget, workers: Workers, ctx: Contexte,
                 identite: IdentiteController, ouvrir: Callable[[int], None]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._identite, self._ouvrir = identite, ouvrir
        self._dialogue: DialogueChoix | None = None
        self._recu.connect(self.carte)

    def depuis_lecteur(self, evenement: EvenementLecteur) -> None:
        """Callback for the reader's own thread."""
        self._recu.emit(evenement)

    def carte(self, evenement: EvenementLecteur) -> None:
        """React to the reader (thread of Qt)."""
        self.lecteur.emit(evenement)
        if evenement.etat in _MESSAGES:
            self.message.emit(_MESSAGES[evenement.etat], evenement.message, "")
        if evenement.etat == "aucune_carte" and self._dialogue is not None:
            self._dialogue.reject()
        if evenement.etat != "carte_lue":
            return
        if len(evenement.beneficiaires) == 1:
            self._identifier(evenement.beneficiaires[0])
        elif evenement.beneficiaires:
            self._choisir(evenement.beneficiaires)

    def _choisir(self, beneficiaires: tuple[Beneficiaire, ...]) -> None:
        lignes = [(f"{b.nom} {b.prenom}", dates.formater(dates.depuis_carte(
            b.date_naissance_brute))) for b in beneficiaires]
        self._montrer(DialogueChoix("Qui est le patient ?",
                                    f"La carte porte {len(beneficiaires)} personnes.", lignes,
                                    self._fenetre),
                      lambda rang: self._identifier(beneficiaires[rang]))

    def _montrer(self, dialogue: DialogueChoix, choisi: Callable[[int], None]) -> None:
        if self._dialogue is not None:
            self._dialogue.reject()
        dialogue.choisi.connect(choisi)
        dialogue.finished.connect(self._ferme)
        self._dialogue = dialogue
        dialogue.open()

    def _ferme(self) -> None:
        if self.sender() is self._dialogue:
            self._dialogue = None

    def _identifier(self, beneficiaire: Beneficiaire) -> None:
        self._workers.submit(
            identify.identifier, self._ctx, beneficiaire,
            on_done=lambda trouve: self._trouve(beneficiaire, trouve),
            on_error=self._echec, proprietaire=self)

    def _trouve(self, beneficiaire: Beneficiaire, trouve: Identification) -> None:
        if trouve.patient_id is not None:
            self._ouvrir(trouve.patient_id)
            self._identite.qualifier(trouve.patient_id, beneficiaire, auto=True)
        elif trouve.candidats:
            lignes = [(f"{p.nom_naissance} {p.premier_prenom}", dates.formater(p.date_naissance))
                      for p in trouve.candidats]
            dialogue = DialogueChoix(
                "Plusieurs dossiers possibles", "Ces dossiers ressemblent à la personne de la "
                "carte. Lequel est le sien ?", lignes, self._fenetre,
                autre="Aucun : nouveau patient")
            dialogue.aucun.connect(lambda: self._creer(beneficiaire, trouve))
            self._montrer(dialogue, lambda rang: self._trouve(
                beneficiaire, Identification(trouve.candidats[rang].id)))
        else:
            self._creer(beneficiaire, trouve)

    def _creer(self, beneficiaire: Beneficiaire, trouve: Identification) -> None:
        self._workers.submit(
            identify.creer_depuis_carte, self._ctx, beneficiaire, queue="insi",
            on_done=lambda resultat: self._cree(resultat, trouve),
            on_error=lambda erreur: self._creer_a_la_main(
                getattr(erreur, "message", ""), trouve), proprietaire=self)

    def _cree(self, resultat: ResultatInsi, trouve: Identification) -> None:
        if resultat.patient is not None:
            self._ouvrir(resultat.patient.id)
        else:
            self._creer_a_la_main(resultat.message, trouve)

    def _creer_a_la_main(self, message: str, trouve: Identification) -> None:
        self._identite.nouveau_patient(trouve.proposition, message)

    def _echec(self, erreur: Exception) -> None:
        self.message.emit("erreur", getattr(erreur, "message", "La carte n’a pas pu être traitée. "
                                            "Retirez-la, puis remettez-la."), "")
