"""Letters and reports: drafts kept one after the other, validation, versions."""

from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from app.documents.libelles import nom_professionnel
from app.documents.modeles_courriers import ModeleCourrier
from app.domain import dates, outbox_rules
from app.domain.consent import EpisodeSoins
from app.domain.document import Brouillon, EtatLigne, FicheDocument, ListeDocuments
from app.domain.identity import Identite
from app.domain.preparations import GenrePreparation, LignePreparation
from app.ui.controllers.apercu_pdf import ApercuPdf
from app.ui.controllers.courrier_annexes import AnnexesCourrier
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.redaction import (
    Annonces,
    avec_preparation,
    avec_suite,
    figer_sans_delegation,
    montrer,
    pour_qui_ecrire,
)
from app.ui.fenetre import Fenetre
from app.ui.views.courrier import VueCourriers
from app.ui.views.courrier_accueil import LigneEcrite
from app.ui.workers import Tache, Workers
from app.usecases import (
    brouillons,
    champs_dossier,
    modeles_courriers,
    preparations,
    produce,
    suites_documents,
    versions_documents,
)
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.outbox import Suite


@dataclass(frozen=True, slots=True)
class _Offre:
    """What the tab offers: for whom, kinds, templates."""

    types: tuple[tuple[str, str, str], ...]
    modeles: tuple[ModeleCourrier, ...]
    pour: tuple[tuple[int, str], ...]
    choisi: int


def _offre(ctx: Contexte, pour: int) -> _Offre:
    """What may be written for an account, else for the first one possible."""
    possibles = pour_qui_ecrire(ctx)
    if not possibles:
        return _Offre((), (), (), 0)
    choisi = pour if pour in dict(possibles) else possibles[0][0]
    auteur = brouillons.lire_auteur(ctx, choisi)
    return _Offre(tuple((t.cle, t.titre, t.type_code)
                        for t in modeles_courriers.types_ecrits(ctx, auteur)),
                  modeles_courriers.lister(ctx, auteur=auteur), possibles, choisi)


def _proposer(ctx: Contexte, brouillon: Brouillon, base: Brouillon | None) -> None:
    """Keep what is on screen, and hand it over."""
    garde = brouillons.garder(ctx, brouillon, base).brouillon
    preparations.proposer(ctx, _COURRIER, garde.id, garde.titre)


def _ecrits(ctx: Contexte, patient_id: int) -> tuple[LigneEcrite, ...]:
    return tuple(LigneEcrite(
        e.fiche.id, e.fiche.titre,
        f"{dates.formater(e.fiche.date_acte)}, {e.fiche.auteur}"
        + (f", version {e.fiche.version_number}" if e.fiche.version_number > 1 else ""))
        for e in versions_documents.documents_ecrits(ctx, patient_id))


def _valider(ctx: Contexte, brouillon: Brouillon, base: Brouillon | None,
             retenir: bool) -> tuple[FicheDocument, Suite]:
    """Validate what is on screen and nothing else; also gives what becomes of it.

    :raises Refus: another window wrote in the same draft: its text must be seen first.
    """
    if brouillon.id and base is not None:
        garde = brouillons.garder(ctx, brouillon, base)
        if garde.copie_de or garde.brouillon.texte != brouillon.texte:
            raise Refus("Ce brouillon vient d’être modifié dans une autre fenêtre ou sur un autre "
                        "poste. Les deux textes sont gardés : relisez, puis validez.",
                        code=brouillons.CODE_BROUILLON)
        brouillon = garde.brouillon
    return avec_suite(ctx, produce.valider(ctx, brouillon, retenir))


_COURRIER = GenrePreparation.COURRIER


