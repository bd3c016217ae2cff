"""CDA R2 documents of level 1: a header and a PDF/A-1 (`spec/cda.md` §2)."""

import base64

from app.documents.cda_entete import entete, fin_entete, remplacement, rencontre
from app.documents.cda_xml import el, octets
from app.documents.model import DocumentClinique

#: The only templateId of a level 1; any other is refused by the schematron.
TEMPLATES_N1 = (("2.16.840.1.113883.2.8.2.1", ""), ("1.2.250.1.213.1.1.1.1", ""),
                ("1.3.6.1.4.1.19376.1.2.20", ""))


def rendre_cda_n1(doc: DocumentClinique, pdf: bytes) -> bytes:
    """Wrap a PDF/A-1 in the header of `doc`.

    Args:
        doc: the document; its identity is sent as `patient_document` let it through.
        pdf: the bytes that `pdfa.rendre_pdf` gave, kept unchanged.
    """
    arbre = entete(doc, TEMPLATES_N1)
    fin_entete(arbre, doc)
    remplacement(arbre, doc)
    rencontre(arbre, doc)
    corps = el(el(arbre, "component"), "nonXMLBody")
    texte = el(corps, "text", mediaType="application/pdf", representation="B64")
    texte.text = base64.b64encode(pdf).decode("ascii")
    return octets(arbre)
