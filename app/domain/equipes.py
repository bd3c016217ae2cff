"""Care teams and delegations of a centre (SC.DMP/CONF.06.BIS, `spec/dmp.md` §11).

A team shares what a patient answered to one of its members. A delegation lets somebody act for
somebody else, between two days, for named gestures: the author stays who wrote, the responsible
stays who delegated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

#: AAAA-MM-JJ.
LONGUEUR_JOUR = 10
#: Longest delegation, in days: it must be thought of again once a year.
DUREE_MAX_JOURS = 366


class Geste(StrEnum):
    """What may be delegated."""

    REDIGER = "rediger"
    AGENDA = "agenda"
    CONSENTEMENT = "consentement"


LIBELLES: dict[Geste, str] = {
    Geste.REDIGER: "Préparer ses documents",
    Geste.AGENDA: "Tenir son agenda",
    Geste.CONSENTEMENT: "Noter le consentement de ses patients",
}


@dataclass(frozen=True, slots=True)
class Membre:
    """An account in a team; days are AAAA-MM-JJ, "" = no bound."""

    compte_id: int
    du: str = ""
    au: str = ""


@dataclass(frozen=True, slots=True)
class Equipe:
    """A care team. `id` 0: not stored yet."""

    id: int
    nom: str
    membres: tuple[Membre, ...] = ()
    active: bool = True
    version: int = 1


@dataclass(frozen=True, slots=True)
class Delegation:
    """`a_id` may do `gestes` for `de_id`, from `du` to `au`.

    A bound is a whole day (AAAA-MM-JJ, the last one included) or a minute of local time
    (AAAA-MM-JJTHH:MM): from that minute on, and up to it, no longer in it.
    """

    id: int
    de_id: int
    a_id: int
    gestes: frozenset[Geste]
    du: str
    au: str
    motif: str = ""
    cree_le: str = ""
    revoquee_le: str = ""
    version: int = 1


def dans_periode(du: str, au: str, quand: str) -> bool:
    """True when `quand` lies between two bounds, empty ones being open.

    `quand` is local, AAAA-MM-JJ or AAAA-MM-JJTHH:MM…; a bound that is a day counts whole, one
    with an hour counts to the minute: `du` included, `au` excluded.
    """
    if du and quand[:len(du)] < du:
        return False
    return not au or (quand[:len(au)] <= au if len(au) == LONGUEUR_JOUR else quand[:len(au)] < au)


def membres_du_jour(equipe: Equipe, jour: str) -> frozenset[int]:
    """Accounts in the team that day; none once the team is closed."""
    if not equipe.active:
        return frozenset()
    return frozenset(m.compte_id for m in equipe.membres if dans_periode(m.du, m.au, jour))


def meme_equipe(equipes: Iterable[Equipe], un: int, autre: int, jour: str) -> bool:
    """True when two accounts share what patients answered.

    Where nobody made a team, the whole practice is one. Else two accounts must stand in one team
    on that day.
    """
    toutes = [e for e in equipes if e.active]
    if un == autre or not toutes:
        return True
    return any({un, autre} <= membres_du_jour(e, jour) for e in toutes)


def en_cours(delegation: Delegation, quand: str) -> bool:
    """True when the delegation holds at that local moment (or day)."""
    return not delegation.revoquee_le and dans_periode(delegation.du, delegation.au, quand)


def finie(delegation: Delegation, quand: str) -> bool:
    """True when the delegation was taken back, or its end has passed."""
    return bool(delegation.revoquee_le) or not dans_periode("", delegation.au, quand)


def delegants(delegations: Iterable[Delegation], a: int, geste: Geste,
              quand: str) -> frozenset[int]:
    """Accounts that let `a` do `geste` for them at that moment."""
    return frozenset(d.de_id for d in delegations
                     if d.a_id == a and geste in d.gestes and en_cours(d, quand))


def delegue(delegations: Iterable[Delegation], de: int, a: int, geste: Geste, quand: str) -> bool:
    """May `a` do `geste` for `de` at that moment? Everybody may act for themselves.

    A delegation isn't passed on: what A gave B, B can't give C.
    """
    return de == a or de in delegants(delegations, a, geste, quand)


def defauts_equipe(equipe: Equipe) -> list[str]:
    """Why a team can't be kept, in French; empty = good."""
    fautes = []
    if not equipe.nom.strip():
        fautes.append("donnez un nom à l’équipe")
    if len({m.compte_id for m in equipe.membres}) != len(equipe.membres):
        fautes.append("une personne n’est inscrite qu’une fois")
    if any(m.du and m.au and m.du > m.au for m in equipe.membres):
        fautes.append("la date de fin précède la date de début")
    return fautes


def defauts_delegation(delegation: Delegation) -> list[str]:
    """Why a delegation can't be given, in French; empty = good."""
    fautes = []
    if delegation.de_id == delegation.a_id:
        fautes.append("choisissez une autre personne que vous")
    if not delegation.gestes:
        fautes.append("choisissez ce que vous confiez")
    try:
        debut, fin = _jour(delegation.du), _jour(delegation.au)
    except ValueError:
        return [*fautes, "une délégation a une date de début et une date de fin"]
    if fin < debut or (fin == debut and _heure(delegation.au, "24:00")
                       <= _heure(delegation.du, "00:00")):
        fautes.append("la date de fin précède la date de début")
    elif (fin - debut).days > DUREE_MAX_JOURS:
        fautes.append("une délégation dure un an au plus")
    return fautes


def _jour(borne: str) -> date:
    """Day of a bound. :raises ValueError: neither a day nor a minute."""
    if len(borne) == LONGUEUR_JOUR:
        return date.fromisoformat(borne)
    return datetime.strptime(borne, "%Y-%m-%dT%H:%M").date()


def _heure(borne: str, defaut: str) -> str:
    """HH:MM of a bound, the default for a whole day."""
    return borne[LONGUEUR_JOUR + 1:] or defaut
