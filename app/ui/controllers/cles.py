"""Keys of the practice: the section of the settings and its dialogs."""

import random

from PySide6.QtCore import QObject

from app.domain.cles import EtatCles
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.feuille_cle import FeuilleCle
from app.ui.fenetre import Fenetre
from app.ui.views.cles import DialogueMotDePasse, DialogueSecours, VueCles
from app.ui.views.confirmation import Confirmation
from app.ui.workers import Workers
from app.usecases import cles, sorties
from app.usecases.context import Contexte

EN_COURS = ("Changement de la clé en cours. Les enregistrements attendent un instant ; n’éteignez "
            "pas le poste.")


class ClesController(QObject):
    """Glue of the keys."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueCles | None = None

    def brancher(self, vue: VueCles) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.changer_cle.connect(self._confirmer_cle)
        vue.changer_secours.connect(self._preparer_secours)
        vue.poste.connect(self._poste)
        self._lire()

    def _lire(self, message: str = "") -> None:
        vue = self._vue
        if vue is None:
            return

        def montrer(etat: EtatCles) -> None:
            vue.montrer(etat)
            if message:
                vue.dire("erreur", message)

        self._workers.submit(cles.etat_cles, self._ctx, proprietaire=vue, on_done=montrer)

    def _refuser(self, erreur: Exception) -> None:
        self._lire(texte_erreur(erreur))

    # -- Key of the file --------------------------------------------------------------------

    def _confirmer_cle(self) -> None:
        question = Confirmation(
            "Changer la clé du dossier ?",
            "Le cabinet est copié, rechiffré puis sauvegardé sous la clé neuve. Les mots de passe "
            "et la clé de secours restent les mêmes. Fermez d’abord Pléiade sur les autres "
            "fenêtres de ce poste.", "Changer la clé", "Ne rien changer", self._fenetre)
        question.accepted.connect(self._changer)
        question.open()

    def _changer(self) -> None:
        if self._vue is not None:
            self._vue.occuper(EN_COURS)
        self._workers.submit(cles.changer_cle, self._ctx, proprietaire=self,
                             on_done=self._changee, on_error=self._refuser)

    def _changee(self, faite: cles.CleChangee) -> None:
        self._fenetre.ligne_flottante("Clé du dossier changée")
        self._lire(f"La sauvegarde qui suit n’a pas pu être faite. {faite.echec}"
                   if faite.echec else "")

    # -- Recovery key -----------------------------------------------------------------------

    def _preparer_secours(self) -> None:
        self._workers.submit(cles.preparer_secours, self._ctx, proprietaire=self,
                             on_done=self._montrer_secours, on_error=self._refuser)

    def _montrer_secours(self, cle: str) -> None:
        dialogue = DialogueSecours(self._fenetre)
        dialogue.etape.definir(cle, random.SystemRandom().randint(1, len(cle.split("-"))))
        FeuilleCle(dialogue, self._workers, dialogue.etape,
                   lambda: (cle, self._ctx.structure),
                   lambda erreur: dialogue.refuser(texte_erreur(erreur)),
                   self._noter_sortie)
        dialogue.confirmee.connect(lambda: self._workers.submit(
            cles.poser_secours, self._ctx, cle, proprietaire=dialogue,
            on_done=lambda _: self._secours_pose(dialogue),
            on_error=lambda erreur: dialogue.refuser(texte_erreur(erreur))))
        dialogue.open()

    def _noter_sortie(self, sortie: sorties.Sortie) -> None:
        self._workers.submit(sorties.noter_sortie, self._ctx, sortie, "clé de secours")

    def _secours_pose(self, dialogue: DialogueSecours) -> None:
        dialogue.accept()
        self._fenetre.ligne_flottante("Clé de secours remplacée")
        self._lire()

    # -- This workstation -------------------------------------------------------------------

    def _poste(self, activer: bool) -> None:
        if not activer:
            self._workers.submit(cles.desactiver_trousseau, self._ctx, proprietaire=self,
                                 on_done=lambda _: self._lire(), on_error=self._refuser)
            return
        dialogue = DialogueMotDePasse(
            "Ouvrir sans mot de passe sur ce poste",
            "Qui ouvre la session de ce poste pourra ouvrir votre dossier. Le verrou de Pléiade, "
            "lui, demandera toujours le mot de passe.", "Ouvrir par ce poste", self._fenetre)
        dialogue.demande.connect(lambda mot: self._workers.submit(
            cles.activer_trousseau, self._ctx, mot, proprietaire=dialogue,
            on_done=lambda _: self._active(dialogue),
            on_error=lambda erreur: dialogue.refuser(texte_erreur(erreur))))
        dialogue.open()

    def _active(self, dialogue: DialogueMotDePasse) -> None:
        dialogue.accept()
        self._lire()
