"""Export of the whole practice: asked in the settings, followed in the bar, opened in one click."""

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from app.domain.accord import compter, taille_lisible
from app.domain.export_dossier import BilanExport, proposer_mot_de_passe
from app.domain.roles import Droit
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.controllers.export_dossier import choisir_archive, etendue_de
from app.ui.controllers.habilitations import habilitation_lue
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.export_dossier import TOUT_LE_CABINET, DialogueExport
from app.ui.views.sauvegardes import VueSauvegardes
from app.ui.workers import LONGS, Tache, Workers
from app.usecases.context import Contexte
from app.usecases.export_dossier import exporter_cabinet


def _ouvrir_dossier(chemin: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(chemin.parent)))


class ExportCabinetController(QObject):
    """One export at a time; the window stays free meanwhile."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueSauvegardes | None = None
        self._tache: Tache | None = None
        self._refus = ""
        fenetre.barre.travail_demande.connect(self._proposer_arret)

    def brancher(self, vue: VueSauvegardes) -> None:
        """Take the section; who may not export the practice doesn't see it."""
        self._vue = vue
        vue.permettre_export(habilitation_lue(self._ctx).droits >= {Droit.COMPTES, Droit.EXPORTER})
        vue.export_demande.connect(self._demander)

    def _demander(self) -> None:
        if self._tache is not None:
            self._proposer_arret()
            return
        dialogue = DialogueExport(TOUT_LE_CABINET, proposer_mot_de_passe(), self._fenetre)
        dialogue.autre_mot.connect(lambda: dialogue.definir_mot(proposer_mot_de_passe()))

        def choisir(mot: str | None, annees: int) -> None:
            vers = choisir_archive(self._fenetre, TOUT_LE_CABINET.titre, "cabinet")
            if vers is not None:
                dialogue.accept()
                self.exporter(vers, mot, annees)

        dialogue.demande.connect(choisir)
        dialogue.open()

    def exporter(self, vers: Path, mot: str | None, annees: int = 0) -> None:
        """Write the archive; the bar says how far."""
        self._fenetre.messages.retirer(self._refus)
        self._suivre("Export du cabinet…")
        self._tache = self._workers.submit(
            exporter_cabinet, self._ctx, vers, mot, etendue=etendue_de(annees), remplacer=True,
            queue=LONGS, proprietaire=self, on_error=self._rate,
            on_done=lambda bilan: self._fait(vers, mot, bilan),
            on_progres=lambda p: self._suivre(f"Export\u00a0: {100 * p[0] // max(1, p[1])}\u00a0%",
                                              f"{p[0]} dossiers sur {p[1]}"))

    def _suivre(self, texte: str, precision: str = "") -> None:
        self._fenetre.barre.set_travail(texte, precision)
        if self._vue is not None:
            self._vue.dire_export(bool(texte))

    def _finir(self) -> None:
        self._tache = None
        self._suivre("")

    def _fait(self, vers: Path, mot: str | None, bilan: BilanExport) -> None:
        self._finir()
        phrases = [f"Cabinet exporté dans {vers.name}.",
                   f"{compter(bilan.patients, 'dossier')}, {compter(bilan.documents, 'document')}, "
                   f"{taille_lisible(bilan.octets)}."]
        phrases.append(f"Mot de passe\u00a0: {mot}" if mot is not None else
                       "L’archive n’est pas chiffrée\u00a0: gardez-la en lieu sûr.")
        if bilan.ecarte:
            phrases.append(f"{compter(len(bilan.ecarte), 'remarque')} sur ce qui n’est pas remis, "
                           "dans la page de chaque dossier.")
        self._fenetre.message("succes" if mot is not None else "alerte", " ".join(phrases),
                              "Ouvrir le dossier", lambda: _ouvrir_dossier(vers))

    def _rate(self, erreur: Exception) -> None:
        self._finir()
        self._refus = montrer_erreur(self._fenetre, erreur).texte

    def _proposer_arret(self) -> None:
        if self._tache is None:
            return
        question = Confirmation(
            "Arrêter l’export du cabinet\u00a0?", "Aucun fichier n’est laissé. Vous pourrez "
            "recommencer quand vous voudrez.", "Arrêter l’export", "Continuer", self._fenetre)
        question.accepted.connect(self._arreter)
        question.open()

    def _arreter(self) -> None:
        if self._tache is not None:
            self._tache.annuler()
            self._finir()
            self._fenetre.ligne_flottante("Export abandonné\u00a0: aucun fichier n’est laissé")
