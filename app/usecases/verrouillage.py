"""When the screen locks, when the session ends, how long an identity stays on the clipboard."""

from dataclasses import asdict, dataclass, fields

from app.domain.roles import Droit
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

_CLE = "verrouillage"


@dataclass(frozen=True, slots=True)
class ReglagesVerrou:
    """IE.58. Times in minutes, but the clipboard's in seconds."""

    verrou_min: int = 10
    """Without keyboard nor mouse, before the screen is covered."""
    fin_min: int = 120
    """Before the session ends: the file closes, Pro Santé Connect is left."""
    retrait_carte: bool = False
    """Lock when the CPS leaves the reader."""
    presse_papiers_s: int = 60
    """Before a copied identity leaves the clipboard."""


@libre("réglages sans donnée de patient")
def lire_verrouillage(ctx: Contexte) -> ReglagesVerrou:
    """The settings as they are now."""
    connus = {f.name for f in fields(ReglagesVerrou)}
    with ctx.store.lecture() as u:
        brut = u.reglages.lire(_CLE, {})
    return ReglagesVerrou(**{c: v for c, v in brut.items() if c in connus})


@exige(Droit.REGLAGES)
def enregistrer_verrouillage(ctx: Contexte, reglages: ReglagesVerrou) -> ReglagesVerrou:
    """Check and store. :raises Refus: out of bounds."""
    fautes = []
    if not 1 <= reglages.verrou_min <= 60:
        fautes.append("le verrouillage va de 1 à 60 minutes")
    if not 15 <= reglages.fin_min <= 240:
        fautes.append("la fin de session va de 15 minutes à 4 heures")
    if reglages.fin_min <= reglages.verrou_min:
        fautes.append("la fin de session vient après le verrouillage")
    if not 10 <= reglages.presse_papiers_s <= 600:
        fautes.append("le presse-papiers se vide entre 10 secondes et 10 minutes")
    if fautes:
        raise Refus(f"Réglages refusés : {' ; '.join(fautes)}. Rien n’a été modifié.")
    with ctx.store.ecriture() as u:
        u.reglages.ecrire(_CLE, asdict(reglages))
        u.trail.ecrire(qui=ctx.qui, quoi="reglages.verrouillage", resultat="ok", detail=", ".join(
            f"{c}={v}" for c, v in asdict(reglages).items()))
    return reglages
