"""Judge again, alone, the few tests that failed while two workers shared the machine.

    python packaging/rejouer.py CACHE [FICHIER…]

CACHE is the pytest cache of the run that failed; FICHIER are test files that failed in a process
of their own. A fault of the program fails here too: each test must pass three times out of three,
by itself, and more than a few failures aren't looked at. What passes is named « instable » and is
a defect of the test to mend: it depends on the speed of the machine.
"""

import json
import subprocess
import sys
from pathlib import Path

#: More failures than this are not the machine's.
AU_PLUS = 3
FOIS = 3


def echecs(cache: Path) -> list[str]:
    """Node ids that the last run of this cache left failed."""
    liste = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(liste.read_text(encoding="utf-8"))) if liste.exists() else []


def passe(test: str) -> bool:
    """Whether one test, or one file, passes every time."""
    return all(subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        check=False).returncode == 0 for _ in range(FOIS))


def main(arguments: list[str]) -> int:
    """1 unless every failed test passes alone."""
    tests = [*echecs(Path(arguments[0])), *arguments[1:]]
    if not tests or len(tests) > AU_PLUS:
        print(f"{len(tests)} échecs : rien n’est rejoué.", file=sys.stderr)
        return 1
    vrais = [t for t in tests if not passe(t)]
    for test in tests:
        print(f"{'Échec' if test in vrais else 'Instable, à corriger'} : {test}", file=sys.stderr)
    return 1 if vrais else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
