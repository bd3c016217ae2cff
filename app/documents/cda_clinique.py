"""Clinical entries that several models share: measures, problems, status of the document."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.documents.cda_n3 import (
    SIMPLE_OBSERVATION,
    Section,
    commentaire,
    id_local,
    loinc,
    ta,
)
from app.documents.cda_xml import (
    CIM10,
    SNOMED,
    Element,
    code,
    el,
    horodatage,
    jour,
    modeles,
    reference,
)
from app.documents.model import Bloc, DocumentClinique, Fragment, Paragraphe
from app.documents.types import Code, jeu

POIDS = loinc("29463-7", "Poids (mesuré)")
TAILLE = loinc("8302-2", "Taille")
IMC = loinc("39156-5", "Index de masse corporelle (IMC)")
TEMPLATES_SIGNES_VITAUX = (
    "2.16.840.1.113883.10.20.1.16", "1.3.6.1.4.1.19376.1.5.3.1.3.25",
    "1.3.6.1.4.1.19376.1.5.3.1.1.5.3.2", "1.2.250.1.213.1.1.2.75")


@dataclass(frozen=True, slots=True)
class Mesure:
    """A measure: code, value, UCUM unit, ID of the narrative."""

    genre: Code
    valeur: Decimal
    unite: str
    ref: str


def nombre(valeur: Decimal) -> str:
    """A number as the CDA writes it: a point, no exponent, no useless zero."""
    texte = f"{valeur:f}"
    return texte.rstrip("0").rstrip(".") if "." in texte else texte


def avec_unite(valeur: Decimal, unite: str) -> str:
    """A number as people write it, with its unit."""
    return f"{nombre(valeur).replace('.', ',')}\u00a0{unite}"


def signes_vitaux(entree: Element, doc: DocumentClinique, mesures: Sequence[Mesure]) -> None:
    """Entry FR-Signes-vitaux."""
    groupe = el(entree, "organizer", classCode="CLUSTER", moodCode="EVN")
    modeles(groupe, "2.16.840.1.113883.10.20.1.32", "2.16.840.1.113883.10.20.1.35",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13.1", "1.2.250.1.213.1.1.3.49")
    el(groupe, "id", root=id_local(doc, "signes-vitaux"))
    code(groupe, loinc("85353-1", "Signes vitaux"))
    el(groupe, "statusCode", code="completed")
    el(groupe, "effectiveTime", value=horodatage(doc.date_acte))
    for mesure in mesures:
        observation = el(el(groupe, "component", typeCode="COMP"), "observation",
                         classCode="OBS", moodCode="EVN")
        modeles(observation, "2.16.840.1.113883.10.20.1.31", "1.3.6.1.4.1.19376.1.5.3.1.4.13",
                "1.3.6.1.4.1.19376.1.5.3.1.4.13.2", "1.2.250.1.213.1.1.3.50")
        el(observation, "id", root=id_local(doc, mesure.ref))
        code(observation, mesure.genre)
        reference(observation, mesure.ref)
        el(observation, "statusCode", code="completed")
        el(observation, "effectiveTime", value=horodatage(doc.date_acte))
        el(observation, "value", xsi_type="PQ", value=nombre(mesure.valeur), unit=mesure.unite)


def probleme(parent: Element, doc: DocumentClinique, ref: str, valeur: Code, date: str, *,
             absent: bool = False, genre: Code | None = None, avec_commentaire: bool = False,
             reaction: bool = False) -> None:
    """observation FR-Probleme; `absent` states that the problem did not occur."""
    observation = el(parent, "observation", classCode="OBS", moodCode="EVN",
                     negationInd="true" if absent else "false")
    modeles(observation, "2.16.840.1.113883.10.20.1.28",
            *(["2.16.840.1.113883.10.20.1.54"] if reaction else []),
            "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37")
    el(observation, "id", root=id_local(doc, ref))
    code(observation, genre or Code("404684003", "constatation clinique", SNOMED, "SNOMED CT"))
    reference(observation, ref)
    el(observation, "statusCode", code="completed")
    periode = el(observation, "effectiveTime")
    if date:
        el(periode, "low", value=jour(date))
    else:
        el(periode, "low", nullFlavor="UNK")
    reference(code(observation, valeur, "value", xsi_type="CD"), ref, "originalText")
    if avec_commentaire:
        commentaire(observation, f"{ref}-comment", inverse=True)


def cim10(valeur: str, libelle: str) -> Code:
    """A CIM-10 code."""
    return Code(valeur, libelle, CIM10, "CIM-10")


def section_statut() -> Section:
    """FR-Statut-du-document: what we send is approved."""
    blocs: tuple[Bloc, ...] = (Paragraphe((Fragment("approuvé", ref="statut-document"),)),)
    return Section(("1.2.250.1.213.1.1.2.35",), loinc("33557-0", "Etat d'achèvement"),
                   "Statut du document", blocs)


def statut(entree: Element, doc: DocumentClinique) -> None:
    """Entry FR-Statut-document."""
    observation = el(entree, "observation", classCode="OBS", moodCode="EVN")
    modeles(observation, *SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.16")
    el(observation, "id", root=id_local(doc, "statut-document"))
    code(observation, ta("GEN-065", "Statut du document"))
    reference(observation, "statut-document")
    el(observation, "statusCode", code="completed")
    el(observation, "effectiveTime", value=horodatage(doc.date_creation))
    code(observation, jeu("statut_document")["9571008"], "value", xsi_type="CD")
