"""Write what somebody else may have written meanwhile, on any workstation (or window).

`ecrire_ensemble` reads the row again inside the transaction. If nobody wrote, or if the fields
agree, it writes; else it raises `ConflitSaisie`, which holds all that a merge screen needs, and
`appliquer` to write what is chosen there. Both engines, SQLite with two windows included.
"""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.domain.concurrence import ChampConcurrent, choisir, rapprocher
from app.store.errors import ConflitVersion
from app.store.unite import Unite
from app.usecases.garde import libre

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from app.usecases.context import Contexte

R = TypeVar("R")
V = TypeVar("V", bound="DataclassInstance")
Valeurs = Mapping[str, Any]

#: Others may write between our reading and our writing: it is tried again this often. One writer
#: gets through at each round, so that as many as this may write the same thing at once.
ESSAIS = 24
#: Pause before a new try, seconds at most for each round: writers that met don't meet again.
PAUSE_S = 0.01
AUTRE_POSTE = "Un autre poste"


def oui_non(valeur: object) -> str:
    """« oui » or « non »."""
    return "oui" if valeur else "non"


def en_liste(valeurs: Any) -> str:
    """« un, deux », « aucun »."""
    return ", ".join(str(v) for v in valeurs) or "aucun"


@dataclass(frozen=True, slots=True)
class Lu:
    """What is stored now: fields, version, who wrote it last ("" = not known)."""

    valeurs: Valeurs
    version: int
    par: str = ""


@dataclass(frozen=True, slots=True)
class Champ:
    """How a field is shown: its label, and its value as text."""

    libelle: str
    montrer: Callable[[Any], str] = str
    long: bool = False


class ConflitSaisie(Exception):
    """Both changed the same fields. Nothing was written; what was typed is here.

    Attributes:
        message: French sentence.
        quoi: « l’adresse de ADRUN ZOE ».
        par: who wrote meanwhile.
        champs: the fields to choose.
        appliquer: `(decisions) -> result` for a worker: each field's code -> `"mien"`, `"leur"`, or
            a `Texte` written in their place. May raise `ConflitSaisie` again.
    """

    def __init__(self, quoi: str, par: str, champs: tuple[ChampConcurrent, ...],
                 appliquer: Callable[[Mapping[str, "str | Texte"]], Any]) -> None:
        self.message = (f"{par} a modifié {quoi} en même temps que vous. Choisissez ce qui est "
                        "gardé ; rien n’est perdu.")
        super().__init__(self.message)
        self.quoi, self.par, self.champs, self.appliquer = quoi, par, champs, appliquer


@dataclass(frozen=True, slots=True)
class Texte:
    """A text written on the merge screen, instead of either."""

    valeur: str


@dataclass(frozen=True, slots=True)
class Edition(Generic[R]):
    """One thing that several people may edit.

    Args:
        quoi: what it is, with its article.
        champs: code -> how it is shown, in the order of the screen.
        lire: what is stored now.
        ecrire: writes fields over a version; returns the result of the gesture.
        ensuite: done once it is on the disk, after a choice on the merge screen too.
        par_versions: `ecrire` compares the version of each row that it changes.
    """

    quoi: str
    champs: Mapping[str, Champ]
    lire: Callable[[Unite], Lu]
    ecrire: Callable[[Unite, Valeurs, int], R]
    ensuite: Callable[[R], object] | None = None
    par_versions: bool = False


