"""The non-regression matrix of a version (MIN.UPG.01), from the scenarios that were just played.

    python packaging/matrice.py PREUVES VERS [--adopter]

PREUVES is the folder that `PLEIADE_PREUVES=PREUVES pytest tests/scenarios` left. VERS receives
`matrice.json`, `matrice.csv` and `matrice.html`. The matrix is compared with the committed one of
the version before (`packaging/matrice.json`): a requirement that was proved and isn't any more
makes the run fail. `--adopter` puts the new one in its place, when nothing was lost.
"""

import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

RACINE = Path(__file__).resolve().parents[1]
REFERENCE = RACINE / "packaging" / "matrice.json"


def _git(*ordre: str) -> str | None:
    """What git says, None out of a repository (the sources of a version)."""
    fait = subprocess.run(["git", *ordre], cwd=RACINE, check=False, text=True, capture_output=True)
    return fait.stdout.strip() if fait.returncode == 0 else None


def main(arguments: list[str]) -> int:
    """Write, compare, say; 1 when a requirement was lost."""
    sys.path.insert(0, str(RACINE))
    from app import __version__
    from app.cli import preuves, preuves_inventaire, preuves_matrice, preuves_table

    adopter = "--adopter" in arguments
    preuves_joues, vers = (Path(a) for a in arguments if a != "--adopter")
    vers.mkdir(parents=True, exist_ok=True)
    exigences = (preuves_inventaire.lire_exigences(preuves.EXIGENCES)
                 if preuves.EXIGENCES.exists() else [])
    matrice = preuves_matrice.dresser(
        __version__, exigences,
        preuves_inventaire.lire_scenarios(preuves.SCENARIOS, RACINE),
        preuves_table.lire_resultats(preuves_joues))
    avant = preuves_matrice.lire(REFERENCE)
    table = preuves_matrice.lignes(matrice, exigences)
    preuves_matrice.ecrire(matrice, vers / "matrice.json")
    preuves_table.ecrire_csv(table, vers / "matrice.csv")
    preuves_table.ecrire_page(
        table, vers / "matrice.html", f"Matrice de non-régression de la version {__version__}, "
        f"jouée le {datetime.now().astimezone():%d/%m/%Y à %H:%M}", lien_csv="matrice.csv")
    # A version joins the matrix of its own commit only (livraison.sh).
    (vers / "matrice.commit").unlink(missing_ok=True)
    if _git("status", "--porcelain", "--untracked-files=no") == "":
        (vers / "matrice.commit").write_text(f"{_git('rev-parse', 'HEAD')}\n", encoding="utf-8")
    perdues = preuves_matrice.regressions(avant, matrice)
    prouvees = sum(matrice.prouvee(e) for e in matrice.exigences)
    print(f"Matrice : {prouvees} exigences prouvées ({sum(map(avant.prouvee, avant.exigences))} "
          f"dans la référence), {vers / 'matrice.html'}")
    for gagnee in preuves_matrice.gagnees(avant, matrice):
        print(f"Nouvelle : {gagnee}")
    for perdue in perdues:
        print(f"Régression : {perdue}", file=sys.stderr)
    if adopter and not perdues:
        shutil.copyfile(vers / "matrice.json", REFERENCE)
    return 1 if perdues else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
