"""`pleiade proxy --config FICHIER`: the Proxy e-santé."""

import argparse
import sys
from pathlib import Path


def declare(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--config", required=True, type=Path, metavar="FICHIER",
                        help="configuration TOML (voir docs/proxy.md)")
    parser.add_argument("--verifier", action="store_true",
                        help="vérifie la configuration sans démarrer le serveur")


def run(args: argparse.Namespace) -> int:
    """Serve until asked to stop; prints `{"url": …}` on a line of its own when ready."""
    from app.proxy.config import ErreurConfiguration, lire
    from app.proxy.serveur import servir

    try:
        config = lire(args.config)
        if args.verifier:
            from app.proxy.app import creer
            from app.proxy.tls import server_context
            server_context(config.proxy.certificat, config.proxy.cle, config.proxy.ca_clients,
                           config.proxy.crl_clients)
            creer(config).context.traces.close()
            print("Configuration correcte.")
            return 0
        servir(config)
    except ErreurConfiguration as exc:
        print(exc, file=sys.stderr)
        return 2
    except (OSError, ValueError) as exc:
        print(f"Certificat, clé ou autorité inutilisable : {exc}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0
