"""Everything that the viewer needs of a CDA, from one parsing: it runs in the worker process."""

from dataclasses import dataclass, replace

from app.documents.cda_lecture import lire_localise, localiser
from app.documents.html import rendre_localise
from app.documents.images import ImageIllisible, pages_pdf
from app.documents.lu import DocumentLu
from app.documents.pages import PdfIllisible, retenir, tailles_pages

Tailles = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Ouverture:
    """A document ready to be shown. `lu` comes without its bytes, which the caller holds.

    `pdf` is the one that it carries, or the pages of its image; `tailles` those of its pages in
    points, empty when it can't be shown.
    """

    lu: DocumentLu
    html: str
    pdf: bytes | None = None
    tailles: Tailles = ()


def ouvrir(cda: bytes) -> Ouverture:
    """Parse once, render the structured view, measure the pages.

    Raises:
        DocumentIllisible: refused by the parser, or not a CDA.
    """
    localise = localiser(cda)
    lu = lire_localise(localise, cda)
    html = rendre_localise(localise, lu)
    pdf, remarques = lu.pdf, list(lu.avertissements)
    if pdf is None and lu.incorpore and lu.mime_incorpore.startswith("image/"):
        try:
            pdf = pages_pdf(lu.incorpore)
        except ImageIllisible as erreur:
            remarques.append(str(erreur))
    tailles: Tailles = ()
    if pdf is not None:
        try:
            tailles = tuple(tailles_pages(pdf))
            retenir(pdf)
        except PdfIllisible as erreur:
            remarques.append(str(erreur))
    return Ouverture(replace(lu, contenu=b"", incorpore=None, avertissements=tuple(remarques)),
                     html, pdf, tailles)
