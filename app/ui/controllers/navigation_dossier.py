"""Moving in the patient file: tabs, newest document, drafts, next patient of the tournée."""

from datetime import date

from PySide6.QtCore import QObject, Signal

from app.domain.agenda import Passage
from app.services.errors import Remede
from app.ui.controllers.courrier import CourrierController
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.models import tournee
from app.ui.views.dossier import PageDossier
from app.ui.workers import Workers
from app.usecases import agenda
from app.usecases.context import Contexte


class NavigationDossier(QObject):
    """Carries out what only moves: nothing here writes."""

    #: (patient id) open this file.
    voisin = Signal(int)
    #: (Remede) another part carries it out.
    remede = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 courrier: CourrierController) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._courrier = courrier
        self._page: PageDossier | None = None
        self._patient_id: int | None = None
        self._plus_recent = ""

    def brancher(self, page: PageDossier) -> None:
        """Listen to the page, just built."""
        self._page = page
        page.voisin_demande.connect(self._aller_au_voisin)
        page.mes.type_demande.connect(self.ouvrir_type)
        page.mes.plus_recent_demande.connect(self.ouvrir_plus_recent)
        synthese = page.synthese
        synthese.geste.connect(self._geste)
        synthese.observation_demandee.connect(self.ecrire_observation)
        synthese.observations_demandees.connect(lambda: page.aller("observations"))
        synthese.documents_demandes.connect(lambda: page.aller("documents"))
        synthese.courrier_demande.connect(self.ecrire_courrier)

    def definir(self, patient_id: int | None, plus_recent: str) -> None:
        """Patient of the open file, and `cle` of its newest new document."""
        self._patient_id, self._plus_recent = patient_id, plus_recent

    def _geste(self, geste: str, cle: str) -> None:
        """A link of the summary."""
        page = self._page
        if page is None:
            return
        match geste:
            case "ouvrir" if cle.startswith("brouillon:"):
                self.reprendre(int(cle.partition(":")[2]))
            case "ouvrir":
                page.aller("documents")
                page.documents.montrer(cle)
            case "plus_recent":
                self.ouvrir_plus_recent()
            case "qualifier":
                self.remede.emit(Remede.QUALIFIER_INS)
            case "dica":
                self.remede.emit(Remede.CONSENTEMENT)
            case "identite":
                page.bandeau.ouvrir_menu_identite()
            case "envois":
                self._fenetre.aller("envois")

    def ouvrir_plus_recent(self) -> None:
        """Open the newest new document (1 click, Ctrl+O)."""
        if self._page is not None and self._plus_recent:
            self._page.aller("documents")
            self._page.documents.montrer(self._plus_recent)

    def ouvrir_type(self, type_code: str) -> None:
        """Counter of a type: filter the tab and open the newest."""
        if self._page is None:
            return
        self._page.aller("documents")
        vue = self._page.documents
        vue.filtrer_type(type_code)
        if cle := vue.premiere_cle():
            vue.montrer(cle)

    def reprendre(self, brouillon_id: int) -> None:
        """Go on with a draft."""
        if self._page is not None:
            self._page.aller("courriers")
            self._courrier.reprendre(brouillon_id)

    def ecrire_courrier(self) -> None:
        """Offer the types of documents."""
        if self._page is not None:
            self._page.aller("courriers")
            self._courrier.nouveau()

    def ecrire_observation(self) -> None:
        """Put the caret in a new note."""
        if self._page is not None:
            self._page.aller("observations")
            self._page.observations.ecrire()

    def _aller_au_voisin(self, pas: int) -> None:
        """Next or previous patient of today's tournée (Alt+→, Alt+←)."""
        patient_id = self._patient_id
        if patient_id is None:
            return

        def lue(passages: list[Passage]) -> None:
            suivant = tournee.voisin(passages, patient_id, pas)
            if suivant is not None:
                self.voisin.emit(suivant)
            else:
                self._fenetre.ligne_flottante("Fin de la tournée" if pas > 0
                                              else "Début de la tournée")

        self._workers.submit(agenda.tournee, self._ctx, date.today().isoformat(), on_done=lue,
                             on_error=lambda erreur: self._echec(erreur), proprietaire=self)

    def _echec(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
