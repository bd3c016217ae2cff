"""Reading and first page of a large document, scrolling and sorting of a long list."""

import base64
import io
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ESSAIS = 5
LIGNES = 2_000
#: Bytes of the document.
TAILLE = 10_000_000


def gros_cda(cda: bytes) -> bytes:
    """The same N1 whose PDF, of photographs, makes a document of 10 MB."""
    from PIL import Image

    pages: list[Image.Image] = []
    pdf = b""
    while len(pdf) * 4 / 3 < TAILLE - len(cda):
        pages.append(Image.frombytes("RGB", (1240, 1754), os.urandom(1240 * 1754 * 3)))
        sortie = io.BytesIO()
        pages[0].save(sortie, "PDF", save_all=True, append_images=pages[1:], resolution=150,
                      quality=70)
        pdf = sortie.getvalue()
    debut = cda.index(b">", cda.index(b'representation="B64"')) + 1
    return cda[:debut] + base64.b64encode(pdf) + cda[cda.index(b"<", debut):]


def _median(geste: Callable[[], object], essais: int = ESSAIS) -> float:
    temps = []
    for _ in range(essais):
        debut = time.perf_counter()
        geste()
        temps.append((time.perf_counter() - debut) * 1000)
    return round(statistics.median(temps), 1)


def _ans(shared: Path, cda: bytes) -> Callable[[], object]:
    """The obvious alternative: the ANS's own sheet, through lxml, in the thread that asks."""
    from lxml import etree

    from app.documents.feuille_producteur import _sans_document

    exemple = shared / "cda-kit/examples/BIO-CR-BIO_2021.01_Auto-Presentable.xml"
    analyseur = etree.XMLParser(huge_tree=True)
    feuille = etree.parse(str(exemple), analyseur).getroot()
    donnees = feuille.find("{urn:asip-sante:ci-sis}Contenu")
    if donnees is not None:
        feuille.remove(donnees)
    programme, _ = _sans_document(feuille)

    def transformer() -> bytes:
        transformation = etree.XSLT(programme, extensions={
            ("urn:pleiade:xslt", "document"): lambda *_: []})
        enveloppe = etree.Element("{urn:asip-sante:ci-sis}Contenu")
        enveloppe.append(etree.fromstring(cda, etree.XMLParser(huge_tree=True)))
        return bytes(transformation(enveloppe))

    return transformer


def mesurer() -> dict[str, Any]:
    """`ouverture_10_mo_ms` (read, rendered, first page drawn, by the process), its gap; list."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.documents.html import rendre_html
    from app.documents.ouverture import ouvrir as ouvrir_cda
    from app.documents.production import produire
    from app.ui import theme
    from app.ui.controllers.visionneuse import image_page
    from app.ui.fluidite import menager
    from app.ui.workers import Workers
    from tests.bench.bench_fenetre import Coeur
    from tests.documents_valeurs import document as valeur

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.appliquer(application, "clair")
    gros = gros_cda(produire(valeur()).cda)
    workers = Workers()
    workers.prechauffer()

    class Ctx:
        lourd = staticmethod(workers.processus)

    def ouvrir(ctx: Any) -> Any:
        document = ctx.lourd(ouvrir_cda, gros)
        assert document.pdf is not None and document.tailles
        return image_page(ctx, document.pdf, 0, 800)

    coeur = Coeur()
    menager()
    coeur.compter(lambda: False, 1.5)
    repos = coeur.compter(lambda: False, 1.0)
    temps, ecarts = [], []
    for essai in range(ESSAIS + 1):
        fini: list[float] = []
        debut = time.perf_counter()
        workers.submit(ouvrir, Ctx, queue="documents",
                       on_done=lambda _, f=fini: f.append(time.perf_counter()))
        ecart = coeur.compter(lambda f=fini: bool(f), 20) - repos  # type: ignore[misc]
        if essai:  # the first one loads the libraries of the process
            temps.append((fini[0] - debut) * 1000)
            ecarts.append(ecart)
    workers.fermer()
    resultat = {
        "ouverture_10_mo_ms": round(statistics.median(temps), 1),
        "ouverture_10_mo_blocage_ms": round(statistics.median(ecarts), 1),
        "ouverture_10_mo_octets": len(gros)}
    shared = Path(__file__).resolve().parents[2].parent / "shared"
    if shared.exists():
        resultat["temoin_feuille_ans_lxml_10_mo_ms"] = _median(_ans(shared, gros), 3)
        exemple = (shared / "cda-kit/examples/IMG_CR_IMG_2024.01.xml").read_bytes()
        resultat["vue_structuree_imagerie_ms"] = _median(lambda: rendre_html(exemple))
        resultat["temoin_feuille_ans_imagerie_ms"] = _median(_ans(shared, exemple))
    return resultat | _liste(application)


def _liste(application: Any) -> dict[str, Any]:
    """Longest step of a scroll over 2,000 lines, and of a sort."""
    from app.domain.document import EtatLigne, LigneDocument, ListeDocuments, OrigineDocument
    from app.ui.models.documents import Colonne
    from app.ui.views.documents import VueDocuments

    origines, etats = list(OrigineDocument), [e for e in EtatLigne if e.value not in (
        "remplace", "supprime")]
    lignes = tuple(LigneDocument(
        f"local:{i}", f"20{10 + i % 16}-{1 + i % 12:02d}-{1 + i % 28:02d}",
        f"Compte rendu {i % 40}", f"Objet numéro {i}", f"AUTEUR {i % 90}", origines[i % 5],
        etats[i % len(etats)], document_id=i, envoye_dmp=i % 3 == 0, lu=i % 4 > 0)
        for i in range(LIGNES))
    vue = VueDocuments()
    vue.resize(1266, 585)
    vue.show()
    vue.afficher(ListeDocuments(lignes))
    for _ in range(10):
        application.processEvents()
    barre = vue.table.verticalScrollBar()
    pas: list[float] = []
    for valeur in range(0, barre.maximum(), 108):
        debut = time.perf_counter()
        barre.setValue(valeur)
        application.processEvents()  # paints what the scroll uncovers, as a wheel does
        pas.append((time.perf_counter() - debut) * 1000)
    tris = []
    for colonne in (Colonne.TYPE, Colonne.AUTEUR, Colonne.ORIGINE, Colonne.ETAT, Colonne.DATE):
        debut = time.perf_counter()
        vue.table.trier(colonne)
        vue.table.viewport().repaint()
        tris.append((time.perf_counter() - debut) * 1000)
    vue.close()
    return {"defilement_2000_max_ms": round(max(pas), 1),
            "defilement_2000_median_ms": round(statistics.median(pas), 2),
            "tri_2000_max_ms": round(max(tris), 1)}
