"""Is a received identity that of a file? Rules of a document's reception (SENTINELLE.20, rule 30).

The matricule alone never decides: matricule, OID and traits must all agree. What a sender says of
its own trust is not looked at.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from app.domain.comparison import Comparaison, LigneComparaison, comparer_identites
from app.domain.doublons import meme_matricule
from app.domain.identity import Identite

#: Lines settled by `meme_matricule`: a former matricule, or its OID, is no contradiction.
_INS = frozenset({"matricule_ins", "oid"})


class Accord(StrEnum):
    """How far two identities agree, the surest first."""

    RECONNU = "reconnu"
    """Same matricule and OID (now or in INSHISTO), same traits."""
    MEMES_TRAITS = "memes_traits"
    """Nothing contradicts, but no INS common to both settles it."""
    INCOMPLET = "incomplet"
    """The received identity says too little to decide."""
    DISCORDANT = "discordant"
    """At least one trait, or the matricule, contradicts."""


@dataclass(frozen=True, slots=True)
class Confrontation:
    """Outcome: `differences` are the lines that contradict."""

    accord: Accord
    comparaison: Comparaison
    differences: tuple[LigneComparaison, ...] = ()


def confronter(local: Identite, recue: Identite,
               equivalents: Callable[[str], Collection[str]] | None = None, *,
               libelle_lieu: Callable[[str], str] | None = None) -> Confrontation:
    """Compare the identity of a file with a received one, trait by trait.

    Args:
        equivalents: COG codes linked to one by events; they don't contradict.
        libelle_lieu: display form of a COG code.
    """
    comparaison = comparer_identites(local, recue, equivalents, libelle_lieu=libelle_lieu)
    meme = meme_matricule(local, recue)
    differences = tuple(ligne for ligne in comparaison.bloquantes
                        if not (meme and ligne.trait in _INS))
    if differences:
        accord = Accord.DISCORDANT
    elif not traits_suffisants(recue):
        accord = Accord.INCOMPLET
    else:
        accord = Accord.RECONNU if meme else Accord.MEMES_TRAITS
    return Confrontation(accord, comparaison, differences)


def traits_suffisants(recue: Identite) -> bool:
    """True when name, given name, birth date and sex are all there."""
    t = recue.traits
    return bool(t.nom_naissance and (t.premier_prenom or t.prenoms) and t.date_naissance
                and t.sexe)


def autres_personnes(local: Identite, recue: Identite) -> bool:
    """True when two whole INS say that they are two persons."""
    return bool(local.matricule_ins and local.oid and recue.matricule_ins and recue.oid
                and not meme_matricule(local, recue))
