"""What of an identity can be found, in normalised form (`spec/ins.md` §3, rule 17)."""

from dataclasses import dataclass

from app.domain.identity import Traits
from app.domain.names import cle_recherche

#: First letter of a sorted key: by name, by first name.
PAR_NOM, PAR_PRENOM = "N", "P"


@dataclass(frozen=True, slots=True)
class Entrees:
    """Entries of one patient in the three indexes."""

    tri: str
    cles: tuple[str, ...]
    mots: tuple[str, ...]


def jeton_date(iso: str) -> str:
    """AAAA-MM-JJ as one word JJMMAAAA; any other text gives nothing."""
    parties = iso.split("-")
    if len(parties) == 3 and iso.replace("-", "").isdigit():
        return parties[2] + parties[1] + parties[0]
    return ""


def entrees(traits: Traits) -> Entrees:
    """Index entries of an identity.

    A name of several words can also be found in one (« D'ARTAGNAN », « DARTAGNAN »).
    """
    naissance, utilise = cle_recherche(traits.nom_naissance), cle_recherche(traits.nom_utilise)
    premier = cle_recherche(traits.premier_prenom)
    prenom_utilise = cle_recherche(traits.prenom_utilise)
    prenoms = cle_recherche(traits.prenoms)
    usuel, appele = utilise or naissance, prenom_utilise or premier
    noms = [n for n in dict.fromkeys((usuel, naissance)) if n]
    petits = [p for p in dict.fromkeys((appele, premier)) if p]
    cles: dict[str, None] = {}
    for nom in noms:
        for forme in dict.fromkeys((nom, nom.replace(" ", ""))):
            for prenom in petits or [""]:
                cles[f"{PAR_NOM}{forme} {prenom}".rstrip()] = None
    for prenom in petits:
        for nom in noms or [""]:
            cles[f"{PAR_PRENOM}{prenom} {nom}".rstrip()] = None
    mots: dict[str, None] = {}
    for texte in (naissance, utilise, premier, prenom_utilise, prenoms):
        mots.update(dict.fromkeys(texte.split()))
    for texte in (naissance, utilise, premier, prenom_utilise):
        if " " in texte:
            mots[texte.replace(" ", "")] = None
    date = jeton_date(traits.date_naissance)
    if date:
        mots[date] = None
    return Entrees(f"{usuel} {appele} {traits.date_naissance}", tuple(cles), tuple(mots))
