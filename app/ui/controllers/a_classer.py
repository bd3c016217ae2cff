"""« À classer »: the list, whose document it is, filing in one gesture that can be undone."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from app.domain.document import FicheDocument
from app.domain.entrant import DetailEntrant, LigneEntrant
from app.domain.patient import PatientResume
from app.ui.controllers.erreurs import texte_erreur
from app.ui.controllers.reception_ins import dossier_possible
from app.ui.controllers.visionneuse import Tailles, VisionneuseController, tailles_du_document
from app.ui.fenetre import Fenetre
from app.ui.views.a_classer import PageAClasser
from app.ui.views.messages import MessageEnLigne
from app.ui.views.motif import DialogueMotif
from app.ui.views.rapprochement import DialogueRapprochement
from app.ui.workers import Tache, Workers
from app.usecases import classement, patients
from app.usecases.context import Contexte
from app.usecases.rapprochement import Candidat
from app.usecases.types_documents import types_a_classer


def _detailler(ctx: Contexte, entrant_id: int) -> tuple[DetailEntrant, Tailles]:
    detail = classement.detailler(ctx, entrant_id)
    return detail, tailles_du_document(ctx, detail.document)


class AClasserController(QObject):
    """Glue of the page and of its counter in the rail."""

    patient_demande = Signal(int)
    #: A document was filed: (patient id).
    classe = Signal(int)
    nouveau_patient_demande = Signal()
    import_demande = Signal()
    reglage_demande = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._page: PageAClasser | None = None
        self._ouverture: Tache | None = None
        self.visionneuse = VisionneuseController(fenetre, workers, ctx, self)
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == "a_classer" else None)

    def construire(self) -> PageAClasser:
        """Build the page when it is first shown."""
        page = PageAClasser(types_a_classer())
        self._page = page
        self.visionneuse.brancher(page.visionneuse)
        page.detail_demande.connect(self._detailler)
        page.classement_demande.connect(self._classer)
        page.ecarter_demande.connect(self._ecarter)
        page.remettre_demande.connect(self._remettre)
        page.liste_demandee.connect(lambda _: self.actualiser())
        page.recherche_demandee.connect(self._chercher)
        page.nouveau_patient_demande.connect(self.nouveau_patient_demande)
        page.import_demande.connect(self.import_demande)
        page.reglage_demande.connect(self.reglage_demande)
        return page

    # -- list --------------------------------------------------------------------------------

    def compter(self) -> None:
        """The counter of the rail."""
        self._workers.submit(classement.nombre, self._ctx, proprietaire=self,
                             on_done=lambda n: self._fenetre.compteur("a_classer", n))

    def suivre(self) -> None:
        """What waits changed by itself: as `actualiser`, but what is being typed stays."""
        self.actualiser(en_direct=True)

    def actualiser(self, *, en_direct: bool = False) -> None:
        """Read the list again when it is shown; the counter always."""
        if self._page is None or self._fenetre.page_courante != "a_classer":
            self.compter()
            return

        ecartes = self._page.ecartes

        def lue(lignes: Sequence[LigneEntrant]) -> None:
            if self._page is not None and self._page.ecartes == ecartes:
                self._page.definir(lignes, en_direct=en_direct)

        self.compter()
        self._workers.submit(classement.lister_ecartes if ecartes else classement.lister,
                             self._ctx, on_done=lue, proprietaire=self)

    def _detailler(self, entrant_id: int) -> None:
        page = self._page
        if page is None:
            return
        if self._ouverture is not None:
            self._ouverture.annuler()
        self.visionneuse.oublier()

        def fait(resultat: tuple[DetailEntrant, Tailles]) -> None:
            if page.entrant_id == entrant_id:
                page.montrer(resultat[0])
                page.visionneuse.afficher(resultat[0].document, resultat[1])

        def rate(erreur: Exception) -> None:
            if page.entrant_id == entrant_id:
                page.illisible(texte_erreur(erreur))

        self._ouverture = self._workers.submit(
            _detailler, self._ctx, entrant_id, queue="documents", proprietaire=page,
            on_done=fait, on_error=rate)

    def _chercher(self, texte: str) -> None:
        page = self._page
        if page is None:
            return

        def trouves(lus: list[PatientResume]) -> None:
            page.poser_trouves(texte, lus)

        self._workers.submit(patients.chercher, self._ctx, texte, 5, queue="recherche",
                             on_done=trouves, proprietaire=page)

    # -- gestures ----------------------------------------------------------------------------

    def _classer(self, entrant_id: int, patient_id: int, type_code: str, titre: str,
                 date_acte: str, auteur: str, accepte: bool = False) -> None:
        page = self._page
        if page is None:
            return

        def fait(fiche: FicheDocument) -> None:
            self._fenetre.ligne_flottante(f"« {fiche.titre} » classé au dossier",
                                          lambda: self._annuler(entrant_id, patient_id))
            self.classe.emit(patient_id)
            self.actualiser()

        def refuse(erreur: Exception) -> None:
            code = str(getattr(erreur, "code", ""))
            if code == "IDENTITE-DIFFERENTE" and not accepte:
                self._comparer(entrant_id, patient_id, texte_erreur(erreur), lambda: self._classer(
                    entrant_id, patient_id, type_code, titre, date_acte, auteur, accepte=True))
            else:
                page.messages.ajouter(MessageEnLigne("info" if code == "DEJA" else "erreur",
                                                     texte_erreur(erreur)))
            if code in ("DEJA", "CONFLIT"):
                self.actualiser()

        page.messages.vider()
        self._workers.submit(
            classement.classer, self._ctx, entrant_id, patient_id, type_code=type_code,
            titre=titre, date_acte=date_acte, auteur=auteur, accepte=accepte, queue="documents",
            on_done=fait, on_error=refuse, proprietaire=self)

    def _comparer(self, entrant_id: int, patient_id: int, raison: str,
                  malgre: Callable[[], None]) -> None:
        """Both identities side by side; filing all the same is a choice made looking at them."""
        def lus(candidat: Candidat) -> None:
            dialogue = DialogueRapprochement(
                "Est-ce la même personne ?", "L’identité du document n’est pas celle de ce "
                "dossier.", [dossier_possible(candidat)], "Document reçu", "Classer au dossier",
                self._fenetre, verbe_malgre="Classer quand même", autre="",
                avis=[("erreur", raison)])
            dialogue.choisi.connect(lambda *_: malgre())
            dialogue.open()

        self._workers.submit(classement.comparer, self._ctx, entrant_id, patient_id,
                             queue="documents", on_done=lus, proprietaire=self)

    def _annuler(self, entrant_id: int, patient_id: int) -> None:
        def fait(_: object) -> None:
            self.classe.emit(patient_id)
            self.actualiser()

        self._workers.submit(classement.annuler_classement, self._ctx, entrant_id, on_done=fait,
                             proprietaire=self)

    def _ecarter(self, entrant_id: int) -> None:
        dialogue = DialogueMotif(
            "Écarter ce document ?", "Il quitte la liste ; son fichier et votre motif restent.",
            "Écarter", self._fenetre, champ="Motif, gardé avec le document",
            exemple="Publicité, pas un de nos patients, doublon papier…")

        def faire(motif: str) -> None:
            self._workers.submit(classement.ecarter, self._ctx, entrant_id, motif,
                                 on_done=fait, proprietaire=self)

        def fait(_: object) -> None:
            self._fenetre.ligne_flottante("Document écarté", lambda: self._remettre(entrant_id))
            self.actualiser()

        dialogue.choisi.connect(faire)
        dialogue.open()

    def _remettre(self, entrant_id: int) -> None:
        def fait(_: object) -> None:
            self._fenetre.ligne_flottante("Document remis à classer")
            self.actualiser()

        self._workers.submit(classement.remettre, self._ctx, entrant_id, proprietaire=self,
                             on_done=fait, on_error=self._refuse)

    def _refuse(self, erreur: Exception) -> None:
        if self._page is not None:
            self._page.messages.ajouter(MessageEnLigne("info", texte_erreur(erreur)))
        self.actualiser()

    def preparer(self) -> None:
        """Build the page before it is asked for: the first showing then costs nothing."""
        if not self._fenetre.construite("a_classer") and self._fenetre.permise("a_classer"):
            self._fenetre.page("a_classer")
