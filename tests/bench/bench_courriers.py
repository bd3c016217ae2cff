"""The preview of a letter while it is typed."""

import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

ESSAIS = 15
#: Width of the preview, in pixels.
LARGEUR = 600


def mesurer() -> dict[str, Any]:
    """`courrier_apercu_ms`: the text on screen -> the PDF that would be sent, its first page drawn,
    by the worker process, the text another at each try. To it comes `courrier_apercu_attente_ms`,
    the longest that the editor waits after a key (PDF and page are never those of a former try)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.domain.identity import Traits
    from app.domain.patient import Contact
    from app.domain.people import Professionnel, Structure
    from app.ui.controllers.visionneuse import image_page, tailles
    from app.ui.views.courrier import APERCU_MS
    from app.ui.workers import Workers
    from app.usecases import access, brouillons, patients, produce

    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    workers = Workers()
    workers.prechauffer()
    with tempfile.TemporaryDirectory() as dossier:
        ctx = access.creer_cabinet(Path(dossier) / "cabinet.pleiade", access.DemandeCabinet(
            structure=Structure("499700000016001", "Cabinet fictif", commune="LYON"),
            professionnel=Professionnel("899700000016", "MOREAU", "Claire", civilite="MME"),
            mot_de_passe="Cabinet-fictif-2026!", profils=("IDE",))).contexte
        ctx.lourd = workers.processus
        creation = patients.creer_patient(
            ctx, Traits("ADRUN", "ZOE", "1975-12-31", "F", "63220"),
            Contact("1 rue Haute", "63420", "Mazoires"))
        assert creation.patient is not None
        brouillon = brouillons.nouveau_brouillon(ctx, creation.patient.id, "fiche-suivi-soins")
        temps = []
        for essai in range(ESSAIS + 1):
            texte = "\n\n".join(f"Paragraphe {n}, essai {essai}. " + "La plaie est propre. " * 12
                                for n in range(8))
            debut = time.perf_counter()
            pdf = produce.apercu(ctx, replace(brouillon, texte=texte))
            assert tailles(ctx, pdf)
            assert not image_page(ctx, pdf, 0, LARGEUR).isNull()
            if essai:  # the first one loads the libraries of the process
                temps.append((time.perf_counter() - debut) * 1000)
        ctx.fermer()
    workers.fermer()
    return {"courrier_apercu_ms": round(statistics.median(temps), 1),
            "courrier_apercu_max_ms": round(max(temps), 1),
            "courrier_apercu_attente_ms": APERCU_MS}
