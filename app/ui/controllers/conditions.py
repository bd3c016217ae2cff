"""Terms of use and the notice on the DMP: when they are shown."""

from PySide6.QtCore import QObject

from app.domain.session import EtatSession
from app.ui.fenetre import Fenetre
from app.ui.views.conditions import ConditionsAffichees, DialogueAvis, DialogueConditions
from app.ui.workers import Workers
from app.usecases import conditions
from app.usecases.context import Contexte


def montrer_conditions(fenetre: Fenetre, workers: Workers, section: str = "") -> None:
    """Open the terms of use, over the lock screen too."""
    def montrer(lues: ConditionsAffichees) -> None:
        dialogue = DialogueConditions(lues, fenetre, section)
        dialogue.open()
        dialogue.aller_a_la_section()

    workers.submit(conditions.conditions, on_done=montrer, proprietaire=fenetre)


class Avis(QObject):
    """What a professional must have read: terms that changed, rules of the DMP."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._montre = self._connecte = False

    def a_l_ouverture(self) -> None:
        """Say that the terms changed."""
        self._workers.submit(conditions.conditions_changees, self._ctx, proprietaire=self,
                             on_done=self._changees)

    def _changees(self, changees: bool) -> None:
        if changees:
            self._fenetre.message(
                "info", "Les conditions d’utilisation ont changé avec cette version de Pléiade.",
                "Lire", lambda: montrer_conditions(self._fenetre, self._workers))

    def session_changee(self, etat: EtatSession) -> None:
        """A login opens the DMP: its rules are recalled when it is time (SC.DMP/CONF.21)."""
        pret = etat.authentifie and not etat.a_choisir
        vient, self._connecte = pret and not self._connecte, pret
        if vient and not self._montre:
            self._workers.submit(conditions.avis_du, self._ctx, proprietaire=self,
                                 on_done=self._du)

    def _du(self, du: bool) -> None:
        if not du or self._montre:
            return
        self._montre = True
        dialogue = DialogueAvis(self._fenetre)
        dialogue.accepted.connect(self._compris)
        dialogue.finished.connect(self._ferme)
        dialogue.open()

    def _ferme(self) -> None:
        self._montre = False

    def _compris(self) -> None:
        self._workers.submit(conditions.avis_compris, self._ctx, proprietaire=self)
