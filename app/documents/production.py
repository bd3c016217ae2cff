"""From one value to every form of a document."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.documents import (
    cda_antepartum,
    cda_couches,
    cda_maternite_enfant,
    cda_naissance_enfant,
    cda_naissance_mere,
    cda_prescription,
    cda_trod,
    cda_vaccination,
)
from app.documents.cda import rendre_cda_n1
from app.documents.cda_n3 import Section, blocs_des
from app.documents.contenus import ContenuStructure, NoteVaccination, Prescription, Trod
from app.documents.contenus_naissance import (
    MaterniteEnfant,
    NaissanceEnfant,
    NaissanceMere,
)
from app.documents.contenus_obstetrique import SuitesCouchesMere, SyntheseAntepartum
from app.documents.controle import DocumentIncomplet, manques
from app.documents.model import Bloc, DocumentClinique
from app.documents.pdfa import rendre_pdf


@dataclass(frozen=True, slots=True)
class DocumentProduit:
    """The forms of one document: the CDA, and the PDF/A-1 (the very bytes that the CDA holds)."""

    cda: bytes
    pdf: bytes


@dataclass(frozen=True, slots=True)
class _Modele:
    """A content model of level 3: what is missing, the narrative, the rendering."""

    manques: Callable[[DocumentClinique, Any], Iterator[str]]
    sections: Callable[[DocumentClinique, Any], tuple[Section, ...]]
    rendre: Callable[[DocumentClinique, Any, bytes], bytes]


_MODELES: dict[type[ContenuStructure], _Modele] = {
    NoteVaccination: _Modele(cda_vaccination.manques, cda_vaccination.sections,
                             cda_vaccination.rendre),
    Trod: _Modele(cda_trod.manques, cda_trod.sections, cda_trod.rendre),
    Prescription: _Modele(cda_prescription.manques, cda_prescription.sections,
                          cda_prescription.rendre),
    SyntheseAntepartum: _Modele(cda_antepartum.manques, cda_antepartum.sections,
                                cda_antepartum.rendre),
    SuitesCouchesMere: _Modele(cda_couches.manques, cda_couches.sections, cda_couches.rendre),
    NaissanceMere: _Modele(cda_naissance_mere.manques, cda_naissance_mere.sections,
                           cda_naissance_mere.rendre),
    NaissanceEnfant: _Modele(cda_naissance_enfant.manques, cda_naissance_enfant.sections,
                             cda_naissance_enfant.rendre),
    MaterniteEnfant: _Modele(cda_maternite_enfant.manques, cda_maternite_enfant.sections,
                             cda_maternite_enfant.rendre),
}


def produire(doc: DocumentClinique) -> DocumentProduit:
    """Render a document as PDF/A-1b and CDA.

    Raises:
        DocumentIncomplet: something obligatory is missing; nothing was rendered.
    """
    if absents := tous_les_manques(doc):
        raise DocumentIncomplet(absents)
    pdf = rendre_pdf(doc, corps_imprime(doc))
    if doc.donnees is None:
        return DocumentProduit(rendre_cda_n1(doc, pdf), pdf)
    return DocumentProduit(_MODELES[type(doc.donnees)].rendre(doc, doc.donnees, pdf), pdf)


def tous_les_manques(doc: DocumentClinique) -> list[str]:
    """French sentences on what is missing, in the header and in the structured content."""
    absents = manques(doc)
    if doc.donnees is not None:
        modele = _MODELES.get(type(doc.donnees))
        if modele is None:
            return [*absents, "Ce contenu structuré n’a pas de modèle."]
        absents += modele.manques(doc, doc.donnees)
    return absents


def corps_imprime(doc: DocumentClinique) -> tuple[Bloc, ...]:
    """What the PDF prints below the title: the text of an N1, the narrative of an N3."""
    if doc.donnees is None:
        return doc.corps
    sections = _MODELES[type(doc.donnees)].sections(doc, doc.donnees)
    if len(sections) == 1 and sections[0].titre == doc.titre:
        return sections[0].blocs
    return blocs_des(sections)
