"""Vaccinations of the open file: scan, check, validate (`usecases.vaccination`)."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.domain import outbox_rules
from app.domain.consent import EpisodeSoins
from app.domain.document import LigneDocument, ListeDocuments
from app.domain.identity import Identite
from app.domain.vaccination import (
    CarnetVaccinal,
    NoteValidee,
    ProduitVaccin,
    Proposition,
    SaisieVaccination,
)
from app.ui.controllers.apercu_pdf import ApercuPdf
from app.ui.controllers.documentation import montrer_page
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.vaccinations import VueVaccinations
from app.ui.workers import Workers
from app.usecases import boite_vaccin, carnet_vaccinal, outbox, settings, vaccination
from app.usecases.context import Contexte


def _ouvrir(ctx: Contexte) -> tuple[bool, int]:
    """Whether the practice vaccinates, and the delay before sending, in minutes."""
    reglages = settings.lire_reglages(ctx)
    return carnet_vaccinal.vaccine_permise(reglages), reglages.delai_envoi_min


def _apercu(ctx: Contexte, demande: tuple[int, SaisieVaccination]) -> bytes:
    return vaccination.apercu(ctx, *demande)


class VaccinationsController(QObject):
    """Glue of the Vaccinations tab, for the patient given by `definir_patient`."""

    #: The documents of the file changed.
    change = Signal()
    #: A note was validated: the runner of the outbox has work.
    valide = Signal()
    #: Whether the tab exists for the profiles of the practice.
    permis_change = Signal(bool)
    #: A box was scanned from another tab: show this one.
    montrer = Signal()
    #: Document id to open in Documents.
    document_demande = Signal(int)
    camera_demandee = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueVaccinations | None = None
        self._patient_id: int | None = None
        #: Who may take a scanned code first: True when it did.
        self.premier_lecteur: Callable[[str], bool] = lambda _texte: False
        self._permis, self._delai = False, 0
        self._identite: Identite | None = None
        self._episode: EpisodeSoins | None = None
        self._lignes: tuple[LigneDocument, ...] = ()
        self._carnet: CarnetVaccinal | None = None
        #: A box that was read before the record: the form takes its date and choices from there.
        self._boite: Proposition | None = None
        self.apercu = ApercuPdf(workers, ctx, self, _apercu, self._attend_apercu)
        self.apercu.refuse.connect(self._apercu_refuse)

    def brancher(self, vue: VueVaccinations) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        vue.code_saisi.connect(self.scan)
        vue.produit_choisi.connect(self._choisir)
        vue.apercu_demande.connect(self._demander_apercu)
        vue.validation_demandee.connect(self._valider)
        vue.document_demande.connect(self.document_demande)
        vue.lien_demande.connect(self._ouvrir_lien)
        vue.camera_demandee.connect(self.camera_demandee)
        vue.lecteurs_demandes.connect(
            lambda: montrer_page(self._fenetre, self._workers, "lecteurs"))
        self.apercu.brancher(vue)
        self._workers.submit(boite_vaccin.chercher_vaccins, "", 500, on_done=vue.definir_vaccins,
                             proprietaire=vue)
        vue.accueillir()
        self._dire_canal()
        self._lire()

    # -- state of the file -------------------------------------------------------------------

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: nothing of the former one stays on screen."""
        self._patient_id, self._carnet, self._lignes = patient_id, None, ()
        self._identite, self._episode, self._boite = None, None, None
        self.apercu.oublier()
        if self._vue is not None:
            self._vue.afficher(CarnetVaccinal((), (), "", ""))
            self._vue.accueillir()
        if patient_id is not None:
            self._workers.submit(_ouvrir, self._ctx, proprietaire=self, on_done=self._permettre)
            self._lire()

    def _permettre(self, lu: tuple[bool, int]) -> None:
        self._permis, self._delai = lu
        self.permis_change.emit(self._permis)
        self._dire_canal()

    def definir_etat(self, identite: Identite, episode: EpisodeSoins | None,
                     documents: ListeDocuments) -> None:
        """Facts that decide where a note goes; documents that make the history."""
        self._identite, self._episode = identite, episode
        self._dire_canal()
        if documents.lignes != self._lignes:
            self._lignes = documents.lignes
            self._lire()

    def _lire(self) -> None:
        patient_id = self._patient_id
        if self._vue is None or patient_id is None:
            return

        def lu(carnet: CarnetVaccinal) -> None:
            if patient_id == self._patient_id and self._vue is not None:
                premier = self._carnet is None
                self._carnet = carnet
                self._vue.afficher(carnet)
                if premier and self._vue.en_saisie:
                    self._vue.formulaire.dater(carnet.aujourdhui)
                elif premier:
                    self._vue.formulaire.vider(carnet.aujourdhui)
                boite, self._boite = self._boite, None
                if boite is not None:
                    self._vue.proposer(boite)

        self._workers.submit(carnet_vaccinal.carnet, self._ctx, patient_id, on_done=lu,
                             proprietaire=self._vue)

    def _dire_canal(self) -> None:
        if self._vue is None or self._identite is None:
            return
        if outbox_rules.opposition(self._episode):
            self._vue.definir_canal("le patient s’y oppose", possible=False)
        elif not self._identite.matricule_transmissible:
            self._vue.definir_canal("à la qualification de l’identité", possible=True)
        elif self._delai:
            self._vue.definir_canal(f"dans {self._delai} min", possible=True)
        else:
            self._vue.definir_canal("dès la validation", possible=True)

    # -- scan --------------------------------------------------------------------------------

    def attend_un_scan(self) -> bool:
        """True when a scan of a box would be for the file on screen."""
        if not self._permis or self._patient_id is None or self._fenetre.verrouillee \
                or self._fenetre.page_courante != "dossier" \
                or QApplication.activeModalWidget() is not None \
                or QApplication.activePopupWidget() is not None:
            return False
        cible = QApplication.focusWidget()
        if (cible.window() is not self._fenetre if cible is not None
                else not self._fenetre.isActiveWindow()):
            return False
        if isinstance(cible, QLineEdit) and cible.echoMode() != QLineEdit.EchoMode.Normal:
            return False
        recherche: QWidget = self._fenetre.barre.recherche
        return cible is None or not (cible is recherche or recherche.isAncestorOf(cible))

    def scan(self, texte: str) -> None:
        """A code was read, by the scanner or by hand."""
        if self.premier_lecteur(texte):
            return
        patient_id = self._patient_id
        if patient_id is None or not self._permis:
            return
        self.montrer.emit()

        def lue(proposition: Proposition) -> None:
            if patient_id != self._patient_id or self._vue is None:
                return
            if self._carnet is None:
                self._boite = proposition
            else:
                self._vue.proposer(proposition)

        self._workers.submit(self._lire_code, self._ctx, patient_id, texte, on_done=lue,
                             on_error=self._echec, proprietaire=self)

    @staticmethod
    def _lire_code(ctx: Contexte, patient_id: int, texte: str) -> Proposition:
        return boite_vaccin.lire_boite(ctx, patient_id, texte, date.today())

    def _choisir(self, produit: ProduitVaccin) -> None:
        patient_id = self._patient_id
        if patient_id is None:
            return

        def pret(proposition: Proposition) -> None:
            if patient_id == self._patient_id and self._vue is not None:
                self._vue.suggerer(proposition)

        self._workers.submit(boite_vaccin.completer, self._ctx, patient_id,
                             Proposition(produit=produit), on_done=pret, on_error=self._echec,
                             proprietaire=self)

    # -- preview -----------------------------------------------------------------------------

    def _demander_apercu(self, saisie: SaisieVaccination) -> None:
        if self._patient_id is not None:
            self.apercu.demander((self._patient_id, saisie))

    def _attend_apercu(self, demande: tuple[int, SaisieVaccination]) -> bool:
        return demande[0] == self._patient_id

    def _apercu_refuse(self, erreur: Exception) -> None:
        if self._patient_id is not None:
            self._refuse(self._patient_id, erreur)

    # -- validation --------------------------------------------------------------------------

    def _valider(self, saisie: SaisieVaccination) -> None:
        patient_id = self._patient_id
        if patient_id is None:
            return

        def faite(note: NoteValidee) -> None:
            if patient_id == self._patient_id and self._vue is not None:
                self.apercu.oublier()
                self._montrer_validee(note)
            else:
                self._fenetre.ligne_flottante(f"Note de vaccination validée : {note.vaccin}.")
            self.valide.emit()
            self.change.emit()

        # Not tied to the view: a validation that was asked is carried out and told.
        self._workers.submit(vaccination.valider, self._ctx, patient_id, saisie,
                             queue="documents", on_done=faite,
                             on_error=lambda e: self._refuse(patient_id, e))

    def _montrer_validee(self, note: NoteValidee) -> None:
        if self._vue is None:
            return
        forme = "CDA et PDF/A" if note.structuree else "CDA non structuré et PDF/A"
        tete = f"Note validée : {note.vaccin}. {forme} sont au dossier"
        if not note.ordre:
            self._vue.validee(f"{tete}. Elle ne part pas au DMP.")
        elif self._identite is not None and not self._identite.matricule_transmissible:
            self._vue.validee(f"{tete} ; l’envoi au DMP attend la qualification de l’identité.",
                              "Retenir", lambda: self._retenir(note.fiche.id))
        else:
            quand = f"dans {note.delai_min} min" if note.delai_min else "maintenant"
            self._vue.validee(f"{tete} ; envoi au DMP {quand}.", "Retenir",
                              lambda: self._retenir(note.fiche.id))

    def _retenir(self, document_id: int) -> None:
        def retenu(_: None) -> None:
            self._fenetre.ligne_flottante("Envoi retenu. La note reste au dossier.")
            self.change.emit()

        self._workers.submit(outbox.retenir_document, self._ctx, document_id, on_done=retenu,
                             on_error=self._echec, proprietaire=self)

    def _refuse(self, patient_id: int, erreur: Exception) -> None:
        if patient_id != self._patient_id or self._vue is None:
            self._echec(erreur)
            return
        champs = erreur.champs if isinstance(erreur, vaccination.SaisieIncomplete) else ()
        self._vue.validation_refusee(texte_erreur(erreur), champs)

    # -- others ------------------------------------------------------------------------------

    def _ouvrir_lien(self) -> None:
        """The ministry's schedule, in the browser (SC.VACC/SCHEMA.01)."""
        lien = self._carnet.lien if self._carnet is not None else ""
        adresse = QUrl(lien)
        if adresse.scheme() != "https" or not QDesktopServices.openUrl(adresse):
            self._fenetre.message("alerte", "Le navigateur ne s’est pas ouvert. Ouvrez vous-même "
                                  f"cette adresse : {lien}")

    def _echec(self, erreur: Exception) -> None:
        self._fenetre.message("erreur", texte_erreur(erreur),
                              code=str(getattr(erreur, "code", "")))
