"""The patient file: local facts at once, then identity, DICA and Mon espace santé by workers.

Leaving a file keeps its drafts and ends its bris de glace.
"""

from PySide6.QtCore import QObject, Signal

from app.domain.outbox import Ordre
from app.domain.patient import Contact
from app.domain.preparations import Preparation
from app.domain.roles import Droit
from app.domain.session import EtatSession
from app.services.errors import Remede
from app.ui.controllers.dmp_dossier import DmpDossier
from app.ui.controllers.dossier_courant import DossierCourant, apres
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.etat_dossier import EtatDossier, ouvrir, relire
from app.ui.controllers.export_dossier import ExportController
from app.ui.controllers.habilitations import habilitation_lue
from app.ui.controllers.identite import IdentiteController
from app.ui.controllers.identite_dossier import IdentiteDossier
from app.ui.controllers.navigation_dossier import NavigationDossier
from app.ui.controllers.onglets_dossier import OngletsDossier
from app.ui.controllers.prelevement import PrelevementController
from app.ui.controllers.suites_documents import SuitesController
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import PageDossier
from app.ui.workers import Workers
from app.usecases import patients
from app.usecases.context import Contexte


class DossierController(QObject):
    """Glue of the patient file. `ouvrir(patient_id)` from anywhere.

    Attributes:
        courant: the open file, shared by the parts.
        qui, dmp, onglets: its identity, its DMP, its tabs.
    """

    #: (patient id, name) a file was opened.
    ouvert = Signal(int, str)
    connexion_demandee = Signal()
    services_demandes = Signal()
    #: Section of the settings to open.
    reglages_demandes = Signal(str)
    #: (patient id) who opened this file?
    acces_demande = Signal(int)
    #: A document was validated, or an order cancelled: the outbox has changed.
    nouvel_ordre = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 identite: IdentiteController | None = None) -> None:
        super().__init__(fenetre)
        self._a_ouvrir: Preparation | None = None
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self.courant = DossierCourant(fenetre, workers, ctx)
        self.identite = identite or IdentiteController(fenetre, workers, ctx)
        self.qui = IdentiteDossier(self.courant, fenetre, workers, ctx, self.identite)
        self.dmp = DmpDossier(self.courant, fenetre, workers, ctx)
        self.onglets = OngletsDossier(self.courant, fenetre, workers, ctx)
        self.gestes = self.qui.gestes
        self.documents, self.vaccinations = self.onglets.documents, self.onglets.vaccinations
        self.prelevement = PrelevementController(fenetre, workers, ctx)
        self.export = ExportController(fenetre, workers, ctx)
        self.navigation = NavigationDossier(fenetre, workers, ctx, self.onglets.courrier)
        self.suites = SuitesController(
            fenetre, workers, ctx,
            lambda: self.courant.page.messages if self.courant.page else None)
        self._brancher_parties()

    def construire(self) -> PageDossier:
        """Build the page when it is first shown."""
        page = self.courant.page
        if page is None:
            page = self.courant.page = PageDossier()
            self._brancher_page(page)
        return page

    # -- wiring ------------------------------------------------------------------------------

    def _brancher_parties(self) -> None:
        courant, onglets = self.courant, self.onglets
        courant.lu.connect(self._montrer)
        courant.remede.connect(self.remedier)
        self.dmp.change.connect(self._resumer)
        onglets.resume_change.connect(self._resumer)
        onglets.nouvel_ordre.connect(self.nouvel_ordre)
        self.documents.elargir_demande.connect(
            lambda: self.dmp.suivi.interroger(elargir=True))
        self.documents.annuler_dmp.connect(self.dmp.suivi.annuler)
        self.documents.brouillon_demande.connect(self.navigation.reprendre)
        self.documents.courrier_demande.connect(self.navigation.ecrire_courrier)
        self.documents.change.connect(self.suites.relire)
        self.navigation.voisin.connect(self.ouvrir)
        self.navigation.remede.connect(self.remedier)
        self.suites.change.connect(courant.relire_bientot)
        self.suites.voir.connect(onglets.voir_ligne)
        self.suites.integrer.connect(lambda cle: self.documents.integrer([cle]))
        self.suites.supprimer.connect(self.documents.supprimer)
        self.dmp.suivi.recu.connect(lambda *_: self.suites.verifier())
        self.prelevement.nouvel_ordre.connect(courant.relire_bientot)
        self.prelevement.nouvel_ordre.connect(self.nouvel_ordre)
        self.prelevement.document.connect(onglets.voir_document)
        self.prelevement.remede.connect(self._remede_prelevement)

    def _brancher_page(self, page: PageDossier) -> None:
        for partie in (self.onglets, self.qui, self.dmp, self.navigation):
            partie.brancher(page)
        page.recherche_demandee.connect(self._fenetre.barre.recherche.entrer)
        page.prelevement_demande.connect(
            lambda: self.courant.avec_patient(self.prelevement.demander))
        page.export_demande.connect(self.remettre)
        page.acces_demande.connect(
            lambda: self.courant.avec_patient(self.acces_demande.emit))
        page.permettre_gestes(export=self.exportable,
                              acces=Droit.TRACES in habilitation_lue(self._ctx).droits)
        page.synthese.contact_enregistre.connect(self._enregistrer_contact)

    @property
    def exportable(self) -> bool:
        """True when the account may hand files over."""
        return Droit.EXPORTER in habilitation_lue(self._ctx).droits

    def remettre(self) -> None:
        """Hand the open file over."""
        if self.courant.etat is not None:
            self.export.demander(self.courant.etat.patient)
        else:
            self._fenetre.ligne_flottante("Ouvrez d’abord le dossier du patient")

    # -- what the others ask -----------------------------------------------------------------

    @property
    def patient_id(self) -> int | None:
        """Patient of the open file."""
        return self.courant.patient_id

    def montre(self, patient_id: int) -> bool:
        """True when this patient's file is on screen."""
        return self.courant.montre(patient_id)

    def patient_montre(self) -> tuple[int, str] | None:
        """(id, name) of the file on screen, or None."""
        patient_id, etat = self.patient_id, self.courant.etat
        if patient_id is None or etat is None or not self.montre(patient_id):
            return None
        return patient_id, _nom(etat)

    def document_importe(self, document_id: int) -> None:
        """A document was dropped in the open file: show it once the list holds it."""
        self.onglets.montrer_des_que_lu(document_id)

    def document_classe(self, patient_id: int) -> None:
        """A document was filed somewhere: the open file may hold one more."""
        if patient_id == self.patient_id:
            self.actualiser()

    def ordre_change(self, ordre: Ordre) -> None:
        """An order of the outbox changed state: the line of its document says so."""
        if ordre.patient_id == self.patient_id:
            self.actualiser()

    def actualiser(self) -> None:
        """Something of the open file changed elsewhere (an order was sent, a login)."""
        if self.courant.etat is not None:
            self.courant.relire_bientot()

    def session_changee(self, etat: EtatSession | None = None) -> None:
        """Login or logout: DICA changes, and what waited for a login may be asked."""
        del etat
        if self.courant.etat is not None and self.patient_id is not None:
            self.courant.executer(relire)
            self.identite.a_l_ouverture(self.courant.etat.patient)

    # -- opening and leaving -----------------------------------------------------------------

    def ouvrir(self, patient_id: int) -> None:
        """Open a file and show it; the one already open is only shown and refreshed."""
        self._fenetre.aller("dossier")
        if patient_id == self.patient_id and self.courant.etat is not None:
            self.courant.relire_bientot()
            return
        self._quitter()
        self.courant.patient_id = patient_id
        self._workers.submit(
            ouvrir, self._ctx, patient_id, proprietaire=self,
            on_done=lambda etat: self._ouvert(patient_id, etat),
            on_error=lambda erreur: self._echec_ouverture(patient_id, erreur))

    def ouvrir_preparation(self, preparation: Preparation) -> None:
        """Open a prepared document in its file."""
        self._a_ouvrir = None
        if preparation.patient_id == self.patient_id and self.courant.etat is not None:
            self.ouvrir(preparation.patient_id)
            self.onglets.ouvrir_preparation(preparation)
            return
        self.ouvrir(preparation.patient_id)
        self._a_ouvrir = preparation

    def delegations_changees(self) -> None:
        """What others let this account do changed: tabs show or leave."""
        self.onglets.delegations_changees()
        self.dmp.lire_pour()

    def fermer(self) -> None:
        """Leave the file: nothing of it stays on screen."""
        self._quitter()
        if self.courant.page is not None:
            self.courant.page.fermer()

    def _quitter(self) -> None:
        """Keep the drafts, stop what was asked, end the bris de glace."""
        ancien = self.patient_id
        self.onglets.observations.quitter()
        self.onglets.suivre(None)
        self.dmp.quitter(ancien)
        self.suites.suivre(None)
        if ancien is not None:
            self.identite.abandonner(ancien)
        self.courant.oublier()
        self.navigation.definir(None, "")

    def _ouvert(self, patient_id: int, etat: EtatDossier) -> None:
        if patient_id != self.patient_id:
            return
        page = self.construire()
        self.courant.etat = etat
        page.ouvrir(etat.patient, etat.lieu, etat.age, ins_visible=etat.droits.ins)
        self.dmp.suivi.suivre(patient_id)
        if self.courant.permet("observations"):
            self.suites.suivre(patient_id)
        self.onglets.suivre(patient_id)
        self.onglets.observations.definir(patient_id, etat.observations or (),
                                          etat.brouillon_note)
        self._montrer(etat)
        self.ouvert.emit(patient_id, _nom(etat))
        a_ouvrir, self._a_ouvrir = self._a_ouvrir, None
        if a_ouvrir is not None and a_ouvrir.patient_id == patient_id:
            self.onglets.ouvrir_preparation(a_ouvrir)
        self.identite.a_l_ouverture(etat.patient)
        self.dmp.proposer_consentement(etat)
        self.dmp.verifier()

    def _echec_ouverture(self, patient_id: int, erreur: Exception) -> None:
        if patient_id == self.patient_id:
            self.fermer()
            self._fenetre.message("erreur", f"Le dossier n’a pas pu être ouvert. "
                                  f"{texte_erreur(erreur)}", "Réessayer",
                                  lambda: self.ouvrir(patient_id))

    # -- showing -----------------------------------------------------------------------------

    def _montrer(self, etat: EtatDossier) -> None:
        """Everything that may change after a gesture."""
        page = self.courant.page
        if page is None:
            return
        self.courant.etat = etat
        self.gestes.definir(etat, page.bandeau)
        page.prelevement.setVisible(etat.prelevement and self.courant.permet("observations"))
        page.definir_patient(etat.patient, etat.lieu, etat.age, ins_visible=etat.droits.ins)
        page.definir_dica(self.dmp.vu(etat.dica), etat.episode)
        page.definir_bris_de_glace(etat.bris_de_glace)
        page.mes.definir(etat.mes)
        self.onglets.afficher(page, etat)
        self._resumer()

    def _resumer(self) -> None:
        etat, page = self.courant.etat, self.courant.page
        if page is not None and etat is not None:
            self.navigation.definir(self.patient_id, etat.mes.plus_recent)
            page.synthese.afficher(etat.patient, etat.dica, etat.mes,
                                   self.onglets.observations.observations,
                                   etat.documents.lignes)

    # -- remedies and contact ----------------------------------------------------------------

    def remedier(self, remede: Remede) -> None:
        """Carry out the remedy of an error about this file."""
        if self.courant.page is None or self.courant.etat is None or self.patient_id is None:
            return
        match remede:
            case Remede.COMPLETER_IDENTITE:
                self.qui.voir()
            case Remede.QUALIFIER_INS:
                self.dmp.fermer_dica()
                self.qui.qualifier()
            case Remede.CONSENTEMENT:
                self.dmp.ouvrir_dica()
            case Remede.SE_CONNECTER:
                self.connexion_demandee.emit()
            case Remede.ETAT_SERVICES:
                self.services_demandes.emit()
            case Remede.REESSAYER:
                self.dmp.verifier(refaire=True)
            case Remede.LIRE_CARTE:
                self._fenetre.ligne_flottante("Posez la carte Vitale du patient sur le lecteur")
            case _:
                pass

    def _remede_prelevement(self, code: str, patient_id: int) -> None:
        """What holds the attestation back: the identity, or the sampler's number."""
        if code == "preleveur":
            self.reglages_demandes.emit("professionnel")
        elif patient_id == self.patient_id and self.courant.page is not None:
            self.courant.page.bandeau.ouvrir_menu_identite()

    def _enregistrer_contact(self, contact: Contact) -> None:
        if self.courant.etat is not None:
            connu = self.courant.etat.patient
            self.courant.executer(apres(patients.enregistrer_contact), contact, connu.version,
                                  connu.contact, verifier=False)


def _nom(etat: EtatDossier) -> str:
    traits = etat.patient.identite.traits
    return f"{traits.nom_naissance} {traits.premier_prenom}"
