"""Settings of the identitovigilance: proofs, transitory procedure, traits shown and printed.

Rules 3, 19, 32 and 33 of the référentiel; SENTINELLE.07 for the transitory procedure.
"""

from dataclasses import asdict, dataclass

from app.domain.justificatifs import HAUTE_CONFIANCE, JUSTIFICATIFS
from app.domain.libelles import TRAITS
from app.domain.roles import Droit
from app.domain.traits import IMPRESSION_PAR_DEFAUT
from app.store.unite import Unite
from app.usecases.concurrence import Champ, en_liste, enregistrer_valeur, oui_non
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

_CLE, _ACTE = "identite.reglages", "reglages.identite"
_JUSTIFICATIFS = {j.code: j.libelle for j in JUSTIFICATIFS}
_CHAMPS = {
    "procedure_transitoire": Champ("Procédure transitoire", oui_non),
    "validation_automatique": Champ("Validation dès le justificatif choisi", oui_non),
    "justificatifs": Champ("Justificatifs", lambda codes: en_liste(
        _JUSTIFICATIFS.get(c, c) for c in codes)),
    "traits_bandeau": Champ("Traits du bandeau", lambda codes: en_liste(
        TRAITS.get(c, c) for c in codes)),
    "traits_impression": Champ("Traits imprimés", lambda codes: en_liste(
        TRAITS.get(c, c) for c in codes)),
}
#: Traits that a practice may add to the banner and to what it prints (rules 3 and 32).
TRAITS_OPTIONNELS = ("lieu_naissance", "matricule_ins", "oid", "prenoms", "nom_utilise",
                     "prenom_utilise")


@dataclass(frozen=True, slots=True)
class ReglagesIdentite:
    """What a practice chose. Codes of `justificatifs` are those of `JUSTIFICATIFS`."""

    procedure_transitoire: bool = False
    validation_automatique: bool = True
    """A high-trust document chosen validates at once; False asks for a second gesture (va1.33)."""
    justificatifs: tuple[str, ...] = tuple(j.code for j in JUSTIFICATIFS if j.haute_confiance)
    traits_bandeau: tuple[str, ...] = ("lieu_naissance", "matricule_ins")
    traits_impression: tuple[str, ...] = IMPRESSION_PAR_DEFAUT


@libre("réglages sans donnée de patient")
def lire_reglages_identite(ctx: Contexte) -> ReglagesIdentite:
    """The settings as they are now; a value of another version is left out."""
    with ctx.store.lecture() as u:
        return _lire(u)


def _lire(u: Unite) -> ReglagesIdentite:
    brut = u.reglages.lire(_CLE, {})
    defaut = asdict(ReglagesIdentite())
    valeurs = {nom: tuple(brut[nom]) if isinstance(brut[nom], list) else bool(brut[nom])
               for nom in defaut if nom in brut}
    return ReglagesIdentite(**(defaut | valeurs))


@libre("réglages sans donnée de patient")
def traits_a_imprimer(ctx: Contexte) -> tuple[str, ...]:
    """Optional traits that the practice prints (rule 32)."""
    return lire_reglages_identite(ctx).traits_impression


@exige(Droit.REGLAGES)
def enregistrer_reglages_identite(ctx: Contexte, reglages: ReglagesIdentite,
                                  base: ReglagesIdentite | None = None) -> ReglagesIdentite:
    """Check and store.

    :param base: the settings as the user read them.
    :raises Refus: no proof is trusted, or one that proves nothing is.
    :raises ConflitSaisie: a colleague changed the same ones.
    """
    def ecrire(u: Unite, voulus: ReglagesIdentite) -> None:
        u.reglages.ecrire(_CLE, {nom: list(v) if isinstance(v, tuple) else v
                                 for nom, v in asdict(voulus).items()})
        u.trail.ecrire(qui=ctx.qui, quoi=_ACTE, resultat="ok", detail="procédure transitoire "
                       + ("active" if voulus.procedure_transitoire else "inactive"))

    _controler(reglages)
    return enregistrer_valeur(ctx, "les réglages des identités", _CHAMPS, reglages, base,
                              lire=_lire, ecrire=ecrire, acte=_ACTE)


def _controler(reglages: ReglagesIdentite) -> None:
    if not reglages.justificatifs or not set(reglages.justificatifs) <= HAUTE_CONFIANCE:
        raise Refus("Gardez au moins un justificatif à haut niveau de confiance, et aucun autre "
                    "(ni carte Vitale, ni permis de conduire).")
    for traits in (reglages.traits_bandeau, reglages.traits_impression):
        if not set(traits) <= set(TRAITS_OPTIONNELS) or not set(traits) <= set(TRAITS):
            raise Refus("L’un des traits choisis n’existe pas.")
