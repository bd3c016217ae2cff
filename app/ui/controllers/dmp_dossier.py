"""The DMP of the file on screen: the letters D, I, C, A, the bris de glace and Mon espace santé."""

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.dica import Dica, RemedeDica, pour_recueil
from app.domain.dmp import BandeauMes
from app.domain.document import ListeDocuments
from app.domain.equipes import Geste
from app.services.errors import Remede
from app.ui.controllers.dossier_courant import DossierCourant, apres
from app.ui.controllers.erreurs import LIBELLES, remede_de, texte_erreur
from app.ui.controllers.etat_dossier import (
    EtatDossier,
    avec_verification,
    seul_consentement_manque,
)
from app.ui.controllers.suivi_dmp import SuiviDmp
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import PageDossier
from app.ui.workers import Workers
from app.usecases import consentement, consult_dmp, equipes
from app.usecases.context import Contexte

_REMEDES = {
    RemedeDica.QUALIFIER_INS: Remede.QUALIFIER_INS, RemedeDica.SE_CONNECTER: Remede.SE_CONNECTER,
    RemedeDica.ETAT_SERVICES: Remede.ETAT_SERVICES, RemedeDica.REESSAYER: Remede.REESSAYER,
}


class DmpDossier(QObject):
    """Asks by `suivi`, shows in the page, carries out the gestures of the DICA list."""

    #: DICA or the documents changed: what sums them up is to be shown again.
    change = Signal()

    def __init__(self, courant: DossierCourant, fenetre: Fenetre, workers: Workers,
                 ctx: Contexte) -> None:
        super().__init__(courant)
        self._courant, self._fenetre = courant, fenetre
        self._workers, self._ctx = workers, ctx
        self._proposes: set[int] = set()
        self.suivi = SuiviDmp(workers, ctx, self)
        self.suivi.verifie.connect(self._verifie)
        self.suivi.verification_echouee.connect(self._verification_echouee)
        self.suivi.interrogation.connect(self._interrogation)
        self.suivi.recu.connect(self._recu)
        self.suivi.echec.connect(self._echec)
        courant.verification.connect(self.verifier)

    def brancher(self, page: PageDossier) -> None:
        """Take charge of the page, just built."""
        page.bris_de_glace_arrete.connect(
            lambda: self._courant.executer(apres(consult_dmp.arreter_bris_de_glace)))
        page.dica.remede.connect(self._remede)
        page.dica.consentement.connect(self._consentir)
        page.dica.bris_de_glace.connect(self._briser)
        page.mes.reessayer.connect(lambda: self.verifier(refaire=True))
        page.mes.annuler.connect(self.suivi.annuler)
        self.lire_pour()

    def lire_pour(self) -> None:
        """For whom the user may collect a consent now."""
        if self._courant.page is not None:
            self._workers.submit(equipes.personnes_pour, self._ctx, Geste.CONSENTEMENT,
                                 proprietaire=self, on_done=self._proposer_pour)

    def _proposer_pour(self, personnes: tuple[tuple[int, str], ...]) -> None:
        page, moi = self._courant.page, self._ctx.compte_id
        if page is None:
            return
        soignant = self._courant.permet("observations")
        autres = [compte for compte, _ in personnes if compte != moi]
        page.dica.pour.definir(personnes, moi, moi if soignant or not autres else autres[0])
        if not soignant:
            page.bandeau.dica.setVisible(bool(autres))

    def vu(self, dica: Dica) -> Dica:
        """What this account sees of the answer."""
        return dica if self._courant.permet("observations") else pour_recueil(dica)

    def quitter(self, ancien: int | None) -> None:
        """The file is being left: nothing more is waited for, its bris de glace ends."""
        self.suivi.suivre(None)
        if ancien is not None and self._ctx.memoire.bris_de_glace.get(ancien):
            self._workers.submit(consult_dmp.arreter_bris_de_glace, self._ctx, ancien)

    def proposer_consentement(self, etat: EtatDossier) -> None:
        """Open the DICA list once by patient, when consent alone is missing."""
        if (self._courant.permet("observations") and seul_consentement_manque(etat.dica)
                and etat.patient.id not in self._proposes):
            self._proposes.add(etat.patient.id)
            self.ouvrir_dica()

    def ouvrir_dica(self) -> None:
        """Show the DICA list, its button pressed."""
        if (page := self._courant.page) is not None:
            page.bandeau.dica.setChecked(True)
            page.dica.ouvrir()

    def fermer_dica(self) -> None:
        """Close the DICA list."""
        if self._courant.page is not None:
            self._courant.page.dica.fermer()

    # -- TD0.2 and TD3.1 ---------------------------------------------------------------------

    def verifier(self, *, refaire: bool = False) -> None:
        """Ask TD0.2 when it may be; the letter D says so meanwhile."""
        etat, page = self._courant.etat, self._courant.page
        if etat is not None and page is not None and self._courant.permet("observations"):
            page.definir_dica(avec_verification(etat.dica), etat.episode)
            self.suivi.verifier(refaire=refaire)

    def _verifie(self, dica: Dica) -> None:
        etat, page = self._courant.etat, self._courant.page
        if etat is None or page is None:
            return
        venait = not etat.dica.consultable and page.dica.isVisible()
        self._courant.etat = replace(etat, dica=dica)
        page.definir_dica(dica, etat.episode)
        self.change.emit()
        if dica.consultable and venait:
            self._fenetre.ligne_flottante("DMP consultable")

    def _verification_echouee(self, erreur: Exception) -> None:
        etat, page = self._courant.etat, self._courant.page
        if etat is not None and page is not None and self._courant.patient_id is not None:
            page.definir_dica(etat.dica, etat.episode)
            self._courant.dire(self._courant.patient_id, erreur)

    def _interrogation(self, en_cours: bool) -> None:
        etat, page = self._courant.etat, self._courant.page
        if page is None or etat is None:
            return
        if page.construit("documents"):
            page.documents.interrogation(en_cours)
        if en_cours:
            page.mes.interroger()
        else:
            page.mes.definir(etat.mes)

    def _recu(self, mes: BandeauMes, documents: ListeDocuments) -> None:
        etat, page = self._courant.etat, self._courant.page
        if etat is None or page is None:
            return
        self._courant.etat = replace(etat, mes=mes, documents=documents)
        page.mes.definir(mes)
        page.compter(documents)
        if page.construit("documents"):
            page.documents.afficher(documents)
        self.change.emit()

    def _echec(self, erreur: Exception, elargir: bool) -> None:
        """What was known stays; the bar and the list say why, with the remedy."""
        page = self._courant.page
        if page is None:
            return
        texte, remede = texte_erreur(erreur), remede_de(erreur)
        page.mes.echouer(texte)
        if page.construit("documents"):
            geste = partial(self._courant.remede.emit, remede)
            if remede is Remede.REESSAYER:
                geste = partial(self.suivi.interroger, elargir=elargir)
            page.documents.message("erreur", f"{texte} Les documents du cabinet restent là.",
                                   LIBELLES.get(remede, ""),
                                   geste if remede in LIBELLES else None)

    # -- gestures of the DICA list -----------------------------------------------------------

    def _remede(self, remede: RemedeDica) -> None:
        if (connu := _REMEDES.get(remede)) is not None:
            if connu is not Remede.REESSAYER:
                self.fermer_dica()
            self._courant.remede.emit(connu)

    def _consentir(self, consultation: bool | None, opposition: bool | None) -> None:
        etat, page = self._courant.etat, self._courant.page
        lues = etat.episode if etat is not None and etat.episode is not None \
            else consentement.SANS_REPONSE
        self._courant.executer(apres(consentement.noter_consentement), consultation, opposition,
                               lues, page.dica.pour.compte if page is not None else 0)

    def _briser(self, motif: str) -> None:
        self.fermer_dica()
        patient_id = self._courant.patient_id
        if patient_id is None:
            return

        def fait(etat: EtatDossier) -> None:
            if patient_id == self._courant.patient_id:
                self._courant.lu.emit(etat)
                if etat.dica.consultable:
                    self.suivi.interroger()

        self._workers.submit(apres(consult_dmp.commencer_bris_de_glace), self._ctx, patient_id,
                             motif, queue="dmp", on_done=fait, proprietaire=self,
                             on_error=lambda erreur: self._courant.dire(patient_id, erreur))
