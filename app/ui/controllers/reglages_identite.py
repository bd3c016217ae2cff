"""Settings of identities and rights on them."""

from dataclasses import asdict

from PySide6.QtCore import QObject, Signal

from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.reglages_identite import ChoixIdentite, VueReglagesIdentite
from app.ui.workers import Workers
from app.usecases.context import Contexte
from app.usecases.droits_identite import LIBELLES, DroitsIdentite, definir_droits, droits
from app.usecases.reglages_identite import (
    ReglagesIdentite,
    enregistrer_reglages_identite,
    lire_reglages_identite,
)

PAGE = "reglages_identite"


def _lire(ctx: Contexte) -> tuple[ChoixIdentite, tuple[tuple[int, str], ...]]:
    r = lire_reglages_identite(ctx)
    with ctx.store.lecture() as u:
        comptes = tuple((id, f"{p.nom} {p.prenom}") for id, p in u.comptes.professionnels())
    accordes = {id: frozenset(n for n, v in asdict(droits(ctx, id)).items() if v)
                for id, _ in comptes}
    return ChoixIdentite(r.procedure_transitoire, r.validation_automatique, r.justificatifs,
                         r.traits_bandeau, r.traits_impression, accordes), comptes


def _enregistrer(ctx: Contexte, choix: ChoixIdentite) -> None:
    enregistrer_reglages_identite(ctx, ReglagesIdentite(
        choix.procedure_transitoire, choix.validation_automatique, choix.justificatifs,
        choix.traits_bandeau, choix.traits_impression))
    for compte, codes in choix.droits.items():
        voulus = DroitsIdentite(**{nom: nom in codes for nom in LIBELLES})
        if voulus != droits(ctx, compte):
            definir_droits(ctx, compte, voulus)


class ReglagesIdentiteController(QObject):
    """Glue of the page « reglages_identite »."""

    retour_demande = Signal()
    #: Settings or rights were stored: whoever shows them reads them again.
    change = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueReglagesIdentite | None = None
        fenetre.page_changee.connect(lambda nom: self.actualiser() if nom == PAGE else None)

    def construire(self) -> VueReglagesIdentite:
        """Build the page when it is first shown."""
        vue = VueReglagesIdentite()
        self._vue = vue
        vue.enregistrement_demande.connect(self._enregistrer)
        vue.retour_demande.connect(self.retour_demande)
        return vue

    def actualiser(self) -> None:
        """Read the settings again."""
        vue = self._vue
        if vue is not None:
            self._workers.submit(_lire, self._ctx, proprietaire=vue,
                                 on_done=lambda r: vue.montrer(r[0], r[1], LIBELLES))

    def _enregistrer(self, choix: ChoixIdentite) -> None:
        def fait(_: None) -> None:
            self._fenetre.ligne_flottante("Réglages des identités enregistrés")
            self.change.emit()
            self.actualiser()

        self._workers.submit(_enregistrer, self._ctx, choix, proprietaire=self, on_done=fait,
                             on_error=self._refuse)

    def _refuse(self, erreur: Exception) -> None:
        montrer_erreur(self._fenetre, erreur)
