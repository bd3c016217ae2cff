"""Envois: feeds the page and the red counter, carries out what the user decides."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from app.domain.outbox import Ordre
from app.domain.session import EtatService
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.envois import VueEnvois
from app.ui.workers import Workers
from app.usecases import outbox
from app.usecases.context import Contexte

PERIODE_MS = 30_000


class EnvoisController(QObject):
    """Glue of the outbox. `reveiller` is given by the application: it wakes the runner."""

    #: An order changed: (Ordre). Emitted from the runner's thread too (queued).
    ordre_change = Signal(object)
    connexion_demandee = Signal()
    services_demandes = Signal()
    patient_demande = Signal(int)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 reveiller: Callable[[], None]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._reveiller = reveiller
        self._vue: VueEnvois | None = None
        self._services: tuple[EtatService, ...] = ()
        self._groupement = QTimer(self, singleShot=True, interval=150)
        self._groupement.timeout.connect(self.actualiser)
        self.ordre_change.connect(lambda _: self._groupement.start())
        # Hours such as « à 08:54 » and leases move with the clock.
        self._horloge = QTimer(self, interval=PERIODE_MS)
        self._horloge.timeout.connect(self._si_visible)
        self._horloge.start()
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == "envois" else None)
        self.compter()

    def construire(self) -> VueEnvois:
        """Build the page when it is first shown."""
        vue = VueEnvois()
        self._vue = vue
        detail = vue.detail
        detail.remede.connect(self._remede)
        detail.reessayer.connect(lambda o: self._agir(outbox.reessayer, o, "Envoi repris"))
        detail.retenir.connect(
            lambda o: self._agir(outbox.retenir, o, "Envoi retenu", outbox.liberer))
        detail.liberer.connect(
            lambda o: self._agir(outbox.liberer, o, "Envoi libéré", outbox.retenir))
        detail.annuler.connect(self._annuler)
        detail.ouvrir_patient.connect(lambda o: self.patient_demande.emit(o.patient_id))
        vue.essayer_maintenant.connect(self.essayer_maintenant)
        vue.montrer_services(self._services)
        return vue

    # -- Content ----------------------------------------------------------------------------

    def actualiser(self) -> None:
        """Read the list and the counter again."""
        self.compter()
        if self._vue is not None:
            self._workers.submit(outbox.lister_envois, self._ctx, on_done=self._montrer,
                                 proprietaire=self._vue)

    def _montrer(self, ordres: tuple[Ordre, ...]) -> None:
        if self._vue is not None:
            premiere = self._vue.courant() is None
            self._vue.montrer(ordres)
            if premiere and self._fenetre.page_courante == "envois":
                self._vue.entrer()

    def compter(self) -> None:
        """Red counter of the rail."""
        self._workers.submit(
            outbox.compter_echecs, self._ctx, proprietaire=self,
            on_done=lambda n: self._fenetre.compteur("envois", n, echec=True))

    def _si_visible(self) -> None:
        if self._fenetre.page_courante == "envois":
            self.actualiser()

    def noter_services(self, services: tuple[EtatService, ...]) -> None:
        """Weather of the services."""
        self._services = services
        if self._vue is not None:
            self._vue.montrer_services(services)

    # -- Acting -----------------------------------------------------------------------------

    def _agir(self, fonction: Callable[..., Ordre], ordre: Ordre, fait: str,
              inverse: Callable[..., Ordre] | None = None) -> None:
        def reussi(nouveau: Ordre) -> None:
            defaire = None
            if inverse is not None:
                def defaire() -> None:
                    self._agir(inverse, nouveau, "C’est annulé")
            self._fenetre.ligne_flottante(f"{fait} : {nouveau.document_titre}", defaire)
            self._reveiller()
            self.actualiser()

        self._workers.submit(fonction, self._ctx, ordre.id, ordre.version, on_done=reussi,
                             on_error=self._refuse, proprietaire=self)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
        self.actualiser()

    def _annuler(self, ordre: Ordre) -> None:
        from app.ui.views.confirmation import Confirmation

        question = Confirmation(
            "Annuler cet envoi ?", f"« {ordre.document_titre} » de {ordre.patient_nom} ne sera pas "
            "envoyé. Le document reste dans le dossier du cabinet.", "Annuler l’envoi",
            "Garder l’envoi", self._fenetre)
        question.accepted.connect(lambda: self._agir(outbox.annuler, ordre, "Envoi annulé"))
        question.open()

    def _remede(self, code: str, ordre: Ordre) -> None:
        if code == "reessayer":
            self._agir(outbox.reessayer, ordre, "Envoi repris")
        elif code == "se_connecter":
            self.connexion_demandee.emit()
        elif code == "etat_services":
            self.services_demandes.emit()
        else:
            self.patient_demande.emit(ordre.patient_id)

    def essayer_maintenant(self) -> None:
        """Waiting orders become due now."""
        def relance(nombre: int) -> None:
            if nombre:
                pluriel = "s" if nombre > 1 else ""
                self._fenetre.ligne_flottante(f"{nombre} envoi{pluriel} relancé{pluriel}")
            self._reveiller()
            self.actualiser()

        self._workers.submit(outbox.relancer_en_attente, self._ctx, on_done=relance,
                             proprietaire=self)
