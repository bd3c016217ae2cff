"""`pleiade bench`: the performance figures, as JSON.

The benches live in `tests/bench` of the checkout: they need its generator of fictive patients.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

RACINE = Path(__file__).parents[2]
#: name on the command line -> (module of tests.bench, function). Each returns a dict of figures.
BENCHES: dict[str, tuple[str, str]] = {
    "demarrage": ("bench_demarrage", "mesurer"),
    "store": ("bench_store", "mesurer"),
    "deverrouillage": ("bench_store", "mesurer_deverrouillage"),
    "sauvegarde": ("bench_sauvegarde", "mesurer"),
    "ouverture": ("bench_fenetre", "mesurer_ouverture"),
    "blocage": ("bench_fenetre", "mesurer_blocage"),
    "liste": ("bench_fenetre", "mesurer_liste"),
    "documents": ("bench_documents", "mesurer"),
    "visionneuse": ("bench_visionneuse", "mesurer"),
    "courriers": ("bench_courriers", "mesurer"),
    "scan": ("bench_scan", "mesurer"),
    "identite": ("bench_identite", "mesurer"),
    "carte": ("bench_carte", "mesurer"),
    "proxy": ("bench_proxy", "mesurer"),
    "postes": ("bench_postes", "mesurer"),
}


def declare(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("noms", nargs="*", metavar="MESURE", help=", ".join(BENCHES))
    parser.add_argument("--patients", type=int, default=100_000,
                        help="patients de la mesure « store » (100000)")
    parser.add_argument("--json", action="store_true", help="sans effet : la sortie est du JSON")


def run(args: argparse.Namespace) -> int:
    """Run the benches asked for (all by default) and print one JSON object."""
    if not (RACINE / "tests" / "bench").is_dir():
        print("Les mesures demandent le dépôt complet (dossier tests/bench).", file=sys.stderr)
        return 1
    inconnus = sorted(set(args.noms) - set(BENCHES))
    if inconnus:
        print(f"Mesure inconnue : {', '.join(inconnus)}. Connues : {', '.join(BENCHES)}.",
              file=sys.stderr)
        return 2
    sys.path.insert(0, str(RACINE))
    chiffres: dict[str, Any] = {}
    for nom in args.noms or BENCHES:
        module, fonction = BENCHES[nom]
        if not (RACINE / "tests" / "bench" / f"{module}.py").exists():
            continue
        print(f"Mesure « {nom} »…", file=sys.stderr)
        mesurer = getattr(importlib.import_module(f"tests.bench.{module}"), fonction)
        chiffres |= mesurer(patients=args.patients) if nom == "store" else mesurer()
    print(json.dumps(chiffres, ensure_ascii=False, indent=2))
    return 0
