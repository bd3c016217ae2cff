"""First start: creates the practice, hands out the recovery key, links Pro Santé Connect."""

import random
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.domain.people import Structure
from app.ui.controllers import acces_taches as taches
from app.ui.controllers.erreurs_acces import texte_refus
from app.ui.controllers.feuille_cle import FeuilleCle
from app.ui.controllers.restauration import restaurer
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.etapes import EtapeCabinet, EtapeCle, EtapeCompte, EtapeMotDePasse, EtapePsc
from app.ui.views.premier_demarrage import PremierDemarrage
from app.ui.views.serveur import DialogueServeur
from app.ui.workers import Tache, Workers
from app.usecases import sorties
from app.usecases.access import CabinetCree, DemandeCabinet, juger_mot_de_passe
from app.usecases.serveur import Rejoint
from app.usecases.settings import MODULES_MSS, PROFILS


class PremierDemarrageController(QObject):
    """Drives the assistant."""

    #: The file is open: (Contexte).
    termine = Signal(object)
    #: A backup became the practice of this workstation: it waits for its password.
    restaure = Signal()
    #: This workstation works on a server now, where a practice waits for its password: (url).
    rejoint = Signal(str)
    #: The practice will be created on a server: (url).
    deplace = Signal(str)
    _ouvrir_url = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, emplacement: Path | str,
                 ouvrir_url: Callable[[str], None] | None = None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers = fenetre, workers
        self._emplacement, self._ouvreur = emplacement, ouvrir_url
        self._cree: CabinetCree | None = None
        self._tache: Tache | None = None
        self._cabinet, self._compte = EtapeCabinet(), EtapeCompte(PROFILS, MODULES_MSS)
        self._mot, self._cle, self._psc = EtapeMotDePasse(juger_mot_de_passe), EtapeCle(), \
            EtapePsc()
        self.vue = PremierDemarrage((self._cabinet, self._compte, self._mot, self._cle,
                                     self._psc))
        self.vue.suivant.connect(self._suivant)
        self.vue.plus_tard.connect(lambda _: self._finir())
        self.vue.restauration.connect(self._restaurer)
        self.vue.serveur.connect(self._rejoindre)
        FeuilleCle(self.vue, workers, self._cle, self._a_imprimer, self._refuse,
                   self._noter_sortie)
        self._psc.panneau.annulation.connect(self._annuler)
        self._ouvrir_url.connect(self._naviguer)

    def demarrer(self) -> None:
        """Show the first step."""
        self._fenetre.couvrir(self.vue)
        self.vue.aller(0)

    def _restaurer(self) -> None:
        restaurer(self.vue, self._workers, self._emplacement, lambda _: self.restaure.emit())

    def _rejoindre(self) -> None:
        dialogue = DialogueServeur(self.vue)
        dialogue.setProperty("sur_verrou", True)
        dialogue.demandee.connect(lambda *ou: self._workers.submit(
            taches.rejoindre_serveur, *ou, proprietaire=dialogue,
            on_done=lambda rejoint: self._sur_serveur(dialogue, rejoint),
            on_error=lambda erreur: dialogue.refuser(texte_refus(erreur))))
        dialogue.open()

    def _sur_serveur(self, dialogue: DialogueServeur, rejoint: Rejoint) -> None:
        """The practice of the server is opened; without one, the first start goes on there."""
        dialogue.finir()
        self._emplacement = rejoint.url
        if rejoint.cabinet:
            self.rejoint.emit(rejoint.url)
        else:
            self.deplace.emit(rejoint.url)
            self._fenetre.ligne_flottante("Serveur rejoint : le cabinet y sera créé")

    @property
    def cle_a_garder(self) -> bool:
        """True while closing would lose the recovery key for ever."""
        return self._cree is not None and self.vue.etape is self._cle

    def confirmer_fermeture(self, fermer: Callable[[], None]) -> None:
        """Ask before closing on the page of the key."""
        question = Confirmation(
            "Fermer sans avoir noté la clé de secours ?",
            "Elle ne sera plus jamais affichée. Sans elle, un mot de passe oublié ferme le "
            "dossier pour toujours.", "Fermer quand même", "Revenir à la clé", self._fenetre,
            danger=True)
        question.setProperty("sur_verrou", True)
        question.accepted.connect(fermer)
        question.open()

    def _suivant(self, rang: int) -> None:
        if self.vue.etape is self._mot:
            self._creer()
        elif self.vue.etape is self._psc:
            self._relier()
        else:
            if self.vue.etape is self._cle:
                self._cle.oublier()
                self.vue.interdire_retour()
            self.vue.avancer()
        del rang

    # -- Creating ---------------------------------------------------------------------------

    def _creer(self) -> None:
        self.vue.occuper(True)
        demande = DemandeCabinet(
            structure=self._cabinet.valeur(), professionnel=self._compte.valeur(),
            mot_de_passe=self._mot.valeur(), profils=self._compte.profils.profils(),
            module_mss=self._compte.profils.module())
        self._workers.submit(taches.creer, self._emplacement, demande, on_done=self._est_cree,
                             on_error=self._refuse, proprietaire=self)

    def _est_cree(self, cree: CabinetCree) -> None:
        self._cree = cree
        self._mot.oublier()
        groupes = len(cree.cle_secours.split("-"))
        self._cle.definir(cree.cle_secours, random.SystemRandom().randint(1, groupes))
        self.vue.interdire_retour()
        self.vue.avancer()

    def _refuse(self, erreur: Exception) -> None:
        self.vue.refuser(texte_refus(erreur))

    # -- Recovery key -----------------------------------------------------------------------

    def _a_imprimer(self) -> tuple[str, Structure] | None:
        cree = self._cree
        return None if cree is None else (cree.cle_secours, cree.contexte.structure)

    def _noter_sortie(self, sortie: sorties.Sortie) -> None:
        if self._cree is not None:
            self._workers.submit(sorties.noter_sortie, self._cree.contexte, sortie,
                                 "clé de secours")

    # -- Pro Santé Connect ------------------------------------------------------------------

    def _relier(self) -> None:
        assert self._cree is not None
        self.vue.occuper(True)
        self._workers.submit(taches.poser_services, self._cree.contexte,
                             self._psc.formulaire.valeur(), proprietaire=self,
                             on_done=lambda _: self._connecter(), on_error=self._refuse)

    def _connecter(self) -> None:
        assert self._cree is not None
        self._psc.attendre(True)
        self._tache = self._workers.submit(
            taches.connecter, self._cree.contexte, self._ouvrir_url.emit, queue="psc",
            proprietaire=self, on_done=lambda _: self._finir(), on_error=self._pas_connecte)

    def _pas_connecte(self, erreur: Exception) -> None:
        self._annuler()
        self.vue.refuser(texte_refus(erreur))

    def _annuler(self) -> None:
        if self._tache is not None:
            self._tache.annuler()
            self._tache = None
        self._psc.attendre(False)
        self.vue.occuper(False)

    def _naviguer(self, url: str) -> None:
        if self._ouvreur is not None:
            self._ouvreur(url)
        else:
            QDesktopServices.openUrl(QUrl(url))

    def _finir(self) -> None:
        assert self._cree is not None
        contexte, self._cree = self._cree.contexte, None
        self._cle.oublier()
        self.termine.emit(contexte)
