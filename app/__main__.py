"""The command line (design §10). Without a command it opens the window.

Each command lives in a module of `app.cli` with two functions: `declare(parser)` adds its options,
`run(args) -> int` does the work and returns the exit code (0 done, 1 refused, 2 usage, 130
interrupted, 141 nobody reads any more). Modules are imported only when their command is asked for:
the window must start fast.
"""

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence

from app import __version__
from app.cli.francais import parler_francais
from app.protection import (
    proteger_echanges,
    proteger_fichiers,
    proteger_memoire,
    proteger_messages,
)

#: Exit codes of a command stopped by Ctrl+C (128 + SIGINT), or whose reader went away (SIGPIPE).
INTERROMPU, COUPE = 130, 141

#: command -> (module of app.cli, French help line)
COMMANDES: dict[str, tuple[str, str]] = {
    "demo": ("demo", "la fenêtre sur un dossier jetable, avec le bac à sable"),
    "bac-a-sable": ("bac_a_sable", "démarre les doubles des services nationaux"),
    "proxy": ("proxy", "démarre le Proxy e-santé"),
    "lire": ("lire", "lit un CDA, une archive XDM ou un PDF"),
    "produire": ("produire", "produit des documents : CDA, PDF/A, XDM"),
    "scanner": ("scanner", "lit un code GS1 ou un datamatrix INS"),
    "verifier": ("verifier", "vérifie un dossier : chiffrement, journal, documents"),
    "verifier-livraison": ("verifier_livraison",
                           "vérifie qu’une version téléchargée est de l’éditeur"),
    "sauvegarder": ("sauvegarder", "fait une sauvegarde chiffrée et vérifiée du cabinet"),
    "restaurer": ("restaurer", "restaure un cabinet depuis une sauvegarde"),
    "cles": ("cles", "change la clé du dossier, la clé de secours, l’ouverture par le poste"),
    "exporter": ("exporter", "remet le dossier d’un patient, ou tout le cabinet"),
    "exporter-traces": ("exporter_traces", "exporte le journal des accès en CSV"),
    "comptes": ("comptes", "liste, ajoute et retire les comptes, change les mots de passe"),
    "ins": ("ins", "règles de l’identité nationale de santé"),
    "preuves": ("preuves", "joue les scénarios et écrit les preuves de conformité"),
    "bench": ("bench", "mesure les performances, en JSON"),
}


def parser(commande: str | None = None) -> argparse.ArgumentParser:
    """Build the parser; only the options of `commande` are declared."""
    racine = argparse.ArgumentParser(
        prog="pleiade", description="Pléiade, logiciel de gestion de cabinet.",
        epilog="Sans commande, ouvre la fenêtre sur le dossier du cabinet.")
    racine.add_argument("--version", action="version", version=f"Pléiade {__version__}")
    sous = racine.add_subparsers(dest="commande", metavar="COMMANDE")
    for nom, (module, aide) in COMMANDES.items():
        fils = sous.add_parser(nom, help=aide, description=aide)
        if nom == commande:
            importlib.import_module(f"app.cli.{module}").declare(fils)
    return racine


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    if argv is None:  # the process is ours alone
        proteger_memoire()
        proteger_fichiers()
        proteger_echanges()
        proteger_messages()
    parler_francais()
    mots = list(sys.argv[1:] if argv is None else argv)
    try:
        try:
            return _executer(mots)
        finally:  # also after --help, which leaves by an exception
            if sys.stdout is not None:  # a window has none
                sys.stdout.flush()
    except KeyboardInterrupt:
        return _interrompue()
    except BrokenPipeError:
        return _plus_lue()


def _executer(mots: list[str]) -> int:
    commande = next((mot for mot in mots if mot in COMMANDES), None)
    args = parser(commande).parse_args(mots)
    module = "fenetre" if args.commande is None else COMMANDES[args.commande][0]
    return int(importlib.import_module(f"app.cli.{module}").run(args))


def _interrompue() -> int:
    """Ctrl+C: what was being written is left as every command leaves it when it fails."""
    with contextlib.suppress(OSError):
        print("\nInterrompu. Ce qui n’était pas terminé n’a pas été gardé.", file=sys.stderr)
    return INTERROMPU


def _plus_lue() -> int:
    """Who reads has closed the pipe (`| head`): nothing more to say, to anybody."""
    # Python flushes at its end: into nothing, else it complains on the screen.
    nulle = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nulle, sys.stdout.fileno())
    return COUPE


if __name__ == "__main__":
    sys.exit(main())
