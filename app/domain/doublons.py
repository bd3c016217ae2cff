"""Homonyms and duplicates: what looks alike, and what may be merged (`spec/ins.md` §2, §3).

Nothing is ever merged by itself: these rules propose, a person decides.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.identity import Identite, StatutIdentite, Traits
from app.domain.names import cle_comparaison
from app.domain.patient import PatientResume

#: Letters by which two birth names may differ and still be a typing slip.
DISTANCE_MAX = 2
#: Which identity keeps its strict traits in a merge: the best proved first.
_CONFIANCE = {StatutIdentite.QUALIFIEE: 3, StatutIdentite.RECUPEREE: 2,
              StatutIdentite.VALIDEE: 1, StatutIdentite.PROVISOIRE: 0}


class Ressemblance(StrEnum):
    """Why two files may be about one person, the strongest first."""

    MEME_MATRICULE = "meme_matricule"
    """Same matricule and OID, or one in the history of the other: probable duplicate."""
    MEMES_TRAITS = "memes_traits"
    """Same name, first given name, birth date and sex."""
    HOMONYME = "homonyme"
    """The same, but for one or two letters of the name, or under a used name."""


@dataclass(frozen=True, slots=True)
class Rapprochement:
    """A file that looks like another one. `raison` is a French sentence."""

    nature: Ressemblance
    raison: str


def rapprocher_traits(traits: Traits, resume: PatientResume) -> Rapprochement | None:
    """Compare traits being typed with a known patient; None when nothing looks alike.

    Birth date, sex (an unknown one matches any) and first given name must be the same; the name
    may differ by two letters, or be the used name of the other.
    """
    return _rapprocher(traits, resume.nom_naissance, resume.nom_utilise, resume.premier_prenom,
                       resume.date_naissance, resume.sexe)


def rapprocher(a: Identite, b: Identite) -> Rapprochement | None:
    """Compare two identities, matricules first."""
    if meme_matricule(a, b):
        return Rapprochement(Ressemblance.MEME_MATRICULE,
                             "Même matricule INS : doublon probable.")
    t = b.traits
    return _rapprocher(a.traits, t.nom_naissance, t.nom_utilise, t.premier_prenom,
                       t.date_naissance, t.sexe)


def _rapprocher(traits: Traits, nom: str, nom_utilise: str, prenom: str, date: str,
                sexe: str) -> Rapprochement | None:
    if (not traits.date_naissance or traits.date_naissance != date
            or (traits.sexe != sexe and "I" not in (traits.sexe, sexe))
            or cle_comparaison(traits.premier_prenom) != cle_comparaison(prenom)):
        return None
    a, b = cle_comparaison(traits.nom_naissance), cle_comparaison(nom)
    if a == b:
        return Rapprochement(Ressemblance.MEMES_TRAITS,
                             "Mêmes nom, prénom, date de naissance et sexe.")
    if distance(a, b) <= DISTANCE_MAX:
        return Rapprochement(Ressemblance.HOMONYME,
                             "Même prénom et même date de naissance, nom presque identique.")
    utilises = {cle_comparaison(n) for n in (traits.nom_utilise, nom_utilise) if n}
    if utilises & {a, b}:
        return Rapprochement(Ressemblance.HOMONYME,
                             "Même prénom et même date de naissance, nom utilisé identique.")
    return None


def meme_matricule(a: Identite, b: Identite) -> bool:
    """True when INSi gave both the same matricule, now or in the past (OID included)."""
    return bool(_matricules(a) & _matricules(b))


def _matricules(identite: Identite) -> set[tuple[str, str]]:
    tous = {(identite.matricule_ins, identite.oid),
            *((h.matricule_ins, h.oid) for h in identite.historique)}
    return {(m, o) for m, o in tous if m and o}


def fusion_refusee(a: Identite, b: Identite) -> str:
    """French reason why two files must not be merged, or empty."""
    if a.matricule_ins and b.matricule_ins and not meme_matricule(a, b):
        return ("Ces deux dossiers ont deux matricules INS différents, qu’INSi ne relie pas : "
                "ce sont deux personnes.")
    return ""


def identite_fusionnee(a: Identite, b: Identite) -> Identite:
    """Identity of the merged file: the best proved one, completed by the other.

    Strict traits, status and matricule come from one side only; complementary traits that it
    lacks are taken from the other. The two files stay readable, so that the merge can be undone.
    """
    garde, autre = (a, b) if _CONFIANCE[a.statut] >= _CONFIANCE[b.statut] else (b, a)
    traits = replace(garde.traits,
                     nom_utilise=garde.traits.nom_utilise or autre.traits.nom_utilise,
                     prenom_utilise=garde.traits.prenom_utilise or autre.traits.prenom_utilise)
    return replace(garde, traits=traits)


def distance(a: str, b: str, maximum: int = DISTANCE_MAX) -> int:
    """Levenshtein distance, given up beyond `maximum` (then `maximum + 1`)."""
    if abs(len(a) - len(b)) > maximum:
        return maximum + 1
    if a == b:
        return 0
    precedente = list(range(len(b) + 1))
    for i, ca in enumerate(a, start=1):
        ligne = [i]
        for j, cb in enumerate(b, start=1):
            ligne.append(min(precedente[j] + 1, ligne[j - 1] + 1,
                             precedente[j - 1] + (ca != cb)))
        if min(ligne) > maximum:
            return maximum + 1
        precedente = ligne
    return min(precedente[-1], maximum + 1)
