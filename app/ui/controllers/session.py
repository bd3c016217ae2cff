"""Session with Pro Santé Connect, and the weather of the services."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.session import EtatService, EtatSession
from app.ui.controllers.carte_cps import CarteSession
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.navigateur import SANS_NAVIGATEUR, naviguer
from app.ui.fenetre import Fenetre
from app.ui.views.session import DUREE_CIBA_S, PanneauSession, VoletServices, VoletSession
from app.ui.workers import Tache, Workers
from app.usecases import cps, session
from app.usecases.context import Contexte

#: Milliseconds between two looks at the services' states.
PERIODE_METEO_MS = 3000
#: Milliseconds between two questions to the proxy about the session.
PERIODE_SUIVI_MS = 60_000


class SessionController(QObject):
    """Feeds the bar and its two popovers."""

    #: The session opened, closed or expired: (EtatSession).
    change = Signal(object)
    #: State of the services: (tuple of EtatService).
    services_changes = Signal(object)
    reglages_demandes = Signal()
    essai_demande = Signal()
    #: Logged out by hand.
    deconnecte = Signal()
    #: A URL to open in the browser, asked from a worker thread.
    _ouvrir_url = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 ouvrir_url: Callable[[str], None] | None = None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._ouvreur = ouvrir_url
        self._tache: Tache | None = None
        self._volet: VoletSession | None = None
        self._volet_services: VoletServices | None = None
        self.etat = EtatSession(possible=False)
        self._services: tuple[EtatService, ...] = ()
        self._ouvrir_url.connect(self._naviguer)
        fenetre.barre.session_demandee.connect(self.ouvrir)
        fenetre.barre.services_demandes.connect(self.ouvrir_services)
        self._minuteur = QTimer(self, interval=PERIODE_METEO_MS)
        self._minuteur.timeout.connect(self.actualiser)
        self._minuteur.start()
        self._rattachement: session.RattachementDemande | None = None
        self._carte = CarteSession(self, fenetre, workers, ctx, self.actualiser)
        self._carte.ouverte = self._carte_ouverte
        self._suivi = QTimer(self, interval=PERIODE_SUIVI_MS)
        self._suivi.timeout.connect(self._suivre)
        self._suivi.start()
        self.actualiser()

    # -- State ------------------------------------------------------------------------------

    def actualiser(self) -> None:
        """Read session and services again: memory only, hence on the thread of Qt."""
        self._noter(session.etat_session(self._ctx), session.meteo(self._ctx))

    def _noter(self, etat: EtatSession, services: tuple[EtatService, ...]) -> None:
        if services != self._services:
            self._services = services
            self.services_changes.emit(services)
            if self._volet_services is not None and not self._volet_services.isHidden():
                self._volet_services.montrer(services)
                self._volet_services.placer()
        self._fenetre.barre.set_services(services)
        self._fenetre.barre.set_session(etat)
        if etat != self.etat:
            self.etat = etat
            self.change.emit(etat)

    def _suivre(self) -> None:
        """The proxy renews by itself; now and then, see how long it goes on."""
        if self.etat.connecte and self._tache is None:
            self._workers.submit(session.actualiser_session, self._ctx, queue="psc",
                                 proprietaire=self, on_error=lambda _: self.actualiser(),
                                 on_done=lambda etat: self._noter(etat, self._services))

    # -- Popovers ---------------------------------------------------------------------------

    def ouvrir(self) -> None:
        """Open or close the session panel."""
        if self._volet is None:
            self._volet = VoletSession(self._fenetre.barre.session)
            self._brancher(self._volet.panneau)
            self._carte.brancher(self._volet.panneau)
            self._volet.panneau.reglages.connect(self._vers_reglages)
        if self._volet.isHidden() and self._tache is None and self._rattachement is None:
            if self.etat.a_choisir:
                self._volet.panneau.choisir_situation(self.etat.situations)
            else:
                self._volet.panneau.montrer(self.etat)
                self._carte.regarder()
        self._volet.basculer()

    def ouvrir_services(self) -> None:
        """Open or close the list of services."""
        if self._volet_services is None:
            self._volet_services = VoletServices(self._fenetre.barre.services)
            self._volet_services.essai.connect(self._essayer)
            self._volet_services.reglages.connect(self._vers_reglages)
        self._volet_services.montrer(self._services)
        self._volet_services.basculer()

    def _essayer(self) -> None:
        if self._volet_services is not None:
            self._volet_services.fermer()
        self.essai_demande.emit()

    def _vers_reglages(self) -> None:
        for volet in (self._volet, self._volet_services):
            if volet is not None:
                volet.fermer()
        self.reglages_demandes.emit()

    def _brancher(self, panneau: PanneauSession) -> None:
        panneau.navigateur.connect(self.connecter_navigateur)
        panneau.ciba.connect(self.connecter_ciba)
        panneau.annulation.connect(self.annuler)
        panneau.deconnexion.connect(self.deconnecter)
        panneau.rattachement.connect(self._rattacher)
        panneau.choisi.connect(self._situation_choisie)
        panneau.changer_situation.connect(
            lambda: panneau.choisir_situation(self.etat.situations))
        panneau.cgu.connect(self._conditions)

    def _panneau(self) -> PanneauSession | None:
        return self._volet.panneau if self._volet is not None else None

    # -- In and out -------------------------------------------------------------------------

    def connecter(self) -> None:
        """Open the panel on the login choices (remedy « Se connecter » of a message)."""
        if self._volet is None or self._volet.isHidden():
            self.ouvrir()

    def connecter_navigateur(self) -> None:
        """Log in by the browser; the panel says to go there."""
        if (panneau := self._panneau()) is not None:
            panneau.attendre_navigateur()
        self._lancer(session.connecter_navigateur, self._ouvrir_url.emit)

    def connecter_ciba(self, canal: str) -> None:
        """Log in by CIBA; the panel shows the two digits."""
        liaison = session.message_liaison()
        if (panneau := self._panneau()) is not None:
            panneau.attendre_ciba(canal, liaison, DUREE_CIBA_S)
        self._lancer(session.connecter_ciba, canal, liaison)

    def _lancer(self, fonction: Callable[..., EtatSession], *args: object) -> None:
        if self._tache is not None:
            self._tache.annuler()
        self._tache = self._workers.submit(
            fonction, self._ctx, *args, on_done=self._reussi, on_error=self._echoue, queue="psc",
            proprietaire=self)

    def _naviguer(self, url: str) -> None:
        if not naviguer(self._ouvreur, url):
            self.annuler()
            if (panneau := self._panneau()) is not None:
                panneau.montrer(self.etat, SANS_NAVIGATEUR)

    def annuler(self) -> None:
        """Give up the login under way."""
        if self._tache is not None:
            self._tache.annuler()
            self._tache = None
        if (panneau := self._panneau()) is not None:
            panneau.montrer(self.etat)

    def _reussi(self, etat: EtatSession) -> None:
        self._tache = None
        self._noter(etat, self._services)
        if etat.a_choisir:
            self._demander_situation()
            return
        if self._volet is not None:
            self._volet.fermer()
        self._fenetre.ligne_flottante(f"Connecté à Pro Santé Connect : {etat.nom}")
        self._fenetre.activateWindow()

    def _carte_ouverte(self) -> None:
        self.actualiser()
        if self.etat.a_choisir:
            self._demander_situation()
            return
        if self._volet is not None:
            self._volet.fermer()
        self._fenetre.ligne_flottante(f"Carte CPS ouverte\u00a0: {self.etat.carte}")

    def carte_retiree(self, ouverte: bool) -> None:
        """The card left: what it had opened is closed by now."""
        self.actualiser()
        if ouverte and not self.etat.connecte:
            self._fenetre.ligne_flottante(
                "Carte CPS retirée\u00a0: INSi et le DMP attendent votre connexion")

    def accueillir(self) -> None:
        """The file was just opened: what is left to ask of somebody already logged in."""
        self.actualiser()
        if self.etat.a_choisir:
            self._demander_situation()

    def _demander_situation(self) -> None:
        if self._volet is None or self._volet.isHidden():
            self.ouvrir()
        if (panneau := self._panneau()) is not None:
            panneau.choisir_situation(self.etat.situations)

    def _situation_choisie(self, rang: int) -> None:
        if rang >= len(self.etat.situations):
            return
        situation = self.etat.situations[rang]
        if self.etat.connecte:
            self._lancer(session.choisir_situation, situation)
        else:
            self._workers.submit(cps.choisir_situation_cps, self._ctx, situation,
                                 proprietaire=self, on_error=self._echoue,
                                 on_done=lambda _: self._carte_ouverte())

    def _rattacher(self, oui: bool) -> None:
        demande, self._rattachement = self._rattachement, None
        if demande is not None and oui:
            self._lancer(session.rattacher, demande)
            return
        if self._volet is not None:
            self._volet.fermer()
        self._workers.submit(session.refuser_rattachement, self._ctx, queue="psc",
                             proprietaire=self,
                             on_done=lambda etat: self._noter(etat, self._services))

    def _conditions(self) -> None:
        from app.ui.controllers.conditions import montrer_conditions

        montrer_conditions(self._fenetre, self._workers)

    def _echoue(self, erreur: Exception) -> None:
        self._tache = None
        if isinstance(erreur, session.RattachementDemande):
            self._rattachement = erreur
            if self._volet is None or self._volet.isHidden():
                self.ouvrir()
            profil, panneau = erreur.profil, self._panneau()
            if panneau is not None:
                panneau.confirmer_rattachement(
                    erreur.compte, f"{profil.prenom} {profil.nom} ({profil.subject_name_id})",
                    erreur.autres)
            return
        texte = texte_erreur(erreur)
        panneau = self._panneau()
        if panneau is not None and self._volet is not None and not self._volet.isHidden():
            panneau.montrer(self.etat, texte)
        else:
            self._fenetre.message("erreur", texte, "Se connecter", self.connecter)

    def deconnecter(self) -> None:
        """Log out here and at Pro Santé Connect."""
        if self._volet is not None:
            self._volet.fermer()
        self._workers.submit(session.deconnecter, self._ctx, queue="psc", proprietaire=self,
                             on_done=self._deconnecte)

    def _deconnecte(self, etat: EtatSession) -> None:
        self._noter(etat, self._services)
        self._fenetre.ligne_flottante("Déconnecté de Pro Santé Connect")
        self.deconnecte.emit()
