"""History of an identity: read in a worker, told by the domain; the rare gestures start here."""

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.domain.frise_identite import EtapeIdentite, raconter
from app.domain.identity import Attribut, StatutIdentite, Traits
from app.domain.patient import Patient
from app.domain.statuts import AVEC_INSI
from app.services.errors import Remede
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.historique_identite import VueHistoriqueIdentite
from app.ui.views.motif import DialogueMotif
from app.ui.views.separation import DialogueSeparation, DialogueTraits
from app.ui.workers import Workers
from app.usecases import fusion, gestes_identite, patients, verification
from app.usecases.context import Contexte
from app.usecases.droits_identite import droits
from app.usecases.fusion import ContenuSeparable, Separation
from app.usecases.reglages_identite import lire_reglages_identite

PAGE = "historique_identite"


@dataclass(frozen=True, slots=True)
class _Lecture:
    contenu: ContenuSeparable
    etapes: tuple[EtapeIdentite, ...]
    gestes: frozenset[str]
    lieu: str

    @property
    def nom(self) -> str:
        """Birth name and first given name."""
        t = self.contenu.patient.identite.traits
        return f"{t.nom_naissance} {t.premier_prenom}"


def _lire(ctx: Contexte, patient_id: int) -> _Lecture:
    historique = patients.historique_identite(ctx, patient_id)
    contenu = fusion.contenu_separable(ctx, patient_id)
    accordes, identite = droits(ctx), contenu.patient.identite
    gestes = {"separer"}
    if identite.statut in AVEC_INSI and accordes.insi:
        gestes.add("verifier")
    if identite.statut in AVEC_INSI and accordes.traits_stricts:
        gestes.add("traits_stricts")
    if (identite.statut is StatutIdentite.RECUPEREE
            and lire_reglages_identite(ctx).procedure_transitoire):
        gestes.add("transitoire")
    if Attribut.DOUTEUSE not in identite.attributs:
        gestes.add("collision")
    return _Lecture(contenu, raconter(historique, matricules=accordes.ins), frozenset(gestes),
                    patients.libelle_lieu(ctx, identite.traits.lieu_naissance))


