"""Pages of identitovigilance: work lists, merge, history, indicators, import, settings.

Their controllers are built when a page is first shown: the start doesn't pay for them.
"""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases.context import Contexte

if TYPE_CHECKING:
    from app.ui.controllers.fusion import FusionController
    from app.ui.controllers.historique_identite import HistoriqueIdentiteController
    from app.ui.controllers.import_identites import ImportController
    from app.ui.controllers.listes_identite import ListesIdentiteController
    from app.ui.controllers.reglages_identite import ReglagesIdentiteController
    from app.ui.controllers.tableau_ins import TableauInsController

#: The queue of periodic verifications starts once the day's work is on screen.
DELAI_FOND_MS = 60_000


class Identitovigilance(QObject):
    """Declares the pages and ties them together."""

    patient_demande = Signal(int)
    connexion_demandee = Signal()
    #: Settings or rights on identities were stored.
    reglages_changes = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        ajouter = fenetre.ajouter_page
        ajouter("identites", "fingerprint", "Identités", lambda: self.listes.construire())
        ajouter("fusion", "", "Rapprocher deux dossiers", lambda: self.fusion.construire(),
                rail="identites")
        ajouter("historique_identite", "", "Historique de l’identité",
                lambda: self.historique.construire(), rail="patients")
        ajouter("tableau_ins", "", "Indicateurs INS", lambda: self.tableau.construire(),
                rail="identites")
        ajouter("import_identites", "", "Importer des identités",
                lambda: self.importation.construire(), rail="patients")
        ajouter("reglages_identite", "", "Identitovigilance",
                lambda: self.reglages.construire(), rail="reglages")
        self._fond = QTimer(self, singleShot=True, interval=DELAI_FOND_MS)
        self._fond.timeout.connect(self._verifier_en_fond)
        self._fond.start()

    def _verifier_en_fond(self) -> None:
        """Start the queue, unless the window was closed meanwhile."""
        if self._fenetre.isVisible():
            self.listes.verifier_en_fond()

    @cached_property
    def listes(self) -> "ListesIdentiteController":
        """Work lists; also runs the verifications that are due."""
        from app.ui.controllers.listes_identite import ListesIdentiteController

        listes = ListesIdentiteController(self._fenetre, self._workers, self._ctx)
        listes.patient_demande.connect(self.patient_demande)
        listes.connexion_demandee.connect(self.connexion_demandee)
        listes.comparaison_demandee.connect(self._comparer)
        return listes

    @cached_property
    def fusion(self) -> "FusionController":
        """Merge of two files, reversible."""
        from app.ui.controllers.fusion import FusionController

        fusion = FusionController(self._fenetre, self._workers, self._ctx)
        fusion.patient_demande.connect(self.patient_demande)
        fusion.retour_demande.connect(lambda: self._fenetre.aller("identites"))
        fusion.change.connect(self.listes.actualiser)
        return fusion

    @cached_property
    def historique(self) -> "HistoriqueIdentiteController":
        """Time line of one identity."""
        from app.ui.controllers.historique_identite import HistoriqueIdentiteController

        historique = HistoriqueIdentiteController(self._fenetre, self._workers, self._ctx)
        historique.patient_demande.connect(self.patient_demande)
        historique.connexion_demandee.connect(self.connexion_demandee)
        return historique

    @cached_property
    def tableau(self) -> "TableauInsController":
        """TBB.INS.02."""
        from app.ui.controllers.tableau_ins import TableauInsController

        return TableauInsController(self._fenetre, self._workers, self._ctx)

    @cached_property
    def importation(self) -> "ImportController":
        """CSV and FHIR R4."""
        from app.ui.controllers.import_identites import ImportController

        importation = ImportController(self._fenetre, self._workers, self._ctx)
        importation.change.connect(self.listes.actualiser)
        return importation

    @cached_property
    def reglages(self) -> "ReglagesIdentiteController":
        """Proofs, transitory procedure, rights."""
        from app.ui.controllers.reglages_identite import ReglagesIdentiteController

        reglages = ReglagesIdentiteController(self._fenetre, self._workers, self._ctx)
        reglages.retour_demande.connect(lambda: self._fenetre.aller("reglages"))
        reglages.change.connect(self.reglages_changes)
        return reglages

    def _comparer(self, a: int, b: int) -> None:
        self._fenetre.aller("fusion")
        self.fusion.comparer(a, b)

    def ouvrir_historique(self, patient_id: int | None, geste: str = "") -> None:
        """History of the open file's identity; the list of patients when no file is open.

        `geste`: a gesture of that page to begin.
        """
        if patient_id is None:
            self._fenetre.aller("patients")
            return
        self._fenetre.aller("historique_identite")
        self.historique.ouvrir(patient_id, geste)
