"""The tabs of the file on screen: each has its controller, which takes charge once it is built."""

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from app.domain.preparations import GenrePreparation, Preparation
from app.ui.controllers.courrier import CourrierController
from app.ui.controllers.documents import DocumentsController
from app.ui.controllers.dossier_courant import DossierCourant
from app.ui.controllers.etat_dossier import EtatDossier
from app.ui.controllers.formulaires import FormulairesController
from app.ui.controllers.observations import ObservationsController
from app.ui.controllers.vaccinations import VaccinationsController
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import ONGLETS, PageDossier
from app.ui.workers import Workers
from app.usecases.context import Contexte

#: Tabs that an import may leave to show what came in.
_SANS_SAISIE = ("synthese", "documents")


class OngletsDossier(QObject):
    """Gives the open file to the tabs that the account may see."""

    #: A document was validated: the outbox has changed.
    nouvel_ordre = Signal()
    #: A prepared document was handed over, sent back or taken back.
    prepare = Signal()
    #: The observations changed: what sums them up is to be shown again.
    resume_change = Signal()

    def __init__(self, courant: DossierCourant, fenetre: Fenetre, workers: Workers,
                 ctx: Contexte) -> None:
        super().__init__(courant)
        self._courant = courant
        self._a_montrer = ""
        self.documents = DocumentsController(fenetre, workers, ctx)
        self.courrier = CourrierController(fenetre, workers, ctx)
        self.vaccinations = VaccinationsController(fenetre, workers, ctx)
        self.formulaires = FormulairesController(fenetre, workers, ctx)
        self.vaccinations.premier_lecteur = self.formulaires.prendre_scan
        self.observations = ObservationsController(fenetre, workers, ctx)
        for partie in (self.documents, self.courrier, self.vaccinations, self.formulaires):
            partie.change.connect(courant.relire_bientot)
        for partie in (self.courrier, self.vaccinations, self.formulaires):
            partie.valide.connect(self.nouvel_ordre)
        for partie in (self.courrier, self.formulaires):
            partie.prepare.connect(self.prepare)
        for partie in (self.courrier, self.vaccinations):
            partie.document_demande.connect(self.voir_document)
        self.documents.remede.connect(courant.remede)
        self.vaccinations.permis_change.connect(
            lambda permis: self._permis("vaccinations", permis))
        self.vaccinations.montrer.connect(self._montrer_vaccinations)
        self.formulaires.permis_change.connect(
            lambda permis: self._permis("formulaires", permis))
        self.observations.change.connect(lambda _: self.resume_change.emit())
        fenetre.a_garder.connect(self.garder)

    def brancher(self, page: PageDossier) -> None:
        """Take charge of the page, just built; what the account may not see is hidden."""
        page.onglet_construit.connect(self._construit)
        page.onglet_change.connect(lambda _: self.garder())
        for code, _ in ONGLETS:
            if not self._courant.permet(code):
                page.montrer_onglet(code, False)
        page.reserver_aux_soignants(self._courant.permet("observations"))

    def suivre(self, patient_id: int | None) -> None:
        """Another file, or none. What is hidden isn't asked for either."""
        self.documents.definir_patient(patient_id)
        for code, partie in (("courriers", self.courrier), ("vaccinations", self.vaccinations),
                             ("formulaires", self.formulaires)):
            if patient_id is None or self._courant.permet(code):
                partie.definir_patient(patient_id)

    def afficher(self, page: PageDossier, etat: EtatDossier) -> None:
        """Show what was read of the file."""
        page.compter(etat.documents)
        if page.construit("documents"):
            page.documents.afficher(etat.documents)
        if (cle := self._a_montrer) and any(x.cle == cle for x in etat.documents.lignes):
            self._a_montrer = ""
            if page.onglet in _SANS_SAISIE:  # never away from what is being written
                self.voir_ligne(cle)
        for code, partie in (("courriers", self.courrier), ("formulaires", self.formulaires)):
            if not self._courant.permet(code) and not partie.ecrit:
                page.montrer_onglet(code, False)  # the delegation ended while it was written
        identite = etat.patient.identite
        if self._courant.permet("courriers"):
            self.courrier.definir_etat(identite, etat.episode, etat.documents)
        self.vaccinations.definir_etat(identite, etat.episode, etat.documents)
        self.formulaires.definir_etat(identite, etat.episode)

    def ouvrir_preparation(self, preparation: Preparation) -> None:
        """Show a prepared document in its tab."""
        if (page := self._courant.page) is None:
            return
        courrier = preparation.genre is GenrePreparation.COURRIER
        page.aller("courriers" if courrier else "formulaires")
        (self.courrier if courrier else self.formulaires).reprendre(preparation.source_id)

    def delegations_changees(self) -> None:
        """What others let this account do changed: tabs show or leave, their choices are read
        again. What is being written isn't touched: its next save says what became of it."""
        page, patient_id = self._courant.page, self._courant.patient_id
        if page is None:
            return
        for code, partie in (("courriers", self.courrier), ("formulaires", self.formulaires)):
            permis = self._courant.permet(code)
            if permis or not partie.ecrit:
                page.montrer_onglet(code, permis)
            if permis and patient_id is not None:
                partie.relire_choix(patient_id)

    def montrer_des_que_lu(self, document_id: int) -> None:
        """A document came into the open file: show it once the list holds it."""
        self._a_montrer = f"local:{document_id}"
        self._courant.relire_bientot()

    def voir_document(self, document_id: int) -> None:
        """Show a document of the practice in the list."""
        self.voir_ligne(f"local:{document_id}")

    def voir_ligne(self, cle: str) -> None:
        """Show a line of the list of documents."""
        if (page := self._courant.page) is not None:
            page.aller("documents")
            page.documents.montrer(cle)
            page.documents.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def garder(self) -> None:
        """Keep the drafts now: another tab, the lock screen or the end."""
        page = self._courant.page
        if page is None:
            return
        if page.construit("observations"):
            page.observations.garder_maintenant()
        if page.construit("courriers"):
            page.courriers.garder_maintenant()
        if page.construit("formulaires"):
            page.formulaires.garder_maintenant()

    def _construit(self, code: str, vue: Any) -> None:
        """A tab was just built: its controller takes charge, the file is shown in it."""
        match code:
            case "observations":
                self.observations.brancher(vue)
            case "documents":
                self.documents.brancher(vue)
                if self._courant.etat is not None:
                    vue.afficher(self._courant.etat.documents)
            case "vaccinations":
                self.vaccinations.brancher(vue)
            case "formulaires":
                self.formulaires.brancher(vue)
            case "courriers":
                self.courrier.brancher(vue)

    def _montrer_vaccinations(self) -> None:
        if (page := self._courant.page) is not None:
            page.aller("vaccinations")

    def _permis(self, code: str, permis: bool) -> None:
        if (page := self._courant.page) is not None:
            page.montrer_onglet(code, permis and self._courant.permet(code))
