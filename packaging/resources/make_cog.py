"""Build `resources/cog/cog.sqlite`, the birthplaces that `app.usecases.places` searches.

Source: Insee, Code officiel géographique (Licence Ouverte / Open Licence 2.0), communes since
1943, events, arrondissements, overseas collectivities, countries; see `resources/cog/SOURCE.md`.

The file is SQLite so that nothing is loaded at start: a keystroke reads a few pages. Rows are
numbered by importance (`rang`), so that the first ones that match are the ones to show.

Usage:

    python packaging/resources/make_cog.py ../shared/data/cog
"""

import csv
import re
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from cog_pays import ALIAS, DISPARUS, DISSOUS, EVENEMENTS_AJOUTES, LIEUX_AJOUTES, PRECISIONS

from app.domain.cog import MOTS_VIDES, TypeLieu, cle_lieu

CIBLE = Path(__file__).parents[2] / "resources" / "cog" / "cog.sqlite"
#: Events that carry a commune to another code (`data/cog/README.md`).
MODS = frozenset({"30", "31", "32", "33", "34", "41", "50"})
DEBUT = "1943-01-01"

#: Articles by TNCC, as they stand in front of a name.
ARTICLES = re.compile(r"(?:LE|LA|LES|L|AUX|LAS|LOS) ")


@dataclass
class Ligne:
    """One name of one place, before it is numbered. The lowest `poids` comes first."""

    cog: str
    libelle: str
    type: TypeLieu
    poids: tuple[int, int, str]
    du: str = ""
    au: str = ""
    ou: str = ""
    alias: list[str] = field(default_factory=list)
    codes_postaux: list[str] = field(default_factory=list)


def lire(dossier: Path, nom: str) -> list[dict[str, str]]:
    """Rows of one CSV file."""
    with (dossier / nom).open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def communes(dossier: Path) -> Iterator[Ligne]:
    """Every name of every commune since 1943."""
    postaux = {r["COM"]: r["CODES_POSTAUX"].split("|") for r in lire(dossier, "commune_2026.csv")
               if r["TYPECOM"] == "COM" and r["CODES_POSTAUX"]}
    prefectures = {r["CHEFLIEU"] for r in lire(dossier, "departement_2026.csv")}
    for r in _sans_coupures(lire(dossier, "communes_depuis_1943_derive.csv")):
        du = "" if r["DATE_DEBUT"] == DEBUT else r["DATE_DEBUT"]
        au = r["DATE_FIN"]
        if au and au <= r["DATE_DEBUT"]:
            continue  # a code that existed between two events of one day
        codes = postaux.get(r["COM"], []) if not au else []
        if au:
            poids = (7, 0, au)
        elif r["COM"] in prefectures:
            poids = (0, -len(codes), "")
        else:
            poids = (3, -len(codes), "") if len(codes) > 1 else (4, 0, "")
        ligne = Ligne(r["COM"], r["LIBELLE"], TypeLieu.COMMUNE, poids, du, au,
                      codes_postaux=codes)
        cle = cle_lieu(r["LIBELLE"])
        if r["TNCC"] in {"2", "3", "4", "5", "6", "7", "8"} and ARTICLES.match(cle):
            ligne.alias.append(ARTICLES.sub("", cle, count=1))
        ligne.alias += ALIAS.get(r["COM"], []) if not au else []
        yield ligne


