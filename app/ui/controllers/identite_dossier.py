"""The identity of the file on screen: INSi, the document shown, the panel of all the traits."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.domain.identity import StatutIdentite
from app.domain.patient import Patient
from app.services.errors import Remede
from app.ui.controllers.dossier_courant import DossierCourant
from app.ui.controllers.erreurs import LIBELLES
from app.ui.controllers.etat_dossier import relire
from app.ui.controllers.gestes_bandeau import GestesBandeau
from app.ui.controllers.identite import IdentiteController
from app.ui.fenetre import Fenetre
from app.ui.views.dossier import PageDossier
from app.ui.workers import Workers
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.panneau_identite import PanneauIdentite

_AVEC_INSI = frozenset({StatutIdentite.RECUPEREE, StatutIdentite.QUALIFIEE})


class IdentiteDossier(QObject):
    """Ties `identite` and `gestes` to the open file.

    Attributes:
        panneau: the Identité panel (F3), None until it is first asked for.
    """

    def __init__(self, courant: DossierCourant, fenetre: Fenetre, workers: Workers,
                 ctx: Contexte, identite: IdentiteController) -> None:
        super().__init__(courant)
        self._courant, self._fenetre = courant, fenetre
        self._workers, self._ctx = workers, ctx
        self.identite = identite
        self.gestes = GestesBandeau(fenetre, workers, ctx)
        self.panneau: PanneauIdentite | None = None
        self.gestes.change.connect(self._changee)
        self.gestes.message.connect(self._message)
        identite.change.connect(self._changee)
        identite.message.connect(self._message)
        identite.en_cours.connect(self._en_cours)

    def brancher(self, page: PageDossier) -> None:
        """Take charge of the banner, just built."""
        bandeau, courant = page.bandeau, self._courant
        bandeau.document_controle.connect(self._proposer_document)
        bandeau.insi_demande.connect(lambda: courant.avec_patient(self.identite.qualifier))
        bandeau.attribut_demande.connect(
            lambda a, present: courant.avec_patient(self.identite.marquer, a, present))
        bandeau.identite_demandee.connect(self.voir)
        self.gestes.brancher(bandeau)

    def qualifier(self) -> None:
        """Ask INSi; an identity that it already gave lacks the document shown only."""
        etat, page = self._courant.etat, self._courant.page
        if etat is None or page is None:
            return
        if etat.patient.identite.statut is StatutIdentite.RECUPEREE:
            page.bandeau.ouvrir_menu_identite()
        else:
            self._courant.avec_patient(self.identite.qualifier)

    def voir(self) -> None:
        """The Identité panel (F3)."""
        etat = self._courant.etat
        if etat is not None:
            from app.ui.controllers.panneau_identite import PanneauIdentite

            if self.panneau is None:
                self.panneau = PanneauIdentite(self._fenetre, self._workers, self._ctx)
                self.panneau.corrige.connect(self._corrigee)
                self.panneau.stricts_demandes.connect(self.gestes.traits_stricts)
            self.panneau.voir(etat.patient, etat.lieu, etat.droits)

    def _proposer_document(self, code: str) -> None:
        etat = self._courant.etat
        if etat is not None:
            self.identite.proposer_document(etat.patient, code,
                                            etat.reglages.validation_automatique)

    def _changee(self, patient: Patient) -> None:
        if patient.id == self._courant.patient_id:
            if self._courant.page is not None:
                self._courant.page.messages.vider()
            self._courant.executer(relire)

    def _corrigee(self, patient: Patient) -> None:
        """Traits were corrected; INSi is asked again when it may now answer."""
        self._changee(patient)
        if patient.id == self._courant.patient_id and patient.identite.statut not in _AVEC_INSI:
            self.identite.qualifier(patient.id)

    def _en_cours(self, patient_id: int, en_cours: bool) -> None:
        if patient_id == self._courant.patient_id and self._courant.page is not None:
            self._courant.page.bandeau.appel_insi(en_cours)

    def _message(self, genre: str, texte: str, remede: object, patient_id: int) -> None:
        """Something about the identity of the file on screen; the window says the others."""
        page = self._courant.page
        if page is None or not self._courant.montre(patient_id):
            return
        cible = Remede(str(remede)) if remede else Remede.AUCUN
        libelle = "" if cible is Remede.LIRE_CARTE else LIBELLES.get(cible, "")
        geste = partial(self._courant.remede.emit, cible)
        if cible is Remede.REESSAYER:
            geste = partial(self.identite.qualifier, patient_id)
        page.message(genre, texte, libelle, geste if libelle else None)
