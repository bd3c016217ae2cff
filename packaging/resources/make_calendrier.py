"""Cut the vaccination schedule that the product shows as help.

Input: `calendrier_vaccinal.csv` of the reference material beside the project, gathered from public
pages that quote the ministry's schedule; each row says whether a page states it (`S`) or it is
still to be checked (`D`). Output: `resources/vaccins/calendrier.csv`.

    python packaging/resources/make_calendrier.py ../shared/data/calendrier_vaccinal.csv \
        resources/vaccins
"""

import csv
import sys
from pathlib import Path

SOURCE = ("Calendrier des vaccinations 2026, d’après des pages publiques qui le citent, relevées "
          "en 2025 et 2026 ; ne remplace pas le calendrier du ministère")
COLONNES = ["id", "population", "debut_mois", "fin_mois", "age", "maladies", "nature", "dose",
            "schema", "condition", "verifie"]
NATURES = {"obligatoire", "recommande", "recommande_cible", "recommande_transitoire", "possible",
           "obligatoire_pro"}


def _typographie(texte: str) -> str:
    """Slashes between remarks become French punctuation."""
    return "\u00a0; ".join(morceau.strip() for morceau in texte.split(" / ") if morceau.strip())


def main(calendrier: Path, vers: Path) -> None:
    """Write the table; stop when a row has a nature or an age that the rules don't know."""
    with calendrier.open(encoding="utf-8", newline="") as flux:
        lus = [r for r in csv.DictReader(flux, delimiter=";") if r["id"] != "LIEN"]
    for r in lus:
        ages = (r["age_debut_mois"], r["age_fin_mois"])
        if r["nature"] not in NATURES or any(a and not a.isdigit() for a in ages):
            raise SystemExit(f"row not understood: {r['id']}")
    with (vers / "calendrier.csv").open("w", encoding="utf-8", newline="") as flux:
        flux.write(f"# Source : {SOURCE}\n")
        table = csv.writer(flux, delimiter=";", lineterminator="\n")
        table.writerow(COLONNES)
        table.writerows([
            r["id"], r["population"], r["age_debut_mois"], r["age_fin_mois"], r["age_libelle"],
            r["maladies"], r["nature"], r["dose"], r["schema"], _typographie(r["condition"]),
            "oui" if r["marque"] == "S" else ""] for r in lus)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
