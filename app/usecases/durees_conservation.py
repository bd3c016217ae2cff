"""Which files have been kept long enough: said, never erased by the program (MIN.RGPD.01)."""

from datetime import date

from app.domain.duree_conservation import (
    ANNEES,
    MAX_ANNEES,
    MIN_ANNEES,
    DossierEchu,
    echeance,
)
from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

_CLE = "conservation.dossiers_annees"


@libre("une règle")
def annees_conservation_dossiers(ctx: Contexte) -> int:
    """Years during which a file is kept after its last act."""
    with ctx.store.lecture() as u:
        return int(u.reglages.lire(_CLE, ANNEES))


@exige(Droit.COMPTES)
def regler_conservation_dossiers(ctx: Contexte, annees: int, vues: int | None = None) -> int:
    """Keep files longer than the law asks.

    :param vues: the rule as the user read it.
    :raises Refus: out of bounds, or a colleague has just set another one.
    """
    if not MIN_ANNEES <= annees <= MAX_ANNEES:
        raise Refus(f"Un dossier se garde de {MIN_ANNEES} à {MAX_ANNEES} ans après le dernier "
                    "acte.")
    with ctx.store.ecriture() as u:
        actuelles = int(u.reglages.lire(_CLE, ANNEES))
        if vues is not None and actuelles not in (vues, annees):
            raise Refus(f"La conservation des dossiers vient d’être fixée à {actuelles} ans sur un "
                        "autre poste. Rien n’a été modifié\u00a0; relisez-la avant de la changer.",
                        code="CONFLIT")
        u.reglages.ecrire(_CLE, annees)
        u.trail.ecrire(qui=ctx.qui, quoi="dossier.conservation", resultat="ok",
                       detail=f"{annees} ans")
    return annees


@exige(Droit.COMPTES)
def dossiers_echus(ctx: Contexte, aujourdhui: date | None = None) -> list[DossierEchu]:
    """Files past their term, the oldest first.

    The date of a death isn't in the file: leaving it out keeps files longer, never shorter.
    """
    jour, annees = aujourdhui or date.today(), annees_conservation_dossiers(ctx)
    with ctx.store.lecture(entiere=True) as u:
        actes = u.patients.derniers_actes()
    echus = []
    for patient_id, naissance, dernier in actes:
        try:
            acte = date.fromisoformat(dernier)
        except ValueError:  # a date that nobody can read makes nothing due
            continue
        terme = echeance(acte, naissance, annees=annees)
        if terme <= jour:
            echus.append(DossierEchu(patient_id, dernier, terme.isoformat()))
    return sorted(echus, key=lambda e: (e.echeance, e.patient_id))