@libre("moyen d’écrire : le geste qui l’appelle est gardé")
def ecrire_ensemble(ctx: "Contexte", edition: Edition[R], base: Valeurs, mien: Valeurs) -> R:
    """Write `mien`, which was typed over `base`.

    :raises ConflitSaisie: the same fields were changed elsewhere.
    :raises ErreurStore, Refus: as the edition does.
    """
    for essai in range(ESSAIS):
        try:
            with ctx.store.ecriture(par_versions=edition.par_versions) as u:
                lu = edition.lire(u)
                compare = rapprocher(base, mien, lu.valeurs)
                if not compare.conflits:
                    ecrit = edition.ecrire(u, compare.fusionnes, lu.version)
            if not compare.conflits:
                if edition.ensuite is not None:
                    edition.ensuite(ecrit)
                return ecrit
        except ConflitVersion:
            if essai + 1 == ESSAIS:
                raise
            time.sleep(random.uniform(0, PAUSE_S * (essai + 1)))  # noqa: S311 - no secret
            continue
        raise _conflit(ctx, edition, base, mien, lu, compare.conflits)
    raise AssertionError  # the loop returns or raises


@libre("moyen d’écrire : le geste qui l’appelle est gardé")
def enregistrer_valeur(ctx: "Contexte", quoi: str, champs: Mapping[str, Champ], voulu: V,
                       base: V | None, *, lire: Callable[[Unite], V],
                       ecrire: Callable[[Unite, V], Any], acte: str, sur_qui: str = "",
                       ensuite: Callable[[V], object] | None = None) -> V:
    """Keep a dataclass whose every field may have been changed by a colleague meanwhile.

    Args:
        champs: how its fields are shown; those left out keep the value of `voulu`.
        base: what the user read before changing it; None writes over whatever is stored (the
            command line, which read it just now).
        ecrire: writes the whole value, and its trace, in the unit that read it.
        acte: nature in the trail of such a change, to say who made the other one.

    :raises ConflitSaisie: the same fields were changed elsewhere.
    """
    def valeurs(valeur: V) -> dict[str, Any]:
        return {f.name: getattr(valeur, f.name) for f in fields(valeur) if f.name in champs}

    def relire(u: Unite) -> Lu:
        return Lu(valeurs(lire(u)), 0, dernier_auteur(u, acte, sur_qui))

    def garder(u: Unite, choisies: Valeurs, _version: int) -> V:
        garde = replace(voulu, **choisies)
        ecrire(u, garde)
        return garde

    if base is None:
        with ctx.store.ecriture() as u:
            ecrire(u, voulu)
        if ensuite is not None:
            ensuite(voulu)
        return voulu
    return ecrire_ensemble(ctx, Edition(quoi, champs, relire, garder, ensuite), valeurs(base),
                           valeurs(voulu))


def _conflit(ctx: "Contexte", edition: Edition[Any], base: Valeurs, mien: Valeurs, lu: Lu,
             codes: tuple[str, ...]) -> ConflitSaisie:
    """What the merge screen needs; applying is a new edition over what was just read."""

    def appliquer(decisions: Mapping[str, str | Texte]) -> Any:
        compare = rapprocher(base, mien, lu.valeurs)
        choix: dict[str, Any] = {}
        for code in codes:
            decision = decisions[code]
            choix[code] = (decision.valeur if isinstance(decision, Texte)
                           else mien[code] if decision == "mien" else lu.valeurs[code])
        return ecrire_ensemble(ctx, edition, lu.valeurs, choisir(compare, choix))

    def champ(code: str) -> ChampConcurrent:
        forme = edition.champs[code]
        return ChampConcurrent(code, forme.libelle, forme.montrer(base[code]),
                               forme.montrer(mien[code]), forme.montrer(lu.valeurs[code]),
                               long=forme.long)

    champs = tuple(champ(code) for code in codes)
    # One's own name is another window's: « vous avez modifié en même temps que vous » says nothing.
    par = lu.par if lu.par and lu.par != ctx.qui else AUTRE_POSTE
    return ConflitSaisie(edition.quoi, par, champs, appliquer)


def dernier_auteur(u: Unite, nature: str, sur_qui: str = "") -> str:
    """Who made the last act of a kind, by the trail; "" when it isn't known."""
    for ligne in u.trail.lister(40, sur_qui=sur_qui):
        if ligne.quoi == nature:
            return ligne.qui
    return ""
