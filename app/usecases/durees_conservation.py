"""Which files have been kept long enough (MIN.RGPD.01); `effacement` erases them."""

from datetime import date

from app.domain.duree_conservation import DOSSIERS, DossierEchu, echeance
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.context import Contexte
from app.usecases.durees import lire_duree, regler_duree
from app.usecases.fiches_comptes import jour_sur
from app.usecases.garde import exige, libre


@libre("une règle")
def annees_conservation_dossiers(ctx: Contexte) -> int:
    """Years during which a file is kept after its last act."""
    with ctx.store.lecture() as u:
        return lire_duree(u, DOSSIERS)


@exige(Droit.COMPTES)
def regler_conservation_dossiers(ctx: Contexte, annees: int, vues: int | None = None) -> int:
    """Keep files longer than the law asks.

    :param vues: the rule as the user read it.
    :raises Refus: out of bounds, or a colleague has just set another one.
    """
    with ctx.store.ecriture() as u:
        regler_duree(u, ctx.qui, DOSSIERS, annees, vues)
    return annees


@exige(Droit.COMPTES, Droit.EFFACER)
def dossiers_echus(ctx: Contexte, aujourdhui: date | None = None) -> list[DossierEchu]:
    """Files past their term, the oldest first.

    The date of a death isn't in the file: leaving it out keeps files longer, never shorter.
    """
    with ctx.store.lecture(entiere=True) as u:
        jour = aujourdhui or date.fromisoformat(jour_sur(u))
        return echus_au(u, jour, lire_duree(u, DOSSIERS))


def echus_au(u: Unite, jour: date, annees: int, patient_id: int | None = None) -> list[DossierEchu]:
    """Files past their term on a day, the oldest first; that patient's only, if given."""
    echus = []
    for id, naissance, dernier in u.patients.derniers_actes(patient_id):
        try:
            acte = date.fromisoformat(dernier)
        except ValueError:  # a date that nobody can read makes nothing due
            continue
        terme = echeance(acte, naissance, annees=annees)
        if terme <= jour:
            echus.append(DossierEchu(id, dernier, terme.isoformat(), naissance,
                                     terme > echeance(acte, "", annees=annees)))
    return sorted(echus, key=lambda e: (e.echeance, e.patient_id))
