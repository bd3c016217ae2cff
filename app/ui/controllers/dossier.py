"""The patient file: local facts at once, then identity, DICA and Mon espace santé by workers.

Every answer says for which patient it was asked: one that comes after another file was opened is
dropped. Leaving a file keeps its drafts and ends its bris de glace.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain.dica import Dica, RemedeDica
from app.domain.dmp import BandeauMes
from app.domain.document import ListeDocuments
from app.domain.identity import StatutIdentite
from app.domain.outbox import Ordre
from app.domain.patient import Contact, Patient
from app.domain.session import EtatSession
from app.services.errors import Remede
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.courrier import CourrierController
from app.ui.controllers.documents import DocumentsController
from app.ui.controllers.erreurs import LIBELLES, remede_de, texte_erreur
from app.ui.controllers.etat_dossier import (
    EtatDossier,
    avec_verification,
    ouvrir,
    relire,
    seul_consentement_manque,
)
from app.ui.controllers.formulaires import FormulairesController
from app.ui.controllers.gestes_bandeau import GestesBandeau
from app.ui.controllers.habilitations import onglets_caches
from app.ui.controllers.identite import IdentiteController
from app.ui.controllers.navigation_dossier import NavigationDossier
from app.ui.controllers.observations import ObservationsController
from app.ui.controllers.prelevement import PrelevementController
from app.ui.controllers.suites_documents import SuitesController
from app.ui.controllers.suivi_dmp import SuiviDmp
from app.ui.controllers.vaccinations import VaccinationsController
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import ONGLETS, PageDossier
from app.ui.workers import Workers
from app.usecases import consult_dmp, patients
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.panneau_identite import PanneauIdentite

#: Tabs that an import may leave to show what came in.
_SANS_SAISIE = ("synthese", "documents")
_AVEC_INSI = frozenset({StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE})


def _apres(geste: Callable[..., Any]) -> Callable[..., EtatDossier]:
    """Run a use case on a patient, then read the file again."""
    def executer(ctx: Contexte, patient_id: int, *args: Any) -> EtatDossier:
        geste(ctx, patient_id, *args)
        return relire(ctx, patient_id)

    return executer


class DossierController(QObject):
    """Glue of the patient file. `ouvrir(patient_id)` from anywhere."""

    #: (patient id, name) a file was opened.
    ouvert = Signal(int, str)
    connexion_demandee = Signal()
    services_demandes = Signal()
    #: Section of the settings to open.
    reglages_demandes = Signal(str)
    #: A document was validated, or an order cancelled: the outbox has changed.
    nouvel_ordre = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 identite: IdentiteController | None = None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._page: PageDossier | None = None
        self._panneau: PanneauIdentite | None = None
        self._etat: EtatDossier | None = None
        self._patient_id: int | None = None
        self._proposes: set[int] = set()
        self._a_montrer = ""
        self.identite = identite or IdentiteController(fenetre, workers, ctx)
        self.dmp = SuiviDmp(workers, ctx, self)
        self.documents = DocumentsController(fenetre, workers, ctx)
        self.courrier = CourrierController(fenetre, workers, ctx)
        self.vaccinations = VaccinationsController(fenetre, workers, ctx)
        self.formulaires = FormulairesController(fenetre, workers, ctx)
        self.vaccinations.premier_lecteur = self.formulaires.prendre_scan
        self.observations = ObservationsController(fenetre, workers, ctx)
        self.gestes = GestesBandeau(fenetre, workers, ctx)
        self.prelevement = PrelevementController(fenetre, workers, ctx)
        self.navigation = NavigationDossier(fenetre, workers, ctx, self.courrier)
        self.suites = SuitesController(
            fenetre, workers, ctx, lambda: self._page.messages if self._page else None)
        self._relecture = QTimer(self, singleShot=True, interval=80)
        self._relecture.timeout.connect(self._relire)
        self._brancher_controleurs()

    def construire(self) -> PageDossier:
        """Build the page when it is first shown."""
        if self._page is None:
            self._page = PageDossier()
            self._brancher_page(self._page)
            for code in onglets_caches(self._ctx) & {c for c, _ in ONGLETS}:
                self._page.montrer_onglet(code, False)
            self._page.reserver_aux_soignants(self._permise("observations"))
        return self._page

    # -- wiring ------------------------------------------------------------------------------

    def _brancher_controleurs(self) -> None:
        self.identite.change.connect(self._identite_changee)
        self.gestes.change.connect(self._identite_changee)
        self.gestes.message.connect(self._message_identite)
        self.identite.en_cours.connect(self._insi_en_cours)
        self.identite.message.connect(self._message_identite)
        self.documents.change.connect(self._relecture.start)
        self.documents.elargir_demande.connect(lambda: self.dmp.interroger(elargir=True))
        self.documents.annuler_dmp.connect(self.dmp.annuler)
        self.documents.remede.connect(self.remedier)
        self.documents.brouillon_demande.connect(self.navigation.reprendre)
        self.documents.courrier_demande.connect(self.navigation.ecrire_courrier)
        self.navigation.voisin.connect(self.ouvrir)
        self.navigation.remede.connect(self.remedier)
        self.suites.change.connect(self._relecture.start)
        self.suites.voir.connect(self._voir_ligne)
        self.suites.integrer.connect(lambda cle: self.documents.integrer([cle]))
        self.suites.supprimer.connect(self.documents.supprimer)
        self.documents.change.connect(self.suites.relire)
        self.dmp.recu.connect(lambda *_: self.suites.verifier())
        self.dmp.verifie.connect(self._verifie)
        self.dmp.verification_echouee.connect(self._verification_echouee)
        self.dmp.interrogation.connect(self._interrogation)
        self.dmp.recu.connect(self._dmp_recu)
        self.dmp.echec.connect(self._dmp_echec)
        self.courrier.change.connect(self._relecture.start)
        self.courrier.valide.connect(self.nouvel_ordre)
        self.courrier.document_demande.connect(self._voir_document)
        self.vaccinations.change.connect(self._relecture.start)
        self.vaccinations.valide.connect(self.nouvel_ordre)
        self.vaccinations.permis_change.connect(
            lambda permis: self._onglet_permis("vaccinations", permis))
        self.vaccinations.montrer.connect(lambda: self.construire().aller("vaccinations"))
        self.vaccinations.document_demande.connect(self._voir_document)
        self.formulaires.change.connect(self._relecture.start)
        self.formulaires.valide.connect(self.nouvel_ordre)
        self.formulaires.permis_change.connect(
            lambda permis: self._onglet_permis("formulaires", permis))
        self.observations.change.connect(lambda _: self._synthese())
        self.prelevement.nouvel_ordre.connect(self._relecture.start)
        self.prelevement.nouvel_ordre.connect(self.nouvel_ordre)
        self.prelevement.document.connect(self._voir_document)
        self.prelevement.remede.connect(self._remede_prelevement)
        self._fenetre.a_garder.connect(self.garder)

    def _brancher_page(self, page: PageDossier) -> None:
        page.onglet_construit.connect(self._onglet_construit)
        page.onglet_change.connect(lambda _: self.garder())
        page.recherche_demandee.connect(self._fenetre.barre.recherche.entrer)
        page.bris_de_glace_arrete.connect(
            lambda: self._executer(_apres(consult_dmp.arreter_bris_de_glace)))
        bandeau = page.bandeau
        bandeau.document_controle.connect(self._proposer_document)
        bandeau.insi_demande.connect(lambda: self._avec_patient(self.identite.qualifier))
        bandeau.attribut_demande.connect(
            lambda a, present: self._avec_patient(self.identite.marquer, a, present))
        bandeau.identite_demandee.connect(self._voir_identite)
        self.gestes.brancher(bandeau)
        page.dica.remede.connect(self._remede_dica)
        page.dica.consentement.connect(self._consentir)
        page.dica.bris_de_glace.connect(self._briser)
        page.mes.reessayer.connect(lambda: self._verifier(refaire=True))
        page.mes.annuler.connect(self.dmp.annuler)
        page.prelevement_demande.connect(lambda: self._avec_patient(self.prelevement.demander))
        page.synthese.contact_enregistre.connect(self._enregistrer_contact)
        self.navigation.brancher(page)

    def _onglet_construit(self, code: str, vue: Any) -> None:
        """A tab was just built: its controller takes charge, the file is shown in it."""
        match code:
            case "observations":
                self.observations.brancher(vue)
            case "documents":
                self.documents.brancher(vue)
                if self._etat is not None:
                    vue.afficher(self._etat.documents)
            case "vaccinations":
                self.vaccinations.brancher(vue)
            case "formulaires":
                self.formulaires.brancher(vue)
            case "courriers":
                self.courrier.brancher(vue)

    def _onglet_permis(self, code: str, permis: bool) -> None:
        if self._page is not None:
            self._page.montrer_onglet(code, permis and code not in onglets_caches(self._ctx))

    def _voir_document(self, document_id: int) -> None:
        self._voir_ligne(f"local:{document_id}")

    def _voir_ligne(self, cle: str) -> None:
        if self._page is not None:
            self._page.aller("documents")
            self._page.documents.montrer(cle)
            self._page.documents.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def patient_montre(self) -> tuple[int, str] | None:
        """(id, name) of the file on screen, or None."""
        if self._patient_id is None or self._etat is None \
                or self._fenetre.page_courante != "dossier":
            return None
        traits = self._etat.patient.identite.traits
        return self._patient_id, f"{traits.nom_naissance} {traits.premier_prenom}"

    def document_importe(self, document_id: int) -> None:
        """A document was dropped in the open file: show it once the list holds it."""
        self._a_montrer = f"local:{document_id}"
        self._relecture.start()

    def document_classe(self, patient_id: int) -> None:
        """A document was filed somewhere: the open file may hold one more."""
        if patient_id == self._patient_id:
            self.actualiser()

    def _avec_patient(self, geste: Callable[..., Any], *args: Any) -> None:
        if self._patient_id is not None:
            geste(self._patient_id, *args)

    # -- opening and leaving -----------------------------------------------------------------

    @property
    def patient_id(self) -> int | None:
        """Patient of the open file."""
        return self._patient_id

    def montre(self, patient_id: int) -> bool:
        """True when this patient's file is on screen."""
        return patient_id == self._patient_id and self._fenetre.page_courante == "dossier"

    def ouvrir(self, patient_id: int) -> None:
        """Open a file and show it; the one already open is only shown and refreshed."""
        self._fenetre.aller("dossier")
        if patient_id == self._patient_id and self._etat is not None:
            self._relecture.start()
            return
        self._quitter()
        self._patient_id = patient_id
        self._workers.submit(
            ouvrir, self._ctx, patient_id, proprietaire=self,
            on_done=lambda etat: self._ouvert(patient_id, etat),
            on_error=lambda erreur: self._echec_ouverture(patient_id, erreur))

    def fermer(self) -> None:
        """Leave the file: nothing of it stays on screen."""
        self._quitter()
        if self._page is not None:
            self._page.fermer()

    def _quitter(self) -> None:
        """Keep the drafts, stop what was asked, end the bris de glace."""
        ancien = self._patient_id
        self.observations.quitter()
        self.documents.definir_patient(None)
        self.courrier.definir_patient(None)
        self.vaccinations.definir_patient(None)
        self.formulaires.definir_patient(None)
        self.dmp.suivre(None)
        self.suites.suivre(None)
        if ancien is not None:
            self.identite.abandonner(ancien)
            if self._ctx.memoire.bris_de_glace.get(ancien):
                self._workers.submit(consult_dmp.arreter_bris_de_glace, self._ctx, ancien)
        self._relecture.stop()
        self._patient_id, self._etat = None, None
        self.navigation.definir(None, "")

    def _ouvert(self, patient_id: int, etat: EtatDossier) -> None:
        if patient_id != self._patient_id:
            return
        page = self.construire()
        self._etat = etat
        page.ouvrir(etat.patient, etat.lieu, etat.age, ins_visible=etat.droits.ins)
        self.dmp.suivre(patient_id)
        if self._permise("observations"):
            self.suites.suivre(patient_id)
        self.documents.definir_patient(patient_id)
        for code, partie in (("courriers", self.courrier), ("vaccinations", self.vaccinations),
                             ("formulaires", self.formulaires)):
            if self._permise(code):  # what is hidden isn't asked for either
                partie.definir_patient(patient_id)
        self.observations.definir(patient_id, etat.observations or (), etat.brouillon_note)
        self._montrer(etat)
        traits = etat.patient.identite.traits
        self.ouvert.emit(patient_id, f"{traits.nom_naissance} {traits.premier_prenom}")
        self.identite.a_l_ouverture(etat.patient)
        if (self._permise("observations") and seul_consentement_manque(etat.dica)
                and patient_id not in self._proposes):
            self._proposes.add(patient_id)
            page.bandeau.dica.setChecked(True)
            page.dica.ouvrir()
        self._verifier()

    def _echec_ouverture(self, patient_id: int, erreur: Exception) -> None:
        if patient_id == self._patient_id:
            self.fermer()
            self._fenetre.message("erreur", f"Le dossier n’a pas pu être ouvert. "
                                  f"{texte_erreur(erreur)}", "Réessayer",
                                  lambda: self.ouvrir(patient_id))

    # -- showing -----------------------------------------------------------------------------

    def _montrer(self, etat: EtatDossier) -> None:
        """Everything that may change after a gesture."""
        page = self._page
        if page is None:
            return
        self._etat = etat
        self.gestes.definir(etat, page.bandeau)
        page.prelevement.setVisible(etat.prelevement)
        page.definir_patient(etat.patient, etat.lieu, etat.age, ins_visible=etat.droits.ins)
        page.definir_dica(etat.dica, etat.episode)
        page.definir_bris_de_glace(etat.bris_de_glace)
        page.mes.definir(etat.mes)
        self.navigation.definir(etat.patient.id, etat.mes.plus_recent)
        page.compter(etat.documents)
        if page.construit("documents"):
            page.documents.afficher(etat.documents)
        if (cle := self._a_montrer) and any(x.cle == cle for x in etat.documents.lignes):
            self._a_montrer = ""
            if page.onglet in _SANS_SAISIE:  # never away from what is being written
                self._voir_ligne(cle)
        if self._permise("courriers"):
            self.courrier.definir_etat(etat.patient.identite, etat.episode, etat.documents)
        self.vaccinations.definir_etat(etat.patient.identite, etat.episode, etat.documents)
        self.formulaires.definir_etat(etat.patient.identite, etat.episode)
        self._synthese()

    def _synthese(self) -> None:
        etat = self._etat
        if self._page is not None and etat is not None:
            self._page.synthese.afficher(etat.patient, etat.dica, etat.mes,
                                         self.observations.observations, etat.documents.lignes)

    def _relire(self) -> None:
        """Read the open file again, without asking anybody outside."""
        self._executer(relire, verifier=False)

    def actualiser(self) -> None:
        """Something of the open file changed elsewhere (an order was sent, a login)."""
        if self._etat is not None:
            self._relecture.start()

    def ordre_change(self, ordre: Ordre) -> None:
        """An order of the outbox changed state: the line of its document says so."""
        if ordre.patient_id == self._patient_id:
            self.actualiser()

    def session_changee(self, etat: EtatSession | None = None) -> None:
        """Login or logout: DICA changes, and what waited for a login may be asked."""
        del etat
        if self._etat is not None and self._patient_id is not None:
            self._executer(relire)
            self.identite.a_l_ouverture(self._etat.patient)

    def _executer(self, geste: Callable[..., EtatDossier], *args: Any,
                  verifier: bool = True) -> None:
        """Run a gesture that gives the new state of the file, then check the DMP again."""
        patient_id = self._patient_id
        if patient_id is None:
            return

        def fait(etat: EtatDossier) -> None:
            if patient_id != self._patient_id:
                return
            self._montrer(etat)
            if verifier:
                self._verifier()

        def echec(erreur: Exception) -> None:
            if resoudre(erreur, self._fenetre, self._workers, proprietaire=self,
                        fait=lambda _: self._relecture.start()):
                return
            self._dire(patient_id, erreur)
            if geste is not relire and patient_id == self._patient_id:
                # What is on screen may be old (another workstation wrote): read it again.
                self._relecture.start()

        self._workers.submit(geste, self._ctx, patient_id, *args, on_done=fait, on_error=echec,
                             proprietaire=self)

    # -- DMP ---------------------------------------------------------------------------------

    def _permise(self, onglet: str) -> bool:
        """True when the account may see a tab: its part of the file is then asked for."""
        return onglet not in onglets_caches(self._ctx)

    def _verifier(self, *, refaire: bool = False) -> None:
        """Ask TD0.2 when it may be; the letter D says so meanwhile."""
        if self._etat is not None and self._page is not None and self._permise("observations"):
            self._page.definir_dica(avec_verification(self._etat.dica), self._etat.episode)
            self.dmp.verifier(refaire=refaire)

    def _verifie(self, dica: Dica) -> None:
        if self._etat is None or self._page is None:
            return
        venait = not self._etat.dica.consultable and self._page.dica.isVisible()
        self._etat = replace(self._etat, dica=dica)
        self._page.definir_dica(dica, self._etat.episode)
        self._synthese()
        if dica.consultable and venait:
            self._fenetre.ligne_flottante("DMP consultable")

    def _verification_echouee(self, erreur: Exception) -> None:
        if self._etat is not None and self._page is not None and self._patient_id is not None:
            self._page.definir_dica(self._etat.dica, self._etat.episode)
            self._dire(self._patient_id, erreur)

    def _interrogation(self, en_cours: bool) -> None:
        page = self._page
        if page is None or self._etat is None:
            return
        if page.construit("documents"):
            page.documents.interrogation(en_cours)
        if en_cours:
            page.mes.interroger()
        else:
            page.mes.definir(self._etat.mes)

    def _dmp_recu(self, mes: BandeauMes, documents: ListeDocuments) -> None:
        if self._etat is None or self._page is None:
            return
        self._etat = replace(self._etat, mes=mes, documents=documents)
        self._page.mes.definir(mes)
        self.navigation.definir(self._patient_id, mes.plus_recent)
        self._page.compter(documents)
        if self._page.construit("documents"):
            self._page.documents.afficher(documents)
        self._synthese()

    def _dmp_echec(self, erreur: Exception, elargir: bool) -> None:
        """What was known stays; the bar and the list say why, with the remedy."""
        if self._page is None:
            return
        texte, remede = texte_erreur(erreur), remede_de(erreur)
        self._page.mes.echouer(texte)
        if self._page.construit("documents"):
            geste = partial(self.remedier, remede)
            if remede is Remede.REESSAYER:
                geste = partial(self.dmp.interroger, elargir=elargir)
            self._page.documents.message("erreur", f"{texte} Les documents du cabinet restent là.",
                                         LIBELLES.get(remede, ""),
                                         geste if remede in LIBELLES else None)

    def _remede_prelevement(self, code: str, patient_id: int) -> None:
        """What holds the attestation back: the identity, or the sampler's number."""
        if code == "preleveur":
            self.reglages_demandes.emit("professionnel")
        elif patient_id == self._patient_id and self._page is not None:
            self._page.bandeau.ouvrir_menu_identite()

    # -- DICA remedies -----------------------------------------------------------------------

    def _remede_dica(self, remede: RemedeDica) -> None:
        match remede:
            case RemedeDica.QUALIFIER_INS:
                self.remedier(Remede.QUALIFIER_INS)
            case RemedeDica.SE_CONNECTER:
                self._fermer_dica()
                self.connexion_demandee.emit()
            case RemedeDica.ETAT_SERVICES:
                self._fermer_dica()
                self.services_demandes.emit()
            case RemedeDica.REESSAYER:
                self._verifier(refaire=True)
            case _:
                pass

    def _fermer_dica(self) -> None:
        if self._page is not None:
            self._page.dica.fermer()

    def remedier(self, remede: Remede) -> None:
        """Carry out the remedy of an error about this file."""
        page = self._page
        if page is None or self._etat is None or self._patient_id is None:
            return
        match remede:
            case Remede.COMPLETER_IDENTITE:
                self._voir_identite()
            case Remede.QUALIFIER_INS:
                self._fermer_dica()
                if self._etat.patient.identite.statut is StatutIdentite.RECUPEREE:
                    page.bandeau.ouvrir_menu_identite()
                else:
                    self.identite.qualifier(self._patient_id)
            case Remede.CONSENTEMENT:
                page.bandeau.dica.setChecked(True)
                page.dica.ouvrir()
            case Remede.SE_CONNECTER:
                self.connexion_demandee.emit()
            case Remede.ETAT_SERVICES:
                self.services_demandes.emit()
            case Remede.REESSAYER:
                self._verifier(refaire=True)
            case Remede.LIRE_CARTE:
                self._fenetre.ligne_flottante("Posez la carte Vitale du patient sur le lecteur")
            case _:
                pass

    def _consentir(self, consultation: bool | None, opposition: bool | None) -> None:
        self._executer(_apres(consult_dmp.noter_consentement), consultation, opposition)

    def _briser(self, motif: str) -> None:
        self._fermer_dica()
        patient_id = self._patient_id
        if patient_id is None:
            return

        def fait(etat: EtatDossier) -> None:
            if patient_id == self._patient_id:
                self._montrer(etat)
                if etat.dica.consultable:
                    self.dmp.interroger()

        self._workers.submit(_apres(consult_dmp.commencer_bris_de_glace), self._ctx, patient_id,
                             motif, queue="dmp", on_done=fait, proprietaire=self,
                             on_error=lambda erreur: self._dire(patient_id, erreur))

    # -- identity ----------------------------------------------------------------------------

    def _proposer_document(self, code: str) -> None:
        if self._etat is not None:
            self.identite.proposer_document(self._etat.patient, code,
                                            self._etat.reglages.validation_automatique)

    def _identite_changee(self, patient: Patient) -> None:
        if patient.id == self._patient_id:
            if self._page is not None:
                self._page.messages.vider()
            self._executer(relire)

    def _insi_en_cours(self, patient_id: int, en_cours: bool) -> None:
        if patient_id == self._patient_id and self._page is not None:
            self._page.bandeau.appel_insi(en_cours)

    def _message_identite(self, genre: str, texte: str, remede: object, patient_id: int) -> None:
        """Something about the identity of the file on screen; the window says the others."""
        page = self._page
        if page is None or not self.montre(patient_id):
            return
        cible = Remede(str(remede)) if remede else Remede.AUCUN
        libelle = "" if cible is Remede.LIRE_CARTE else LIBELLES.get(cible, "")
        geste = partial(self.remedier, cible)
        if cible is Remede.REESSAYER:
            geste = partial(self.identite.qualifier, patient_id)
        page.message(genre, texte, libelle, geste if libelle else None)

    def _voir_identite(self) -> None:
        """The Identité panel (F3)."""
        if self._etat is not None:
            from app.ui.controllers.panneau_identite import PanneauIdentite

            if self._panneau is None:
                self._panneau = PanneauIdentite(self._fenetre, self._workers, self._ctx)
                self._panneau.corrige.connect(self._corrigee)
                self._panneau.stricts_demandes.connect(self.gestes.traits_stricts)
            self._panneau.voir(self._etat.patient, self._etat.lieu, self._etat.droits)

    def _corrigee(self, patient: Patient) -> None:
        """Traits were corrected; INSi is asked again when it may now answer."""
        self._identite_changee(patient)
        if patient.id == self._patient_id and patient.identite.statut not in _AVEC_INSI:
            self.identite.qualifier(patient.id)

    # -- contact and drafts ------------------------------------------------------------------

    def _enregistrer_contact(self, contact: Contact) -> None:
        if self._etat is not None:
            connu = self._etat.patient
            self._executer(_apres(patients.enregistrer_contact), contact, connu.version,
                           connu.contact, verifier=False)

    def garder(self) -> None:
        """Keep the drafts now: another tab, the lock screen or the end."""
        page = self._page
        if page is None:
            return
        if page.construit("observations"):
            page.observations.garder_maintenant()
        if page.construit("courriers"):
            page.courriers.garder_maintenant()
        if page.construit("formulaires"):
            page.formulaires.garder_maintenant()

    # -- errors ------------------------------------------------------------------------------

    def _dire(self, patient_id: int, erreur: Exception) -> None:
        """An error about this file, above its content, with its remedy."""
        if patient_id != self._patient_id or self._page is None:
            return
        remede = remede_de(erreur)
        libelle = LIBELLES.get(remede, "")
        self._page.message("erreur", texte_erreur(erreur), libelle,
                           (lambda: self.remedier(remede)) if libelle else None,
                           str(getattr(erreur, "code", "")))
