"""Vaccinations that a CDA holds: our notes, those of others, the history of Mon espace santé.

Everything but the date and a name may be missing; a refused or cancelled act is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from app.documents.cda_lecture import localiser
from app.documents.hl7 import C, attribut, enfant, enfants, jour, nom_prenom, texte
from app.documents.vaccins import vaccin_par_cip13, vaccins

#: Types of documents that hold vaccinations (JDV_J07): note, history.
TYPES_VACCINATION = frozenset({"87273-9", "11369-6"})
_FR_VACCINATION = frozenset({"1.2.250.1.213.1.1.3.45", "1.3.6.1.4.1.19376.1.5.3.1.4.12"})
_CIS, _CIP, _ATC = "1.2.250.1.213.2.3.1", "1.2.250.1.213.2.3.2", "2.16.840.1.113883.6.73"
_RANG = "30973-2"
#: More entries than a life holds: what comes after is not read.
ENTREES_MAX = 500


@dataclass(frozen=True, slots=True)
class VaccinationLue:
    """One vaccination of a document. Dates AAAA-MM-JJ; absent values are empty.

    `maladies`: codes of `vaccins.maladies()`, after the CIP, the CIS or the ATC class.
    """

    date: str
    vaccin: str
    maladies: tuple[str, ...] = ()
    nature: str = ""
    rang: int | None = None
    lot: str = ""
    vaccinateur: str = ""
    cip13: str = ""


def lire_vaccinations(cda: bytes) -> tuple[VaccinationLue, ...]:
    """Vaccinations of a document, in its order.

    Raises:
        DocumentIllisible: refused by the parser, or not a CDA.
    """
    racine = localiser(cda).element
    lues = []
    for nombre, acte in enumerate(racine.iter(C + "substanceAdministration")):
        if nombre >= ENTREES_MAX:
            break
        if (lue := _acte(acte)) is not None:
            lues.append(lue)
    return tuple(lues)


def _acte(acte: etree._Element) -> VaccinationLue | None:
    modeles = {attribut(t, "root") for t in enfants(acte, "templateId")}
    if not modeles & _FR_VACCINATION or acte.get("negationInd") == "true":
        return None
    if acte.get("moodCode", "EVN") != "EVN":
        return None
    statut = attribut(enfant(acte, "statusCode"), "code")
    temps = enfant(acte, "effectiveTime")
    quand = jour(attribut(temps, "value") or attribut(enfant(temps, "low"), "value"))
    if statut in ("cancelled", "aborted") or quand is None:
        return None
    produit = enfant(acte, "consumable", "manufacturedProduct", "manufacturedMaterial")
    code = enfant(produit, "code")
    codes = _codes(code)
    vaccin = vaccin_par_cip13(codes.get(_CIP, ""))
    nom = (vaccin.marque if vaccin else "") or texte(enfant(produit, "name")) or \
        attribut(code, "displayName") or "Vaccin non précisé"
    personne = enfant(acte, "performer", "assignedEntity", "assignedPerson", "name")
    if personne is None:
        personne = enfant(acte, "author", "assignedAuthor", "assignedPerson", "name")
    famille, prenom = nom_prenom(personne)
    return VaccinationLue(
        quand, nom, _maladies(codes), attribut(enfant(acte, "code"), "code") or "", _rang(acte),
        texte(enfant(produit, "lotNumberText")) or "",
        " ".join(x for x in (prenom, famille) if x), codes.get(_CIP, ""))


def _codes(code: etree._Element | None) -> dict[str, str]:
    """Code system -> code, of the product and of its translations."""
    tous: Iterator[etree._Element] = iter(()) if code is None else iter(
        [code, *enfants(code, "translation")])
    return {systeme: valeur for element in tous
            if (systeme := attribut(element, "codeSystem"))
            and (valeur := attribut(element, "code"))}


def _maladies(codes: dict[str, str]) -> tuple[str, ...]:
    connu = vaccin_par_cip13(codes.get(_CIP, ""))
    if connu is not None:
        return connu.maladies
    cis, atc = codes.get(_CIS, ""), codes.get(_ATC, "")
    for vaccin in vaccins():
        if cis and vaccin.cis == cis:
            return vaccin.maladies
    # A class says the diseases only when all its vaccines agree.
    ensembles = {v.maladies for v in vaccins() if atc and v.atc == atc}
    if len(ensembles) > 1:
        communes = set.intersection(*(set(e) for e in ensembles))
        return tuple(m for m in min(ensembles) if m in communes)
    return next(iter(ensembles), ())


def _rang(acte: etree._Element) -> int | None:
    for lien in enfants(acte, "entryRelationship"):
        observation = enfant(lien, "observation")
        if attribut(enfant(observation, "code"), "code") == _RANG:
            valeur = attribut(enfant(observation, "value"), "value") or ""
            return int(valeur) if valeur.isascii() and valeur.isdigit() and len(valeur) < 3 \
                else None
    return None
