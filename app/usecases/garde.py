"""The one gate of the use cases: each says the right that it needs, or why it needs none.

`@exige(Droit.X)` refuses before the first line of the gesture, with a French sentence and a trace;
several rights mean « any of them ». `@libre("raison")` marks a gesture that anybody who opened the
file may do. `@exige(…, delegation=Geste.X)` also lets through who has no such right but for whom
somebody opened that gesture: the use case then sees that it is done for that somebody. A test
enumerates every public use case and wants one of the two (LABEL.04).

What an account may *read* doesn't stop here: the store hides it (`app/store/regard.py`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from app.domain.confidentialite import Categorie, Regard
from app.domain.equipes import LIBELLES, Geste
from app.domain.roles import Droit, categories, droits, ne_permet_pas, refus_du_jour
from app.services.errors import Remede
from app.usecases.errors import Refus

if TYPE_CHECKING:
    from app.store.unite import Unite
    from app.usecases.context import Contexte

G = TypeVar("G", bound=Callable[..., Any])

#: How long rights are remembered: another workstation may take them away.
DUREE_S = 5.0
_generation = 0


@dataclass(frozen=True, slots=True)
class Garde:
    """What guards a use case: any of `droits`, or nothing for a `raison`.

    `delegation`: the gesture that opens it to who has none of these rights.
    """

    droits: tuple[Droit, ...] = ()
    raison: str = ""
    delegation: Geste | None = None


@dataclass(frozen=True, slots=True)
class Habilitation:
    """What an account may do now. `refus`: why it may do nothing (retired, out of its days)."""

    droits: frozenset[Droit] = frozenset()
    categories: frozenset[Categorie] = frozenset()
    profession: str = ""
    refus: str = ""
    gestes: frozenset[Geste] = frozenset()
    """What others let this account do for them, when it was read."""
    lue: tuple[int, float] = field(default=(-1, 0.0), compare=False)


def oublier() -> None:
    """Rights changed: those remembered by this process are read again."""
    global _generation
    _generation += 1


def lire_habilitation(u: "Unite", compte_id: int) -> Habilitation:
    """Rights of an account, today."""
    from app.usecases.fiches_comptes import jour_sur, lire_fiche

    comptes = dict(u.comptes.professionnels())
    if compte_id not in comptes:
        return Habilitation(refus="Ce compte a été retiré du cabinet.")
    acces = lire_fiche(u, compte_id).acces
    refus = refus_du_jour(acces, jour_sur(u)) if acces.du or acces.au else ""
    if refus:
        return Habilitation(refus=refus)
    roles = u.roles.tous()
    return Habilitation(droits(acces.roles, roles), categories(acces.roles, roles),
                        comptes[compte_id].profession)


def _gestes_recus(u: "Unite", compte_id: int) -> frozenset[Geste]:
    from app.usecases.equipes import ceux_qui_deleguent

    return frozenset(g for g in Geste if ceux_qui_deleguent(u, compte_id, g))


def gestes_recus(ctx: "Contexte") -> frozenset[Geste]:
    """What others let the user do for them at this moment; remembered for what is hidden."""
    lue = habilitation(ctx)
    with ctx.store.lecture(entiere=True) as u:
        gestes = frozenset() if lue.refus else _gestes_recus(u, ctx.compte_id)
    ctx.memoire.habilitation = replace(lue, gestes=gestes)
    return gestes


def habilitation(ctx: "Contexte") -> Habilitation:
    """Rights of the user, remembered for a few seconds."""
    connue = ctx.memoire.habilitation
    maintenant = time.monotonic()
    if (isinstance(connue, Habilitation) and connue.lue[0] == _generation
            and maintenant - connue.lue[1] < DUREE_S):
        return connue
    avant = _generation
    with ctx.store.lecture(entiere=True) as u:
        lue = lire_habilitation(u, ctx.compte_id)
        gestes = frozenset() if lue.refus else _gestes_recus(u, ctx.compte_id)
    lue = replace(lue, gestes=gestes, lue=(avant, maintenant))
    ctx.memoire.habilitation = lue
    return lue


def regard(u: "Unite", compte_id: int) -> Regard:
    """The eyes of an account, read in the same transaction as what they look at."""
    from app.usecases.equipes import ceux_qui_deleguent

    lue = lire_habilitation(u, compte_id)
    pour = frozenset() if lue.refus else ceux_qui_deleguent(u, compte_id, Geste.REDIGER)
    return Regard(compte_id, lue.profession, lue.categories, Droit.CLINIQUE_LIRE in lue.droits,
                  redige_pour=pour)


def droits_de(ctx: "Contexte") -> frozenset[Droit]:
    """Rights of the user."""
    return habilitation(ctx).droits


def exiger(ctx: "Contexte", *voulus: Droit, delegation: Geste | None = None) -> None:
    """Refuse a gesture for which the account has none of these rights; the refusal is traced.

    :param delegation: lets through who does it for somebody else. It is read now: one that was
        taken back stops at once.
    :raises Refus: with what to do.
    """
    lue = habilitation(ctx)
    if not lue.droits.isdisjoint(voulus):
        return
    if delegation is not None and not lue.refus and _confie(ctx, delegation):
        return
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="droits.refus", resultat="refuse",
                       detail=" ou ".join(voulus))
    if lue.refus:
        raise Refus(f"{lue.refus} Rien n’a été fait.", code="COMPTE-HORS-PERIODE")
    if delegation is not None:
        raise Refus(f"{ne_permet_pas(voulus[0])}, et personne ne vous confie en ce moment : "
                    f"{LIBELLES[delegation].lower()}. Demandez une délégation (Réglages, Équipes "
                    "et délégations), ou voyez un administrateur du cabinet. Rien n’a été fait.",
                    code=f"DROIT-{voulus[0].name}")
    raise Refus(f"{ne_permet_pas(voulus[0])}. Adressez-vous à un administrateur du cabinet. Rien "
                "n’a été fait.",
                remede=Remede.AUCUN, code=f"DROIT-{voulus[0].name}")


def _confie(ctx: "Contexte", geste: Geste) -> bool:
    from app.usecases.equipes import ceux_qui_deleguent

    with ctx.store.lecture(entiere=True) as u:
        return bool(ceux_qui_deleguent(u, ctx.compte_id, geste))


def exige(*voulus: Droit, delegation: Geste | None = None) -> Callable[[G], G]:
    """Guard a use case whose first argument is the context: any of these rights, or a delegation
    of that gesture."""
    def garder(geste: G) -> G:
        @wraps(geste)
        def garde(ctx: "Contexte", *args: Any, **kwargs: Any) -> Any:
            exiger(ctx, *voulus, delegation=delegation)
            return geste(ctx, *args, **kwargs)

        garde.__garde__ = Garde(voulus, delegation=delegation)  # type: ignore[attr-defined]
        return cast(G, garde)

    return garder


def libre(raison: str) -> Callable[[G], G]:
    """Mark a use case that needs no right, and say why."""
    def marquer(geste: G) -> G:
        geste.__garde__ = Garde(raison=raison)  # type: ignore[attr-defined]
        return geste

    return marquer
