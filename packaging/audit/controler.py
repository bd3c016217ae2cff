"""Security checks of the sources and of what they depend on (SC.SSI/GEN.11, SC.SSI/GEN.20).

    python packaging/audit/controler.py [--osv-url URL] [--avis-seuls]

1. Secrets: every tracked text is searched by detect-secrets; what it finds must be in
   `secrets.csv`, with the reason why it is no secret.
2. Known vulnerabilities: pip-audit asks the advisory service (OSV) about every locked package. A
   service that doesn't answer is said, and isn't a failure; a vulnerability is one, unless
   `vulnerabilites.csv` holds it with a reason and a day that hasn't passed.

Static analysis (ruff's S rules), licences, hashes, bill of materials are held by `make test`
already; nothing here downloads or installs. Exit code 1 when something has to be done.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ICI = Path(__file__).parent
RACINE = ICI.parents[1]
SECRETS, VULNERABILITES = ICI / "secrets.csv", ICI / "vulnerabilites.csv"
LISTES = ("requirements/dev.txt", "packaging/construction.txt")
#: Folders of the sources, where there is no git to name the files.
SOURCES = ("app", "docs", "migrations", "packaging", "resources", "tests", ".ci")
#: Longest wait for the advisory service, in seconds.
DELAI_S = 25
#: Texts that hold no secret and would drown the others: hashes of packages, drawings, word lists.
_PAS_LUS = ("requirements/", "resources/orthographe/", "resources/mots/",
            "packaging/audit/secrets.csv", "packaging/audit/roues.json", "packaging/matrice.json")
_EXTENSIONS_PAS_LUES = (".svg", ".pyc", ".sqlite", ".ttf", ".png", ".pdf", ".ico", ".gz", ".zip",
                        "package-lock.json")
#: Larger files are data made by a script.
_TAILLE_MAX = 300_000
#: What is looked for everywhere: the forms of keys and tokens.
FORMES: tuple[Mapping[str, Any], ...] = tuple({"name": nom} for nom in (
    "PrivateKeyDetector", "AWSKeyDetector", "GitHubTokenDetector", "GitLabTokenDetector",
    "NpmDetector", "PypiTokenDetector", "SlackDetector", "JwtTokenDetector", "BasicAuthDetector"))
#: And out of the tests, which are full of fictive ones: passwords by their names, random texts.
HASARD: tuple[Mapping[str, Any], ...] = (
    {"name": "KeywordDetector"}, {"name": "Base64HighEntropyString", "limit": 4.5},
    {"name": "HexHighEntropyString", "limit": 3.0})


@dataclass(frozen=True, slots=True)
class Trouve:
    """Something that looks like a secret. `empreinte`: SHA-1 of its text, never the text."""

    fichier: str
    ligne: int
    genre: str
    empreinte: str


def _chercher(fichiers: Sequence[str]) -> list[Trouve]:
    """Search some files; runs in a process of its own."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import transient_settings

    trouves: list[Trouve] = []
    essais = [f for f in fichiers if f.startswith("tests/")]
    autres = [f for f in fichiers if not f.startswith("tests/")]
    for lot, detecteurs in ((essais, FORMES), (autres, FORMES + HASARD)):
        with transient_settings({"plugins_used": [dict(d) for d in detecteurs]}):
            collecte = SecretsCollection()
            for fichier in lot:
                collecte.scan_file(fichier)
        trouves += [Trouve(fichier, secret.line_number, secret.type, secret.secret_hash)
                    for fichier, secret in collecte]
    return trouves


def fichiers_suivis(racine: Path = RACINE) -> list[str]:
    """Texts under version control that are searched; out of a repository, all of the sources."""
    fait = subprocess.run(["git", "ls-files", "-z"], cwd=racine, check=False, text=True,
                          capture_output=True)
    noms = fait.stdout.split("\0") if fait.returncode == 0 else [
        f.relative_to(racine).as_posix() for haut in SOURCES for f in (racine / haut).rglob("*")]
    return [f for f in noms
            if f and not f.startswith(_PAS_LUS) and not f.endswith(_EXTENSIONS_PAS_LUES)
            and (racine / f).is_file() and (racine / f).stat().st_size < _TAILLE_MAX]


def chercher_secrets(fichiers: Sequence[str]) -> list[Trouve]:
    """What looks like a secret, over two processes."""
    with ProcessPoolExecutor(2) as processus:
        return [t for lot in processus.map(_chercher, (fichiers[::2], fichiers[1::2]))
                for t in lot]


