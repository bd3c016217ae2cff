"""Settings of identities and rights on them."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.ui.controllers.conflit import resoudre
from app.ui.controllers.erreurs import montrer_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.reglages_identite import ChoixIdentite, VueReglagesIdentite
from app.ui.workers import Workers
from app.usecases.context import Contexte
from app.usecases.droits_identite import LIBELLES, DroitsIdentite, definir_droits, droits
from app.usecases.equipes import noms_des_comptes
from app.usecases.reglages_identite import (
    ReglagesIdentite,
    enregistrer_reglages_identite,
    lire_reglages_identite,
)

PAGE = "reglages_identite"


def _lire(ctx: Contexte) -> tuple[ChoixIdentite, tuple[tuple[int, str], ...]]:
    r = lire_reglages_identite(ctx)
    comptes = tuple(noms_des_comptes(ctx).items())
    accordes = {id: frozenset(n for n, v in asdict(droits(ctx, id)).items() if v)
                for id, _ in comptes}
    return ChoixIdentite(r.procedure_transitoire, r.validation_automatique, r.justificatifs,
                         r.traits_bandeau, r.traits_impression, accordes), comptes


def _reglages(choix: ChoixIdentite) -> ReglagesIdentite:
    return ReglagesIdentite(
        choix.procedure_transitoire, choix.validation_automatique, choix.justificatifs,
        choix.traits_bandeau, choix.traits_impression)


def _droits(codes: Iterable[str]) -> DroitsIdentite:
    return DroitsIdentite(**{nom: nom in codes for nom in LIBELLES})


def _gestes(choix: ChoixIdentite, lu: ChoixIdentite) -> list[tuple[Any, ...]]:
    """Only what the user changed is written, over what was read: one gesture a thing."""
    gestes: list[tuple[Any, ...]] = []
    if _reglages(choix) != _reglages(lu):
        gestes.append((enregistrer_reglages_identite, _reglages(choix), _reglages(lu)))
    for compte, codes in choix.droits.items():
        voulus, lus = _droits(codes), _droits(lu.droits.get(compte, ()))
        if voulus != lus:
            gestes.append((definir_droits, compte, voulus, lus))
    return gestes


class ReglagesIdentiteController(QObject):
    """Glue of the page « reglages_identite »."""

    retour_demande = Signal()
    #: Settings or rights were stored: whoever shows them reads them again.
    change = Signal()

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._vue: VueReglagesIdentite | None = None
        self._lu: ChoixIdentite | None = None
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
            self._workers.submit(_lire, self._ctx, proprietaire=vue, on_done=self._montrer)

    def _montrer(self, lu: tuple[ChoixIdentite, tuple[tuple[int, str], ...]]) -> None:
        self._lu = lu[0]
        if self._vue is not None:
            self._vue.montrer(lu[0], lu[1], LIBELLES)

    def _enregistrer(self, choix: ChoixIdentite) -> None:
        if self._lu is not None:
            self._ecrire(_gestes(choix, self._lu))

    def _ecrire(self, gestes: list[tuple[Any, ...]]) -> None:
        """One after the other: a colleague may have changed one of them meanwhile."""
        if not gestes:
            self._fenetre.ligne_flottante("Réglages des identités enregistrés")
            self.change.emit()
            self.actualiser()
            return

        def suite(_: object) -> None:
            self._ecrire(gestes[1:])

        def refuse(erreur: Exception) -> None:
            if not resoudre(erreur, self._fenetre, self._workers, fait=suite, proprietaire=self):
                montrer_erreur(self._fenetre, erreur)

        geste, *args = gestes[0]
        self._workers.submit(geste, self._ctx, *args, proprietaire=self, on_done=suite,
                             on_error=refuse)
