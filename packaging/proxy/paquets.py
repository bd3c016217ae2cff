"""Print the part of the lock that the Proxy e-santé needs, hashes included.

Usage: packaging/proxy/paquets.py requirements/runtime.txt
"""

import re
import sys
from pathlib import Path

#: What `app/proxy` imports; what these need follows from the « via » comments of the lock.
RACINES = {"starlette", "uvicorn", "httptools", "httpx", "authlib", "joserfc", "cryptography"}


def blocs(verrou: str) -> dict[str, tuple[str, set[str]]]:
    """Package -> its lines, and the packages that ask for it."""
    trouves = {}
    for bloc in re.split(r"\n(?=[A-Za-z0-9])", verrou):
        nom = re.match(r"[A-Za-z0-9._-]+", bloc)
        if nom is None or "==" not in bloc:
            continue
        demandeurs = set(re.findall(r"^    #(?: via)?\s+([A-Za-z0-9._-]+)", bloc, re.M))
        trouves[nom[0].lower()] = (bloc, demandeurs)
    return trouves


def main() -> None:
    """Write the chosen part on the standard output."""
    tous = blocs(Path(sys.argv[1]).read_text(encoding="utf-8"))
    gardes = set(RACINES)
    while True:
        suivants = {nom for nom, (_, demandeurs) in tous.items() if demandeurs & gardes} | gardes
        if suivants == gardes:
            break
        gardes = suivants
    absents = RACINES - set(tous)
    if absents:
        sys.exit(f"Absents du verrou : {', '.join(sorted(absents))}")
    for nom in sorted(gardes):
        print(tous[nom][0])


if __name__ == "__main__":
    main()
