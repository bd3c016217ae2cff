"""`pleiade` without a command: the window on the practice's own file."""

import argparse
import os
import sys


def sans_ecran() -> bool:
    """True when no window can be shown here (Qt would abort the process)."""
    if sys.platform in ("win32", "darwin"):
        return False
    return not any(os.environ.get(nom) for nom in
                   ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(args: argparse.Namespace) -> int:
    """Open the window."""
    import gc

    del args
    if sans_ecran():
        print("Aucun écran ici : Pléiade ouvre une fenêtre. Essayez « pleiade demo --visite "
              "captures ».", file=sys.stderr)
        return 1
    gc.disable()  # imports fill the collector for nothing: 0.1 s; `fluidite.menager` resumes it
    from app.store.places import emplacement_par_defaut
    from app.ui.lancer import OptionsFenetre, lancer

    return lancer(OptionsFenetre(emplacement=emplacement_par_defaut()))
