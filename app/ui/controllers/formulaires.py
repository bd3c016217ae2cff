"""Formulaires of the open file: choose, fill, see, validate (`usecases.formulaires`)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain import outbox_rules
from app.domain.consent import EpisodeSoins
from app.domain.document import FicheDocument
from app.domain.formulaire import SaisieForme, ecrire_chemin
from app.domain.identity import Identite
from app.domain.preparations import GenrePreparation, LignePreparation
from app.ui.controllers.apercu_pdf import ApercuPdf
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
from app.ui.views.documents_structures import VueFormulaires
from app.ui.workers import Tache, Workers
from app.usecases import formulaires, preparations
from app.usecases.context import Contexte
from app.usecases.formulaires import Accueil, FormeIncomplete, FormeOuverte
from app.usecases.outbox import Suite

_PERIODE_MS = 50
A_PART = ("Ce formulaire a été rempli, validé ou abandonné dans une autre fenêtre ou sur un autre "
          "poste. Votre saisie est gardée à part, parmi ceux qui sont commencés.")
_FORMULAIRE = GenrePreparation.FORMULAIRE


def _accueil(ctx: Contexte, patient_id: int, pour: int
             ) -> tuple[Accueil, tuple[tuple[int, str], ...], int]:
    """What may be filled for an account, else for the first one possible."""
    possibles = pour_qui_ecrire(ctx)
    if not possibles:
        return Accueil((), ()), (), 0
    choisi = pour if pour in dict(possibles) else possibles[0][0]
    return formulaires.accueil(ctx, patient_id, choisi), possibles, choisi


def _proposer(ctx: Contexte, saisie: SaisieForme) -> None:
    """Keep what is on screen, and hand it over."""
    preparations.proposer(ctx, _FORMULAIRE, formulaires.garder(ctx, saisie).id)


def _valider(ctx: Contexte, saisie: SaisieForme, retenir: bool) -> tuple[FicheDocument, Suite]:
    """Validate; also gives what becomes of the document."""
    return avec_suite(ctx, formulaires.valider(ctx, saisie, retenir))


class FormulairesController(QObject):
    """Glue of the Formulaires tab, for the patient given by `definir_patient`."""

    #: The documents of the file changed.
    change = Signal()
    #: A document was validated: the runner of the outbox has work.
    valide = Signal()
    #: A prepared document was handed over, sent back, left to its professional.
    prepare = Signal()
    #: Whether the tab exists for the profession of the practice.
    permis_change = Signal(bool)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._annonces = Annonces(fenetre, workers, ctx, self.change.emit, self._echec)
        self._vue: VueFormulaires | None = None
        self._patient_id: int | None = None
        self._saisie: SaisieForme | None = None
        self._scan = ""
        self._sauvegarde: Tache | None = None
        self._pour = 0
        self._ligne: LignePreparation | None = None
        """For whom, by whom, the form on screen is prepared."""
        self._identite: Identite | None = None
        self._episode: EpisodeSoins | None = None
        self.apercu = ApercuPdf(workers, ctx, self, formulaires.apercu, self._attend_apercu)
        self.apercu.refuse.connect(self._apercu_refuse)

    def brancher(self, vue: VueFormulaires) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        vue.genre_choisi.connect(self.nouveau)
        vue.reprise_demandee.connect(self.reprendre)
        vue.proposition_demandee.connect(self._proposer)
        vue.renvoi_demande.connect(self._renvoyer)
        vue.pour_change.connect(self._ecrire_pour)
        vue.correction_demandee.connect(self._corriger)
        vue.garde_demandee.connect(self._garder)
        vue.apercu_demande.connect(self._demander_apercu)
        vue.validation_demandee.connect(self._valider)
        vue.abandon_demande.connect(self._abandonner)
        vue.fermeture_demandee.connect(self._accueillir)
        self.apercu.brancher(vue)
        self._accueillir()

    # -- state of the file -------------------------------------------------------------------

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: what was being filled is kept, nothing of it stays on screen."""
        if self._vue is not None:
            self._vue.garder_maintenant()
        self._patient_id, self._saisie, self._scan = patient_id, None, ""
        self._identite, self._episode = None, None
        self.apercu.oublier()
        if patient_id is not None:
            self._accueillir()

    def definir_etat(self, identite: Identite, episode: EpisodeSoins | None) -> None:
        """Facts that decide where a document goes."""
        self._identite, self._episode = identite, episode
        self._dire_canal()

    def _dire_canal(self) -> None:
        if self._vue is None or self._identite is None:
            return
        if outbox_rules.opposition(self._episode):
            texte = "Le patient s’oppose à l’envoi : le document reste au cabinet."
        elif not self._identite.matricule_transmissible:
            texte = "L’envoi au DMP attendra la qualification de l’identité."
        else:
            texte = "Une fois validé, le document part au DMP avec l’INS."
        self._vue.definir_canal(texte)

    def _accueillir(self) -> None:
        patient_id = self._patient_id
        if patient_id is None:
            return
        self._saisie, self._scan, self._ligne = None, "", None
        self.apercu.oublier()

        def lu(resultat: tuple[Accueil, tuple[tuple[int, str], ...], int]) -> None:
            accueil, possibles, self._pour = resultat
            if patient_id != self._patient_id:
                return
            if self._vue is not None:
                self._vue.definir_pour(possibles, self._ctx.compte_id, self._pour)
            self.permis_change.emit(bool(accueil.genres))
            if self._vue is not None and self._saisie is None:
                self._vue.accueillir(accueil.genres, [
                    (i, titre, f"{datetime.fromisoformat(quand):%d/%m à %H:%M}")
                    for i, titre, quand in accueil.en_cours], accueil.faits)
                self._dire_canal()

        if self._sauvegarde is not None:  # so that the form just closed is in the list
            QTimer.singleShot(_PERIODE_MS, self, self._accueillir)
            return
        self._workers.submit(_accueil, self._ctx, patient_id, self._pour, on_done=lu,
                             on_error=self._echec, proprietaire=self)

    def _ecrire_pour(self, compte: int) -> None:
        self._pour = compte
        self._accueillir()

    @property
    def ecrit(self) -> bool:
        """True while a form is being filled."""
        return self._saisie is not None

    def relire_choix(self, patient_id: int) -> None:
        """For whom one may write changed."""
        if patient_id != self._patient_id:
            self.definir_patient(patient_id)
        elif not self.ecrit:
            self._accueillir()

    # -- open --------------------------------------------------------------------------------

    def nouveau(self, type_cle: str) -> None:
        """Start a form."""
        patient_id = self._patient_id
        if patient_id is not None:
            self._ouvrir_par(formulaires.nouvelle, patient_id, type_cle, self._pour)

    def reprendre(self, saisie_id: int) -> None:
        """Go on with a form begun."""
        if self._patient_id is not None:
            self._ouvrir_par(formulaires.reprendre, saisie_id)

    def _corriger(self, document_id: int) -> None:
        if self._patient_id is not None:
            self._ouvrir_par(formulaires.nouvelle_version, document_id)

    def _ouvrir_par(self, geste: Callable[..., FormeOuverte], *args: Any) -> None:
        patient_id = self._patient_id
        self._workers.submit(
            avec_preparation(_FORMULAIRE, geste, lambda o: o.saisie.id), self._ctx, *args,
            on_done=lambda lu: self._ouvrir(patient_id, *lu), on_error=self._echec,
            proprietaire=self)

    def _ouvrir(self, patient_id: int | None, ouverte: FormeOuverte,
                ligne: LignePreparation | None) -> None:
        if patient_id != self._patient_id or self._vue is None:
            return
        self._saisie, self._scan, self._ligne = ouverte.saisie, ouverte.forme.scan, ligne
        self._vue.ouvrir(ouverte.forme, ouverte.saisie)
        etat = montrer(ligne, self._ctx.compte_id)
        self._vue.definir_preparation(etat.pour, etat.par, fige=etat.fige,
                                           renvoi=etat.renvoi)
        self._dire_canal()

    def prendre_scan(self, texte: str) -> bool:
        """Take a scanned code when the form on screen waits for one."""
        vue = self._vue
        if not self._scan or vue is None or vue.forme is None or not vue.isVisible():
            return False
        lus = formulaires.lire_code_test(texte)
        if not lus:
            vue.dire_code("Ce code n’est pas celui d’un test. Lisez le carré de points de la "
                          "boîte, ou remplissez les champs.")
            return True
        valeur = vue.forme.valeur
        for chemin, contenu in lus.items():
            valeur = ecrire_chemin(valeur, chemin, contenu)
        vue.remplir(valeur, "Boîte du test lue : contrôlez le lot et la péremption.")
        return True

    # -- keep --------------------------------------------------------------------------------

    def _garder(self, valeur: Mapping[str, Any]) -> None:
        if self._saisie is None:
            return
        if self._sauvegarde is not None:
            QTimer.singleShot(_PERIODE_MS, self, lambda: self._garder(valeur))
            return
        saisie = replace(self._saisie, valeur=dict(valeur))

        def garde(enregistree: SaisieForme) -> None:
            self._sauvegarde = None
            if self._saisie is not None and self._saisie.id == saisie.id:
                self._saisie = enregistree
                if self._vue is not None:
                    self._vue.garde(datetime.now().strftime("%H:%M"))
                    if enregistree.id != saisie.id:
                        self._fenetre.message("alerte", A_PART)

        def echec(erreur: Exception) -> None:
            self._sauvegarde = None
            if getattr(erreur, "code", "") == "DELEGATION":
                # Kept for the professional: nothing more is filled here.
                if self._vue is not None and self._attend_apercu(saisie):
                    self._vue.figer(texte_erreur(erreur))
                self.prepare.emit()
                return
            if self._vue is not None:
                self._vue.garde_impossible(f"Formulaire non gardé. {texte_erreur(erreur)}")

        self._sauvegarde = self._workers.submit(
            formulaires.garder, self._ctx, saisie, on_done=garde, on_error=echec,
            proprietaire=self)

    def _abandonner(self) -> None:
        saisie, vue = self._saisie, self._vue
        if saisie is None or vue is None:
            return
        if self._sauvegarde is not None:
            QTimer.singleShot(_PERIODE_MS, self, self._abandonner)
            return

        def remettre() -> None:
            self._workers.submit(formulaires.enregistrer, self._ctx, replace(saisie, id=0),
                                 on_done=lambda _: self._accueillir(), on_error=self._echec,
                                 proprietaire=self)

        def fait(_: object) -> None:
            self._fenetre.ligne_flottante("Formulaire abandonné", remettre)
            self._accueillir()

        self._workers.submit(formulaires.abandonner, self._ctx, saisie.id, saisie, on_done=fait,
                             on_error=self._echec, proprietaire=self)

    # -- preview -----------------------------------------------------------------------------

    def _demander_apercu(self, valeur: Mapping[str, Any]) -> None:
        if self._saisie is not None:
            self.apercu.demander(replace(self._saisie, valeur=dict(valeur)))

    def _attend_apercu(self, saisie: SaisieForme) -> bool:
        return self._saisie is not None and self._saisie.id == saisie.id

    def _apercu_refuse(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.apercu_impossible(texte_erreur(erreur))

    # -- validation --------------------------------------------------------------------------

    def _valider(self, valeur: Mapping[str, Any], retenir: bool) -> None:
        saisie, patient_id = self._saisie, self._patient_id
        if saisie is None:
            return
        if self._sauvegarde is not None:
            # An autosave on its way would bring the form back after the validation removed it.
            QTimer.singleShot(_PERIODE_MS, self, lambda: self._valider(valeur, retenir))
            return

        def fait(resultat: tuple[FicheDocument, Suite]) -> None:
            self._annonces.valide(*resultat)
            if self._ligne is not None:
                self.prepare.emit()
            if patient_id == self._patient_id:
                self._accueillir()
            self.valide.emit()
            self.change.emit()

        def echec(erreur: Exception) -> None:
            if patient_id == self._patient_id and self._vue is not None and self._vue.en_saisie:
                champs = erreur.champs if isinstance(erreur, FormeIncomplete) else {}
                self._vue.validation_refusee(texte_erreur(erreur), champs)
                if getattr(erreur, "code", "") == formulaires.CODE_FORMULAIRE:
                    self._garder(valeur)
            else:
                self._echec(erreur)

        # Not tied to the view: a validation that was asked is carried out and told.
        self._workers.submit(_valider, self._ctx, replace(saisie, valeur=dict(valeur)), retenir,
                             queue="documents", on_done=fait, on_error=echec)

    def _proposer(self, valeur: Mapping[str, Any]) -> None:
        """Hand the form over to its professional."""
        saisie, patient_id, ligne = self._saisie, self._patient_id, self._ligne
        if saisie is None:
            return
        if self._sauvegarde is not None:
            QTimer.singleShot(_PERIODE_MS, self, lambda: self._proposer(valeur))
            return

        def fait(_: object) -> None:
            self._annonces.propose(ligne.pour if ligne is not None else "")
            if patient_id == self._patient_id:
                self._accueillir()
            self.prepare.emit()

        def echec(erreur: Exception) -> None:
            if patient_id != self._patient_id or self._vue is None or not self._vue.en_saisie:
                self._echec(erreur)
            elif figer_sans_delegation(erreur, self._vue.figer):
                self.prepare.emit()
            else:
                self._vue.validation_refusee(texte_erreur(erreur), {})

        self._workers.submit(_proposer, self._ctx, replace(saisie, valeur=dict(valeur)),
                             queue="documents", on_done=fait, on_error=echec)

    def _renvoyer(self) -> None:
        """Send what is on screen back to who prepared it."""
        if self._ligne is not None and self._vue is not None:
            self._vue.garder_maintenant()
            self._annonces.renvoyer(self._ligne, self._renvoye)

    def _renvoye(self) -> None:
        self._accueillir()
        self.prepare.emit()

    def _echec(self, erreur: Exception) -> None:
        self._fenetre.message("erreur", texte_erreur(erreur),
                              code=str(getattr(erreur, "code", "")))
