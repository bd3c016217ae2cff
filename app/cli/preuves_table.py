"""The generated table requirement → scenario → result, as CSV and as a page to read."""

import csv
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from app.cli.preuves_inventaire import Exigence

#: What each scenario says of itself, one JSON object a line (written by the scenarios).
RESULTATS = "resultats.jsonl"
#: Folder of the evidence where papers of others are put (authorisations, attestations): a file
#: whose name begins with a requirement, « SENTINELLE.19 autorisation CNDA.pdf », joins its line.
ATTESTATIONS = "attestations"
MO = 1_000_000
#: Official limits of the evidence, in bytes: images and videos, PDF, any other file.
LIMITES = {".png": 50 * MO, ".jpg": 50 * MO, ".mp4": 50 * MO, ".webm": 50 * MO, ".pdf": 10 * MO}
LIMITE_AUTRE = MO
ETATS = {"passed": "Réussi", "failed": "Échec", "error": "Échec", "": "Sans scénario"}


@dataclass(frozen=True, slots=True)
class Resultat:
    """What came of one scenario; `dossier` is the name of its folder of evidence."""

    scenario: str
    exigences: tuple[str, ...]
    etat: str
    duree_s: float
    dossier: str
    titre: str = ""


@dataclass(frozen=True, slots=True)
class Ligne:
    """One requirement and one of its scenarios; without a scenario, `resultat` is None."""

    exigence: Exigence
    resultat: Resultat | None
    preuves: tuple[str, ...] = ()

    @property
    def etat(self) -> str:
        """French word of the result."""
        return ETATS.get(self.resultat.etat if self.resultat else "", "Échec")


def lire_resultats(dossier: Path) -> list[Resultat]:
    """What the scenarios wrote; the last word counts when one ran twice."""
    derniers: dict[str, Resultat] = {}
    chemin = dossier / RESULTATS
    if chemin.exists():
        for texte in chemin.read_text(encoding="utf-8").splitlines():
            lu = json.loads(texte)
            derniers[lu["scenario"]] = Resultat(
                lu["scenario"], tuple(lu["exigences"]), lu["etat"], lu["duree_s"], lu["dossier"],
                lu.get("titre", ""))
    return list(derniers.values())


def lignes(exigences: Sequence[Exigence], resultats: Sequence[Resultat],
           dossier: Path) -> list[Ligne]:
    """The table, in the order of the requirements; one line for each scenario of each."""
    table: list[Ligne] = []
    for exigence in exigences:
        siens = [r for r in resultats if exigence.id in r.exigences]
        papiers = attestations(dossier, exigence.id)
        table += [Ligne(exigence, r, (*_fichiers(dossier, r.dossier), *papiers))
                  for r in siens] or [Ligne(exigence, None, papiers)]
    return table


def attestations(dossier: Path, identifiant: str) -> tuple[str, ...]:
    """Papers put by hand for a requirement; « / » of its name is written « _ »."""
    nom = re.compile(re.escape(identifiant.replace("/", "_")) + r"(?:[ _-].*)?\.\w+")
    return tuple(p.relative_to(dossier).as_posix()
                 for p in sorted((dossier / ATTESTATIONS).glob("*"))
                 if p.is_file() and nom.fullmatch(p.name))


def _fichiers(dossier: Path, nom: str) -> Iterable[str]:
    """Evidence of one scenario, relative to the folder."""
    if nom and (dossier / nom).is_dir():
        for chemin in sorted((dossier / nom).rglob("*")):
            if chemin.is_file():
                yield chemin.relative_to(dossier).as_posix()


def trop_lourdes(dossier: Path) -> list[str]:
    """Evidence beyond the official limits (images and videos 50 Mo, PDF 10 Mo, files 1 Mo)."""
    return [c.relative_to(dossier).as_posix() for c in sorted(dossier.rglob("*"))
            if c.is_file() and c.stat().st_size > LIMITES.get(c.suffix.lower(), LIMITE_AUTRE)]


