"""The Documents tab: open, integrate, describe, take out, widen the period."""

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.domain.confidentialite import LIBELLES_NIVEAUX, Niveau
from app.domain.document import DocumentAffiche
from app.services.errors import Remede
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import LIBELLES, montrer_erreur, remede_de, texte_erreur
from app.ui.controllers.visionneuse import Tailles, VisionneuseController, tailles_du_document
from app.ui.fenetre import Fenetre
from app.ui.views.documents import VueDocuments
from app.ui.workers import Tache, Workers
from app.usecases import affichage, confidentialite, documents_dmp, suites_documents
from app.usecases.context import Contexte
from app.usecases.documents_dmp import ResultatIntegration


def _ouvrir(ctx: Contexte, patient_id: int, cle: str,
            annule: Any = None) -> tuple[DocumentAffiche, Tailles]:
    document = documents_dmp.ouvrir_document(ctx, patient_id, cle, annule)
    return document, tailles_du_document(ctx, document)


def _ouvrir_version(ctx: Contexte, document_id: int) -> tuple[DocumentAffiche, Tailles]:
    document = affichage.afficher_version(ctx, document_id)
    return document, tailles_du_document(ctx, document)


class DocumentsController(QObject):
    """Glue of the tab and of its viewer, for the patient given by `definir_patient`."""

    #: A document was read or integrated: the file's counters change.
    change = Signal()
    #: Widen the period asked to the DMP.
    elargir_demande = Signal()
    annuler_dmp = Signal()
    #: (Remede) of an error that another part can carry out.
    remede = Signal(object)
    brouillon_demande = Signal(int)
    courrier_demande = Signal()
    #: Choose files to import in the open file.
    import_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueDocuments | None = None
        self._patient_id: int | None = None
        self._ouverture: Tache | None = None
        self._derniere_cle = ""
        self.visionneuse = VisionneuseController(fenetre, workers, ctx, self)

    def brancher(self, vue: VueDocuments) -> None:
        """Take charge of the tab, just built."""
        self._vue = vue
        v = vue.visionneuse
        vue.ouverture_demandee.connect(self.ouvrir)
        vue.integration_demandee.connect(self.integrer)
        vue.integration_confirmee.connect(lambda cles: self.integrer(cles, accepte=True))
        vue.elargir_demande.connect(self.elargir_demande)
        vue.annuler_demande.connect(self.annuler_dmp)
        vue.courrier_demande.connect(self.courrier_demande)
        vue.table.niveau_demande.connect(self._restreindre)
        vue.brouillon_demande.connect(
            lambda cle: self.brouillon_demande.emit(int(cle.partition(":")[2])))
        self.visionneuse.brancher(v)
        v.version_demandee.connect(self._ouvrir_version)
        v.description_demandee.connect(self._decrire)
        v.suppression_demandee.connect(self._supprimer)
        v.annuler.connect(self._annuler)
        v.reessayer.connect(lambda: self.ouvrir(self._derniere_cle))
        vue.import_demande.connect(self.import_demande)

    def definir_patient(self, patient_id: int | None) -> None:
        """Another file: nothing of the former one may arrive any more."""
        self._patient_id = self.visionneuse.patient_id = patient_id
        self._derniere_cle = ""
        if self._ouverture is not None:
            self._ouverture.annuler()
            self._ouverture = None
        self.visionneuse.oublier()
        if self._vue is not None:
            self._vue.reinitialiser()

    # -- opening -----------------------------------------------------------------------------

    def ouvrir(self, cle: str) -> None:
        """Open a line in the viewer; the last asked wins."""
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None or not cle:
            return
        document = vue.visionneuse.document
        if document is not None and document.ligne.cle == cle:
            return
        ligne = next((x for x in vue.modele.liste.lignes if x.cle == cle), None)
        if ligne is None:
            return
        if self._ouverture is not None:
            self._ouverture.annuler()
        self.visionneuse.oublier()
        self._derniere_cle = cle
        vue.visionneuse.attendre(ligne)
        lu = ligne.lu
        self._ouverture = self._workers.submit(
            _ouvrir, self._ctx, patient_id, cle, proprietaire=vue,
            queue="documents" if ligne.document_id is not None else "dmp",
            on_done=lambda resultat: self._ouvert(patient_id, resultat, lu),
            on_error=lambda erreur: self._echec_ouverture(patient_id, erreur))

    def _ouvert(self, patient_id: int, resultat: tuple[DocumentAffiche, Tailles],
                etait_lu: bool) -> None:
        self._ouverture = None
        if self._vue is None or patient_id != self._patient_id:
            return
        self._vue.visionneuse.afficher(*resultat)
        if not etait_lu:
            self.change.emit()

    def _echec_ouverture(self, patient_id: int, erreur: Exception) -> None:
        self._ouverture = None
        if self._vue is None or patient_id != self._patient_id:
            return
        remede = remede_de(erreur)
        reessayable = remede is Remede.REESSAYER
        self._vue.visionneuse.echouer(texte_erreur(erreur), reessayable=reessayable)
        if remede in (Remede.SE_CONNECTER, Remede.CONSENTEMENT, Remede.QUALIFIER_INS,
                      Remede.ETAT_SERVICES):
            self._vue.message("erreur", texte_erreur(erreur), LIBELLES[remede],
                              lambda: self.remede.emit(remede))

    def _annuler(self) -> None:
        if self._ouverture is not None:
            self._ouverture.annuler()
            self._ouverture = None
        if self._vue is not None:
            self._vue.visionneuse.vider("Ouverture annulée.")

    # -- versions, description, deletion -----------------------------------------------------

    def _ouvrir_version(self, document_id: int) -> None:
        """Another stored version, in the viewer; the list stays on the newest."""
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None:
            return
        self.visionneuse.oublier()
        self._workers.submit(
            _ouvrir_version, self._ctx, document_id, proprietaire=vue, queue="documents",
            on_done=lambda resultat: self._ouvert(patient_id, resultat, True),
            on_error=lambda erreur: self._echec_ouverture(patient_id, erreur))

    def _decrire(self, document: DocumentAffiche) -> None:
        """Type, title, date and author of a document that says nothing itself."""
        from app.ui.views.description import DialogueDescription
        from app.usecases.importation import Description
        from app.usecases.types_documents import types_a_classer

        ligne = document.ligne
        if ligne.document_id is None:
            return
        document_id = ligne.document_id
        lue = Description(ligne.type_code, document.titre, ligne.date, ligne.auteur)
        dialogue = DialogueDescription(types_a_classer(), self._fenetre)
        dialogue.definir(ligne.type_code, document.titre, ligne.date, ligne.auteur)

        def fini(_: object) -> None:
            dialogue.accept()
            self._decrit(document_id)

        def refuse(erreur: Exception) -> None:
            if not resoudre(erreur, self._fenetre, self._workers, fait=fini, parent=dialogue,
                            proprietaire=dialogue,
                            sinon=lambda e: dialogue.refuser(texte_erreur(e))):
                dialogue.refuser(texte_erreur(erreur))

        def valider(type_code: str, titre: str, date_acte: str, auteur: str) -> None:
            self._workers.submit(
                suites_documents.decrire, self._ctx, document_id,
                Description(type_code, titre, date_acte, auteur), lue, proprietaire=dialogue,
                on_done=fini, on_error=refuse)

        dialogue.valide.connect(valider)
        dialogue.open()

    def _decrit(self, document_id: int) -> None:
        self._fenetre.ligne_flottante("Document complété")
        self._derniere_cle = f"local:{document_id}"
        self.change.emit()
        self._ouvrir_version(document_id)

    def _supprimer(self, document: DocumentAffiche) -> None:
        """Take a document out of the file; undone by the floating line."""
        if document.ligne.document_id is not None:
            self.supprimer(document.ligne.document_id, "Supprimé du dossier par l’utilisateur.")

    def supprimer(self, document_id: int, motif: str) -> None:
        """Take a document out of the file, with a way back."""
        vue = self._vue

        def fait(_: object) -> None:
            if vue is not None and (montre := vue.visionneuse.document) is not None \
                    and montre.ligne.document_id == document_id:
                vue.visionneuse.vider()
            self._fenetre.ligne_flottante("Document retiré du dossier", self._retablir(document_id))
            self.change.emit()

        self._workers.submit(
            suites_documents.supprimer_localement, self._ctx, document_id, motif,
            on_done=fait, proprietaire=self)

    def _retablir(self, document_id: int) -> Callable[[], None]:
        def faire() -> None:
            self._workers.submit(suites_documents.retablir, self._ctx, document_id,
                                 on_done=lambda _: self.change.emit(), proprietaire=self)

        return faire

    # -- integrating -------------------------------------------------------------------------

    def integrer(self, cles: Iterable[str], *, accepte: bool = False) -> None:
        """Keep DMP documents in the file; what was refused is said with its reason.

        `accepte`: the user saw that the identity differs.
        """
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None:
            return
        voulues = list(cles)

        def fait(resultat: ResultatIntegration) -> None:
            if patient_id != self._patient_id:
                return
            vue.modele.cocher(())
            self._dire_integration(vue, voulues, resultat)
            self.change.emit()

        def echec(erreur: Exception) -> None:
            if patient_id != self._patient_id:
                return
            vue.visionneuse.bouton_integrer.setEnabled(True)
            remede = remede_de(erreur)
            vue.message("erreur", f"Intégration interrompue. {texte_erreur(erreur)}",
                        LIBELLES.get(remede, ""),
                        (lambda: self.integrer(voulues, accepte=accepte))
                        if remede is Remede.REESSAYER
                        else (lambda: self.remede.emit(remede)))
            self.change.emit()

        self._workers.submit(documents_dmp.integrer, self._ctx, patient_id, voulues,
                             accepte=accepte, queue="dmp", on_done=fait, on_error=echec,
                             proprietaire=vue)

    def _dire_integration(self, vue: VueDocuments, cles: list[str],
                          resultat: ResultatIntegration) -> None:
        n = resultat.integres
        if n:
            s = "s" if n > 1 else ""
            self._fenetre.ligne_flottante(f"{n} document{s} intégré{s} au dossier")
            document = vue.visionneuse.document
            if document is not None and document.ligne.cle in cles and not resultat.refus:
                vue.visionneuse.integre()
        if resultat.refus:
            vue.visionneuse.bouton_integrer.setEnabled(True)
        for titre, raison in resultat.refus[:3]:
            vue.message("alerte", f"« {titre} » n’a pas été intégré. {raison}")

    # -- who may read -----------------------------------------------------------------------

    def _restreindre(self, document_id: int, niveau: str, vu: str) -> None:
        """Keep a document to oneself, to one's profession, or give it to the team (LABEL.04)."""
        choisi = Niveau(niveau)

        def fait(_: object) -> None:
            self._fenetre.ligne_flottante(f"Ce document se lit par\u00a0: "
                                          f"{LIBELLES_NIVEAUX[choisi].lower()}")
            self.change.emit()

        def refuse(erreur: Exception) -> None:
            montrer_erreur(self._fenetre, erreur)
            self.change.emit()  # the list may be old: it is read again

        self._workers.submit(confidentialite.restreindre_document, self._ctx, document_id, choisi,
                             Niveau(vu), proprietaire=self, on_done=fait, on_error=refuse)
