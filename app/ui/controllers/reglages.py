"""Settings: read, shown at once, stored when asked."""

from dataclasses import asdict, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.ui import theme
from app.ui.controllers.conflit import resoudre
from app.ui.controllers.documentation import montrer_page
from app.ui.controllers.erreurs import montrer_erreur, texte_erreur
from app.ui.controllers.livraison import VersionController
from app.ui.fenetre import Fenetre
from app.ui.views.reglages import VueReglages
from app.ui.workers import Workers
from app.usecases import about, settings
from app.usecases.context import Contexte
from app.usecases.settings import MODULES_MSS, PROFILS, Reglages


def en_dictionnaire(reglages: Reglages) -> dict[str, Any]:
    """Fields of the settings; practice and professional stay values."""
    valeurs = asdict(reglages)
    return {**valeurs, "structure": reglages.structure, "professionnel": reglages.professionnel}


class ReglagesController(QObject):
    """Glue of Réglages and À propos."""

    #: The settings were stored: (Reglages).
    change = Signal(object)
    #: The page was built: (VueReglages).
    construite = Signal(object)

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueReglages | None = None
        self._reglages: Reglages | None = None
        self._section = ""
        fenetre.page_changee.connect(self._page_changee)
        fenetre.rail.a_propos.connect(lambda: self.ouvrir("a_propos"))

    def construire(self) -> VueReglages:
        """Build the page when it is first shown."""
        vue = VueReglages(PROFILS, MODULES_MSS)
        self._vue = vue
        vue.enregistrer.connect(self._enregistrer)
        vue.apparence.connect(self._habiller)
        vue.documents.origine_demandee.connect(
            lambda: vue.documents.poser(settings.MENTION_RGPD))
        vue.page_demandee.connect(self._fenetre.aller)
        vue.a_propos.page_demandee.connect(
            lambda nom: montrer_page(self._fenetre, self._workers, nom))
        vue.a_propos.verification_demandee.connect(
            VersionController(self._fenetre, self._workers).choisir)
        self._workers.submit(settings.lire_reglages, self._ctx, on_done=self._montrer,
                             proprietaire=vue)
        self._workers.submit(about.a_propos, proprietaire=vue,
                             on_done=lambda a: vue.a_propos.montrer(a.version, a.references))
        self.construite.emit(vue)
        return vue

    def ouvrir(self, section: str) -> None:
        """Show a section (« services », « a_propos »…)."""
        self._fenetre.aller("reglages")
        if self._vue is not None:
            self._vue.aller(section)
            self._vue.entrer()

    def _page_changee(self, nom: str) -> None:
        if nom != "reglages" and self._vue is not None and self._vue.modifie:
            self._fenetre.message(
                "info", "Des réglages ne sont pas enregistrés. Ils sont gardés à l’écran.",
                "Revenir aux réglages", self._revenir)

    def _revenir(self) -> None:
        self._fenetre.aller("reglages")

    def _montrer(self, reglages: Reglages) -> None:
        self._reglages = reglages
        if self._vue is not None:
            self._vue.montrer(en_dictionnaire(reglages))

    @staticmethod
    def _habiller(nom: str, taille: int) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.appliquer(application, nom, taille)

    def _enregistrer(self) -> None:
        if self._vue is None or self._reglages is None:
            return
        nouveaux = replace(self._reglages, **self._vue.valeurs())
        self._workers.submit(settings.enregistrer_reglages, self._ctx, nouveaux, self._reglages,
                             on_done=self._enregistre, on_error=self._refuse,
                             proprietaire=self._vue)

    def _reuni(self, reglages: Reglages) -> None:
        self._montrer(reglages)
        self._enregistre(reglages)

    def _enregistre(self, reglages: Reglages) -> None:
        self._reglages = reglages
        if self._vue is not None:
            self._vue.enregistre()
        self._fenetre.ligne_flottante("Réglages enregistrés")
        self.change.emit(reglages)

    def _refuse(self, erreur: Exception) -> None:
        if resoudre(erreur, self._fenetre, self._workers, fait=self._reuni, proprietaire=self):
            return
        if self._vue is not None:
            self._vue.refuser(texte_erreur(erreur))
        else:
            montrer_erreur(self._fenetre, erreur)
