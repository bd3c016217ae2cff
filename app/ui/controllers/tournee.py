"""Tournée & agenda: feeds the page, writes what the user moves, ticks, adds and removes."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.domain.agenda import EtatPassage, Passage
from app.domain.equipes import Geste
from app.domain.patient import PatientResume
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.models import tournee as regles
from app.ui.views.panneau_passage import DemandePassage
from app.ui.views.tournee import PageTournee
from app.ui.workers import Tache, Workers
from app.usecases import agenda, equipes, patients
from app.usecases.context import Contexte

LIMITE_RECHERCHE = 30
#: The day is read again at this pace: another workstation may have changed it.
PERIODE_MS = 60_000


def _deplacer_tous(ctx: Contexte, jour: str,
                   changements: Sequence[tuple[Passage, str]]) -> None:
    for passage, heure in changements:
        agenda.deplacer_passage(ctx, passage, jour, heure)


class TourneeController(QObject):
    """Glue of the tournée."""

    patient_demande = Signal(int)
    #: Text proposed as the birth name.
    nouveau_demande = Signal(str)
    #: Open « À valider ».
    validation_demandee = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._page: PageTournee | None = None
        self._jour = date.today()
        self._suit_le_jour = True
        self._a_valider = 0
        self._lecture: Tache | None = None
        self._recherche: Tache | None = None
        self._horloge = QTimer(self, interval=PERIODE_MS)
        self._horloge.timeout.connect(self._battre)
        self._horloge.start()
        fenetre.page_changee.connect(lambda nom: self._entrer() if nom == "tournee" else None)

    def construire(self) -> PageTournee:
        """Build the page when it is first shown."""
        page = PageTournee()
        self._page = page
        page.jour_demande.connect(self._aller_au_jour)
        page.dossier_demande.connect(self.patient_demande)
        page.etat_demande.connect(self._marquer)
        page.heures_demandees.connect(self._deplacer)
        page.ajout_demande.connect(self._ajouter)
        page.suppression_demande.connect(self._supprimer)
        page.recherche_patient.connect(self._chercher)
        page.nouveau_patient.connect(self.nouveau_demande)
        page.validation_demandee.connect(self.validation_demandee)
        page.a_valider(self._a_valider)
        self.recharger()
        self.lire_agendas()
        return page

    # -- reading -----------------------------------------------------------------------------

    def _entrer(self) -> None:
        """The page is shown: read the day again, the keyboard acts on the list."""
        self.recharger()
        self.lire_agendas()
        if self._page is not None and self._page.cote.currentIndex() == 0:
            self._page.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def recharger(self) -> None:
        """Read the day shown again; the last question wins."""
        if self._page is None:
            return
        if self._lecture is not None:
            self._lecture.annuler()
        jour = self._jour
        self._lecture = self._workers.submit(
            agenda.tournee, self._ctx, jour.isoformat(), proprietaire=self._page,
            on_done=lambda passages: self._montrer(jour, passages), on_error=self._echec)

    def lire_agendas(self) -> None:
        """Whose agendas the user may keep now, and everybody's names."""
        if self._page is not None:
            self._workers.submit(equipes.personnes_pour, self._ctx, Geste.AGENDA,
                                 proprietaire=self._page,
                                 on_done=self._page.panneau.proposer_agendas)
            self._workers.submit(equipes.noms_des_comptes, self._ctx, proprietaire=self._page,
                                 on_done=self._nommer)

    def _nommer(self, noms: dict[int, str]) -> None:
        if self._page is not None:
            self._page.nommer(noms, self._ctx.compte_id)

    def montrer_a_valider(self, nombre: int) -> None:
        """How many documents wait for the user's validation."""
        self._a_valider = nombre
        if self._page is not None:
            self._page.a_valider(nombre)

    def _montrer(self, jour: date, passages: list[Passage]) -> None:
        if self._page is not None and jour == self._jour:
            self._page.afficher(jour, passages)

    def _battre(self) -> None:
        """Midnight changes the day of a window left on « today »."""
        if self._suit_le_jour and self._jour != date.today():
            self._jour = date.today()
        if self._fenetre.page_courante == "tournee" and not self._fenetre.verrouillee:
            self.recharger()

    def _aller_au_jour(self, iso: str) -> None:
        self._jour = date.fromisoformat(iso)
        self._suit_le_jour = self._jour == date.today()
        self.recharger()

    # -- writing -----------------------------------------------------------------------------

    def _ecrire(self, geste: Callable[..., Any], *args: Any,
                fait: Callable[[Any], None] | None = None) -> None:
        """Write, then read the day again, also after a refusal: another may have changed it."""
        def apres(resultat: Any) -> None:
            if fait is not None:
                fait(resultat)
            self.recharger()

        def echec(erreur: Exception) -> None:
            if not resoudre(erreur, self._fenetre, self._workers, fait=apres, proprietaire=self):
                self._echec(erreur)
            self.recharger()

        self._workers.submit(geste, self._ctx, *args, on_done=apres, on_error=echec,
                             proprietaire=self)

    def _marquer(self, passage: Passage, etat: EtatPassage) -> None:
        self._ecrire(agenda.marquer_passage, passage, etat)

    def _deplacer(self, changements: Sequence[tuple[Passage, str]]) -> None:
        self._ecrire(_deplacer_tous, self._jour.isoformat(), changements)

    def _ajouter(self, demande: DemandePassage) -> None:
        def fait(passage: Passage) -> None:
            if self._page is not None:
                self._page.selectionner(passage.id)
                self._page.fermer_panneau()
            self._fenetre.ligne_flottante(
                f"Passage ajouté : {regles.nom(passage)} à {passage.heure}",
                lambda: self._ecrire(agenda.supprimer_passage, passage))

        self._ecrire(agenda.ajouter_passage, self._jour.isoformat(), demande.heure,
                     demande.patient.id, demande.soins, demande.duree, demande.lieu,
                     demande.pour, fait=fait)

    def _supprimer(self, passage: Passage) -> None:
        def remettre() -> None:
            self._ecrire(agenda.retablir_passage, passage)

        self._ecrire(agenda.supprimer_passage, passage, fait=lambda _: (
            self._fenetre.ligne_flottante(f"Passage supprimé : {regles.nom(passage)}", remettre)))

    # -- patient of the panel ----------------------------------------------------------------

    def _chercher(self, texte: str) -> None:
        page = self._page
        if page is None:
            return
        if self._recherche is not None:
            self._recherche.annuler()

        def trouve(resumes: list[PatientResume]) -> None:
            page.proposer_patients(texte, resumes)

        self._recherche = self._workers.submit(
            patients.chercher, self._ctx, texte, LIMITE_RECHERCHE, queue="recherche",
            on_done=trouve, on_error=self._echec, proprietaire=page)

    def _echec(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
