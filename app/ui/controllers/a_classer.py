"""« À classer »: the list, whose document it is, filing in one gesture that can be undone."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

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
from app.usecases.rapprochement import Candidat, VerificationRecue
from app.usecases.types_documents import types_a_classer

#: Nothing is said before; then one may file without waiting for INSi.
ATTENTE_MS = 400
#: INSi is no longer waited for, and the document is filed.
DELAI_INSI_S = 20.0


def _detailler(ctx: Contexte, entrant_id: int) -> tuple[DetailEntrant, Tailles]:
    detail = classement.detailler(ctx, entrant_id)
    return detail, tailles_du_document(ctx, detail.document)


class AClasserController(QObject):
    """Glue of the page and of its counter in the rail."""

    patient_demande = Signal(int)
    #: A document was filed: (patient id).
    classe = Signal(int)
    #: (PropositionCreation or None): what the current document says of its patient.
    nouveau_patient_demande = Signal(object)
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
        page.nouveau_patient_demande.connect(self._nouveau_patient)
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

    def actualiser(self, message: MessageEnLigne | None = None, *,
                   en_direct: bool = False) -> None:
        """Read the list again when it is shown; the counter always.

        `message` is shown with the new list: a change of line takes the messages away.
        """
        if self._page is None or self._fenetre.page_courante != "a_classer":
            self.compter()
            return

        ecartes = self._page.ecartes

        def lue(lignes: Sequence[LigneEntrant]) -> None:
            if self._page is not None and self._page.ecartes == ecartes:
                self._page.definir(lignes, en_direct=en_direct)
                if message is not None:
                    self._page.messages.ajouter(message)

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

    def _nouveau_patient(self) -> None:
        """A creation, filled with what the current document says of its patient."""
        page = self._page
        if page is None or not page.entrant_id:
            self.nouveau_patient_demande.emit(None)
            return
        self._workers.submit(
            classement.proposer_creation, self._ctx, page.entrant_id, queue="documents",
            on_done=self.nouveau_patient_demande.emit, proprietaire=self,
            on_error=lambda _: self.nouveau_patient_demande.emit(None))

    # -- gestures ----------------------------------------------------------------------------

    def _classer(self, entrant_id: int, patient_id: int, type_code: str, titre: str,
                 date_acte: str, auteur: str, accepte: bool = False) -> None:
        """INSi confirms the INS of the document when that teaches something, then it is filed.

        A KO files nothing (rules 51 and 55). INSi away, slow or not allowed stops nobody: the
        document is filed, and it is said that its INS wasn't verified.
        """
        page = self._page
        if page is None:
            return
        page.messages.vider()
        suite: list[Callable[[str], None]] = [lambda reserve: self._ranger(
            entrant_id, patient_id, type_code, titre, date_acte, auteur, accepte, reserve)]

        def continuer(reserve: str) -> None:
            """File once, whoever asks first."""
            attente.stop()
            if suite:
                page.messages.vider()
                suite.pop()(reserve)

        def dit(verification: VerificationRecue) -> None:
            if verification.confirmee is not False:
                continuer("" if verification.confirmee else verification.message)
            elif suite:
                attente.stop()
                suite.clear()
                page.messages.vider()
                self.actualiser(MessageEnLigne("erreur", verification.message, code="INS-KO"))

        def sans_attendre() -> None:
            tache.annuler()
            continuer("L’INS du document n’a pas été vérifiée : INSi n’avait pas répondu.")

        attente = QTimer(page, singleShot=True, interval=ATTENTE_MS)
        attente.timeout.connect(lambda: page.messages.ajouter(MessageEnLigne(
            "info", "INSi vérifie l’INS du document. Il sera classé aussitôt après.",
            "Classer sans attendre", sans_attendre, fermable=False)))
        attente.start()
        tache = self._workers.submit(
            classement.verifier_ins, self._ctx, entrant_id, patient_id, queue="insi",
            delai=DELAI_INSI_S, on_done=dit, proprietaire=self,
            on_error=lambda erreur: continuer(
                f"L’INS du document n’a pas été vérifiée. {texte_erreur(erreur)}"))

    def _ranger(self, entrant_id: int, patient_id: int, type_code: str, titre: str,
                date_acte: str, auteur: str, accepte: bool, reserve: str) -> None:
        """File it. `reserve`: what wasn't verified, said once it is filed."""
        page = self._page
        if page is None:
            return

        def fait(fiche: FicheDocument) -> None:
            self._fenetre.ligne_flottante(f"« {fiche.titre} » classé au dossier",
                                          lambda: self._annuler(entrant_id, patient_id))
            self.classe.emit(patient_id)
            self.actualiser(MessageEnLigne("info", reserve) if reserve else None)

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