class CourrierController(QObject):
    """Glue of the Courriers tab, for the patient given by `definir_patient`."""

    #: Drafts or documents changed: the file's lists change.
    change = Signal()
    #: A document was validated: the runner of the outbox has work.
    valide = Signal()
    #: A prepared document was handed over, sent back, left to its professional.
    prepare = Signal()
    #: Open a document of the file.
    document_demande = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._annonces = Annonces(fenetre, workers, ctx, self.change.emit, self._echec)
        self._vue: VueCourriers | None = None
        self._patient_id: int | None = None
        self._sauvegarde: Tache | None = None
        self._suivante: Brouillon | None = None
        self._bases: dict[int, Brouillon] = {}
        """Drafts as they were last read or kept here: what another window changed is seen."""
        self._pour = 0
        self._ligne: LignePreparation | None = None
        """For whom, by whom, the draft on screen is prepared."""
        self._identite: Identite | None = None
        self._episode: EpisodeSoins | None = None
        self._brouillons: tuple[tuple[int, str, str], ...] = ()
        self._ecrits: tuple[LigneEcrite, ...] = ()
        self.apercu = ApercuPdf(workers, ctx, self, produce.apercu, self._attend_apercu)
        self.apercu.refuse.connect(self._apercu_refuse)
        self.annexes = AnnexesCourrier(fenetre, workers, ctx, self)
        self.annexes.modeles_changes.connect(self._lire_offre)

    def brancher(self, vue: VueCourriers) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        vue.nouveau_demande.connect(self.nouveau)
        vue.brouillon_demande.connect(self.reprendre)
        vue.garder.connect(self._garder)
        vue.validation_demandee.connect(self._valider)
        vue.proposition_demandee.connect(self._proposer)
        vue.renvoi_demande.connect(self._renvoyer)
        vue.pour_change.connect(self._ecrire_pour)
        vue.abandon_demande.connect(self._abandonner)
        vue.version_demandee.connect(self.nouvelle_version)
        vue.suppression_demandee.connect(self._supprimer)
        vue.lecture_demandee.connect(self.document_demande)
        self.apercu.brancher(vue)
        vue.apercu_demande.connect(self.apercu.demander)
        self.annexes.brancher(vue)
        self._accueillir()
        self._dire_canal()
        self._lire_offre()

    def _lire_offre(self) -> None:
        def lue(offre: _Offre) -> None:
            if self._vue is not None:
                self.annexes.types = offre.types
                self._pour = offre.choisi
                self._vue.accueil.definir_pour(offre.pour, self._ctx.compte_id, offre.choisi)
                self._vue.definir_types(offre.types)
                self._vue.definir_modeles(offre.modeles, champs_dossier.GROUPES)

        if self._vue is not None and (self._vue.brouillon is None or not self.annexes.types):
            self._workers.submit(_offre, self._ctx, self._pour, on_done=lue, on_error=self._echec,
                                 proprietaire=self)

    def _ecrire_pour(self, compte: int) -> None:
        self._pour = compte
        self._lire_offre()

    @property
    def ecrit(self) -> bool:
        """True while a document is being written."""
        return self._vue is not None and self._vue.brouillon is not None

    def relire_choix(self, patient_id: int) -> None:
        """For whom one may write changed."""
        if patient_id != self._patient_id:
            self.definir_patient(patient_id)
        self._lire_offre()

    def _attend_apercu(self, brouillon: Brouillon) -> bool:
        return self._vue is not None and self._vue.ecrit == brouillon.id

    def _apercu_refuse(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.apercu_impossible(texte_erreur(erreur))

    # -- state of the file -------------------------------------------------------------------

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: what is being written is kept first, and leaves the screen."""
        if self._vue is not None and patient_id != self._patient_id:
            self._vue.garder_maintenant()
        self._patient_id = patient_id
        self._brouillons, self._ecrits = (), ()
        self.annexes.definir_patient(patient_id)
        self.apercu.oublier()
        if self._vue is not None:
            self._accueillir()

    def definir_etat(self, identite: Identite, episode: EpisodeSoins | None,
                     documents: ListeDocuments) -> None:
        """Facts that decide where a document goes, and drafts to resume."""
        self._identite, self._episode = identite, episode
        self._brouillons = tuple(
            (int(x.cle.partition(":")[2]), x.titre or x.type_libelle,
             "/".join(reversed(x.date.split("-")))
             + (f", pour {x.auteur}" if x.auteur != self._ctx.qui else ""))
            for x in documents.lignes if x.etat is EtatLigne.BROUILLON)
        if self._vue is not None:
            if self._vue.brouillon is None:
                self._accueillir()
            self._dire_canal()
        self._lire_ecrits()

    def _lire_ecrits(self) -> None:
        patient_id = self._patient_id
        if patient_id is None or self._vue is None:
            return

        def lus(ecrits: tuple[LigneEcrite, ...]) -> None:
            if patient_id == self._patient_id and ecrits != self._ecrits:
                self._ecrits = ecrits
                if self._vue is not None and self._vue.brouillon is None:
                    self._accueillir()

        # No word about a refusal: an account that may not read sees no history.
        self._workers.submit(_ecrits, self._ctx, patient_id, on_done=lus,
                             on_error=lambda _: None, proprietaire=self)

    def _accueillir(self, sauf: int = 0) -> None:
        if self._vue is not None:
            self._vue.accueillir(tuple(b for b in self._brouillons if b[0] != sauf),
                                 self._ecrits)

    def _dire_canal(self) -> None:
        if self._vue is None or self._identite is None:
            return
        if outbox_rules.opposition(self._episode):
            self._vue.definir_canal("Le patient s’oppose à l’envoi : le document restera au "
                                    "dossier du cabinet.", possible=False)
        elif not self._identite.matricule_transmissible:
            self._vue.definir_canal("Identité non qualifiée : le document sera gardé, son envoi "
                                    "au DMP attendra la qualification. L’INS n’y figure pas.",
                                    possible=True)
        else:
            ligne = self._ligne
            quand = "après le délai d’envoi" if ligne is None or (
                ligne.preparation.pour_id == self._ctx.compte_id) else (
                f"quand {ligne.pour} l’aura validé")
            self._vue.definir_canal(f"Partira au DMP {quand}, avec l’INS du patient.",
                                    possible=True)

    # -- drafts ------------------------------------------------------------------------------

    def nouveau(self, cle: str = "") -> None:
        """Start a document from a template; without a key the tab offers the choice."""
        if self._patient_id is None:
            return
        if not cle:
            if self._vue is not None and self._vue.brouillon is None:
                self._accueillir()
            return
        self._ouvrir(brouillons.nouveau_brouillon, self._patient_id, cle, self._pour)

    def nouvelle_version(self, document_id: int) -> None:
        """Write the next version of a document."""
        self._ouvrir(versions_documents.nouvelle_version, document_id)

    def reprendre(self, brouillon_id: int) -> None:
        """Go on with a draft; 0 closes the editor."""
        if self._patient_id is None or self._vue is None:
            return
        if not brouillon_id:
            self.apercu.oublier()
            self._accueillir()
            self.change.emit()
            return
        ouvert = self._vue.brouillon
        if ouvert is not None and ouvert.id == brouillon_id:
            return
        self._ouvrir(brouillons.lire_brouillon, brouillon_id, self._patient_id)

    def _ouvrir(self, geste: object, *args: object) -> None:
        patient_id = self._patient_id
        if self._vue is not None:
            self._vue.garder_maintenant()
        assert callable(geste)

        def ouvrir(ctx: Contexte, *cles: object) -> tuple[Brouillon, LignePreparation | None, str]:
            brouillon, ligne = avec_preparation(_COURRIER, geste, lambda b: b.id)(ctx, *cles)
            return brouillon, ligne, nom_professionnel(brouillons.lire_auteur(
                ctx, brouillon.auteur_id))

        self._workers.submit(ouvrir, self._ctx, *args,
                             on_done=lambda lu: self._editer(patient_id, *lu),
                             on_error=self._echec, proprietaire=self)

    def _editer(self, patient_id: int | None, brouillon: Brouillon,
                ligne: LignePreparation | None, responsable: str) -> None:
        if patient_id == self._patient_id and self._vue is not None:
            self.apercu.oublier()
            self._bases[brouillon.id], self._ligne = brouillon, ligne
            self._vue.editer(brouillon, responsable)  # the channel below says who validates
            etat = montrer(ligne, self._ctx.compte_id)
            self._vue.definir_preparation(etat.pour, etat.par, fige=etat.fige,
                                           renvoi=etat.renvoi)
            self._dire_canal()
            self.change.emit()

    def _garder(self, brouillon: Brouillon) -> None:
        """One save at a time: the next one begins from what the former left."""
        if self._sauvegarde is not None:
            self._suivante = brouillon
            return

        def garde(lue: brouillons.Garde) -> None:
            self._sauvegarde = None
            self._noter_garde(brouillon, lue)
            self._garder_suivante(lue)

        def echec(erreur: Exception) -> None:
            self._sauvegarde = None
            if getattr(erreur, "code", "") == "DELEGATION":
                # Kept for the professional: nothing more is written here.
                self._suivante = None
                if self._vue is not None and self._vue.ecrit == brouillon.id:
                    self._vue.figer(texte_erreur(erreur))
                self.prepare.emit()
                return
            if self._vue is not None:
                self._vue.conflit(f"Brouillon non enregistré. {texte_erreur(erreur)}")
            self._garder_suivante(None)

        self._sauvegarde = self._workers.submit(
            brouillons.garder, self._ctx, brouillon, self._bases.get(brouillon.id),
            on_done=garde, on_error=echec, proprietaire=self)

    def _noter_garde(self, envoye: Brouillon, lue: brouillons.Garde) -> None:
        """The draft is kept. What another window wrote and that agrees comes on screen; if a hand
        has gone on writing meanwhile, it is compared at the next save."""
        vue, recu = self._vue, lue.brouillon
        if lue.copie_de:
            self._bases[recu.id] = recu
            if vue is not None:
                vue.dedoubler(recu, lue.copie_de)
            self.change.emit()
            return
        meme = (recu.titre, recu.texte) == (envoye.titre, envoye.texte)
        a_jour = meme or (vue is not None and vue.adopter(envoye, recu))
        self._bases[recu.id] = recu if a_jour else envoye
        if vue is not None:
            vue.garde(recu, datetime.now().strftime("%H:%M"))

    def _garder_suivante(self, lue: brouillons.Garde | None) -> None:
        suivante, self._suivante = self._suivante, None
        if suivante is None:
            return
        if lue is not None and lue.copie_de == suivante.id and suivante.id:
            suivante = replace(suivante, id=lue.brouillon.id)
        self._garder(suivante)

    def _abandonner(self, brouillon_id: int) -> None:
        vue = self._vue
        brouillon = vue.brouillon if vue is not None else None
        if vue is None or brouillon is None:
            return
        self._suivante = None
        if self._sauvegarde is not None:
            QTimer.singleShot(50, self, lambda: self._abandonner(brouillon_id))
            return

        def remettre() -> None:
            self._workers.submit(brouillons.enregistrer_brouillon, self._ctx,
                                 replace(brouillon, id=0, version=1),
                                 on_done=lambda _: self.change.emit(), on_error=self._echec,
                                 proprietaire=self)

        def fait(_: object) -> None:
            self.apercu.oublier()
            self._accueillir(sauf=brouillon_id)
            self._fenetre.ligne_flottante("Brouillon abandonné", remettre)
            self.change.emit()

        if not brouillon_id:
            fait(None)
            return
        self._workers.submit(brouillons.abandonner_brouillon, self._ctx, brouillon_id,
                             brouillon if brouillon.id == brouillon_id else None,
                             on_done=fait, on_error=self._echec, proprietaire=self)

    # -- validation --------------------------------------------------------------------------

    def _valider(self, brouillon: Brouillon, retenir: bool) -> None:
        patient_id = self._patient_id
        if self._sauvegarde is not None:
            # An autosave on its way would bring the draft back after the validation removed it.
            self._suivante = None
            QTimer.singleShot(50, self, lambda: self._valider(brouillon, retenir))
            return

        def fait(resultat: tuple[FicheDocument, Suite]) -> None:
            self._annonces.valide(*resultat)
            if patient_id == self._patient_id and self._vue is not None:
                self.apercu.oublier()
                self._accueillir(sauf=brouillon.id)
            self.valide.emit()
            self.change.emit()
            if self._ligne is not None:
                self.prepare.emit()

        def echec(erreur: Exception) -> None:
            if patient_id == self._patient_id and self._vue is not None:
                self._vue.validation_refusee(texte_erreur(erreur))
                self._garder(brouillon)  # what was typed just before is kept all the same
            else:
                self._echec(erreur)

        # Not tied to the view: a validation that was asked is carried out and told.
        self._workers.submit(_valider, self._ctx, brouillon, self._bases.get(brouillon.id),
                             retenir, queue="documents", on_done=fait, on_error=echec)

    def _proposer(self, brouillon: Brouillon) -> None:
        """Hand the document over to its professional."""
        patient_id, ligne = self._patient_id, self._ligne
        if self._sauvegarde is not None:
            self._suivante = None
            QTimer.singleShot(50, self, lambda: self._proposer(brouillon))
            return

        def fait(_: object) -> None:
            self._annonces.propose(ligne.pour if ligne is not None else "")
            if patient_id == self._patient_id and self._vue is not None:
                self.apercu.oublier()
                self._accueillir(sauf=brouillon.id)
            self.prepare.emit()
            self.change.emit()

        def echec(erreur: Exception) -> None:
            if patient_id != self._patient_id or self._vue is None:
                self._echec(erreur)
            elif figer_sans_delegation(erreur, self._vue.figer):
                self.prepare.emit()
            else:
                self._vue.validation_refusee(texte_erreur(erreur))

        self._workers.submit(_proposer, self._ctx, brouillon, self._bases.get(brouillon.id),
                             queue="documents", on_done=fait, on_error=echec)

    def _renvoyer(self) -> None:
        """Send what is on screen back to who prepared it."""
        if self._ligne is not None and self._vue is not None:
            self._vue.garder_maintenant()
            self._annonces.renvoyer(self._ligne, self._renvoye)

    def _renvoye(self) -> None:
        self.apercu.oublier()
        self._accueillir()
        self.prepare.emit()
        self.change.emit()

    # -- documents already written ---------------------------------------------------------------

    def _supprimer(self, document_id: int) -> None:
        def remettre() -> None:
            self._workers.submit(suites_documents.retablir, self._ctx, document_id,
                                 on_done=lambda _: self.change.emit(), on_error=self._echec,
                                 proprietaire=self)

        def fait(fiche: FicheDocument) -> None:
            suite = " Il reste dans le DMP." if fiche.entry_uuid else ""
            self._fenetre.ligne_flottante(f"Document supprimé, sa trace est gardée.{suite}",
                                          remettre)
            self.change.emit()

        self._workers.submit(versions_documents.supprimer_document, self._ctx, document_id,
                             on_done=fait, on_error=self._echec, proprietaire=self)

    def _echec(self, erreur: Exception) -> None:
        self._fenetre.message("erreur", texte_erreur(erreur),
                              code=str(getattr(erreur, "code", "")))
