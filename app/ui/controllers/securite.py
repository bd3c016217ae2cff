"""Section « Sécurité »: lock times, one's own password and second factor, copies traced."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.mot_de_passe import Politique
from app.domain.roles import Droit
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.presse_papiers import presse_papiers
from app.ui.views.comptes_dialogues import DialogueMotDePasse
from app.ui.views.securite import DialogueCode, DialogueSecondFacteur, VueSecurite
from app.ui.workers import Workers
from app.usecases import mots_de_passe, robustesse, second_facteur, sorties, verrouillage
from app.usecases.context import Contexte
from app.usecases.garde import droits_de
from app.usecases.verrouillage import ReglagesVerrou


def _qr(ctx: Contexte) -> tuple[second_facteur.Enrolement, bytes]:
    enrolement = second_facteur.preparer_second_facteur(ctx)
    return enrolement, second_facteur.image_qr(ctx, enrolement)


def juge(politique: Politique, noms: tuple[str, ...]) -> Callable[[str], list[str]]:
    """What the practice says of a password while it is typed."""
    return lambda mot: mots_de_passe.fautes_de(mot, politique, noms)


class _Lu:
    """What the section shows, read by a worker."""

    def __init__(self, ctx: Contexte) -> None:
        self.reglages = verrouillage.lire_verrouillage(ctx)
        self.second = second_facteur.etat_second_facteur(ctx)
        self.modifiable = Droit.REGLAGES in droits_de(ctx)
        self.politique = mots_de_passe.politique(ctx)
        robustesse.preparer()


class SecuriteController(QObject):
    """Glue of the section, and of the copies that leave a trace."""

    #: Lock settings: (ReglagesVerrou).
    change = Signal(object)
    questionnaire_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueSecurite | None = None
        self._lu: _Lu | None = None
        presse_papiers().copie.connect(self._copie)

    def demarrer(self) -> None:
        """Read the lock times of the practice."""
        self._workers.submit(verrouillage.lire_verrouillage, self._ctx, proprietaire=self,
                             on_done=self._appliquer)

    def _appliquer(self, reglages: ReglagesVerrou) -> None:
        presse_papiers().delai_s = reglages.presse_papiers_s
        self.change.emit(reglages)

    def _copie(self, objet: str) -> None:
        self._workers.submit(sorties.noter_sortie, self._ctx, sorties.Sortie.PRESSE_PAPIERS, objet)

    def brancher(self, vue: VueSecurite) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.enregistrer.connect(self._enregistrer)
        vue.mot_de_passe.connect(self._changer)
        vue.activer.connect(self._preparer)
        vue.desactiver.connect(self._desactiver)
        vue.questionnaire.connect(self.questionnaire_demande)
        self.actualiser()

    def actualiser(self) -> None:
        """Read again."""
        if self._vue is not None:
            self._workers.submit(_Lu, self._ctx, on_done=self._montrer, proprietaire=self._vue)

    def _montrer(self, lu: _Lu) -> None:
        self._lu = lu
        if self._vue is not None:
            self._vue.montrer_second_facteur(*lu.second)
            valeurs = asdict(lu.reglages)
            carte = bool(valeurs.pop("retrait_carte"))
            self._vue.montrer_reglages(valeurs, carte, modifiable=lu.modifiable)

    def _enregistrer(self, verrou: int, fin: int, carte: bool, presse: int) -> None:
        self._workers.submit(
            verrouillage.enregistrer_verrouillage, self._ctx,
            ReglagesVerrou(verrou, fin, carte, presse),
            None if self._lu is None else self._lu.reglages, proprietaire=self,
            on_done=self._enregistre, on_error=self._refuse)

    def _enregistre(self, reglages: ReglagesVerrou) -> None:
        self._appliquer(reglages)
        self._fenetre.ligne_flottante("Verrouillage enregistré")
        self.actualiser()

    def _refuse(self, erreur: Exception) -> None:
        if resoudre(erreur, self._fenetre, self._workers, fait=self._enregistre,
                    proprietaire=self):
            return
        montrer_erreur(self._fenetre, erreur)
        self.actualiser()

    # -- Password -------------------------------------------------------------------------------

    def _changer(self) -> None:
        if self._lu is None:
            return
        qui = self._ctx.professionnel
        dialogue = DialogueMotDePasse(juge(self._lu.politique, (qui.nom, qui.prenom)),
                                      self._fenetre)

        def changer(ancien: str, nouveau: str) -> None:
            self._workers.submit(
                mots_de_passe.changer_mot_de_passe, self._ctx, nouveau, ancien=ancien,
                proprietaire=dialogue, on_done=fait,
                on_error=lambda e: dialogue.refuser(texte_erreur(e)))

        def fait(_: None) -> None:
            dialogue.accept()
            self._fenetre.ligne_flottante("Mot de passe changé")

        dialogue.valide.connect(changer)
        dialogue.open()

    # -- Second factor --------------------------------------------------------------------------

    def _preparer(self) -> None:
        self._workers.submit(_qr, self._ctx, proprietaire=self, on_done=self._enroler)

    def _enroler(self, prepare: tuple[second_facteur.Enrolement, bytes]) -> None:
        enrolement, image = prepare
        dialogue = DialogueSecondFacteur(image, enrolement.secret, self._fenetre)

        def essayer(code: str) -> None:
            self._workers.submit(
                second_facteur.activer_second_facteur, self._ctx, enrolement, code,
                proprietaire=dialogue, on_done=active,
                on_error=lambda e: dialogue.refuser(texte_erreur(e)))

        def active(codes: tuple[str, ...]) -> None:
            dialogue.montrer_codes(codes)
            self.actualiser()

        dialogue.code.connect(essayer)
        dialogue.open()

    def _desactiver(self) -> None:
        dialogue = DialogueCode(self._fenetre)

        def fait(_: Any) -> None:
            dialogue.accept()
            self._fenetre.ligne_flottante("Second facteur retiré")
            self.actualiser()

        dialogue.code.connect(lambda code: self._workers.submit(
            second_facteur.desactiver_second_facteur, self._ctx, code, proprietaire=dialogue,
            on_done=fait, on_error=lambda e: dialogue.refuser(texte_erreur(e))))
        dialogue.open()
