"""Life of the window: start, open, lock, close."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app import __version__
from app.ui.controllers import acces_taches
from app.ui.controllers.acces import Acces
from app.ui.controllers.apparence import Apparence
from app.ui.controllers.inactivite import Inactivite
from app.ui.fenetre import Fenetre
from app.ui.presse_papiers import presse_papiers
from app.ui.workers import Workers

if TYPE_CHECKING:
    from app.devices.apcv import ApcvPort
    from app.devices.port import LecteurVitale
    from app.ui.controllers.assemblage import Assemblage
    from app.ui.controllers.gardien import Gardien
    from app.ui.controllers.premier_demarrage import PremierDemarrageController
    from app.usecases.context import Contexte
    from app.usecases.settings import Reglages

journal = logging.getLogger("pleiade.ui")

#: The trail is read again once the day's first gestures are done.
DELAI_JOURNAL_MS = 8000
#: Time without a key nor a move of the mouse before long pages are built in advance.
REPOS_MS = 4000
TAILLE_INITIALE = (1366, 768)


@dataclass(frozen=True, slots=True)
class OptionsFenetre:
    """What the command line asks of the window.

    Args:
        emplacement: path of the patient file, or PostgreSQL URL.
        demonstration: throw-away file: nothing is written in the user's own settings.
        mot_de_passe_demo: fills the password field.
        surcharge: settings of the services that outrank those of the file.
        lecteur: source of card events; PC/SC by default.
        apcv: component of the appli carte Vitale; none by default.
        ouvrir_url: opens a URL; the desktop's browser by default.
        visite: folder of the guided tour, when it runs.
    """

    emplacement: Path | str
    demonstration: bool = False
    mot_de_passe_demo: str | None = None
    surcharge: dict[str, Any] | None = None
    lecteur: "LecteurVitale | None" = None
    apcv: "ApcvPort | None" = None
    ouvrir_url: Callable[[str], None] | None = None
    visite: Path | None = None


class Application(QObject):
    """One window on one file.

    `demarrer()` shows it and returns; the caller runs the event loop. `ctx`, `assemblage` and
    `fenetre` are there for the guided tour and the scenarios.
    """

    #: The file is open and its first page is shown.
    pret = Signal()
    #: Closed for good: commits are done.
    fermee = Signal()
    #: Events of the card reader's own thread.
    _evenement = Signal(object)

    def __init__(self, options: OptionsFenetre, application: QApplication) -> None:
        super().__init__()
        self.options, self._application = options, application
        self.workers = Workers(self)
        self.ctx: Contexte | None = None
        self.assemblage: Assemblage | None = None
        self.gardien: Gardien | None = None
        self._premier: PremierDemarrageController | None = None
        self._lecteur: LecteurVitale | None = None
        self._lecteur_de: object | None = None
        """The session for which a reader is opened, None when there is none."""
        self._fermeture = self._cartes_suivies = False
        self.apparence = Apparence(application, self, gardee=not options.demonstration)
        presse_papiers()  # watches from the first screen: the recovery key is shown there
        self.inactivite = Inactivite(self)
        self._dresser()
        self.fenetre.resize(*TAILLE_INITIALE)
        self.inactivite.a_verrouiller.connect(self.verrouiller)
        self.inactivite.a_terminer.connect(self.terminer_session)

    def _dresser(self) -> None:
        """A window and its lock screen; another one for each session."""
        self.fenetre = Fenetre(__version__)
        self.fenetre.fermeture_demandee.connect(self.fermer)
        self.fenetre.verrou_demande.connect(self.verrouiller)
        self.acces = Acces(self.fenetre, self.workers, self.options.emplacement,
                           self.options.ouvrir_url)
        self.acces.ouvert.connect(self._ouvert)
        self.acces.repris.connect(self._repris)
        self.acces.a_propos_demande.connect(self._a_propos)
        self.acces.conditions_demandees.connect(self._conditions)
        self.acces.autre_compte.connect(lambda: self.terminer_session())
        self.acces.deplace.connect(self._deplacer)

    def _habiller(self, reglages: "Reglages") -> None:
        self.apparence.habiller(reglages.theme, reglages.taille_texte)

    # -- Start ------------------------------------------------------------------------------

    def demarrer(self) -> None:
        """Show the lock screen, or the first start when there is no file."""
        if self._accueillir():
            QTimer.singleShot(0, lambda: self.workers.submit(acces_taches.precharger))

    def _accueillir(self) -> bool:
        """The lock screen (True), or the first start where there is no practice."""
        if acces_taches.fichier_existe(self.options.emplacement):
            self.acces.demander(self.options.mot_de_passe_demo or "")
            self.fenetre.show()
            return True
        from app.ui.controllers.premier_demarrage import PremierDemarrageController

        self._premier = PremierDemarrageController(
            self.fenetre, self.workers, self.options.emplacement, self.options.ouvrir_url)
        self._premier.termine.connect(self._premier_termine)
        self._premier.restaure.connect(self._premier_restaure)
        self._premier.rejoint.connect(self._premier_rejoint)
        self._premier.deplace.connect(self._deplacer)
        self._premier.demarrer()
        self.fenetre.show()
        return False

    def _deplacer(self, url: str) -> None:
        """This workstation works on a server from now on."""
        self.options = replace(self.options, emplacement=url)
        self.acces.deplacer(url)

    def _premier_rejoint(self, url: str) -> None:
        self._premier = None
        self._deplacer(url)
        self.acces.demander()

    def _premier_restaure(self) -> None:
        """A backup is the practice now: ask for its password as on any other day."""
        self._premier = None
        self.acces.demander()

    def _premier_termine(self, ctx: "Contexte") -> None:
        from app.usecases import settings

        self.workers.submit(settings.lire_reglages, ctx, proprietaire=self,
                            on_done=lambda reglages: self._ouvert(ctx, reglages))

    def _ouvert(self, ctx: "Contexte", reglages: "Reglages") -> None:
        """The file is open: build the frame and show the day."""
        from app.ui.controllers.assemblage import Assemblage
        from app.ui.controllers.gardien import Gardien
        from app.ui.fluidite import menager
        from app.usecases.changements import Sujet

        self.ctx = ctx
        if self.options.surcharge:
            from app.usecases.settings import construire_services

            ctx.services = construire_services(replace(reglages, **self.options.surcharge))
        self._habiller(reglages)
        self.fenetre.construire()
        self.assemblage = Assemblage(
            self.fenetre, self.workers, ctx, ouvrir_url=self.options.ouvrir_url,
            verrouiller=self.verrouiller, quitter=self.fermer, apcv=self.options.apcv)
        self.assemblage.reglages.change.connect(self._habiller)
        self.assemblage.session.deconnecte.connect(self._deconnecte)
        self.assemblage.securite.change.connect(self.inactivite.regler)
        self.assemblage.serveur.deplace.connect(self._changer_emplacement)
        self._premier = None
        self.fenetre.decouvrir()
        self.fenetre.aller(self.assemblage.premiere_page())
        if self.acces.par_secours:
            self.fenetre.message("info", "Dossier ouvert avec la clé de secours. Remettez la "
                                 "feuille sous clé ; le mot de passe n’a pas changé.")
        self.inactivite.suivre(self.fenetre, self._application)
        self.gardien = Gardien(self.fenetre, self.workers, ctx)
        self.gardien.perdus.connect(self.terminer_session)
        self.assemblage.veille.brancher({Sujet.COMPTES}, lambda _: self._revoir_droits())
        QTimer.singleShot(0, self._ensuite)
        QTimer.singleShot(0, menager)
        self.pret.emit()

    def _ensuite(self) -> None:
        """What may wait for the first painting."""
        if self.assemblage is None or self._fermeture:
            return
        self.assemblage.session.accueillir()
        self.assemblage.avis.session_changee(self.assemblage.session.etat)
        self.assemblage.avis.a_l_ouverture()
        self.assemblage.expediteur.demarrer()
        self.assemblage.veille.demarrer()
        self.assemblage.centre.avertir()
        if not self.options.demonstration:
            self.assemblage.sauvegardes.demarrer()
        self.assemblage.sauvegardes.restauration_demandee.connect(self.restaurer)
        self.assemblage.entrees.demarrer()
        if not self._cartes_suivies:
            self._evenement.connect(self._carte)
            self._cartes_suivies = True
        self._lecteur_de = object()
        self.workers.submit(self._ouvrir_lecteur, self._lecteur_de, proprietaire=self)
        self.assemblage.securite.demarrer()
        QTimer.singleShot(1500, self.workers.prechauffer)
        QTimer.singleShot(REPOS_MS, self, self._au_repos)
        QTimer.singleShot(DELAI_JOURNAL_MS, self.assemblage.journal.verifier_a_l_ouverture)
        if self.ctx is not None:
            from app.usecases import patients

            # The first search of a process reads cold pages: the user must not wait for them.
            self.workers.submit(patients.chercher, self.ctx, "a", 1, queue="recherche")

    def _au_repos(self) -> None:
        """Build what is long to build while nobody types nor moves the mouse."""
        if self.assemblage is None or self._fermeture:
            return
        if self.inactivite.inactif_s() * 1000 < REPOS_MS:
            QTimer.singleShot(REPOS_MS, self, self._au_repos)
            return
        self.assemblage.entrees.a_classer.preparer()

    def _carte(self, evenement: object) -> None:
        """An event of the reader, for the session that is there."""
        if self.assemblage is not None:
            self.assemblage.carte(evenement)  # type: ignore[arg-type]
            self.inactivite.carte(evenement)  # type: ignore[arg-type]

    def _ouvrir_lecteur(self, session: object) -> None:
        """In a worker: PC/SC may be slow to answer, and the session may be over before it did."""
        lecteur = self.options.lecteur
        if lecteur is None:
            from app.devices.pcsc import MoniteurCartes

            lecteur = MoniteurCartes()
        if self._lecteur_de is not session:
            return
        self._lecteur = lecteur
        lecteur.demarrer(self._evenement.emit)
        if self._lecteur_de is not session:
            lecteur.arreter()  # it began after it was told to stop

    # -- Lock -------------------------------------------------------------------------------

    def verrouiller(self, raison: str = "") -> None:
        """Cover the window. The file stays open behind: sendings go on."""
        if self.ctx is None or self.assemblage is None or self.fenetre.verrouillee:
            return
        from app.domain.libelles import PROFESSIONS

        self.fenetre.a_garder.emit()
        presse_papiers().effacer()
        self.inactivite.verrouille = True
        ctx, etat = self.ctx, self.assemblage.session.etat
        heure = datetime.now().strftime("%H:%M")
        self.acces.verrouiller(
            ctx, nom=ctx.qui, profession=PROFESSIONS.get(ctx.professionnel.profession, ""),
            cabinet=ctx.structure.raison_sociale, lieu=ctx.structure.commune,
            faits=(("lock", f"Verrouillé à {heure} {raison}".strip()),
                   ("device-floppy", "Votre saisie en cours est gardée"),
                   ("send", "Les envois continuent en arrière-plan" if etat.authentifie
                    else "Les envois attendent votre connexion")),
            psc_possible=etat.possible)

    def _repris(self, par_psc: bool) -> None:
        self.inactivite.reprendre()
        self._revoir_droits()
        if self.assemblage is not None:
            self.assemblage.reprendre()
            if par_psc:
                self.assemblage.expediteur.reveiller()

    def _revoir_droits(self) -> None:
        if self.gardien is not None:
            self.gardien.verifier()

    def terminer_session(self, raison: str = "", *,
                         ensuite: Callable[[], None] | None = None) -> None:
        """End the session: drafts kept, Pro Santé Connect left, file closed; ask who comes next.

        :param raison: French sentence for the lock screen, when the user didn't ask for it.
        :param ensuite: called once the file is closed.
        """
        if self.ctx is None or self.assemblage is None or self._fermeture:
            return
        ctx, ancienne = self.ctx, self.fenetre
        ancienne.a_garder.emit()
        presse_papiers().effacer()
        self._arreter()
        if not self.workers.fermer():
            journal.error("une écriture n’a pas fini avant la fin de la session")
        self.ctx, self.assemblage = None, None
        self.workers = Workers(self)

        def close(erreur: Exception | None = None) -> None:
            if erreur is not None:
                journal.info("clôture\u00a0: %s", type(erreur).__name__)
            if ensuite is not None:
                ensuite()

        self.workers.submit(acces_taches.clore, ctx, queue="psc", on_done=lambda _: close(),
                            on_error=close)
        self._dresser()
        self.fenetre.setGeometry(ancienne.geometry())
        if acces_taches.fichier_existe(self.options.emplacement):
            self.acces.demander()
            if raison and self.acces.ecran is not None:
                self.acces.ecran.informer(raison)
        else:
            self._accueillir()  # gone back to a file, where there is no practice yet
        self.fenetre.setWindowState(ancienne.windowState())
        self.fenetre.show()
        self.fenetre.activateWindow()
        ancienne.fermer_pour_de_bon()
        ancienne.deleteLater()

    def _changer_emplacement(self, emplacement: Path | str) -> None:
        """The session ends; the next one is on another server, or on a file."""
        self.options = replace(self.options, emplacement=emplacement)
        self.terminer_session()

    def restaurer(self, derniere: str = "") -> None:
        """End the session, then go back to a backup; the present practice is set aside.

        :param derniere: path of the last backup.
        """
        self.terminer_session(ensuite=lambda: self.acces.restaurer(derniere))

    def _arreter(self) -> None:
        """Stop what lives while a file is open."""
        self.inactivite.arreter()
        if self.gardien is not None:
            self.gardien.arreter()
            self.gardien = None
        self._lecteur_de = None
        if self._lecteur is not None:
            self._lecteur.arreter()
            self._lecteur = None
        if self.assemblage is not None:
            self.assemblage.expediteur.arreter()
            self.assemblage.veille.arreter()
            self.assemblage.entrees.arreter()
            self.assemblage.sauvegardes.arreter()

    def _a_propos(self) -> None:
        from app.ui.views.a_propos import DialogueAPropos
        from app.usecases.about import a_propos

        dialogue = DialogueAPropos(self.fenetre)
        dialogue.setProperty("sur_verrou", True)
        self.workers.submit(a_propos, proprietaire=dialogue,
                            on_done=lambda a: dialogue.vue.montrer(a.version, a.references))
        dialogue.open()

    def _conditions(self) -> None:
        from app.ui.controllers.conditions import montrer_conditions

        montrer_conditions(self.fenetre, self.workers)

    def _deconnecte(self) -> None:
        """Logged out by hand: what Pro Santé Connect opened is covered again."""
        if self.acces.par_psc:
            self.verrouiller("après votre déconnexion")

    # -- Close ------------------------------------------------------------------------------

    def fermer(self) -> None:
        """Close: waits for commits, not for networks."""
        if self._fermeture:
            return
        if self._premier is not None and self._premier.cle_a_garder:
            self._premier.confirmer_fermeture(self._fermer)
            return
        self._fermer()

    def _fermer(self) -> None:
        self._fermeture = True
        self.fenetre.a_garder.emit()
        presse_papiers().effacer()
        self.fenetre.hide()
        self._arreter()
        if not self.workers.fermer():
            journal.error("une écriture n’a pas fini avant la fermeture")
        if self.ctx is not None:
            self.ctx.fermer()
        self.fenetre.fermer_pour_de_bon()
        self.fermee.emit()
        self._application.quit()
