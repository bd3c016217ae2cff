"""Small tools to build CDA elements: one way to write a code, an identifier, a date, a name."""

import re
from datetime import datetime
from typing import Any, TypeAlias

from lxml import etree

from app.documents.texte import propre
from app.documents.types import Code

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PHARM = "urn:ihe:pharm:medication"
_PLAN = {None: HL7, "xsi": XSI}

RACINE_PS = "1.2.250.1.71.4.2.1"
RACINE_STRUCTURE = "1.2.250.1.71.4.2.2"
LOINC = "2.16.840.1.113883.6.1"
SNOMED = "2.16.840.1.113883.6.96"
TA_ASIP = "1.2.250.1.213.1.1.4.322"
CIM10 = "2.16.840.1.113883.6.3"

Element: TypeAlias = etree._Element


def racine(*, pharm: bool = False) -> Element:
    """An empty ClinicalDocument."""
    plan: Any = _PLAN | ({"pharm": PHARM} if pharm else {})
    return etree.Element(f"{{{HL7}}}ClinicalDocument", nsmap=plan)


def el(parent: Element, nom: str, texte: str | None = None, *, xsi_type: str = "",
       espace: str = HL7, **attributs: str | None) -> Element:
    """Append an element; attributes that are None are left out, texts are cleaned for XML."""
    fils = etree.SubElement(parent, f"{{{espace}}}{nom}")
    for cle, valeur in attributs.items():
        if valeur is not None:
            fils.set(cle, propre(valeur))
    if xsi_type:
        fils.set(f"{{{XSI}}}type", xsi_type)
    if texte is not None:
        fils.text = propre(texte)
    return fils


def modeles(parent: Element, *racines: str) -> None:
    """templateId elements, in that order."""
    for oid in racines:
        el(parent, "templateId", root=oid)


def code(parent: Element, valeur: Code, nom: str = "code", *, xsi_type: str = "") -> Element:
    """A coded element with its three obligatory attributes."""
    return el(parent, nom, xsi_type=xsi_type, code=valeur.code, displayName=valeur.libelle,
              codeSystem=valeur.systeme, codeSystemName=valeur.systeme_nom or None)


def reference(parent: Element, cible: str, nom: str = "text") -> Element:
    """`text/reference` towards an ID of the narrative."""
    porteur = el(parent, nom)
    el(porteur, "reference", value=f"#{cible}")
    return porteur


def horodatage(moment: datetime) -> str:
    """AAAAMMJJhhmmss+ZZzz: an hour needs its offset (CI-SIS 1.16)."""
    return f"{moment:%Y%m%d%H%M%S%z}"[:19]


def jour(iso: str) -> str:
    """AAAA-MM-JJ -> AAAAMMJJ."""
    return iso.replace("-", "")


def telecoms(parent: Element, telephone: str = "", courriel: str = "", *, usage: str | None = None,
             obligatoire: bool = False) -> None:
    """telecom elements; mobile numbers of a person are marked MC when no use is given."""
    numero = re.sub(r"[^\d+]", "", telephone)
    if numero:
        mobile = re.match(r"(0|\+33)[67]", numero)
        el(parent, "telecom", value=f"tel:{numero}", use=usage or ("MC" if mobile else "H"))
    adresse = re.sub(r"\s", "", courriel)
    if adresse:
        el(parent, "telecom", value=f"mailto:{adresse}", use=usage)
    if obligatoire and not numero and not adresse:
        el(parent, "telecom", nullFlavor="NAV")


def adresse(parent: Element, rue: str, code_postal: str, commune: str, *, usage: str | None = None,
            obligatoire: bool = False) -> None:
    """One addr made of parts, or none, or a null one when the model wants it."""
    lignes = [ligne.strip() for ligne in rue.splitlines() if ligne.strip()]
    if not (lignes or code_postal.strip() or commune.strip()):
        if obligatoire:
            el(parent, "addr", nullFlavor="NAV")
        return
    porteur = el(parent, "addr", use=usage)
    if lignes:
        el(porteur, "streetName", lignes[0])
    if lignes[1:]:
        el(porteur, "additionalLocator", ", ".join(lignes[1:]))
    if code_postal.strip():
        el(porteur, "postalCode", code_postal.strip())
    if commune.strip():
        el(porteur, "city", commune.strip())


def octets(arbre: Element) -> bytes:
    """The document as bytes: UTF-8, no BOM, no schemaLocation."""
    return etree.tostring(arbre, xml_declaration=True, encoding="UTF-8")
