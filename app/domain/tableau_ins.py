"""The dashboard TBB.INS.02: patients seen in a month, and the trust in their identities.

Counts, and rates in percent: statuses over the patients seen, the transitory procedure over the
qualifiées (DSR §3.2.8). A rate over nobody is unknown, never 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.identity import Identite, ModeQualification, StatutIdentite


@dataclass(frozen=True, slots=True)
class MoisIns:
    """Counts of one month (AAAA-MM)."""

    mois: str
    uniques: int = 0
    provisoires: int = 0
    recuperees: int = 0
    validees: int = 0
    qualifiees: int = 0
    transitoires: int = 0

    def taux(self, indicateur: str) -> float | None:
        """Rate of an indicator in percent; None when there is nobody to divide by."""
        base = self.qualifiees if indicateur == "transitoires" else self.uniques
        return None if base == 0 else 100 * int(getattr(self, indicateur)) / base


#: Indicator -> label, in the order of the table; `uniques` has no rate.
INDICATEURS: dict[str, str] = {
    "uniques": "Patients uniques vus",
    "provisoires": "Identités provisoires",
    "recuperees": "Identités récupérées",
    "validees": "Identités validées",
    "qualifiees": "Identités qualifiées",
    "transitoires": "dont par procédure spécifique transitoire",
}


@dataclass(frozen=True, slots=True)
class TableauIns:
    """The dashboard: months, oldest first, and the choices of its two filters (code, label)."""

    mois: tuple[MoisIns, ...]
    professionnels: tuple[tuple[str, str], ...]
    structures: tuple[tuple[str, str], ...]
    rpps: str = ""
    finess: str = ""


def compter_mois(mois: str, identites: Iterable[Identite]) -> MoisIns:
    """Counts of a month from the identities of the patients seen, each given once."""
    comptes = dict.fromkeys(StatutIdentite, 0)
    transitoires = 0
    for identite in identites:
        comptes[identite.statut] += 1
        transitoires += (identite.statut is StatutIdentite.QUALIFIEE
                         and identite.mode_qualification
                         is ModeQualification.PROCEDURE_TRANSITOIRE)
    return MoisIns(mois, sum(comptes.values()), comptes[StatutIdentite.PROVISOIRE],
                   comptes[StatutIdentite.RECUPEREE], comptes[StatutIdentite.VALIDEE],
                   comptes[StatutIdentite.QUALIFIEE], transitoires)


def mois_suivant(mois: str) -> str:
    """AAAA-MM of the next month."""
    annee, numero = int(mois[:4]), int(mois[5:7])
    return f"{annee + numero // 12:04d}-{numero % 12 + 1:02d}"


def derniers_mois(au: date, nombre: int) -> tuple[str, ...]:
    """The `nombre` months that end with that of `au`, oldest first."""
    rang = au.year * 12 + au.month - 1
    return tuple(f"{r // 12:04d}-{r % 12 + 1:02d}" for r in range(rang - nombre + 1, rang + 1))


def libelle_mois(mois: str) -> str:
    """« nov. 2026 »."""
    noms = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.",
            "nov.", "déc.")
    return f"{noms[int(mois[5:7]) - 1]} {mois[:4]}"


def libelle_taux(taux: float | None) -> str:
    """« 12,5 % »; an unknown rate is a dash."""
    return "–" if taux is None else f"{taux:.1f}".replace(".", ",") + "\u00a0%"
