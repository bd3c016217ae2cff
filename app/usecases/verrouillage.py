"""When the screen locks, when the session ends, how long an identity stays on the clipboard."""

from dataclasses import asdict, dataclass, fields

from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.concurrence import Champ, enregistrer_valeur, oui_non
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

_CLE, _ACTE = "verrouillage", "reglages.verrouillage"


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
    with ctx.store.lecture() as u:
        return _lire(u)


def _lire(u: Unite) -> ReglagesVerrou:
    connus = {f.name for f in fields(ReglagesVerrou)}
    return ReglagesVerrou(**{c: v for c, v in u.reglages.lire(_CLE, {}).items() if c in connus})


_CHAMPS = {
    "verrou_min": Champ("Verrouillage", lambda v: f"{v} min"),
    "fin_min": Champ("Fin de session", lambda v: f"{v} min"),
    "retrait_carte": Champ("Verrouiller au retrait de la carte CPS", oui_non),
    "presse_papiers_s": Champ("Effacement du presse-papiers", lambda v: f"{v} s"),
}


@exige(Droit.REGLAGES)
def enregistrer_verrouillage(ctx: Contexte, reglages: ReglagesVerrou,
                             base: ReglagesVerrou | None = None) -> ReglagesVerrou:
    """Check and store.

    :param base: the settings as the user read them.
    :raises Refus: out of bounds. :raises ConflitSaisie: a colleague changed the same ones.
    """
    def ecrire(u: Unite, voulus: ReglagesVerrou) -> None:
        _controler(voulus)
        u.reglages.ecrire(_CLE, asdict(voulus))
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE, resultat="ok", detail=", ".join(
            f"{c}={v}" for c, v in asdict(voulus).items()))

    _controler(reglages)
    return enregistrer_valeur(ctx, "le verrouillage", _CHAMPS, reglages, base, lire=_lire,
                              ecrire=ecrire, acte=_ACTE)


def _controler(reglages: ReglagesVerrou) -> None:
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
