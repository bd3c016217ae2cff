"""Build `resources/bac_a_sable/identites.csv`, the persons that the INSi and DMP doubles know.

Official test identities come from the reference material (`data/ins_test_identities.csv`), with
their line number; the others are invented here, to play what no official identity plays. A
matricule that was not published is composed from the traits (order number 9xx) and says so.

Usage:

    python packaging/resources/make_bac_a_sable.py ../shared/data/ins_test_identities.csv
"""

import csv
import sys
from pathlib import Path

CIBLE = Path(__file__).parents[2] / "resources" / "bac_a_sable" / "identites.csv"
OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
COLONNES = ("nom_naissance", "liste_prenoms", "prenom", "sexe", "date_naissance", "cog",
            "matricule", "oid", "type", "historique", "comportement", "nir_od", "rang", "dmp",
            "origine", "source")

#: Official traits that the reference material leaves out: a birth date, a place (invented).
COMPLEMENTS = {("NESSI", "RUTH"): ("2012-03-15", "63220"),
               ("DE VINCI", "RUTH"): ("1986-05-09", "63220")}

#: Names that the reference material writes as typed, and what the service holds.
NORMALISES = {("D'AEION", "COEUR"): ("D'AEION", "COEUR")}

#: Seed profile of the DMP double for official identities (absent: `actif`).
PROFILS = {("ADRUN", "ZOE"): "zoe", ("ADRDEUX", "LAURENT"): "riche",
           ("ADRTROIS", "DOMINIQUE"): "ferme", ("ADRTROIS", "TOUSSAINT"): "interdit",
           ("ECETINSI", "PIERRE-ALAIN"): "mineur", ("PROVISOIRE", "MATRICULE"): "sans",
           ("CORSE", "ANTHONY"): "masques", ("HERMANN", "GATIEN"): "sans",
           ("NESSI", "MICHELANGELO"): "vaccins", ("TCHITCHI", "CATARINA"): "deux_mille",
           ("PATB-QUATRE", "LAURENCE"): "vide", ("PAT-TROIS", "DOMINIQUE"): "riche",
           ("VANEAU", "JEANNE"): "opposition_urgence", ("DE VINCI", "RUTH"): "expire"}

#: nom, prénoms, sexe, date, COG, type, comportement, profil DMP, nir_od, rang
COMPOSES = [
    ("JOURZERO", "MARIE", "F", "1948-00-00", "63113", "NIR", "", "vide", "", 1),
    ("SANSLISTE", "", "M", "1962-11-05", "63113", "NIR", "sans_liste:HENRI", "vide", "", 1),
    ("LIEUINCONNU", "EDMOND", "M", "1940-02-17", "63999", "NIR", "", "vide", "", 1),
    ("LIEUANCIEN", "COLETTE MARIE", "F", "1951-09-30", "74011", "NIR", "", "actif", "", 1),
    ("LENTILLAC", "ODILE", "F", "1957-04-21", "15187", "NIR", "delai:10", "actif", "", 1),
    ("PANNEAU", "GUY", "M", "1949-07-08", "63113", "NIR", "http:503", "actif", "", 1),
    ("NIANIR", "AMINATA", "F", "1994-06-12", "99335", "NIA", "devient_nir", "vide", "", 1),
    ("LUNAIRE", "FATIMA", "F", "1942-19-01", "99352", "NIR", "", "actif", "", 1),
    ("DE VINCI", "LEONARDO", "M", "2014-02-01", "75114", "NIR", "", "vide", "", 1),
    ("BELLANGER", "MARGUERITE LOUISE", "F", "1938-04-12", "37261", "NIR", "", "riche", "", 1),
    ("KERVELLA", "YANN", "M", "1951-10-03", "29019", "NIR", "", "actif", "", 1),
    ("TRAORE", "AISSATOU", "F", "1989-03-27", "99335", "NIR", "", "actif", "", 1),
    ("FABRE", "JEAN-PIERRE", "M", "1946-01-19", "13055", "NIR", "", "riche", "", 1),
    ("LE GALL", "ANNE-MARIE YVONNE", "F", "1954-08-23", "56121", "NIR", "", "expire", "", 1),
    ("ROCHEFORT", "HELENE", "F", "1984-05-16", "69383", "NIR", "", "actif", "", 1),
    ("ROCHEFORT", "LEA", "F", "2016-09-02", "63113", "NIR", "", "vaccins", "@HELENE", 1),
    ("ROCHEFORT", "TOM", "M", "2019-12-11", "63113", "NIR", "", "vaccins", "@HELENE", 1),
]


