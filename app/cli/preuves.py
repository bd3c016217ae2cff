"""`pleiade preuves [ID…] --vers DOSSIER`: play the scenarios, write the evidence (design §12).

The scenarios are tests of the checkout that drive the real window against the bac à sable; an
installed program doesn't carry them, and says so.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from app.cli import preuves_inventaire as inventaire
from app.cli import preuves_table as tables
from app.cli.sortie import json_sur_sortie, message, texte_sur_sortie

RACINE = Path(__file__).parents[2]
SCENARIOS = RACINE / "tests" / "scenarios"
#: What pytest says of a file that it can't load.
_NON_CHARGE = re.compile(r"^ERROR (\S+\.py)(?:::\S+)?(?: - .*)?$", re.MULTILINE)
#: The requirements lie beside the checkout, with the rest of the reference material.
EXIGENCES = RACINE.parent / "shared" / "spec" / "exigences.csv"


def declare(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("ids", nargs="*", metavar="ID",
                        help="exigences à prouver, « SC.INS* » accepté (toutes par défaut)")
    parser.add_argument("--vers", metavar="DOSSIER", type=Path,
                        help="dossier des captures, des fichiers et du tableau")
    parser.add_argument("--liste", action="store_true",
                        help="dit quelles exigences ont un scénario, sans rien jouer")
    parser.add_argument("--exigences", metavar="CSV", type=Path,
                        help="liste des exigences (celle du dossier de référence par défaut)")
    parser.add_argument("--processus", type=int, default=1, metavar="N",
                        help="scénarios joués en même temps (1)")
    parser.add_argument("--json", action="store_true", help="répond en JSON")


def run(args: argparse.Namespace) -> int:
    """List or play; 1 when a requirement asked for isn't proved, 2 for a wrong use."""
    if not SCENARIOS.is_dir():
        message("Les scénarios ne sont pas livrés avec le programme installé : lancez cette "
                "commande depuis le dépôt du logiciel (dossier tests/scenarios).")
        return 1
    try:
        exigences = _exigences(args.exigences)
    except (OSError, KeyError, UnicodeDecodeError):
        message(f"{args.exigences} : cette liste d’exigences ne peut pas être lue.")
        return 2
    scenarios = inventaire.lire_scenarios(SCENARIOS, RACINE)
    connues = {e.id: e for e in exigences}
    for identifiant in (i for s in scenarios for i in s.exigences):
        connues.setdefault(identifiant, inventaire.Exigence(identifiant))
    choisies, vains = inventaire.choisir(args.ids or ["*"], connues)
    if vains:
        message(f"Exigence inconnue : {', '.join(vains)}.")
        return 2
    voulues = [connues[i] for i in choisies]
    illisibles = inventaire.fichiers_illisibles(SCENARIOS, RACINE)
    if args.liste:
        return _lister(voulues, scenarios, args.json)
    if args.vers is None:
        message("Dites où écrire les preuves : --vers DOSSIER (ou --liste pour la couverture).")
        return 2
    if importlib.util.find_spec("pytest") is None:
        message("Les scénarios demandent les outils de test : lancez d’abord « make setup ».")
        return 1
    return _jouer(args, voulues, scenarios, illisibles)


def _exigences(chemin: Path | None) -> list[inventaire.Exigence]:
    if chemin is None and not EXIGENCES.exists():
        return []  # the checkout alone: what the scenarios carry is the list
    return inventaire.lire_exigences(chemin or EXIGENCES)


def _lister(voulues: list[inventaire.Exigence], scenarios: list[inventaire.Scenario],
            en_json: bool) -> int:
    """Coverage: requirement and its scenarios."""
    couverture = [{"exigence": e.id, "chapitre": e.chapitre,
                   "scenarios": [s.noeud for s in scenarios if e.id in s.exigences]}
                  for e in voulues]
    if en_json:
        json_sur_sortie(couverture)
        return 0
    for ligne in couverture:
        texte_sur_sortie(f"{ligne['exigence']:<22}  "
                         + (", ".join(s.rsplit("/", 1)[-1] for s in ligne["scenarios"]) or "–"))
    avec = sum(1 for ligne in couverture if ligne["scenarios"])
    message(f"Exigences qui ont un scénario : {avec} sur {len(couverture)}.")
    return 0


