"""How long things are kept, why, and when a patient's file may go (MIN.RGPD.01).

A file: twenty years from the last act; until the 28th birthday when that comes later; ten years
from a death that comes less than ten years after the last act (CSP R1112-7, which the CNIL takes up
for practices). A file is never due before.
"""

from dataclasses import dataclass
from datetime import date

ANNEES, MIN_ANNEES, MAX_ANNEES = 20, 20, 50
AGE_MINEUR, APRES_DECES = 28, 10


@dataclass(frozen=True, slots=True)
class RegleDuree:
    """A period that the practice sets, in years.

    Args:
        cle: its setting. annees, mini, maxi: of a new practice, and the bounds.
        acte: what the trail calls a change of it.
        sujet: « La conservation des dossiers ».
    """

    cle: str
    annees: int
    mini: int
    maxi: int
    acte: str
    sujet: str


DOSSIERS = RegleDuree("conservation.dossiers_annees", ANNEES, MIN_ANNEES, MAX_ANNEES,
                      "dossier.conservation", "La conservation des dossiers")
TRACES = RegleDuree("traces.conservation_annees", 10, 1, 30, "traces.conservation",
                    "La conservation du journal")


@dataclass(frozen=True, slots=True)
class Duree:
    """One line of the table of periods, in French: shown on screen and in the register."""

    quoi: str
    duree: str
    source: str


#: Every period that the program applies, and where it comes from.
DUREES: tuple[Duree, ...] = (
    Duree("Dossier d’un patient", "20 ans après le dernier acte, réglable de 20 à 50 ans",
          "code de la santé publique, art. R1112-7, repris par la CNIL pour les cabinets"),
    Duree("Dossier d’un patient soigné mineur", "jamais avant ses 28 ans, dix ans après la "
          "majorité", "code de la santé publique, art. R1112-7"),
    Duree("Journal des accès", "10 ans, réglable de 1 à 30 ans", "choix du cabinet"),
    Duree("Sauvegardes", "leur rotation, réglée dans Sauvegardes", "choix du cabinet"),
)


@dataclass(frozen=True, slots=True)
class DossierEchu:
    """A file that may go. Dates AAAA-MM-JJ. `mineur`: kept until the 28th birthday."""

    patient_id: int
    dernier_acte: str
    echeance: str
    naissance: str = ""
    mineur: bool = False


def _plus(jour: date, annees: int) -> date:
    """The anniversary; 1 March after a 29 February that isn't in the calendar."""
    try:
        return jour.replace(year=jour.year + annees)
    except ValueError:
        return date(jour.year + annees, 3, 1)


def echeance(dernier_acte: date, naissance: str, deces: date | None = None,
             annees: int = ANNEES) -> date:
    """The day from which a file may go.

    :param naissance: AAAA-MM-JJ on the wire; a month or day that isn't known counts as the last
        one, so that nothing is due too early. :param annees: of the practice, 20 at least.
    """
    fin = _plus(dernier_acte, max(annees, ANNEES))
    ne_le = _au_plus_tard(naissance)
    if ne_le is not None:
        fin = max(fin, _plus(ne_le, AGE_MINEUR))
    if deces is not None and deces < _plus(dernier_acte, APRES_DECES):
        # A practice that keeps longer than the law goes on doing so.
        legale = _plus(deces, APRES_DECES)
        fin = legale if annees <= ANNEES else max(legale, fin)
    return fin


def age_connu(naissance: str) -> bool:
    """False when not even the year of birth is known: the rule of minors can't be applied."""
    return _au_plus_tard(naissance) is not None


def _au_plus_tard(naissance: str) -> date | None:
    """Latest birthday that a date of the wire allows; None when not even the year is known."""
    annee, _, reste = naissance[:10].partition("-")
    mois, _, jour = reste.partition("-")
    if not annee.isdigit() or not 1 <= int(annee) <= 9999 - AGE_MINEUR:
        return None
    m = int(mois) if mois.isdigit() and 1 <= int(mois) <= 12 else 12
    for j in (int(jour) if jour.isdigit() and 1 <= int(jour) <= 31 else 31, 31, 30, 29, 28):
        try:
            return date(int(annee), m, j)
        except ValueError:
            continue
    return None
