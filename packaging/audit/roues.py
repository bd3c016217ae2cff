"""Prove that every locked package exists, ready to install, on the platforms of Pléiade.

    python packaging/audit/roues.py      (part of `make verrou`: asks the index, through uv)

Nothing is compiled on a workstation (design §13). What was proved is written in `roues.json` with
the digest of the lock: a test, offline, refuses a lock that nobody proved. A version withdrawn by
its authors (yanked) is refused too.
"""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ICI = Path(__file__).parent
RACINE = ICI.parents[1]
VERROU, PREUVE = RACINE / "requirements" / "runtime.txt", ICI / "roues.json"
#: Name for uv of the oldest systems: Windows 10, Debian 12 (glibc 2.36).
PLATEFORMES = {"windows": "x86_64-pc-windows-msvc", "linux": "x86_64-manylinux_2_36"}
#: Package -> platforms where its sources are compiled by the set-up, with what Debian provides.
SOURCES = {"pyscard": {"linux"}}


def empreinte(verrou: Path = VERROU) -> str:
    """SHA-256 of the lock."""
    return sha256(verrou.read_bytes()).hexdigest()


def noms(verrou: Path = VERROU) -> list[str]:
    """Packages of the lock."""
    return [ligne.partition("==")[0].partition("[")[0].strip()
            for ligne in verrou.read_text(encoding="utf-8").splitlines()
            if "==" in ligne and not ligne.startswith((" ", "#"))]


def eprouver(plateforme: str) -> str:
    """Resolve the lock for a platform, wheels only; "" or what is wrong."""
    commande = ["uv", "pip", "compile", str(VERROU), "--no-deps", "--no-annotate", "--no-header",
                "--python-version", "3.11", "--python-platform", PLATEFORMES[plateforme]]
    for nom in noms():
        if plateforme not in SOURCES.get(nom, set()):
            commande += ["--only-binary", nom]
    fait = subprocess.run(commande, cwd=RACINE, check=False, text=True, capture_output=True)
    retirees = [x for x in fait.stderr.splitlines() if "yanked" in x.lower()]
    return "\n".join(retirees) if fait.returncode == 0 else fait.stderr


def main() -> int:
    """Prove both platforms and write it; 1 when one lacks something."""
    for plateforme in PLATEFORMES:
        if faute := eprouver(plateforme):
            print(f"{plateforme} : {faute}", file=sys.stderr)
            return 1
    PREUVE.write_text(json.dumps({
        "verrou": empreinte(), "plateformes": PLATEFORMES, "paquets": len(noms()),
        "sources": {nom: sorted(ou) for nom, ou in SOURCES.items()}}, indent=1) + "\n",
        encoding="utf-8")
    print(f"{len(noms())} paquets prêts à installer : {', '.join(PLATEFORMES)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
