"""Backups: the scheduler of the open file, its reminders, and the section of the settings."""

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.sauvegarde import EtatSauvegardes, ReglagesSauvegarde, Sauvegarde
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.sauvegardes import VueSauvegardes
from app.ui.workers import DelaiDepasse, Workers
from app.usecases import backup
from app.usecases.context import Contexte
from app.usecases.planificateur import Planificateur

#: A folder that doesn't answer is said after this long: to look at it, to copy a practice into it.
REGARD_S, PATIENCE_S = 10.0, 45.0
#: Who locks the file doesn't wait for a disk: the copy on its way ends by itself, or stays partial.
ARRET_S = 0.2
_MUET = ("Le dossier de sauvegarde ne répond pas (disque ou partage réseau absent\u00a0?). "
         "Continuez à travailler\u00a0: le dossier du cabinet n’en dépend pas. Rebranchez-le, ou "
         "choisissez-en un autre.")
_LENTE = ("La sauvegarde n’est pas finie\u00a0: le disque est lent, ou ne répond plus. Continuez à "
          "travailler\u00a0: rien n’est perdu, et les sauvegardes précédentes sont intactes. Si "
          "cela dure, choisissez un autre dossier et fermez Pléiade pour abandonner celle-ci.")


class _Lu:
    """What one look gives."""

    def __init__(self, ctx: Contexte) -> None:
        self.reglages: ReglagesSauvegarde = backup.lire_reglages_sauvegarde(ctx)
        self.etat: EtatSauvegardes = backup.etat_sauvegardes(ctx)
        self.presentes: list[Sauvegarde] = backup.sauvegardes(ctx)


class SauvegardesController(QObject):
    """Glue of the backups. `demarrer` and `arreter` follow the life of the file."""

    #: From the scheduler's thread: (EtatSauvegardes).
    _change = Signal(object)
    #: The user wants to see the section.
    section_demandee = Signal()
    #: The user goes back to a backup: the session ends first. (path of the last one, or empty)
    restauration_demandee = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueSauvegardes | None = None
        self._reglages: ReglagesSauvegarde | None = None
        self._planificateur = Planificateur(ctx, self._change.emit)
        self._change.connect(self._planifiee)
        self._patience = QTimer(self, singleShot=True)
        self._patience.timeout.connect(self._dire_lente)

    def demarrer(self) -> None:
        """Start the scheduler."""
        self._planificateur.demarrer()

    def arreter(self) -> None:
        """End the scheduler."""
        self._planificateur.arreter(ARRET_S)

    def brancher(self, vue: VueSauvegardes) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.demandee.connect(self._sauvegarder)
        vue.enregistrer.connect(self._enregistrer)
        vue.restauration.connect(self._confirmer_restauration)
        self._lire(formulaire=True)

    def _lire(self, *, formulaire: bool = False) -> None:
        vue = self._vue
        if vue is None:
            return

        def montrer(lu: _Lu) -> None:
            vue.montrer_etat(lu.etat, lu.presentes)
            if formulaire:
                self._reglages = lu.reglages
                vue.montrer_reglages(lu.reglages)

        def muet(erreur: Exception) -> None:
            vue.dire("alerte", _MUET if isinstance(erreur, DelaiDepasse) else texte_erreur(erreur))
            if formulaire and self._reglages is None:  # another folder can be chosen all the same
                self._workers.submit(backup.lire_reglages_sauvegarde, self._ctx, proprietaire=vue,
                                     on_done=reglages)

        def reglages(lus: ReglagesSauvegarde) -> None:
            self._reglages = lus
            vue.montrer_reglages(lus)

        self._workers.submit(_Lu, self._ctx, on_done=montrer, on_error=muet, proprietaire=vue,
                             queue="disque", delai=REGARD_S)

    def _sauvegarder(self) -> None:
        self._workers.submit(backup.sauvegarder, self._ctx, proprietaire=self, queue="disque",
                             on_done=self._faite, on_error=self._ratee)
        self._patience.start(round(PATIENCE_S * 1000))

    def _dire_lente(self) -> None:
        if self._vue is not None:
            self._vue.dire("alerte", _LENTE)

    def _faite(self, faite: Sauvegarde) -> None:
        self._patience.stop()
        self._fenetre.ligne_flottante(f"Sauvegarde faite et relue dans {faite.chemin.parent}")
        self._lire()

    def _ratee(self, erreur: Exception) -> None:
        self._patience.stop()
        self._fenetre.message("erreur", f"Sauvegarde impossible. {texte_erreur(erreur)}")
        self._lire()

    def _confirmer_restauration(self) -> None:
        question = Confirmation(
            "Revenir à une sauvegarde\u00a0?",
            "La session se termine, puis vous choisissez la sauvegarde. Le cabinet redevient ce "
            "qu’il était ce jour-là\u00a0: ce qui a été fait depuis n’y sera plus. L’état "
            "d’aujourd’hui est gardé entier à côté, dans un dossier daté\u00a0; on peut y revenir "
            "de la même façon.", "Terminer la session et choisir…", "Annuler", self._fenetre,
            danger=True)
        question.accepted.connect(lambda: self._workers.submit(
            backup.annoncer_restauration, self._ctx, proprietaire=self, queue="disque",
            on_done=self.restauration_demandee.emit, on_error=self._refuse))
        question.open()

    def _enregistrer(self, reglages: ReglagesSauvegarde) -> None:
        self._workers.submit(backup.enregistrer_reglages_sauvegarde, self._ctx, reglages,
                             self._reglages, proprietaire=self, on_done=self._enregistre,
                             on_error=self._refuse, queue="disque", delai=REGARD_S)

    def _enregistre(self, _: ReglagesSauvegarde) -> None:
        self._fenetre.ligne_flottante("Réglages des sauvegardes enregistrés")
        self._planificateur.reveiller()
        self._lire(formulaire=True)

    def _refuse(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.bouton.setEnabled(True)
        if resoudre(erreur, self._fenetre, self._workers, fait=self._enregistre,
                    proprietaire=self):
            return
        if self._vue is not None:
            self._vue.dire("erreur", _MUET if isinstance(erreur, DelaiDepasse)
                           else texte_erreur(erreur))

    def _planifiee(self, etat: EtatSauvegardes) -> None:
        """The scheduler looked: a success is silent, what needs the user is said once."""
        self._lire()
        if etat.rappel or etat.echec:
            self._fenetre.message("alerte", etat.rappel or f"Sauvegarde impossible. {etat.echec}",
                                  "Voir les sauvegardes", self.section_demandee.emit)
