"""Cut the table of what each profession may prescribe, for the help of the prescription form.

Input: `droits_prescription.csv` of the reference material beside the project (arrêtés and decrees,
one row a right, with its text). Output: `resources/documents/droits_prescription.csv`, products
of health only (medicines and devices).

    python packaging/resources/make_droits_prescription.py \
        ../shared/data/metiers/droits_prescription.csv resources/documents/droits_prescription.csv
"""

import csv
import sys
from pathlib import Path

SOURCE = ("Arrêtés et décrets cités à chaque ligne, relevés en 2026 dans les données de "
          "référence des métiers ; aide à la saisie, à confirmer par le professionnel")
COLONNES = ("profession", "nature", "objet", "categorie", "conditions", "texte")


def main(entree: Path, sortie: Path) -> None:
    """Keep medicines (MED) and devices (DM)."""
    with entree.open(encoding="utf-8", newline="") as flux:
        lignes = [r for r in csv.DictReader(flux, delimiter=";")
                  if r["categorie_on"] in ("MED", "DM")]
    with sortie.open("w", encoding="utf-8", newline="") as flux:
        flux.write(f"# {SOURCE}\n")
        ecrivain = csv.writer(flux, delimiter=";", lineterminator="\n")
        ecrivain.writerow(COLONNES)
        for r in lignes:
            ecrivain.writerow([r["profession"], r["nature"], r["objet"], r["categorie_on"],
                               r["conditions"], r["texte"]])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
