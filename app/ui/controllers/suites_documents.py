"""News of the documents kept: a newer version, a deletion at the source (SC.CDA/DD.06).

Announced in the open file whatever its tab, above the content, without blocking; each announcement
carries what can be done.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.document import SuiviSource
from app.services.errors import ErreurService
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.messages import MessageEnLigne, PileMessages
from app.ui.workers import Workers
from app.usecases import suites_documents
from app.usecases.context import Contexte
from app.usecases.suites_documents import Nouvelle

#: Announcements shown together; the list marks every document.
_MAXIMUM = 3


class SuitesController(QObject):
    """Glue of the announcements, for the patient given by `suivre`."""

    #: The lines of the list have changed.
    change = Signal()
    #: `cle` of a line to show.
    voir = Signal(str)
    #: `cle` of a DMP line to integrate.
    integrer = Signal(str)
    #: (document id, reason) to take out of the file.
    supprimer = Signal(int, str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 messages: Callable[[], PileMessages | None]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx, self._messages = fenetre, workers, ctx, messages
        self._patient_id: int | None = None
        self._annonces: dict[int, MessageEnLigne] = {}

    def suivre(self, patient_id: int | None) -> None:
        """Another file: what is known of it already is announced at once."""
        self._annonces.clear()
        self._patient_id = patient_id
        if patient_id is not None:
            self._lire()

    def verifier(self) -> None:
        """The list of the DMP just came: ask what became of the other documents."""
        patient_id = self._patient_id
        if patient_id is None:
            return

        def fait(nouvelles: Sequence[Nouvelle]) -> None:
            if patient_id == self._patient_id:
                self._annoncer(nouvelles)
                if nouvelles:
                    self.change.emit()

        self._workers.submit(suites_documents.verifier_suites, self._ctx, patient_id, queue="dmp",
                             on_done=fait, on_error=self._rate, proprietaire=self)

    def _rate(self, erreur: Exception) -> None:
        """A service that didn't answer says so elsewhere already: what was known stays."""
        if not isinstance(erreur, ErreurService):
            montrer_erreur(self._fenetre, erreur)

    def _lire(self) -> None:
        patient_id = self._patient_id

        def fait(nouvelles: Sequence[Nouvelle]) -> None:
            if patient_id == self._patient_id:
                self._annoncer(nouvelles)

        self._workers.submit(suites_documents.nouvelles, self._ctx, patient_id, on_done=fait,
                             proprietaire=self)

    def relire(self) -> None:
        """The file has changed: announcements that no longer hold go away."""
        if self._annonces:
            self._lire()

    def _annoncer(self, nouvelles: Sequence[Nouvelle]) -> None:
        pile = self._messages()
        if pile is None:
            return
        presentes = {n.document_id for n in nouvelles}
        for document_id in [d for d in self._annonces if d not in presentes]:
            self._fermer(document_id)
        for nouvelle in nouvelles[:_MAXIMUM]:
            if nouvelle.document_id not in self._annonces:
                message = pile.ajouter(self._message(nouvelle))
                self._annonces[nouvelle.document_id] = message
                message.ferme.connect(partial(self._annonces.pop, nouvelle.document_id, None))

    def _fermer(self, document_id: int) -> None:
        message = self._annonces.pop(document_id, None)
        if message is not None:
            message.fermer()

    def _message(self, n: Nouvelle) -> MessageEnLigne:
        garder = ("Garder", partial(self._garder, n))
        if n.etat is SuiviSource.SUPPRIME:
            return MessageEnLigne(
                "alerte", f"« {n.titre} » n’est plus dans le DMP. Il y a été supprimé, ou vous n’y "
                "avez plus accès ; le cabinet garde sa copie.",
                autres=(("Voir", lambda: self.voir.emit(f"local:{n.document_id}")),
                        ("Supprimer du dossier", partial(self._supprimer, n)), garder))
        if not n.remplacant:
            return MessageEnLigne(
                "info", f"Une version plus récente de « {n.titre} » existe dans le DMP. Vous n’y "
                "avez pas accès ; le cabinet garde la sienne.", autres=(garder,))
        cle = f"dmp:{n.remplacant}"
        return MessageEnLigne(
            "info", f"Une version plus récente de « {n.titre} » existe dans le DMP. L’intégrer "
            "garde l’ancienne.",
            autres=(("Voir", lambda: self.voir.emit(cle)),
                    ("Intégrer", lambda: self.integrer.emit(cle)), garder))

    def _garder(self, nouvelle: Nouvelle) -> None:
        def fait(_: object) -> None:
            self._fermer(nouvelle.document_id)
            self.change.emit()

        self._workers.submit(suites_documents.garder_tel_quel, self._ctx, nouvelle.document_id,
                             on_done=fait, proprietaire=self)

    def _supprimer(self, nouvelle: Nouvelle) -> None:
        self._fermer(nouvelle.document_id)
        self.supprimer.emit(nouvelle.document_id, "Supprimé à la source.")
