"""Section « Certificats et cartes » of the settings, and what the CPS does when it leaves."""

from dataclasses import asdict, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.devices.cps import Titulaire
from app.devices.events import EvenementLecteur
from app.devices.pcsc import CPS_RETIREE
from app.domain.certificat import CertificatStructure, UsageCertificat
from app.ui.controllers.carte_cps import ouvrir_carte
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.centre import DialogueMotDePasse, VueCentre
from app.ui.views.confirmation import Confirmation
from app.ui.workers import Workers
from app.usecases import certificats, cps, reglages_centre
from app.usecases.certificats import Alerte
from app.usecases.context import Contexte
from app.usecases.reglages_centre import ReglagesCentre


class _Lu:
    """What the section shows."""

    def __init__(self, ctx: Contexte) -> None:
        self.reglages = reglages_centre.lire_reglages_centre(ctx)
        self.certificats = certificats.lister_certificats(ctx)


class CentreController(QObject):
    """Glue of the section."""

    section_demandee = Signal()
    #: A CPS left its reader: (True when it was open).
    carte_retiree = Signal(bool)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueCentre | None = None
        self._reglages: ReglagesCentre | None = None
        self._certificats: tuple[CertificatStructure, ...] = ()

    def brancher(self, vue: VueCentre) -> None:
        """Take the section, fill it."""
        self._vue = vue
        vue.import_demande.connect(self._demander_mot_de_passe)
        vue.retrait_demande.connect(self._retirer)
        vue.enregistrer.connect(self._enregistrer)
        vue.carte_demandee.connect(self._relire_carte)
        vue.ouverture_demandee.connect(self._ouvrir_carte)
        self._workers.submit(_Lu, self._ctx, on_done=self._montrer, proprietaire=vue)

    def _montrer(self, lu: _Lu) -> None:
        self._reglages, self._certificats = lu.reglages, lu.certificats
        if self._vue is not None:
            self._vue.montrer(asdict(lu.reglages), lu.certificats)
            self._relire_carte()

    # -- Certificates -----------------------------------------------------------------------

    def avertir(self) -> None:
        """Say once, at the opening of the file, that a certificate ends soon."""
        def dire(alertes: tuple[Alerte, ...]) -> None:
            for une in alertes[:1]:
                self._fenetre.message(une.genre, une.message, "Voir les certificats",
                                      self.section_demandee.emit)

        self._workers.submit(certificats.alertes_certificats, self._ctx, on_done=dire,
                             proprietaire=self)

    def _demander_mot_de_passe(self, chemin: str) -> None:
        dialogue = DialogueMotDePasse(Path(chemin).name, self._fenetre)

        def importer(mot_de_passe: str) -> None:
            self._workers.submit(
                certificats.importer_certificat, self._ctx, Path(chemin), mot_de_passe,
                self._certificats, on_done=importe, proprietaire=dialogue, on_error=refuse)

        def refuse(erreur: Exception) -> None:
            dialogue.refuser(texte_erreur(erreur))
            self._relire()  # a colleague may have imported another one

        def importe(certificat: CertificatStructure) -> None:
            dialogue.accept()
            self._fenetre.ligne_flottante(
                f"Certificat importé\u00a0: {certificats.libelle(certificat.usage)}")
            self._relire()

        dialogue.saisi.connect(importer)
        dialogue.open()

    def _retirer(self, usage: UsageCertificat) -> None:
        question = Confirmation(
            "Retirer ce certificat\u00a0?", "Sa clé est effacée du dossier. Il faudra le fichier "
            "et son mot de passe pour le remettre.", "Retirer", "Garder", self._fenetre,
            danger=True)

        def refuse(erreur: Exception) -> None:
            self._refuse(erreur)
            self._relire()

        question.accepted.connect(lambda: self._workers.submit(
            certificats.supprimer_certificat, self._ctx, usage, self._certificats,
            proprietaire=self, on_done=lambda _: self._relire(), on_error=refuse))
        question.open()

    def _relire(self) -> None:
        vue = self._vue
        if vue is not None:
            self._workers.submit(certificats.lister_certificats, self._ctx, proprietaire=vue,
                                 on_done=self._montrer_certificats)

    def _montrer_certificats(self, lus: tuple[CertificatStructure, ...]) -> None:
        self._certificats = lus
        if self._vue is not None:
            self._vue.montrer_certificats(lus)

    # -- Settings ---------------------------------------------------------------------------

    def _enregistrer(self) -> None:
        if self._vue is None or self._reglages is None:
            return
        self._workers.submit(
            reglages_centre.enregistrer_reglages_centre, self._ctx,
            replace(self._reglages, **self._vue.valeurs()), self._reglages,
            on_done=self._enregistre, on_error=self._refuse_reglages, proprietaire=self._vue)

    def _refuse_reglages(self, erreur: Exception) -> None:
        if not resoudre(erreur, self._fenetre, self._workers, fait=self._enregistre,
                        proprietaire=self, sinon=self._refuse):
            self._refuse(erreur)

    def _enregistre(self, reglages: ReglagesCentre) -> None:
        self._reglages = reglages
        self._fenetre.ligne_flottante("Réglages enregistrés")
        if self._vue is not None:
            self._vue.montrer(asdict(reglages), self._certificats)
            self._vue.dire("", "")
        self._relire_carte()

    def _refuse(self, erreur: Exception) -> None:
        if self._vue is not None:
            self._vue.dire("erreur", texte_erreur(erreur))

    # -- CPS --------------------------------------------------------------------------------

    def carte(self, evenement: EvenementLecteur) -> None:
        """A card came or left: a CPS that leaves closes what it opened."""
        if evenement.code == CPS_RETIREE:
            self._workers.submit(cps.fermer_cps, self._ctx, proprietaire=self,
                                 on_done=self._retiree)
        elif evenement.code == "carte_cps" and self._vue is not None:
            self._relire_carte()

    def _retiree(self, ouverte: bool) -> None:
        self._relire_carte()
        self.carte_retiree.emit(ouverte)

    def _relire_carte(self) -> None:
        vue = self._vue
        if vue is None:
            return

        def montrer(titulaire: Titulaire | None) -> None:
            if titulaire is None:
                vue.montrer_carte("Aucune carte CPS dans le lecteur.", ouvrable=False)
                return
            qui = f"{titulaire.prenom} {titulaire.nom}"
            if titulaire.identifiant != self._ctx.professionnel.identifiant:
                vue.montrer_carte(f"La carte de {qui} est dans le lecteur. Insérez la vôtre pour "
                                  "appeler INSi et le DMP par carte.", ouvrable=False)
            elif self._ctx.services.directs.cps is not None:
                vue.montrer_carte(f"Votre carte est ouverte ({qui}).", ouvrable=False)
            else:
                vue.montrer_carte(f"Votre carte est dans le lecteur ({qui}).", ouvrable=True)

        self._workers.submit(
            cps.qui_est_la, self._ctx, on_done=montrer, proprietaire=vue,
            on_error=lambda e: vue.montrer_carte(texte_erreur(e), ouvrable=False))

    def _ouvrir_carte(self, code: str) -> None:
        def ouverte(_: Titulaire) -> None:
            self._fenetre.ligne_flottante("Carte CPS ouverte")
            if self._vue is not None:
                self._vue.dire("", "")
            self._relire_carte()

        def refuse(erreur: Exception) -> None:
            if self._vue is not None:
                self._vue.dire("erreur", texte_erreur(erreur))
            else:
                montrer_erreur(self._fenetre, erreur)

        ouvrir_carte(self._fenetre, self._workers, self._ctx, code, ouverte, refuse)