def _sans_coupures(rangees: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Join the periods of one code and name that follow each other without a gap."""
    rangees.sort(key=lambda r: (r["COM"], r["DATE_DEBUT"]))
    precedente: dict[str, str] | None = None
    for r in rangees:
        if precedente and all(precedente[c] == r[c] for c in ("COM", "LIBELLE")) and (
                precedente["DATE_FIN"] == r["DATE_DEBUT"]):
            precedente["DATE_FIN"] = r["DATE_FIN"]
            continue
        if precedente:
            yield precedente
        precedente = dict(r)
    if precedente:
        yield precedente


def arrondissements(dossier: Path) -> Iterator[Ligne]:
    """Paris, Lyon, Marseille."""
    for r in lire(dossier, "commune_2026.csv"):
        if r["TYPECOM"] != "ARM":
            continue
        numero = int(re.search(r"(\d+)", r["LIBELLE"])[1])
        ville = r["LIBELLE"].split(" ")[0]
        yield Ligne(r["COM"], r["LIBELLE"], TypeLieu.ARRONDISSEMENT, (1, numero, ville),
                    alias=[f"{ville} {numero}", f"{ville} {numero:02d}"],
                    codes_postaux=r["CODES_POSTAUX"].split("|"))


def collectivites(dossier: Path) -> Iterator[Ligne]:
    """Communes of the overseas collectivities."""
    for r in lire(dossier, "v_commune_comer_2026.csv"):
        yield Ligne(r["COM_COMER"], r["LIBELLE"], TypeLieu.COM, (5, 0, ""),
                    ou=r["LIBELLE_COMER"],
                    codes_postaux=[c for c in r["CODES_POSTAUX"].split("|") if c])


def pays(dossier: Path) -> Iterator[Ligne]:
    """Countries and territories, with the names they had and that people type."""
    anciens: dict[str, list[str]] = {}
    for r in lire(dossier, "pays_avec_anciens_fc.csv"):
        noms = [r["name"], *r["oldName"].split(",")]
        anciens.setdefault(r["cog"], []).extend(
            re.sub(r"\(.*", "", n) for nom in noms for n in re.split(r", | OU |, OU ", nom) if n)
    connus = set()
    for r in lire(dossier, "v_pays_territoire_2025.csv"):
        if r["COG"] == "99100":
            continue  # nobody is born in "France": a commune is needed
        connus.add(r["COG"])
        yield Ligne(r["COG"], r["LIBCOG"], TypeLieu.PAYS,
                    (2, 0, "") if r["ACTUAL"] == "1" else (6, 0, ""),
                    ou=PRECISIONS.get(r["COG"], "" if r["ACTUAL"] == "1" else r["LIBENR"]),
                    alias=[*re.split(r", ", r["LIBENR"]), *anciens.get(r["COG"], []),
                           *ALIAS.get(r["COG"], [])])
    for cog, libelle in DISPARUS.items():
        if cog not in connus:
            yield Ligne(cog, libelle, TypeLieu.PAYS, (7, 0, "0"), ou="pays ou territoire disparu",
                        alias=[*anciens.get(cog, []), *ALIAS.get(cog, [])])


def evenements(dossier: Path) -> set[tuple[str, str, str]]:
    """(code before, code after, date)."""
    suite: set[tuple[str, str, str]] = set(EVENEMENTS_AJOUTES)
    for nom in ("v_mvt_commune_2024.csv", "mvt_commune_2025_2026_derive.csv"):
        suite |= {(r["COM_AV"], r["COM_AP"], r["DATE_EFF"]) for r in lire(dossier, nom)
                  if r["MOD"] in MODS and r["TYPECOM_AP"] == "COM" and r["COM_AV"]
                  and r["COM_AV"] != r["COM_AP"]}
    vus: set[str] = set()
    for r in lire(dossier, "pays_avec_anciens_fc.csv"):
        # Only the first row of a code is the country itself; the others are its territories.
        if r["cog"] in vus:
            continue
        vus.add(r["cog"])
        if r["oldGeographicCode"] in DISSOUS:
            suite.add((r["oldGeographicCode"], r["cog"], ""))
        if r["cog"] in DISSOUS and r["geographicCode"]:
            suite.add((r["cog"], r["geographicCode"], ""))
    return suite


def construire(dossier: Path) -> sqlite3.Connection:
    """The whole database, in memory."""
    lignes = [*communes(dossier), *arrondissements(dossier), *collectivites(dossier),
              *pays(dossier), *(Ligne(c, lib, TypeLieu.COMMUNE, (7, 0, au), "", au)
                                for c, lib, au in LIEUX_AJOUTES)]
    # Among former names the last to disappear first, else alphabetically.
    lignes.sort(key=lambda x: (x.poids[0], x.poids[1],
                               "".join(chr(0x10FF - ord(c)) for c in x.poids[2])
                               if x.poids[0] == 7 else x.poids[2], cle_lieu(x.libelle), x.cog))
    base = sqlite3.connect(":memory:")
    base.executescript("""
        PRAGMA page_size = 4096;
        CREATE TABLE lieu (rang INTEGER PRIMARY KEY, cog TEXT NOT NULL, libelle TEXT NOT NULL,
            type TEXT NOT NULL, du TEXT NOT NULL, au TEXT NOT NULL, ou TEXT NOT NULL,
            mots TEXT NOT NULL);
        CREATE TABLE nom (cle TEXT NOT NULL, rang INTEGER NOT NULL, PRIMARY KEY (cle, rang))
            WITHOUT ROWID;
        CREATE TABLE mot (mot TEXT NOT NULL, rang INTEGER NOT NULL, PRIMARY KEY (mot, rang))
            WITHOUT ROWID;
        CREATE TABLE postal (code TEXT NOT NULL, rang INTEGER NOT NULL, PRIMARY KEY (code, rang))
            WITHOUT ROWID;
        CREATE TABLE evenement (avant TEXT NOT NULL, apres TEXT NOT NULL, jour TEXT NOT NULL);
        CREATE TABLE arrondissement (commune TEXT NOT NULL, cog TEXT NOT NULL);
        CREATE TABLE departement (code TEXT PRIMARY KEY, libelle TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE meta (cle TEXT PRIMARY KEY, valeur TEXT NOT NULL) WITHOUT ROWID;
    """)
    for rang, ligne in enumerate(lignes, start=1):
        cle = cle_lieu(ligne.libelle)
        cles = dict.fromkeys([cle, *(cle_lieu(a) for a in ligne.alias)])
        mots = " ".join(dict.fromkeys(f"{' '.join(cles)} {cle_lieu(ligne.ou)}".split()))
        base.execute("INSERT INTO lieu VALUES (?,?,?,?,?,?,?,?)", (
            rang, ligne.cog, ligne.libelle, str(ligne.type), ligne.du, ligne.au, ligne.ou, mots))
        base.executemany("INSERT INTO nom VALUES (?,?)", ((c, rang) for c in cles if c))
        base.executemany("INSERT INTO mot VALUES (?,?)",
                         ((m, rang) for m in mots.split() if m not in MOTS_VIDES))
        base.executemany("INSERT OR IGNORE INTO postal VALUES (?,?)",
                         ((c, rang) for c in ligne.codes_postaux))
    base.execute("CREATE INDEX lieu_cog ON lieu (cog)")
    base.executemany("INSERT INTO evenement VALUES (?,?,?)", sorted(evenements(dossier)))
    base.executemany("INSERT INTO arrondissement VALUES (?,?)", sorted(
        (r["COMPARENT"], r["COM"]) for r in lire(dossier, "commune_2026.csv")
        if r["TYPECOM"] == "ARM"))
    base.executemany("INSERT INTO departement VALUES (?,?)", (
        (r["DEP"], r["LIBELLE"]) for r in lire(dossier, "departement_2026.csv")))
    base.executemany("INSERT INTO meta VALUES (?,?)", [
        ("source", "Insee, Code officiel géographique au 1er janvier 2026 (pays\u00a0: 2025), "
                   "Licence Ouverte 2.0"),
        ("date", "2026-01-01")])
    base.commit()
    print(Counter(x.type for x in lignes))
    return base


def main() -> int:
    """Write the file."""
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    base = construire(Path(sys.argv[1]))
    CIBLE.parent.mkdir(parents=True, exist_ok=True)
    CIBLE.unlink(missing_ok=True)
    base.execute("VACUUM INTO ?", (str(CIBLE),))
    base.close()
    print(f"{CIBLE.name}: {CIBLE.stat().st_size // 1000} ko")
    return 0


if __name__ == "__main__":
    sys.exit(main())