class HistoriqueIdentiteController(QObject):
    """Glue of the page « historique_identite »."""

    #: Back to the file of the patient.
    patient_demande = Signal(int)
    connexion_demandee = Signal()
    #: An identity changed: whoever shows it reads it again.
    change = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueHistoriqueIdentite | None = None
        self._patient_id = 0
        self._lecture: _Lecture | None = None
        self._a_faire = ""

    def construire(self) -> VueHistoriqueIdentite:
        """Build the page when it is first shown."""
        vue = VueHistoriqueIdentite()
        self._vue = vue
        vue.retour_demande.connect(lambda: self.patient_demande.emit(self._patient_id))
        vue.geste.connect(self._geste)
        return vue

    def ouvrir(self, patient_id: int, geste: str = "") -> None:
        """Show the history of a patient; `geste`: begin this gesture, if it is allowed."""
        self._patient_id, self._a_faire = patient_id, geste
        self._fenetre.aller(PAGE)
        self.actualiser()

    def actualiser(self) -> None:
        """Read the history again."""
        if self._vue is not None:
            self._workers.submit(_lire, self._ctx, self._patient_id, proprietaire=self._vue,
                                 on_done=self._montrer, on_error=self._refuse)

    def _montrer(self, lecture: _Lecture) -> None:
        self._lecture = lecture
        if self._vue is not None:
            self._vue.montrer(lecture.nom, lecture.etapes, lecture.gestes)
        geste, self._a_faire = self._a_faire, ""
        if geste in lecture.gestes:
            self._geste(geste)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur,
                       {Remede.SE_CONNECTER: self.connexion_demandee.emit})
        self.actualiser()

    # -- Gestures ---------------------------------------------------------------------------

    def _geste(self, code: str) -> None:
        if self._lecture is None:
            return
        nom, patient = self._lecture.nom, self._lecture.contenu.patient
        if code == "verifier":
            self._workers.submit(verification.verifier_identite, self._ctx, patient.id,
                                 queue="insi", proprietaire=self, on_done=self._verifie,
                                 on_error=self._refuse)
        elif code == "transitoire":
            self._demander_motif(
                "Qualifier par la procédure transitoire ?", f"{nom} est connu de l’équipe et "
                "récupéré auprès d’INSi. Cette qualification est comptée à part.", "Qualifier",
                partial(gestes_identite.qualifier_procedure_transitoire, vue=patient.identite),
                "Identité qualifiée")
        elif code == "collision":
            self._demander_motif(
                "Deux personnes dans ce dossier ?", f"L’identité de {nom} devient douteuse : "
                "matricule retiré, appels INSi et envois bloqués jusqu’à la levée du doute.",
                "Signaler", gestes_identite.signaler_collision, "Collision signalée")
        elif code == "traits_stricts":
            self._modifier_traits(self._lecture)
        elif code == "separer":
            self._separer(self._lecture)

    def _demander_motif(self, titre: str, explication: str, verbe: str, geste: object,
                        fait: str) -> None:
        question = DialogueMotif(titre, explication, verbe, self._fenetre)
        question.choisi.connect(lambda motif: self._faire(fait, geste, self._patient_id, motif))
        question.open()

    def _faire(self, fait: str, geste: object, *args: object) -> None:
        def reussi(_: Patient) -> None:
            self._change(fait)

        assert callable(geste)
        self._workers.submit(geste, self._ctx, *args, proprietaire=self, on_done=reussi,
                             on_error=self._refuse)

    def _change(self, fait: str) -> None:
        self._fenetre.ligne_flottante(fait)
        self.actualiser()
        self.change.emit(self._patient_id)

    def _verifie(self, resultat: verification.ResultatVerification) -> None:
        genre = "succes" if resultat.etat == "confirmee" else "alerte"
        self._fenetre.message(genre, resultat.message)
        self.actualiser()
        self.change.emit(self._patient_id)

    def _dialogue_traits(self, dialogue: DialogueTraits) -> DialogueTraits:
        dialogue.lieu_cherche.connect(lambda texte, le: self._workers.submit(
            patients.chercher_lieux, self._ctx, texte, le, queue="recherche",
            proprietaire=dialogue, on_done=dialogue.proposer_lieux))
        return dialogue

    def _modifier_traits(self, lecture: _Lecture) -> None:
        patient = lecture.contenu.patient
        dialogue = self._dialogue_traits(DialogueTraits(
            "Modifier les traits verrouillés", "Ces traits viennent d’INSi. Les modifier retire "
            "le matricule : l’identité devra être de nouveau interrogée.", "Modifier",
            patient.identite.traits, lecture.lieu, self._fenetre, motif=True))

        def modifie(_: Patient) -> None:
            dialogue.accept()
            self._change("Traits modifiés")

        def valider(traits: Traits, motif: str) -> None:
            self._workers.submit(
                gestes_identite.modifier_traits_stricts, self._ctx, patient.id, traits,
                patient.version, motif, proprietaire=dialogue,
                on_done=modifie,
                on_error=lambda e: dialogue.montrer_refus(str(getattr(e, "message", ""))))

        dialogue.valide.connect(valider)
        dialogue.open()

    def _separer(self, lecture: _Lecture) -> None:
        patient = lecture.contenu.patient
        dialogue = self._dialogue_traits(DialogueTraits(
            "Qui est l’autre personne ?", "Ses traits, lus sur une pièce d’identité. Un dossier "
            "provisoire sera créé pour elle.", "Continuer", patient.identite.traits, lecture.lieu,
            self._fenetre))

        def continuer(traits: Traits, _motif: str) -> None:
            dialogue.accept()
            choix = DialogueSeparation(traits, lecture.contenu.observations,
                                       lecture.contenu.documents, self._fenetre)
            choix.separe.connect(lambda elements, motif: self._workers.submit(
                fusion.separer, self._ctx, patient.id, traits, elements, motif, patient.version,
                proprietaire=self, on_done=self._separe, on_error=self._refuse))
            choix.open()

        dialogue.valide.connect(continuer)
        dialogue.open()

    def _separe(self, faite: Separation) -> None:
        self._change(f"Dossier n° {faite.nouveau.id} créé pour l’autre personne")
        phrases = []
        if faite.annules:
            phrases.append(f"{faite.annules} envois annulés : ils nommaient la mauvaise personne.")
        if faite.a_retirer_du_dmp:
            phrases.append("À retirer du DMP de l’autre personne : "
                           + ", ".join(faite.a_retirer_du_dmp) + ".")
        if phrases:
            self._fenetre.message("alerte", " ".join(phrases))
