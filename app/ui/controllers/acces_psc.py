"""Pro Santé Connect on the access screens: opens the file, uncovers a locked window."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.ui.controllers import acces_taches as taches
from app.ui.controllers.navigateur import SANS_NAVIGATEUR, naviguer
from app.ui.views.verrou import Verrou
from app.ui.workers import Tache, Workers

if TYPE_CHECKING:
    from app.store.vault_psc import AccesPsc
    from app.usecases.context import Contexte
    from app.usecases.ouverture_psc import Identifie

PREMIERE_FOIS = ("Sur ce poste, Pro Santé Connect n’ouvre pas encore ce dossier. Ouvrez-le avec "
                 "votre mot de passe, puis connectez-vous : la prochaine fois, un clic suffira.")


class BoutonPsc(QObject):
    """Drives the button of one lock screen."""

    #: The file is open: (Contexte, Reglages).
    ouvert = Signal(object)
    #: The professional of the locked session is back.
    repris = Signal()
    refuse = Signal(object)
    _ouvrir_url = Signal(str)

    def __init__(self, verrou: Verrou, workers: Workers, emplacement: Path | str,
                 ouvrir_url: Callable[[str], None] | None,
                 ctx: "Contexte | None" = None) -> None:
        super().__init__(verrou)
        self._verrou, self._workers, self._emplacement = verrou, workers, emplacement
        self._ouvreur, self._ctx = ouvrir_url, ctx
        self._tache: Tache | None = None
        self._connus: tuple[AccesPsc, ...] = ()
        self._identifie: Identifie | None = None
        self._choix: tuple[AccesPsc, ...] = ()
        self._entree = False
        self._ouvrir_url.connect(self._naviguer)
        verrou.annulation.connect(self.annuler)
        verrou.compte_choisi.connect(self._choisi)
        if ctx is None:
            verrou.psc.connect(self.navigateur)
            verrou.psc_autre.connect(self.telephone)
            workers.submit(taches.acces_psc, emplacement, proprietaire=self,
                           on_done=self._connaitre)
        else:
            verrou.psc.connect(self._reprendre_telephone)
            verrou.psc_autre.connect(self._reprendre_navigateur)

    def _connaitre(self, connus: "tuple[AccesPsc, ...]") -> None:
        self._connus = connus
        if connus:
            self._verrou.proposer_psc()

    def _naviguer(self, url: str) -> None:
        if not naviguer(self._ouvreur, url):
            self.annuler()
            self._verrou.fin_psc(SANS_NAVIGATEUR)

    def _lancer(self, fonction: Callable[..., object], *args: object,
                on_done: Callable[..., None]) -> None:
        if self._tache is not None:
            self._tache.annuler()
        self._tache = self._workers.submit(fonction, *args, queue="psc", proprietaire=self,
                                           on_done=on_done, on_error=self._echec)

    # -- A closed file ----------------------------------------------------------------------

    def navigateur(self) -> None:
        """The button: the browser asks who is there."""
        if not self._connus:
            self._verrou.fin_psc(PREMIERE_FOIS, "info")
            return
        self._verrou.attendre_navigateur()
        self._lancer(taches.identifier_navigateur, self._emplacement, self._ouvrir_url.emit,
                     on_done=self._identifier)

    def telephone(self) -> None:
        """The link: the telephone must know whom to ask."""
        if len(self._connus) == 1:
            self._demander(self._connus[0])
            return
        self._identifie, self._choix = None, self._connus
        self._verrou.choisir_compte([a.nom for a in self._choix],
                                    "À qui demander la confirmation ?")

    def _demander(self, acces: "AccesPsc") -> None:
        from app.usecases.session import message_liaison

        liaison = message_liaison()
        self._verrou.attendre_psc("MOBILE", liaison)
        self._lancer(taches.identifier_telephone, self._emplacement, acces, liaison,
                     on_done=self._identifier)

    def _identifier(self, identifie: "Identifie") -> None:
        self._tache, self._identifie, self._choix = None, identifie, identifie.acces
        if len(identifie.acces) == 1:
            self._entrer(identifie.acces[0])
            return
        self._verrou.choisir_compte([a.nom for a in self._choix],
                                    "Plusieurs comptes sont rattachés à votre identité.")

    def _choisi(self, rang: int) -> None:
        if rang >= len(self._choix):
            return
        if self._identifie is None:
            self._demander(self._choix[rang])
        else:
            self._entrer(self._choix[rang])

    def _entrer(self, acces: "AccesPsc") -> None:
        identifie, self._identifie, self._entree = self._identifie, None, True
        self._lancer(taches.entrer, self._emplacement, identifie, acces,
                     on_done=self.ouvert.emit)

    # -- A locked window --------------------------------------------------------------------

    def _reprendre_telephone(self) -> None:
        """The phone must confirm: a browser that is still logged in isn't a proof."""
        from app.usecases.session import message_liaison

        liaison = message_liaison()
        self._verrou.attendre_psc("MOBILE", liaison)
        self._lancer(taches.verifier_par_psc, self._ctx, liaison,
                     on_done=lambda _: self.repris.emit())

    def _reprendre_navigateur(self) -> None:
        self._verrou.attendre_navigateur()
        self._lancer(taches.reprendre_navigateur, self._ctx, self._ouvrir_url.emit,
                     on_done=lambda _: self.repris.emit())

    # -- Ends -------------------------------------------------------------------------------

    def annuler(self) -> None:
        """Give up: nothing opens, and the session, if there is one, ends."""
        if self._entree:  # too late: the file is being opened
            return
        if self._tache is not None:
            self._tache.annuler()
            self._tache = None
        identifie, self._identifie = self._identifie, None
        if identifie is not None:
            self._workers.submit(taches.renoncer, identifie, queue="psc")
        self._verrou.fin_psc()

    def _echec(self, erreur: Exception) -> None:
        self._tache, self._entree = None, False
        self.refuse.emit(erreur)
