"""The figures of `pleiade bench` that only the window knows."""

import os
import time
from pathlib import Path

from PySide6.QtCore import QTimer

from app.ui.controllers.application import Application


def mesurer(application: Application) -> None:
    """For `pleiade bench`: say on stdout when the window was painted and usable, then close.

    With a password in the environment the figure is that of the first page of the file.
    """
    mot_de_passe = os.environ.get("PLEIADE_MESURE_MOT_DE_PASSE", "")

    def dire() -> None:
        application.fenetre.repaint()
        memoire = 0
        statut = Path("/proc/self/status")
        if statut.exists():
            lignes = statut.read_text().splitlines()
            memoire = next(int(x.split()[1]) for x in lignes if x.startswith("VmRSS:")) // 1024
        print(f"peint={time.monotonic()} memoire_mo={memoire}", flush=True)
        QTimer.singleShot(0, application.fermer)

    if mot_de_passe:
        application.pret.connect(lambda: QTimer.singleShot(0, dire))
        application.acces.ouvrir(mot_de_passe)
    else:
        QTimer.singleShot(0, dire)
