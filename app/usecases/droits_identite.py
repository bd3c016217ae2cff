"""Rights on identities, apart from one another: INS, INSi, strict traits (rules 4, 26, 27).

They are kept in the settings, by account. A practice begins with INS and INSi for everybody;
editing locked traits is given explicitly, and traced.
"""

from dataclasses import asdict, dataclass, replace

from app.domain.identity import Identite
from app.domain.roles import Droit
from app.store.unite import Unite
from app.usecases.concurrence import Champ, enregistrer_valeur, oui_non
from app.usecases.context import Contexte
from app.usecases.errors import Refus
from app.usecases.garde import exige, libre

_CLE = "identite.droits."


@dataclass(frozen=True, slots=True)
class DroitsIdentite:
    """What an account may do. `ins`: see matricules; `insi`: call INSi; `traits_stricts`: edit
    traits that INSi certified (« super utilisateur »)."""

    ins: bool = True
    insi: bool = True
    traits_stricts: bool = False


#: Right -> what it allows, in French.
LIBELLES: dict[str, str] = {
    "ins": "Voir le matricule INS",
    "insi": "Appeler le téléservice INSi",
    "traits_stricts": "Modifier les traits stricts verrouillés",
}


@libre("lit ses propres droits")
def droits(ctx: Contexte, compte_id: int | None = None) -> DroitsIdentite:
    """Rights of an account, the user's by default."""
    compte = ctx.compte_id if compte_id is None else compte_id
    with ctx.store.lecture() as u:
        return _lire(u, compte)


def _lire(u: Unite, compte: int) -> DroitsIdentite:
    valeurs = u.reglages.lire(f"{_CLE}{compte}", {})
    return DroitsIdentite(**{nom: bool(v) for nom, v in valeurs.items() if nom in LIBELLES})


@exige(Droit.COMPTES)
def definir_droits(ctx: Contexte, compte_id: int, nouveaux: DroitsIdentite,
                   base: DroitsIdentite | None = None) -> DroitsIdentite:
    """Give and take rights; traced with what each one became.

    :param base: the rights as the user read them.
    :raises ConflitSaisie: another administrator changed the same ones.
    """
    qui = f"compte {compte_id}"

    def ecrire(u: Unite, voulus: DroitsIdentite) -> None:
        if compte_id not in dict(u.comptes.professionnels()):
            raise Refus("Ce compte n’existe pas. Aucun droit n’a changé.")
        u.reglages.ecrire(f"{_CLE}{compte_id}", asdict(voulus))
        u.trail.ecrire(qui=ctx.qui, quoi="droits.identite", sur_qui=qui, resultat="ok",
                       detail=", ".join(f"{n}={oui_non(v)}" for n, v in asdict(voulus).items()))

    return enregistrer_valeur(
        ctx, "les droits sur les identités", {n: Champ(t, oui_non) for n, t in LIBELLES.items()},
        nouveaux, base, lire=lambda u: _lire(u, compte_id), ecrire=ecrire, acte="droits.identite",
        sur_qui=qui)


@libre("refuse, n’ouvre rien")
def exiger(ctx: Contexte, droit: str) -> None:
    """Refuse a gesture for which the account lacks the right; the refusal is traced.

    :raises Refus: with what to do.
    """
    if getattr(droits(ctx), droit):
        return
    with ctx.store.ecriture() as u:
        u.trail.ecrire(qui=ctx.qui, quoi="droits.refus", resultat="refuse", detail=droit)
    raise Refus(f"Votre compte n’a pas le droit « {LIBELLES[droit]} ». Demandez-le au responsable "
                "du cabinet ; rien n’a été modifié.", code=f"DROIT-{droit.upper()}")


def identite_visible(identite: Identite, accordes: DroitsIdentite) -> Identite:
    """The identity as an account may see it: without matricules when it lacks the right « INS »."""
    if accordes.ins:
        return identite
    return replace(identite, matricule_ins="", oid="", historique=())
