"""`pleiade bac-a-sable`: the doubles of the national services, until the command is stopped."""

import argparse
import json
import signal
import sys
from pathlib import Path

from platformdirs import user_cache_dir


def declare(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--dossier", type=Path, metavar="DIR",
                        help="dossier de la PKI et de proxy.toml (conservé d’une fois à l’autre)")
    parser.add_argument("--port-controle", type=int, default=0, metavar="N",
                        help="port de l’API de contrôle (libre par défaut)")
    parser.add_argument("--port-proxy", type=int, default=0, metavar="N",
                        help="port du Proxy e-santé à écrire dans proxy.toml")


def run(args: argparse.Namespace) -> int:
    """Serve; one JSON line on stdout tells where, when everything answers."""
    from app.sandbox.serveur import BacASable

    dossier = args.dossier or Path(user_cache_dir("pleiade", appauthor=False)) / "bac-a-sable"
    try:
        bac = BacASable(dossier.resolve(), port_controle=args.port_controle,
                        port_proxy=args.port_proxy)
    except OSError as e:
        print(f"Le bac à sable ne peut pas démarrer : {e.strerror or e}", file=sys.stderr)
        return 1
    for numero in (signal.SIGINT, signal.SIGTERM):
        signal.signal(numero, lambda *_: bac.arreter())
    bac.lancer(lambda: print(json.dumps(bac.infos, ensure_ascii=False), flush=True))
    return 0
