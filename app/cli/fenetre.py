"""`pleiade` without a command: the window on the practice's own file."""

import argparse
import os
from pathlib import Path


def emplacement_par_defaut() -> Path | str:
    """Where the patient file is: PLEIADE_DOSSIER (path or PostgreSQL URL), else the user's data."""
    voulu = os.environ.get("PLEIADE_DOSSIER")
    if voulu:
        return voulu if voulu.startswith("postgresql") else Path(voulu)
    from platformdirs import user_data_path

    return user_data_path("Pleiade", appauthor=False) / "cabinet.pleiade"


def run(args: argparse.Namespace) -> int:
    """Open the window."""
    del args
    from app.ui.lancer import OptionsFenetre, lancer

    return lancer(OptionsFenetre(emplacement=emplacement_par_defaut()))
