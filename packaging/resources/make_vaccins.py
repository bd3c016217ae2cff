"""Cut the table of French vaccines that the product needs, and name its codes.

Input: `vaccines.csv` of the reference material beside the project: the presentations of vaccines
of the Base de données publique des médicaments (BDPM, ANSM/HAS/UNCAM, licence ouverte), May 2026,
joined with their CIS and ATC codes. Output in `resources/vaccins/`: `vaccins.csv`, `atc.csv`
(labels of the ATC classes, WHO wording in French), `maladies.csv` (labels of the disease codes).

    python packaging/resources/make_vaccins.py ../shared/data/vaccines.csv resources/vaccins
"""

import csv
import sys
from pathlib import Path

SOURCE = ("Base de données publique des médicaments (BDPM), mai 2026, licence ouverte ; classes "
          "ATC : CIS_MITM, ou à confirmer quand la colonne atc_a_confirmer vaut oui")

ATC = {
    "J07AE01": "choléra, inactivé, germe entier", "J07AE02": "choléra, vivant atténué",
    "J07AG01": "hémophilus influenzae B, antigène purifié conjugué",
    "J07AH07": "méningocoque C, antigène polyosidique purifié conjugué",
    "J07AH08": "méningocoques A, C, Y, W-135, antigène polyosidique purifié conjugué",
    "J07AH09": "méningocoque B, vaccin multicomposant",
    "J07AL01": "pneumocoque, antigène polyosidique purifié",
    "J07AL02": "pneumocoque, antigène polyosidique purifié conjugué",
    "J07AN01": "tuberculose, vivant atténué", "J07AP01": "typhoïde, oral, vivant atténué",
    "J07AP03": "typhoïde, antigène polyosidique purifié", "J07AX01": "leptospirose",
    "J07BA01": "encéphalite à tiques, virus entier inactivé",
    "J07BA02": "encéphalite japonaise, virus entier inactivé",
    "J07BB02": "grippe, antigène purifié ou virus fragmenté inactivé",
    "J07BC01": "hépatite B, antigène purifié", "J07BC02": "hépatite A, virus entier inactivé",
    "J07BC20": "hépatites, associations",
    "J07BD52": "rougeole, en association avec oreillons et rubéole, vivants atténués",
    "J07BF03": "poliomyélite, trivalent, virus entier inactivé",
    "J07BG01": "rage, virus entier inactivé", "J07BH01": "rotavirus, vivant atténué",
    "J07BH02": "rotavirus, pentavalent, vivant, réassorti",
    "J07BK01": "varicelle, vivant atténué", "J07BK02": "zona, vivant atténué",
    "J07BK03": "zona, antigène purifié", "J07BL01": "fièvre jaune, vivant atténué",
    "J07BM02": "papillomavirus humain, types 16, 18",
    "J07BM03": "papillomavirus humain, types 6, 11, 16, 18, 31, 33, 45, 52, 58",
    "J07BN01": "COVID-19, vaccin à ARN", "J07BN02": "COVID-19, vecteur viral non réplicatif",
    "J07BN04": "COVID-19, sous-unité protéique", "J07BX04": "dengue",
    "J07BX05": "virus respiratoire syncytial",
    "J07CA01": "diphtérie, poliomyélite, tétanos",
    "J07CA02": "diphtérie, coqueluche, poliomyélite, tétanos",
    "J07CA06": "diphtérie, hémophilus influenzae B, coqueluche, poliomyélite, tétanos",
    "J07CA09": "diphtérie, hémophilus influenzae B, coqueluche, poliomyélite, tétanos, hépatite B",
    "J07CA10": "typhoïde, hépatite A",
}
MALADIES = {
    "CHIK": "Chikungunya", "CHOL": "Choléra", "COQ": "Coqueluche", "COVID": "COVID-19",
    "DENGUE": "Dengue", "DIP": "Diphtérie", "ENC_JAP": "Encéphalite japonaise",
    "ENC_TIQUES": "Encéphalite à tiques", "FJ": "Fièvre jaune", "GRIPPE": "Grippe",
    "HEPA": "Hépatite A", "HEPB": "Hépatite B", "HIB": "Haemophilus influenzae b",
    "HPV": "Papillomavirus", "LEPTO": "Leptospirose", "MENACWY": "Méningocoques A, C, W, Y",
    "MENB": "Méningocoque B", "MENC": "Méningocoque C", "OREI": "Oreillons",
    "PNC": "Pneumocoque", "POL": "Poliomyélite", "RAGE": "Rage", "ROTA": "Rotavirus",
    "ROUG": "Rougeole", "RUBE": "Rubéole", "TET": "Tétanos", "TUB": "Tuberculose",
    "TYPH": "Fièvre typhoïde", "VAR": "Varicelle", "VRS": "Virus respiratoire syncytial",
    "ZONA": "Zona"}
COLONNES = ["cip13", "cis", "marque", "denomination", "presentation", "voies", "atc",
            "atc_a_confirmer", "maladies", "commercialise"]


def ecrire(fichier: Path, source: str, entetes: list[str], lignes: list[list[str]]) -> None:
    """Write a table whose first line names its source."""
    with fichier.open("w", encoding="utf-8", newline="") as flux:
        flux.write(f"# Source : {source}\n")
        table = csv.writer(flux, delimiter=";", lineterminator="\n")
        table.writerow(entetes)
        table.writerows(lignes)


def main(vaccins: Path, vers: Path) -> None:
    """Write the three tables; stop when a code has no label."""
    vers.mkdir(parents=True, exist_ok=True)
    with vaccins.open(encoding="utf-8", newline="") as flux:
        lus = list(csv.DictReader(flux, delimiter=";"))
    for r in lus:
        if (r["atc"] and r["atc"] not in ATC) or not set(r["maladies"].split("|")) <= set(MALADIES):
            raise SystemExit(f"no label: {r['atc']} {r['maladies']}")
    arret = ("arrêt", "abrog", "suspension")
    lignes = [[r["cip13"], r["cis"], r["marque"], r["denomination"], r["presentation"],
               r["voies_edqm"], r["atc"], "oui" if r["atc_source"].startswith("D") else "",
               r["maladies"],
               "" if any(m in r["etat_presentation"].lower() for m in arret)
               or r["commercialisation_cis"].startswith("Non") else "oui"]
              for r in sorted(lus, key=lambda r: r["cip13"])]
    ecrire(vers / "vaccins.csv", SOURCE, COLONNES, lignes)
    ecrire(vers / "atc.csv", "libellés français des classes ATC de l’OMS", ["atc", "libelle"],
           [[k, v] for k, v in sorted(ATC.items())])
    ecrire(vers / "maladies.csv", "codes de maladies des tables de vaccins", ["code", "libelle"],
           [[k, v] for k, v in sorted(MALADIES.items())])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
