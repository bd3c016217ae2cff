"""What stands around a letter: header and correspondents, record, templates, spelling."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.documents.champs import ValeurChamp
from app.documents.courrier import EnteteCourrier, depuis_texte
from app.documents.model import Bloc, Destinataire
from app.documents.modeles_courriers import ModeleCourrier
from app.domain.dossier_clinique import ElementClinique, NatureElement, RoleCorrespondant
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.correspondant import DialogueCorrespondant
from app.ui.views.courrier import VueCourriers
from app.ui.views.courrier_entete import DialogueEntete
from app.ui.views.courrier_modeles import DialogueModeles
from app.ui.views.elements_dossier import DialogueElements
from app.ui.workers import Workers
from app.usecases import (
    champs_dossier,
    correspondants,
    dossier_clinique,
    modeles_courriers,
    orthographe,
)
from app.usecases.brouillons import lire_auteur
from app.usecases.context import Contexte

MODELE_DOUBLE = ("Un collègue a modifié ce modèle en même temps que vous : le sien et le vôtre "
                 "sont gardés.")
Carnet = tuple[tuple[tuple[int, Destinataire], ...],
               tuple[tuple[RoleCorrespondant, int, Destinataire], ...]]


def _carnet(ctx: Contexte, patient_id: int) -> Carnet:
    return (correspondants.carnet_adresses(ctx), correspondants.du_patient(ctx, patient_id))


class AnnexesCourrier(QObject):
    """Dialogs of the tab, and the answers that the editor asks for."""

    modeles_changes = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 parent: QObject) -> None:
        super().__init__(parent)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueCourriers | None = None
        self._patient_id: int | None = None
        #: Who holds each role for the patient, as the header dialog read it.
        self._titulaires: dict[RoleCorrespondant, int] = {}
        self.types: tuple[tuple[str, str, str], ...] = ()

    def brancher(self, vue: VueCourriers) -> None:
        """Take charge of the requests of the tab."""
        self._vue = vue
        vue.entete_demande.connect(self.ouvrir_entete)
        vue.dossier_demande.connect(self.ouvrir_dossier)
        vue.modeles_demandes.connect(lambda: self.ouvrir_modeles())
        vue.modele_demande.connect(self._creer_modele)
        vue.feuille.barre.champ_choisi.connect(self._inserer)
        vue.feuille.remplissage_demande.connect(self._remplir)
        vue.texte.souligneur.verification_demandee.connect(self._verifier)
        vue.texte.propositions_demandees.connect(self._proposer)
        vue.texte.mot_ajoute.connect(self._ajouter_mot)

    def definir_patient(self, patient_id: int | None) -> None:
        """The patient of the file."""
        self._patient_id = patient_id

    def _faire(self, geste: Callable[..., Any], *args: Any, fait: Callable[[Any], None],
               echec: Callable[[str], None] | None = None, queue: str = "local",
               proprietaire: QObject | None = None) -> None:
        def rater(erreur: Exception) -> None:
            if echec is not None:
                echec(texte_erreur(erreur))
            else:
                self._fenetre.message("erreur", texte_erreur(erreur))

        self._workers.submit(geste, self._ctx, *args, on_done=fait, queue=queue, on_error=rater,
                             proprietaire=proprietaire or self)

    # -- Header and correspondents -------------------------------------------------------------

    def ouvrir_entete(self, entete: EnteteCourrier) -> None:
        """Recipients and context of care."""
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None:
            return
        dialogue = DialogueEntete(vue, entete)

        def rafraichir(ajouter: int = 0) -> None:
            def lu(carnet: Carnet) -> None:
                self._titulaires = {role: id for role, id, _ in carnet[1]}
                dialogue.definir_carnet(carnet[0], carnet[1], ajouter)

            self._faire(_carnet, patient_id, fait=lu, proprietaire=dialogue)

        dialogue.choisi.connect(vue.feuille.poser_entete)
        dialogue.correspondant_demande.connect(
            lambda qui, identifiant: self._ecrire_correspondant(dialogue, qui, identifiant,
                                                                patient_id, rafraichir))
        rafraichir()
        dialogue.open()

    def _ecrire_correspondant(self, sur: DialogueEntete, qui: Destinataire | None,
                              identifiant: int, patient_id: int,
                              ensuite: Callable[[int], None]) -> None:
        formulaire = DialogueCorrespondant(
            sur, qui, identifiant, RoleCorrespondant.CORRESPONDANT if identifiant
            else RoleCorrespondant.MEDECIN_TRAITANT)

        def ecrire(valeur: Destinataire, cle: int, role: str) -> None:
            def fait(nouveau: int) -> None:
                formulaire.accept()
                ensuite(nouveau)

            def geste(ctx: Contexte) -> int:
                return correspondants.enregistrer(ctx, valeur, cle, patient_id=patient_id,
                                                  role=choisi, base=qui,
                                                  titulaire=self._titulaires.get(choisi, 0))

            choisi = RoleCorrespondant(role)

            def echec(erreur: Exception) -> None:
                if getattr(erreur, "code", "") == "CONFLIT":
                    ensuite(0)  # who holds the role is read again: told, the next gesture replaces
                formulaire.valider.setEnabled(True)
                if not resoudre(erreur, self._fenetre, self._workers, fait=lambda _: fait(cle),
                                parent=formulaire, proprietaire=formulaire,
                                sinon=lambda e: formulaire.refuser(texte_erreur(e))):
                    formulaire.refuser(texte_erreur(erreur))

            self._workers.submit(geste, self._ctx, on_done=fait, on_error=echec,
                                 proprietaire=formulaire)

        formulaire.ecrit.connect(ecrire)
        formulaire.open()

    # -- The record ------------------------------------------------------------------------------

    def ouvrir_dossier(self) -> None:
        """Lines of the record that letters use."""
        vue, patient_id = self._vue, self._patient_id
        if vue is None or patient_id is None:
            return
        dialogue = DialogueElements(vue)

        def relire(_: object = None) -> None:
            self._faire(dossier_clinique.elements, patient_id, fait=dialogue.definir,
                        echec=dialogue.refuser, proprietaire=dialogue)

        def ajouter(nature: str, libelle: str, detail: str, date: str) -> None:
            def fait(_: ElementClinique) -> None:
                dialogue.ajoute()
                relire()

            self._faire(dossier_clinique.ajouter, patient_id, NatureElement(nature), libelle,
                        detail, date, fait=fait, echec=dialogue.refuser, proprietaire=dialogue)

        dialogue.ajout_demande.connect(ajouter)
        dialogue.retrait_demande.connect(
            lambda e: self._faire(dossier_clinique.retirer, e, fait=relire,
                                  echec=dialogue.refuser, proprietaire=dialogue))
        dialogue.finished.connect(lambda _: vue.feuille.demander_remplissage())
        relire()
        dialogue.open()

    def _valeurs(self, libelles: tuple[str, ...],
                 fait: Callable[[dict[str, ValeurChamp]], None]) -> None:
        """Values of fields for the letter on screen, if it still is when they come."""
        vue, patient_id = self._vue, self._patient_id
        brouillon = vue.brouillon if vue is not None else None
        if vue is None or patient_id is None or brouillon is None:
            return

        def lues(valeurs: dict[str, ValeurChamp]) -> None:
            if vue.ecrit == brouillon.id:
                fait(valeurs)

        def lire(ctx: Contexte) -> dict[str, ValeurChamp]:
            return champs_dossier.valeurs(ctx, patient_id, depuis_texte(brouillon.texte).entete,
                                          libelles, lire_auteur(ctx, brouillon.auteur_id))

        self._faire(lire, fait=lues, proprietaire=vue)

    def _inserer(self, libelle: str) -> None:
        vue = self._vue
        if vue is not None:
            self._valeurs((libelle,), lambda v: vue.feuille.inserer_champ(libelle, v.get(libelle)))

    def _remplir(self, libelles: tuple[str, ...]) -> None:
        vue = self._vue
        if vue is not None:
            self._valeurs(libelles, vue.feuille.remplir)

    # -- Templates -------------------------------------------------------------------------------

    def ouvrir_modeles(self, choisir: str = "") -> None:
        """The templates of the practice."""
        vue = self._vue
        if vue is None:
            return
        dialogue = DialogueModeles(vue, self.types, champs_dossier.GROUPES)

        def relire(cle: str = "", phrase: str = "") -> None:
            def lus(modeles: Sequence[ModeleCourrier]) -> None:
                dialogue.definir(modeles, cle)
                if phrase:
                    dialogue.fait(phrase)

            self._faire(modeles_courriers.lister, fait=lus, echec=dialogue.refuser,
                        proprietaire=dialogue)
            self.modeles_changes.emit()

        dialogue.enregistrement_demande.connect(
            lambda m: self._faire(
                modeles_courriers.enregistrer_lu, m, echec=dialogue.refuser,
                fait=lambda ecrit: relire(ecrit.cle, "Modèle enregistré." if ecrit.cle == m.cle
                                          else MODELE_DOUBLE), proprietaire=dialogue))
        dialogue.copie_demandee.connect(
            lambda cle: self._faire(modeles_courriers.dupliquer, cle, echec=dialogue.refuser,
                                    fait=lambda m: relire(m.cle, "Copie créée : donnez-lui un "
                                                                 "titre."),
                                    proprietaire=dialogue))
        dialogue.oubli_demande.connect(
            lambda m: self._faire(modeles_courriers.reinitialiser, m.cle, m.version,
                                  echec=lambda texte: relire(m.cle, texte),
                                  fait=lambda _: relire(m.cle), proprietaire=dialogue))
        relire(choisir)
        dialogue.open()

    def _creer_modele(self, type_cle: str, titre: str, corps: tuple[Bloc, ...]) -> None:
        def fait(modele: ModeleCourrier) -> None:
            self.modeles_changes.emit()
            self.ouvrir_modeles(modele.cle)

        self._faire(modeles_courriers.creer, titre, type_cle, corps, fait=fait)

    # -- Spelling --------------------------------------------------------------------------------

    def _verifier(self, mots: tuple[str, ...]) -> None:
        vue = self._vue
        if vue is None:
            return
        self._faire(orthographe.verifier, mots, queue="documents", proprietaire=vue,
                    fait=lambda inconnus: vue.texte.souligneur.poser_verdicts(mots, inconnus),
                    echec=lambda _: vue.texte.souligneur.poser_verdicts(mots, ()))

    def _proposer(self, mot: str) -> None:
        vue = self._vue
        if vue is not None:
            self._faire(orthographe.proposer, mot, queue="documents", proprietaire=vue,
                        fait=lambda proches: vue.texte.proposer(mot, proches),
                        echec=lambda _: vue.texte.proposer(mot, ()))

    def _ajouter_mot(self, mot: str) -> None:
        vue = self._vue
        if vue is not None:
            self._faire(orthographe.ajouter_mot, mot, proprietaire=vue,
                        fait=lambda _: vue.texte.souligneur.oublier())
