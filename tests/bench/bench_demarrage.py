"""Process start -> window painted and usable.

Two figures: the unlock screen (the password may be typed) and, with the throw-away password given
by the bench, the day's tournée of a file of 100,000 patients (Argon2id included).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ESSAIS = 5


def _un_demarrage(emplacement: Path, mot_de_passe: str) -> tuple[float, float]:
    """Start the program once; (seconds until painted, resident megabytes at that time)."""
    env = os.environ | {"PLEIADE_DOSSIER": str(emplacement), "PLEIADE_MESURE": "1",
                        "PLEIADE_MESURE_MOT_DE_PASSE": mot_de_passe,
                        "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    debut = time.monotonic()
    sortie = subprocess.run([sys.executable, "-m", "app"], env=env, capture_output=True, text=True,
                            timeout=60, check=True).stdout
    champs = dict(mot.split("=") for mot in sortie.split() if "=" in mot)
    return float(champs["peint"]) - debut, float(champs["memoire_mo"])


def mesurer() -> dict[str, Any]:
    """Median of warm starts."""
    from tests.bench.population import creer_dossier

    with tempfile.TemporaryDirectory(prefix="pleiade-bench-") as dossier:
        emplacement = Path(dossier) / "cabinet.pleiade"
        mot_de_passe = creer_dossier(emplacement, 100_000)
        _un_demarrage(emplacement, "")
        verrou = [_un_demarrage(emplacement, "") for _ in range(ESSAIS)]
        tournee = [_un_demarrage(emplacement, mot_de_passe) for _ in range(ESSAIS)]
    return {"demarrage_s": round(statistics.median(t for t, _ in verrou), 3),
            "demarrage_tournee_s": round(statistics.median(t for t, _ in tournee), 3),
            "memoire_mo": round(max(m for _, m in tournee), 1)}
