"""What every document of level 3 shares (`spec/cda.md` §3): sections, entries, the PDF copy."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_OID, uuid5

from app.documents.cda_entete import entete, fin_entete, remplacement, rencontre
from app.documents.cda_narratif import narratif
from app.documents.cda_xml import (
    LOINC,
    TA_ASIP,
    Element,
    code,
    el,
    modeles,
    reference,
)
from app.documents.model import Bloc, DocumentClinique, Intertitre
from app.documents.types import Code

SIMPLE_OBSERVATION = ("1.3.6.1.4.1.19376.1.5.3.1.4.13", "1.2.250.1.213.1.1.3.48")
COPIE_PDF = "1.2.250.1.213.1.1.2.243"


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its templates, its code, its title, its narrative, the sections within."""

    templates: tuple[str, ...]
    code: Code
    titre: str
    blocs: tuple[Bloc, ...]
    sous: tuple["Section", ...] = ()


def loinc(valeur: str, libelle: str) -> Code:
    """A LOINC code."""
    return Code(valeur, libelle, LOINC, "LOINC")


def ta(valeur: str, libelle: str) -> Code:
    """A code of TA_ASIP."""
    return Code(valeur, libelle, TA_ASIP, "TA_ASIP")


def id_local(doc: DocumentClinique, nom: str) -> str:
    """UUID of a part of a document, the same at each rendering of the same version."""
    return str(uuid5(NAMESPACE_OID, f"{doc.id}:{nom}")).upper()


def corps_structure(arbre: Element) -> Element:
    """component/structuredBody."""
    return el(el(arbre, "component"), "structuredBody")


def ouvrir(doc: DocumentClinique, templates: Sequence[tuple[str, str]],
           actes: Sequence[Code] = ()) -> tuple[Element, Element]:
    """Header, acts, version, encounter: (ClinicalDocument, structuredBody to fill)."""
    arbre = entete(doc, templates)
    fin_entete(arbre, doc, actes)
    remplacement(arbre, doc)
    rencontre(arbre, doc)
    return arbre, corps_structure(arbre)


def ecrire_section(corps: Element, doc: DocumentClinique, section: Section) -> Element:
    """Append a section with its narrative; entries are appended to what is returned.

    `corps` may be a section: a section within. `sous` are written by the caller, after entries.
    """
    element = el(el(corps, "component"), "section")
    modeles(element, *section.templates)
    dedans = f"-{section.titre}" if corps.tag.endswith("}section") else ""
    el(element, "id", root=id_local(doc, f"section-{section.code.code}{dedans}"))
    code(element, section.code)
    el(element, "title", section.titre)
    if section.blocs or not section.sous:
        narratif(element, section.blocs)
    return element


def commentaire(parent: Element, ref: str, *, inverse: bool = False) -> None:
    """entryRelationship SUBJ holding FR-Commentaire-ER, whose text is in the narrative."""
    lien = el(parent, "entryRelationship", typeCode="SUBJ",
              inversionInd="true" if inverse else None)
    acte = el(lien, "act", classCode="ACT", moodCode="EVN")
    modeles(acte, "2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2",
            "1.2.250.1.213.1.1.3.32")
    code(acte, loinc("48767-8", "Commentaire"))
    reference(acte, ref)
    el(acte, "statusCode", code="completed")


def copie_pdf(corps: Element, doc: DocumentClinique, pdf: bytes) -> None:
    """FR-Document-PDF-copie: the section that readers show first."""
    element = el(el(corps, "component"), "section")
    modeles(element, COPIE_PDF)
    el(element, "id", root=id_local(doc, "section-copie"))
    copie = loinc("55108-5", "Copie du document")
    code(element, copie)
    el(element, "title", "Copie du document")
    # The example of the ANS wraps the image in a table: some readers expect it.
    table = el(el(element, "text"), "table", border="0")
    cellule = el(el(el(table, "tbody"), "tr"), "td")
    el(cellule, "renderMultiMedia", referencedObject="doc-1")
    organisateur = el(el(element, "entry"), "organizer", classCode="CLUSTER", moodCode="EVN")
    modeles(organisateur, "1.2.250.1.213.1.1.3.18")
    el(organisateur, "id", root=id_local(doc, "copie"))
    code(organisateur, loinc("55107-7", "Document attaché"))
    el(organisateur, "statusCode", code="completed")
    genre = el(el(organisateur, "component"), "observation", classCode="OBS", moodCode="EVN")
    modeles(genre, *SIMPLE_OBSERVATION, "1.2.250.1.213.1.1.3.48.18")
    el(genre, "id", root=id_local(doc, "copie-type"))
    code(genre, loinc("69764-9", "Type de document"))
    reference(genre, "doc-1")
    el(genre, "statusCode", code="completed")
    el(genre, "effectiveTime", nullFlavor="NA")
    code(genre, copie, "value", xsi_type="CD")
    media(el(organisateur, "component"), "doc-1", "application/pdf", pdf)


def media(parent: Element, ident: str, genre: str, contenu: bytes, *templates: str) -> None:
    """observationMedia with its bytes in base64."""
    observation = el(parent, "observationMedia", classCode="OBS", moodCode="EVN", ID=ident)
    modeles(observation, *templates)
    valeur = el(observation, "value", mediaType=genre, representation="B64")
    valeur.text = base64.b64encode(contenu).decode("ascii")


def blocs_des(sections: Sequence[Section], niveau: int = 1) -> tuple[Bloc, ...]:
    """Blocks that the PDF prints: the narrative of each section under its title."""
    return tuple(bloc for s in sections for bloc in (
        Intertitre(s.titre, niveau), *s.blocs, *blocs_des(s.sous, 2)))

