"""What enters the practice from outside: imports, scanner's folder, « À classer »."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.ui.controllers.a_classer import AClasserController
from app.ui.controllers.importation import ImportationController
from app.ui.controllers.scanner import ScannerController
from app.ui.fenetre import Fenetre
from app.ui.workers import Workers
from app.usecases.context import Contexte
from app.usecases.importation import BilanImport


class Entrees(QObject):
    """Declares the page and ties the three together.

    Args:
        patient_ouvert: gives (id, name) of the file on screen, or None.
    """

    #: Documents entered the open file: first document id.
    importe = Signal(int)
    #: A document was filed: (patient id).
    classe = Signal(int)
    #: (PropositionCreation or None): what a document says of its patient.
    nouveau_patient_demande = Signal(object)
    reglage_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 patient_ouvert: Callable[[], tuple[int, str] | None]) -> None:
        super().__init__(fenetre)
        self._fenetre = fenetre
        self.a_classer = AClasserController(fenetre, workers, ctx)
        self.importation = ImportationController(fenetre, workers, ctx, patient_ouvert)
        self.scanner = ScannerController(fenetre, workers, ctx)
        fenetre.ajouter_page("a_classer", "inbox", "À classer", self.a_classer.construire)
        self.importation.importe.connect(self.importe)
        self.importation.attente_changee.connect(lambda: self.a_classer.actualiser())
        self.importation.a_classer_demande.connect(lambda: fenetre.aller("a_classer"))
        self.a_classer.classe.connect(self.classe)
        self.a_classer.import_demande.connect(self.importation.choisir)
        self.a_classer.nouveau_patient_demande.connect(self.nouveau_patient_demande)
        self.a_classer.reglage_demande.connect(self.reglage_demande)
        self.scanner.recu.connect(self._scanne)

    def demarrer(self) -> None:
        """Count what waits and watch the scanner's folder."""
        self.a_classer.compter()
        self.scanner.demarrer()

    def arreter(self) -> None:
        """No more rounds."""
        self.scanner.arreter()

    def _scanne(self, bilan: BilanImport) -> None:
        self.importation.dire(bilan, None)
        self.a_classer.suivre()
