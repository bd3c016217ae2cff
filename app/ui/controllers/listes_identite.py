"""Work lists of identities: feeds the page, carries out the gestures."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.listes_identite import LigneListe, ListeIdentite
from app.domain.verification import BilanVerifications
from app.services.errors import Remede
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.listes_identite import VueListesIdentite
from app.ui.views.motif import DialogueMotif
from app.ui.workers import Tache, Workers
from app.usecases import gestes_identite, listes_identite, verification
from app.usecases.context import Contexte

PAGE = "identites"
#: Time between two background runs, and how many verifications one makes.
PERIODE_MS = 60_000
EN_FOND = 10


class ListesIdentiteController(QObject):
    """Glue of the page « identites »."""

    patient_demande = Signal(int)
    #: Two files to compare.
    comparaison_demandee = Signal(int, int)
    connexion_demandee = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueListesIdentite | None = None
        self._lecture: Tache | None = None
        self._verification: Tache | None = None
        fenetre.page_changee.connect(
            lambda nom: self.actualiser() if nom == PAGE else None)
        workers.submit(verification.programmer_dues, ctx, proprietaire=self)
        # What is due is verified by itself, a little at a time, while the session lives.
        self._horloge = QTimer(self, interval=PERIODE_MS)
        self._horloge.timeout.connect(self.verifier_en_fond)
        self._horloge.start()

    def construire(self) -> VueListesIdentite:
        """Build the page when it is first shown."""
        vue = VueListesIdentite()
        self._vue = vue
        vue.liste_demandee.connect(self._montrer_liste)
        vue.geste.connect(self._geste)
        return vue

    # -- Content ----------------------------------------------------------------------------

    def actualiser(self) -> None:
        """Read the counts and the current list again."""
        vue = self._vue
        if vue is None:
            return
        self._workers.submit(listes_identite.compter, self._ctx, on_done=vue.montrer_comptes,
                             proprietaire=vue)
        self._montrer_liste(vue.liste)

    def _montrer_liste(self, liste: ListeIdentite) -> None:
        vue = self._vue
        if vue is None:
            return
        if self._lecture is not None:
            self._lecture.annuler()
        self._lecture = self._workers.submit(
            listes_identite.page, self._ctx, liste, on_done=vue.montrer, proprietaire=vue)

    # -- Gestures ---------------------------------------------------------------------------

    def _geste(self, code: str, ligne: LigneListe | None) -> None:
        if code == "verifier_tous":
            self.verifier_tous()
        elif code == "interrompre":
            self._interrompre()
        elif ligne is None:
            return
        elif code == "ouvrir":
            self.patient_demande.emit(ligne.patient.id)
        elif code == "comparer" and ligne.autre is not None:
            self.comparaison_demandee.emit(ligne.patient.id, ligne.autre.id)
        elif code == "homonymes" and ligne.autre is not None:
            self._faire("Homonymes notés", gestes_identite.noter_homonymes, ligne.patient.id,
                        ligne.autre.id)
        elif code == "traiter_ko":
            self._faire("Vérification KO traitée", verification.traiter_ko, ligne.patient.id)
        elif code == "lever_doute":
            self._lever_doute(ligne)
        elif code == "verifier":
            self._verifier(ligne)

    def _faire(self, fait: str, geste: object, *args: object) -> None:
        def reussi(_: object) -> None:
            self._fenetre.ligne_flottante(fait)
            self.actualiser()

        assert callable(geste)
        self._workers.submit(geste, self._ctx, *args, on_done=reussi, on_error=self._refuse,
                             proprietaire=self)

    def _lever_doute(self, ligne: LigneListe) -> None:
        p = ligne.patient
        question = DialogueMotif(
            "Lever le doute ?", f"{p.nom_naissance} {p.premier_prenom} redevient une identité "
            "provisoire, sans matricule : contrôlez un document, puis interrogez INSi.",
            "Lever le doute", self._fenetre)
        question.choisi.connect(lambda motif: self._faire(
            "Doute levé", gestes_identite.lever_doute, p.id, motif))
        question.open()

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur,
                       {Remede.SE_CONNECTER: self.connexion_demandee.emit})
        self.actualiser()

    # -- Verifications ----------------------------------------------------------------------

    def _verifier(self, ligne: LigneListe) -> None:
        def fait(resultat: verification.ResultatVerification) -> None:
            genre = "succes" if resultat.etat == "confirmee" else "alerte"
            p = ligne.patient
            self._fenetre.message(
                genre, f"{p.nom_naissance} {p.premier_prenom} : {resultat.message}",
                None if genre == "succes" else "Ouvrir le dossier",
                lambda: self.patient_demande.emit(p.id))
            self._fin()

        self._avancer("Vérification INSi…")
        self._verification = self._workers.submit(
            verification.verifier_identite, self._ctx, ligne.patient.id, queue="insi",
            on_done=fait, on_error=self._echec, proprietaire=self)

    def verifier_tous(self) -> None:
        """Work the queue off, in the background; what remains keeps its place."""
        if self._verification is None:
            self._avancer("Vérifications INSi…")
            self._suivante(verification.PAR_PASSE, BilanVerifications(), self._bilan)

    def verifier_en_fond(self) -> None:
        """A few verifications, without a word unless an identity was downgraded."""
        if self._verification is None:
            self._suivante(EN_FOND, BilanVerifications(), self._bilan_en_fond)

    def _suivante(self, reste: int, deja: BilanVerifications,
                  fini: Callable[[BilanVerifications], None]) -> None:
        """One verification, then the next: a card put in the reader meanwhile waits for one call
        at most, not for the whole run."""
        def fait(bilan: BilanVerifications) -> None:
            total = deja.puis(bilan)
            if bilan.arret or not bilan.passees or reste <= 1 or not bilan.restantes:
                fini(total)
                return
            self._avancer(f"Vérification INSi {total.passees + 1} sur "
                          f"{total.passees + min(reste - 1, bilan.restantes)}")
            self._suivante(reste - 1, total, fini)

        self._verification = self._workers.submit(
            verification.traiter_file, self._ctx, limite=1, queue="insi", proprietaire=self,
            on_done=fait, on_error=self._echec)

    def _bilan_en_fond(self, bilan: BilanVerifications) -> None:
        self._verification = None
        self._avancer("")
        if bilan.ko:
            pluriel = "s" if bilan.ko > 1 else ""
            self._fenetre.message(
                "alerte", f"INSi ne confirme plus {bilan.ko} identité{pluriel}. Le matricule est "
                "retiré et les envois attendent.", "Voir la liste",
                self._aller)
        if bilan.ko or bilan.confirmees or bilan.recuperees:
            self.actualiser()

    def _aller(self) -> None:
        self._fenetre.aller(PAGE)

    def _bilan(self, bilan: BilanVerifications) -> None:
        self._fin()
        if bilan.arret:
            self._fenetre.message("alerte", f"{bilan.arret} {bilan.restantes} vérifications "
                                  "gardent leur place.")
            return
        faites = bilan.confirmees + bilan.recuperees + bilan.ko
        texte = (f"{faites} identités vérifiées" if faites > 1
                 else "Une identité vérifiée" if faites else "Aucune vérification n’attendait")
        if bilan.ko:
            texte += f", {bilan.ko} KO à traiter"
        self._fenetre.ligne_flottante(texte)

    def _echec(self, erreur: Exception) -> None:
        self._fin()
        self._refuse(erreur)

    def _interrompre(self) -> None:
        if self._verification is not None:
            self._verification.annuler()
        self._fin()

    def _avancer(self, texte: str) -> None:
        """Progress, on the page only: a run in the background is seen there too."""
        if self._vue is not None:
            self._vue.montrer_avancement(texte)

    def _fin(self) -> None:
        self._verification = None
        self._avancer("")
        self.actualiser()
