"""A backup while the nurse works: how long, how it holds the window and the writes."""

import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

PATIENTS = 100_000


def mesurer() -> dict[str, Any]:
    """`sauvegarde_s` of a file of 100,000 patients, verified; meanwhile the largest gap of the
    event loop, idle deducted, and the longest write."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from app.ui.fluidite import menager
    from app.ui.workers import Workers
    from app.usecases import access, backup
    from tests.bench.bench_fenetre import Coeur
    from tests.bench.population import creer_dossier

    application = QApplication.instance() or QApplication([])
    menager()
    with tempfile.TemporaryDirectory(prefix="pleiade-bench-") as nom:
        fichier = Path(nom) / "cabinet.pleiade"
        ctx = access.deverrouiller(fichier, creer_dossier(fichier, PATIENTS))
        workers, coeur = Workers(), Coeur()
        coeur.compter(lambda: False, 1.0)
        repos = coeur.compter(lambda: False, 1.0)
        faites: list[float] = []
        ecritures: list[float] = []
        debut = time.perf_counter()

        def ecrire() -> None:
            while not faites:
                avant = time.perf_counter()
                with ctx.store.ecriture() as u:
                    u.reglages.ecrire("mesure", len(ecritures))
                ecritures.append((time.perf_counter() - avant) * 1000)
                time.sleep(0.02)

        fil = threading.Thread(target=ecrire)
        workers.submit(backup.sauvegarder, ctx,
                       on_done=lambda _: faites.append(time.perf_counter() - debut))
        fil.start()
        gene = coeur.compter(lambda: bool(faites), 120)
        fil.join()
        workers.fermer()
        ctx.fermer()
    del application
    return {"sauvegarde_s": round(faites[0], 1),
            "sauvegarde_blocage_max_ms": round(gene - repos, 1),
            "sauvegarde_blocage_repos_ms": round(repos, 1),
            "sauvegarde_ecriture_max_ms": round(max(ecritures), 1)}
