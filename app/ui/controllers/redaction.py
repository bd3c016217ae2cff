"""What the tabs that write share: for whom one may write, who a document is for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from app.domain.equipes import Geste
from app.domain.preparations import OUVERTES, GenrePreparation, LignePreparation
from app.domain.roles import Droit
from app.ui.views.motif import DialogueMotif
from app.usecases import a_valider, equipes
from app.usecases.context import Contexte
from app.usecases.garde import droits_de


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


def demander_renvoi(par: str, parent: QWidget, renvoyer: Callable[[str], object]) -> None:
    """Ask what is to be corrected, then send a document back to who prepared it."""
    dialogue = DialogueMotif(
        "Renvoyer à corriger", f"{par} retrouve ce document avec votre mot, le corrige et vous le "
        "propose de nouveau.", "Renvoyer", parent,
        champ="Ce qui est à corriger", exemple="Ajouter la date du pansement…")
    dialogue.choisi.connect(renvoyer)
    dialogue.open()
