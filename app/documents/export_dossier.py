"""The readable and the structured forms of a file handed over: one value, three renderings.

`index.html` for a person (no script, nothing loaded from outside), one CSV a table for a
spreadsheet, `dossier.json` for a program.
"""

import csv
import io
import json
import re
from html import escape
from string import Template
from urllib.parse import quote

from app.domain.dates import formater
from app.domain.export_dossier import FORMAT, VERSION, DossierExporte, Table
from app.domain.tableur import inerte

INDEX, DONNEES, STRUCTURE = "index.html", "donnees", "dossier.json"
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d[\d:.+\-Z]*)?")
#: Columns whose text is a list of files of the archive.
_FICHIERS = "fichiers"


def rendre(dossier: DossierExporte) -> dict[str, bytes]:
    """Path in the archive -> bytes of everything but the documents."""
    fichiers = {INDEX: page(dossier).encode("utf-8"),
                f"{DONNEES}/{STRUCTURE}": _json(dossier)}
    fichiers |= {f"{DONNEES}/{t.cle}.csv": en_csv(t) for t in dossier.tables}
    return fichiers


def _json(d: DossierExporte) -> bytes:
    return (json.dumps({
        "format": FORMAT, "version": VERSION, "cree_le": d.cree_le, "cree_par": d.cree_par,
        "cabinet": d.cabinet, "depuis": d.depuis, "non_remis": list(d.ecarte),
        "dossier": {t.cle: t.objets() for t in d.tables}}, ensure_ascii=False, indent=1)
        + "\n").encode("utf-8")


def en_csv(t: Table) -> bytes:
    """UTF-8 with mark, semicolons; a cell that a spreadsheet would run is made inert."""
    sortie = io.StringIO()
    ecrivain = csv.writer(sortie, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(t.colonnes)
    for ligne in t.lignes:
        ecrivain.writerow([inerte(c) for c in ligne])
    return sortie.getvalue().encode("utf-8-sig")


def page(d: DossierExporte) -> str:
    """The page that a person reads first."""
    corps = [_fiche(t) if t.cle == "identite" else _tableau(t) for t in d.tables]
    ecarte = "" if not d.ecarte else (
        '<section class="ecarte"><h2>Ce qui n’est pas remis</h2><ul>'
        + "".join(f"<li>{escape(x)}</li>" for x in d.ecarte) + "</ul></section>")
    sommaire = " · ".join(f'<a href="#{t.cle}">{escape(t.titre)} ({len(t.lignes)})</a>'
                          for t in d.tables if t.cle != "identite")
    periode = f" Depuis le {formater(d.depuis)}." if d.depuis else ""
    return _PAGE.substitute(
        nom=escape(d.nom), cabinet=escape(d.cabinet), quand=escape(_moment(d.cree_le)),
        qui=escape(d.cree_par), periode=periode, sommaire=sommaire, ecarte=ecarte,
        corps="\n".join(corps))


def _moment(iso: str) -> str:
    return f"{formater(iso[:10])} à {iso[11:16]}" if len(iso) > 15 else formater(iso)


def _fiche(t: Table) -> str:
    """One row, each value after its words."""
    paires = [(libelle, valeur) for ligne in t.lignes
              for libelle, valeur in zip(t.colonnes.values(), ligne, strict=True) if valeur]
    return (f'<section id="{t.cle}"><h2>{escape(t.titre)}</h2><dl>'
            + "".join(f"<dt>{escape(a)}</dt><dd>{escape(_lisible(b))}</dd>" for a, b in paires)
            + "</dl></section>")


def _tableau(t: Table) -> str:
    if not t.lignes:
        return (f'<section id="{t.cle}"><h2>{escape(t.titre)}</h2>'
                "<p>Rien dans cette partie du dossier.</p></section>")
    tete = "".join(f"<th>{escape(x)}</th>" for cle, x in t.colonnes.items()
                   if cle not in t.techniques)
    rangees = "".join("<tr>" + "".join(
        f"<td>{_liens(c) if cle == _FICHIERS else escape(_lisible(c))}</td>"
        for cle, c in zip(t.colonnes, ligne, strict=True) if cle not in t.techniques)
        + "</tr>" for ligne in t.lignes)
    return (f'<section id="{t.cle}"><h2>{escape(t.titre)}</h2><table><thead><tr>{tete}</tr></thead>'
            f"<tbody>{rangees}</tbody></table></section>")


def _lisible(texte: str) -> str:
    """A date or date-time as people write it; other texts as they are."""
    return _moment(texte) if _DATE.fullmatch(texte) else texte


def _liens(texte: str) -> str:
    return " ".join(f'<a href="{quote(x)}">{escape(x.rsplit("/", 1)[-1])}</a>'
                    for x in texte.split())


_PAGE = Template("""<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Dossier de $nom</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, "Segoe UI", sans-serif; margin: 2rem auto; max-width: 72rem;
  color: #1d2733; padding: 0 1rem }
h1 { font-size: 1.6rem; margin-bottom: .2rem }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 2px solid #d9dfe6 }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid #d9dfe6; padding: .4rem .6rem; text-align: left;
  vertical-align: top; white-space: pre-line }
th { background: #eef2f6 }
dl { display: grid; grid-template-columns: 16rem 1fr; gap: .25rem 1rem }
dt { color: #53606e } dd { margin: 0 }
nav { color: #53606e }
.ecarte { background: #fff6e0; border-left: 4px solid #b27500; padding: .1rem 1rem .6rem }
@media print { nav { display: none } tr { break-inside: avoid } body { margin: 0 } }
</style></head><body>
<h1>Dossier de $nom</h1>
<p>Remis par $cabinet, le $quand, par $qui.$periode Les fichiers du dossier
<code>documents</code> s’ouvrent d’ici\u00a0; les mêmes informations, pour un autre logiciel, sont
dans <code>donnees</code> (CSV et JSON).</p>
<nav>$sommaire</nav>
$ecarte
$corps
</body></html>
""")
