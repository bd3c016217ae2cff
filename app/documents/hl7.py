"""Small steps in an HL7 v3 tree: children, texts, codes, dates, names, telecoms."""

from collections.abc import Iterator

from lxml import etree

from app.domain.dates import est_calendaire

#: Namespace of CDA R2.
V3 = "urn:hl7-org:v3"
#: The same, as a prefix of lxml names.
C = f"{{{V3}}}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


def enfant(parent: etree._Element | None, *chemin: str) -> etree._Element | None:
    """First descendant along a path of child names; None when a step is missing."""
    for nom in chemin:
        if parent is None:
            return None
        parent = parent.find(C + nom)
    return parent


def enfants(parent: etree._Element | None, nom: str) -> Iterator[etree._Element]:
    """Children of that name."""
    return iter(()) if parent is None else parent.iterchildren(C + nom)


def attribut(element: etree._Element | None, nom: str) -> str | None:
    """Attribute without outer spaces; None when absent or empty."""
    valeur = element.get(nom) if element is not None else None
    return (valeur.strip() or None) if valeur else None


def texte(element: etree._Element | None) -> str | None:
    """All the text of an element on one line; None when absent or empty."""
    if element is None:
        return None
    return " ".join("".join(str(t) for t in element.itertext()).split()) or None


def identifiant(element: etree._Element | None) -> str | None:
    """An II as `root` or `root^extension`; None when absent or nullFlavor."""
    racine, extension = attribut(element, "root"), attribut(element, "extension")
    if racine is None:
        return None
    return f"{racine}^{extension}" if extension else racine


def jour(ts: str | None, *, partiel: bool = False) -> str | None:
    """Day of a TS as AAAA-MM-JJ.

    With `partiel`, a date known to the year or month keeps 00 for what is unknown, and a lunar
    date is kept; else only a day of the calendar is returned.
    """
    if not ts:
        return None
    chiffres = ts[:8]
    if len(chiffres) in (4, 6) and partiel:
        chiffres = chiffres.ljust(8, "0")
    if len(chiffres) != 8 or not (chiffres.isascii() and chiffres.isdigit()):
        return None
    iso = f"{chiffres[:4]}-{chiffres[4:6]}-{chiffres[6:8]}"
    return iso if partiel or est_calendaire(iso) else None


def heure(ts: str | None) -> str | None:
    """HH:MM of a TS, in the time zone in which it is written; None without an hour."""
    if not ts or len(ts) < 12 or not (ts[:12].isascii() and ts[:12].isdigit()):
        return None
    return f"{ts[8:10]}:{ts[10:12]}"


def nom_prenom(nom: etree._Element | None) -> tuple[str | None, str | None]:
    """Family and given names of a person's name, as written."""
    if nom is None:
        return None, None
    famille = " ".join(filter(None, (texte(e) for e in enfants(nom, "family")))) or None
    prenom = " ".join(filter(None, (texte(e) for e in enfants(nom, "given")))) or None
    if famille is None and prenom is None:
        # Old documents write the whole name as a text.
        famille = " ".join(str(nom.text or "").split()) or None
    return famille, prenom