def _jouer(args: argparse.Namespace, voulues: list[inventaire.Exigence],
           scenarios: list[inventaire.Scenario], illisibles: Sequence[Path]) -> int:
    dossier: Path = args.vers.resolve()
    try:
        dossier.mkdir(parents=True, exist_ok=True)
        (dossier / tables.ATTESTATIONS).mkdir(exist_ok=True)
        (dossier / tables.RESULTATS).unlink(missing_ok=True)
    except OSError:
        message(f"{args.vers} : ce dossier ne peut pas être écrit.")
        return 2
    ids = {e.id for e in voulues}
    a_jouer = [s for s in scenarios if ids & set(s.exigences)]
    non_charges = [f.as_posix() for f in illisibles]
    if a_jouer:
        message(f"Scénarios à jouer : {len(a_jouer)}…")
        try:
            non_charges += _ecarter(a_jouer, dossier)
            _pytest([s.noeud for s in a_jouer if s.fichier.as_posix() not in non_charges], dossier,
                    args.processus)
        except KeyboardInterrupt:
            message("Interrompu : le tableau dit ce qui a été joué.")
    table = tables.lignes(voulues, tables.lire_resultats(dossier), dossier)
    tables.ecrire_csv(table, dossier / "exigences.csv")
    quand = f"Scénarios joués le {datetime.now().astimezone():%d/%m/%Y à %H:%M}"
    tables.ecrire_page(table, dossier / "index.html", quand)
    return _rendre_compte(args, table, tables.trop_lourdes(dossier), non_charges)


def _ecarter(scenarios: Sequence[inventaire.Scenario], dossier: Path) -> list[str]:
    """Files that can't be loaded: their scenarios are failures, the others are played.

    Asked beforehand, because one of them stops pytest before the first test.
    """
    fichiers = sorted({s.fichier.as_posix() for s in scenarios})
    code, dit = _lancer(["--collect-only", *fichiers], dossier / "chargement.txt")
    fautifs = sorted(set(_NON_CHARGE.findall(dit)) & set(fichiers))
    if code not in (0, 5) and not fautifs:
        fautifs = fichiers  # what they share (conftest.py) can't be loaded
    with (dossier / tables.RESULTATS).open("a", encoding="utf-8") as sortie:
        for s in scenarios:
            if s.fichier.as_posix() in fautifs:
                sortie.write(json.dumps({
                    "scenario": s.noeud, "exigences": s.exigences, "etat": "error", "duree_s": 0,
                    "dossier": "", "titre": "Scénario qui ne peut pas être chargé"},
                    ensure_ascii=False) + "\n")
    return fautifs


def _pytest(noeuds: list[str], dossier: Path, processus: int) -> None:
    """Play the tests in a process of their own; their reports land in the folder."""
    plusieurs = ["-n", str(processus), "--dist", "loadgroup"] if processus > 1 else []
    if noeuds:
        _lancer([*plusieurs, *noeuds], dossier / "journal.txt")


def _lancer(arguments: Sequence[str], journal: Path) -> tuple[int, str]:
    """Run pytest, what it says goes to a file; returns its code and its words."""
    dossier = journal.parent
    env = {"QT_QPA_PLATFORM": "offscreen", "PYTEST_QT_API": "pyside6", "LC_ALL": "C.UTF-8",
           **os.environ, "PLEIADE_PREUVES": str(dossier)}
    with journal.open("w", encoding="utf-8") as sortie:
        fait = subprocess.run(  # noqa: S603 - our own tests, as the developer asked
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=RACINE, env=env, stdout=sortie, stderr=subprocess.STDOUT, check=False)
    return fait.returncode, journal.read_text(encoding="utf-8", errors="replace")


def _rendre_compte(args: argparse.Namespace, table: list[tables.Ligne], lourdes: list[str],
                   non_charges: Sequence[str]) -> int:
    echecs = sorted({x.exigence.id for x in table if x.etat == "Échec"})
    sans = sorted({x.exigence.id for x in table if x.resultat is None})
    prouvees = sorted({x.exigence.id for x in table} - set(echecs) - set(sans))
    # Without a list of what is wanted, what has no scenario yet is a fact, not a failure.
    refus = bool(echecs or lourdes or non_charges or not prouvees or (args.ids and sans))
    if args.json:
        json_sur_sortie({"prouvees": prouvees, "echecs": echecs, "sans_scenario": sans,
                         "trop_lourdes": lourdes, "non_charges": list(non_charges),
                         "tableau": str(args.vers / "index.html")})
        return int(refus)
    texte_sur_sortie(f"Exigences prouvées : {len(prouvees)}. Tableau : {args.vers / 'index.html'}")
    for titre, noms in (("Échec", echecs), ("Sans scénario", sans),
                        ("Preuve trop lourde", lourdes),
                        ("Fichier de scénarios qui ne peut pas être chargé", non_charges)):
        if noms:
            message(f"{titre} : {', '.join(noms)}")
    if echecs or non_charges:
        nom = "chargement.txt" if non_charges else "journal.txt"
        message(f"Détail des échecs : {args.vers / nom}")
    return int(refus)
