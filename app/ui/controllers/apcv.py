"""Appli carte Vitale: scan, find or create the file, qualified at once (SC.INS.04, SC.APCV.01).

The context lives while its dialog is open, at most: another file, the lock and the end close it.
"""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog
from shiboken6 import isValid

from app.devices.apcv import ApcvPort, LectureApcv
from app.domain import dates
from app.domain.identity import StatutIdentite
from app.domain.libelles import STATUTS
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.identite import IdentiteController
from app.ui.fenetre import Fenetre
from app.ui.views.apcv import DialogueApcv, LigneBeneficiaire
from app.ui.views.choix_beneficiaire import DialogueChoix
from app.ui.views.insi import DialogueInsi
from app.ui.workers import Workers
from app.usecases import apcv
from app.usecases.apcv import PersonneApcv, ResultatApcv
from app.usecases.codes_image import lire_codes
from app.usecases.context import Contexte

IMAGES = "Images (*.png *.jpg *.jpeg *.bmp *.gif *.tif *.tiff *.webp)"
ABSENT = ("Le composant de l’appli carte Vitale n’est pas installé sur ce poste. Insérez la carte "
          "Vitale, ou recherchez le patient.")

Lu = tuple[LectureApcv, tuple[PersonneApcv, ...]]


def _lire_image(ctx: Contexte, port: ApcvPort, source: bytes | Path) -> Lu:
    return apcv.lire_apcv(ctx, port, lire_codes(ctx, source)[0].encode("utf-8"))


