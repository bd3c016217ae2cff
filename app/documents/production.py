"""From one value to every form of a document."""

from dataclasses import dataclass

from app.documents.cda import rendre_cda_n1
from app.documents.controle import exiger_complet
from app.documents.model import DocumentClinique
from app.documents.pdfa import rendre_pdf


@dataclass(frozen=True, slots=True)
class DocumentProduit:
    """The forms of one document: the CDA, and the PDF/A-1 (the very bytes that the CDA holds)."""

    cda: bytes
    pdf: bytes


def produire(doc: DocumentClinique) -> DocumentProduit:
    """Render a document as PDF/A-1b and CDA.

    Raises:
        DocumentIncomplet: something obligatory is missing; nothing was rendered.
    """
    exiger_complet(doc)
    pdf = rendre_pdf(doc)
    return DocumentProduit(rendre_cda_n1(doc, pdf), pdf)
