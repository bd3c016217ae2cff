"""What the tabs that write share: for whom one may write, who a document is for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.domain.document import FicheDocument
from app.domain.equipes import Geste
from app.domain.preparations import OUVERTES, GenrePreparation, LignePreparation
from app.domain.roles import Droit
from app.ui.controllers.erreurs import texte_erreur
from app.ui.fenetre import Fenetre
from app.ui.views.motif import DialogueMotif
from app.ui.workers import Workers
from app.usecases import a_valider, equipes, outbox
from app.usecases.context import Contexte
from app.usecases.garde import droits_de
from app.usecases.outbox import Suite


def pour_qui_ecrire(ctx: Contexte) -> tuple[tuple[int, str], ...]:
    """Accounts for whom the user may write now: the user first, when they may validate."""
    siens = Droit.CLINIQUE_ECRIRE in droits_de(ctx)
    return tuple((compte, nom) for compte, nom in equipes.personnes_pour(ctx, Geste.REDIGER)
                 if siens or compte != ctx.compte_id)


def avec_preparation(genre: GenrePreparation, geste: Callable[..., Any],
                     cle: Callable[[Any], int]) -> Callable[..., Any]:
    """Run a use case that opens a document, then say for whom it is: (result, line or None)."""
    def executer(ctx: Contexte, *args: Any) -> tuple[Any, LignePreparation | None]:
        resultat = geste(ctx, *args)
        return resultat, a_valider.ligne_de(ctx, genre, cle(resultat))

    return executer


@dataclass(frozen=True, slots=True)
class Preparation:
    """How the editor shows a prepared document (`definir_preparation` of the views)."""

    pour: str = ""
    par: str = ""
    fige: str = ""
    renvoi: bool = True


def montrer(ligne: LignePreparation | None, moi: int) -> Preparation:
    """Words of a document for the user `moi`."""
    if ligne is None:
        return Preparation()
    p = ligne.preparation
    if p.pour_id == moi:
        return Preparation(par=ligne.par, renvoi=not ligne.sans_suite)
    if ligne.sans_suite:
        return Preparation(pour=ligne.pour, fige=(
            f"La délégation de {ligne.pour} est terminée. Ce document l’attend dans "
            "« À valider »."))
    if p.etat not in OUVERTES:
        return Preparation(pour=ligne.pour, fige=(
            f"À valider par {ligne.pour}. Pour le corriger, reprenez-le dans « À valider"
            " »."))
    return Preparation(pour=ligne.pour)


def avec_suite(ctx: Contexte, fiche: FicheDocument) -> tuple[FicheDocument, Suite]:
    """A document just validated, and what becomes of it."""
    return fiche, outbox.suite_de_validation(ctx, fiche.id)


class Annonces(QObject):
    """Says what became of a document; its sending can be called back as long as it waits.

    Args:
        relire: what showed the document reads it again.
        echec: says why a sending wasn't cancelled.
    """

    def __init__(self, fenetre: Fenetre, workers: Workers, ctx: Contexte,
                 relire: Callable[[], object], echec: Callable[[Exception], None]) -> None:
        super().__init__(fenetre)
        self._fenetre, self._workers, self._ctx = fenetre, workers, ctx
        self._relire, self._echec = relire, echec

    def valide(self, fiche: FicheDocument, suite: Suite) -> None:
        """It was validated."""
        self._fenetre.ligne_flottante(
            f"Document validé. {suite.phrase}",
            (lambda: self._annuler(fiche.id)) if suite.annulable else None)

    def propose(self, pour: str) -> None:
        """It was handed over to its professional."""
        self._fenetre.ligne_flottante(f"Proposé à {pour or 'son professionnel'}, qui le validera.")

    def renvoyer(self, ligne: LignePreparation, suite: Callable[[], object]) -> None:
        """Send a document back to who prepared it, with what is to be corrected."""
        def fait(_: object) -> None:
            self._fenetre.ligne_flottante(f"Renvoyé à {ligne.par}")
            suite()

        demander_renvoi(ligne.par, self._fenetre, lambda motif: self._workers.submit(
            a_valider.renvoyer, self._ctx, ligne.preparation, motif, on_done=fait,
            on_error=self._echec, proprietaire=self))

    def _annuler(self, document_id: int) -> None:
        def fait(_: object) -> None:
            self._fenetre.ligne_flottante("Envoi annulé. Le document reste au dossier.")
            self._relire()

        self._workers.submit(outbox.annuler_document, self._ctx, document_id, on_done=fait,
                             on_error=self._echec, proprietaire=self)


def figer_sans_delegation(erreur: Exception, figer: Callable[[str], object]) -> bool:
    """True when a proposal was refused as its delegation ended: nothing more is typed there."""
    if getattr(erreur, "code", "") != "DELEGATION":
        return False
    figer(texte_erreur(erreur))
    return True


def demander_renvoi(par: str, parent: QWidget, renvoyer: Callable[[str], object]) -> None:
    """Ask what is to be corrected, then send a document back to who prepared it."""
    dialogue = DialogueMotif(
        "Renvoyer à corriger", f"{par} retrouve ce document avec votre mot, le corrige et vous le "
        "propose de nouveau.", "Renvoyer", parent,
        champ="Ce qui est à corriger", exemple="Ajouter la date du pansement…")
    dialogue.choisi.connect(renvoyer)
    dialogue.open()
