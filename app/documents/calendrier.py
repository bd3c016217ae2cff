"""The rows of the vaccination schedule, from `resources/vaccins/calendrier.csv`."""

from functools import cache

from app.documents.ressources import source, table
from app.domain.calendrier_vaccinal import Etape


@cache
def etapes_calendrier() -> tuple[Etape, ...]:
    """Every row, in the order of the table."""
    return tuple(Etape(
        r["id"], r["population"], _mois(r["debut_mois"]), _mois(r["fin_mois"]), r["age"],
        tuple(r["maladies"].split("|")), r["nature"], r["dose"], r["condition"],
        r["verifie"] == "oui") for r in table("vaccins/calendrier.csv"))


def _mois(texte: str) -> int | None:
    return int(texte) if texte else None


def source_calendrier() -> str:
    """Where the rows come from and of what year, shown beside every answer."""
    return source("vaccins/calendrier.csv").removeprefix("Source : ")
