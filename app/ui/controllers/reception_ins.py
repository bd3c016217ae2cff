"""An INS datamatrix was read: open the file, compare, or propose the creation."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.domain import dates
from app.domain.rapprochement import Accord
from app.ui.controllers.apcv import IMAGES
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.controllers.identite import IdentiteController
from app.ui.fenetre import Fenetre
from app.ui.views.rapprochement import DialogueRapprochement, DossierPossible
from app.ui.workers import Workers
from app.usecases.codes_image import lire_codes
from app.usecases.context import Contexte
from app.usecases.datamatrix_ins import LectureDatamatrix, lire_datamatrix
from app.usecases.rapprochement import Candidat

LU = "Datamatrix INS lu. Il aide à saisir, il ne prouve rien : INSi sera interrogé à l’ouverture."


def dossier_possible(candidat: Candidat) -> DossierPossible:
    """A candidate as the dialog shows it."""
    p = candidat.patient
    return DossierPossible(
        p.id, f"{p.nom_naissance} {p.premier_prenom}, {dates.formater(p.date_naissance)}",
        p.statut, candidat.confrontation.comparaison.lignes,
        candidat.accord is Accord.DISCORDANT)


class ReceptionIns(QObject):
    """Search before creation, from a scanned INS.

    Signals:
        ouvrir: (patient_id) open this file.
    """

    ouvrir = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 identite: IdentiteController) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._identite = identite
        self._dialogue: DialogueRapprochement | None = None

    def code(self, texte: str) -> None:
        """Text of a datamatrix."""
        self._workers.submit(lire_datamatrix, self._ctx, texte, queue="recherche",
                             on_done=self._lu, on_error=self._echec, proprietaire=self)

    def choisir_image(self) -> None:
        """Ask for an image that holds a datamatrix."""
        chemin, _ = QFileDialog.getOpenFileName(self._fenetre, "Image d’un datamatrix INS", "",
                                                IMAGES)
        if chemin:
            self.image(chemin)

    def image(self, chemin: str) -> None:
        """Read the code of an image file."""
        self._workers.submit(lire_codes, self._ctx, Path(chemin), queue="documents",
                             on_done=lambda codes: self.code(codes[0]), on_error=self._echec,
                             proprietaire=self)

    def _echec(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    def _lu(self, lecture: LectureDatamatrix) -> None:
        if self._dialogue is not None:
            self._dialogue.reject()
        if lecture.patient_id is not None:
            self._identite.fermer_nouveau()
            self.ouvrir.emit(lecture.patient_id)
            self._fenetre.ligne_flottante("Datamatrix INS lu : dossier trouvé")
        elif lecture.rapprochement.candidats:
            self._comparer(lecture)
        else:
            self._creer(lecture)

    def _comparer(self, lecture: LectureDatamatrix) -> None:
        dialogue = DialogueRapprochement(
            "Est-ce ce patient ?", "Le datamatrix INS ne désigne pas un dossier avec certitude.",
            [dossier_possible(c) for c in lecture.rapprochement.candidats[:9]], "Datamatrix INS",
            "Ouvrir ce dossier", self._fenetre,
            avis=[("alerte", texte) for texte in lecture.avertissements[-2:]])
        dialogue.choisi.connect(lambda patient_id, _: self._choisi(patient_id))
        dialogue.aucun.connect(lambda: self._creer(lecture))
        dialogue.finished.connect(self._ferme)
        self._dialogue = dialogue
        dialogue.open()

    def _choisi(self, patient_id: int) -> None:
        self._identite.fermer_nouveau()
        self.ouvrir.emit(patient_id)

    def _ferme(self) -> None:
        if self.sender() is self._dialogue:
            self._dialogue = None

    def _creer(self, lecture: LectureDatamatrix) -> None:
        suite = " ".join(lecture.avertissements)
        self._identite.nouveau_patient(lecture.traits, f"{LU} {suite}".strip(), lecture.lieu)
