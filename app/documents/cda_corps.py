"""The body of a CDA document: what it carries and how it is divided (`spec/cda.md` §2, §3)."""

from dataclasses import dataclass

from lxml import etree

from app.documents.hl7 import C, attribut, enfant, enfants, texte
from app.documents.incorpore import PDF, ContenuEndommage, controler_pdf, decoder
from app.documents.lu import NatureDocument

#: Template of the section « Copie du document » (FR-Document-PDF-copie).
SECTION_COPIE = "1.2.250.1.213.1.1.2.243"
#: What an N1 body may hold (`spec/cda.md` §2).
MIMES_N1 = frozenset({PDF, "text/plain", "text/rtf", "image/jpeg", "image/tiff"})
#: Sections read at most; the rest of a hostile document is ignored.
SECTIONS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Corps:
    """What the body is, its section titles, and the bytes to show first."""

    nature: NatureDocument
    sections: tuple[str, ...] = ()
    incorpore: bytes | None = None
    mime_incorpore: str = ""
    avertissements: tuple[str, ...] = ()


def lire_corps(racine: etree._Element) -> Corps:
    """Read the body: N1, N3, or none."""
    non_xml = enfant(racine, "component", "nonXMLBody", "text")
    if non_xml is not None:
        return _lire_n1(non_xml)
    structure = enfant(racine, "component", "structuredBody")
    if structure is None:
        return Corps(NatureDocument.INCONNU, avertissements=("Document sans contenu.",))
    return _lire_n3(structure)


def _lire_n1(element: etree._Element) -> Corps:
    mime = (attribut(element, "mediaType") or "text/plain").lower()
    if mime not in MIMES_N1:
        return Corps(NatureDocument.CDA_N1,
                     avertissements=(f"Contenu de type « {mime[:60]} », non affichable.",))
    try:
        octets = decoder(element)
        remarques = controler_pdf(octets) if mime == PDF else []
    except ContenuEndommage as erreur:
        return Corps(NatureDocument.CDA_N1, avertissements=(str(erreur),))
    return Corps(NatureDocument.CDA_N1, (), octets, mime, tuple(remarques))


def _lire_n3(structure: etree._Element) -> Corps:
    titres: list[str] = []
    remarques: list[str] = []
    for rang, section in enumerate(structure.iter(C + "section")):
        if rang >= SECTIONS_MAX:
            remarques.append(f"Plus de {SECTIONS_MAX} sections : les suivantes sont ignorées.")
            break
        titre = texte(enfant(section, "title")) or attribut(enfant(section, "code"), "displayName")
        if titre:
            titres.append(titre)
    pdf: bytes | None = None
    for media in _pdfs(structure):
        try:
            pdf = decoder(media)
            remarques.extend(controler_pdf(pdf))
            break
        except ContenuEndommage as erreur:
            pdf = None
            if str(erreur) not in remarques:
                remarques.append(str(erreur))
    return Corps(NatureDocument.CDA_N3, tuple(titres), pdf, PDF if pdf else "", tuple(remarques))


def _pdfs(structure: etree._Element) -> list[etree._Element]:
    """The `value` of each embedded PDF, that of the section « Copie du document » first."""
    medias = [v for m in structure.iter(C + "observationMedia")
              if (v := m.find(C + "value")) is not None
              and (v.get("mediaType") or "").lower() == PDF]
    return sorted(medias, key=lambda v: not _dans_la_copie(v))[:20]


def _dans_la_copie(value: etree._Element) -> bool:
    return any(t.get("root") == SECTION_COPIE
               for s in value.iterancestors(C + "section") for t in enfants(s, "templateId"))
