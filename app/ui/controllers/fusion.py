"""Merge of two files: feeds the page, carries out, undoes."""

from PySide6.QtCore import QObject, Signal

from app.domain.patient import Patient
from app.domain.regroupement import Regroupement
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.confirmation import Confirmation
from app.ui.views.fusion import VueFusion
from app.ui.workers import Workers
from app.usecases import fusion, gestes_identite
from app.usecases.context import Contexte
from app.usecases.fusion import ComparaisonDossiers, ContenuDossier

PAGE = "fusion"


def _contenu(c: ContenuDossier) -> str:
    parts = [f"{n} {mot}{'s' if n > 1 else ''}" for n, mot in (
        (c.documents, "document"), (c.observations, "observation"), (c.passages, "passage"),
        (c.envois, "envoi")) if n]
    return ", ".join(parts) or "vide"


class FusionController(QObject):
    """Glue of the page « fusion »."""

    patient_demande = Signal(int)
    retour_demande = Signal()
    #: Something was merged or undone: lists and searches are to be read again.
    change = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueFusion | None = None
        self._paire: tuple[int, int] | None = None
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> VueFusion:
        """Build the page when it is first shown."""
        vue = VueFusion()
        self._vue = vue
        vue.fusion_demandee.connect(self._demander)
        vue.homonymes_demandes.connect(self._homonymes)
        vue.defaire_demande.connect(self._defaire)
        vue.retour_demande.connect(self._retour)
        vue.ouvrir.connect(self.patient_demande)
        return vue

    def comparer(self, a: int, b: int) -> None:
        """Show two files side by side."""
        self._paire = (a, b)
        if self._fenetre.page_courante == PAGE:
            self.actualiser()
        else:
            self._fenetre.aller(PAGE)

    def journal(self) -> None:
        """Show the merges already made."""
        self._paire = None
        if self._fenetre.page_courante == PAGE:
            self.actualiser()
        else:
            self._fenetre.aller(PAGE)

    def actualiser(self) -> None:
        """Read what the page shows again."""
        if self._vue is None:
            return
        if self._paire is None:
            self._workers.submit(fusion.regroupements, self._ctx, proprietaire=self._vue,
                                 on_done=self._vue.montrer_regroupements)
        else:
            self._workers.submit(fusion.comparer_dossiers, self._ctx, *self._paire,
                                 proprietaire=self._vue, on_done=self._montrer,
                                 on_error=self._refuse)

    def _montrer(self, c: ComparaisonDossiers) -> None:
        if self._vue is not None:
            self._vue.montrer_comparaison(
                c.a, c.b, c.comparaison, (_contenu(c.contenu_a), _contenu(c.contenu_b)), c.refus,
                c.fusionnee)
            self._vue.entrer()

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)

    def _retour(self) -> None:
        self._paire = None
        self.retour_demande.emit()

    def _demander(self, garde: Patient, autre: Patient, motif: str) -> None:
        """A merge is confirmed: it moves a whole file."""
        t = autre.identite.traits
        question = Confirmation(
            "Fusionner ces deux dossiers ?", f"Tout le contenu du dossier n° {autre.id} "
            f"({t.nom_naissance} {t.premier_prenom}) passera dans le dossier n° {garde.id}. La "
            "fusion pourra être défaite.", "Fusionner", "Revoir la comparaison", self._fenetre)
        question.accepted.connect(lambda: self._workers.submit(
            fusion.fusionner, self._ctx, garde, autre, motif, proprietaire=self,
            on_done=self._fusionne, on_error=self._refuse))
        question.open()

    def _fusionne(self, patient: Patient) -> None:
        t = patient.identite.traits
        self._fenetre.ligne_flottante(f"Dossiers fusionnés : {t.nom_naissance} {t.premier_prenom}")
        self.journal()
        self.change.emit()

    def _homonymes(self, a: int, b: int) -> None:
        def note(_: object) -> None:
            self._fenetre.ligne_flottante("Homonymes notés dans les deux dossiers")
            self.change.emit()
            self._retour()

        self._workers.submit(gestes_identite.noter_homonymes, self._ctx, a, b, proprietaire=self,
                             on_done=note, on_error=self._refuse)

    def _defaire(self, fait: Regroupement) -> None:
        def defait(_: object) -> None:
            self._fenetre.ligne_flottante("Fusion défaite : deux dossiers de nouveau")
            self.actualiser()
            self.change.emit()

        question = Confirmation(
            "Défaire cette fusion ?", f"Le dossier n° {fait.autre.id} reprend ce qui lui "
            "appartenait. Ce qui a été ajouté depuis reste au dossier gardé.", "Défaire la fusion",
            "Garder la fusion", self._fenetre)
        question.accepted.connect(lambda: self._workers.submit(
            fusion.defaire_fusion, self._ctx, fait, proprietaire=self, on_done=defait,
            on_error=self._refuse))
        question.open()