def cle(matricule13: str) -> str:
    """Key of a matricule (`spec/ins.md` §1.3)."""
    nombre = int(matricule13.replace("2A", "19").replace("2B", "18"))
    return f"{97 - nombre % 97:02d}"


def composer(sexe: str, date: str, cog: str, rang: int) -> str:
    """A 13-character matricule made from the traits, order number 9xx."""
    return f"{1 if sexe == 'M' else 2}{date[2:4]}{date[5:7]}{cog}{900 + rang:03d}"


def officiels(source: Path) -> list[dict[str, str]]:
    """Named rows of the reference material that INSi or the DMP know."""
    lignes = []
    with source.open(encoding="utf-8", newline="") as flux:
        for numero, r in enumerate(csv.DictReader(flux), start=2):
            qui = (r["nom_naissance"], r["premier_prenom"])
            if not qui[0] or r["code_retour_attendu"].startswith("01 pour"):
                continue  # documentary rows without name; the person that nobody finds
            nom, prenom = NORMALISES.get(qui, qui)
            date, cog = COMPLEMENTS.get(qui, (r["date_naissance"], r["cog"]))
            m13 = r["matricule13"]
            publie = bool(m13)
            if not publie:
                m13 = composer(r["sexe"], date, cog, numero)
            liste = r["liste_prenoms_insi"] or prenom
            sans_liste = publie and not r["liste_prenoms_insi"]
            lignes.append({
                "nom_naissance": nom, "liste_prenoms": "" if sans_liste else liste,
                "prenom": prenom, "sexe": r["sexe"], "date_naissance": date, "cog": cog,
                "matricule": m13 + (r["cle_publiee"] or cle(m13)),
                "oid": r["oid_publie"] or OID_NIR, "type": "NIA" if r["type_matricule"] == "NIA"
                else "NIR", "historique": r["historique_ins"],
                "comportement": "sans_liste:" + prenom if sans_liste else "",
                "nir_od": "", "rang": "1", "dmp": PROFILS.get(qui, "actif"),
                "origine": "officielle" if publie else "officielle, matricule composé",
                "source": f"ins_test_identities.csv ligne {numero}"})
    return lignes


def composes() -> list[dict[str, str]]:
    """The invented persons."""
    lignes: list[dict[str, str]] = []
    for rang, (nom, liste, sexe, date, cog, genre, comportement, dmp, od, gemellaire
               ) in enumerate(COMPOSES, start=50):
        m13 = composer(sexe, date, cog, rang)
        prenom = liste.split()[0] if liste else comportement.split(":")[1]
        ouvrant = next((x["matricule"] for x in lignes if od == "@" + x["prenom"]), "")
        lignes.append({
            "nom_naissance": nom, "liste_prenoms": liste, "prenom": prenom, "sexe": sexe,
            "date_naissance": date, "cog": cog, "matricule": m13 + cle(m13),
            "oid": OID_NIA if genre == "NIA" else OID_NIR, "type": genre, "historique": "",
            "comportement": comportement, "nir_od": ouvrant, "rang": str(gemellaire),
            "dmp": dmp, "origine": "composée", "source": "packaging/resources"})
    return lignes


def main(source: Path) -> None:
    """Write the file."""
    with CIBLE.open("w", encoding="utf-8", newline="") as flux:
        sortie = csv.DictWriter(flux, COLONNES, lineterminator="\n")
        sortie.writeheader()
        sortie.writerows([*officiels(source), *composes()])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
