"""Letters and reports: autosave, preview, validation."""

from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.domain import outbox_rules
from app.domain.consent import EpisodeSoins
from app.domain.document import Brouillon, EtatLigne, FicheDocument, ListeDocuments
from app.domain.identity import Identite
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.documents import Tailles, image_page, tailles
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.courrier import VueCourriers
from app.ui.workers import Tache, Workers
from app.usecases import outbox, produce, settings
from app.usecases.context import Contexte


def _apercu(ctx: Contexte, brouillon: Brouillon) -> tuple[bytes, Tailles]:
    pdf = produce.apercu(ctx, brouillon)
    return pdf, tailles(ctx, pdf)


def _valider(ctx: Contexte, brouillon: Brouillon, retenir: bool) -> tuple[FicheDocument, int]:
    """Validate; also gives the delay before sending, in minutes."""
    fiche = produce.valider(ctx, brouillon, retenir)
    return fiche, settings.lire_reglages(ctx).delai_envoi_min


def _annuler_envoi(ctx: Contexte, document_id: int) -> None:
    with ctx.store.lecture() as u:
        ordres = u.outbox.par_document(document_id)
    if ordres:
        outbox.annuler(ctx, ordres[0].id, ordres[0].version)


class CourrierController(QObject):
    """Glue of the Courriers tab, for the patient given by `definir_patient`."""

    #: Drafts or documents changed: the file's lists change.
    change = Signal()
    #: A document was validated: the runner of the outbox has work.
    valide = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueCourriers | None = None
        self._patient_id: int | None = None
        self._pdf: bytes = b""
        self._apercu: Tache | None = None
        self._base: Brouillon | None = None
        """The draft as it was last read or kept here."""
        self._sauvegarde: Tache | None = None
        self._pages: dict[int, Tache] = {}
        self._identite: Identite | None = None
        self._episode: EpisodeSoins | None = None
        self._brouillons: tuple[tuple[int, str, str], ...] = ()

    def brancher(self, vue: VueCourriers) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        vue.definir_types(produce.TYPES_COURRIER)
        vue.nouveau_demande.connect(self.nouveau)
        vue.brouillon_demande.connect(self.reprendre)
        vue.garder.connect(self._garder)
        vue.apercu_demande.connect(self._demander_apercu)
        vue.validation_demandee.connect(self._valider)
        vue.abandon_demande.connect(self._abandonner)
        vue.page_demandee.connect(self._page)
        vue.accueillir(self._brouillons)
        self._dire_canal()

    # -- state of the file -------------------------------------------------------------------

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: what is being written is kept first, and leaves the screen."""
        if self._vue is not None and patient_id != self._patient_id:
            self._vue.garder_maintenant()
        self._patient_id = patient_id
        self._brouillons = ()
        self._oublier()
        if self._vue is not None:
            self._vue.accueillir()

    def definir_etat(self, identite: Identite, episode: EpisodeSoins | None,
                     documents: ListeDocuments) -> None:
        """Facts that decide where a document goes, and drafts to resume."""
        self._identite, self._episode = identite, episode
        self._brouillons = tuple(
            (int(x.cle.partition(":")[2]), x.titre or x.type_libelle,
             "/".join(reversed(x.date.split("-"))))
            for x in documents.lignes if x.etat is EtatLigne.BROUILLON)
        if self._vue is not None:
            if self._vue.brouillon is None:
                self._vue.accueillir(self._brouillons)
            self._dire_canal()

    def _dire_canal(self) -> None:
        if self._vue is None or self._identite is None:
            return
        if outbox_rules.opposition(self._episode):
            self._vue.definir_canal("Le patient s’oppose à l’envoi : le document restera au "
                                    "dossier du cabinet.", possible=False)
        elif not self._identite.matricule_transmissible:
            self._vue.definir_canal("Identité non qualifiée : le document sera gardé, son envoi "
                                    "au DMP attendra la qualification. L’INS n’y figure pas.",
                                    possible=True)
        else:
            self._vue.definir_canal("Partira au DMP après le délai d’envoi, avec l’INS du "
                                    "patient.", possible=True)

    # -- drafts ------------------------------------------------------------------------------

    def nouveau(self, type_code: str = "") -> None:
        """Start a document; without a type the tab offers the choice."""
        if self._patient_id is None:
            return
        if not type_code:
            if self._vue is not None and self._vue.brouillon is None:
                self._vue.accueillir(self._brouillons)
            return
        patient_id = self._patient_id
        self._workers.submit(
            produce.nouveau_brouillon, self._ctx, patient_id, type_code,
            on_done=lambda b: self._editer(patient_id, b), on_error=self._echec,
            proprietaire=self)

    def reprendre(self, brouillon_id: int) -> None:
        """Go on with a draft; 0 closes the editor."""
        if self._patient_id is None or self._vue is None:
            return
        if not brouillon_id:
            self._oublier()
            self._vue.accueillir(self._brouillons)
            self.change.emit()
            return
        ouvert = self._vue.brouillon
        if ouvert is not None and ouvert.id == brouillon_id:
            return
        self._vue.garder_maintenant()
        patient_id = self._patient_id
        self._workers.submit(
            produce.lire_brouillon, self._ctx, brouillon_id, patient_id,
            on_done=lambda b: self._editer(patient_id, b), on_error=self._echec,
            proprietaire=self)

    def _editer(self, patient_id: int, brouillon: Brouillon) -> None:
        if patient_id == self._patient_id and self._vue is not None:
            self._oublier()
            self._base = brouillon
            self._vue.editer(brouillon)
            self._dire_canal()
            self.change.emit()

    def _garder(self, brouillon: Brouillon) -> None:
        def garde(enregistre: Brouillon) -> None:
            self._sauvegarde = None
            # What was sent here, not what came of it: a later save must not undo the other's part.
            self._base = replace(brouillon, id=enregistre.id, version=enregistre.version)
            if self._reuni_ailleurs(brouillon, enregistre):
                self._editer(enregistre.patient_id, enregistre)
                return
            if self._vue is not None:
                self._vue.garde(enregistre, datetime.now().strftime("%H:%M"))

        def reuni(enregistre: Brouillon) -> None:
            garde(enregistre)
            if self._vue is not None and self._vue.brouillon is not None:
                self._editer(enregistre.patient_id, enregistre)

        def echec(erreur: Exception) -> None:
            self._sauvegarde = None
            if resoudre(erreur, self._fenetre, self._workers, fait=reuni, proprietaire=self):
                return
            if self._vue is not None:
                self._vue.conflit(f"Brouillon non enregistré. {texte_erreur(erreur)}")

        base = self._base if self._base is not None and self._base.id == brouillon.id else None
        self._sauvegarde = self._workers.submit(
            produce.enregistrer_brouillon, self._ctx, brouillon, base, on_done=garde,
            on_error=echec, proprietaire=self)

    def _reuni_ailleurs(self, envoye: Brouillon, garde: Brouillon) -> bool:
        """Another window's part came in, and nothing was typed here since."""
        ecran = None if self._vue is None else self._vue.brouillon
        champs = ("type_code", "titre", "texte")
        return ecran is not None and ecran.id in (0, garde.id) and any(
            getattr(envoye, c) != getattr(garde, c) for c in champs) and all(
            getattr(ecran, c) == getattr(envoye, c) for c in champs)

    def _abandonner(self, brouillon_id: int) -> None:
        vue = self._vue
        brouillon = vue.brouillon if vue is not None else None
        if vue is None or brouillon is None:
            return

        def remettre() -> None:
            self._workers.submit(produce.enregistrer_brouillon, self._ctx,
                                 replace(brouillon, id=0, version=1),
                                 on_done=lambda _: self.change.emit(), on_error=self._echec,
                                 proprietaire=self)

        def fait(_: object) -> None:
            self._oublier()
            vue.accueillir(tuple(b for b in self._brouillons if b[0] != brouillon_id))
            self._fenetre.ligne_flottante("Brouillon abandonné", remettre)
            self.change.emit()

        if not brouillon_id:
            fait(None)
            return
        self._workers.submit(produce.abandonner_brouillon, self._ctx, brouillon_id, on_done=fait,
                             on_error=self._echec, proprietaire=self)

    # -- preview -----------------------------------------------------------------------------

    def _oublier(self) -> None:
        if self._apercu is not None:
            self._apercu.annuler()
            self._apercu = None
        for tache in self._pages.values():
            tache.annuler()
        self._pages.clear()
        self._pdf = b""

    def _demander_apercu(self, brouillon: Brouillon) -> None:
        """The last text wins."""
        if self._apercu is not None:
            self._apercu.annuler()

        def pret(resultat: tuple[bytes, Tailles]) -> None:
            self._apercu = None
            self._pdf = resultat[0]
            if self._vue is not None and self._vue.brouillon is not None:
                self._vue.montrer_apercu(resultat[1])

        def echec(erreur: Exception) -> None:
            self._apercu = None
            if self._vue is not None:
                self._vue.apercu_impossible(texte_erreur(erreur))

        self._apercu = self._workers.submit(_apercu, self._ctx, brouillon, queue="documents",
                                            on_done=pret, on_error=echec, proprietaire=self)

    def _page(self, numero: int, largeur: int) -> None:
        pdf, vue = self._pdf, self._vue
        if not pdf or vue is None:
            return
        ancienne = self._pages.pop(numero, None)
        if ancienne is not None:
            ancienne.annuler()

        def dessinee(image: QImage) -> None:
            self._pages.pop(numero, None)
            if self._pdf is pdf:
                vue.poser_page(numero, largeur, image)

        self._pages[numero] = self._workers.submit(
            image_page, self._ctx, pdf, numero, largeur, queue="documents", on_done=dessinee,
            on_error=lambda erreur: vue.apercu_impossible(texte_erreur(erreur)),
            proprietaire=vue)

    # -- validation --------------------------------------------------------------------------

    def _valider(self, brouillon: Brouillon, retenir: bool) -> None:
        patient_id = self._patient_id
        if self._sauvegarde is not None:
            # An autosave on its way would bring the draft back after the validation removed it.
            QTimer.singleShot(50, self, lambda: self._valider(brouillon, retenir))
            return

        def fait(resultat: tuple[FicheDocument, int]) -> None:
            fiche, delai = resultat
            self._dire_validation(fiche, delai, retenir)
            if patient_id == self._patient_id and self._vue is not None:
                self._oublier()
                self._vue.accueillir(tuple(b for b in self._brouillons if b[0] != brouillon.id))
            self.valide.emit()
            self.change.emit()

        def echec(erreur: Exception) -> None:
            if patient_id == self._patient_id and self._vue is not None:
                self._vue.validation_refusee(texte_erreur(erreur))
            else:
                self._echec(erreur)

        # Not tied to the view: a validation that was asked is carried out and told.
        self._workers.submit(_valider, self._ctx, brouillon, retenir, queue="documents",
                             on_done=fait, on_error=echec)

    def _dire_validation(self, fiche: FicheDocument, delai: int, retenir: bool) -> None:
        if outbox_rules.opposition(self._episode):
            self._fenetre.ligne_flottante("Document validé. Il reste au cabinet.")
        elif retenir:
            self._fenetre.ligne_flottante("Document validé. Son envoi est retenu.")
        elif self._identite is not None and not self._identite.matricule_transmissible:
            self._fenetre.ligne_flottante("Document validé. L’envoi attend la qualification.")
        else:
            quand = f"dans {delai} min" if delai else "maintenant"
            self._fenetre.ligne_flottante(
                f"Document validé. Envoi au DMP {quand}.",
                lambda: self._annuler(fiche.id))

    def _annuler(self, document_id: int) -> None:
        self._workers.submit(_annuler_envoi, self._ctx, document_id,
                             on_done=lambda _: self._annule(), on_error=self._echec,
                             proprietaire=self)

    def _annule(self) -> None:
        self._fenetre.ligne_flottante("Envoi annulé. Le document reste au dossier.")
        self.change.emit()

    def _echec(self, erreur: Exception) -> None:
        self._fenetre.message("erreur", texte_erreur(erreur),
                              code=str(getattr(erreur, "code", "")))
