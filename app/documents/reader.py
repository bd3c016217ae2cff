"""Read any clinical document that arrives: CDA of all ages, IHE_XDM archive, bare PDF.

    for document in lire(octets, "compte-rendu.xml"):
        print(document.titre, document.patient.nom_naissance, document.avertissements)

Nothing here opens a file or a connection, and nothing of the document is executed.
"""

from app.documents.illisible import DocumentIllisible
from app.documents.incorpore import PDF, ContenuEndommage, controler_pdf
from app.documents.lu import DocumentLu, NatureDocument

__all__ = ["DocumentIllisible", "DocumentLu", "lectures", "lire"]

#: The largest file read, in bytes.
TAILLE_MAX = 256_000_000
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MARQUES = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def lire(contenu: bytes, nom: str = "") -> list[DocumentLu]:
    """Read every document of a file.

    A document of an archive that can't be read is returned with the nature `inconnu`, its
    reason standing in `avertissements`: it is never lost silently.

    Args:
        contenu: the bytes of the file.
        nom: its name, kept in `fichier` and never opened.

    Raises:
        DocumentIllisible: the file itself can't be read.
    """
    return [lu if isinstance(lu, DocumentLu) else DocumentLu(
                lu.fichier, NatureDocument.INCONNU, b"",
                avertissements=(f"Document illisible : {lu.message}",),
                incoherences=("Document illisible.",))
            for lu in lectures(contenu, nom)]


def lectures(contenu: bytes, nom: str = "") -> list[DocumentLu | DocumentIllisible]:
    """The same as `lire`, but a document of an archive that can't be read is its error.

    Raises:
        DocumentIllisible: the file itself can't be read.
    """
    try:
        if len(contenu) > TAILLE_MAX:
            raise DocumentIllisible("trop_gros", "Fichier trop volumineux.")
        if contenu.startswith(_ZIP):
            # Archives come by mail only: the module is not worth its loading time elsewhere.
            from app.documents.xdm_lecture import lire_archive
            return lire_archive(contenu, nom, _lire_un)
        return [_lire_un(contenu, nom)]
    except DocumentIllisible as erreur:
        erreur.fichier = erreur.fichier or nom
        raise


def _lire_un(contenu: bytes, nom: str) -> DocumentLu:
    """Read one document that is no archive."""
    if b"%PDF-" in contenu[:1024]:
        return _lire_pdf(contenu, nom)
    if _ressemble_a_xml(contenu):
        from app.documents.cda_lecture import lire_cda
        return lire_cda(contenu, nom)
    if not contenu.strip():
        raise DocumentIllisible("vide", "Fichier vide.")
    raise DocumentIllisible("format_inconnu",
                            "Format inconnu : ni document CDA, ni archive XDM, ni PDF.")


def _lire_pdf(contenu: bytes, nom: str) -> DocumentLu:
    """A bare PDF: it says nothing of its patient that could be trusted."""
    try:
        remarques = controler_pdf(contenu)
    except ContenuEndommage as erreur:
        raise DocumentIllisible("pdf_abime", str(erreur)) from None
    return DocumentLu(nom, NatureDocument.PDF, contenu, incorpore=contenu, mime_incorpore=PDF,
                      avertissements=(*remarques, "PDF seul : patient, type et date sont à "
                                                  "renseigner."))


def _ressemble_a_xml(contenu: bytes) -> bool:
    debut = contenu[:200]
    if debut.startswith(_MARQUES):
        return True
    return debut.replace(b"\x00", b"").lstrip()[:1] == b"<"
