"""Codes in the frames of a camera: our reader beside the obvious alternative, pylibdmtx alone."""

import statistics
import time
from collections.abc import Callable

import numpy as np
import zxingcpp
from PIL import Image

from app.devices.scan_image import Gris, LecteurFlux

LARGEUR, HAUTEUR = 1280, 720
TRAMES = 24
#: The alternative is given no more time than that on a frame: without limit it takes seconds.
DMTX_MS = 1000
BOITE = "]d2010340093677387517280831" + "10AC37B214TA"


def trames(avec_code: bool) -> list[Gris]:
    """A desk with text-like clutter and noise, a box held askew when it has a code."""
    hasard = np.random.default_rng(11)
    symbole = np.array(zxingcpp.create_barcode(
        BOITE[3:], zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=4))
    suite = []
    for _ in range(TRAMES):
        fond = np.full((HAUTEUR, LARGEUR), 170.0)
        for _ in range(60):  # lines of print
            y, x = int(hasard.integers(0, HAUTEUR - 12)), int(hasard.integers(0, LARGEUR - 200))
            fond[y:y + 8, x:x + int(hasard.integers(40, 200)):3] = 60
        image = Image.fromarray(fond.astype(np.uint8))
        if avec_code:
            etiquette = Image.fromarray(np.pad(symbole, 40, constant_values=235))
            tournee = etiquette.rotate(float(hasard.uniform(-15, 15)), Image.Resampling.BICUBIC,
                                       expand=True, fillcolor=235)
            image.paste(tournee, (int(hasard.integers(50, 900)), int(hasard.integers(50, 400))))
        bruit = hasard.normal(0, 6, (HAUTEUR, LARGEUR))
        suite.append(np.clip(np.asarray(image, np.float64) + bruit, 0, 255).astype(np.uint8))
    return suite


def _durees(lire: Callable[[Gris], int], suite: list[Gris]) -> tuple[list[float], int]:
    durees, lus = [], 0
    for trame in suite:
        debut = time.perf_counter()
        lus += lire(trame) > 0
        durees.append((time.perf_counter() - debut) * 1000)
    return durees, lus


def _dmtx(trame: Gris) -> int:
    from pylibdmtx import pylibdmtx

    return len(pylibdmtx.decode(trame, max_count=1, timeout=DMTX_MS))


def mesurer() -> dict[str, float]:
    """Milliseconds a frame, and how many of the frames with a code were read."""
    avec, sans = trames(True), trames(False)
    lecteur = LecteurFlux()
    lecture, lus = _durees(lambda t: len(lecteur.image(t)), avec)
    vide, faux = _durees(lambda t: len(lecteur.image(t)), sans)
    dmtx, dmtx_lus = _durees(_dmtx, avec[:6])
    return {
        "scan_trame_mediane_ms": round(statistics.median(lecture), 1),
        "scan_trames_lues_pct": round(100 * lus / len(avec), 1),
        "scan_sans_code_moyenne_ms": round(statistics.fmean(vide), 1),
        "scan_faux": faux,
        "scan_pylibdmtx_mediane_ms": round(statistics.median(dmtx), 1),
        "scan_pylibdmtx_lues_pct": round(100 * dmtx_lus / 6, 1)}
