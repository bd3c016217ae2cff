"""Value -> PDF/A + CDA (+ XDM); reading and presentation of large documents."""

import base64
import statistics
import time
from collections.abc import Callable
from typing import Any

ESSAIS = 30


def _mediane_ms(geste: Callable[[], object], essais: int = ESSAIS) -> float:
    durees = []
    for _ in range(essais):
        debut = time.perf_counter()
        geste()
        durees.append((time.perf_counter() - debut) * 1000)
    return round(statistics.median(durees), 1)


def _gros_n1(cda: bytes, taille: int) -> bytes:
    """The same N1 with an embedded file of `taille` bytes."""
    debut = cda.index(b'representation="B64"')
    debut = cda.index(b">", debut) + 1
    fin = cda.index(b"<", debut)
    return cda[:debut] + base64.b64encode(b"%PDF-1.4\n" + b"0" * taille) + cda[fin:]


def mesurer() -> dict[str, Any]:
    """`production_document_ms` warm, and its neighbours."""
    from app.documents.html import rendre_html
    from app.documents.production import produire
    from app.documents.reader import lire
    from app.documents.xdm import DocumentXdm, EmetteurXdm, ecrire_xdm
    from tests.documents_valeurs import document as valeur

    document = valeur()
    debut = time.perf_counter()
    produit = produire(document)
    premiere = (time.perf_counter() - debut) * 1000
    emetteur = EmetteurXdm(
        professionnel=document.auteur, structure=document.structure, logiciel="Pléiade",
        version_logiciel="0", editeur="Pléiade", unique_id="1.2.250.1.999.1.1.4.1",
        source_id="1.2.250.1.999.1.1", date=document.date_creation)
    gros = _gros_n1(produit.cda, 7_500_000)
    return {
        "production_document_ms": _mediane_ms(lambda: produire(document)),
        "production_premiere_ms": round(premiere, 1),
        "production_xdm_ms": _mediane_ms(
            lambda: ecrire_xdm([DocumentXdm(produire(document).cda)], emetteur)),
        "lecture_10_mo_ms": _mediane_ms(lambda: lire(gros), 5),
        "vue_structuree_ms": _mediane_ms(lambda: rendre_html(produit.cda)),
    }