def juger_secrets(trouves: Iterable[Trouve], admis: Sequence[Mapping[str, str]]) -> list[str]:
    """What to do about what was found. :param admis: rows of `secrets.csv`."""
    connus = {(x["fichier"], x["empreinte"]) for x in admis}
    fautes = [f"{x['fichier']} : une ligne de secrets.csv n’a pas de raison."
              for x in admis if len(x["raison"].strip()) < 5]
    return fautes + [
        f"{t.fichier}:{t.ligne} : {t.genre}. Retirez-le ; s’il n’en est pas un, ajoutez à "
        f"secrets.csv : {t.fichier};{t.empreinte};la raison"
        for t in trouves if (t.fichier, t.empreinte) not in connus]


def interroger(osv_url: str = "") -> dict[str, Any] | None:
    """What the advisory service says of every locked package; None when it doesn't answer."""
    commande = [sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip",
                "--progress-spinner", "off", "--format", "json", "--timeout", "5",
                "--vulnerability-service", "osv"]
    for liste in LISTES:
        commande += ["--requirement", str(RACINE / liste)]
    if osv_url:
        commande += ["--osv-url", osv_url]
    try:
        fait = subprocess.run(commande, cwd=RACINE, check=False, text=True, timeout=DELAI_S,
                              capture_output=True, env={**os.environ, "PYTHONUTF8": "1"})
    except subprocess.TimeoutExpired:
        return None
    try:
        rapport = json.loads(fait.stdout)
    except json.JSONDecodeError:
        return None
    return rapport if isinstance(rapport, dict) else None


def juger_vulnerabilites(rapport: Mapping[str, Any], acceptees: Sequence[Mapping[str, str]],
                         jour: date) -> tuple[list[str], int]:
    """(what to do, number of packages that the service examined).

    :param acceptees: rows of `vulnerabilites.csv`.
    """
    fautes: list[str] = []
    valables: set[tuple[str, str]] = set()
    for x in acceptees:
        if len(x["raison"].strip()) < 15:
            fautes.append(f"{x['identifiant']} : la raison d’accepter manque.")
        elif date.fromisoformat(x["jusqu_au"]) < jour:
            fautes.append(f"{x['identifiant']} ({x['paquet']}) : acceptée jusqu’au "
                          f"{x['jusqu_au']}, ce jour est passé.")
        else:
            valables.add((x["paquet"], x["identifiant"]))
    examines = [p for p in rapport.get("dependencies", []) if "vulns" in p]
    for paquet in examines:
        for avis in paquet["vulns"]:
            noms = [avis["id"], *avis.get("aliases", [])]
            if not any((paquet["name"], nom) in valables for nom in noms):
                corrige = ", ".join(avis.get("fix_versions", [])) or "aucune version corrigée"
                fautes.append(f"{paquet['name']} {paquet['version']} : {', '.join(noms)} "
                              f"({corrige}).")
    return fautes, len(examines)


def lire_table(fichier: Path) -> list[dict[str, str]]:
    """Rows of one of the two tables; lines that begin with # are comments."""
    lignes = [x for x in fichier.read_text(encoding="utf-8").splitlines()
              if not x.startswith("#")]
    return list(csv.DictReader(lignes, delimiter=";"))


def main(arguments: list[str]) -> int:
    """Run both checks; 1 when something has to be done."""
    lecteur = argparse.ArgumentParser()
    lecteur.add_argument("--osv-url", default="", help="autre service d’avis (OSV)")
    lecteur.add_argument("--avis-seuls", action="store_true", help="sans chercher les secrets")
    voulu = lecteur.parse_args(arguments)
    os.chdir(RACINE)
    fautes: list[str] = []
    if not voulu.avis_seuls:
        fichiers = fichiers_suivis()
        fautes = juger_secrets(chercher_secrets(fichiers), lire_table(SECRETS))
        print(f"Secrets : {len(fichiers)} fichiers cherchés, {len(fautes)} à traiter.")
    rapport = interroger(voulu.osv_url)
    avis, examines = juger_vulnerabilites(rapport or {}, lire_table(VULNERABILITES), date.today())
    if not examines:
        print("Vulnérabilités : le service d’avis n’a pas répondu. Rien n’a été examiné ; à "
              "refaire en ligne avant de livrer.")
    else:
        print(f"Vulnérabilités : {examines} paquets examinés, {len(avis)} à traiter.")
    for faute in (*fautes, *avis):
        print(faute, file=sys.stderr)
    return 1 if fautes or avis else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
