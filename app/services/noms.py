"""How the services are named on the screen, and how their own texts are made fit for it."""

import re

_NOMS = {
    "insi": "Le téléservice INSi",
    "dmp": "Le DMP",
    "psc": "Pro Santé Connect",
    "proxy": "Le Proxy e-santé",
}

_CONTROLES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
# A matricule has 13 characters and a key; an OID's arcs and a uuid's digits are left alone.
_MATRICULE = re.compile(r"(?<![\d.])[1-8]\d{4}(?:\d\d|2[AB])\d{6}(?:\d\d)?(?![\d.])")


def nom_service(service: str) -> str:
    """French subject of a sentence about a service: « Le DMP », « Le téléservice INSi »…"""
    return _NOMS.get(service, "Le service")


def texte_propre(texte: str, longueur: int = 300) -> str:
    """Text of a service made fit for the screen and the journal.

    Control and direction characters are removed, white space is collapsed, anything that looks
    like a matricule is hidden, the length is bounded.
    """
    une_ligne = " ".join(_CONTROLES.sub(" ", texte).split())
    masque = _MATRICULE.sub("[matricule]", une_ligne)
    return masque if len(masque) <= longueur else masque[:longueur - 1] + "…"


def phrase(debut: str, suite: str = "") -> str:
    """A whole sentence: what we say, then what the service says, with its final point."""
    tout = debut if not suite else \
        f"{debut} ({suite})" if "\u00a0: " in debut else f"{debut}\u00a0: {suite}"
    return tout if tout.endswith((".", "…", "!", "?")) else tout + "."
