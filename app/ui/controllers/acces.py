"""Who gets in: unlocking, recovery key, lock while nobody is there.

The use cases are imported by the worker that opens the file, not before: the lock screen must be
on screen at once.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import __version__
from app.ui.controllers.acces_psc import BoutonPsc
from app.ui.controllers.acces_taches import (
    deverrouiller,
    deverrouiller_par_secours,
    deverrouiller_par_trousseau,
    juger,
    poste_ouvre,
    rejoindre_serveur,
    renouveler,
    serveur_connu,
    verifier,
)
from app.ui.controllers.erreurs_acces import texte_refus
from app.ui.controllers.restauration import restaurer
from app.ui.fenetre import Fenetre
from app.ui.views.serveur import DialogueServeur
from app.ui.views.verrou import Verrou
from app.ui.workers import Workers

if TYPE_CHECKING:
    from app.usecases.context import Contexte
    from app.usecases.serveur import Rejoint
    from app.usecases.settings import Reglages

#: Wrong passwords before a wait, and how long it lasts.
ESSAIS = 5
ATTENTE_S = 60
#: What another way to the server may mend.
A_RECONNECTER = ("BaseInjoignable", "ConnexionNonSure", "AccesServeurRefuse")
#: What the lock screen says of a closed practice.
FAIT_FICHIER = ("lock", "Le dossier est chiffré sur ce poste")
FAIT_SERVEUR = ("server", "Le dossier est sur le serveur du cabinet")
#: What only a backup mends.
A_RESTAURER = ("FichierAbime", "FichierIntrouvable", "CoffreAbime", "CleRefusee")


class Acces(QObject):
    """The lock screen and what it asks."""

    #: The file is open: (Contexte, Reglages).
    ouvert = Signal(object, object)
    #: The screen is uncovered after a lock; True when Pro Santé Connect opened it.
    repris = Signal(bool)
    a_propos_demande = Signal()
    conditions_demandees = Signal()
    #: Somebody else wants to work on this workstation: the session of the locked one ends.
    autre_compte = Signal()
    #: The server of the practice is joined otherwise from now on: (url).
    deplace = Signal(str)

    def __init__(self, fenetre: Fenetre, workers: Workers, emplacement: Path | str,
                 ouvrir_url: Callable[[str], None] | None = None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers = fenetre, workers
        self._emplacement, self._ouvrir_url = emplacement, ouvrir_url
        self._verrou: Verrou | None = None
        self._psc: BoutonPsc | None = None
        self._rates = 0
        self._bloque_jusqu = 0.0
        self.par_secours = False
        self._deja_ouvert = False
        self.par_psc = False
        """The file was opened by Pro Santé Connect."""
        # What was typed at the steps of one opening; forgotten when it ends.
        self._mot, self._code, self._nouveau = "", "", ""
        self._ctx: Contexte | None = None

    @property
    def ecran(self) -> Verrou | None:
        """The lock screen, None when the window is open."""
        return self._verrou

    # -- First opening ----------------------------------------------------------------------

    def deplacer(self, emplacement: Path | str) -> None:
        """The practice lies elsewhere from now on (a server was joined)."""
        self._emplacement = emplacement

    def demander(self, mot_de_passe: str = "") -> None:
        """Show the lock screen on a closed file, the field filled for a demonstration."""
        self._ctx = None
        nom = self._emplacement.name if isinstance(self._emplacement, Path) \
            else "Dossier partagé du cabinet"
        verrou = Verrou(__version__, cabinet=nom, psc_possible=True,
                        faits=(FAIT_FICHIER if isinstance(self._emplacement, Path)
                               else FAIT_SERVEUR,))
        self._montrer(verrou)
        verrou.mot_de_passe.connect(self.ouvrir)
        verrou.cle_secours.connect(self.ouvrir_par_secours)
        verrou.poste.connect(self.ouvrir_par_poste)
        verrou.restauration.connect(lambda: self.restaurer())
        verrou.serveur.connect(self.rejoindre)
        verrou.code.connect(self._avec_code)
        verrou.nouveau.connect(self._avec_nouveau)
        verrou.preparer(mot_de_passe)
        self._psc = BoutonPsc(verrou, self._workers, self._emplacement, self._ouvrir_url)
        self._psc.ouvert.connect(self._ouvert_par_psc)
        self._psc.refuse.connect(self._psc_refuse)
        if not self._deja_ouvert:
            # At the start of the program only: a session that ended by itself, or was closed, opens
            # again by who proves to be there (IE.38, IE.58).
            self._workers.submit(poste_ouvre, self._emplacement, proprietaire=verrou,
                                 on_done=lambda oui: verrou.proposer_poste() if oui else None,
                                 on_error=lambda _: None)  # the password says what is wrong

    def rejoindre(self) -> None:
        """Say again how the server of the practice is joined (moved, renewed, another password)."""
        if self._verrou is None or self._ctx is not None:
            return
        dialogue = DialogueServeur(self._verrou)
        dialogue.setProperty("sur_verrou", True)
        if (connu := serveur_connu()) is not None:
            dialogue.remplir(*connu)

        def rejoint(trouve: "Rejoint") -> None:
            dialogue.finir()
            self.deplace.emit(trouve.url)
            self.demander()

        dialogue.demandee.connect(lambda *ou: self._workers.submit(
            rejoindre_serveur, *ou, exiger_cabinet=True, proprietaire=dialogue, on_done=rejoint,
            on_error=lambda erreur: dialogue.refuser(texte_refus(erreur))))
        dialogue.open()

    def restaurer(self, derniere: str = "") -> None:
        """Choose a backup over the closed practice, which is set aside."""
        if self._verrou is not None and self._ctx is None:
            restaurer(self._verrou, self._workers, self._emplacement, self._restauree,
                      mettre_de_cote=True, derniere=derniere)

    def _restauree(self, cote: str) -> None:
        """A backup is the practice now: ask for its password."""
        self.demander()
        if self._verrou is not None:
            self._verrou.informer(
                "Cabinet restauré. Ses comptes et ses mots de passe sont ceux du jour de la "
                "sauvegarde\u00a0: retirez de nouveau qui est parti depuis. " + (
                    f"L’ancien est gardé dans le dossier «\u00a0{cote}\u00a0»." if cote else
                    "Ouvrez-le avec votre mot de passe."))

    def ouvrir_par_poste(self) -> None:
        """Open the file by the key store of this workstation."""
        if self._deja_ouvert:
            return
        self.par_secours = False
        self._essayer(deverrouiller_par_trousseau, "")

    def ouvrir(self, mot_de_passe: str) -> None:
        """Open the file with a password."""
        self.par_secours = False
        self._mot, self._code, self._nouveau = mot_de_passe, "", ""
        self._essayer(deverrouiller, mot_de_passe)

    def _avec_code(self, code: str) -> None:
        """The second factor, after the password."""
        self._code = code
        if self._nouveau:
            self._essayer(renouveler, self._mot, self._nouveau, code)
        else:
            self._essayer(deverrouiller, self._mot, code)

    def _avec_nouveau(self, nouveau: str) -> None:
        """A password chosen in place of the expired or temporary one."""
        self._nouveau = nouveau
        self._essayer(renouveler, self._mot, nouveau, self._code)

    def ouvrir_par_secours(self, cle: str) -> None:
        """Open the file with the recovery key."""
        self.par_secours = True
        self._essayer(deverrouiller_par_secours, cle)

    def _essayer(self, fonction: Callable[..., object], *secrets: str) -> None:
        if self._doit_attendre():
            return
        self._workers.submit(fonction, self._emplacement, *secrets, on_done=self._ouvert,
                             on_error=self._refuse, proprietaire=self)

    def _ouvert_par_psc(self, resultat: "tuple[Contexte, Reglages]") -> None:
        self.par_secours, self.par_psc = False, True
        self._ouvert(resultat)

    def _ouvert(self, resultat: "tuple[Contexte, Reglages]") -> None:
        self._lacher_psc()
        self._rates = 0
        self._mot, self._code, self._nouveau = "", "", ""
        self._verrou = None
        self._deja_ouvert = True
        self.ouvert.emit(*resultat)

    def _lacher_psc(self) -> None:
        """What was asked of Pro Santé Connect is dropped: the screen goes away."""
        if self._psc is not None:
            self._psc.annuler()
            self._psc = None

    # -- Lock and return --------------------------------------------------------------------

    def verrouiller(self, ctx: "Contexte", *, nom: str, profession: str, cabinet: str, lieu: str,
                    faits: tuple[tuple[str, str], ...], psc_possible: bool) -> None:
        """Cover the window; the file stays open behind and the sendings go on."""
        self._ctx = ctx
        verrou = Verrou(__version__, nom=nom, profession=profession, cabinet=cabinet, lieu=lieu,
                        faits=faits, psc_possible=psc_possible, reprise=True)
        self._montrer(verrou)
        verrou.mot_de_passe.connect(self._reprendre)
        verrou.autre_compte.connect(self.autre_compte)
        verrou.preparer()
        if psc_possible:
            self._psc = BoutonPsc(verrou, self._workers, self._emplacement, self._ouvrir_url, ctx)
            self._psc.repris.connect(lambda: self._rouvrir(par_psc=True))
            self._psc.refuse.connect(self._psc_refuse)

    def _reprendre(self, mot_de_passe: str) -> None:
        if self._doit_attendre():
            return
        self._workers.submit(verifier, self._emplacement, mot_de_passe,
                             getattr(self._ctx, "compte_id", None),
                             on_done=lambda _: self._rouvrir(par_psc=False),
                             on_error=self._refuse, proprietaire=self)

    def _psc_refuse(self, erreur: Exception) -> None:
        if self._verrou is not None:
            self._verrou.fin_psc(texte_refus(erreur))

    def _rouvrir(self, *, par_psc: bool) -> None:
        self._lacher_psc()
        self._rates = 0
        self._verrou = None
        self._fenetre.decouvrir()
        self.repris.emit(par_psc)

    # -- Refusals ---------------------------------------------------------------------------

    def _montrer(self, verrou: Verrou) -> None:
        self._verrou = verrou
        verrou.a_propos.connect(self.a_propos_demande)
        verrou.conditions.connect(self.conditions_demandees)
        self._fenetre.couvrir(verrou)

    def _doit_attendre(self) -> bool:
        reste = round(self._bloque_jusqu - time.monotonic())
        if reste <= 0:
            return False
        if self._verrou is not None:
            self._verrou.refuser("Trop d’essais. Patientez avant de recommencer.", reste)
        return True

    def _refuse(self, erreur: Exception) -> None:
        if self._verrou is None:
            return
        texte = texte_refus(erreur)
        match getattr(erreur, "code", ""):
            case "CODE-DEMANDE":
                self._verrou.demander_code()
                return
            case "MDP-A-CHANGER" | "MDP-EXPIRE" if not self._nouveau:
                self._verrou.demander_nouveau(texte, juger)
                return
        attente = int(getattr(erreur, "attente_s", 0))
        if attente:  # counted beside the vault: it outlives this window
            self._rates, self._bloque_jusqu = 0, time.monotonic() + attente
            self._verrou.refuser(texte, attente)
            return
        if type(erreur).__name__ != "MotDePasseRefuse":
            self._nouveau = ""
            self._verrou.refuser(texte)
            if type(erreur).__name__ in A_RECONNECTER and self._ctx is None \
                    and not isinstance(self._emplacement, Path):
                self._verrou.proposer_serveur()
            if type(erreur).__name__ in A_RESTAURER and self._ctx is None:
                self._verrou.proposer_restauration()
            return
        self._rates += 1
        reste = ESSAIS - self._rates
        if reste > 0:
            essais = "essais" if reste > 1 else "essai"
            self._verrou.refuser(f"{texte} Il reste {reste} {essais} avant une attente d’une "
                                 "minute.")
            return
        self._rates = 0
        self._bloque_jusqu = time.monotonic() + ATTENTE_S
        self._verrou.refuser(f"{texte} Nouvel essai possible dans une minute.", ATTENTE_S)