class ApcvController(QObject):
    """Runs one reading at a time.

    Args:
        port: the component of the workstation, None when there is none.

    Signals:
        ouvrir: (patient_id) open this file.
    """

    ouvrir = Signal(int)
    #: Show the QR code to the camera of this machine.
    camera_demandee = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 identite: IdentiteController, port: ApcvPort | None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._identite, self._port = identite, port
        self.dialogue: DialogueApcv | None = None
        self._lecture: LectureApcv | None = None
        self._personnes: list[PersonneApcv] = []
        self._faits: dict[int, str] = {}
        self._attendu: int | None = None
        fenetre.a_garder.connect(self.abandonner)

    @property
    def possible(self) -> bool:
        """True when this workstation has the component."""
        return self._port is not None

    def demander(self, attendu: int | None = None) -> None:
        """Open the dialog. `attendu`: the patient of the open file, chosen by itself if read."""
        if self._port is None:
            self._fenetre.message("info", ABSENT)
            return
        if self.dialogue is not None:
            self.dialogue.raise_()
            return
        self._attendu, self._personnes, self._faits = attendu, [], {}
        dialogue = DialogueApcv(self._fenetre)
        dialogue.code_lu.connect(self.code)
        dialogue.image_lue.connect(lambda octets: self._lire(_lire_image, self._port, octets))
        dialogue.fichier_depose.connect(self._lire_fichier)
        dialogue.image_demandee.connect(self._choisir_image)
        dialogue.camera_demandee.connect(self.camera_demandee)
        dialogue.choisi.connect(self._choisir)
        dialogue.finished.connect(self._ferme)
        self.dialogue = dialogue
        dialogue.open()

    def code(self, texte: str) -> None:
        """A QR code read elsewhere, by the camera."""
        self._lire(apcv.lire_apcv, self._port, texte.encode("utf-8"))

    def abandonner(self) -> None:
        """Another file, the lock or the end: the context is closed."""
        if self.dialogue is not None:
            self.dialogue.reject()

    def _ferme(self) -> None:
        self.dialogue = None
        self._oublier()

    def _oublier(self) -> None:
        lecture, self._lecture = self._lecture, None
        if lecture is not None and self._port is not None:
            self._workers.submit(apcv.fermer_apcv, self._port, lecture)

    # -- reading -----------------------------------------------------------------------------

    def _choisir_image(self) -> None:
        chemin, _ = QFileDialog.getOpenFileName(self.dialogue, "Image du QR code", "", IMAGES)
        if chemin:
            self._lire_fichier(chemin)

    def _lire_fichier(self, chemin: str) -> None:
        self._lire(_lire_image, self._port, Path(chemin))

    def _lire(self, geste: object, *args: object) -> None:
        """Ask the component; a context that comes after the dialog closed is closed at once."""
        dialogue = self.dialogue
        if dialogue is None or dialogue.occupe:
            return
        assert callable(geste)
        self._oublier()
        dialogue.lire()

        def lu(resultat: Lu) -> None:
            self._lecture = resultat[0]
            if self.dialogue is not dialogue or not isValid(dialogue):
                self._oublier()
                return
            self._lu(dialogue, list(resultat[1]))

        def echec(erreur: Exception) -> None:
            if self.dialogue is dialogue:
                dialogue.refuser(texte_erreur(erreur))

        self._workers.submit(geste, self._ctx, *args, queue="psc", on_done=lu,
                             on_error=echec, proprietaire=self)

    def _lu(self, dialogue: DialogueApcv, personnes: list[PersonneApcv]) -> None:
        self._personnes, self._faits = personnes, {}
        rangs = range(len(personnes))
        voulu = next((r for r in rangs if self._attendu is not None
                      and personnes[r].patient_id == self._attendu), None)
        self._montrer(dialogue)
        if voulu is None and len(personnes) == 1 and self._attendu is None:
            voulu = 0
        if voulu is not None:
            self._choisir(voulu, True)
        elif self._attendu is not None:
            dialogue.dire("Cette appli carte Vitale n’est pas celle du patient du dossier ouvert. "
                          "Choisissez de qui il s’agit.", "alerte")

    def _montrer(self, dialogue: DialogueApcv) -> None:
        assert self._lecture is not None
        dialogue.montrer_personnes([LigneBeneficiaire(
            f"{p.beneficiaire.nom} {p.beneficiaire.prenom}",
            dates.formater(apcv.traits_apcv(p.beneficiaire).date_naissance),
            self._faits.get(rang) or _dossier(p), rang in self._faits)
            for rang, p in enumerate(self._personnes)], self._lecture.contexte.expire_le)

    # -- choosing ----------------------------------------------------------------------------

    def _choisir(self, rang: int, ouvrir: bool) -> None:
        personne = self._personnes[rang]
        if personne.patient_id is not None or not personne.candidats:
            self._qualifier(rang, personne.patient_id, ouvrir)
            return
        lignes = [(f"{p.nom_naissance} {p.premier_prenom}", dates.formater(p.date_naissance))
                  for p in personne.candidats]
        choix = DialogueChoix(
            "Plusieurs dossiers possibles" if len(lignes) > 1 else "Est-ce ce dossier ?",
            "Ces dossiers ressemblent à la personne de l’appli carte Vitale.", lignes,
            self._fenetre, autre="Aucun : nouveau patient")
        choix.choisi.connect(lambda i: self._qualifier(rang, personne.candidats[i].id, ouvrir))
        choix.aucun.connect(lambda: self._qualifier(rang, None, ouvrir))
        choix.open()

    def _qualifier(self, rang: int, patient_id: int | None, ouvrir: bool,
                   accepte: bool = False) -> None:
        dialogue, lecture = self.dialogue, self._lecture
        if dialogue is None or lecture is None:
            return

        def fait(resultat: ResultatApcv) -> None:
            if self.dialogue is dialogue:
                self._qualifie(dialogue, rang, resultat, ouvrir)

        def echec(erreur: Exception) -> None:
            if self.dialogue is not dialogue:
                return
            if getattr(erreur, "code", "") == "LIEU-ABSENT":
                self._a_la_main(rang, texte_erreur(erreur))
            elif getattr(erreur, "code", "") == "CONTEXT_EXPIRED":
                dialogue.refuser(texte_erreur(erreur))
            else:
                dialogue.dire(texte_erreur(erreur))

        self._workers.submit(apcv.qualifier_par_apcv, self._ctx, lecture,
                             self._personnes[rang].beneficiaire, patient_id, accepte,
                             on_done=fait, on_error=echec, proprietaire=self)

    def _qualifie(self, dialogue: DialogueApcv, rang: int, resultat: ResultatApcv,
                  ouvrir: bool) -> None:
        match resultat.etat:
            case "qualifie" if resultat.patient is not None:
                self._identite.change.emit(resultat.patient)
                if ouvrir:
                    dialogue.accept()
                    self.ouvrir.emit(resultat.patient.id)
                    self._fenetre.ligne_flottante(resultat.message)
                else:
                    self._faits[rang] = "Identité qualifiée"
                    self._montrer(dialogue)
            case "a_comparer":
                self._comparer(rang, resultat, ouvrir)
            case "administratif":
                self._sans_ins(rang, resultat.message)
            case _:
                dialogue.refuser(resultat.message, "alerte")

    def _comparer(self, rang: int, resultat: ResultatApcv, ouvrir: bool) -> None:
        patient, comparaison = resultat.patient, resultat.comparaison
        if patient is None or comparaison is None:
            return
        question = DialogueInsi(
            comparaison, patient.identite.statut, StatutIdentite.QUALIFIEE,
            "Ce dossier n’a pas l’identité de l’appli carte Vitale. Est-ce la même personne ?",
            "", self._fenetre, source="Appli carte Vitale",
            titre="Comparer avec l’appli carte Vitale", verbe="Accepter cette identité")
        question.accepte.connect(
            lambda _: self._qualifier(rang, patient.id, ouvrir, accepte=True))
        question.open()

    def _sans_ins(self, rang: int, message: str) -> None:
        """No INS in the appli: the person is found or created as with a card."""
        patient_id = self._personnes[rang].patient_id
        if patient_id is None:
            self._a_la_main(rang, message)
            return
        if self.dialogue is not None:
            self.dialogue.accept()
        self.ouvrir.emit(patient_id)
        self._fenetre.message("info", message)

    def _a_la_main(self, rang: int, message: str) -> None:
        traits = apcv.traits_apcv(self._personnes[rang].beneficiaire)
        if self.dialogue is not None:
            self.dialogue.accept()
        self._identite.nouveau_patient(traits, message)


def _dossier(personne: PersonneApcv) -> str:
    """What will happen for a person."""
    if personne.patient_id is not None:
        resume = next(c for c in personne.candidats if c.id == personne.patient_id)
        return f"Dossier trouvé, identité {STATUTS[resume.statut].lower()}"
    if personne.candidats:
        n = len(personne.candidats)
        return f"{n} dossiers possibles" if n > 1 else "Un dossier ressemble"
    return "Nouveau dossier"