def ecrire_csv(table: Sequence[Ligne], chemin: Path) -> None:
    """The table for a spreadsheet: semicolons and a BOM, as a French spreadsheet opens them."""
    with chemin.open("w", encoding="utf-8-sig", newline="") as fichier:
        ecrivain = csv.writer(fichier, delimiter=";")
        ecrivain.writerow(["exigence", "chapitre", "fonction", "profils", "scenario", "resultat",
                           "duree_s", "preuves"])
        for x in table:
            r = x.resultat
            ecrivain.writerow([
                x.exigence.id, x.exigence.chapitre, x.exigence.fonction, x.exigence.profils,
                r.scenario if r else "", x.etat, f"{r.duree_s:.1f}".replace(".", ",") if r else "",
                " ".join(x.preuves)])


def ecrire_page(table: Sequence[Ligne], chemin: Path, quand: str,
                lien_csv: str = "exigences.csv") -> None:
    """The same table as a page without script, with links to the evidence. `quand`: French.

    :param lien_csv: name of the same table as CSV, beside the page.
    """
    ids = {x.exigence.id for x in table}
    reussies = sum(1 for i in ids if _etat(table, i) == "Réussi")
    corps: list[str] = []
    chapitre = None
    for x in table:
        if x.exigence.chapitre != chapitre:
            chapitre = x.exigence.chapitre
            corps.append(f'<tr class="chapitre"><th colspan="4">{escape(chapitre or "Exigences")}'
                         "</th></tr>")
        corps.append(_rangee(x))
    chemin.write_text(_PAGE.format(
        quand=escape(quand), nombre=len(ids), reussies=reussies, csv=lien_csv,
        lignes="\n".join(corps)), encoding="utf-8")


def _etat(table: Sequence[Ligne], identifiant: str) -> str:
    etats = {x.etat for x in table if x.exigence.id == identifiant}
    return "Échec" if "Échec" in etats else next(iter(etats))


def _rangee(x: Ligne) -> str:
    classe = {"Réussi": "oui", "Échec": "non"}.get(x.etat, "sans")
    preuves = " ".join(f'<a href="{escape(_adresse(p))}">{escape(p.rsplit("/", 1)[-1])}</a>'
                       for p in x.preuves)
    scenario = ""
    if x.resultat is not None:
        scenario = (f"{escape(x.resultat.titre or x.resultat.scenario)}"
                    f"<br><code>{escape(x.resultat.scenario)}</code>")
    return (f'<tr class="{classe}"><td><b>{escape(x.exigence.id)}</b><br>'
            f"<small>{escape(x.exigence.fonction)}</small></td><td>{scenario}</td>"
            f'<td class="etat">{escape(x.etat)}</td><td>{preuves}</td></tr>')


def _adresse(relatif: str) -> str:
    from urllib.parse import quote

    return quote(relatif)


_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Pléiade · preuves</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; color: #1d2733;
  padding: 0 1rem }}
h1 {{ font-size: 1.5rem; margin-bottom: .2rem }}
table {{ border-collapse: collapse; width: 100%; margin-top: 1.2rem }}
td, th {{ border-top: 1px solid #d9dfe6; padding: .5rem .6rem; text-align: left;
  vertical-align: top }}
.chapitre th {{ background: #eef2f6; font-size: 1.02rem }}
small, code {{ color: #53606e; font-size: .82rem }}
.etat {{ white-space: nowrap; font-weight: 600 }}
.oui .etat {{ color: #1b6e3c }} .non .etat {{ color: #a3171b }} .sans .etat {{ color: #7a5200 }}
a {{ margin-right: .5rem; white-space: nowrap }}
</style></head><body>
<h1>Preuves de conformité</h1>
<p>{quand}. Exigences prouvées : {reussies} sur {nombre}. Le même tableau, pour un tableur :
<a href="{csv}">{csv}</a>. Une attestation ou une autorisation posée dans le
dossier <code>attestations</code>, nommée d’après son exigence, rejoint sa ligne.</p>
<table><tr><th>Exigence</th><th>Scénario</th><th>Résultat</th><th>Preuves</th></tr>
{lignes}
</table></body></html>
"""
