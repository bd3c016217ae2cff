"""How long a patient's file is kept: at least, and when it may go (CSP R1112-7, taken up by the
CNIL for practices).

Twenty years from the last act; until the 28th birthday when that comes later; ten years from a
death that comes less than ten years after the last act. A file is never due before.
"""

from dataclasses import dataclass
from datetime import date

ANNEES, MIN_ANNEES, MAX_ANNEES = 20, 20, 50
AGE_MINEUR, APRES_DECES = 28, 10


@dataclass(frozen=True, slots=True)
class DossierEchu:
    """A file that may go. Dates AAAA-MM-JJ."""

    patient_id: int
    dernier_acte: str
    echeance: str


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
