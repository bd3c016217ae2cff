"""`pleiade demo`: the window on a throw-away file, with the bac à sable and the proxy.

`--visite DOSSIER` plays the main job by itself, with or without a screen, and leaves numbered
captures, the documents and a log.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.cli.serveurs import BacASable
    from app.ui.lancer import OptionsFenetre

#: Password of the throw-away file: it protects nothing and is shown to the user.
MOT_DE_PASSE = "Démonstration du matin, 2026"


def declare(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--visite", metavar="DOSSIER", type=Path,
                        help="joue seule la visite guidée et laisse ses captures dans DOSSIER")
    parser.add_argument("--navigateur", action="store_true",
                        help="ouvre la vraie page de connexion (le certificat du bac à sable "
                             "n’est pas connu du navigateur)")
    parser.add_argument("--taille", default="1366x768", metavar="LxH",
                        help="taille de la fenêtre de la visite (1366x768)")


def run(args: argparse.Namespace) -> int:
    """Start everything, open the window, clean up."""
    from app.cli.fenetre import sans_ecran

    if args.visite is None and sans_ecran():
        print("Aucun écran ici : essayez « pleiade demo --visite captures ».", file=sys.stderr)
        return 1
    if args.visite is not None:
        args.visite.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as pile:
        if args.visite is not None and sans_ecran():
            pile.enter_context(ecran_virtuel())
        return _montrer(args)


def _montrer(args: argparse.Namespace) -> int:
    from app.cli.demo_donnees import creer_dossier_demo
    from app.cli.serveurs import ServeurMuet, bac_a_sable
    from app.devices.apcv import ApcvBacASable
    from app.devices.logicielle import LecteurLogiciel

    with tempfile.TemporaryDirectory(prefix="pleiade-demo-") as dossier:
        try:
            with bac_a_sable(Path(dossier) / "bac") as bac:
                emplacement = Path(dossier) / "cabinet.pleiade"
                creer_dossier_demo(emplacement, MOT_DE_PASSE, bac.reglages_services)
                from app.cli.serveurs import NavigateurSimule
                from app.ui.lancer import OptionsFenetre, lancer

                options = OptionsFenetre(
                    emplacement=emplacement, demonstration=True, mot_de_passe_demo=MOT_DE_PASSE,
                    lecteur=LecteurLogiciel(bac.controle), apcv=ApcvBacASable(bac.controle),
                    ouvrir_url=None if args.navigateur else NavigateurSimule(bac).ouvrir)
                if args.visite is None:
                    print(f"Mot de passe du dossier de démonstration : {MOT_DE_PASSE}")
                    print(f"Cartes Vitale et pannes du bac à sable : {bac.controle}/")
                    return lancer(options)
                return _visiter(options, bac, args.visite, args.taille)
        except ServeurMuet as erreur:
            print(erreur, file=sys.stderr)
            return 1


@contextlib.contextmanager
def ecran_virtuel() -> Iterator[None]:
    """A virtual screen (Xvfb) for the time of the block; Qt's own without Xvfb.

    Qt's off-screen platform pretends a screen of 800 x 800: menus and dialogs land elsewhere.
    """
    binaire = shutil.which("Xvfb")
    if binaire is None or os.environ.get("QT_QPA_PLATFORM"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        yield
        return
    lecture, ecriture = os.pipe()
    processus = subprocess.Popen(  # noqa: S603 - found by its name, words of ours
        [binaire, "-displayfd", str(ecriture), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"],
        pass_fds=[ecriture], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(ecriture)
    with os.fdopen(lecture) as tuyau:
        os.environ["DISPLAY"] = f":{tuyau.readline().strip()}"
    try:
        yield
    finally:
        del os.environ["DISPLAY"]
        processus.terminate()
        processus.wait(5)


def _visiter(options: "OptionsFenetre", bac: "BacASable", dossier: Path, taille: str) -> int:
    from app.cli.visite import Visite

    largeur, hauteur = (int(n) for n in taille.split("x"))
    visite = Visite(options, bac, dossier, (largeur, hauteur))
    code = visite.jouer()
    if code == 0:
        print(f"Visite terminée : {visite.nombre} captures dans {dossier}")
    else:
        print(f"La visite s’est arrêtée : voyez {dossier / 'visite.log'}", file=sys.stderr)
    return code
