"""« À valider »: the lists, the preview, one click to sign; its counter in the rail and the day."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.document import FicheDocument
from app.domain.equipes import Geste
from app.domain.preparations import LignePreparation
from app.domain.roles import Droit
from app.ui.controllers.apercu_pdf import ApercuPdf
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.controllers.redaction import Annonces, avec_suite
from app.ui.fenetre import Fenetre
from app.ui.views.a_valider import PageAValider
from app.ui.workers import Tache, Workers
from app.usecases import a_valider, preparations
from app.usecases.context import Contexte
from app.usecases.garde import droits_de, gestes_recus
from app.usecases.outbox import Suite

#: A delegation begins and ends at its minute: the lists are read again at this pace.
PERIODE_MS = 60_000
PAGE = "a_valider"


@dataclass(frozen=True, slots=True)
class Lu:
    """What the page shows, read by a worker. `concerne`: the page is of use to this account."""

    pour_moi: tuple[LignePreparation, ...]
    par_moi: tuple[LignePreparation, ...]
    valide: bool
    gestes: frozenset[Geste]
    delegue: bool

    @property
    def nombre(self) -> int:
        """Documents that wait for the user."""
        return sum(x.attend for x in self.pour_moi)

    @property
    def prepare(self) -> bool:
        """The account prepares documents for somebody now."""
        return Geste.REDIGER in self.gestes

    @property
    def concerne(self) -> bool:
        """True when the account prepares, or is prepared for."""
        return bool(self.pour_moi or self.par_moi or self.prepare or self.delegue)


def lire(ctx: Contexte) -> Lu:
    """Both lists, and what the account may do."""
    valide = Droit.CLINIQUE_ECRIRE in droits_de(ctx)
    return Lu(a_valider.a_valider(ctx) if valide else (), a_valider.prepares(ctx), valide,
              gestes_recus(ctx), valide and a_valider.fait_preparer(ctx))


def _valider(ctx: Contexte, ligne: LignePreparation, retenir: bool) -> tuple[FicheDocument, Suite]:
    return avec_suite(ctx, a_valider.valider(ctx, ligne, retenir))


class AValiderController(QObject):
    """Glue of the page."""

    #: How many documents wait for the user.
    nombre = Signal(int)
    #: What others let this account do now (frozenset of Geste).
    gestes = Signal(object)
    #: (LignePreparation) open it in its file.
    ouverture = Signal(object)
    #: A document was validated: the outbox has work; its patient's file changed.
    valide = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._annonces = Annonces(fenetre, workers, ctx, self.actualiser, self._refus)
        self._page: PageAValider | None = None
        self._lu: Lu | None = None
        self._lecture: Tache | None = None
        self.apercu = ApercuPdf(workers, ctx, self, a_valider.apercu, self._attendu)
        self.apercu.refuse.connect(self._apercu_refuse)
        self._horloge = QTimer(self, interval=PERIODE_MS)
        self._horloge.timeout.connect(
            lambda: None if fenetre.verrouillee else self.actualiser())
        self._horloge.start()
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> PageAValider:
        """Build the page when it is first shown."""
        page = PageAValider()
        self._page = page
        page.apercu_demande.connect(self.apercu.demander)
        page.validation_demandee.connect(self._valider)
        page.renvoi_demande.connect(self._renvoyer)
        page.ouverture_demandee.connect(self.ouverture)
        page.reprise_demandee.connect(self._reprendre)
        self.apercu.brancher(page)
        if self._lu is not None:
            self._afficher(self._lu)
        return page

    def actualiser(self) -> None:
        """Read again; the last question wins."""
        if self._lecture is not None:
            self._lecture.annuler()
        self._lecture = self._workers.submit(lire, self._ctx, proprietaire=self,
                                             on_done=self._afficher, on_error=self._echec)

    def _afficher(self, lu: Lu) -> None:
        gestes = None if self._lu is None else self._lu.gestes
        self._lu = lu
        self._fenetre.montrer_entree(PAGE, lu.concerne)
        self._fenetre.compteur(PAGE, lu.nombre + (0 if lu.valide else sum(
            x.preparation.etat == "renvoyee" and not x.sans_suite for x in lu.par_moi)))
        self.nombre.emit(lu.nombre)
        if gestes != lu.gestes:
            self.gestes.emit(lu.gestes)
        if self._page is not None:
            self._page.afficher(lu.pour_moi, lu.par_moi, valide=lu.valide, prepare=lu.prepare)

    # -- preview -----------------------------------------------------------------------------

    def _attendu(self, ligne: LignePreparation) -> bool:
        montree = None if self._page is None else self._page.ligne
        return montree is not None and montree.apparence == ligne.apparence

    def _apercu_refuse(self, erreur: Exception) -> None:
        if self._page is not None:
            self._page.apercu_impossible(texte_erreur(erreur))

    # -- gestures ----------------------------------------------------------------------------

    def _valider(self, ligne: LignePreparation, retenir: bool) -> None:
        def fait(resultat: tuple[FicheDocument, Suite]) -> None:
            fiche, _ = resultat
            self._annonces.valide(*resultat)
            self.valide.emit(fiche.patient_id)
            self.actualiser()

        # Not tied to the page: a validation that was asked is carried out and told.
        self._workers.submit(_valider, self._ctx, ligne, retenir, queue="documents", on_done=fait,
                             on_error=self._refus)

    def _renvoyer(self, ligne: LignePreparation) -> None:
        self._annonces.renvoyer(ligne, self.actualiser)

    def _reprendre(self, ligne: LignePreparation) -> None:
        def fait(_: object) -> None:
            self._fenetre.ligne_flottante("Repris : proposez-le de nouveau une fois corrigé")
            self.actualiser()

        self._workers.submit(preparations.reprendre_main, self._ctx, ligne.preparation,
                             on_done=fait, on_error=self._refus, proprietaire=self)

    def _refus(self, erreur: Exception) -> None:
        """Why, above the list; what is on screen may be old: it is read again."""
        if self._page is not None:
            self._page.activer(True)
            self._page.dire("erreur", texte_erreur(erreur))
        else:
            self._echec(erreur)
        self.actualiser()

    def _echec(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
