"""Spelling of what is written: asked to the worker process, with the words of the practice."""

from collections.abc import Sequence

from app.domain.equipes import Geste
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige

#: Setting that holds the words added by the practice, in the encrypted file.
CLE_MOTS = "orthographe.mots"
MOT_MAX = 60


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def mots_personnels(ctx: Contexte) -> tuple[str, ...]:
    """Words added by the practice, sorted."""
    with ctx.store.lecture() as u:
        return tuple(u.reglages.lire(CLE_MOTS, []))


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def verifier(ctx: Contexte, mots: Sequence[str]) -> tuple[str, ...]:
    """The words that nobody knows."""
    from app.documents.orthographe import mots_inconnus

    personnels = frozenset(m.lower() for m in mots_personnels(ctx))
    inconnus: tuple[str, ...] = ctx.lourd(mots_inconnus, tuple(mots), personnels)
    return inconnus


@exige(Droit.CLINIQUE_ECRIRE, delegation=Geste.REDIGER)
def proposer(ctx: Contexte, mot: str) -> tuple[str, ...]:
    """What a word could be, nearest first."""
    from app.documents.orthographe import propositions

    proches: tuple[str, ...] = ctx.lourd(propositions, mot)
    return proches


@exige(Droit.CLINIQUE_ECRIRE)
def ajouter_mot(ctx: Contexte, mot: str) -> tuple[str, ...]:
    """The practice knows this word from now on. Gives all its words.

    :raises Refus: it isn't a word.
    """
    mot = mot.strip()
    if not mot or len(mot) > MOT_MAX or any(c.isspace() for c in mot):
        raise Refus("Seul un mot peut être ajouté au dictionnaire.")
    with ctx.store.ecriture() as u:
        mots = sorted({*u.reglages.lire(CLE_MOTS, []), mot}, key=str.lower)
        u.reglages.ecrire(CLE_MOTS, mots)
    return tuple(mots)


@exige(Droit.CLINIQUE_ECRIRE)
def retirer_mot(ctx: Contexte, mot: str) -> tuple[str, ...]:
    """The practice forgets this word. Gives the words that remain."""
    with ctx.store.ecriture() as u:
        mots = [m for m in u.reglages.lire(CLE_MOTS, []) if m != mot]
        u.reglages.ecrire(CLE_MOTS, mots)
    return tuple(mots)
