"""Documents of others for the scenarios: versions, archives with a producer's sheet, drops."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from app.documents.xdm import DocumentXdm, EmetteurXdm, ecrire_xdm
from tests.conftest import RACINE
from tests.documents_valeurs import document

if TYPE_CHECKING:
    from app.ui.views.documents import VueDocuments
    from app.ui.views.dossier import PageDossier
    from tests.scenarios.conftest import Poste

LOT = "IHE_XDM/SUBSET01/"


N1 = "DOC_NON_STRUCTURE_CDA-R2-N1.xml"
N3_PDF = "IMG_CR_IMG_2024.01.xml"
N3 = "LDL-SES_2022.01.xml"
AUTO = "BIO-CR-BIO_2021.01_Auto-Presentable.xml"


def exemple(nom: str) -> bytes:
    """An example of the ANS, about PAT-TROIS DOMINIQUE."""
    return (RACINE.parent / "shared" / "cda-kit" / "examples" / nom).read_bytes()


def version(nom: str, numero: int) -> bytes:
    """An example as the version `numero` of its set, its sheet beside it."""
    texte = exemple(nom).decode()
    texte = re.sub(r'<id root="([\d.]+)"\s*/>', rf'<id root="\1.{numero}"/>', texte, count=1)
    texte = re.sub(r'<versionNumber value="\d+"\s*/>', f'<versionNumber value="{numero}"/>', texte)
    return re.sub(r'href="[^"]*\.xsl"', 'href="./DOC0001.XSL"', texte, count=1).encode()


def feuille(mot: str) -> bytes:
    """A producer's style sheet that says which one it is."""
    return f"""<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:c="urn:hl7-org:v3"><xsl:template match="/"><html><head><style>
 h1 {{ color: #7A1F5C; border-bottom: 2px solid #7A1F5C }} .bandeau {{ background-color: #F6E9F1;
 padding: 6px }}</style></head><body><div class="bandeau">{mot}</div>
 <h1><xsl:value-of select="/c:ClinicalDocument/c:title"/></h1>
 <xsl:for-each select="//c:section/c:title"><p><b><xsl:value-of select="."/></b></p></xsl:for-each>
 </body></html></xsl:template></xsl:stylesheet>""".encode()


def archive(cda: bytes, *, sheet: bytes | None = None, pdf: bytes | None = None) -> bytes:
    """An XDM archive of one document, with what stands beside it."""
    valeur = document()
    emetteur = EmetteurXdm(
        professionnel=valeur.auteur, structure=valeur.structure, logiciel="Essai",
        version_logiciel="0", editeur="Essai", unique_id="1.2.250.1.999.1.1.4.1",
        source_id="1.2.250.1.999.1.1", date=valeur.date_creation)
    tampon = io.BytesIO(ecrire_xdm([DocumentXdm(cda)], emetteur))
    with zipfile.ZipFile(tampon, "a", zipfile.ZIP_DEFLATED) as z:
        if sheet is not None:
            z.writestr(LOT + "DOC0001.XSL", sheet)
        if pdf is not None:
            z.writestr(LOT + "DOC0001.PDF", pdf)
    return tampon.getvalue()


def deposer(fenetre: QWidget, chemins: Sequence[Path]) -> None:
    """Drop files from the file manager on the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(c)) for c in chemins])
    milieu = fenetre.rect().center()
    action, boutons = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entree = QDragEnterEvent(QPoint(milieu), action, mime, boutons,
                             Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(fenetre, entree)
    assert entree.isAccepted()
    QApplication.processEvents()
    depot = QDropEvent(QPointF(milieu), action, mime, boutons, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(fenetre, depot)
    assert depot.isAccepted()


def page(poste: "Poste") -> "PageDossier":
    """The patient file."""
    from app.ui.views.dossier import PageDossier

    vue = poste.application.fenetre.page("dossier")
    assert isinstance(vue, PageDossier)
    return vue


def documents(poste: "Poste") -> "VueDocuments":
    """The Documents tab, shown."""
    page(poste).aller("documents")
    QApplication.processEvents()
    return page(poste).documents


def lignes(poste: "Poste") -> list[str]:
    """« date titre » of the lines shown, in order."""
    modele = documents(poste).modele
    return [f"{x.date} {x.titre}" for r in range(modele.rowCount())
            if (x := modele.ligne(r)) is not None]
