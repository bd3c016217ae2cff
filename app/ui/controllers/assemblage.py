"""Builds the controllers of an open file and ties them together. Pages are built when shown."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.devices.apcv import ApcvPort
from app.devices.events import EvenementLecteur
from app.domain.libelles import PROFESSIONS
from app.domain.session import EtatSession
from app.services.errors import Remede
from app.ui.controllers.a_valider import AValiderController
from app.ui.controllers.apcv import ApcvController
from app.ui.controllers.camera import CameraController
from app.ui.controllers.centre import CentreController
from app.ui.controllers.cles import ClesController
from app.ui.controllers.comptes import ComptesController
from app.ui.controllers.conditions import Avis
from app.ui.controllers.conservation import ConservationController
from app.ui.controllers.dossier import DossierController
from app.ui.controllers.entrees import Entrees
from app.ui.controllers.envois import EnvoisController
from app.ui.controllers.equipes import EquipesController
from app.ui.controllers.erreurs import LIBELLES
from app.ui.controllers.export_cabinet import ExportCabinetController
from app.ui.controllers.habilitations import appliquer, premiere_page, sections_cachees
from app.ui.controllers.identite import IdentiteController
from app.ui.controllers.identitovigilance import Identitovigilance
from app.ui.controllers.journal import JournalController
from app.ui.controllers.patients import PatientsController
from app.ui.controllers.questionnaire import QuestionnaireController
from app.ui.controllers.reception import ReceptionController
from app.ui.controllers.reception_ins import ReceptionIns
from app.ui.controllers.recherche import Action, RechercheController
from app.ui.controllers.reglages import ReglagesController
from app.ui.controllers.sauvegardes import SauvegardesController
from app.ui.controllers.scans import ScansController
from app.ui.controllers.securite import SecuriteController
from app.ui.controllers.serveur import ServeurController
from app.ui.controllers.session import SessionController
from app.ui.controllers.tournee import TourneeController
from app.ui.controllers.veille import VeilleController
from app.ui.fenetre import Fenetre
from app.ui.views.reglages import VueReglages
from app.ui.workers import Workers
from app.usecases.changements import Nouvelle, Sujet
from app.usecases.classement import PropositionCreation
from app.usecases.context import Contexte
from app.usecases.identify import ResultatInsi
from app.usecases.outbox import Expediteur
from app.usecases.settings import Reglages

#: Actions of the search that lead to a page of another name.
_PAGE_ACTION = {"nouveau": "identites", "historique": "identites", "import": "import_identites",
                "comptes": "journal"}


class Assemblage(QObject):
    """Everything that lives while a file is open."""

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte, *,
                 ouvrir_url: Callable[[str], None] | None, verrouiller: Callable[..., None],
                 quitter: Callable[[], None], apcv: ApcvPort | None = None) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self.ctx = fenetre, workers, ctx
        self._verrouiller, self._quitter = verrouiller, quitter
        self._en_attente: EvenementLecteur | None = None
        self.employer_processus()
        self.expediteur = Expediteur(ctx, self._ordre_change)
        self.session = SessionController(fenetre, workers, ctx, ouvrir_url)
        self.envois = EnvoisController(fenetre, workers, ctx, self.expediteur.reveiller)
        self.identite = IdentiteController(fenetre, workers, ctx)
        self.patients = PatientsController(fenetre, workers, ctx)
        self.reglages = ReglagesController(fenetre, workers, ctx)
        self.sauvegardes = SauvegardesController(fenetre, workers, ctx)
        self.cles = ClesController(fenetre, workers, ctx)
        self.comptes = ComptesController(fenetre, workers, ctx)
        self.equipes = EquipesController(fenetre, workers, ctx)
        self.securite = SecuriteController(fenetre, workers, ctx)
        self.journal = JournalController(fenetre, workers, ctx)
        self.questionnaire = QuestionnaireController(fenetre, workers, ctx)
        self.recherche = RechercheController(fenetre, workers, ctx)
        self.tournee = TourneeController(fenetre, workers, ctx)
        self.dossier = DossierController(fenetre, workers, ctx, self.identite)
        self.conservation = ConservationController(fenetre, workers, ctx, self.dossier.export)
        self.export_cabinet = ExportCabinetController(fenetre, workers, ctx)
        self.reception = ReceptionController(fenetre, workers, ctx, self.identite,
                                             self.dossier.ouvrir)
        self.a_valider = AValiderController(fenetre, workers, ctx)
        self.centre = CentreController(fenetre, workers, ctx)
        self.veille = VeilleController(fenetre, workers, ctx)
        self.serveur = ServeurController(fenetre, workers, ctx)
        self.avis = Avis(fenetre, workers, ctx)
        self.apcv = ApcvController(fenetre, workers, ctx, self.identite, apcv)
        self.identite.apcv_possible = self.dossier.gestes.apcv_possible = self.apcv.possible
        self.reception_ins = ReceptionIns(fenetre, workers, ctx, self.identite)
        self.scans = ScansController(fenetre, self.dossier.vaccinations.attend_un_scan)
        self.camera = CameraController(fenetre, workers, ctx)
        self._declarer_pages()
        self.veille.suivre(self)
        self._lier()
        appliquer(fenetre, ctx)
        self._actions()
        self.nommer()

    def _ordre_change(self, ordre: object) -> None:
        """Called from the runner's thread."""
        self.envois.ordre_change.emit(ordre)

    def employer_processus(self) -> None:
        """Heavy pure work goes to the worker process."""
        self.ctx.lourd = self._workers.processus
        self.ctx.services.employer_processus(self._workers.processus)

    # -- Pages ------------------------------------------------------------------------------

    def _declarer_pages(self) -> None:
        fenetre = self._fenetre
        fenetre.ajouter_page("tournee", "calendar-event", "Tournée\n& agenda",
                             self.tournee.construire)
        fenetre.ajouter_page("patients", "users", "Patients", self.patients.construire)
        self.vigilance = Identitovigilance(fenetre, self._workers, self.ctx)
        self.entrees = Entrees(fenetre, self._workers, self.ctx, self.dossier.patient_montre)
        fenetre.ajouter_page("envois", "send", "Envois", self.envois.construire)
        fenetre.ajouter_page("reglages", "settings", "Réglages", self.reglages.construire,
                             en_bas=True)
        # After the others: their keys don't change when it shows.
        fenetre.ajouter_page("a_valider", "list-check", "À valider", self.a_valider.construire)
        fenetre.montrer_entree("a_valider", False)  # until somebody prepares for somebody
        fenetre.ajouter_page("journal", "", "Journal des accès", self.journal.construire,
                             rail="reglages")
        fenetre.ajouter_page("questionnaire", "", "Questionnaire de sécurité",
                             self.questionnaire.construire, rail="reglages")
        fenetre.ajouter_page("conservation", "", "Conservation des dossiers",
                             self.conservation.construire, rail="reglages")
        fenetre.ajouter_page("dossier", "", "Dossier", self.dossier.construire, rail="patients")

    def nommer(self) -> None:
        """Show who works here."""
        qui = self.ctx.professionnel
        self._fenetre.barre.personne.definir(qui.prenom, qui.nom,
                                             PROFESSIONS.get(qui.profession, ""))

    # -- Signals ----------------------------------------------------------------------------

    def _lier(self) -> None:
        for ouvreur in (self.patients, self.recherche, self.envois, self.tournee):
            ouvreur.patient_demande.connect(self.dossier.ouvrir)
        for createur in (self.patients, self.recherche, self.tournee):
            createur.nouveau_demande.connect(self.nouveau_patient)
        for demandeur in (self.envois, self.dossier):
            demandeur.connexion_demandee.connect(self.session.connecter)
            demandeur.services_demandes.connect(self.session.ouvrir_services)
        self.dossier.reglages_demandes.connect(self.reglages.ouvrir)
        self.vigilance.patient_demande.connect(self.dossier.ouvrir)
        self.vigilance.connexion_demandee.connect(self.session.connecter)
        self.vigilance.reglages_changes.connect(self.dossier.actualiser)
        self.dossier.gestes.historique.connect(self.vigilance.ouvrir_historique)
        self.dossier.gestes.traits_stricts.connect(
            lambda patient_id: self.vigilance.ouvrir_historique(patient_id, "traits_stricts"))
        self.entrees.importe.connect(self.dossier.document_importe)
        self.entrees.classe.connect(self.dossier.document_classe)
        self.entrees.nouveau_patient_demande.connect(self._nouveau_du_document)
        self.entrees.reglage_demande.connect(lambda: self.reglages.ouvrir("import"))
        self.dossier.documents.import_demande.connect(self.entrees.importation.choisir)
        self.reglages.construite.connect(
            lambda vue: self.entrees.scanner.brancher(vue.importation))
        self._lier_preparations()
        self.session.change.connect(self._session_changee)
        self.session.change.connect(self.avis.session_changee)
        self.session.services_changes.connect(self.envois.noter_services)
        self.session.reglages_demandes.connect(lambda: self.reglages.ouvrir("services"))
        self.session.essai_demande.connect(self.envois.essayer_maintenant)
        self.reglages.change.connect(self._reglages_changes)
        self.reglages.construite.connect(self._sections)
        self.securite.questionnaire_demande.connect(lambda: self._fenetre.aller("questionnaire"))
        self.comptes.journal_demande.connect(lambda: self._fenetre.aller("journal"))
        self.dossier.acces_demande.connect(self.journal.montrer_patient)
        self.conservation.efface.connect(self._effaces)
        self.reglages.construite.connect(lambda vue: self.centre.brancher(vue.centre))
        self.centre.section_demandee.connect(lambda: self.reglages.ouvrir("centre"))
        self.centre.carte_retiree.connect(self.session.carte_retiree)
        self.sauvegardes.section_demandee.connect(lambda: self.reglages.ouvrir("sauvegardes"))
        self.dossier.ouvert.connect(lambda patient_id, _: self.recherche.noter_recent(patient_id))
        self.dossier.nouvel_ordre.connect(self._nouvel_ordre)
        self.envois.ordre_change.connect(self.dossier.ordre_change)
        self.identite.ouvrir.connect(self.dossier.ouvrir)
        self.identite.message.connect(self._message_identite)
        self.identite.a_comparer.connect(self._comparer)
        self.identite.annulable.connect(self._fenetre.ligne_flottante)
        self.reception.lecteur.connect(self._fenetre.barre.set_lecteur)
        self.reception.message.connect(
            lambda genre, texte, _: self._fenetre.message(genre, texte))
        self._fenetre.barre.lecteur_demande.connect(self._dire_lecteur)
        self._fenetre.barre.menu_demande.connect(self._menu)
        self._fenetre.ajouter_raccourci("Ctrl+N", self.nouveau_patient)
        self._fenetre.ajouter_raccourci("F6", self.lire_par_camera)
        if self.apcv.possible:
            self._fenetre.ajouter_raccourci("F4", self.lire_apcv)
        self._lier_lectures()
        self._workers.erreur.connect(self._erreur)

    def _lier_preparations(self) -> None:
        """Documents prepared for somebody: counted where they look, opened in their file."""
        suite = self.a_valider
        suite.nombre.connect(self.tournee.montrer_a_valider)
        self.tournee.validation_demandee.connect(lambda: self._fenetre.aller("a_valider"))
        suite.ouverture.connect(lambda x: self.dossier.ouvrir_preparation(x.preparation))
        suite.gestes.connect(lambda _: self.dossier.delegations_changees())
        suite.valide.connect(lambda _: self._nouvel_ordre())
        suite.valide.connect(lambda patient_id: self.dossier.actualiser()
                             if self.dossier.patient_id == patient_id else None)
        self.dossier.onglets.prepare.connect(suite.actualiser)
        self.equipes.change.connect(suite.actualiser)
        suite.actualiser()

    def _lier_lectures(self) -> None:
        """Appli carte Vitale and codes scanned: to a file, or to a creation."""
        self.apcv.ouvrir.connect(self.dossier.ouvrir)
        self.dossier.gestes.apcv.connect(self.apcv.demander)
        self.identite.apcv_demandee.connect(self.apcv.demander)
        self.identite.image_demandee.connect(self.reception_ins.choisir_image)
        self.camera.lu.connect(self.scans.lu)
        self.dossier.vaccinations.camera_demandee.connect(self.lire_par_camera)
        self.apcv.camera_demandee.connect(lambda: self.camera.demander(self.apcv.code, qr=True))
        self.reception_ins.ouvrir.connect(self.dossier.ouvrir)
        self.scans.ins.connect(self.reception_ins.code)
        self.scans.boite.connect(self.dossier.vaccinations.scan)

    def lire_apcv(self) -> None:
        """Read an appli carte Vitale; the open file's patient is chosen by itself if read."""
        ouvert = self.dossier.patient_id
        self.apcv.demander(ouvert if ouvert is not None and self.dossier.montre(ouvert) else None)

    def _sections(self, vue: VueReglages) -> None:
        """The settings were built: each section has its controller, when it is shown at all."""
        cachees = sections_cachees(self.ctx)
        vue.cacher(cachees)
        self.securite.brancher(vue.securite)
        if "serveur" not in cachees:
            self.serveur.brancher(vue.serveur)
        if "sauvegardes" not in cachees:
            self.sauvegardes.brancher(vue.sauvegardes)
            self.export_cabinet.brancher(vue.sauvegardes)
        if "comptes" not in cachees:
            self.comptes.brancher(vue.comptes)
        self.cles.brancher(vue.cles)
        self.equipes.brancher(vue.equipes)

    def premiere_page(self) -> str:
        """The first page that the account may see."""
        return premiere_page(self._fenetre)

    def _session_changee(self, etat: EtatSession) -> None:
        if etat.authentifie:
            self.expediteur.reveiller()
        self.dossier.session_changee(etat)

    def _nouvel_ordre(self) -> None:
        self.expediteur.reveiller()
        self.envois.actualiser()

    def _reglages_changes(self, reglages: Reglages) -> None:
        del reglages
        self.employer_processus()
        self.nommer()
        self.session.actualiser()

    def _erreur(self, erreur: Exception) -> None:
        from app.ui.controllers.erreurs import montrer_erreur

        montrer_erreur(self._fenetre, erreur, {
            Remede.SE_CONNECTER: self.session.connecter,
            Remede.ETAT_SERVICES: self.session.ouvrir_services})

    def _message_identite(self, genre: str, texte: str, remede: object,
                          patient_id: int) -> None:
        """A message about a patient whose file isn't on screen; the open file says its own."""
        if patient_id and self.dossier.montre(patient_id):
            return
        actions: dict[Remede, Callable[[], None]] = {
            Remede.SE_CONNECTER: self.session.connecter,
            Remede.ETAT_SERVICES: self.session.ouvrir_services,
            Remede.REESSAYER: lambda: self.identite.qualifier(patient_id),
        }
        choisi = remede if isinstance(remede, Remede) else Remede.AUCUN
        action = actions.get(choisi) if patient_id else None
        self._fenetre.message(genre, texte, LIBELLES.get(choisi) if action else None, action)

    def _comparer(self, resultat: ResultatInsi) -> None:
        self._fenetre.message("info", "Réponse INSi à comparer. Elle attend la fin de votre "
                              "saisie.", "Comparer", lambda: self.identite.comparer(resultat))

    def nouveau_patient(self, texte: str = "") -> None:
        """Open the creation dialog; what was typed is the birth name."""
        from app.domain.identity import Traits
        from app.domain.names import normaliser_nom

        nom = "" if any(c.isdigit() for c in texte) else normaliser_nom(texte)[0]
        proposition = Traits(nom, "", "", "", "") if nom else None
        self.identite.nouveau_patient(proposition)

    def _nouveau_du_document(self, proposition: PropositionCreation | None) -> None:
        """Creation asked from a received document: its traits are typed, to be checked."""
        if proposition is None:
            self.identite.nouveau_patient()
            return
        self.identite.nouveau_patient(
            proposition.traits, "Traits repris du document reçu, à vérifier. Son INS n’est pas "
            "reprise : INSi sera interrogé à l’ouverture.", proposition.lieu)

    # -- Bar and search ---------------------------------------------------------------------

    def _actions(self) -> None:
        aller = self._fenetre.aller
        if self.apcv.possible:
            self.recherche.ajouter_action(Action(
                "apcv", "Lire l’appli carte Vitale", "device-mobile", self.lire_apcv,
                "apcv qr code téléphone qualifier", "F4"))
        for action in (
            Action("datamatrix", "Lire un datamatrix INS dans une image", "scan",
                   self.reception_ins.choisir_image, "photo code ins scanner"),
            Action("tournee", "Tournée et agenda", "calendar-event", lambda: aller("tournee"),
                   "jour passages visites", "Ctrl+1"),
            Action("a_valider", "Documents à valider", "list-check", lambda: aller("a_valider"),
                   "préparés délégation secrétaire signer", "Ctrl+7"),
            Action("patients", "Tous les patients", "users", lambda: aller("patients"),
                   "liste", "Ctrl+2"),
            Action("nouveau", "Nouveau patient", "user-plus", self.nouveau_patient, "créer",
                   "Ctrl+N"),
            Action("identites", "Identités à traiter", "fingerprint",
                   lambda: aller("identites"), "ins qualifier doublons homonymes vérification",
                   "Ctrl+3"),
            Action("historique", "Historique de l’identité ouverte", "history",
                   lambda: self.vigilance.ouvrir_historique(self.dossier.patient_id),
                   "changements statut"),
            Action("export_dossier", "Remettre le dossier ouvert au patient", "archive",
                   self.dossier.remettre, "exporter copie rgpd accès portabilité zip"),
            Action("tableau_ins", "Indicateurs INS", "list-check",
                   lambda: aller("tableau_ins"), "tableau de bord statistiques"),
            Action("import", "Importer ou exporter des identités", "file-import",
                   lambda: aller("import_identites"), "csv fhir"),
            Action("reglages_identite", "Réglages d’identitovigilance", "id",
                   lambda: aller("reglages_identite"), "justificatifs procédure droits"),
            Action("a_classer", "Documents à classer", "inbox", lambda: aller("a_classer"),
                   "scanner import reçus", "Ctrl+4"),
            Action("importer", "Importer des documents", "upload",
                   self.entrees.importation.choisir, "fichiers pdf cda xdm photo"),
            Action("envois", "Envois", "send", lambda: aller("envois"), "file dmp refusés",
                   "Ctrl+5"),
            Action("psc", "Session Pro Santé Connect", "shield-check", self.session.connecter,
                   "se connecter déconnecter psc e-cps cps"),
            Action("verrou", "Verrouiller", "lock", self._verrouiller, "fermer session",
                   "Ctrl+L"),
            Action("reglages", "Réglages", "settings", lambda: aller("reglages"),
                   "cabinet profils thème taille texte", "Ctrl+6"),
            Action("sauvegardes", "Sauvegardes", "device-floppy",
                   lambda: self.reglages.ouvrir("sauvegardes"), "copie disque restaurer"),
            Action("camera", "Lire un code avec la caméra", "scan", self.lire_par_camera,
                   "webcam photo image datamatrix qr vaccin ins", "F6"),
            Action("comptes", "Comptes et rôles", "users",
                   lambda: self.reglages.ouvrir("comptes"),
                   "inviter collègue remplaçant secrétaire mot de passe droits"),
            Action("equipes", "Équipes et délégations", "users-plus",
                   lambda: self.reglages.ouvrir("equipes"),
                   "confier congé remplacer agir pour secteur"),
            Action("securite", "Mot de passe et verrouillage", "shield-check",
                   lambda: self.reglages.ouvrir("securite"),
                   "second facteur code téléphone verrou inactivité"),
            Action("journal", "Journal des accès", "list", lambda: aller("journal"),
                   "traces audit qui a ouvert export"),
            Action("conservation", "Conservation des dossiers", "archive",
                   lambda: aller("conservation"), "effacer échus durée rgpd purger supprimer"),
            Action("questionnaire", "Questionnaire de sécurité", "shield-check",
                   lambda: aller("questionnaire"), "ssi maturité conformité export"),
            Action("certificats", "Certificats et cartes CPS", "id-badge-2",
                   lambda: self.reglages.ouvrir("centre"), "structure igc insi dmp pkcs12 cps"),
            Action("a_propos", "À propos de Pléiade", "info-circle",
                   lambda: self.reglages.ouvrir("a_propos"), "version licence références"),
        ):
            if action.code == "export_dossier" and not self.dossier.exportable:
                continue
            if self._fenetre.permise(_PAGE_ACTION.get(action.code, action.code)):
                self.recherche.ajouter_action(action)

    def _effaces(self, ids: tuple[int, ...]) -> None:
        """Files are gone: no page shows them any more."""
        if self.dossier.patient_id in ids:
            self.dossier.fermer()
        self.veille.nouvelle.emit(Nouvelle(frozenset(Sujet), frozenset(ids)))

    def _dire_lecteur(self) -> None:
        self._fenetre.ligne_flottante(self._fenetre.barre.lecteur.toolTip())

    def lire_par_camera(self) -> None:
        """Open the camera: what it reads goes where a scanner's codes go."""
        self.camera.demander()

    def _menu(self) -> None:
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QMenu

        from app.ui import theme

        ancre = self._fenetre.barre.personne
        menu = QMenu(ancre)
        for icone, texte, action in (
            ("settings", "Réglages", lambda: self._fenetre.aller("reglages")),
            ("info-circle", "À propos", lambda: self.reglages.ouvrir("a_propos")),
            ("info-circle", "Raccourcis clavier\tF1", self._fenetre.montrer_raccourcis),
            ("lock", "Verrouiller\tCtrl+L", self._verrouiller),
            ("logout", "Quitter", self._quitter),
        ):
            menu.addAction(theme.icone(icone), texte).triggered.connect(
                lambda _=False, a=action: a())
        menu.popup(ancre.mapToGlobal(QPoint(ancre.width() - menu.sizeHint().width(),
                                            ancre.height() + 2)))

    # -- Cards ------------------------------------------------------------------------------

    def carte(self, evenement: EvenementLecteur) -> None:
        """An event of the reader (thread of Qt). While locked, only the last one is kept."""
        self.centre.carte(evenement)
        if self._fenetre.verrouillee:
            self._en_attente = evenement
            return
        self.reception.carte(evenement)

    def reprendre(self) -> None:
        """The window is uncovered: the card that came meanwhile is read now."""
        evenement, self._en_attente = self._en_attente, None
        if evenement is not None:
            self.reception.carte(evenement)
        self.session.actualiser()
        self.envois.actualiser()
