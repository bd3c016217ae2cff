"""The one gate of the use cases: each says the right that it needs, or why it needs none.

`@exige(Droit.X)` refuses before the first line of the gesture, with a French sentence and a trace;
several rights mean « any of them ». `@libre("raison")` marks a gesture that anybody who opened the
file may do. A test enumerates every public use case and wants one of the two (LABEL.04).

What an account may *read* doesn't stop here: the store hides it (`app/store/regard.py`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from app.domain.confidentialite import Categorie, Regard
from app.domain.equipes import Geste, en_cours
from app.domain.roles import LIBELLES_DROITS, Droit, categories, droits, refus_du_jour
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
    """What guards a use case: any of `droits`, or nothing for a `raison`."""

    droits: tuple[Droit, ...] = ()
    raison: str = ""


@dataclass(frozen=True, slots=True)
class Habilitation:
    """What an account may do now. `refus`: why it may do nothing (retired, out of its days)."""

    droits: frozenset[Droit] = frozenset()
    categories: frozenset[Categorie] = frozenset()
    profession: str = ""
    refus: str = ""
    lue: tuple[int, float] = field(default=(-1, 0.0), compare=False)


def oublier() -> None:
    """Rights changed: those remembered by this process are read again."""
    global _generation
    _generation += 1


def lire_habilitation(u: "Unite", compte_id: int) -> Habilitation:
    """Rights of an account, today."""
    from app.usecases.comptes import jour_sur, lire_fiche

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
    lue = Habilitation(lue.droits, lue.categories, lue.profession, lue.refus,
                       (avant, maintenant))
    ctx.memoire.habilitation = lue
    return lue


def regard(u: "Unite", compte_id: int) -> Regard:
    """The eyes of an account, read in the same transaction as what they look at."""
    from app.usecases.comptes import jour_sur

    lue = lire_habilitation(u, compte_id)
    confiees = [d for d in u.equipes.delegations(compte_id)
                if d.a_id == compte_id and Geste.REDIGER in d.gestes]
    jour = jour_sur(u) if confiees else ""
    return Regard(compte_id, lue.profession, lue.categories, Droit.CLINIQUE_LIRE in lue.droits,
                  redige_pour=frozenset(d.de_id for d in confiees if en_cours(d, jour)))


def droits_de(ctx: "Contexte") -> frozenset[Droit]:
    """Rights of the user."""
    return habilitation(ctx).droits


def exiger(ctx: "Contexte", *voulus: Droit) -> None:
    """Refuse a gesture for which the account has none of these rights; the refusal is traced.

    :raises Refus: with what to do.
    """
    lue = habilitation(ctx)
    if not lue.droits.isdisjoint(voulus):
        return
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="droits.refus", resultat="refuse",
                       detail=" ou ".join(voulus))
    if lue.refus:
        raise Refus(f"{lue.refus} Rien n’a été fait.", code="COMPTE-HORS-PERIODE")
    raise Refus(f"Votre compte ne permet pas de {LIBELLES_DROITS[voulus[0]]}. Adressez-vous à un "
                "administrateur du cabinet. Rien n’a été fait.",
                remede=Remede.AUCUN, code=f"DROIT-{voulus[0].name}")


def exige(*voulus: Droit) -> Callable[[G], G]:
    """Guard a use case whose first argument is the context: any of these rights."""
    def garder(geste: G) -> G:
        @wraps(geste)
        def garde(ctx: "Contexte", *args: Any, **kwargs: Any) -> Any:
            exiger(ctx, *voulus)
            return geste(ctx, *args, **kwargs)

        garde.__garde__ = Garde(voulus)  # type: ignore[attr-defined]
        return cast(G, garde)

    return garder


def libre(raison: str) -> Callable[[G], G]:
    """Mark a use case that needs no right, and say why."""
    def marquer(geste: G) -> G:
        geste.__garde__ = Garde(raison=raison)  # type: ignore[attr-defined]
        return geste

    return marquer
