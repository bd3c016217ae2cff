"""The Observations tab: store, correct, keep the draft."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from app.domain.patient import Observation
from app.store.errors import BaseInjoignable
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.observations import VueObservations
from app.ui.workers import Workers
from app.usecases import dossier, notes
from app.usecases.context import Contexte


class ObservationsController(QObject):
    """Glue of the tab, for the patient given by `definir`."""

    #: Notes of the patient changed: (tuple[Observation, ...]).
    change = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueObservations | None = None
        self._patient_id: int | None = None
        self._observations: tuple[Observation, ...] = ()
        self._brouillon = ""

    def brancher(self, vue: VueObservations) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        vue.ajout_demande.connect(self._ajouter)
        vue.correction_demandee.connect(self._corriger)
        vue.brouillon.connect(self._garder)
        vue.afficher(self._observations, self._ctx.compte_id, self._brouillon)

    def quitter(self) -> None:
        """The file is being left: the draft is kept now."""
        if self._vue is not None:
            self._vue.garder_maintenant()
        self._patient_id = None

    def definir(self, patient_id: int, observations: Sequence[Observation],
                brouillon: str) -> None:
        """Notes of the file just opened, and the draft found for it."""
        self._patient_id = patient_id
        self._observations, self._brouillon = tuple(observations), brouillon
        if self._vue is not None:
            self._vue.afficher(self._observations, self._ctx.compte_id, brouillon)

    @property
    def observations(self) -> tuple[Observation, ...]:
        """Notes of the open file, newest first."""
        return self._observations

    def _ajouter(self, texte: str) -> None:
        patient_id = self._patient_id
        if patient_id is None:
            return

        def fait(observation: Observation) -> None:
            self._garder("", patient_id)
            self._noter(patient_id, observation)

        self._workers.submit(dossier.ajouter_observation, self._ctx, patient_id, texte,
                             on_done=fait, on_error=self._echec, proprietaire=self)

    def _corriger(self, observation: Observation, texte: str) -> None:
        patient_id = observation.patient_id

        def fait(corrigee: Observation) -> None:
            self._noter(patient_id, corrigee)

        def echec(erreur: Exception) -> None:
            if self._vue is not None:
                self._vue.echec()
            if not resoudre(erreur, self._fenetre, self._workers, fait=fait, proprietaire=self):
                montrer_erreur(self._fenetre, erreur)

        self._workers.submit(dossier.modifier_observation, self._ctx, observation, texte,
                             on_done=fait, on_error=echec, proprietaire=self)

    def _noter(self, patient_id: int, observation: Observation) -> None:
        if patient_id != self._patient_id:
            return
        autres = tuple(o for o in self._observations if o.id != observation.id)
        connue = len(autres) < len(self._observations)
        self._observations = (tuple(observation if o.id == observation.id else o
                                    for o in self._observations) if connue
                              else (observation, *autres))
        if self._vue is not None:
            self._vue.enregistree(observation)
        self.change.emit(self._observations)

    def _garder(self, texte: str, patient_id: int | None = None) -> None:
        cible = patient_id if patient_id is not None else self._patient_id
        if cible is None:
            return

        def garde(_: object) -> None:
            if self._vue is not None and cible == self._patient_id and texte:
                self._vue.brouillon_garde(datetime.now().strftime("%H:%M"))

        def attend(erreur: Exception) -> None:
            if self._vue is not None and cible == self._patient_id:
                self._vue.brouillon_attend()
            if not isinstance(erreur, BaseInjoignable):  # said once, by the watch of the server
                montrer_erreur(self._fenetre, erreur)

        self._workers.submit(notes.garder_brouillon_note, self._ctx, cible, texte, on_done=garde,
                             on_error=attend, proprietaire=self)

    def _echec(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.echec()
        montrer_erreur(self._fenetre, erreur)
