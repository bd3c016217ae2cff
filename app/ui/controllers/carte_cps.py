"""The professional's card: who is in the reader without PIN, and its PIN asked once."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.devices.cps import DernierEssai, Titulaire
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.session import DERNIER_ESSAI, PanneauSession
from app.ui.workers import Workers
from app.usecases import cps
from app.usecases.context import Contexte


def ouvrir_carte(fenetre: Fenetre, workers: Workers, ctx: Contexte, code: str,
                 ouverte: Callable[[Titulaire], None], refuse: Callable[[Exception], None],
                 demander: Callable[[Callable[[], None]], None] | None = None) -> None:
    """Give the PIN; the last try is made only if the user, told what it costs, wants it.

    Args:
        demander: asks, and calls what it is given when the user wants it; a dialogue by default.
    """
    def juger(erreur: Exception) -> None:
        if not isinstance(erreur, DernierEssai):
            refuse(erreur)
        elif demander is not None:
            demander(lambda: donner(dernier=True))
        else:
            question = Confirmation("Essayer ce code\u00a0?", DERNIER_ESSAI, "Essayer ce code",
                                    "Vérifier d’abord", fenetre, danger=True)
            question.accepted.connect(lambda: donner(dernier=True))
            question.rejected.connect(lambda: refuse(erreur))
            question.open()

    def donner(*, dernier: bool) -> None:
        workers.submit(cps.ouvrir_cps, ctx, code, dernier=dernier, queue="local", on_done=ouverte,
                       on_error=juger, proprietaire=fenetre)

    donner(dernier=False)


class CarteSession(QObject):
    """The card in the session panel: proposed when it is there, then asked for its PIN.

    Args:
        actualiser: shows the session as it is now.
    """

    def __init__(self, parent: QObject, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 actualiser: Callable[[], None]) -> None:
        super().__init__(parent)
        self._fenetre = fenetre
        self._workers, self._ctx, self._actualiser = workers, ctx, actualiser
        self._panneau: PanneauSession | None = None
        self._titulaire = ""
        #: Told once the card is open.
        self.ouverte: Callable[[], None] = lambda: None

    def brancher(self, panneau: PanneauSession) -> None:
        """Take a panel."""
        self._panneau = panneau
        panneau.carte.connect(lambda: panneau.demander_code(self._titulaire))
        panneau.code_carte.connect(self._ouvrir)
        panneau.fermer_carte.connect(self._fermer)

    def regarder(self) -> None:
        """Who is in the reader? Nothing is said when there is no card, or no library."""
        panneau = self._panneau
        if panneau is None:
            return

        def montrer(titulaire: Titulaire | None) -> None:
            if titulaire is None or panneau.etat != "deconnecte":
                return
            self._titulaire = f"{titulaire.prenom.title()} {titulaire.nom}"
            panneau.proposer_carte(
                self._titulaire,
                sienne=titulaire.identifiant == self._ctx.professionnel.identifiant)

        self._workers.submit(cps.qui_est_la, self._ctx, queue="local", on_done=montrer,
                             on_error=lambda _: None, proprietaire=panneau)

    def _ouvrir(self, code: str) -> None:
        def ouverte(_: Titulaire) -> None:
            self._actualiser()
            self.ouverte()

        def refuse(erreur: Exception) -> None:
            if self._panneau is not None:
                self._panneau.demander_code(self._titulaire, texte_erreur(erreur))

        def demander(essayer: Callable[[], None]) -> None:
            if self._panneau is not None:
                self._panneau.dernier_essai(self._titulaire, essayer)

        ouvrir_carte(self._fenetre, self._workers, self._ctx, code, ouverte, refuse, demander)

    def _fermer(self) -> None:
        self._workers.submit(cps.fermer_cps, self._ctx, queue="local", proprietaire=self,
                             on_done=lambda _: self._actualiser())
