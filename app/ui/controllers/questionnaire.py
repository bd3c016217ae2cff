"""Security questionnaire: page, answers, export."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from app.domain.questionnaire import ETATS, Question, Reponse
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.questionnaire import VueQuestionnaire
from app.ui.workers import Workers
from app.usecases import questionnaire
from app.usecases.context import Contexte

PAGE = "questionnaire"


class QuestionnaireController(QObject):
    """Glue of the page « questionnaire »."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueQuestionnaire | None = None
        self._lues: dict[str, Reponse] = {}
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> VueQuestionnaire:
        """Build the page when it is first shown."""
        vue = VueQuestionnaire(list(ETATS.items()))
        self._vue = vue
        vue.retour_demande.connect(lambda: self._fenetre.aller("reglages"))
        vue.repondu.connect(self._repondre)
        vue.export_demande.connect(self._choisir_export)
        return vue

    def actualiser(self) -> None:
        """Read the answers again."""
        if self._vue is not None:
            self._workers.submit(questionnaire.lire_questionnaire, self._ctx,
                                 on_done=self._montrer, on_error=self._refuse,
                                 proprietaire=self._vue)

    def _montrer(self, questions: list[Question]) -> None:
        self._noter(questions)
        if self._vue is not None:
            self._vue.montrer(questions)

    def _noter(self, questions: list[Question]) -> None:
        self._lues = {q.texte: q.reponse for q in questions}

    def _repondre(self, question: str, etat: str, remarque: str) -> None:
        vue = self._vue
        assert vue is not None

        def fait(questions: list[Question]) -> None:
            self._montrer(questions)
            vue.suivante(question)

        def refuse(erreur: Exception) -> None:
            vue.refuser(texte_erreur(erreur))
            # A colleague may have answered: once told, the next gesture replaces the answer.
            self._workers.submit(questionnaire.lire_questionnaire, self._ctx,
                                 on_done=self._noter, proprietaire=vue)

        self._workers.submit(questionnaire.repondre, self._ctx, question, etat, remarque,
                             self._lues.get(question), on_done=fait, on_error=refuse,
                             proprietaire=vue)

    def _choisir_export(self) -> None:
        chemin, _ = QFileDialog.getSaveFileName(self._fenetre, "Exporter le questionnaire",
                                                "questionnaire-securite.csv", "CSV (*.csv)")
        if chemin:
            self.exporter(Path(chemin))

    def exporter(self, chemin: Path) -> None:
        """Write the questionnaire, then say so."""
        self._workers.submit(
            questionnaire.exporter_questionnaire, self._ctx, chemin, proprietaire=self,
            on_done=lambda n: self._fenetre.ligne_flottante(
                f"{n} questions exportées dans {chemin.name}"), on_error=self._refuse)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
